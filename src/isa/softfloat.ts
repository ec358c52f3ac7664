/**
 * Single and double precision in integer arithmetic, for the modes of MXCSR that WebAssembly does not have: other rounding
 * modes, denormals taken for or made zero, and exact flags (SDM Vol. 1, 4.8 and 11.5). Nothing here writes state; each
 * helper returns the bits of its result and the flags that it raises, in MXCSR's layout.
 *
 * In between, a number is a sign (0 or 1), an exponent, and a 63-bit significand whose leading one is bit 62: its value is
 * significand * 2^(exponent - 62). That is 10 bits more than a double has and 39 more than a single; what is lost below them
 * is kept as a one in bit 0 ("sticky"), so one rounding at the end is exact.
 */
import type { Builder, Helper, Val } from "./builder.ts";

export const IE = 0x01;
export const DE = 0x02;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;
/** Exceptions of the operands, which come before those of the result (SDM Vol. 1, 11.5.2). */
export const BEFORE_COMPUTATION = IE | DE | ZE;

const DAZ = 0x40;
/** From an exception's flag to its mask. */
export const MASKS_SHIFT = 7;
export const ROUNDING_SHIFT = 13;
const FLUSH_TO_ZERO = 0x8000;

const LEADING = 62;

/** The IEEE 754 interchange formats; bits are held in the low end of an i64. */
export interface Format {
  readonly name: "f32" | "f64";
  /** Bits of the fraction, without the leading one. */
  readonly fraction: number;
  readonly bias: number;
  readonly maximum: number;
}
export const F32: Format = { name: "f32", fraction: 23, bias: 127, maximum: 255 };
export const F64: Format = { name: "f64", fraction: 52, bias: 1023, maximum: 2047 };

const width = (f: Format): number => (f === F32 ? 32 : 64);
const bit = (n: number): bigint => 1n << BigInt(n);
export const infinity = (f: Format): bigint => BigInt(f.maximum) << BigInt(f.fraction);
export const signBit = (f: Format): bigint => bit(width(f) - 1);
export const quietBit = (f: Format): bigint => bit(f.fraction - 1);
export const defaultNaN = (f: Format): bigint => signBit(f) | infinity(f) | quietBit(f);

export interface Parts {
  /** i32, 0 or 1. */
  sign: Val;
  /** i32. */
  exponent: Val;
  /** i64. */
  significand: Val;
}

export const signOf = (b: Builder, f: Format, x: Val): Val => b.wrap(b.shrU(x, b.i64(width(f) - 1)));
export const magnitude = (b: Builder, f: Format, x: Val): Val => b.and(x, b.i64(signBit(f) - 1n));
export const withSign = (b: Builder, f: Format, sign: Val, bits: Val): Val =>
  b.or(bits, b.shl(b.extendU(sign), b.i64(width(f) - 1)));
/** i32, 1 when `x` is a denormal. */
export const isDenormal = (b: Builder, f: Format, x: Val): Val =>
  b.ltU(b.sub(magnitude(b, f, x), b.i64(1)), b.i64(bit(f.fraction) - 1n));

/** Shifts left until the leading one is bit 62. `significand` is not 0, and below 2^63. */
export const normalise = (b: Builder, { sign, exponent, significand }: Parts): Parts => {
  const by = b.sub(b.clz(significand), b.i64(1));
  return { sign, exponent: b.sub(exponent, b.wrap(by)), significand: b.shl(significand, by) };
};

/** Shifts right by one when bit 63 is set. */
export const carry = (b: Builder, { sign, exponent, significand }: Parts): Parts => {
  const top = b.shrU(significand, b.i64(63));
  const halved = b.or(b.shrU(significand, b.i64(1)), b.and(significand, b.i64(1)));
  return {
    sign,
    exponent: b.add(exponent, b.wrap(top)),
    significand: b.select(b.wrap(top), halved, significand),
  };
};

/** A finite number, not 0. */
export const unpack = (b: Builder, f: Format, x: Val): Parts => {
  const field = b.wrap(b.and(b.shrU(x, b.i64(f.fraction)), b.i64(f.maximum)));
  const fraction = b.and(x, b.i64(bit(f.fraction) - 1n));
  const significand = b.select(field, b.or(fraction, b.i64(bit(f.fraction))), fraction);
  const exponent = b.add(b.select(field, field, b.i32(1)), b.i32(LEADING - f.bias - f.fraction));
  return normalise(b, { sign: signOf(b, f, x), exponent, significand });
};

/** Shifts right by `by` (i32, 0 or more); ones that are shifted out stay as a one in bit 0. */
export const shiftRightSticky = (b: Builder, v: Val, by: Val): Val => {
  const count = b.extendU(b.select(b.ltU(by, b.i32(63)), by, b.i32(63)));
  const shifted = b.shrU(v, count);
  return b.or(shifted, b.extendU(b.ne(b.shl(shifted, count), v)));
};

export const flagIf = (b: Builder, condition: Val, flag: number): Val => b.select(condition, b.i32(flag), b.i32(0));

// ---- rounding

/** Rounds a number (sign, exponent, significand) to the format, in the mode of an MXCSR. */
const rounding = (f: Format): Helper => ({
  name: `soft_round_${f.name}`,
  params: ["i32", "i32", "i64", "i32"],
  results: ["i64", "i32"],
  build: (b, sign, exponent, significand, mxcsr) => {
    const dropped = LEADING - f.fraction;
    const [all, half] = [bit(dropped) - 1n, bit(dropped - 1)];
    const mode = b.and(b.shrU(mxcsr as Val, b.i32(ROUNDING_SHIFT)), b.i32(3));
    // Down (1) is away from zero for negative numbers, up (2) for positive ones.
    const away = b.eq(b.xor(b.sub(mode, b.i32(1)), sign as Val), b.i32(1));
    const increment = b.select(mode, b.select(away, b.i64(all), b.i64(0)), b.i64(half));

    const field = b.add(exponent as Val, b.i32(f.bias));
    // Tiny is what is below the least normal number after it has been rounded as if the exponent had no limit.
    const roundsUpToNormal = b.and(b.eqz(field), b.ltS(b.add(significand as Val, increment), b.i64(0)));
    const tiny = b.and(b.ltS(field, b.i32(1)), b.eqz(roundsUpToNormal));
    const below = b.sub(b.i32(1), field);
    const aligned = b.select(
      b.gtS(below, b.i32(0)),
      shiftRightSticky(b, significand as Val, below),
      significand as Val,
    );
    const rest = b.and(aligned, b.i64(all));
    const inexact = b.ne(rest, b.i64(0));
    const up = b.shrU(b.add(aligned, increment), b.i64(dropped));
    const tie = b.and(b.eqz(mode), b.eq(rest, b.i64(half)));
    const fraction = b.and(up, b.xor(b.extendU(tie), b.i64(-1)));
    // The leading one adds 1 to the exponent's field, and so does a carry out of the fraction.
    const base = b.extendU(b.select(b.gtS(field, b.i32(1)), b.sub(field, b.i32(1)), b.i32(0)));
    const rounded = b.add(b.shl(base, b.i64(f.fraction)), fraction);

    const bits = b.local(rounded);
    const masked = (exception: number): Val => b.ne(b.and(mxcsr as Val, b.i32(exception << MASKS_SHIFT)), b.i32(0));
    // An unmasked overflow or underflow would deliver a result with the right exponent out of range: PE is about that one.
    const inRange = b.ne(b.and(significand as Val, b.i64(all)), b.i64(0));
    const unmasked = b.eqz(masked(UE));
    const lost = b.select(b.and(tiny, unmasked), inRange, inexact);
    const flags = b.local(b.or(flagIf(b, lost, PE), flagIf(b, b.and(tiny, b.or(inexact, unmasked)), UE)));
    const tooLarge = b.or(b.geS(field, b.i32(f.maximum)), b.geU(rounded, b.i64(infinity(f))));
    b.if(tooLarge, () => {
      const inwards = b.and(b.ne(mode, b.i32(0)), b.eqz(away));
      bits.set(b.sub(b.i64(infinity(f)), b.extendU(inwards)));
      flags.set(b.or(b.i32(OE), flagIf(b, b.or(inRange, masked(OE)), PE)));
    });
    const flush = b.and(b.ne(b.and(mxcsr as Val, b.i32(FLUSH_TO_ZERO)), b.i32(0)), masked(UE));
    b.if(b.and(tiny, flush), () => {
      bits.set(b.i64(0));
      flags.set(b.i32(UE | PE));
    });
    return [withSign(b, f, sign as Val, bits.get()), flags.get()];
  },
});

const ROUNDING = { f32: rounding(F32), f64: rounding(F64) };

export const round = (b: Builder, f: Format, p: Parts, mxcsr: Val): [bits: Val, flags: Val] =>
  b.call(ROUNDING[f.name], p.sign, p.exponent, p.significand, mxcsr) as [Val, Val];

/** The bits `x` with a denormal taken for 0 when MXCSR.DAZ says so. */
export const flushOperand = (b: Builder, f: Format, x: Val, mxcsr: Val): Val => {
  const taken = b.and(isDenormal(b, f, x), b.ne(b.and(mxcsr, b.i32(DAZ)), b.i32(0)));
  return b.select(taken, b.and(x, b.i64(signBit(f))), x);
};

/** From one format to the other. */
const conversionHelper = (from: Format, to: Format): Helper => ({
  name: `soft_convert_${from.name}_${to.name}`,
  params: ["i64", "i32"],
  results: ["i64", "i32"],
  build: (b, bits, mxcsr) => {
    const x = flushOperand(b, from, bits as Val, mxcsr as Val);
    const abs = magnitude(b, from, x);
    const sign = signOf(b, from, x);
    const result = b.local(withSign(b, to, sign, b.i64(0)));
    const flags = b.local(b.i32(0));
    const move = to.fraction - from.fraction;
    const fraction = b.and(x, b.i64(bit(from.fraction) - 1n));
    const moved = move > 0 ? b.shl(fraction, b.i64(move)) : b.shrU(fraction, b.i64(-move));
    b.if(
      b.geU(abs, b.i64(infinity(from))),
      () => {
        const nan = b.ne(abs, b.i64(infinity(from)));
        const payload = b.or(moved, b.i64(quietBit(to)));
        const special = b.or(b.i64(infinity(to)), b.select(nan, payload, b.i64(0)));
        result.set(withSign(b, to, sign, special));
        flags.set(flagIf(b, b.and(nan, b.eqz(b.and(x, b.i64(quietBit(from))))), IE));
      },
      () =>
        b.if(b.ne(abs, b.i64(0)), () => {
          const [rounded, raised] = round(b, to, unpack(b, from, x), mxcsr as Val);
          result.set(rounded);
          flags.set(b.or(raised, flagIf(b, isDenormal(b, from, x), DE)));
        }),
    );
    return [result.get(), flags.get()];
  },
});

const NARROW = conversionHelper(F64, F32);
const WIDEN = conversionHelper(F32, F64);

export const convert = (b: Builder, from: Format, bits: Val, mxcsr: Val): [bits: Val, flags: Val] =>
  b.call(from === F64 ? NARROW : WIDEN, bits, mxcsr) as [Val, Val];

const integerHelper = (f: Format): Helper => ({
  name: `soft_integer_${f.name}`,
  params: ["i64", "i32"],
  results: ["i64", "i32"],
  build: (b, v, mxcsr) => {
    const result = b.local(b.i64(0));
    const flags = b.local(b.i32(0));
    b.if(b.ne(v as Val, b.i64(0)), () => {
      const sign = b.ltS(v as Val, b.i64(0));
      const size = b.select(sign, b.sub(b.i64(0), v as Val), v as Val);
      // Up to 2^63: bit 63 may be set.
      const fitted = carry(b, { sign, exponent: b.i32(LEADING), significand: size });
      const [bits, raised] = round(b, f, normalise(b, fitted), mxcsr as Val);
      result.set(bits);
      flags.set(raised);
    });
    return [result.get(), flags.get()];
  },
});

const INTEGER = { f32: integerHelper(F32), f64: integerHelper(F64) };

/** A signed integer (i64) as a float. */
export const fromInteger = (b: Builder, f: Format, v: Val, mxcsr: Val): [bits: Val, flags: Val] =>
  b.call(INTEGER[f.name], v, mxcsr) as [Val, Val];
