/** SSE and SSE2: unpack, shuffle, insert and extract (SDM Vol. 1, 10.4.2 and 11.4.1.3). */
import type { Builder, Val } from "../builder.ts";
import type { Meaning, Row } from "../types.ts";
import { dwordIndices, imm8, pair, qwordIndices, row, shuffle, swizzle, wordIndices } from "./sse-values.ts";

/** Interleaves the low (or high) lanes of `width` bytes of the destination and the source. */
const unpack = (width: number, high: boolean): Meaning => {
  const count = 16 / width;
  const first = high ? count / 2 : 0;
  const lanes = Array.from({ length: count }, (_, i) => first + (i >> 1) + (i & 1 ? count : 0));
  return (b, dst, src) => dst.write(shuffle(b, width, dst.read(), src.read(), lanes));
};

const NOTHING = -1n;
const LOW_HALF = 0x0706_0504_0302_0100n;
const HIGH_HALF = 0x0f0e_0d0c_0b0a_0908n;
const HIGH_OFFSET = 0x0808_0808_0808_0808n;

/** The low half of the result from `x`, the high half from `y`, each through its own byte indices (i64). */
const fromBoth = (b: Builder, x: Val, low: Val, y: Val, high: Val): Val =>
  b.op("v128.or", [swizzle(b, x, pair(b, low, b.i64(NOTHING))), swizzle(b, y, pair(b, b.i64(NOTHING), high))]);

const pshufd: Meaning = (b, dst, src, imm) => {
  const control = b.extendU(imm8(b, imm));
  dst.write(swizzle(b, src.read(), pair(b, dwordIndices(b, control, 0), dwordIndices(b, control, 4))));
};

const pshuflw: Meaning = (b, dst, src, imm) => {
  const low = wordIndices(b, b.extendU(imm8(b, imm)));
  dst.write(swizzle(b, src.read(), pair(b, low, b.i64(HIGH_HALF))));
};

const pshufhw: Meaning = (b, dst, src, imm) => {
  const high = b.add(wordIndices(b, b.extendU(imm8(b, imm))), b.i64(HIGH_OFFSET));
  dst.write(swizzle(b, src.read(), pair(b, b.i64(LOW_HALF), high)));
};

const shufps: Meaning = (b, dst, src, imm) => {
  const control = b.extendU(imm8(b, imm));
  dst.write(fromBoth(b, dst.read(), dwordIndices(b, control, 0), src.read(), dwordIndices(b, control, 4)));
};

const shufpd: Meaning = (b, dst, src, imm) => {
  const control = b.extendU(imm8(b, imm));
  dst.write(fromBoth(b, dst.read(), qwordIndices(b, control, 0), src.read(), qwordIndices(b, control, 1)));
};

const pextrw: Meaning = (b, dst, src, imm) => {
  const x = src.read();
  const index = imm8(b, imm);
  const half = b.select(
    b.and(index, b.i32(4)),
    b.op("i64x2.extract_lane", [x], [1]),
    b.op("i64x2.extract_lane", [x], [0]),
  );
  const shifted = b.shrU(half, b.extendU(b.shl(b.and(index, b.i32(3)), b.i32(4))));
  dst.write(b.and(b.wrap(shifted), b.i32(0xffff)));
};

const pinsrw: Meaning = (b, dst, src, imm) => {
  const lane = b.op("i16x8.splat", [b.and(imm8(b, imm), b.i32(7))]);
  const numbers = b.v128([0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0]);
  const chosen = b.op("i16x8.eq", [lane, numbers]);
  dst.write(b.op("v128.bitselect", [b.op("i16x8.splat", [src.read()]), dst.read(), chosen]));
};

export const sseShuffleRows: readonly Row[] = [
  row("UNPCKLPS", "NP 0F 14 /r", "+Vps,Wps", unpack(4, false), "sse", { frequency: 1 }),
  row("UNPCKHPS", "NP 0F 15 /r", "+Vps,Wps", unpack(4, true), "sse"),
  row("UNPCKLPD", "66 0F 14 /r", "+Vpd,Wpd", unpack(8, false), "sse2", { frequency: 2 }),
  row("UNPCKHPD", "66 0F 15 /r", "+Vpd,Wpd", unpack(8, true), "sse2", { frequency: 1 }),
  row("PUNPCKLBW", "66 0F 60 /r", "+Vdq,Wdq", unpack(1, false), "sse2", { frequency: 2 }),
  row("PUNPCKLWD", "66 0F 61 /r", "+Vdq,Wdq", unpack(2, false), "sse2", { frequency: 2 }),
  row("PUNPCKLDQ", "66 0F 62 /r", "+Vdq,Wdq", unpack(4, false), "sse2", { frequency: 2 }),
  row("PUNPCKHBW", "66 0F 68 /r", "+Vdq,Wdq", unpack(1, true), "sse2", { frequency: 0.5 }),
  row("PUNPCKHWD", "66 0F 69 /r", "+Vdq,Wdq", unpack(2, true), "sse2", { frequency: 0.5 }),
  row("PUNPCKHDQ", "66 0F 6A /r", "+Vdq,Wdq", unpack(4, true), "sse2", { frequency: 0.5 }),
  row("PUNPCKLQDQ", "66 0F 6C /r", "+Vdq,Wdq", unpack(8, false), "sse2", { frequency: 5 }),
  row("PUNPCKHQDQ", "66 0F 6D /r", "+Vdq,Wdq", unpack(8, true), "sse2", { frequency: 1 }),
  row("PSHUFD", "66 0F 70 /r ib", "=Vdq,Wdq,Ib", pshufd, "sse2", { frequency: 5 }),
  row("PSHUFLW", "F2 0F 70 /r ib", "=Vdq,Wdq,Ib", pshuflw, "sse2", { frequency: 0.5 }),
  row("PSHUFHW", "F3 0F 70 /r ib", "=Vdq,Wdq,Ib", pshufhw, "sse2", { frequency: 0.2 }),
  row("SHUFPS", "NP 0F C6 /r ib", "+Vps,Wps,Ib", shufps, "sse", { frequency: 1 }),
  row("SHUFPD", "66 0F C6 /r ib", "+Vpd,Wpd,Ib", shufpd, "sse2", { frequency: 0.2 }),
  row("PINSRW", "66 0F C4 /r ib", "+Vdq,Ew,Ib", pinsrw, "sse2"),
  row("PEXTRW", "66 0F C5 /r ib", "=Gd,Udq,Ib", pextrw, "sse2"),
];
