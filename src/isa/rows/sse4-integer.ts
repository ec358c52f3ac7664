/** SSE4.1 and SSE4.2: integer arithmetic, comparison, widening (SDM Vol. 1, 12.8 and 12.10). */
import type { Builder, Operand, Val } from "../builder.ts";
import { splatBytes } from "../float.ts";
import { AF, CF, type Feature, type Meaning, OF, PF, type Row, SF, ZF } from "../types.ts";
import { BYTE_NUMBERS, binary, fromDword, fromQword, imm8, row, shuffle, swizzle, zero } from "./sse-values.ts";

/** The 64-bit products of the even dwords. */
const multiplyEven: Meaning = (b, dst, src) => {
  const x = dst.read();
  const y = src.read();
  const even = [0, 2, 0, 2];
  dst.write(b.op("i64x2.extmul_low_i32x4_s", [shuffle(b, 4, x, x, even), shuffle(b, 4, y, y, even)]));
};

/**
 * The least word into bits 15:0, the number of the first lane that has it into bits 18:16. Lanes are compared as dwords of
 * word and number, so the lower number wins.
 */
const leastWord: Meaning = (b, dst, src) => {
  const x = src.read();
  const numbered = (half: "low" | "high", numbers: readonly number[]): Val => {
    const words = b.op(`i32x4.extend_${half}_i16x8_u`, [x]);
    return b.op("v128.or", [
      b.op("i32x4.shl", [words, b.i32(16)]),
      b.v128(numbers.flatMap((number) => [number, 0, 0, 0])),
    ]);
  };
  let least = b.op("i32x4.min_u", [numbered("low", [0, 1, 2, 3]), numbered("high", [4, 5, 6, 7])]);
  for (const lanes of [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ]) {
    least = b.op("i32x4.min_u", [least, shuffle(b, 4, least, least, lanes)]);
  }
  dst.write(fromDword(b, b.rotl(b.op("i32x4.extract_lane", [least], [0]), b.i32(16))));
};

/**
 * Eight sums of four absolute differences: the dword of the source that bits 1:0 of the immediate choose, against the
 * destination from byte 0 to 7 on, or (bit 2) from byte 4 to 11.
 */
const sumsOfDifferences: Meaning = (b, dst, src, imm) => {
  const control = imm8(b, imm);
  const start = b.op("i8x16.splat", [b.and(control, b.i32(4))]);
  const block = b.op("i8x16.splat", [b.shl(b.and(control, b.i32(3)), b.i32(2))]);
  const [x, y] = [dst.read(), src.read()];
  let sums = zero(b);
  for (let k = 0; k < 4; k++) {
    const from = b.op("i8x16.add", [start, b.v128(BYTE_NUMBERS.map((i) => i + k))]);
    const words = b.op("i16x8.extend_low_i8x16_u", [swizzle(b, x, from)]);
    const chosen = swizzle(b, y, b.op("i8x16.add", [block, splatBytes(b, [k])]));
    const against = b.op("i16x8.extend_low_i8x16_u", [chosen]);
    sums = b.op("i16x8.add", [sums, b.op("i16x8.abs", [b.op("i16x8.sub", [words, against])])]);
  }
  dst.write(sums);
};

/** ZF: source AND destination is 0; CF: source AND NOT destination is 0 (SDM Vol. 2, PTEST). */
const ptest: Meaning = (b, first, second) => {
  const x = first.read();
  const y = second.read();
  const isZero = (v: Val): Val => b.eqz(b.op("v128.any_true", [v]));
  const clear = (): Val => b.i32(0);
  b.setFlags({
    bits: 32,
    zf: () => isZero(b.op("v128.and", [x, y])),
    cf: () => isZero(b.op("v128.andnot", [y, x])),
    of: clear,
    sf: clear,
    af: clear,
    pf: clear,
  });
};

/** The low lanes that are to be widened, from a register or from as much memory as they take. */
const lowLanes = (b: Builder, o: Operand): Val =>
  o.kind === "xmm" ? o.read() : o.bits === 64 ? fromQword(b, o.read()) : fromDword(b, o.read());

const WIDENINGS = {
  b: "i16x8.extend_low_i8x16",
  w: "i32x4.extend_low_i16x8",
  d: "i64x2.extend_low_i32x4",
} as const;

const widen =
  (steps: readonly (keyof typeof WIDENINGS)[], sign: "s" | "u"): Meaning =>
  (b, dst, src) =>
    dst.write(steps.reduce((v, step) => b.op(`${WIDENINGS[step]}_${sign}`, [v]), lowLanes(b, src)));

/** From, to, source operand and steps, in the order of the opcodes 20 to 25 and 30 to 35. */
const CONVERSIONS = [
  ["BW", "Wq", ["b"], 0.3],
  ["BD", "Wd", ["b", "w"], 0.1],
  ["BQ", "Ww", ["b", "w", "d"], 0],
  ["WD", "Wq", ["w"], 0.3],
  ["WQ", "Wd", ["w", "d"], 0],
  ["DQ", "Wq", ["d"], 0.3],
] as const;

const widenings = (name: string, first: number, sign: "s" | "u"): readonly Row[] =>
  CONVERSIONS.map(([lanes, source, steps, frequency], i) =>
    row(
      name + lanes,
      `66 0F 38 ${(first + i).toString(16).toUpperCase()} /r`,
      `=Vdq,${source}`,
      widen(steps, sign),
      "sse4.1",
      { frequency },
    ),
  );

const form = (name: string, opcode: string, meaning: Meaning, frequency = 0, feature: Feature = "sse4.1"): Row =>
  row(name, `66 0F 38 ${opcode} /r`, "+Vdq,Wdq", meaning, feature, { frequency });

export const sse4IntegerRows: readonly Row[] = [
  row("PTEST", "66 0F 38 17 /r", "Vdq,Wdq", ptest, "sse4.1", {
    flags: { write: CF | PF | AF | ZF | SF | OF },
    frequency: 0.5,
  }),
  ...widenings("PMOVSX", 0x20, "s"),
  form("PMULDQ", "28", multiplyEven),
  form("PCMPEQQ", "29", binary("i64x2.eq"), 0.2),
  row("MOVNTDQA", "66 0F 38 2A /r", "=Vdq,Mdq", (_b, dst, src) => dst.write(src.read()), "sse4.1"),
  form("PACKUSDW", "2B", binary("i16x8.narrow_i32x4_u"), 0.1),
  ...widenings("PMOVZX", 0x30, "u"),
  form("PCMPGTQ", "37", binary("i64x2.gt_s"), 0.1, "sse4.2"),
  form("PMINSB", "38", binary("i8x16.min_s")),
  form("PMINSD", "39", binary("i32x4.min_s"), 0.2),
  form("PMINUW", "3A", binary("i16x8.min_u")),
  form("PMINUD", "3B", binary("i32x4.min_u"), 0.2),
  form("PMAXSB", "3C", binary("i8x16.max_s")),
  form("PMAXSD", "3D", binary("i32x4.max_s"), 0.2),
  form("PMAXUW", "3E", binary("i16x8.max_u")),
  form("PMAXUD", "3F", binary("i32x4.max_u"), 0.2),
  form("PMULLD", "40", binary("i32x4.mul"), 0.5),
  row("PHMINPOSUW", "66 0F 38 41 /r", "=Vdq,Wdq", leastWord, "sse4.1"),
  row("MPSADBW", "66 0F 3A 42 /r ib", "+Vdq,Wdq,Ib", sumsOfDifferences, "sse4.1"),
];
