/** Random x87 and MMX state, and what x87 instructions find interesting in memory. */
import type { Row } from "../../../src/isa/types.ts";
import { FX_ST } from "./cases.ts";
import type { Draft } from "./draft.ts";
import { double, integer, type Random, single } from "./random.ts";

const CONTROL_DEFAULT = 0x37f;
const INTEGER_BIT = 1n << 63n;
const BIAS = 16383;

/**
 * An extended value in 10 bytes: zeros, infinities, NaNs of both kinds, denormals, pseudo-denormals, unsupported formats,
 * numbers near integers and near the limits of all formats, values of narrower formats, or any bits.
 */
export function extended(r: Random): Uint8Array {
  const sign = r.chance(0.5) ? 0x8000 : 0;
  const any = (): bigint => r.u64() | INTEGER_BIT;
  const significand = (): bigint =>
    r.pick([
      INTEGER_BIT,
      any(),
      any(),
      INTEGER_BIT | (integer(r) >> 1n),
      (1n << 64n) - 1n,
      any() & ~((1n << BigInt(r.between(1, 63))) - 1n),
    ]);
  const value = (exponent: number, sig: bigint): Uint8Array => {
    const bytes = new Uint8Array(10);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, sig, true);
    view.setUint16(8, sign | exponent, true);
    return bytes;
  };
  const kind = r.weighted({
    zero: 3,
    infinity: 2,
    quiet: 2,
    signalling: 2,
    denormal: 3,
    pseudo: 1,
    unsupported: 1,
    close: 16,
    limits: 6,
    extremes: 4,
    integer: 6,
    any: 6,
  });
  switch (kind) {
    case "zero":
      return value(0, 0n);
    case "infinity":
      return value(0x7fff, INTEGER_BIT);
    case "quiet":
      return value(0x7fff, (3n << 62n) | (r.chance(0.5) ? r.u64() >> 2n : 0n));
    case "signalling":
      return value(0x7fff, INTEGER_BIT | (r.u64() >> 2n) | 1n);
    case "denormal":
      return value(0, (r.u64() >> BigInt(r.between(1, 63))) | 1n);
    case "pseudo":
      return value(0, any());
    case "unsupported":
      return value(r.pick([1, BIAS, 0x7ffe, 0x7fff]), r.chance(0.3) ? 0n : r.u64() >> 1n);
    case "close":
      return value(BIAS + r.between(-4, 70), significand());
    case "limits":
      return value(
        BIAS + r.pick([127, 128, 1023, 1024, -126, -127, -149, -150, -1022, -1074, 15, 31, 63]),
        significand(),
      );
    case "extremes":
      return value(r.chance(0.5) ? r.between(1, 130) : 0x7ffe - r.below(130), significand());
    case "integer":
      return value(BIAS + r.between(0, 63), significand() & ~((1n << BigInt(r.between(1, 63))) - 1n));
    default:
      return value(r.below(0x8000), any());
  }
}

/** Rounding and precision of all kinds; exceptions masked, mostly. */
function controlWord(r: Random): number {
  if (r.chance(0.35)) return CONTROL_DEFAULT;
  let control = 0x7f | (r.below(4) << 10) | (r.pick([0, 2, 3, 3, 3]) << 8);
  if (r.chance(0.35)) control &= ~(r.chance(0.5) ? 1 << r.below(6) : r.u32() & 0x3f);
  return control;
}

/** Any TOP and condition codes; flagged exceptions now and then, which are pending if unmasked. */
function statusWord(r: Random): number {
  let status = r.u32() & 0x7f00;
  if (r.chance(0.2)) status |= r.u32() & 0x7f;
  return status;
}

/** Gives a case x87 registers, or MMX registers. */
export function prepareX87(d: Draft, kind: "x87" | "mmx"): void {
  const { r } = d;
  const { fx } = d.state;
  const view = new DataView(fx.buffer, fx.byteOffset);
  const control = controlWord(r);
  let status = statusWord(r);
  if (status & ~control & 0x3f && r.chance(0.7)) status &= ~0x3f | control;
  view.setUint16(0, control, true);
  view.setUint16(2, status, true);
  view.setUint8(4, r.chance(0.7) ? 0xff : r.u32() & 0xff);
  for (let i = 0; i < 8; i++) {
    if (kind === "x87") fx.set(extended(r), FX_ST + i * 16);
    else {
      view.setBigUint64(FX_ST + i * 16, mmx(r), true);
      view.setUint16(FX_ST + i * 16 + 8, r.chance(0.8) ? 0xffff : r.u32() & 0xffff, true);
    }
  }
  // Operands that are close to each other.
  if (kind === "x87" && r.chance(0.2)) {
    fx.copyWithin(FX_ST + 16 * r.between(1, 7), FX_ST, FX_ST + 10);
    if (r.chance(0.5)) fx[FX_ST + r.pick([0, 1, 7, 8, 9])] ^= 1 << r.below(8);
  }
}

function mmx(r: Random): bigint {
  if (r.chance(0.3)) return double(r);
  return r.chance(0.4) ? (BigInt(single(r)) << 32n) | BigInt(single(r)) : integer(r);
}

/** What the memory operand of an x87 instruction holds. */
export function x87Memory(row: Row, bytes: number, r: Random): Uint8Array | undefined {
  const image = new Uint8Array(bytes);
  const view = new DataView(image.buffer);
  if (bytes === 10) return row.name.startsWith("FB") ? decimal(r) : extended(r);
  if (row.name === "FLDCW") {
    view.setUint16(0, r.chance(0.5) ? r.u32() & 0xffff : controlWord(r), true);
    return image;
  }
  if (bytes === 28 || bytes === 108) return environment(image, r);
  if (/^FI/.test(row.name)) return undefined;
  if (bytes === 4) view.setUint32(0, single(r), true);
  else if (bytes === 8) view.setBigUint64(0, double(r), true);
  else return undefined;
  return image;
}

/** A packed decimal, mostly with digits that exist. */
function decimal(r: Random): Uint8Array {
  const invalid = r.chance(0.1);
  const digits = r.between(0, 9);
  const bytes = Uint8Array.from({ length: 10 }, (_, i) =>
    i >= digits ? 0 : invalid ? r.u32() & 255 : r.below(10) | (r.below(10) << 4),
  );
  bytes[9] = r.chance(0.5) ? 0x80 : 0;
  if (invalid) bytes[9] |= r.u32() & 0x7f;
  return bytes;
}

/** FLDENV and FRSTOR. */
function environment(image: Uint8Array, r: Random): Uint8Array {
  const view = new DataView(image.buffer);
  for (let i = 0; i < image.length; i += 2) view.setUint16(i, r.u32(), true);
  view.setUint16(0, r.chance(0.5) ? controlWord(r) : r.u32(), true);
  view.setUint16(4, r.chance(0.5) ? statusWord(r) : r.u32(), true);
  for (let i = 28; i + 10 <= image.length; i += 10) image.set(extended(r), i);
  return image;
}
