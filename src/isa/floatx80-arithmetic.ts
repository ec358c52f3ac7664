/** Extended precision: addition, multiplication, division, square root (SDM Vol. 1, 8.3.3 and 8.5). See floatx80.ts. */
import type { Builder, Helper, Val } from "./builder.ts";
import {
  asResult,
  BIAS,
  denormalFlag,
  EXPONENT,
  exponentOf,
  flagIf,
  IE,
  INTEGER_BIT,
  indefinite,
  isInfinite,
  isNormal,
  isZero,
  nanOperand,
  nanOperands,
  normalise,
  RC_SHIFT,
  RESULT,
  type Result,
  resultVar,
  roundToExtended,
  SIGN,
  shiftRightJam,
  signOf,
  ZE,
} from "./floatx80.ts";
import { divide128, multiplyHighU } from "./integer128.ts";

/** One operand of a binary operation, not a NaN and of a supported format. */
interface Operand {
  se: Val;
  sig: Val;
  sign: Val;
  infinite: Val;
  zero: Val;
}

/** A finite operand: SIGN or 0, and what `normalise` gives. */
interface Finite {
  sign: Val;
  exponent: Val;
  sig: Val;
}

interface Operation {
  name: string;
  /** Results that are not computed: the first whose condition holds counts. DE is added unless they are invalid or divide by zero. */
  special(b: Builder, x: Operand, y: Operand): [when: Val, result: Result][];
  finite(b: Builder, x: Finite, y: Finite, control: Val): Result;
}

const EXACT = 0;
const exact = (b: Builder, se: Val, sig: Val | bigint): Result => ({
  se,
  sig: typeof sig === "bigint" ? b.i64(sig) : sig,
  flags: b.i32(EXACT),
});
const infinity = (b: Builder, sign: Val): Result => exact(b, b.or(sign, b.i32(EXPONENT)), INTEGER_BIT);
const zero = (b: Builder, sign: Val): Result => exact(b, sign, 0n);

/** A helper (se, sig, se, sig, control) -> Result. The sign of the second operand is first multiplied with `flip`, 0 or SIGN. */
function operation({ name, special, finite }: Operation): Helper {
  return {
    name: `f80_${name}`,
    params: ["i32", "i64", "i32", "i64", "i32", "i32"],
    results: RESULT,
    build(b, se1, sig1, se2, sig2, flip, control) {
      const result = resultVar(b);
      const sign2 = b.xor(signOf(b, se2), flip);
      const compute = (exponent1: Val, s1: Val, exponent2: Val, s2: Val): Result =>
        finite(
          b,
          { sign: signOf(b, se1), exponent: exponent1, sig: s1 },
          { sign: sign2, exponent: exponent2, sig: s2 },
          control,
        );
      b.if(
        b.and(isNormal(b, se1, sig1), isNormal(b, se2, sig2)),
        () => result.set(compute(exponentOf(b, se1), sig1, exponentOf(b, se2), sig2)),
        () => {
          const [found, ...nan] = b.call(nanOperands, se1, sig1, se2, sig2);
          b.if(
            found,
            () => result.set(asResult(nan)),
            () => {
              const denormal = b.or(denormalFlag(b, se1, sig1), denormalFlag(b, se2, sig2));
              const operand = (se: Val, sig: Val, sign: Val): Operand => ({
                se,
                sig,
                sign,
                infinite: isInfinite(b, se, sig),
                zero: isZero(b, se, sig),
              });
              const cases = special(b, operand(se1, sig1, signOf(b, se1)), operand(se2, sig2, sign2));
              const choose = (n: number): void => {
                if (n === cases.length) {
                  const [e1, s1] = b.call(normalise, se1, sig1);
                  const [e2, s2] = b.call(normalise, se2, sig2);
                  result.set(compute(e1, s1, e2, s2));
                } else
                  b.if(
                    cases[n][0],
                    () => result.set(cases[n][1]),
                    () => choose(n + 1),
                  );
              };
              choose(0);
              const flags = result.flags.get();
              result.flags.set(b.or(flags, b.select(b.and(flags, b.i32(IE | ZE)), b.i32(0), denormal)));
            },
          );
        },
      );
      return result.get();
    },
  };
}

/** Shifts a 128-bit value that is not 0 left until its highest bit is set. */
export function normaliseWide(b: Builder, exponent: Val, high: Val, low: Val): [exponent: Val, high: Val, low: Val] {
  const [exp, hi, lo] = [b.local(exponent), b.local(high), b.local(low)];
  b.if(b.eqz(high), () => {
    exp.set(b.sub(exponent, b.i32(64)));
    hi.set(low);
    lo.set(b.i64(0));
  });
  const shift = b.clz(hi.get());
  b.if(b.ne(shift, b.i64(0)), () => {
    const back = b.sub(b.i64(64), shift);
    hi.set(b.or(b.shl(hi.get(), shift), b.shrU(lo.get(), back)));
    lo.set(b.shl(lo.get(), shift));
    exp.set(b.sub(exp.get(), b.wrap(shift)));
  });
  return [exp.get(), hi.get(), lo.get()];
}

/** The sum of two finite values: params sign, exponent, sig of both, control. */
const addFinite: Helper = {
  name: "f80_add_finite",
  params: ["i32", "i32", "i64", "i32", "i32", "i64", "i32"],
  results: RESULT,
  build(b, sign1, exponent1, sig1, sign2, exponent2, sig2, control) {
    const result = resultVar(b);
    const swap = b.or(b.ltS(exponent1, exponent2), b.and(b.eq(exponent1, exponent2), b.ltU(sig1, sig2)));
    const larger = b.select(swap, sig2, sig1);
    const sign = b.select(swap, sign2, sign1);
    const exponent = b.select(swap, exponent2, exponent1);
    const distance = b.sub(exponent, b.select(swap, exponent1, exponent2));
    const [high, low] = b.call(shiftRightJam, b.select(swap, sig1, sig2), b.i64(0), distance);
    b.if(
      b.eq(sign1, sign2),
      () => {
        const [exp, hi, lo] = [b.local(exponent), b.local(b.add(larger, high)), b.local(low)];
        b.if(b.ltU(hi.get(), larger), () => {
          const lost = b.and(low, b.i64(1));
          lo.set(b.or(b.or(b.shrU(low, b.i64(1)), lost), b.shl(hi.get(), b.i64(63))));
          hi.set(b.or(b.shrU(hi.get(), b.i64(1)), b.i64(INTEGER_BIT)));
          exp.set(b.add(exponent, b.i32(1)));
        });
        // Only the sum of two zeros is 0.
        b.if(
          b.eqz(hi.get()),
          () => result.set(zero(b, sign)),
          () => result.set(roundToExtended(b, sign, exp.get(), hi.get(), lo.get(), control)),
        );
      },
      () => {
        const borrow = b.extendU(b.ne(low, b.i64(0)));
        const difference = b.sub(b.sub(larger, high), borrow);
        b.if(
          b.eqz(b.or(difference, low)),
          () => {
            const down = b.eq(b.and(b.shrU(control, b.i32(RC_SHIFT)), b.i32(3)), b.i32(1));
            result.set(zero(b, flagIf(b, down, SIGN)));
          },
          () => {
            const [exp, hi, lo] = normaliseWide(b, exponent, difference, b.sub(b.i64(0), low));
            result.set(roundToExtended(b, sign, exp, hi, lo, control));
          },
        );
      },
    );
    return result.get();
  },
};

/** x + y, or x - y with `flip` SIGN. */
export const add: Helper = operation({
  name: "add",
  special: (b, x, y) => [
    [b.and(b.and(x.infinite, y.infinite), b.ne(x.sign, y.sign)), indefinite(b, IE)],
    [x.infinite, infinity(b, x.sign)],
    [y.infinite, infinity(b, y.sign)],
  ],
  finite: (b, x, y, control) =>
    asResult(b.call(addFinite, x.sign, x.exponent, x.sig, y.sign, y.exponent, y.sig, control)),
});

export const multiply: Helper = operation({
  name: "multiply",
  special: (b, x, y) => {
    const sign = b.xor(x.sign, y.sign);
    return [
      [b.or(b.and(x.infinite, y.zero), b.and(x.zero, y.infinite)), indefinite(b, IE)],
      [b.or(x.infinite, y.infinite), infinity(b, sign)],
      [b.or(x.zero, y.zero), zero(b, sign)],
    ];
  },
  finite: (b, x, y, control) => {
    const high = multiplyHighU(b, x.sig, y.sig);
    const low = b.mul(x.sig, y.sig);
    const carry = b.shrU(high, b.i64(63));
    const shift = b.sub(b.i64(1), carry);
    const exponent = b.add(b.sub(b.add(x.exponent, y.exponent), b.i32(BIAS)), b.wrap(carry));
    const moved = b.and(b.shrU(low, b.i64(63)), shift);
    const hi = b.or(b.shl(high, shift), moved);
    return roundToExtended(b, b.xor(x.sign, y.sign), exponent, hi, b.shl(low, shift), control);
  },
});

export const divide: Helper = operation({
  name: "divide",
  special: (b, x, y) => {
    const sign = b.xor(x.sign, y.sign);
    return [
      [b.or(b.and(x.infinite, y.infinite), b.and(x.zero, y.zero)), indefinite(b, IE)],
      [x.infinite, infinity(b, sign)],
      [b.or(x.zero, y.infinite), zero(b, sign)],
      [y.zero, { ...infinity(b, sign), flags: b.i32(ZE) }],
    ];
  },
  finite: (b, x, y, control) => {
    // The quotient of the significands is in [1/2, 2): halve the dividend where it is 1 or more.
    const halve = b.geU(x.sig, y.sig);
    const high = b.select(halve, b.shrU(x.sig, b.i64(1)), x.sig);
    const low = b.select(halve, b.shl(x.sig, b.i64(63)), b.i64(0));
    const [quotient, rest] = b.call(divide128, high, low, y.sig);
    // Of what is left only matters whether it is nothing, less than half of the divisor, half of it, or more.
    const complement = b.sub(y.sig, rest);
    const half = b.select(b.geU(rest, complement), b.i64(INTEGER_BIT), b.i64(0));
    const sticky = b.extendU(b.and(b.ne(rest, b.i64(0)), b.ne(rest, complement)));
    const exponent = b.add(b.sub(b.sub(x.exponent, y.exponent), b.i32(1 - BIAS)), halve);
    return roundToExtended(b, b.xor(x.sign, y.sign), exponent, quotient, b.or(half, sticky), control);
  },
});

/**
 * Square root of a normalised significand, doubled if `odd` is 1: 64 bits, and what is left as a fraction (its first bit, and
 * a sticky one). P. Zimmermann, "Karatsuba Square Root": the root of the upper half, then one division for the lower one.
 */
const rootOfSignificand: Helper = {
  name: "f80_root",
  params: ["i64", "i32"],
  results: ["i64", "i64"],
  build(b, sig, odd) {
    const [one, half] = [b.i64(1), b.i64(32)];
    // The radicand is (high, low), in [2^126, 2^128).
    const even = b.extendU(b.eqz(odd));
    const high = b.shrU(sig, even);
    const low = b.and(b.shl(sig, b.i64(63)), b.sub(b.i64(0), even));
    const [low1, low0] = [b.shrU(low, half), b.and(low, b.i64(0xffff_ffffn))];

    // Double precision is off by one at most.
    const estimate = b.op("i64.trunc_sat_f64_u", [b.op("f64.sqrt", [b.op("f64.convert_i64_u", [high])])]);
    const upper = b.local(b.select(b.gtU(estimate, b.i64(0xffff_ffffn)), b.i64(0xffff_ffffn), estimate));
    b.if(b.gtU(b.mul(upper.get(), upper.get()), high), () => upper.set(b.sub(upper.get(), one)));
    const s = upper.get();
    const left = b.sub(high, b.mul(s, s));

    // (left * 2^32 + low1) / (2 * s), both halved so that they fit.
    const dividend = b.add(b.shl(left, b.i64(31)), b.shrU(low1, one));
    const digit = b.op("i64.div_u", [dividend, s]);
    const rest = b.or(b.shl(b.sub(dividend, b.mul(digit, s)), one), b.and(low1, one));
    const root = b.local(b.add(b.shl(s, half), digit));
    // rest * 2^32 + low0 - digit^2, as 128 bits; a digit of 2^32 has a square of 2^64.
    const lower = b.or(b.shl(rest, half), low0);
    const square = b.mul(digit, digit);
    const borrow = b.add(b.extendU(b.ltU(lower, square)), b.shrU(digit, half));
    const restLow = b.local(b.sub(lower, square));
    const restHigh = b.local(b.sub(b.shrU(rest, half), borrow));
    b.if(b.ltS(restHigh.get(), b.i64(0)), () => {
      root.set(b.sub(root.get(), one));
      // One less in the root is 2 * root + 1 more in the rest.
      const twice = b.or(b.shl(root.get(), one), one);
      const sum = b.add(restLow.get(), twice);
      const carry = b.extendU(b.ltU(sum, twice));
      restHigh.set(b.add(b.add(restHigh.get(), b.shrU(root.get(), b.i64(63))), carry));
      restLow.set(sum);
    });
    // The next bit of the root is 1 when more than the root itself is left.
    const [h, l, r] = [restHigh.get(), restLow.get(), root.get()];
    const more = b.or(b.ne(h, b.i64(0)), b.gtU(l, r));
    const inexact = b.ne(b.or(h, l), b.i64(0));
    return [r, b.or(b.shl(b.extendU(more), b.i64(63)), b.extendU(inexact))];
  },
};

export const squareRoot: Helper = {
  name: "f80_square_root",
  params: ["i32", "i64", "i32"],
  results: RESULT,
  build(b, se, sig, control) {
    const result = resultVar(b);
    const [found, ...nan] = nanOperand(b, se, sig);
    b.if(
      found,
      () => result.set(asResult(nan)),
      () =>
        b.if(
          b.or(isZero(b, se, sig), b.and(isInfinite(b, se, sig), b.eqz(signOf(b, se)))),
          () => result.set(exact(b, se, sig)),
          () =>
            b.if(
              signOf(b, se),
              () => result.set(indefinite(b, IE)),
              () => {
                const [exponent, s] = b.call(normalise, se, sig);
                // sqrt(s * 2^e), with e made even.
                const unbiased = b.sub(exponent, b.i32(BIAS));
                const odd = b.and(unbiased, b.i32(1));
                const [root, rest] = b.call(rootOfSignificand, s, odd);
                const half = b.add(b.shrS(b.sub(unbiased, odd), b.i32(1)), b.i32(BIAS));
                const { se: e, sig: r, flags } = roundToExtended(b, b.i32(0), half, root, rest, control);
                result.set({ se: e, sig: r, flags: b.or(flags, denormalFlag(b, se, sig)) });
              },
            ),
        ),
    );
    return result.get();
  },
};
