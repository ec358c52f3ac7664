/** MMX: moves, conversions to and from single and double precision, EMMS (SDM Vol. 1, 9.4.1, 10.4.3, 11.4.1.6, 9.4.9). */
import { X87_TAGS } from "../../cpu/state.ts";
import type { Builder, Operand, Val } from "../builder.ts";
import { dwordsToSingles } from "../float-conversions.ts";
import type { Meaning, Row } from "../types.ts";
import { clearTop, low, mmx, mmxRow, mmxUnlessMemory, splat } from "./mmx-values.ts";
import { sseConvertRows } from "./sse-convert.ts";
import { fromQword, lowQword, withQword } from "./sse-values.ts";
import { deliverPending } from "./x87-stack.ts";

const move: Meaning = (_b, dst, src) => dst.write(src.read());

/** Bytes whose mask byte is negative; all eight must be writable, which the SDM leaves to the implementation. */
const maskedStore: Meaning = (b, target, value, mask) => {
  const chosen = b.op("i8x16.shr_s", [splat(b, mask.read()), b.i32(7)]);
  const merged = b.op("v128.bitselect", [splat(b, value.read()), splat(b, target.read()), chosen]);
  target.write(low(b, merged));
};

const emptyState: Meaning = (b) => {
  deliverPending(b);
  clearTop(b);
  b.writeState(X87_TAGS, b.and(b.readState(X87_TAGS, "i32"), b.i32(~0xff)));
};

const meaningOf = (name: string): Meaning => (sseConvertRows.find((row) => row.name === name) as Row).meaning;

/** The conversion of an XMM register or memory to integers, of which the low half is kept. */
const toIntegers =
  (meaning: Meaning, source: (b: Builder, o: Operand) => Val): Meaning =>
  (b, dst, src) => {
    const wide: Operand = { ...src, kind: "xmm", bits: 128, read: () => source(b, src) };
    meaning(b, { ...dst, kind: "xmm", bits: 128, write: (v) => dst.write(low(b, v)) }, wide);
  };
const twoSingles = (b: Builder, o: Operand): Val => fromQword(b, lowQword(b, o));
const twoDoubles = (_b: Builder, o: Operand): Val => o.read();

const toSingles: Meaning = (b, dst, src) => {
  const singles = dwordsToSingles(b, splat(b, src.read()));
  dst.write(withQword(b, dst.read(), 0, low(b, singles)));
};
const toDoubles: Meaning = (b, dst, src) => dst.write(b.op("f64x2.convert_low_i32x4_s", [splat(b, src.read())]));

export const mmxMoveRows: readonly Row[] = [
  mmxRow(
    "MOVD",
    "NP REX.0 0F 6E /r",
    "=Pq,Ed",
    mmx((b, dst, src) => dst.write(b.extendU(src.read()))),
  ),
  mmxRow("MOVQ", "NP REX.W 0F 6E /r", "=Pq,Eq", mmx(move)),
  mmxRow(
    "MOVD",
    "NP REX.0 0F 7E /r",
    "=Ed,Pq",
    mmx((b, dst, src) => dst.write(b.wrap(src.read()))),
  ),
  mmxRow("MOVQ", "NP REX.W 0F 7E /r", "=Eq,Pq", mmx(move)),
  mmxRow("MOVQ", "NP 0F 6F /r", "=Pq,Qq", mmx(move)),
  mmxRow("MOVQ", "NP 0F 7F /r", "=Qq,Pq", mmx(move)),
  mmxRow("MOVNTQ", "NP 0F E7 /r", "=Mq,Pq", mmx(move), "sse"),
  mmxRow("MASKMOVQ", "NP 0F F7 /r", "+[rDI]q,Pq,Nq", mmx(maskedStore), "sse"),
  mmxRow(
    "MOVQ2DQ",
    "F3 0F D6 /r",
    "=Vdq,Nq",
    mmx((b, dst, src) => dst.write(fromQword(b, src.read()))),
    "sse2",
  ),
  mmxRow(
    "MOVDQ2Q",
    "F2 0F D6 /r",
    "=Pq,Udq",
    mmx((b, dst, src) => dst.write(lowQword(b, src))),
    "sse2",
  ),
  mmxRow("CVTPI2PS", "NP 0F 2A /r", "+Vps,Qq", mmxUnlessMemory(toSingles), "sse"),
  mmxRow("CVTPI2PD", "66 0F 2A /r", "=Vpd,Qq", mmxUnlessMemory(toDoubles), "sse2"),
  mmxRow("CVTTPS2PI", "NP 0F 2C /r", "=Pq,Wq", mmx(toIntegers(meaningOf("CVTTPS2DQ"), twoSingles)), "sse"),
  mmxRow("CVTPS2PI", "NP 0F 2D /r", "=Pq,Wq", mmx(toIntegers(meaningOf("CVTPS2DQ"), twoSingles)), "sse"),
  mmxRow("CVTTPD2PI", "66 0F 2C /r", "=Pq,Wpd", mmx(toIntegers(meaningOf("CVTTPD2DQ"), twoDoubles)), "sse2"),
  mmxRow("CVTPD2PI", "66 0F 2D /r", "=Pq,Wpd", mmx(toIntegers(meaningOf("CVTPD2DQ"), twoDoubles)), "sse2"),
  mmxRow("EMMS", "NP 0F 77", "", emptyState),
];
