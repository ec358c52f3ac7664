/** Seeded randomness, and the values that instructions treat specially. */

/** sfc32: small, fast, and good enough to pass PractRand. */
export class Random {
  private a: number;
  private b: number;
  private c = 0x9e3779b9 | 0;
  private d = 1;

  constructor(seed: string) {
    let h1 = 0x811c9dc5 | 0;
    let h2 = 0x12345678 | 0;
    for (let i = 0; i < seed.length; i++) {
      h1 = Math.imul(h1 ^ seed.charCodeAt(i), 0x01000193);
      h2 = Math.imul(h2 + seed.charCodeAt(i), 0x85ebca6b) ^ (h2 >>> 13);
    }
    this.a = h1;
    this.b = h2;
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** An integer from 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.u32() / 2 ** 32) * n);
  }

  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(p: number): boolean {
    return this.u32() < p * 2 ** 32;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** One of the keys, with a probability proportional to its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    let total = 0;
    for (const key in weights) total += weights[key];
    let n = (this.u32() / 2 ** 32) * total;
    let last: K | undefined;
    for (const key in weights) {
      last = key;
      if ((n -= weights[key]) < 0) break;
    }
    return last as K;
  }
}

const corners: bigint[] = [];
for (const bits of [8n, 16n, 32n, 64n]) {
  const top = 1n << (bits - 1n);
  corners.push(top - 1n, top, top + 1n, 2n * top - 1n);
}
corners.push(
  0n,
  1n,
  2n,
  0x0f0f_0f0f_0f0f_0f0fn,
  0x5555_5555_5555_5555n,
  0x7fff_7fff_7fff_7fffn,
  0x8000_8000_8000_8000n,
);

/** A 64-bit value: a corner of some width, a small number of either sign, a single bit, or anything. */
export function integer(r: Random): bigint {
  switch (r.weighted({ corner: 4, negated: 2, small: 2, bit: 1, mixed: 2, any: 5 })) {
    case "corner":
      return r.pick(corners);
    case "negated":
      return BigInt.asUintN(64, -r.pick(corners));
    case "small":
      return BigInt.asUintN(64, BigInt(r.between(-130, 130)));
    case "bit":
      return 1n << BigInt(r.below(64));
    case "mixed":
      return (r.u64() & ~0xffn) | (r.pick(corners) & 0xffn);
    default:
      return r.u64();
  }
}

/** The fraction of a float: few ones or few zeros at either end, or anything. */
function fraction(r: Random, bits: number): bigint {
  const all = (1n << BigInt(bits)) - 1n;
  switch (r.weighted({ low: 2, high: 2, any: 3 })) {
    case "low":
      return BigInt(r.below(4)) ^ (r.chance(0.5) ? all : 0n);
    case "high":
      return (BigInt(r.below(8)) << BigInt(bits - 3)) ^ (r.chance(0.5) ? all : 0n);
    default:
      return r.u64() & all;
  }
}

/** A single: zeros, infinities, NaNs (quiet and signalling), denormals, numbers near integers and limits, or any bits. */
export function single(r: Random): number {
  const sign = r.chance(0.5) ? 0x8000_0000 : 0;
  switch (r.weighted({ special: 4, denormal: 1, round: 3, range: 1, edge: 2, any: 3 })) {
    case "edge": // products, quotients and sums of two of them are near the least or greatest number
      return (
        (sign |
          (r.pick([r.between(1, 3), 63 + r.between(-14, 14), 190 + r.between(-14, 14), 253, 254]) << 23) |
          Number(fraction(r, 23))) >>>
        0
      );
    case "special":
      return (
        (sign |
          r.pick([0, 0x7f80_0000, 0x7fc0_0000, 0x7f80_0001, 0x7fff_ffff, 0x7f7f_ffff, 0x0080_0000, 0x3f80_0000])) >>>
        0
      );
    case "denormal":
      return (sign | (r.u32() & 0x007f_ffff)) >>> 0;
    case "round":
      return f32Bits(
        r.pick([0.5, 1, 1.5, 2, 2.5, 3, 10, 127.5, 32767.5, 16777216, 2147483648, 4294967296]) * (sign ? -1 : 1),
      );
    case "range":
      return (sign | (r.between(127 - 4, 127 + 66) << 23) | (r.u32() & 0x007f_ffff)) >>> 0;
    default:
      return r.u32();
  }
}

/** A double, likewise. */
export function double(r: Random): bigint {
  const sign = r.chance(0.5) ? 1n << 63n : 0n;
  const exponent = (n: number): bigint => BigInt(n) << 52n;
  switch (r.weighted({ special: 4, denormal: 1, round: 3, range: 2, edge: 2, any: 3 })) {
    case "edge":
      return (
        sign |
        exponent(r.pick([r.between(1, 3), 511 + r.between(-28, 28), 1534 + r.between(-28, 28), 2045, 2046])) |
        fraction(r, 52)
      );
    case "special":
      return (
        sign |
        r.pick([
          0n,
          exponent(0x7ff),
          exponent(0x7ff) | (1n << 51n),
          exponent(0x7ff) | 1n,
          exponent(0x7ff) - 1n,
          exponent(1),
          exponent(0x3ff),
        ])
      );
    case "denormal":
      return sign | (r.u64() >> 12n);
    case "round":
      return f64Bits(
        r.pick([0.5, 1, 1.5, 2, 2.5, 3, 10, 2147483647, 2147483648, 4294967296, 2 ** 53, 2 ** 63]) * (sign ? -1 : 1),
      );
    case "range": // around what int32, int64 and single can hold
      return sign | exponent(r.between(1023 - 152, 1023 + 130)) | (r.u64() >> 12n);
    default:
      return r.u64();
  }
}

/** 16 bytes: the same kind of value in each lane. */
export function vector(r: Random): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const kind = r.weighted({ integer: 4, single: 4, double: 4, mixed: 1 });
  for (let lane = 0; lane < 2; lane++) {
    const lanes = kind === "mixed" ? r.pick(["integer", "single", "double"] as const) : kind;
    if (lanes === "integer") view.setBigUint64(lane * 8, integer(r), true);
    else if (lanes === "double") view.setBigUint64(lane * 8, double(r), true);
    else {
      view.setUint32(lane * 8, single(r), true);
      view.setUint32(lane * 8 + 4, single(r), true);
    }
  }
  return bytes;
}

const scratch = new DataView(new ArrayBuffer(8));

function f32Bits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function f64Bits(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}
