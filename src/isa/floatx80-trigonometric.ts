/**
 * Extended precision: sine, cosine, tangent (SDM Vol. 1, 8.3.8 and 8.3.10). As the processors have it, the angle is reduced
 * by a pi of 66 bits: results are those of the exact functions for angles that are multiples of that pi apart.
 */
import type { Builder, Helper, Ty, Val } from "./builder.ts";
import {
  asResult,
  BIAS,
  denormalFlag,
  exponentOf,
  IE,
  indefinite,
  isInfinite,
  isZero,
  nanOperand,
  type Result,
  resultVar,
  SIGN,
  signOf,
} from "./floatx80.ts";
import { normaliseWide } from "./floatx80-arithmetic.ts";
import { byCases, exactly } from "./floatx80-transcendental.ts";
import { choose, divide, fromExtended, multiply, ONE, polynomial, toExtended, type Wide } from "./floatx80-wide.ts";

/** Pi * 2^64, 66 bits; so pi / 2 is that many units of 2^-65. */
const PI_HIGH = 3n;
const PI_LOW = 0x243f_6a88_85a3_08d3n;
/** The exponent above which an angle may be more than pi / 4. */
const SMALL = -2;
/** Angles from 2^63 on are not reduced. */
const LIMIT = BIAS + 63;

/**
 * x - q * pi / 2 for the integer q that leaves at most pi / 4: params exponent (of 2, unbiased) and significand of x > 0;
 * results are the rest (sign, exponent, high, low) and q modulo 4.
 */
const reduce: Helper = {
  name: "f80_reduce_angle",
  params: ["i32", "i64"],
  results: ["i32", "i32", "i64", "i64", "i32"],
  build(b, exponent, sig) {
    const sign = b.local(b.i32(0));
    const [high, low] = [b.local(b.i64(0)), b.local(sig)];
    const quotient = b.local(b.i32(0));
    const count = b.local(b.add(exponent, b.i32(-SMALL)));
    const exp = b.local(exponent);
    /** (h, l) - pi / 2, and whether it is not negative. */
    const minusPi = (h: Val, l: Val): { h: Val; l: Val; fits: Val } => {
      const borrow = b.extendU(b.ltU(l, b.i64(PI_LOW)));
      const difference = b.sub(b.sub(h, b.i64(PI_HIGH)), borrow);
      return { h: difference, l: b.sub(l, b.i64(PI_LOW)), fits: b.geS(difference, b.i64(0)) };
    };
    b.if(
      b.geS(count.get(), b.i32(0)),
      () => {
        // (high, low) in units of 2^-65, doubled as often as the exponent says, modulo pi / 2.
        b.loop(() => {
          const { h, l, fits } = minusPi(high.get(), low.get());
          b.if(fits, () => {
            high.set(h);
            low.set(l);
          });
          quotient.set(b.or(b.shl(quotient.get(), b.i32(1)), fits));
          const again = b.gtS(count.get(), b.i32(0));
          b.if(again, () => {
            high.set(b.or(b.shl(high.get(), b.i64(1)), b.shrU(low.get(), b.i64(63))));
            low.set(b.shl(low.get(), b.i64(1)));
          });
          count.set(b.sub(count.get(), b.i32(1)));
          return again;
        });
        // More than half of pi / 2: one more of it.
        const [h, l] = [high.get(), low.get()];
        const twice = b.or(b.shl(h, b.i64(1)), b.shrU(l, b.i64(63)));
        b.if(minusPi(twice, b.shl(l, b.i64(1))).fits, () => {
          const borrow = b.extendU(b.ltU(b.i64(PI_LOW), l));
          high.set(b.sub(b.sub(b.i64(PI_HIGH), h), borrow));
          low.set(b.sub(b.i64(PI_LOW), l));
          sign.set(b.i32(SIGN));
          quotient.set(b.add(quotient.get(), b.i32(1)));
        });
        exp.set(b.i32(127 - 65));
      },
      () => {
        high.set(sig);
        low.set(b.i64(0));
      },
    );
    const [e, h, l] = normaliseWide(b, exp.get(), high.get(), low.get());
    return [sign.get(), e, h, l, b.and(quotient.get(), b.i32(3))];
  },
};

const factorial = (n: number): bigint => (n < 2 ? 1n : BigInt(n) * factorial(n - 1));
/** Taylor series in r^2, for r up to pi / 4: sin(r) / r and cos(r). */
const series = (first: number): bigint[] =>
  Array.from({ length: 13 }, (_, k) => (k % 2 === 0 ? ONE : -ONE) / factorial(2 * k + first));
const SINE = series(1);
const COSINE = series(0);

/** Sine and cosine of the reduced angle of a finite x that is not 0. */
const sineAndCosine = (b: Builder, se: Val, sig: Val): { sine: Wide; cosine: Wide } => {
  const x = fromExtended(b, se, sig);
  const [sign, exponent, high, low, quadrant] = b.call(reduce, x.exponent, x.high);
  const r: Wide = { sign, exponent, high, low };
  const square = multiply(b, r, r);
  const sine = multiply(b, r, polynomial(b, square, SINE));
  const cosine = polynomial(b, square, COSINE);
  const odd = b.and(quadrant, b.i32(1));
  const signIf = (bit: Val): Val => b.shl(b.and(bit, b.i32(2)), b.i32(14));
  const turned = (w: Wide, flip: Val): Wide => ({ ...w, sign: b.xor(w.sign, flip) });
  return {
    sine: turned(choose(b, odd, cosine, sine), b.xor(signIf(quadrant), signOf(b, se))),
    cosine: turned(choose(b, odd, sine, cosine), signIf(b.add(quadrant, b.i32(1)))),
  };
};

/** Whether a value is too large an angle (i32, 0 or 1). */
export const isBeyondReduction = (b: Builder, se: Val, sig: Val): Val =>
  b.and(b.and(b.geU(exponentOf(b, se), b.i32(LIMIT)), b.ltU(exponentOf(b, se), b.i32(0x7fff))), b.ltS(sig, b.i64(0)));

/** A function of an angle below 2^63: params se, sig, control; as many results as `compute` gives, then the flags. */
function angleFunction(
  name: string,
  atZero: (b: Builder, se: Val) => Result[],
  compute: (b: Builder, sine: Wide, cosine: Wide) => Wide[],
): Helper {
  const count = name === "sine_cosine" ? 2 : 1;
  const pairs: Ty[] = Array.from({ length: count }, (): Ty[] => ["i32", "i64"]).flat();
  return {
    name: `f80_${name}`,
    params: ["i32", "i64", "i32"],
    results: [...pairs, "i32"],
    build(b, se, sig, control) {
      const results = Array.from({ length: count }, () => resultVar(b));
      const set = (values: Result[]): void => {
        for (const [i, v] of values.entries()) results[i].set(v);
      };
      const [found, ...nan] = nanOperand(b, se, sig);
      byCases(
        b,
        [
          [found, () => set(results.map(() => asResult(nan)))],
          [isInfinite(b, se, sig), () => set(results.map(() => indefinite(b, IE)))],
          [isZero(b, se, sig), () => set(atZero(b, se))],
        ],
        () => {
          const { sine, cosine } = sineAndCosine(b, se, sig);
          set(compute(b, sine, cosine).map((w) => toExtended(b, w, b.i32(1), control)));
          results[0].flags.set(b.or(results[0].flags.get(), denormalFlag(b, se, sig)));
        },
      );
      const flags = results.map((r) => r.flags.get()).reduce((all, f) => b.or(all, f));
      return [...results.flatMap((r) => r.get().slice(0, 2)), flags];
    },
  };
}

const ONE_SIG = 1n << 63n;
const one = (b: Builder): Result => exactly(b, b.i32(BIAS), ONE_SIG);
const same = (b: Builder, se: Val): Result => exactly(b, se, 0n);

export const sine = angleFunction(
  "sine",
  (b, se) => [same(b, se)],
  (_b, s) => [s],
);
export const cosine = angleFunction(
  "cosine",
  (b) => [one(b)],
  (_b, _s, c) => [c],
);
export const sineCosine = angleFunction(
  "sine_cosine",
  (b, se) => [same(b, se), one(b)],
  (_b, s, c) => [s, c],
);
export const tangent = angleFunction(
  "tangent",
  (b, se) => [same(b, se)],
  (b, s, c) => [divide(b, s, c)],
);
