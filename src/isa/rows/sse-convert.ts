/** SSE and SSE2: conversions between integers, singles and doubles (SDM Vol. 1, 10.4.3, 11.4.1.6 and 11.4.2). */
import type { Builder, Helper, Operand, Val } from "../builder.ts";
import {
  anyNotFinite,
  DOUBLE,
  isNaNLanes,
  isSignallingLanes,
  MXCSR_IE,
  MXCSR_OE,
  notFinite,
  type Precision,
  raiseFlag,
  roundToInteger,
  SINGLE,
  splatBytes,
} from "../float.ts";
import type { Meaning, Row } from "../types.ts";
import { scalar, writeScalar } from "./sse-float.ts";
import { fromQword, row, shuffle, zero } from "./sse-values.ts";

// ---- integer to float: PE is the only flag they can raise

const fromInteger =
  (p: Precision): Meaning =>
  (b, dst, src) =>
    writeScalar(b, p, dst, b.op(`${p.scalar}.convert_i${src.bits as 32 | 64}_s`, [src.read()]));

/** The low 64 bits of a register, or a 64-bit memory operand, as v128 whose upper half does not matter. */
const lowHalf = (b: Builder, o: Operand): Val => (o.kind === "xmm" ? o.read() : fromQword(b, o.read()));

const dwordsToSingles: Meaning = (b, dst, src) => dst.write(b.op("f32x4.convert_i32x4_s", [src.read()]));
const dwordsToDoubles: Meaning = (b, dst, src) => dst.write(b.op("f64x2.convert_low_i32x4_s", [lowHalf(b, src)]));

// ---- float to integer: what does not fit gives the integer indefinite (only the sign bit set) and IE

/** The least value that fits, and the least power of two above those that fit. */
const BOUND = { 32: 2 ** 31, 64: 2 ** 63 } as const;

const toInteger =
  (p: Precision, truncate: boolean): Meaning =>
  (b, dst, src) => {
    const bits = dst.bits as 32 | 64;
    const source = scalar(b, p, src);
    // Singles are exact as doubles, and a NaN needs only to stay one.
    const x = p === SINGLE ? b.op("f64.promote_f32", [source]) : source;
    const rounded = truncate ? b.op("f64.trunc", [x]) : roundToInteger(b, "f64", x);
    const fits = b.and(b.op("f64.ge", [rounded, b.f64(-BOUND[bits])]), b.op("f64.lt", [rounded, b.f64(BOUND[bits])]));
    const indefinite = bits === 64 ? b.i64(-(2n ** 63n)) : b.i32(-(2 ** 31));
    const result = b.select(fits, b.op(`i${bits}.trunc_sat_f64_s`, [rounded]), indefinite);
    b.if(b.eqz(fits), () => raiseFlag(b, MXCSR_IE));
    dst.write(result);
  };

const INDEFINITE_DWORD = [0, 0, 0, 0x80];

const singlesToDwords =
  (truncate: boolean): Meaning =>
  (b, dst, src) => {
    const x = src.read();
    const rounded = truncate ? b.op("f32x4.trunc", [x]) : roundToInteger(b, "f32x4", x);
    const bound = (v: number): Val => b.op("f32x4.splat", [b.f32(v)]);
    const fits = b.op("v128.and", [
      b.op("f32x4.ge", [rounded, bound(-(2 ** 31))]),
      b.op("f32x4.lt", [rounded, bound(2 ** 31)]),
    ]);
    const result = b.local(b.op("i32x4.trunc_sat_f32x4_s", [rounded]));
    b.if(b.ne(b.op("i32x4.bitmask", [fits]), b.i32(15)), () => {
      result.set(b.op("v128.bitselect", [result.get(), splatBytes(b, INDEFINITE_DWORD), fits]));
      raiseFlag(b, MXCSR_IE);
    });
    dst.write(result.get());
  };

/** Two doubles to two dwords; the upper half of the result is 0. */
const doublesToDwords =
  (truncate: boolean): Meaning =>
  (b, dst, src) => {
    const x = src.read();
    const rounded = truncate ? b.op("f64x2.trunc", [x]) : roundToInteger(b, "f64x2", x);
    const bound = (v: number): Val => b.op("f64x2.splat", [b.f64(v)]);
    const fits = b.op("v128.and", [
      b.op("f64x2.ge", [rounded, bound(-(2 ** 31))]),
      b.op("f64x2.lt", [rounded, bound(2 ** 31)]),
    ]);
    const result = b.local(b.op("i32x4.trunc_sat_f64x2_s_zero", [rounded]));
    b.if(b.ne(b.op("i64x2.bitmask", [fits]), b.i32(3)), () => {
      const low = shuffle(b, 4, fits, zero(b), [0, 2, 4, 4]);
      const indefinite = b.v128([...INDEFINITE_DWORD, ...INDEFINITE_DWORD, 0, 0, 0, 0, 0, 0, 0, 0]);
      result.set(b.op("v128.bitselect", [result.get(), indefinite, low]));
      raiseFlag(b, MXCSR_IE);
    });
    dst.write(result.get());
  };

// ---- between single and double: a NaN keeps its sign and the upper bits of its payload, and becomes quiet

const shiftLanes = (b: Builder, op: "shl" | "shr_u", x: Val, bits: number): Val =>
  b.op(`i64x2.${op}`, [x, b.i32(bits)]);

/** What is wrong with `result`, the doubles of the two low singles of `x`, corrected. */
const widenHelper: Helper = {
  name: "float_widen",
  params: ["v128", "v128"],
  results: ["v128"],
  build: (b, singles, result) => {
    const x = b.op("i64x2.extend_low_i32x4_u", [singles as Val]);
    const sign = b.op("v128.and", [shiftLanes(b, "shl", x, 32), splatBytes(b, DOUBLE.signBit)]);
    const fraction = shiftLanes(b, "shr_u", shiftLanes(b, "shl", x, 41), 12);
    const quietNaN = splatBytes(b, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
    const nan = b.op("v128.or", [b.op("v128.or", [sign, fraction]), quietNaN]);
    // Lanes of x above the low halves are 0, hence no NaNs.
    raiseFlag(b, MXCSR_IE, b.op("v128.any_true", [isSignallingLanes(b, SINGLE, x)]));
    return [b.op("v128.bitselect", [nan, result as Val, isNaNLanes(b, DOUBLE, result as Val)])];
  },
};

/** What is wrong with `result`, the singles of the two doubles `x` with zeros above, corrected. */
const narrowHelper: Helper = {
  name: "float_narrow",
  params: ["v128", "v128"],
  results: ["v128"],
  build: (b, doubles, result) => {
    const x = doubles as Val;
    const infinity = b.op("f64x2.splat", [b.f64(Infinity)]);
    const finite = b.op("f64x2.lt", [b.op("f64x2.abs", [x]), infinity]);
    const sign = b.op("v128.and", [shiftLanes(b, "shr_u", x, 32), splatBytes(b, [0, 0, 0, 0x80, 0, 0, 0, 0])]);
    const fraction = shiftLanes(b, "shr_u", shiftLanes(b, "shl", x, 12), 41);
    const quietNaN = splatBytes(b, [0, 0, 0xc0, 0x7f, 0, 0, 0, 0]);
    const nan = b.op("v128.or", [b.op("v128.or", [sign, fraction]), quietNaN]);
    const low = (lanes: Val): Val => shuffle(b, 4, lanes, zero(b), [0, 2, 4, 4]);

    const abs = b.op("f32x4.abs", [result as Val]);
    const infinite = b.op("f32x4.eq", [abs, b.op("f32x4.splat", [b.f32(Infinity)])]);
    raiseFlag(b, MXCSR_IE, b.op("v128.any_true", [isSignallingLanes(b, DOUBLE, x)]));
    raiseFlag(b, MXCSR_OE, b.op("v128.any_true", [b.op("v128.and", [infinite, low(finite)])]));
    return [b.op("v128.bitselect", [low(nan), result as Val, low(isNaNLanes(b, DOUBLE, x))])];
  },
};

const singlesToDoubles: Meaning = (b, dst, src) => {
  const x = lowHalf(b, src);
  const result = b.local(b.op("f64x2.promote_low_f32x4", [x]));
  b.if(anyNotFinite(b, DOUBLE, result.get()), () => {
    result.set(b.call(widenHelper, x, result.get())[0] as Val);
  });
  dst.write(result.get());
};

const doublesToSingles: Meaning = (b, dst, src) => {
  const x = src.read();
  const result = b.local(b.op("f32x4.demote_f64x2_zero", [x]));
  b.if(anyNotFinite(b, SINGLE, result.get()), () => {
    result.set(b.call(narrowHelper, x, result.get())[0] as Val);
  });
  dst.write(result.get());
};

const singleToDouble: Meaning = (b, dst, src) => {
  const x = scalar(b, SINGLE, src);
  const result = b.local(b.op("f64.promote_f32", [x]));
  b.if(notFinite(b, DOUBLE, result.get()), () => {
    const lanes = b.call(widenHelper, b.op("f32x4.splat", [x]), b.op("f64x2.splat", [result.get()]));
    result.set(b.op("f64x2.extract_lane", [lanes[0] as Val], [0]));
  });
  writeScalar(b, DOUBLE, dst, result.get());
};

const doubleToSingle: Meaning = (b, dst, src) => {
  const x = scalar(b, DOUBLE, src);
  const result = b.local(b.op("f32.demote_f64", [x]));
  b.if(notFinite(b, SINGLE, result.get()), () => {
    const lanes = b.call(narrowHelper, b.op("f64x2.splat", [x]), b.op("f32x4.splat", [result.get()]));
    result.set(b.op("f32x4.extract_lane", [lanes[0] as Val], [0]));
  });
  writeScalar(b, SINGLE, dst, result.get());
};

export const sseConvertRows: readonly Row[] = [
  row("CVTSI2SS", "F3 0F 2A /r", "+Vss,Ey", fromInteger(SINGLE), "sse", { frequency: 1.5 }),
  row("CVTSI2SD", "F2 0F 2A /r", "+Vsd,Ey", fromInteger(DOUBLE), "sse2", { frequency: 5 }),
  row("CVTTSS2SI", "F3 0F 2C /r", "=Gy,Wss", toInteger(SINGLE, true), "sse", { frequency: 1 }),
  row("CVTTSD2SI", "F2 0F 2C /r", "=Gy,Wsd", toInteger(DOUBLE, true), "sse2", { frequency: 3 }),
  row("CVTSS2SI", "F3 0F 2D /r", "=Gy,Wss", toInteger(SINGLE, false), "sse"),
  row("CVTSD2SI", "F2 0F 2D /r", "=Gy,Wsd", toInteger(DOUBLE, false), "sse2"),
  row("CVTSS2SD", "F3 0F 5A /r", "+Vsd,Wss", singleToDouble, "sse2", { frequency: 2 }),
  row("CVTSD2SS", "F2 0F 5A /r", "+Vss,Wsd", doubleToSingle, "sse2", { frequency: 1.5 }),
  row("CVTPS2PD", "NP 0F 5A /r", "=Vpd,Wq", singlesToDoubles, "sse2", { frequency: 0.5 }),
  row("CVTPD2PS", "66 0F 5A /r", "=Vps,Wpd", doublesToSingles, "sse2", { frequency: 0.2 }),
  row("CVTDQ2PS", "NP 0F 5B /r", "=Vps,Wdq", dwordsToSingles, "sse2", { frequency: 0.2 }),
  row("CVTPS2DQ", "66 0F 5B /r", "=Vdq,Wps", singlesToDwords(false), "sse2"),
  row("CVTTPS2DQ", "F3 0F 5B /r", "=Vdq,Wps", singlesToDwords(true), "sse2", { frequency: 0.2 }),
  row("CVTDQ2PD", "F3 0F E6 /r", "=Vpd,Wq", dwordsToDoubles, "sse2", { frequency: 0.5 }),
  row("CVTPD2DQ", "F2 0F E6 /r", "=Vdq,Wpd", doublesToDwords(false), "sse2"),
  row("CVTTPD2DQ", "66 0F E6 /r", "=Vdq,Wpd", doublesToDwords(true), "sse2", { frequency: 0.2 }),
];
