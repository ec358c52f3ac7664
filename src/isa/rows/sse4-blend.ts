/** SSE4.1: blends, inserts and extracts of lanes (SDM Vol. 1, 12.8.4 and 12.8.5). */
import type { Builder, Operand, Val } from "../builder.ts";
import { splatBytes } from "../float.ts";
import type { Meaning, Row } from "../types.ts";
import { imm8, lowDword, row } from "./sse-values.ts";

const XMM0 = 0;

/** Lanes of the source where `mask` is set, else those of the destination. */
const choose = (b: Builder, dst: Operand, src: Operand, mask: Val): void =>
  dst.write(b.op("v128.bitselect", [src.read(), dst.read(), mask]));

type Shape = "i8x16" | "i16x8" | "i32x4" | "i64x2";
const BYTES = { i8x16: 1, i16x8: 2, i32x4: 4, i64x2: 8 } as const;

/** Lane `n` of the result is all ones if bit `n` of the number (i32) is set. */
const lanesOfBits = (b: Builder, shape: "i16x8" | "i32x4" | "i64x2", bits: Val): Val => {
  const bytes = BYTES[shape];
  const weights = b.v128(Array.from({ length: 16 }, (_, i) => (i % bytes === 0 ? 1 << (i / bytes) : 0)));
  const splat = b.op(`${shape}.splat`, [shape === "i64x2" ? b.extendU(bits) : bits]);
  return b.op(`${shape}.eq`, [b.op("v128.and", [splat, weights]), weights]);
};

const blendByImmediate =
  (shape: "i16x8" | "i32x4" | "i64x2"): Meaning =>
  (b, dst, src, imm) =>
    choose(b, dst, src, lanesOfBits(b, shape, imm8(b, imm)));

/** The sign of each lane of XMM0 chooses. */
const blendBySign =
  (shape: "i8x16" | "i32x4" | "i64x2"): Meaning =>
  (b, dst, src) =>
    choose(b, dst, src, b.op(`${shape}.shr_s`, [b.readXmm(XMM0), b.i32(8 * BYTES[shape] - 1)]));

// ---- one lane, whose number is the low bits of the immediate

/** The lane in the low bits of an i32, or as an i64; those of i32 have what is above it in their upper bits. */
const extractLane = (b: Builder, shape: Shape, x: Val, imm: Operand): Val => {
  const bytes = BYTES[shape];
  const number = b.and(imm8(b, imm), b.i32(16 / bytes - 1));
  const high = b.and(number, b.i32(8 / bytes));
  const half = b.select(high, b.op("i64x2.extract_lane", [x], [1]), b.op("i64x2.extract_lane", [x], [0]));
  if (shape === "i64x2") return half;
  const shift = b.mul(b.and(number, b.i32(8 / bytes - 1)), b.i32(8 * bytes));
  return b.wrap(b.shrU(half, b.extendU(shift)));
};

const extract =
  (shape: Shape): Meaning =>
  (b, dst, src, imm) => {
    const lane = extractLane(b, shape, src.read(), imm);
    const bits = (8 * BYTES[shape]) as 8 | 16 | 32 | 64;
    dst.write(b.zeroExtend(bits, lane));
  };

const LANE_NUMBERS = (shape: Shape): readonly number[] =>
  Array.from({ length: 16 }, (_, i) => (i % BYTES[shape] === 0 ? i / BYTES[shape] : 0));

const insertLane = (b: Builder, shape: Shape, x: Val, value: Val, number: Val): Val => {
  const splat = b.op(`${shape}.splat`, [shape === "i64x2" ? b.extendU(number) : number]);
  const chosen = b.op(`${shape}.eq`, [splat, b.v128(LANE_NUMBERS(shape))]);
  return b.op("v128.bitselect", [b.op(`${shape}.splat`, [value]), x, chosen]);
};

const insert =
  (shape: Shape): Meaning =>
  (b, dst, src, imm) => {
    const number = b.and(imm8(b, imm), b.i32(16 / BYTES[shape] - 1));
    dst.write(insertLane(b, shape, dst.read(), src.read(), number));
  };

/**
 * INSERTPS: the lane of the source that bits 7:6 choose (of memory there is only one) into lane 5:4 of the destination; then
 * lanes named by bits 3:0 are cleared.
 */
const insertSingle: Meaning = (b, dst, src, imm) => {
  const control = imm8(b, imm);
  const field = (at: number): Val => b.and(b.shrU(control, b.i32(at)), b.i32(3));
  const value = src.kind === "xmm" ? selectDword(b, src.read(), field(6)) : lowDword(b, src);
  const inserted = insertLane(b, "i32x4", dst.read(), value, field(4));
  dst.write(b.op("v128.andnot", [inserted, lanesOfBits(b, "i32x4", control)]));
};

const selectDword = (b: Builder, x: Val, number: Val): Val => {
  const bytes = b.op("v128.or", [
    b.op("i32x4.splat", [b.mul(number, b.i32(0x0404_0404))]),
    splatBytes(b, [0, 1, 2, 3]),
  ]);
  return b.op("i32x4.extract_lane", [b.op("i8x16.swizzle", [x, bytes])], [0]);
};

const blend = (name: string, opcode: string, meaning: Meaning, frequency = 0): Row =>
  row(name, `66 0F 3A ${opcode} /r ib`, "+Vdq,Wdq,Ib", meaning, "sse4.1", { frequency });
const variableBlend = (name: string, opcode: string, meaning: Meaning): Row =>
  row(name, `66 0F 38 ${opcode} /r`, "+Vdq,Wdq", meaning, "sse4.1", { frequency: 0.1, note: "XMM0 is the mask" });

export const sse4BlendRows: readonly Row[] = [
  variableBlend("PBLENDVB", "10", blendBySign("i8x16")),
  variableBlend("BLENDVPS", "14", blendBySign("i32x4")),
  variableBlend("BLENDVPD", "15", blendBySign("i64x2")),
  blend("BLENDPS", "0C", blendByImmediate("i32x4"), 0.1),
  blend("BLENDPD", "0D", blendByImmediate("i64x2"), 0.1),
  blend("PBLENDW", "0E", blendByImmediate("i16x8"), 0.2),
  row("PEXTRB", "66 0F 3A 14 /r ib", "=Rd,Vdq,Ib", extract("i8x16"), "sse4.1", { frequency: 0.2 }),
  row("PEXTRB", "66 0F 3A 14 /r ib", "=Mb,Vdq,Ib", extract("i8x16"), "sse4.1"),
  row("PEXTRW", "66 0F 3A 15 /r ib", "=Rd,Vdq,Ib", extract("i16x8"), "sse4.1"),
  row("PEXTRW", "66 0F 3A 15 /r ib", "=Mw,Vdq,Ib", extract("i16x8"), "sse4.1", { frequency: 0.1 }),
  row("PEXTRD", "66 REX.0 0F 3A 16 /r ib", "=Ed,Vdq,Ib", extract("i32x4"), "sse4.1", { frequency: 0.5 }),
  row("PEXTRQ", "66 REX.W 0F 3A 16 /r ib", "=Eq,Vdq,Ib", extract("i64x2"), "sse4.1", { frequency: 1 }),
  row("EXTRACTPS", "66 0F 3A 17 /r ib", "=Ed,Vdq,Ib", extract("i32x4"), "sse4.1", { frequency: 0.1 }),
  row("PINSRB", "66 0F 3A 20 /r ib", "+Vdq,Rd,Ib", insert("i8x16"), "sse4.1"),
  row("PINSRB", "66 0F 3A 20 /r ib", "+Vdq,Mb,Ib", insert("i8x16"), "sse4.1", { frequency: 0.1 }),
  row("INSERTPS", "66 0F 3A 21 /r ib", "+Vdq,Wd,Ib", insertSingle, "sse4.1", { frequency: 0.1 }),
  row("PINSRD", "66 REX.0 0F 3A 22 /r ib", "+Vdq,Ed,Ib", insert("i32x4"), "sse4.1", { frequency: 0.5 }),
  row("PINSRQ", "66 REX.W 0F 3A 22 /r ib", "+Vdq,Eq,Ib", insert("i64x2"), "sse4.1", { frequency: 1 }),
];
