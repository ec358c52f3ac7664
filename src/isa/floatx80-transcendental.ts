/**
 * Extended precision: 2^x - 1, logarithms, arctangent (SDM Vol. 1, 8.3.7 and 8.3.10). They are computed with 128 bits
 * (floatx80-wide.ts), so that nearly all results are correctly rounded; the SDM asks for an error below one unit in the last
 * place. Coefficients are those of the Taylor series, with as many terms as 2^-75 of the result needs.
 */
import type { Builder, Helper, Val } from "./builder.ts";
import {
  asResult,
  BIAS,
  denormalFlag,
  EXPONENT,
  exponentOf,
  IE,
  INTEGER_BIT,
  indefinite,
  isInfinite,
  isZero,
  nanOperand,
  nanOperands,
  PE,
  RESULT,
  type Result,
  resultVar,
  SIGN,
  signOf,
  ZE,
} from "./floatx80.ts";
import { fromInteger } from "./floatx80-convert.ts";
import {
  add,
  arctangent,
  choose,
  constant,
  divide,
  fromExtended,
  LN2,
  multiply,
  ONE,
  PI,
  polynomial,
  subtract,
  toExtended,
  type Wide,
} from "./floatx80-wide.ts";

const terms = (count: number, term: (k: number) => bigint): bigint[] =>
  Array.from({ length: count }, (_, k) => term(k));
const factorial = (n: number): bigint => (n < 2 ? 1n : BigInt(n) * factorial(n - 1));

/** Sets `result` by the first case whose condition holds, else by `otherwise`. */
export function byCases(
  b: Builder,
  cases: readonly [when: Val, then: () => void][],
  otherwise: () => void,
  from = 0,
): void {
  if (from === cases.length) otherwise();
  else b.if(cases[from][0], cases[from][1], () => byCases(b, cases, otherwise, from + 1));
}

export const exactly = (b: Builder, se: Val, sig: Val | bigint, flags: Val = b.i32(0)): Result => ({
  se,
  sig: typeof sig === "bigint" ? b.i64(sig) : sig,
  flags,
});
const withFlags = (b: Builder, r: Result, flags: Val): Result => ({ ...r, flags: b.or(r.flags, flags) });

// ---- 2^x - 1

/** (e^y - 1) / y. */
const EXPONENTIAL = terms(23, (k) => ONE / factorial(k + 1));

/** For -1 <= x <= 1; beyond, where the SDM leaves the result undefined, x itself. */
export const exponential: Helper = {
  name: "f80_exponential",
  params: ["i32", "i64", "i32"],
  results: RESULT,
  build(b, se, sig, control) {
    const result = resultVar(b);
    const [found, ...nan] = nanOperand(b, se, sig);
    const denormal = denormalFlag(b, se, sig);
    const inexact = b.select(isInfinite(b, se, sig), b.i32(0), b.i32(PE));
    const minusInfinity = b.and(isInfinite(b, se, sig), b.ne(signOf(b, se), b.i32(0)));
    const one = b.and(b.eq(exponentOf(b, se), b.i32(BIAS)), b.eq(sig, b.i64(INTEGER_BIT)));
    byCases(
      b,
      [
        [found, () => result.set(asResult(nan))],
        [minusInfinity, () => result.set(exactly(b, b.i32(SIGN | BIAS), INTEGER_BIT))],
        [
          one,
          () => {
            // 2^1 - 1 and 2^-1 - 1.
            const exponent = b.select(signOf(b, se), b.i32(SIGN | (BIAS - 1)), b.i32(BIAS));
            result.set(exactly(b, exponent, INTEGER_BIT, b.i32(PE)));
          },
        ],
        [isZero(b, se, sig), () => result.set(exactly(b, se, sig))],
        [b.geU(exponentOf(b, se), b.i32(BIAS)), () => result.set(exactly(b, se, sig, inexact))],
      ],
      () => {
        const y = multiply(b, fromExtended(b, se, sig), constant(b, LN2));
        const value = multiply(b, y, polynomial(b, y, EXPONENTIAL));
        result.set(withFlags(b, toExtended(b, value, b.i32(1), control), denormal));
      },
    );
    return result.get();
  },
};

// ---- logarithms

/** log2((1 + z) / (1 - z)) / z in powers of z^2, for z up to 3 - 2 sqrt(2). */
const LOGARITHM = terms(16, (k) => (2n * ONE * ONE) / (LN2 * BigInt(2 * k + 1)));
const logarithmOfRatio = (b: Builder, z: Wide): Wide => multiply(b, z, polynomial(b, multiply(b, z, z), LOGARITHM));

/** sqrt(2) as a significand. */
const ROOT_OF_TWO = BigInt.asIntN(64, 0xb504_f333_f9de_6484n);

/**
 * What y * log2(x) is where it is not computed, by what log2(x) is: infinite, zero, of a sign. `byZero` says that x is 0, so
 * that a finite product is a division by zero.
 */
function productCases(
  b: Builder,
  y: { se: Val; sig: Val },
  log: { infinite: Val; zero: Val; sign: Val; byZero: Val },
  set: (r: Result) => void,
): [Val, () => void][] {
  const [yInfinite, yZero] = [isInfinite(b, y.se, y.sig), isZero(b, y.se, y.sig)];
  const sign = b.xor(signOf(b, y.se), log.sign);
  const divided = b.and(log.byZero, b.eqz(yInfinite));
  return [
    [b.or(b.and(log.infinite, yZero), b.and(log.zero, yInfinite)), () => set(indefinite(b, IE))],
    [
      b.or(log.infinite, yInfinite),
      () => set(exactly(b, b.or(sign, b.i32(EXPONENT)), INTEGER_BIT, b.mul(divided, b.i32(ZE)))),
    ],
    [b.or(log.zero, yZero), () => set(exactly(b, sign, 0n))],
  ];
}

/** y * log2(x): params x, y, control. */
export const logarithm: Helper = {
  name: "f80_logarithm",
  params: ["i32", "i64", "i32", "i64", "i32"],
  results: RESULT,
  build(b, seX, sigX, seY, sigY, control) {
    const result = resultVar(b);
    const [found, ...nan] = b.call(nanOperands, seX, sigX, seY, sigY);
    const denormal = b.or(denormalFlag(b, seX, sigX), denormalFlag(b, seY, sigY));
    const zero = isZero(b, seX, sigX);
    const isOne = b.and(b.eq(seX, b.i32(BIAS)), b.eq(sigX, b.i64(INTEGER_BIT)));
    const log = {
      infinite: b.or(zero, isInfinite(b, seX, sigX)),
      zero: isOne,
      sign: b.select(b.ltU(exponentOf(b, seX), b.i32(BIAS)), b.i32(SIGN), b.i32(0)),
      byZero: zero,
    };
    byCases(
      b,
      [
        [found, () => result.set(asResult(nan))],
        [b.and(b.ne(signOf(b, seX), b.i32(0)), b.eqz(zero)), () => result.set(indefinite(b, IE))],
        ...productCases(b, { se: seY, sig: sigY }, log, (r) => {
          const special = b.and(r.flags, b.i32(IE | ZE));
          result.set(withFlags(b, r, b.select(special, b.i32(0), denormal)));
        }),
      ],
      () => {
        // x = m * 2^e with m between sqrt(1/2) and sqrt(2).
        const x = fromExtended(b, seX, sigX);
        const large = b.gtU(x.high, b.i64(ROOT_OF_TWO));
        const m = { ...x, exponent: b.select(large, b.i32(-1), b.i32(0)) };
        const z = divide(b, subtract(b, m, constant(b, ONE)), add(b, m, constant(b, ONE)));
        const [se, sig] = b.call(fromInteger, b.extendS(b.add(x.exponent, large)));
        const whole = fromExtended(b, se, sig);
        const value = multiply(b, add(b, logarithmOfRatio(b, z), whole), fromExtended(b, seY, sigY));
        // Inexact even if it is not, as processors have it.
        result.set(withFlags(b, toExtended(b, value, b.i32(1), control), denormal));
      },
    );
    return result.get();
  },
};

/** y * log2(x + 1) for x within sqrt(1/2) - 1 and sqrt(2) - 1; beyond, the result is undefined. Params as above. */
export const logarithmPlusOne: Helper = {
  name: "f80_logarithm_plus_one",
  params: ["i32", "i64", "i32", "i64", "i32"],
  results: RESULT,
  build(b, seX, sigX, seY, sigY, control) {
    const result = resultVar(b);
    const [found, ...nan] = b.call(nanOperands, seX, sigX, seY, sigY);
    const denormal = b.or(denormalFlag(b, seX, sigX), denormalFlag(b, seY, sigY));
    const log = {
      infinite: isInfinite(b, seX, sigX),
      zero: isZero(b, seX, sigX),
      sign: signOf(b, seX),
      byZero: b.i32(0),
    };
    byCases(
      b,
      [
        [found, () => result.set(asResult(nan))],
        [b.and(log.infinite, b.ne(log.sign, b.i32(0))), () => result.set(indefinite(b, IE))],
        ...productCases(b, { se: seY, sig: sigY }, log, (r) => {
          const special = b.and(r.flags, b.i32(IE));
          result.set(withFlags(b, r, b.select(special, b.i32(0), denormal)));
        }),
        [
          b.geU(exponentOf(b, seX), b.i32(BIAS)),
          () => result.set(exactly(b, b.xor(seX, signOf(b, seY)), sigX)), // undefined
        ],
      ],
      () => {
        const x = fromExtended(b, seX, sigX);
        const z = divide(b, x, add(b, x, constant(b, 2n * ONE)));
        const value = multiply(b, logarithmOfRatio(b, z), fromExtended(b, seY, sigY));
        result.set(withFlags(b, toExtended(b, value, b.i32(1), control), denormal));
      },
    );
    return result.get();
  },
};

// ---- arctangent

/** arctan(u) / u in powers of u^2, for u up to 1/16. */
const ARCTANGENT = terms(11, (k) => (k % 2 === 0 ? ONE : -ONE) / BigInt(2 * k + 1));
/** arctan(i / 8). */
const EIGHTHS = terms(9, (i) => (i === 8 ? PI / 4n : arctangent((BigInt(i) * ONE) / 8n)));

/** arctan(t) for 0 < t <= 1: arctan(c) + arctan((t - c) / (1 + t c)), with c the multiple of 1/8 that is closest. */
const arctangentOfRatio: Helper = {
  name: "wide_arctangent",
  params: ["i32", "i64", "i64"],
  results: ["i32", "i64", "i64"],
  build(b, exponent, high, low) {
    const t: Wide = { sign: b.i32(0), exponent, high, low };
    const sixteenths = b.wrap(b.shrU(high, b.extendS(b.sub(b.i32(59), exponent))));
    const nearest = b.shrU(b.add(sixteenths, b.i32(1)), b.i32(1));
    const index = b.select(b.geS(exponent, b.i32(-4)), nearest, b.i32(0));
    const angle = [b.local(b.i32(0)), b.local(b.i64(0)), b.local(b.i64(0))];
    const u = [b.local(b.i32(0)), b.local(exponent), b.local(high), b.local(low)];
    for (let i = 1; i <= 8; i++) {
      b.if(b.eq(index, b.i32(i)), () => {
        const c = constant(b, (BigInt(i) * ONE) / 8n);
        const quotient = divide(b, subtract(b, t, c), add(b, multiply(b, t, c), constant(b, ONE)));
        [quotient.sign, quotient.exponent, quotient.high, quotient.low].forEach((v, n) => {
          u[n].set(v);
        });
        const of = constant(b, EIGHTHS[i]);
        [of.exponent, of.high, of.low].forEach((v, n) => {
          angle[n].set(v);
        });
      });
    }
    const [sign, e, h, l] = u.map((v) => v.get());
    const small: Wide = { sign, exponent: e, high: h, low: l };
    const rest = multiply(b, small, polynomial(b, multiply(b, small, small), ARCTANGENT));
    const [angleExponent, angleHigh, angleLow] = angle.map((v) => v.get());
    const sum = add(b, { sign: b.i32(0), exponent: angleExponent, high: angleHigh, low: angleLow }, rest);
    return [sum.exponent, sum.high, sum.low];
  },
};

/** The angle of the point (x, y) (FPATAN): params x, y, control. */
export const arctangentOf: Helper = {
  name: "f80_arctangent",
  params: ["i32", "i64", "i32", "i64", "i32"],
  results: RESULT,
  build(b, seX, sigX, seY, sigY, control) {
    const result = resultVar(b);
    const [found, ...nan] = b.call(nanOperands, seX, sigX, seY, sigY);
    const denormal = b.or(denormalFlag(b, seX, sigX), denormalFlag(b, seY, sigY));
    const [signX, signY] = [signOf(b, seX), signOf(b, seY)];
    const [infiniteX, infiniteY] = [isInfinite(b, seX, sigX), isInfinite(b, seY, sigY)];
    const set = (value: Wide): void => {
      const rounded = toExtended(b, { ...value, sign: signY }, b.i32(1), control);
      result.set(withFlags(b, rounded, denormal));
    };
    /** The angle `right` in the right half plane, `left` in the left one. */
    const angle =
      (right: bigint, left: bigint): (() => void) =>
      () =>
        set(choose(b, signX, constant(b, left), constant(b, right)));
    const flat = b.or(isZero(b, seY, sigY), b.and(infiniteX, b.eqz(infiniteY)));
    byCases(
      b,
      [
        [found, () => result.set(asResult(nan))],
        [b.and(flat, b.eqz(signX)), () => result.set(exactly(b, signY, 0n, denormal))],
        [flat, () => set(constant(b, PI))],
        [b.and(infiniteX, infiniteY), angle(PI / 4n, (3n * PI) / 4n)],
        [b.or(infiniteY, isZero(b, seX, sigX)), () => set(constant(b, PI / 2n))],
      ],
      () => {
        const positive = b.i32(0);
        const x = { ...fromExtended(b, seX, sigX), sign: positive };
        const y = { ...fromExtended(b, seY, sigY), sign: positive };
        const sameExponent = b.eq(x.exponent, y.exponent);
        const steep = b.or(b.ltS(x.exponent, y.exponent), b.and(sameExponent, b.ltU(x.high, y.high)));
        const t = divide(b, choose(b, steep, x, y), choose(b, steep, y, x));
        const [exponent, high, low] = b.call(arctangentOfRatio, t.exponent, t.high, t.low);
        const flatAngle: Wide = { sign: positive, exponent, high, low };
        const upper = choose(b, steep, subtract(b, constant(b, PI / 2n), flatAngle), flatAngle);
        set(choose(b, signX, subtract(b, constant(b, PI), upper), upper));
      },
    );
    return result.get();
  },
};
