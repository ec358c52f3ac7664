/**
 * MMX: integer instructions, and those that SSE, SSE2 and SSSE3 added (SDM Vol. 1, 9.4, 10.4.4, 11.4.2 and 12.6). Nearly all
 * of them exist on XMM registers with the 66 prefix, and mean here what they mean there, applied to one half.
 */
import type { Builder, Operand, Val } from "../builder.ts";
import type { Feature, Meaning, Row } from "../types.ts";
import { low, mmx, mmxRow, qword, splat } from "./mmx-values.ts";
import { sseIntegerRows } from "./sse-integer.ts";
import { sseMoveRows } from "./sse-move.ts";
import { sseShuffleRows } from "./sse-shuffle.ts";
import { imm8, pair, shuffle, swizzle } from "./sse-values.ts";
import { ssse3IntegerRows } from "./ssse3-integer.ts";

/** An operand as the XMM form of its instruction takes it. */
const asVector = (b: Builder, o: Operand, read: () => Val): Operand => ({
  ...o,
  kind: "xmm",
  bits: 128,
  read,
  write: (v) => o.write(low(b, v)),
});

/** In both halves of a vector, so that indices that run over its end find the same value again. */
const inBothHalves =
  (meaning: Meaning): Meaning =>
  (b, ...operands) =>
    meaning(b, ...operands.map((o) => (isVector(o) ? asVector(b, o, () => splat(b, qword(b, o))) : o)));

/** Destination and source side by side, for instructions that narrow or add neighbours: the result is their low half. */
const sideBySide =
  (meaning: Meaning): Meaning =>
  (b, dst, src) => {
    const both = pair(b, dst.read(), src.read());
    meaning(
      b,
      asVector(b, dst, () => both),
      asVector(b, src, () => both),
    );
  };

const isVector = (o: Operand): boolean => o.kind === "mmx" || (o.kind === "mem" && o.bits === 64);

const NEIGHBOURS = /^(PACK|PHADD|PHSUB)/;
/** They have no MMX form, or one that is written below. */
const EXCLUDED = /^(PUNPCK|PSRLDQ|PSLLDQ|PALIGNR|PSHUF(D|LW|HW)|SHUF|UNPCK)/;
/** With the 66 prefix all of these are SSE2; without, those in the first list came with SSE and those in the second with SSE2. */
const SINCE_SSE = /^(PAVG[BW]|P(MIN|MAX)(UB|SW)|PMULHUW|PSADBW|PMOVMSKB|PINSRW|PEXTRW)$/;
const SINCE_SSE2 = /^(PADDQ|PSUBQ|PMULUDQ)$/;

const featureOf = ({ name, feature }: Row): Feature => {
  if (feature !== "sse2") return feature;
  if (SINCE_SSE.test(name)) return "sse";
  return SINCE_SSE2.test(name) ? "sse2" : "mmx";
};

/** The MMX row of an SSE row. */
const derived = (row: Row, meaning: Meaning): Row => ({
  ...row,
  encoding: row.encoding.replace(/^66/, "NP"),
  operands: row.operands.replace("Vdq", "Pq").replace("Wdq", "Qq").replace("Udq", "Nq"),
  meaning: mmx(meaning),
  feature: featureOf(row),
  frequency: 0,
});

const derivedRows = [...sseIntegerRows, ...ssse3IntegerRows]
  .filter((row) => row.encoding.startsWith("66 0F") && !EXCLUDED.test(row.name))
  .map((row) => derived(row, NEIGHBOURS.test(row.name) ? sideBySide(row.meaning) : inBothHalves(row.meaning)));

const find = (rows: readonly Row[], name: string): Row => rows.find((row) => row.name === name) as Row;

/** Interleaves lanes of `width` bytes of the low (or high) halves. */
const unpack = (width: number, half: 0 | 1): Meaning => {
  const lanes = Array.from({ length: 16 / width }, (_, i) => (i >> 1) + (i & 1 ? 16 / width : 0));
  return mmx((b, dst, src) => {
    const mixed = shuffle(b, width, splat(b, dst.read()), splat(b, qword(b, src)), lanes);
    dst.write(b.op("i64x2.extract_lane", [mixed], [half]));
  });
};

/** The word is chosen by the low two bits of the immediate. */
const insertWord: Meaning = (b, dst, src, imm) =>
  inBothHalves(find(sseShuffleRows, "PINSRW").meaning)(b, dst, src, {
    ...imm,
    read: () => b.and(imm.read(), b.i32(3)),
  });

const moveMask: Meaning = (b, dst, src) =>
  inBothHalves(find(sseMoveRows, "PMOVMSKB").meaning)(
    b,
    { ...dst, write: (v) => dst.write(b.and(v, b.i32(0xff))) },
    src,
  );

/** Eight bytes out of destination and source, from byte `imm` of the source on; 16 and more give 0. */
const align: Meaning = (b, dst, src, imm) => {
  const count = imm8(b, imm);
  const bytes = b.op("i8x16.splat", [b.select(b.ltU(count, b.i32(16)), count, b.i32(16))]);
  const numbers = b.v128(Array.from({ length: 16 }, (_, i) => i));
  dst.write(low(b, swizzle(b, pair(b, src.read(), dst.read()), b.op("i8x16.add", [numbers, bytes]))));
};

export const mmxIntegerRows: readonly Row[] = [
  ...derivedRows,
  // The source of PUNPCKL is 32 bits in memory, with nothing read beyond.
  mmxRow("PUNPCKLBW", "NP 0F 60 /r", "+Pq,Qd", unpack(1, 0)),
  mmxRow("PUNPCKLWD", "NP 0F 61 /r", "+Pq,Qd", unpack(2, 0)),
  mmxRow("PUNPCKLDQ", "NP 0F 62 /r", "+Pq,Qd", unpack(4, 0)),
  mmxRow("PUNPCKHBW", "NP 0F 68 /r", "+Pq,Qq", unpack(1, 1)),
  mmxRow("PUNPCKHWD", "NP 0F 69 /r", "+Pq,Qq", unpack(2, 1)),
  mmxRow("PUNPCKHDQ", "NP 0F 6A /r", "+Pq,Qq", unpack(4, 1)),
  mmxRow("PSHUFW", "NP 0F 70 /r ib", "=Pq,Qq,Ib", mmx(inBothHalves(find(sseShuffleRows, "PSHUFLW").meaning)), "sse"),
  mmxRow("PINSRW", "NP 0F C4 /r ib", "+Pq,Ew,Ib", mmx(insertWord), "sse"),
  mmxRow("PEXTRW", "NP 0F C5 /r ib", "=Gd,Nq,Ib", mmx(inBothHalves(find(sseShuffleRows, "PEXTRW").meaning)), "sse"),
  mmxRow("PMOVMSKB", "NP 0F D7 /r", "=Gd,Nq", mmx(moveMask), "sse"),
  mmxRow("PALIGNR", "NP 0F 3A 0F /r ib", "+Pq,Qq,Ib", mmx(align), "ssse3"),
];
