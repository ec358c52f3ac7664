/** Extended precision: remainders, scaling, extraction of exponent and significand (SDM Vol. 1, 8.3.5). See floatx80.ts. */
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
  indefinite,
  isInfinite,
  isZero,
  MAX_EXPONENT,
  nanOperand,
  nanOperands,
  normalise,
  OE,
  PC_EXTENDED,
  PE,
  RESULT,
  type Result,
  resultVar,
  roundToExtended,
  SIGN,
  signOf,
  UE,
  WRAP,
  ZE,
} from "./floatx80.ts";
import { fromInteger } from "./floatx80-convert.ts";
import { divide128 } from "./integer128.ts";

/** The value of a significand times 2 to an exponent, exact but for what a denormal loses, which here is nothing. */
const pack = (b: Builder, sign: Val, exponent: Val, sig: Val, control: Val): Result => {
  const shift = b.clz(sig);
  const result = resultVar(b);
  b.if(
    b.eqz(sig),
    () => result.set({ se: sign, sig, flags: b.i32(0) }),
    () => {
      const extended = b.or(control, b.i32(PC_EXTENDED));
      result.set(roundToExtended(b, sign, b.sub(exponent, b.wrap(shift)), b.shl(sig, shift), b.i64(0), extended));
    },
  );
  return asResult(result.get());
};

/** What a step of a remainder came to. */
export const NO_QUOTIENT = 0;
export const COMPLETE = 1;
export const INCOMPLETE = 2;

/**
 * One step of a remainder: x - y * q, for FPREM with the quotient truncated, with `nearest` (0 or 1) for FPREM1 rounded to
 * nearest (even). When the exponents differ by 64 or more, their difference is reduced by 32 to 63 only: INCOMPLETE.
 * Results: the value and its flags, which of the three above, and the quotient, of which the low three bits are right.
 */
export const remainder: Helper = {
  name: "f80_remainder",
  params: ["i32", "i64", "i32", "i64", "i32", "i32"],
  results: [...RESULT, "i32", "i32"],
  build(b, se1, sig1, se2, sig2, nearest, control) {
    const result = resultVar(b);
    const kind = b.local(b.i32(NO_QUOTIENT));
    const quotientBits = b.local(b.i32(0));
    const [found, ...nan] = b.call(nanOperands, se1, sig1, se2, sig2);
    const denormal = b.or(denormalFlag(b, se1, sig1), denormalFlag(b, se2, sig2));
    const setPacked = (sign: Val, exponent: Val, sig: Val): void => {
      const packed = pack(b, sign, exponent, sig, control);
      result.set({ ...packed, flags: b.or(packed.flags, denormal) });
    };
    const finish = (): void => {
      kind.set(b.i32(COMPLETE));
      const [exponent1, s1] = b.call(normalise, se1, sig1);
      const [exponent2, s2] = b.call(normalise, se2, sig2);
      const difference = b.sub(exponent1, exponent2);
      b.if(
        b.or(b.or(isInfinite(b, se2, sig2), isZero(b, se1, sig1)), b.ltS(difference, b.i32(-1))),
        () => setPacked(signOf(b, se1), exponent1, s1),
        () => reduce(exponent1, s1, exponent2, s2, difference),
      );
    };
    const reduce = (exponent1: Val, s1: Val, exponent2: Val, s2: Val, difference: Val): void => {
      const sign = b.local(signOf(b, se1));
      const rest = b.local(s1);
      const exponent = b.local(exponent1);
      b.if(
        b.geS(difference, b.i32(64)),
        () => {
          // Takes off the exponent difference what leaves a multiple of 32.
          const count = b.or(b.and(difference, b.i32(31)), b.i32(32));
          rest.set(shiftedRemainder(b, s1, s2, count).rest);
          exponent.set(b.sub(exponent1, count));
          // The remainder is relative to the shifted divisor.
          kind.set(b.i32(INCOMPLETE));
        },
        () => {
          b.if(b.geS(difference, b.i32(0)), () => {
            const { quotient, rest: left } = shiftedRemainder(b, s1, s2, difference);
            quotientBits.set(b.wrap(quotient));
            rest.set(left);
            exponent.set(exponent2);
          });
          b.if(nearest, () => {
            // Compare twice the rest with the divisor; for a difference of -1 the rest itself is below it.
            const below = b.ltS(difference, b.i32(0));
            const complement = b.sub(s2, rest.get());
            const more = b.select(below, b.gtU(s1, s2), b.gtU(rest.get(), complement));
            const half = b.select(below, b.eq(s1, s2), b.eq(rest.get(), complement));
            b.if(b.or(more, b.and(half, b.and(quotientBits.get(), b.i32(1)))), () => {
              quotientBits.set(b.add(quotientBits.get(), b.i32(1)));
              sign.set(b.xor(sign.get(), b.i32(SIGN)));
              // 2 * s2 - s1 in units of exponent1 when the exponents differ by -1.
              rest.set(b.select(below, b.sub(b.shl(s2, b.i64(1)), s1), complement));
            });
          });
        },
      );
      setPacked(sign.get(), exponent.get(), rest.get());
    };
    b.if(
      found,
      () => result.set(asResult(nan)),
      () => b.if(b.or(isInfinite(b, se1, sig1), isZero(b, se2, sig2)), () => result.set(indefinite(b, IE)), finish),
    );
    return [...result.get(), kind.get(), quotientBits.get()];
  },
};

/** Quotient (modulo 2^64) and remainder of s1 * 2^count / s2, for normalised significands and a count below 64. */
function shiftedRemainder(b: Builder, s1: Val, s2: Val, count: Val): { quotient: Val; rest: Val } {
  const n = b.extendU(count);
  const first = b.geU(s1, s2);
  // s1 mod s2 * 2^count has a high part below s2.
  const reduced = b.select(first, b.sub(s1, s2), s1);
  const high = b.select(b.eqz(n), b.i64(0), b.shrU(reduced, b.sub(b.i64(64), n)));
  const [quotient, rest] = b.call(divide128, high, b.shl(reduced, n), s2);
  return { quotient: b.add(quotient, b.shl(b.extendU(first), n)), rest };
}

/** x * 2^trunc(y) (FSCALE). */
export const scale: Helper = {
  name: "f80_scale",
  params: ["i32", "i64", "i32", "i64", "i32"],
  results: RESULT,
  build(b, se1, sig1, se2, sig2, control) {
    const result = resultVar(b);
    const sign = signOf(b, se1);
    const negative = b.ne(signOf(b, se2), b.i32(0));
    const denormal = b.or(denormalFlag(b, se1, sig1), denormalFlag(b, se2, sig2));
    const [infinite1, infinite2] = [isInfinite(b, se1, sig1), isInfinite(b, se2, sig2)];
    const zero1 = isZero(b, se1, sig1);
    const [found, ...nan] = b.call(nanOperands, se1, sig1, se2, sig2);
    const byInfinity = (): void =>
      b.if(
        b.select(negative, infinite1, zero1),
        () => result.set(indefinite(b, IE)),
        () => {
          const grows = b.or(infinite1, b.and(b.eqz(negative), b.eqz(zero1)));
          const se = b.or(sign, b.select(grows, b.i32(EXPONENT), b.i32(0)));
          result.set({ se, sig: b.select(grows, b.i64(INTEGER_BIT), b.i64(0)), flags: denormal });
        },
      );
    const byFinite = (): void => {
      // Beyond 2^16 only the sign of the scale matters.
      const distance = b.sub(b.i32(BIAS + 63), exponentOf(b, se2));
      const whole = b.wrap(b.shrU(sig2, b.extendU(distance)));
      const small = b.ltU(exponentOf(b, se2), b.i32(BIAS));
      const large = b.geU(exponentOf(b, se2), b.i32(BIAS + 16));
      const magnitude = b.select(small, b.i32(0), b.select(large, b.i32(1 << 16), whole));
      const [exponent, s] = b.call(normalise, se1, sig1);
      const scaled = b.add(exponent, b.select(negative, b.sub(b.i32(0), magnitude), magnitude));
      const unmasked = b.xor(control, b.i32(OE | UE));
      const over = b.and(b.gtS(scaled, b.i32(MAX_EXPONENT + WRAP)), b.ne(b.and(unmasked, b.i32(OE)), b.i32(0)));
      const under = b.and(b.leS(scaled, b.i32(-WRAP)), b.ne(b.and(unmasked, b.i32(UE)), b.i32(0)));
      b.if(
        b.or(over, under),
        () => {
          // Out of range even with the exponent wrapped.
          const se = b.or(sign, b.select(over, b.i32(EXPONENT), b.i32(0)));
          const sig = b.select(over, b.i64(INTEGER_BIT), b.i64(0));
          const flags = b.select(over, b.i32(OE | PE | C1), b.i32(UE | PE));
          result.set({ se, sig, flags: b.or(flags, denormal) });
        },
        () => {
          const extended = b.or(control, b.i32(PC_EXTENDED));
          const rounded = roundToExtended(b, sign, scaled, s, b.i64(0), extended);
          result.set({ ...rounded, flags: b.or(rounded.flags, denormal) });
        },
      );
    };
    b.if(
      found,
      () => result.set(asResult(nan)),
      () =>
        b.if(infinite2, byInfinity, () =>
          b.if(b.or(infinite1, zero1), () => result.set({ se: se1, sig: sig1, flags: denormal }), byFinite),
        ),
    );
    return result.get();
  },
};

/** The exponent of a value as an extended value, its significand with the value's sign and an exponent of 0, and flags. */
export const extract: Helper = {
  name: "f80_extract",
  params: ["i32", "i64"],
  results: ["i32", "i64", "i32", "i64", "i32"],
  build(b, se, sig) {
    const exponent = resultVar(b);
    const significand = resultVar(b);
    const both = (e: Result, s: Result): void => {
      exponent.set(e);
      significand.set(s);
    };
    const value = { se, sig, flags: b.i32(0) };
    const infinity = (sign: Val | number): Result => ({
      se: typeof sign === "number" ? b.i32(sign) : sign,
      sig: b.i64(INTEGER_BIT),
      flags: b.i32(0),
    });
    const [found, ...nan] = nanOperand(b, se, sig);
    b.if(
      found,
      () => both(asResult(nan), asResult(nan)),
      () =>
        b.if(
          isInfinite(b, se, sig),
          () => both(infinity(EXPONENT), value),
          () =>
            b.if(
              isZero(b, se, sig),
              () => both({ ...infinity(SIGN | EXPONENT), flags: b.i32(ZE) }, value),
              () => {
                const [e, s] = b.call(normalise, se, sig);
                const unbiased = asResult(b.call(fromInteger, b.extendS(b.sub(e, b.i32(BIAS)))));
                const denormal = flagIf(b, b.eqz(exponentOf(b, se)), DE);
                both(
                  { ...unbiased, flags: denormal },
                  { se: b.or(signOf(b, se), b.i32(BIAS)), sig: s, flags: b.i32(0) },
                );
              },
            ),
        ),
    );
    const [e, es, flags] = exponent.get();
    const [f, fs] = significand.get();
    return [e, es, f, fs, flags];
  },
};
