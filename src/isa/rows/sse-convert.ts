/** SSE and SSE2: conversions between integers, singles and doubles (SDM Vol. 1, 10.4.3, 11.4.1.6 and 11.4.2). */
import type { Builder, Operand, Val } from "../builder.ts";
import {
  anyNeedsCare,
  DOUBLE,
  needsCare,
  type Precision,
  roundToInteger,
  SINGLE,
  splat,
  splatBytes,
} from "../float.ts";
import { convertLanes, dwordsToSingles, flushed, integerToFloat, signalConversion } from "../float-conversions.ts";
import type { Meaning, Row } from "../types.ts";
import { scalar, writeScalar } from "./sse-float.ts";
import { fromQword, row, shuffle, zero } from "./sse-values.ts";

// ---- integer to float

const fromInteger =
  (p: Precision): Meaning =>
  (b, dst, src) =>
    writeScalar(b, p, dst, integerToFloat(b, p, src.read()));

/** The low 64 bits of a register, or a 64-bit memory operand, as v128 whose upper half does not matter. */
const lowHalf = (b: Builder, o: Operand): Val => (o.kind === "xmm" ? o.read() : fromQword(b, o.read()));

const fromDwords: Meaning = (b, dst, src) => dst.write(dwordsToSingles(b, src.read()));
const dwordsToDoubles: Meaning = (b, dst, src) => dst.write(b.op("f64x2.convert_low_i32x4_s", [lowHalf(b, src)]));

// ---- float to integer: what does not fit gives the integer indefinite (only the sign bit set) and IE

/** The least value that fits, and the least power of two above those that fit. */
const BOUND = { 32: 2 ** 31, 64: 2 ** 63 } as const;

const toInteger =
  (p: Precision, truncate: boolean): Meaning =>
  (b, dst, src) => {
    const bits = dst.bits as 32 | 64;
    const source = flushed(b, p, scalar(b, p, src));
    // Singles are exact as doubles, and a NaN needs only to stay one.
    const x = p === SINGLE ? b.op("f64.promote_f32", [source]) : source;
    const rounded = truncate ? b.op("f64.trunc", [x]) : roundToInteger(b, "f64", x);
    const fits = b.and(b.op("f64.ge", [rounded, b.f64(-BOUND[bits])]), b.op("f64.lt", [rounded, b.f64(BOUND[bits])]));
    const indefinite = bits === 64 ? b.i64(-(2n ** 63n)) : b.i32(-(2 ** 31));
    const result = b.select(fits, b.op(`i${bits}.trunc_sat_f64_s`, [rounded]), indefinite);
    signalConversion(b, b.eqz(fits), () => b.and(fits, b.op("f64.ne", [rounded, x])));
    dst.write(result);
  };

/** i32, 1 when a lane of `rounded` that fits is not what it was. */
const anyDiffer = (b: Builder, p: Precision, rounded: Val, x: Val, fits: Val): Val =>
  b.op("v128.any_true", [b.op("v128.and", [b.op(`${p.lanes}.ne`, [rounded, x]), fits])]);

const INDEFINITE_DWORD = [0, 0, 0, 0x80];

const singlesToDwords =
  (truncate: boolean): Meaning =>
  (b, dst, src) => {
    const x = flushed(b, SINGLE, src.read());
    const rounded = truncate ? b.op("f32x4.trunc", [x]) : roundToInteger(b, "f32x4", x);
    const bound = (v: number): Val => b.op("f32x4.splat", [b.f32(v)]);
    const fits = b.op("v128.and", [
      b.op("f32x4.ge", [rounded, bound(-(2 ** 31))]),
      b.op("f32x4.lt", [rounded, bound(2 ** 31)]),
    ]);
    const result = b.local(b.op("i32x4.trunc_sat_f32x4_s", [rounded]));
    const misfit = b.ne(b.op("i32x4.bitmask", [fits]), b.i32(15));
    signalConversion(b, misfit, () => anyDiffer(b, SINGLE, rounded, x, fits));
    b.if(misfit, () => result.set(b.op("v128.bitselect", [result.get(), splatBytes(b, INDEFINITE_DWORD), fits])));
    dst.write(result.get());
  };

/** Two doubles to two dwords; the upper half of the result is 0. */
const doublesToDwords =
  (truncate: boolean): Meaning =>
  (b, dst, src) => {
    const x = flushed(b, DOUBLE, src.read());
    const rounded = truncate ? b.op("f64x2.trunc", [x]) : roundToInteger(b, "f64x2", x);
    const bound = (v: number): Val => b.op("f64x2.splat", [b.f64(v)]);
    const fits = b.op("v128.and", [
      b.op("f64x2.ge", [rounded, bound(-(2 ** 31))]),
      b.op("f64x2.lt", [rounded, bound(2 ** 31)]),
    ]);
    const result = b.local(b.op("i32x4.trunc_sat_f64x2_s_zero", [rounded]));
    const misfit = b.ne(b.op("i64x2.bitmask", [fits]), b.i32(3));
    signalConversion(b, misfit, () => anyDiffer(b, DOUBLE, rounded, x, fits));
    b.if(misfit, () => {
      const low = shuffle(b, 4, fits, zero(b), [0, 2, 4, 4]);
      const indefinite = b.v128([...INDEFINITE_DWORD, ...INDEFINITE_DWORD, 0, 0, 0, 0, 0, 0, 0, 0]);
      result.set(b.op("v128.bitselect", [result.get(), indefinite, low]));
    });
    dst.write(result.get());
  };

// ---- between single and double: the host's conversion, if it gives a number and the mode is the host's

const singlesToDoubles: Meaning = (b, dst, src) => {
  const x = lowHalf(b, src);
  const result = b.local(b.op("f64x2.promote_low_f32x4", [x]));
  b.if(anyNeedsCare(b, DOUBLE, result.get()), () => result.set(convertLanes(b, SINGLE, x, 2)));
  dst.write(result.get());
};

const doublesToSingles: Meaning = (b, dst, src) => {
  const x = src.read();
  const result = b.local(b.op("f32x4.demote_f64x2_zero", [x]));
  b.if(anyNeedsCare(b, SINGLE, result.get()), () => result.set(convertLanes(b, DOUBLE, x, 2)));
  dst.write(result.get());
};

const singleToDouble: Meaning = (b, dst, src) => {
  const x = scalar(b, SINGLE, src);
  const result = b.local(b.op("f64.promote_f32", [x]));
  b.if(needsCare(b, DOUBLE, result.get()), () => {
    const lanes = convertLanes(b, SINGLE, splat(b, SINGLE, x), 1);
    result.set(b.op("f64x2.extract_lane", [lanes], [0]));
  });
  writeScalar(b, DOUBLE, dst, result.get());
};

const doubleToSingle: Meaning = (b, dst, src) => {
  const x = scalar(b, DOUBLE, src);
  const result = b.local(b.op("f32.demote_f64", [x]));
  b.if(needsCare(b, SINGLE, result.get()), () => {
    const lanes = convertLanes(b, DOUBLE, splat(b, DOUBLE, x), 1);
    result.set(b.op("f32x4.extract_lane", [lanes], [0]));
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
  row("CVTDQ2PS", "NP 0F 5B /r", "=Vps,Wdq", fromDwords, "sse2", { frequency: 0.2 }),
  row("CVTPS2DQ", "66 0F 5B /r", "=Vdq,Wps", singlesToDwords(false), "sse2"),
  row("CVTTPS2DQ", "F3 0F 5B /r", "=Vdq,Wps", singlesToDwords(true), "sse2", { frequency: 0.2 }),
  row("CVTDQ2PD", "F3 0F E6 /r", "=Vpd,Wq", dwordsToDoubles, "sse2", { frequency: 0.5 }),
  row("CVTPD2DQ", "F2 0F E6 /r", "=Vdq,Wpd", doublesToDwords(false), "sse2"),
  row("CVTTPD2DQ", "66 0F E6 /r", "=Vdq,Wpd", doublesToDwords(true), "sse2", { frequency: 0.2 }),
];
