/**
 * What IEEE 754 leaves open and x86 fixes: which NaN an operation gives, and the sticky flags of MXCSR.
 *
 * WebAssembly computes the value of every float operation exactly as x86 does in its default mode, but leaves the bits of
 * a NaN result open and has no flags. A NaN, an overflow to infinity and a division by zero have in common that the result
 * is not finite. So a meaning computes the result, tests that, and only then calls a helper that finds the x86 NaN by
 * integer operations and sets IE, ZE and OE. PE, UE and DE are not kept.
 *
 * The rules are those of SDM Vol. 1, 4.8.3.5 (table 4-7): the first operand if it is a NaN, else the second, made quiet;
 * without a NaN operand the default NaN, which is negative. Helpers work on vectors; scalars are splat into all lanes.
 */
import { FLOAT_LIMITS, MXCSR } from "../cpu/state.ts";
import type { Builder, Ty, Val } from "./builder.ts";

/** MXCSR flags and fields (SDM Vol. 1, figure 10-3). */
export const MXCSR_IE = 0x01;
export const MXCSR_ZE = 0x04;
export const MXCSR_OE = 0x08;
export const MXCSR_RC_SHIFT = 13;
/** The bits that exist: what MXCSR_MASK in the FXSAVE image says. */
export const MXCSR_MASK = 0xffff;

/** Single or double precision, as WebAssembly names its vectors and scalars. */
export interface Precision {
  readonly lanes: "f32x4" | "f64x2";
  readonly ints: "i32x4" | "i64x2";
  readonly scalar: "f32" | "f64";
  /** Bytes of one lane: the bit that makes a NaN quiet, the default NaN, the sign bit. */
  readonly quietBit: readonly number[];
  readonly defaultNaN: readonly number[];
  readonly signBit: readonly number[];
}

export const SINGLE: Precision = {
  lanes: "f32x4",
  ints: "i32x4",
  scalar: "f32",
  quietBit: [0, 0, 0x40, 0],
  defaultNaN: [0, 0, 0xc0, 0xff],
  signBit: [0, 0, 0, 0x80],
};

export const DOUBLE: Precision = {
  lanes: "f64x2",
  ints: "i64x2",
  scalar: "f64",
  quietBit: [0, 0, 0, 0, 0, 0, 8, 0],
  defaultNaN: [0, 0, 0, 0, 0, 0, 0xf8, 0xff],
  signBit: [0, 0, 0, 0, 0, 0, 0, 0x80],
};

/** A vector whose lanes all have these bytes. */
export const splatBytes = (b: Builder, lane: readonly number[]): Val =>
  b.v128(Array.from({ length: 16 }, (_, i) => lane[i % lane.length] as number));

export const constant = (b: Builder, p: Precision, x: number): Val => (p.scalar === "f32" ? b.f32(x) : b.f64(x));

export const splat = (b: Builder, p: Precision, x: Val): Val => b.op(`${p.lanes}.splat`, [x]);
const and = (b: Builder, x: Val, y: Val): Val => b.op("v128.and", [x, y]);
const or = (b: Builder, x: Val, y: Val): Val => b.op("v128.or", [x, y]);
const andNot = (b: Builder, x: Val, y: Val): Val => b.op("v128.andnot", [x, y]);
const bitselect = (b: Builder, mask: Val, yes: Val, no: Val): Val => b.op("v128.bitselect", [yes, no, mask]);

/** Lanes that are NaNs. */
export const isNaNLanes = (b: Builder, p: Precision, x: Val): Val => b.op(`${p.lanes}.ne`, [x, x]);

/** Lanes that are signalling NaNs. */
export const isSignallingLanes = (b: Builder, p: Precision, x: Val): Val => {
  const quiet = and(b, x, splatBytes(b, p.quietBit));
  return and(b, isNaNLanes(b, p, x), b.op(`${p.ints}.eq`, [quiet, splatBytes(b, [0])]));
};

const isFiniteLanes = (b: Builder, p: Precision, x: Val): Val =>
  b.op(`${p.lanes}.lt`, [b.op(`${p.lanes}.abs`, [x]), splat(b, p, constant(b, p, Infinity))]);

const limit = (b: Builder, p: Precision, ty: Ty): Val =>
  b.readState(p.scalar === "f64" ? FLOAT_LIMITS : FLOAT_LIMITS + 16, ty);

/** i32, non-zero when any lane of the result `x` is infinite or a NaN, or MXCSR may not be in its default mode. */
export const anyNeedsCare = (b: Builder, p: Precision, x: Val): Val => {
  const fine = b.op(`${p.lanes}.lt`, [b.op(`${p.lanes}.abs`, [x]), limit(b, p, "v128")]);
  return b.eqz(b.op(`${p.ints}.all_true`, [fine]));
};

/** The same of a scalar result. */
export const needsCare = (b: Builder, p: Precision, x: Val): Val =>
  b.eqz(b.op(`${p.scalar}.lt`, [b.op(`${p.scalar}.abs`, [x]), limit(b, p, p.scalar)]));

/** i32, non-zero when the scalar `x` or `y` is a NaN. */
export const unordered = (b: Builder, p: Precision, x: Val, y: Val): Val =>
  b.or(b.op(`${p.scalar}.ne`, [x, x]), b.op(`${p.scalar}.ne`, [y, y]));

/** Sets a flag of MXCSR when `condition` (i32, 0 or 1) holds; without one, always. */
export const raiseFlag = (b: Builder, flag: number, condition?: Val): void => {
  const bits = condition === undefined ? b.i32(flag) : b.mul(condition, b.i32(flag));
  b.writeState(MXCSR, b.or(b.readState(MXCSR, "i32"), bits));
};

export const anyTrue = (b: Builder, mask: Val): Val => b.op("v128.any_true", [mask]);

/** What x86 gives where WebAssembly gives `result` for `x op y` in the default mode, lane by lane; raises IE, ZE, OE. */
export const settled = (b: Builder, p: Precision, x: Val, y: Val, result: Val): Val => {
  const [xNaN, yNaN] = [isNaNLanes(b, p, x), isNaNLanes(b, p, y)];
  const quiet = splatBytes(b, p.quietBit);
  const invalidResult = andNot(b, isNaNLanes(b, p, result), or(b, xNaN, yNaN));
  const signalling = or(b, isSignallingLanes(b, p, x), isSignallingLanes(b, p, y));
  // An infinity from finite operands is an overflow or, when the divisor is 0, a division by zero. No other operation
  // gives an infinity from a finite operand and 0.
  const abs = b.op(`${p.lanes}.abs`, [result]);
  const infinite = b.op(`${p.lanes}.eq`, [abs, splat(b, p, constant(b, p, Infinity))]);
  const operandsFinite = and(b, isFiniteLanes(b, p, x), isFiniteLanes(b, p, y));
  const exceeded = and(b, infinite, operandsFinite);
  const yZero = b.op(`${p.lanes}.eq`, [y, splat(b, p, constant(b, p, 0))]);
  raiseFlag(b, MXCSR_IE, anyTrue(b, or(b, invalidResult, signalling)));
  raiseFlag(b, MXCSR_ZE, anyTrue(b, and(b, exceeded, yZero)));
  raiseFlag(b, MXCSR_OE, anyTrue(b, andNot(b, exceeded, yZero)));
  return bitselect(
    b,
    xNaN,
    or(b, x, quiet),
    bitselect(b, yNaN, or(b, y, quiet), bitselect(b, invalidResult, splatBytes(b, p.defaultNaN), result)),
  );
};

/** MXCSR.RC (i32): 0 nearest (even), 1 down, 2 up, 3 towards zero. */
export const roundingMode = (b: Builder): Val =>
  b.and(b.shrU(b.readState(MXCSR, "i32"), b.i32(MXCSR_RC_SHIFT)), b.i32(3));

/** Rounds to an integer in a mode numbered as in MXCSR.RC. */
export const roundIn = (b: Builder, shape: "f64" | "f64x2" | "f32x4", x: Val, mode: Val): Val => {
  const rounded = b.local(b.op(`${shape}.nearest`, [x]));
  b.if(mode, () => {
    const down = b.op(`${shape}.floor`, [x]);
    const up = b.op(`${shape}.ceil`, [x]);
    const truncated = b.op(`${shape}.trunc`, [x]);
    rounded.set(b.select(b.eq(mode, b.i32(1)), down, b.select(b.eq(mode, b.i32(2)), up, truncated)));
  });
  return rounded.get();
};

/** Rounds to an integer in the mode of MXCSR.RC. */
export const roundToInteger = (b: Builder, shape: "f64" | "f64x2" | "f32x4", x: Val): Val =>
  roundIn(b, shape, x, roundingMode(b));
