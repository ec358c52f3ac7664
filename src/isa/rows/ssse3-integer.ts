/** SSSE3 on XMM registers: horizontal sums, signs, PSHUFB, PALIGNR (SDM Vol. 1, 12.6). */
import type { Builder, Val } from "../builder.ts";
import { splatBytes } from "../float.ts";
import type { Meaning, Row } from "../types.ts";
import { BYTE_NUMBERS, imm8, row, shuffle, swizzle, unary, zero } from "./sse-values.ts";

/** A selector with bit 7 set gives 0, else its low four bits count; swizzle gives 0 for every index above 15. */
const shuffleByControl: Meaning = (b, dst, src) => {
  const selectors = b.op("v128.and", [src.read(), splatBytes(b, [0x8f])]);
  dst.write(swizzle(b, dst.read(), selectors));
};

/** The even lanes of destination and source (in this order) against their odd lanes. */
export const horizontal =
  (width: 2 | 4, name: string): Meaning =>
  (b, dst, src) => {
    const x = dst.read();
    const y = src.read();
    const lanes = Array.from({ length: 16 / width }, (_, i) => 2 * i);
    const even = shuffle(b, width, x, y, lanes);
    const odd = shuffle(
      b,
      width,
      x,
      y,
      lanes.map((lane) => lane + 1),
    );
    dst.write(b.op(name, [even, odd]));
  };

/** Unsigned bytes of the destination times signed bytes of the source, neighbours added with saturation. */
const multiplyAddBytes: Meaning = (b, dst, src) => {
  const x = dst.read();
  const y = src.read();
  const eight = b.i32(8);
  const signedEven = b.op("i16x8.shr_s", [b.op("i16x8.shl", [y, eight]), eight]);
  const even = b.op("i16x8.mul", [b.op("v128.and", [x, splatBytes(b, [0xff, 0])]), signedEven]);
  const odd = b.op("i16x8.mul", [b.op("i16x8.shr_u", [x, eight]), b.op("i16x8.shr_s", [y, eight])]);
  dst.write(b.op("i16x8.add_sat_s", [even, odd]));
};

/** Bits 30:15 of the rounded products. WebAssembly saturates -1 times -1, x86 leaves it at -1. */
const multiplyRound: Meaning = (b, dst, src) => {
  const x = dst.read();
  const y = src.read();
  const least = splatBytes(b, [0, 0x80]);
  const isLeast = (v: Val): Val => b.op("i16x8.eq", [v, least]);
  const saturated = b.op("v128.and", [isLeast(x), isLeast(y)]);
  dst.write(b.op("v128.xor", [b.op("i16x8.q15mulr_sat_s", [x, y]), saturated]));
};

const WIDTH = { i8x16: 8, i16x8: 16, i32x4: 32 } as const;
type Shape = keyof typeof WIDTH;

/** Negates where the source is negative, clears where it is 0. */
const sign =
  (shape: Shape): Meaning =>
  (b, dst, src) => {
    const by = src.read();
    const negative = b.op(`${shape}.shr_s`, [by, b.i32(WIDTH[shape] - 1)]);
    const negated = b.op(`${shape}.sub`, [b.op("v128.xor", [dst.read(), negative]), negative]);
    dst.write(b.op("v128.and", [negated, b.op(`${shape}.ne`, [by, zero(b)])]));
  };

/** 16 bytes of destination:source from byte `n` on; beyond its 32 bytes there are zeros. */
const alignRight = (b: Builder, high: Val, low: Val, n: Val): Val => {
  const count = b.select(b.ltU(n, b.i32(32)), n, b.i32(32));
  const fromLow = b.op("i8x16.add", [b.v128(BYTE_NUMBERS), b.op("i8x16.splat", [count])]);
  const fromHigh = b.op("i8x16.sub", [fromLow, splatBytes(b, [16])]);
  return b.op("v128.or", [swizzle(b, low, fromLow), swizzle(b, high, fromHigh)]);
};

const palignr: Meaning = (b, dst, src, imm) => dst.write(alignRight(b, dst.read(), src.read(), imm8(b, imm)));

const form = (name: string, opcode: string, meaning: Meaning, frequency = 0): Row =>
  row(name, `66 0F 38 ${opcode} /r`, "+Vdq,Wdq", meaning, "ssse3", { frequency });
const absolute = (name: string, opcode: string, shape: Shape): Row =>
  row(name, `66 0F 38 ${opcode} /r`, "=Vdq,Wdq", unary(`${shape}.abs`), "ssse3");

export const ssse3IntegerRows: readonly Row[] = [
  form("PSHUFB", "00", shuffleByControl, 1),
  form("PHADDW", "01", horizontal(2, "i16x8.add")),
  form("PHADDD", "02", horizontal(4, "i32x4.add")),
  form("PHADDSW", "03", horizontal(2, "i16x8.add_sat_s")),
  form("PMADDUBSW", "04", multiplyAddBytes),
  form("PHSUBW", "05", horizontal(2, "i16x8.sub")),
  form("PHSUBD", "06", horizontal(4, "i32x4.sub")),
  form("PHSUBSW", "07", horizontal(2, "i16x8.sub_sat_s")),
  form("PSIGNB", "08", sign("i8x16")),
  form("PSIGNW", "09", sign("i16x8")),
  form("PSIGND", "0A", sign("i32x4")),
  form("PMULHRSW", "0B", multiplyRound),
  absolute("PABSB", "1C", "i8x16"),
  absolute("PABSW", "1D", "i16x8"),
  absolute("PABSD", "1E", "i32x4"),
  row("PALIGNR", "66 0F 3A 0F /r ib", "+Vdq,Wdq,Ib", palignr, "ssse3", { frequency: 0.5 }),
];
