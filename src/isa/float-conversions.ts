/** Conversions between integers, singles and doubles in every mode of MXCSR (float-modes.ts). */
import type { Builder, Helper, Val } from "./builder.ts";
import { DOUBLE, type Precision, SINGLE, splat, splatBytes } from "./float.ts";
import {
  flushedLanes,
  formatOf,
  laneBits,
  mayBeUnusual,
  mxcsr,
  signal,
  unusualMode,
  withLaneBits,
} from "./float-modes.ts";
import { convert, F32, fromInteger, IE, PE } from "./softfloat.ts";

const flushHelper = (p: Precision): Helper => ({
  name: `float_flush_${p.lanes}`,
  params: ["v128"],
  results: ["v128"],
  build: (b, x) => [flushedLanes(b, p, x as Val)],
});
const FLUSH = { f32x4: flushHelper(SINGLE), f64x2: flushHelper(DOUBLE) };

/** An operand as DAZ has it, where a denormal raises nothing: conversions to integers and ROUNDPS. */
export const flushed = (b: Builder, p: Precision, x: Val): Val => {
  const value = b.local(x);
  b.if(mayBeUnusual(b), () => {
    if (x.ty === "v128") value.set(b.call(FLUSH[p.lanes], x)[0] as Val);
    else {
      const lanes = b.call(FLUSH[p.lanes], splat(b, p, x))[0] as Val;
      value.set(b.op(`${p.lanes}.extract_lane`, [lanes], [0]));
    }
  });
  return value.get();
};

/**
 * IE if `invalid` (i32, 0 or 1), and PE if `inexact`, which is only kept outside the default mode. Both are functions, so that
 * `inexact` is not computed where it does not count.
 */
export const signalConversion = (b: Builder, invalid: Val, inexact: () => Val): void =>
  b.if(b.or(invalid, mayBeUnusual(b)), () => {
    const precision = b.and(inexact(), unusualMode(b));
    signal(b, b.or(b.mul(invalid, b.i32(IE)), b.mul(precision, b.i32(PE))));
  });

const fromBits = (b: Builder, p: Precision, bits: Val): Val =>
  p === SINGLE ? b.op("f32.reinterpret_i32", [b.wrap(bits)]) : b.op("f64.reinterpret_i64", [bits]);

const integerHelper = (p: Precision): Helper => ({
  name: `float_integer_${p.scalar}`,
  params: ["i64"],
  results: ["i64"],
  build: (b, v) => {
    const [bits, flags] = fromInteger(b, formatOf(p), v as Val, mxcsr(b));
    signal(b, flags);
    return [bits];
  },
});
const INTEGER = { f32: integerHelper(SINGLE), f64: integerHelper(DOUBLE) };

/** A signed integer of `bits` bits as a float. An i32 is always exact as a double. */
export const integerToFloat = (b: Builder, p: Precision, v: Val): Val => {
  const result = b.op(`${p.scalar}.convert_${v.ty}_s`, [v]);
  if (v.ty === "i32" && p === DOUBLE) return result;
  const value = b.local(result);
  b.if(mayBeUnusual(b), () => {
    const wide = v.ty === "i32" ? b.extendS(v) : v;
    value.set(fromBits(b, p, b.call(INTEGER[p.scalar], wide)[0] as Val));
  });
  return value.get();
};

const dwordsHelper: Helper = {
  name: "float_dwords",
  params: ["v128"],
  results: ["v128"],
  build: (b, v) => {
    const result = b.local(v as Val);
    const all = b.local(b.i32(0));
    for (let n = 0; n < 4; n++) {
      const lane = b.extendS(b.op("i32x4.extract_lane", [v as Val], [n]));
      const [bits, flags] = fromInteger(b, F32, lane, mxcsr(b));
      result.set(withLaneBits(b, SINGLE, result.get(), n, bits));
      all.set(b.or(all.get(), flags));
    }
    signal(b, all.get());
    return [result.get()];
  },
};

/** Four dwords as singles. */
export const dwordsToSingles = (b: Builder, v: Val): Val => {
  const value = b.local(b.op("f32x4.convert_i32x4_s", [v]));
  b.if(mayBeUnusual(b), () => value.set(b.call(dwordsHelper, v)[0] as Val));
  return value.get();
};

/** The first `count` (i32) lanes of x in the other format, in the low lanes; what is above them is 0. Raises nothing. */
const convertHelper = (from: Precision): Helper => ({
  name: `float_convert_${from.lanes}`,
  params: ["v128", "i32"],
  results: ["v128"],
  build: (b, x, count) => {
    const to = from === SINGLE ? DOUBLE : SINGLE;
    const result = b.local(splatBytes(b, [0]));
    const all = b.local(b.i32(0));
    for (let n = 0; n < 2; n++) {
      b.if(b.gtS(count as Val, b.i32(n)), () => {
        const [bits, flags] = convert(b, formatOf(from), laneBits(b, from, x as Val, n), mxcsr(b));
        result.set(withLaneBits(b, to, result.get(), n, bits));
        all.set(b.or(all.get(), flags));
      });
    }
    signal(b, all.get());
    return [result.get()];
  },
});
const CONVERT = { f32x4: convertHelper(SINGLE), f64x2: convertHelper(DOUBLE) };

/**
 * The other format of the low one or two lanes of `x`, in the low lanes of a vector. NaNs, infinities and the modes that the host
 * does not have are all left to soft-float.
 */
export const convertLanes = (b: Builder, from: Precision, x: Val, lanes: 1 | 2): Val =>
  b.call(CONVERT[from.lanes], x, b.i32(lanes))[0] as Val;
