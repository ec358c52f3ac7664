/**
 * Floating-point numbers with 128-bit significands, in which the transcendental functions of extended precision are
 * computed. A value is ± (high.low / 2^127) * 2^exponent, with bit 63 of `high` set, or 0 with `high` 0; `sign` is 0 or SIGN.
 * Results are truncated: each operation is off by less than 2^-125 of its result.
 */
import type { Builder, Helper, Ty, Val } from "./builder.ts";
import { BIAS, normalise, PC_EXTENDED, type Result, roundToExtended, SIGN, shiftRightJam, signOf } from "./floatx80.ts";
import { normaliseWide } from "./floatx80-arithmetic.ts";
import { multiplyHighU } from "./integer128.ts";

export interface Wide {
  sign: Val;
  exponent: Val;
  high: Val;
  low: Val;
}
const WIDE: readonly Ty[] = ["i32", "i32", "i64", "i64"];
const values = (x: Wide): Val[] => [x.sign, x.exponent, x.high, x.low];
const wide = ([sign, exponent, high, low]: Val[]): Wide => ({ sign, exponent, high, low });

export const negate = (b: Builder, x: Wide): Wide => ({ ...x, sign: b.xor(x.sign, b.i32(SIGN)) });
export const choose = (b: Builder, condition: Val, x: Wide, y: Wide): Wide => ({
  sign: b.select(condition, x.sign, y.sign),
  exponent: b.select(condition, x.exponent, y.exponent),
  high: b.select(condition, x.high, y.high),
  low: b.select(condition, x.low, y.low),
});

// ---- constants, as fractions of 2^SCALE

/** Binary places of the constants that the functions are computed with. */
const SCALE = 256n;
export const ONE = 1n << SCALE;

/** arctan(1/n) for n > 0, arctanh(1/n) if `hyperbolic`. */
function inverseTangent(n: bigint, hyperbolic: boolean): bigint {
  let sum = 0n;
  let power = ONE / n;
  for (let k = 0n; power !== 0n; k++) {
    sum += (hyperbolic || k % 2n === 0n ? power : -power) / (2n * k + 1n);
    power /= n * n;
  }
  return sum;
}
/** Machin's formula. */
export const PI = 16n * inverseTangent(5n, false) - 4n * inverseTangent(239n, false);
export const LN2 = 2n * inverseTangent(3n, true);

/** arctan(x) for a fraction 0 <= x < 1, by halving: arctan(x) = 2 arctan(x / (1 + sqrt(1 + x^2))). */
export function arctangent(x: bigint, halvings = 8): bigint {
  if (halvings > 0) return 2n * arctangent((x * ONE) / (ONE + squareRoot(ONE * ONE + x * x)), halvings - 1);
  let sum = 0n;
  let power = x;
  for (let k = 0n; power !== 0n; k++) {
    sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n);
    power = (((power * x) >> SCALE) * x) >> SCALE;
  }
  return sum;
}
function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** A fraction of 2^SCALE as a constant. */
export function constant(b: Builder, value: bigint): Wide {
  const magnitude = value < 0n ? -value : value;
  if (magnitude === 0n) return { sign: b.i32(0), exponent: b.i32(0), high: b.i64(0), low: b.i64(0) };
  const bits = BigInt(magnitude.toString(2).length);
  const sig = bits > 128n ? magnitude >> (bits - 128n) : magnitude << (128n - bits);
  return {
    sign: b.i32(value < 0n ? SIGN : 0),
    exponent: b.i32(Number(bits - 1n - SCALE)),
    high: b.i64(BigInt.asIntN(64, sig >> 64n)),
    low: b.i64(BigInt.asIntN(64, sig)),
  };
}

// ---- arithmetic

const multiplyHelper: Helper = {
  name: "wide_multiply",
  params: [...WIDE, ...WIDE],
  results: WIDE,
  build(b, s1, e1, h1, l1, s2, e2, h2, l2) {
    const carried = (sum: Val, part: Val): Val => b.extendU(b.ltU(sum, part));
    const [cross1, cross2] = [multiplyHighU(b, h1, l2), multiplyHighU(b, l1, h2)];
    const low1 = b.add(b.mul(h1, h2), cross1);
    const low = b.add(low1, cross2);
    const high = b.add(b.add(multiplyHighU(b, h1, h2), carried(low1, cross1)), carried(low, cross2));
    const two = b.shrU(high, b.i64(63));
    const shift = b.xor(two, b.i64(1));
    const hi = b.or(b.shl(high, shift), b.and(b.shrU(low, b.i64(63)), shift));
    return [b.xor(s1, s2), b.add(b.add(e1, e2), b.wrap(two)), hi, b.shl(low, shift)];
  },
};

const addHelper: Helper = {
  name: "wide_add",
  params: [...WIDE, ...WIDE],
  results: WIDE,
  build(b, s1, e1, h1, l1, s2, e2, h2, l2) {
    const [first, second] = [wide([s1, e1, h1, l1]), wide([s2, e2, h2, l2])];
    const sameExponent = b.eq(e1, e2);
    const lessSig = b.or(b.ltU(h1, h2), b.and(b.eq(h1, h2), b.ltU(l1, l2)));
    const less = b.or(b.ltS(e1, e2), b.and(sameExponent, lessSig));
    // A zero is the smaller one whatever its exponent.
    const swap = b.and(b.ne(h2, b.i64(0)), b.or(b.eqz(h1), less));
    const [x, y] = [choose(b, swap, second, first), choose(b, swap, first, second)];
    const distance = b.select(b.eqz(y.high), b.i32(0), b.sub(x.exponent, y.exponent));
    const [yHigh, yLow] = b.call(shiftRightJam, y.high, y.low, distance);
    const [exponent, high, low] = [b.local(x.exponent), b.local(b.i64(0)), b.local(b.i64(0))];
    b.if(
      b.eq(s1, s2),
      () => {
        const lo = b.add(x.low, yLow);
        const carry = b.extendU(b.ltU(lo, yLow));
        const hi = b.add(b.add(x.high, yHigh), carry);
        b.if(
          b.or(b.ltU(hi, x.high), b.and(b.eq(hi, x.high), b.ltU(lo, x.low))),
          () => {
            exponent.set(b.add(x.exponent, b.i32(1)));
            low.set(b.or(b.shrU(lo, b.i64(1)), b.shl(hi, b.i64(63))));
            high.set(b.or(b.shrU(hi, b.i64(1)), b.i64(-(1n << 63n))));
          },
          () => {
            low.set(lo);
            high.set(hi);
          },
        );
      },
      () => {
        const borrow = b.extendU(b.ltU(x.low, yLow));
        const [lo, hi] = [b.sub(x.low, yLow), b.sub(b.sub(x.high, yHigh), borrow)];
        b.if(b.ne(b.or(lo, hi), b.i64(0)), () => {
          const [e, h, l] = normaliseWide(b, x.exponent, hi, lo);
          exponent.set(e);
          high.set(h);
          low.set(l);
        });
      },
    );
    return [x.sign, exponent.get(), high.get(), low.get()];
  },
};

/** The divisor is not 0. One bit of the quotient a round. */
const divideHelper: Helper = {
  name: "wide_divide",
  params: [...WIDE, ...WIDE],
  results: WIDE,
  build(b, s1, e1, h1, l1, s2, e2, h2, l2) {
    const one = b.i64(1);
    /** x - divisor if `fits`, with the digit. */
    const [restHigh, restLow, high, low] = [b.local(h1), b.local(l1), b.local(b.i64(0)), b.local(b.i64(0))];
    const count = b.local(b.i32(128));
    const subtractIf = (fits: Val): void =>
      b.if(fits, () => {
        const borrow = b.extendU(b.ltU(restLow.get(), l2));
        restHigh.set(b.sub(b.sub(restHigh.get(), h2), borrow));
        restLow.set(b.sub(restLow.get(), l2));
        low.set(b.or(low.get(), one));
      });
    const notBelow = (h: Val, l: Val): Val => b.or(b.gtU(h, h2), b.and(b.eq(h, h2), b.geU(l, l2)));
    const first = notBelow(h1, l1);
    b.if(first, () => count.set(b.i32(127)));
    subtractIf(first);
    b.loop(() => {
      const [h, l] = [restHigh.get(), restLow.get()];
      const out = b.wrap(b.shrU(h, b.i64(63)));
      restHigh.set(b.or(b.shl(h, one), b.shrU(l, b.i64(63))));
      restLow.set(b.shl(l, one));
      high.set(b.or(b.shl(high.get(), one), b.shrU(low.get(), b.i64(63))));
      low.set(b.shl(low.get(), one));
      subtractIf(b.or(out, notBelow(restHigh.get(), restLow.get())));
      count.set(b.sub(count.get(), b.i32(1)));
      return count.get();
    });
    const exponent = b.sub(b.sub(e1, e2), b.select(first, b.i32(0), b.i32(1)));
    return [b.xor(s1, s2), exponent, high.get(), low.get()];
  },
};

const apply = (b: Builder, h: Helper, x: Wide, y: Wide): Wide => wide(b.call(h, ...values(x), ...values(y)));
export const multiply = (b: Builder, x: Wide, y: Wide): Wide => apply(b, multiplyHelper, x, y);
export const add = (b: Builder, x: Wide, y: Wide): Wide => apply(b, addHelper, x, y);
export const subtract = (b: Builder, x: Wide, y: Wide): Wide => apply(b, addHelper, x, negate(b, y));
export const divide = (b: Builder, x: Wide, y: Wide): Wide => apply(b, divideHelper, x, y);

/** c[0] + x * (c[1] + x * (c[2] + …)), by Horner's rule; coefficients are fractions of 2^SCALE. */
export function polynomial(b: Builder, x: Wide, coefficients: readonly bigint[]): Wide {
  const last = coefficients.length - 1;
  let sum = constant(b, coefficients[last]);
  for (let k = last - 1; k >= 0; k--) sum = add(b, multiply(b, sum, x), constant(b, coefficients[k]));
  return sum;
}

// ---- from and to extended precision

/** A finite value. */
export const fromExtended = (b: Builder, se: Val, sig: Val): Wide => {
  const [exponent, high] = b.call(normalise, se, sig);
  return { sign: signOf(b, se), exponent: b.sub(exponent, b.i32(BIAS)), high, low: b.i64(0) };
};

/** A value that is not 0, rounded by rounding control; precision control does not apply. `inexact` is i32, 0 or 1. */
export const toExtended = (b: Builder, x: Wide, inexact: Val, control: Val): Result =>
  roundToExtended(
    b,
    x.sign,
    b.add(x.exponent, b.i32(BIAS)),
    x.high,
    b.or(x.low, b.extendU(inexact)),
    b.or(control, b.i32(PC_EXTENDED)),
  );
