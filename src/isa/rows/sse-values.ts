/** Small values that the meanings of SSE rows are written with: lanes of operands, constants, shuffle indices. */
import type { Builder, Operand, Val } from "../builder.ts";
import { splatBytes } from "../float.ts";
import type { Feature, Meaning, Row } from "../types.ts";

/** A row that has nothing unusual; `more` gives frequency, alignment, flags, notes. */
export const row = (
  name: string,
  encoding: string,
  operands: string,
  meaning: Meaning,
  feature: Feature,
  more: Partial<Row> = {},
): Row => ({ name, encoding, operands, meaning, feature, ...more });

export const zero = (b: Builder): Val => splatBytes(b, [0]);

/** The meaning that is one WebAssembly instruction on whole registers, destination first. */
export const binary =
  (name: string): Meaning =>
  (b, dst, src) =>
    dst.write(b.op(name, [dst.read(), src.read()]));

/** The same with one operand: the source's value, changed, into the destination. */
export const unary =
  (name: string): Meaning =>
  (b, dst, src) =>
    dst.write(b.op(name, [src.read()]));

/** NOT destination AND source; WebAssembly complements the second argument. */
export const andNot: Meaning = (b, dst, src) => dst.write(b.op("v128.andnot", [src.read(), dst.read()]));

/** The low 32 bits of an XMM register, or a 32-bit memory operand (i32). */
export const lowDword = (b: Builder, o: Operand): Val =>
  o.kind === "xmm" ? b.op("i32x4.extract_lane", [o.read()], [0]) : o.read();

/** The low 64 bits of an XMM register, or a 64-bit memory operand (i64). */
export const lowQword = (b: Builder, o: Operand): Val =>
  o.kind === "xmm" ? b.op("i64x2.extract_lane", [o.read()], [0]) : o.read();

export const highQword = (b: Builder, x: Val): Val => b.op("i64x2.extract_lane", [x], [1]);

/** An i32 in lane 0, the other lanes 0. */
export const fromDword = (b: Builder, v: Val): Val => b.op("i32x4.replace_lane", [zero(b), v], [0]);

/** An i64 in lane 0, the other lane 0. */
export const fromQword = (b: Builder, v: Val): Val => b.op("i64x2.replace_lane", [zero(b), v], [0]);

/** `x` with its low or high 64 bits replaced. */
export const withQword = (b: Builder, x: Val, lane: 0 | 1, v: Val): Val => b.op("i64x2.replace_lane", [x, v], [lane]);

/** A fixed permutation of the bytes of two vectors (0 to 15 of `x`, 16 to 31 of `y`). */
export const shuffleBytes = (b: Builder, x: Val, y: Val, lanes: readonly number[]): Val =>
  b.op("i8x16.shuffle", [x, y], lanes);

/** A fixed permutation of lanes of `width` bytes; lane n of `x` is n, lane n of `y` is 16 / width + n. */
export const shuffle = (b: Builder, width: number, x: Val, y: Val, lanes: readonly number[]): Val =>
  shuffleBytes(
    b,
    x,
    y,
    lanes.flatMap((lane) => Array.from({ length: width }, (_, i) => lane * width + i)),
  );

/** A vector of two i64. Scalar values fold to a constant in the translator, where the immediate is known. */
export const pair = (b: Builder, low: Val, high: Val): Val =>
  b.op("i64x2.replace_lane", [b.op("i64x2.splat", [low]), high], [1]);

/** The immediate byte as i32, zero-extended. */
export const imm8 = (b: Builder, imm: Operand): Val => b.zeroExtend(8, imm.read());

/**
 * Byte indices (i64, for i8x16.swizzle) of two dwords chosen by bits `at`+1:`at` and `at`+3:`at`+2 of an immediate (i64):
 * each 2-bit selector s becomes the four bytes 4s, 4s+1, 4s+2, 4s+3.
 */
export const dwordIndices = (b: Builder, imm: Val, at: number): Val => {
  const selectors = b.shrU(imm, b.i64(at));
  const spread = b.and(b.or(selectors, b.shl(selectors, b.i64(30))), b.i64(0x3_0000_0003n));
  return b.add(b.mul(spread, b.i64(0x0404_0404n)), b.i64(0x0302_0100_0302_0100n));
};

/** Byte indices (i64) of four words chosen by the four selectors of an immediate (i64), relative to the first word. */
export const wordIndices = (b: Builder, imm: Val): Val => {
  const two = b.or(imm, b.shl(imm, b.i64(14)));
  const spread = b.and(b.or(two, b.shl(two, b.i64(28))), b.i64(0x0003_0003_0003_0003n));
  return b.add(b.mul(spread, b.i64(0x0202n)), b.i64(0x0100_0100_0100_0100n));
};

/** Byte indices (i64) of the qword chosen by bit `at` of an immediate (i64). */
export const qwordIndices = (b: Builder, imm: Val, at: number): Val =>
  b.add(b.mul(b.and(b.shrU(imm, b.i64(at)), b.i64(1)), b.i64(0x0808_0808_0808_0808n)), b.i64(0x0706_0504_0302_0100n));

/** The bytes 0 to 15: as indices they change nothing. */
export const BYTE_NUMBERS: readonly number[] = Array.from({ length: 16 }, (_, i) => i);

/** Picks bytes of `x` by index; an index of 16 or more gives 0. */
export const swizzle = (b: Builder, x: Val, indices: Val): Val => b.op("i8x16.swizzle", [x, indices]);
