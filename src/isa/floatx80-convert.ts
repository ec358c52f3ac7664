/** Extended precision from and to singles, doubles and integers (SDM Vol. 1, 4.2, 8.3.2 and 8.5). See floatx80.ts. */
import type { Builder, Helper, Val } from "./builder.ts";
import {
  asResult,
  BIAS,
  C1,
  DE,
  denormalFlag,
  EXPONENT,
  exponentOf,
  flagIf,
  IE,
  INTEGER_BIT,
  isInfinite,
  isZero,
  nanOperand,
  normalise,
  PE,
  QUIET_BIT,
  RC_SHIFT,
  RESULT,
  type Result,
  resultVar,
  round,
  SIGN,
  shiftRightJam,
  signOf,
} from "./floatx80.ts";

/** A narrower format: widths in bits, its place in an i64. */
interface Format {
  name: string;
  bits: 32 | 64;
  fraction: number;
  bias: number;
}
const SINGLE: Format = { name: "single", bits: 32, fraction: 23, bias: 127 };
const DOUBLE: Format = { name: "double", bits: 64, fraction: 52, bias: 1023 };
const greatest = (f: Format): number => 2 * f.bias + 1;

/**
 * A single or double (i64, zero-extended) as an extended value, exactly: flags DE for a denormal. A signalling NaN stays
 * one.
 */
const widen = (f: Format): Helper => ({
  name: `f80_from_${f.name}`,
  params: ["i64"],
  results: RESULT,
  build(b, v) {
    const result = resultVar(b);
    const sign = b.and(b.shl(b.wrap(b.shrU(v, b.i64(f.bits - 1))), b.i32(15)), b.i32(SIGN));
    const exponent = b.and(b.wrap(b.shrU(v, b.i64(f.fraction))), b.i32(greatest(f)));
    const fraction = b.shl(v, b.i64(64 - f.fraction));
    const sig = b.or(b.shrU(fraction, b.i64(1)), b.i64(INTEGER_BIT));
    b.if(
      exponent,
      () => {
        const isGreatest = b.eq(exponent, b.i32(greatest(f)));
        const wide = b.select(isGreatest, b.i32(EXPONENT), b.add(exponent, b.i32(BIAS - f.bias)));
        result.set({ se: b.or(sign, wide), sig, flags: b.i32(0) });
      },
      () =>
        b.if(
          b.eqz(fraction),
          () => result.set({ se: sign, sig: b.i64(0), flags: b.i32(0) }),
          () => {
            const shift = b.clz(fraction);
            const wide = b.sub(b.i32(BIAS - f.bias), b.wrap(shift));
            result.set({ se: b.or(sign, wide), sig: b.shl(fraction, shift), flags: b.i32(DE) });
          },
        ),
    );
    return result.get();
  },
});

/** An extended value, with the control word, rounded to a single or double (i64, zero-extended), and flags. */
const narrow = (f: Format): Helper => ({
  name: `f80_to_${f.name}`,
  params: ["i32", "i64", "i32"],
  results: ["i64", "i32"],
  build(b, se, sig, control) {
    const bits = b.local(b.i64(0));
    const flags = b.local(b.i32(0));
    const sign = b.shl(b.extendU(b.shrU(se, b.i32(15))), b.i64(f.bits - 1));
    const pack = (signBit: Val, exponent: Val, significand: Val): void => {
      const fraction = b.shrU(b.shl(significand, b.i64(1)), b.i64(64 - f.fraction));
      bits.set(b.or(b.or(signBit, b.shl(b.extendU(exponent), b.i64(f.fraction))), fraction));
    };
    const [found, nanSe, nanSig, nanFlags] = nanOperand(b, se, sig);
    const infinite = isInfinite(b, se, sig);
    b.if(
      b.or(found, b.or(infinite, isZero(b, se, sig))),
      () => {
        const exponent = b.select(b.or(found, infinite), b.i32(greatest(f)), b.i32(0));
        const nanSign = b.shl(b.extendU(b.shrU(nanSe, b.i32(15))), b.i64(f.bits - 1));
        pack(b.select(found, nanSign, sign), exponent, b.select(found, nanSig, sig));
        flags.set(b.select(found, nanFlags, b.i32(0)));
      },
      () => {
        const [exponent, s] = b.call(normalise, se, sig);
        const rebased = b.sub(exponent, b.i32(BIAS - f.bias));
        const limits = [b.i32(63 - f.fraction), b.i32(greatest(f) - 1)];
        const [e, rounded, raised] = b.call(round, signOf(b, se), rebased, s, b.i64(0), control, ...limits);
        pack(sign, e, rounded);
        flags.set(raised);
      },
    );
    return [bits.get(), flags.get()];
  },
});

export const fromSingle = widen(SINGLE);
export const fromDouble = widen(DOUBLE);
export const toSingle = narrow(SINGLE);
export const toDouble = narrow(DOUBLE);

/** A signed integer as an extended value, which is always exact. */
export const fromInteger: Helper = {
  name: "f80_from_integer",
  params: ["i64"],
  results: RESULT,
  build(b, v) {
    const negative = b.shrS(v, b.i64(63));
    const magnitude = b.sub(b.xor(v, negative), negative);
    const shift = b.clz(magnitude);
    const exponent = b.select(b.eqz(magnitude), b.i32(0), b.sub(b.i32(BIAS + 63), b.wrap(shift)));
    return [b.or(b.and(b.wrap(negative), b.i32(SIGN)), exponent), b.shl(magnitude, shift), b.i32(0)];
  },
};

/**
 * A finite value rounded to an integer by rounding control: magnitude (i64) with flags PE and C1. The magnitude is
 * right only where it is below 2^64; beyond, `exponent` tells.
 */
function roundedMagnitude(b: Builder, se: Val, sig: Val, control: Val): { magnitude: Val; carry: Val; flags: Val } {
  const distance = b.sub(b.i32(BIAS + 63), exponentOf(b, se));
  const [whole, fraction] = b.call(shiftRightJam, sig, b.i64(0), distance);
  const mode = b.and(b.shrU(control, b.i32(RC_SHIFT)), b.i32(3));
  const inexact = b.ne(fraction, b.i64(0));
  const more = b.or(b.shl(fraction, b.i64(1)), b.and(whole, b.i64(1)));
  const nearest = b.and(b.ltS(fraction, b.i64(0)), b.ne(more, b.i64(0)));
  const away = b.eq(mode, b.select(signOf(b, se), b.i32(1), b.i32(2)));
  const up = b.select(mode, b.and(away, inexact), nearest);
  const magnitude = b.add(whole, b.extendU(up));
  const carry = b.and(up, b.eqz(magnitude));
  return { magnitude, carry, flags: b.or(flagIf(b, inexact, PE), flagIf(b, up, C1)) };
}

/**
 * An extended value rounded to a signed integer of `bits` bits (params se, sig, control, bits): the integer indefinite, only
 * the sign bit set, and IE when it does not fit.
 */
export const toInteger: Helper = {
  name: "f80_to_integer",
  params: ["i32", "i64", "i32", "i32"],
  results: ["i64", "i32"],
  build(b, se, sig, control, bits) {
    const least = b.shl(b.i64(-1), b.extendU(b.sub(bits, b.i32(1))));
    const value = b.local(least);
    const flags = b.local(b.i32(IE));
    const exponent = exponentOf(b, se);
    const supported = b.or(b.ltS(sig, b.i64(0)), b.eqz(exponent));
    b.if(b.and(b.leU(exponent, b.i32(BIAS + 63)), supported), () => {
      const { magnitude, carry, flags: raised } = roundedMagnitude(b, se, sig, control);
      const limit = b.sub(b.i64(0), least);
      const negative = b.ne(signOf(b, se), b.i32(0));
      const fits = b.or(b.ltU(magnitude, limit), b.and(negative, b.eq(magnitude, limit)));
      b.if(b.and(fits, b.eqz(carry)), () => {
        value.set(b.select(negative, b.sub(b.i64(0), magnitude), magnitude));
        flags.set(raised);
      });
    });
    return [value.get(), flags.get()];
  },
};

/** Rounds to an integral value of the same format (FRNDINT). */
export const roundToIntegral: Helper = {
  name: "f80_round_to_integral",
  params: ["i32", "i64", "i32"],
  results: RESULT,
  build(b, se, sig, control) {
    const result = resultVar(b);
    const [found, ...nan] = nanOperand(b, se, sig);
    const integral = b.geU(exponentOf(b, se), b.i32(BIAS + 63));
    b.if(
      found,
      () => result.set(asResult(nan)),
      () =>
        b.if(
          b.or(integral, isZero(b, se, sig)),
          () => result.set({ se, sig, flags: b.i32(0) }),
          () => {
            const { magnitude, flags } = roundedMagnitude(b, se, sig, control);
            const shift = b.clz(magnitude);
            const exponent = b.select(b.eqz(magnitude), b.i32(0), b.sub(b.i32(BIAS + 63), b.wrap(shift)));
            result.set({
              se: b.or(signOf(b, se), exponent),
              sig: b.shl(magnitude, shift),
              flags: b.or(flags, denormalFlag(b, se, sig)),
            });
          },
        ),
    );
    return result.get();
  },
};

/** FLD of a single or double: a signalling NaN raises IE and becomes quiet. */
export const quieted = (b: Builder, { se, sig, flags }: Result): Result => {
  const nan = b.and(b.eq(exponentOf(b, se), b.i32(EXPONENT)), b.gtU(sig, b.i64(INTEGER_BIT)));
  const signalling = b.and(nan, b.eqz(b.and(sig, b.i64(QUIET_BIT))));
  return {
    se,
    sig: b.select(signalling, b.or(sig, b.i64(QUIET_BIT)), sig),
    flags: b.or(flags, flagIf(b, signalling, IE)),
  };
};
