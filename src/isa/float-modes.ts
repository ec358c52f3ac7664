/**
 * Floating point in every mode of MXCSR.
 *
 * The default mode (round to nearest, denormals as they are, all exceptions masked) is the host's own, but for NaNs and flags
 * (float.ts). Any other mode goes through softfloat.ts, where all flags are exact and unmasked exceptions raise #XM with the
 * destination unchanged; but FTZ and DAZ alone leave most results as they are, and then flags are kept as in the default mode.
 * To tell costs arithmetic nothing: the test for results that are not finite compares with a limit in
 * the state that no result is below in another mode. Both lead to the same helper, so a frequent handler has one rare exit.
 */
import { FLOAT_LIMITS, MXCSR, VECTOR_XM } from "../cpu/state.ts";
import type { Builder, Helper, Val } from "./builder.ts";
import {
  anyNeedsCare,
  anyTrue,
  constant,
  DOUBLE,
  isNaNLanes,
  isSignallingLanes,
  needsCare,
  type Precision,
  SINGLE,
  settled,
  splat,
  splatBytes,
  unordered,
} from "./float.ts";
import { BEFORE_COMPUTATION, DE, F32, F64, type Format, IE, MASKS_SHIFT } from "./softfloat.ts";
import { ADD, arithmetic, DIVIDE, MULTIPLY, SQUARE_ROOT, SUBTRACT } from "./softfloat-arithmetic.ts";

/** DAZ, the masks, RC and FTZ; and their values in the default mode (SDM Vol. 1, figure 10-3). */
const MODE = 0xffc0;
const DEFAULT_MODE = 0x1f80;
const DAZ = 0x40;
const FTZ = 0x8000;
const EXCEPTIONS = 0x3f;

export const mxcsr = (b: Builder): Val => b.readState(MXCSR, "i32");

/** i32, 1 when MXCSR is not in its default mode. */
export const unusualMode = (b: Builder): Val => isUnusual(b, mxcsr(b));
const isUnusual = (b: Builder, v: Val): Val => b.ne(b.and(v, b.i32(MODE)), b.i32(DEFAULT_MODE));

/** i32, 1 unless MXCSR is known to be in its default mode: what frequent handlers test (FLOAT_LIMITS in cpu/state.ts). */
export const mayBeUnusual = (b: Builder): Val => b.eqz(b.readState(FLOAT_LIMITS + 4, "i32"));

/** Sets the limits of results for the mode of `v`, an MXCSR (i32). */
const setLimits = (b: Builder, v: Val): void => {
  const none = splatBytes(b, [0]);
  for (const [i, p] of [DOUBLE, SINGLE].entries()) {
    b.writeState(FLOAT_LIMITS + 16 * i, b.select(isUnusual(b, v), none, splat(b, p, constant(b, p, Infinity))));
  }
};

/** LDMXCSR. */
export const writeMxcsr = (b: Builder, v: Val): void => {
  b.writeState(MXCSR, v);
  setLimits(b, v);
};

/** Those of the flags (i32) whose exceptions are not masked. */
export const unmaskedOf = (b: Builder, flags: Val): Val =>
  b.and(b.and(flags, b.xor(b.shrU(mxcsr(b), b.i32(MASKS_SHIFT)), b.i32(-1))), b.i32(EXCEPTIONS));

/**
 * Adds flags (i32) to MXCSR; raises #XM if one of them is unmasked. Then, if that is one of the operands' exceptions, nothing was
 * computed, so those of the result are not flagged (SDM Vol. 1, 11.5.4). All that the test for an unusual mode leads to comes here, so this
 * is where the CPU learns that the mode is the default one.
 */
const signalHelper: Helper = {
  name: "float_signal",
  params: ["i32"],
  results: [],
  build: (b, raised) => {
    const flags = raised as Val;
    const old = mxcsr(b);
    const unmasked = unmaskedOf(b, flags);
    b.if(unmasked, () => {
      const early = b.and(unmasked, b.i32(BEFORE_COMPUTATION));
      const flagged = b.select(early, b.and(flags, b.i32(BEFORE_COMPUTATION)), flags);
      b.raise(VECTOR_XM, () => b.writeState(MXCSR, b.or(old, flagged)));
    });
    b.writeState(MXCSR, b.or(old, flags));
    b.if(b.eqz(unusualMode(b)), () => setLimits(b, b.i32(DEFAULT_MODE)));
    return [];
  },
};

export const signal = (b: Builder, flags: Val): void => {
  b.call(signalHelper, flags);
};

// ---- arithmetic

export const OPERATIONS = { add: ADD, sub: SUBTRACT, mul: MULTIPLY, div: DIVIDE, sqrt: SQUARE_ROOT } as const;
export type Operation = keyof typeof OPERATIONS;
/** SUBTRACT in even lanes, ADD in odd ones. */
const ALTERNATE = 8;

export const formatOf = (p: Precision): Format => (p === SINGLE ? F32 : F64);
const laneCount = (p: Precision): number => (p === SINGLE ? 4 : 2);

/** The bits of a lane (i64), and a vector with a lane replaced. */
export const laneBits = (b: Builder, p: Precision, x: Val, n: number): Val => {
  const lane = b.op(`${p.ints}.extract_lane`, [x], [n]);
  return p === SINGLE ? b.extendU(lane) : lane;
};
export const withLaneBits = (b: Builder, p: Precision, x: Val, n: number, bits: Val): Val =>
  b.op(`${p.ints}.replace_lane`, [x, p === SINGLE ? b.wrap(bits) : bits], [n]);

/** The first `count` lanes of an operation, and the flags of all of them. */
const softLanesHelper = (p: Precision): Helper => ({
  name: `float_soft_${p.lanes}`,
  params: ["i32", "i32", "v128", "v128"],
  results: ["v128", "i32"],
  build: (b, op, count, x, y) => {
    const result = b.local(x as Val);
    const flags = b.local(b.i32(0));
    const mode = mxcsr(b);
    const alternates = b.eq(op as Val, b.i32(ALTERNATE));
    for (let n = 0; n < laneCount(p); n++) {
      const code = b.select(alternates, b.i32(n % 2 === 0 ? SUBTRACT : ADD), op as Val);
      b.if(b.gtS(count as Val, b.i32(n)), () => {
        const lane = (v: Val): Val => laneBits(b, p, v, n);
        const [bits, raised] = arithmetic(b, formatOf(p), code, lane(x as Val), lane(y as Val), mode);
        result.set(withLaneBits(b, p, result.get(), n, bits));
        flags.set(b.or(flags.get(), raised));
      });
    }
    return [result.get(), flags.get()];
  },
});

const SOFT_LANES = { f32x4: softLanesHelper(SINGLE), f64x2: softLanesHelper(DOUBLE) };

/** Result and flags in any mode; changes nothing. */
export const softLanes = (b: Builder, p: Precision, op: Operation, x: Val, y: Val): [Val, Val] =>
  b.call(SOFT_LANES[p.lanes], b.i32(OPERATIONS[op]), b.i32(laneCount(p)), x, y) as [Val, Val];

/**
 * Whether the host's `result` can be had for an operation in the default mode but for FTZ and DAZ, which is what compilers'
 * fast-math options set: there is no operand to flush, and no result that may have been tiny before it was rounded.
 */
const flushesOnly = (b: Builder, p: Precision, x: Val, y: Val, result: Val): Val => {
  const where = (flag: number, lanes: Val): Val =>
    b.and(anyTrue(b, lanes), b.ne(b.and(mxcsr(b), b.i32(flag)), b.i32(0)));
  const denormal = b.op("v128.or", [isDenormalLanes(b, p, x), isDenormalLanes(b, p, y)]);
  const least = splat(b, p, constant(b, p, p === SINGLE ? 2 ** -126 : 2 ** -1022));
  const border = b.op(`${p.lanes}.eq`, [b.op(`${p.lanes}.abs`, [result]), least]);
  const others = b.and(mxcsr(b), b.i32(MODE & ~(DAZ | FTZ)));
  return b.and(b.eq(others, b.i32(DEFAULT_MODE)), b.eqz(b.or(where(DAZ, denormal), where(FTZ, border))));
};

/** What becomes of `result`, the host's, when it is not finite or the mode is not the host's. */
const arithmeticHelper = (p: Precision): Helper => ({
  name: `float_arithmetic_${p.lanes}`,
  params: ["i32", "i32", "v128", "v128", "v128"],
  results: ["v128"],
  build: (b, op, count, x, y, result) => {
    const value = b.local(result as Val);
    b.if(
      unusualMode(b),
      () =>
        b.if(
          flushesOnly(b, p, x as Val, y as Val, result as Val),
          () => value.set(flushedLanes(b, p, settled(b, p, x as Val, y as Val, result as Val), FTZ)),
          () => {
            const lanes = b.call(SOFT_LANES[p.lanes], op as Val, count as Val, x as Val, y as Val);
            signal(b, lanes[1] as Val);
            value.set(lanes[0] as Val);
          },
        ),
      () => {
        setLimits(b, b.i32(DEFAULT_MODE));
        value.set(settled(b, p, x as Val, y as Val, result as Val));
      },
    );
    return [value.get()];
  },
});

const ARITHMETIC = { f32x4: arithmeticHelper(SINGLE), f64x2: arithmeticHelper(DOUBLE) };

const settleBy = (b: Builder, p: Precision, code: number, x: Val, y: Val, result: Val): Val => {
  const value = b.local(result);
  b.if(anyNeedsCare(b, p, result), () => {
    value.set(b.call(ARITHMETIC[p.lanes], b.i32(code), b.i32(laneCount(p)), x, y, result)[0] as Val);
  });
  return value.get();
};

/** x86's `x op y` in all lanes; y is x for a root. */
export const arithmeticLanes = (b: Builder, p: Precision, op: Operation, x: Val, y: Val): Val => {
  const result = b.op(`${p.lanes}.${op}`, op === "sqrt" ? [x] : [x, y]);
  return settleBy(b, p, OPERATIONS[op], x, y, result);
};

/** x - y in even lanes, x + y in odd ones. */
export const alternatingLanes = (b: Builder, p: Precision, x: Val, y: Val): Val => {
  const lane = p.signBit;
  const negateEven = b.v128([...lane, ...lane.map(() => 0), ...(p === SINGLE ? [...lane, ...lane.map(() => 0)] : [])]);
  const result = b.op(`${p.lanes}.add`, [x, b.op("v128.xor", [y, negateEven])]);
  return settleBy(b, p, ALTERNATE, x, y, result);
};

/** x86's `x op y` of scalars. */
export const arithmeticScalar = (b: Builder, p: Precision, op: Operation, x: Val, y: Val): Val => {
  const result = b.op(`${p.scalar}.${op}`, op === "sqrt" ? [x] : [x, y]);
  const value = b.local(result);
  b.if(needsCare(b, p, result), () => {
    const all = [x, y, result].map((v) => splat(b, p, v));
    const lanes = b.call(ARITHMETIC[p.lanes], b.i32(OPERATIONS[op]), b.i32(1), ...all)[0] as Val;
    value.set(b.op(`${p.lanes}.extract_lane`, [lanes], [0]));
  });
  return value.get();
};

// ---- comparisons

const exponentBits = (b: Builder, p: Precision): Val =>
  splatBytes(b, p === SINGLE ? [0, 0, 0x80, 0x7f] : [0, 0, 0, 0, 0, 0, 0xf0, 0x7f]);

const isDenormalLanes = (b: Builder, p: Precision, x: Val): Val => {
  const zero = splatBytes(b, [0]);
  const noExponent = b.op(`${p.ints}.eq`, [b.op("v128.and", [x, exponentBits(b, p)]), zero]);
  const withoutSign = b.op("v128.andnot", [x, splatBytes(b, p.signBit)]);
  return b.op("v128.and", [noExponent, b.op(`${p.ints}.ne`, [withoutSign, zero])]);
};

/** Denormals taken for zeros of their sign when DAZ (for results FTZ) is set in MXCSR. */
export const flushedLanes = (b: Builder, p: Precision, x: Val, flag = DAZ): Val => {
  const flushed = b.op("v128.bitselect", [
    b.op("v128.and", [x, splatBytes(b, p.signBit)]),
    x,
    isDenormalLanes(b, p, x),
  ]);
  return b.select(b.and(mxcsr(b), b.i32(flag)), flushed, x);
};

/**
 * The flags of a comparison: IE for a signalling NaN, and for a quiet one if `quietToo` (i32, 0 or 1); DE for a denormal, unless
 * its lane has a NaN. Returns the operands as they are to be compared.
 */
const compareHelper = (p: Precision): Helper => ({
  name: `float_compare_${p.lanes}`,
  params: ["v128", "v128", "i32"],
  results: ["v128", "v128"],
  build: (b, xIn, yIn, quietToo) => {
    const [x, y] = [flushedLanes(b, p, xIn as Val), flushedLanes(b, p, yIn as Val)];
    const or = (v: Val, w: Val): Val => b.op("v128.or", [v, w]);
    const nan = or(isNaNLanes(b, p, x), isNaNLanes(b, p, y));
    const anySignalling = anyTrue(b, or(isSignallingLanes(b, p, x), isSignallingLanes(b, p, y)));
    const invalid = b.or(anySignalling, b.and(anyTrue(b, nan), quietToo as Val));
    const denormal = or(isDenormalLanes(b, p, x), isDenormalLanes(b, p, y));
    const anyDenormal = b.and(anyTrue(b, b.op("v128.andnot", [denormal, nan])), unusualMode(b));
    signal(b, b.or(b.mul(invalid, b.i32(IE)), b.mul(anyDenormal, b.i32(DE))));
    return [x, y];
  },
});

const COMPARE = { f32x4: compareHelper(SINGLE), f64x2: compareHelper(DOUBLE) };

/** Raises what a comparison raises; gives the operands as they are to be compared. */
export const compared = (b: Builder, p: Precision, x: Val, y: Val, quietToo: Val): [x: Val, y: Val] => {
  const [first, second] = [b.local(x), b.local(y)];
  b.if(b.or(unordered(b, p, x, y), mayBeUnusual(b)), () => {
    const lanes = b.call(COMPARE[p.lanes], splat(b, p, x), splat(b, p, y), quietToo);
    first.set(b.op(`${p.lanes}.extract_lane`, [lanes[0] as Val], [0]));
    second.set(b.op(`${p.lanes}.extract_lane`, [lanes[1] as Val], [0]));
  });
  return [first.get(), second.get()];
};

/** The same in all lanes. */
export const comparedLanes = (b: Builder, p: Precision, x: Val, y: Val, quietToo: Val): [x: Val, y: Val] => {
  const [first, second] = [b.local(x), b.local(y)];
  const anyNaN = anyTrue(b, b.op("v128.or", [isNaNLanes(b, p, x), isNaNLanes(b, p, y)]));
  b.if(b.or(anyNaN, mayBeUnusual(b)), () => {
    const lanes = b.call(COMPARE[p.lanes], x, y, quietToo);
    first.set(lanes[0] as Val);
    second.set(lanes[1] as Val);
  });
  return [first.get(), second.get()];
};
