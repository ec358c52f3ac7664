/** SSE2: integer arithmetic, logic, comparison and shifts on XMM registers (SDM Vol. 1, 11.4.2). */
import type { Builder, Operand, Val } from "../builder.ts";
import { splatBytes } from "../float.ts";
import type { Meaning, Row } from "../types.ts";
import { andNot, BYTE_NUMBERS, binary, imm8, row, shuffle, swizzle, zero } from "./sse-values.ts";

/** The high 16 bits of the 32-bit products. */
const multiplyHigh =
  (sign: "s" | "u"): Meaning =>
  (b, dst, src) => {
    const x = dst.read();
    const y = src.read();
    const low = b.op(`i32x4.extmul_low_i16x8_${sign}`, [x, y]);
    const high = b.op(`i32x4.extmul_high_i16x8_${sign}`, [x, y]);
    dst.write(shuffle(b, 2, low, high, [1, 3, 5, 7, 9, 11, 13, 15]));
  };

/** The 64-bit products of the even dwords. */
const multiplyEven: Meaning = (b, dst, src) => {
  const x = dst.read();
  const y = src.read();
  const even = [0, 2, 0, 2];
  dst.write(b.op("i64x2.extmul_low_i32x4_u", [shuffle(b, 4, x, x, even), shuffle(b, 4, y, y, even)]));
};

/** Sums of absolute differences of bytes: of the low eight into bits 15:0, of the high eight into bits 79:64. */
const sumOfDifferences: Meaning = (b, dst, src) => {
  const x = dst.read();
  const y = src.read();
  const difference = b.op("v128.or", [b.op("i8x16.sub_sat_u", [x, y]), b.op("i8x16.sub_sat_u", [y, x])]);
  const words = b.op("i16x8.extadd_pairwise_i8x16_u", [difference]);
  const dwords = b.op("i32x4.extadd_pairwise_i16x8_u", [words]);
  const sums = b.op("i64x2.add", [dwords, b.op("i64x2.shr_u", [dwords, b.i32(32)])]);
  dst.write(b.op("v128.and", [sums, splatBytes(b, [0xff, 0xff, 0, 0, 0, 0, 0, 0])]));
};

type Shape = "i16x8" | "i32x4" | "i64x2";
const widthOf = { i16x8: 16, i32x4: 32, i64x2: 64 } as const;

/** A logical shift by `count` (i32), which gives 0 when `inRange` (i32) is 0. */
const shiftLogical = (b: Builder, name: string, x: Val, count: Val, inRange: Val): Val =>
  b.select(inRange, b.op(name, [x, count]), zero(b));

/** The count of a shift by register or memory is the low qword of the source (i64), for every lane. */
const registerCount = (b: Builder, src: Operand): Val => b.op("i64x2.extract_lane", [src.read()], [0]);

const shiftByRegister =
  (shape: Shape, kind: "shl" | "shr_u"): Meaning =>
  (b, dst, src) => {
    const count = registerCount(b, src);
    const inRange = b.ltU(count, b.i64(widthOf[shape]));
    dst.write(shiftLogical(b, `${shape}.${kind}`, dst.read(), b.wrap(count), inRange));
  };

const shiftByImmediate =
  (shape: Shape, kind: "shl" | "shr_u"): Meaning =>
  (b, dst, imm) => {
    const count = imm8(b, imm);
    const inRange = b.ltU(count, b.i32(widthOf[shape]));
    dst.write(shiftLogical(b, `${shape}.${kind}`, dst.read(), count, inRange));
  };

/** Arithmetic shifts by more than the width fill with the sign, as a shift by width - 1 does. */
const shiftArithmeticByRegister =
  (shape: "i16x8" | "i32x4"): Meaning =>
  (b, dst, src) => {
    const count = registerCount(b, src);
    const most = b.i32(widthOf[shape] - 1);
    const limited = b.select(b.ltU(count, b.i64(widthOf[shape])), b.wrap(count), most);
    dst.write(b.op(`${shape}.shr_s`, [dst.read(), limited]));
  };

const shiftArithmeticByImmediate =
  (shape: "i16x8" | "i32x4"): Meaning =>
  (b, dst, imm) => {
    const count = imm8(b, imm);
    const most = b.i32(widthOf[shape] - 1);
    dst.write(b.op(`${shape}.shr_s`, [dst.read(), b.select(b.ltU(count, most), count, most)]));
  };

/** Shifts of the whole register by bytes; 16 and more give 0, since a byte index outside 0 to 15 selects 0. */
const shiftBytes =
  (name: "i8x16.add" | "i8x16.sub"): Meaning =>
  (b, dst, imm) => {
    const count = imm8(b, imm);
    const bytes = b.select(b.ltU(count, b.i32(16)), count, b.i32(16));
    dst.write(swizzle(b, dst.read(), b.op(name, [b.v128(BYTE_NUMBERS), b.op("i8x16.splat", [bytes])])));
  };

/** "66 0F opcode /r" on a whole register with one WebAssembly instruction. */
const simple = (name: string, opcode: string, instruction: string, frequency = 0): Row =>
  row(name, `66 0F ${opcode} /r`, "+Vdq,Wdq", binary(instruction), "sse2", { frequency });

const arithmetic: readonly Row[] = [
  simple("PADDB", "FC", "i8x16.add", 0.5),
  simple("PADDW", "FD", "i16x8.add", 1),
  simple("PADDD", "FE", "i32x4.add", 5),
  simple("PADDQ", "D4", "i64x2.add", 2),
  simple("PADDSB", "EC", "i8x16.add_sat_s"),
  simple("PADDSW", "ED", "i16x8.add_sat_s"),
  simple("PADDUSB", "DC", "i8x16.add_sat_u"),
  simple("PADDUSW", "DD", "i16x8.add_sat_u"),
  simple("PSUBB", "F8", "i8x16.sub", 1),
  simple("PSUBW", "F9", "i16x8.sub", 0.5),
  simple("PSUBD", "FA", "i32x4.sub", 1),
  simple("PSUBQ", "FB", "i64x2.sub", 0.2),
  simple("PSUBSB", "E8", "i8x16.sub_sat_s"),
  simple("PSUBSW", "E9", "i16x8.sub_sat_s"),
  simple("PSUBUSB", "D8", "i8x16.sub_sat_u", 0.2),
  simple("PSUBUSW", "D9", "i16x8.sub_sat_u", 0.2),
  simple("PMULLW", "D5", "i16x8.mul", 0.5),
  row("PMULHW", "66 0F E5 /r", "+Vdq,Wdq", multiplyHigh("s"), "sse2", { frequency: 0.2 }),
  row("PMULHUW", "66 0F E4 /r", "+Vdq,Wdq", multiplyHigh("u"), "sse2", { frequency: 0.2 }),
  row("PMULUDQ", "66 0F F4 /r", "+Vdq,Wdq", multiplyEven, "sse2", { frequency: 2 }),
  simple("PMADDWD", "F5", "i32x4.dot_i16x8_s", 0.2),
  row("PSADBW", "66 0F F6 /r", "+Vdq,Wdq", sumOfDifferences, "sse2", { frequency: 0.2 }),
  simple("PAVGB", "E0", "i8x16.avgr_u"),
  simple("PAVGW", "E3", "i16x8.avgr_u"),
  simple("PMINUB", "DA", "i8x16.min_u", 2),
  simple("PMAXUB", "DE", "i8x16.max_u", 0.2),
  simple("PMINSW", "EA", "i16x8.min_s", 0.2),
  simple("PMAXSW", "EE", "i16x8.max_s", 0.2),
];

const comparisonAndLogic: readonly Row[] = [
  simple("PCMPEQB", "74", "i8x16.eq", 10),
  simple("PCMPEQW", "75", "i16x8.eq", 0.5),
  simple("PCMPEQD", "76", "i32x4.eq", 2),
  simple("PCMPGTB", "64", "i8x16.gt_s", 1),
  simple("PCMPGTW", "65", "i16x8.gt_s", 0.5),
  simple("PCMPGTD", "66", "i32x4.gt_s", 1),
  simple("PACKSSWB", "63", "i8x16.narrow_i16x8_s", 0.2),
  simple("PACKSSDW", "6B", "i16x8.narrow_i32x4_s", 0.2),
  simple("PACKUSWB", "67", "i8x16.narrow_i16x8_u", 1),
  simple("PAND", "DB", "v128.and", 5),
  row("PANDN", "66 0F DF /r", "+Vdq,Wdq", andNot, "sse2", { frequency: 1 }),
  simple("POR", "EB", "v128.or", 8),
  simple("PXOR", "EF", "v128.xor", 20),
];

interface Shift {
  name: string;
  /** Opcode of the form whose count is a register or memory. */
  register: string;
  /** Opcode and ModRM.reg of the form whose count is an immediate, and how often that one occurs. */
  group: string;
  frequency: number;
}

const shift = (
  { name, register, group, frequency }: Shift,
  byRegister: Meaning,
  byImmediate: Meaning,
): readonly Row[] => [
  row(name, `66 0F ${register} /r`, "+Vdq,Wdq", byRegister, "sse2"),
  row(name, `66 0F ${group} ib`, "+Udq,Ib", byImmediate, "sse2", { frequency }),
];
const logical = (of: Shift, shape: Shape, kind: "shl" | "shr_u"): readonly Row[] =>
  shift(of, shiftByRegister(shape, kind), shiftByImmediate(shape, kind));
const arithmeticRight = (of: Shift, shape: "i16x8" | "i32x4"): readonly Row[] =>
  shift(of, shiftArithmeticByRegister(shape), shiftArithmeticByImmediate(shape));

const shifts: readonly Row[] = [
  ...logical({ name: "PSRLW", register: "D1", group: "71 /2", frequency: 0.3 }, "i16x8", "shr_u"),
  ...logical({ name: "PSRLD", register: "D2", group: "72 /2", frequency: 1.5 }, "i32x4", "shr_u"),
  ...logical({ name: "PSRLQ", register: "D3", group: "73 /2", frequency: 1 }, "i64x2", "shr_u"),
  ...arithmeticRight({ name: "PSRAW", register: "E1", group: "71 /4", frequency: 0.1 }, "i16x8"),
  ...arithmeticRight({ name: "PSRAD", register: "E2", group: "72 /4", frequency: 0.3 }, "i32x4"),
  ...logical({ name: "PSLLW", register: "F1", group: "71 /6", frequency: 0.2 }, "i16x8", "shl"),
  ...logical({ name: "PSLLD", register: "F2", group: "72 /6", frequency: 1.5 }, "i32x4", "shl"),
  ...logical({ name: "PSLLQ", register: "F3", group: "73 /6", frequency: 0.8 }, "i64x2", "shl"),
  row("PSRLDQ", "66 0F 73 /3 ib", "+Udq,Ib", shiftBytes("i8x16.add"), "sse2", { frequency: 1.5 }),
  row("PSLLDQ", "66 0F 73 /7 ib", "+Udq,Ib", shiftBytes("i8x16.sub"), "sse2", { frequency: 0.5 }),
];

export const sseIntegerRows: readonly Row[] = [...arithmetic, ...comparisonAndLogic, ...shifts];
