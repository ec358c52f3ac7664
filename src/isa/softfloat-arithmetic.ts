/** Sum, difference, product, quotient and square root in integer arithmetic (softfloat.ts). */
import type { Builder, Helper, Val } from "./builder.ts";
import { multiplyHighU } from "./integer128.ts";
import {
  carry,
  DE,
  defaultNaN,
  F32,
  F64,
  type Format,
  flagIf,
  flushOperand,
  IE,
  infinity,
  isDenormal,
  magnitude,
  normalise,
  type Parts,
  quietBit,
  ROUNDING_SHIFT,
  round,
  shiftRightSticky,
  signBit,
  signOf,
  unpack,
  withSign,
  ZE,
} from "./softfloat.ts";

/** Operations of `arithmetic`. */
export const ADD = 0;
export const SUBTRACT = 1;
export const MULTIPLY = 2;
export const DIVIDE = 3;
export const SQUARE_ROOT = 4;

// ---- operations on finite numbers that are not 0

/** Sum; the significand is 0 when the operands cancel. */
const sum = (b: Builder, x: Parts, y: Parts): Parts => {
  const swap = b.ltS(x.exponent, y.exponent);
  const pick = (one: Val, other: Val): Val => b.select(swap, one, other);
  const large: Parts = {
    sign: pick(y.sign, x.sign),
    exponent: pick(y.exponent, x.exponent),
    significand: pick(y.significand, x.significand),
  };
  const distance = b.sub(large.exponent, pick(x.exponent, y.exponent));
  const small = shiftRightSticky(b, pick(x.significand, y.significand), distance);
  const difference = b.sub(large.significand, small);
  const negative = b.ltS(difference, b.i64(0));
  const opposite = b.xor(x.sign, y.sign);
  const added = carry(b, { ...large, significand: b.add(large.significand, small) });
  const subtracted = normalise(b, {
    ...large,
    sign: b.xor(large.sign, negative),
    significand: b.select(negative, b.sub(b.i64(0), difference), difference),
  });
  return {
    sign: b.select(opposite, subtracted.sign, added.sign),
    exponent: b.select(opposite, subtracted.exponent, added.exponent),
    significand: b.select(opposite, subtracted.significand, added.significand),
  };
};

const product = (b: Builder, x: Parts, y: Parts): Parts => {
  const one = b.i64(1);
  const [m, n] = [b.shl(x.significand, one), b.shl(y.significand, one)];
  const sticky = b.extendU(b.ne(b.mul(m, n), b.i64(0)));
  return carry(b, {
    sign: b.xor(x.sign, y.sign),
    exponent: b.add(x.exponent, y.exponent),
    significand: b.or(multiplyHighU(b, m, n), sticky),
  });
};

/** `approximate` (with spare bits below) moved by the sign of the exact remainder: to the right side of every boundary. */
const corrected = (b: Builder, approximate: Val, remainder: Val): Val =>
  b.add(approximate, b.sub(b.extendU(b.gtS(remainder, b.i64(0))), b.extendU(b.ltS(remainder, b.i64(0)))));

/**
 * The host's quotient of the 53-bit significands is right to half a bit, and the remainder's low 64 bits tell on which side
 * the exact quotient lies.
 */
const quotient = (b: Builder, x: Parts, y: Parts): Parts => {
  const whole = (v: Val): Val => b.shrU(v, b.i64(10));
  const float = (v: Val): Val => b.op("f64.convert_i64_s", [v]);
  const [m, n] = [whole(x.significand), whole(y.significand)];
  const scaled = b.op("f64.mul", [b.op("f64.div", [float(m), float(n)]), b.f64(2 ** 53)]);
  const q = b.op("i64.trunc_sat_f64_s", [scaled]);
  const remainder = b.sub(b.shl(m, b.i64(53)), b.mul(q, n));
  return normalise(b, {
    sign: b.xor(x.sign, y.sign),
    exponent: b.sub(x.exponent, y.exponent),
    significand: corrected(b, b.shl(q, b.i64(9)), remainder),
  });
};

const squareRoot = (b: Builder, x: Parts): Parts => {
  const odd = b.and(x.exponent, b.i32(1));
  const m = b.shl(b.shrU(x.significand, b.i64(10)), b.extendU(odd));
  const root = b.op("f64.mul", [b.op("f64.sqrt", [b.op("f64.convert_i64_s", [m])]), b.f64(2 ** 26)]);
  const s = b.op("i64.trunc_sat_f64_s", [root]);
  const remainder = b.sub(b.shl(m, b.i64(52)), b.mul(s, s));
  return normalise(b, {
    sign: b.i32(0),
    exponent: b.shrS(b.sub(x.exponent, odd), b.i32(1)),
    significand: corrected(b, b.shl(s, b.i64(10)), remainder),
  });
};

// ---- whole operations

/** The operation `op` on the bits of x and y (of x alone for a root). */
const arithmeticHelper = (f: Format): Helper => ({
  name: `soft_arithmetic_${f.name}`,
  params: ["i32", "i64", "i64", "i32"],
  results: ["i64", "i32"],
  build: (b, op, xBits, yBits, mxcsr) => {
    const is = (code: number): Val => b.eq(op as Val, b.i32(code));
    const x = flushOperand(b, f, xBits as Val, mxcsr as Val);
    const y = flushOperand(b, f, b.select(is(SQUARE_ROOT), xBits as Val, yBits as Val), mxcsr as Val);
    const [absX, absY] = [magnitude(b, f, x), magnitude(b, f, y)];
    const nan = (abs: Val): Val => b.gtU(abs, b.i64(infinity(f)));
    const isSignalling = (v: Val, abs: Val): Val => b.and(nan(abs), b.eqz(b.and(v, b.i64(quietBit(f)))));
    const isInfinite = (abs: Val): Val => b.eq(abs, b.i64(infinity(f)));
    const isZero = (abs: Val): Val => b.eqz(abs);

    const result = b.local(b.i64(0));
    const flags = b.local(b.i32(0));
    const denormal = flagIf(b, b.or(isDenormal(b, f, x), isDenormal(b, f, y)), DE);
    const give = (bits: Val, raised: Val): void => {
      result.set(bits);
      flags.set(raised);
    };
    const invalid = (): void => give(b.i64(defaultNaN(f)), b.i32(IE));
    const finish = (p: Parts): void => {
      const [bits, raised] = round(b, f, p, mxcsr as Val);
      give(bits, b.or(raised, denormal));
    };
    const sign = b.xor(signOf(b, f, x), signOf(b, f, y));
    const signed = (bits: bigint): Val => withSign(b, f, sign, b.i64(bits));

    const add = (): void => {
      const addend = b.xor(y, b.select(is(SUBTRACT), b.i64(signBit(f)), b.i64(0)));
      const opposite = b.xor(signOf(b, f, x), signOf(b, f, addend));
      const infinite = b.or(isInfinite(absX), isInfinite(absY));
      // x - x is +0, but -0 when rounding down.
      const down = b.eq(b.and(mxcsr as Val, b.i32(3 << ROUNDING_SHIFT)), b.i32(1 << ROUNDING_SHIFT));
      const cancelled = (): Val => withSign(b, f, down, b.i64(0));
      b.if(
        infinite,
        () =>
          b.if(b.and(b.and(isInfinite(absX), isInfinite(absY)), opposite), invalid, () =>
            give(b.select(isInfinite(absX), x, addend), denormal),
          ),
        () =>
          b.if(
            b.or(isZero(absX), isZero(absY)),
            () =>
              b.if(
                b.and(isZero(absX), isZero(absY)),
                () => give(b.select(opposite, cancelled(), x), b.i32(0)),
                () => finish(unpack(b, f, b.select(isZero(absX), addend, x))),
              ),
            () => {
              const p = sum(b, unpack(b, f, x), unpack(b, f, addend));
              b.if(
                b.eqz(p.significand),
                () => give(cancelled(), denormal),
                () => finish(p),
              );
            },
          ),
      );
    };
    const multiply = (): void => {
      const infinite = b.or(isInfinite(absX), isInfinite(absY));
      const zero = b.or(isZero(absX), isZero(absY));
      b.if(b.and(infinite, zero), invalid, () =>
        b.if(
          b.or(infinite, zero),
          () => give(b.select(infinite, signed(infinity(f)), signed(0n)), denormal),
          () => finish(product(b, unpack(b, f, x), unpack(b, f, y))),
        ),
      );
    };
    const divide = (): void => {
      const none = b.or(b.and(isInfinite(absX), isInfinite(absY)), b.and(isZero(absX), isZero(absY)));
      const toZero = b.or(isZero(absX), isInfinite(absY));
      b.if(none, invalid, () =>
        b.if(
          b.or(isInfinite(absX), toZero),
          () => give(b.select(toZero, signed(0n), signed(infinity(f))), denormal),
          () =>
            b.if(
              isZero(absY),
              () => give(signed(infinity(f)), b.i32(ZE)),
              () => finish(quotient(b, unpack(b, f, x), unpack(b, f, y))),
            ),
        ),
      );
    };
    const root = (): void =>
      b.if(
        isZero(absX),
        () => give(x, b.i32(0)),
        () =>
          b.if(signOf(b, f, x), invalid, () =>
            b.if(
              isInfinite(absX),
              () => give(x, b.i32(0)),
              () => finish(squareRoot(b, unpack(b, f, x))),
            ),
          ),
      );

    b.if(
      b.or(nan(absX), nan(absY)),
      () =>
        give(
          b.or(b.select(nan(absX), x, y), b.i64(quietBit(f))),
          flagIf(b, b.or(isSignalling(x, absX), isSignalling(y, absY)), IE),
        ),
      () =>
        b.if(b.ltU(op as Val, b.i32(MULTIPLY)), add, () =>
          b.if(is(MULTIPLY), multiply, () => b.if(is(DIVIDE), divide, root)),
        ),
    );
    return [result.get(), flags.get()];
  },
});

const ARITHMETIC = { f32: arithmeticHelper(F32), f64: arithmeticHelper(F64) };

/** `op` is ADD to SQUARE_ROOT (i32); x and y are bits (i64). */
export const arithmetic = (b: Builder, f: Format, op: Val, x: Val, y: Val, mxcsr: Val): [bits: Val, flags: Val] =>
  b.call(ARITHMETIC[f.name], op, x, y, mxcsr) as [Val, Val];
