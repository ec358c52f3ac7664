/** SSE and SSE2: moves between XMM registers, general registers and memory (SDM Vol. 1, 10.4.1.1 and 11.4.1.1). */

import type { Builder, Operand, Val } from "../builder.ts";
import type { Meaning, Row } from "../types.ts";
import { fromDword, fromQword, highQword, lowDword, lowQword, row, withQword } from "./sse-values.ts";

/** Whole register to register or memory, and back; non-temporal stores are plain stores. */
const move: Meaning = (_b, dst, src) => dst.write(src.read());

/** MOVSS and MOVSD between registers leave the rest of the destination alone; from memory they clear it. */
const mergeDword: Meaning = (b, dst, src) =>
  dst.write(b.op("f32x4.replace_lane", [dst.read(), b.op("f32x4.extract_lane", [src.read()], [0])], [0]));
const mergeQword: Meaning = (b, dst, src) =>
  dst.write(b.op("f64x2.replace_lane", [dst.read(), b.op("f64x2.extract_lane", [src.read()], [0])], [0]));

const loadDword: Meaning = (b, dst, src) => dst.write(fromDword(b, src.read()));
const loadQword: Meaning = (b, dst, src) => dst.write(fromQword(b, src.read()));
const storeDword: Meaning = (b, dst, src) => dst.write(lowDword(b, src));
const storeQword: Meaning = (b, dst, src) => dst.write(lowQword(b, src));

/** MOVQ xmm/m64, xmm: a register destination is cleared above bit 63. */
const storeQwordClearing: Meaning = (b, dst, src) => {
  const low = lowQword(b, src);
  dst.write(dst.kind === "xmm" ? fromQword(b, low) : low);
};

const setQword =
  (lane: 0 | 1, value: (b: Builder, src: Operand) => Val): Meaning =>
  (b, dst, src) =>
    dst.write(withQword(b, dst.read(), lane, value(b, src)));
const memory = (_b: Builder, src: Operand): Val => src.read();
const storeHigh: Meaning = (b, dst, src) => dst.write(highQword(b, src.read()));

/** The sign bit of each lane, lane 0 in bit 0. */
const signBits =
  (shape: "i8x16" | "i32x4" | "i64x2"): Meaning =>
  (b, dst, src) =>
    dst.write(b.op(`${shape}.bitmask`, [src.read()]));

/**
 * MASKMOVDQU stores the bytes whose mask byte is negative at [rDI]. All 16 bytes must be writable, which the SDM leaves
 * to the implementation (Vol. 2, MASKMOVDQU).
 */
const maskedStore: Meaning = (b, target, value, mask) => {
  const chosen = b.op("i8x16.shr_s", [mask.read(), b.i32(7)]);
  target.write(b.op("v128.bitselect", [value.read(), target.read(), chosen]));
};

const unaligned = true;

export const sseMoveRows: readonly Row[] = [
  row("MOVUPS", "NP 0F 10 /r", "=Vps,Wps", move, "sse", { unaligned, frequency: 15 }),
  row("MOVUPS", "NP 0F 11 /r", "=Wps,Vps", move, "sse", { unaligned, frequency: 15 }),
  row("MOVUPD", "66 0F 10 /r", "=Vpd,Wpd", move, "sse2", { unaligned, frequency: 1 }),
  row("MOVUPD", "66 0F 11 /r", "=Wpd,Vpd", move, "sse2", { unaligned, frequency: 0.5 }),
  row("MOVAPS", "NP 0F 28 /r", "=Vps,Wps", move, "sse", { frequency: 15 }),
  row("MOVAPS", "NP 0F 29 /r", "=Wps,Vps", move, "sse", { frequency: 15 }),
  row("MOVAPD", "66 0F 28 /r", "=Vpd,Wpd", move, "sse2", { frequency: 10 }),
  row("MOVAPD", "66 0F 29 /r", "=Wpd,Vpd", move, "sse2", { frequency: 1 }),
  row("MOVDQA", "66 0F 6F /r", "=Vdq,Wdq", move, "sse2", { frequency: 15 }),
  row("MOVDQA", "66 0F 7F /r", "=Wdq,Vdq", move, "sse2", { frequency: 2 }),
  row("MOVDQU", "F3 0F 6F /r", "=Vdq,Wdq", move, "sse2", { unaligned, frequency: 12 }),
  row("MOVDQU", "F3 0F 7F /r", "=Wdq,Vdq", move, "sse2", { unaligned, frequency: 2 }),

  row("MOVSS", "F3 0F 10 /r", "+Vss,Uss", mergeDword, "sse", { frequency: 0.2 }),
  row("MOVSS", "F3 0F 10 /r", "=Vss,Mss", loadDword, "sse", { frequency: 8 }),
  row("MOVSS", "F3 0F 11 /r", "+Uss,Vss", mergeDword, "sse"),
  row("MOVSS", "F3 0F 11 /r", "=Mss,Vss", storeDword, "sse", { frequency: 5 }),
  row("MOVSD", "F2 0F 10 /r", "+Vsd,Usd", mergeQword, "sse2", { frequency: 1 }),
  row("MOVSD", "F2 0F 10 /r", "=Vsd,Msd", loadQword, "sse2", { frequency: 20 }),
  row("MOVSD", "F2 0F 11 /r", "+Usd,Vsd", mergeQword, "sse2"),
  row("MOVSD", "F2 0F 11 /r", "=Msd,Vsd", storeQword, "sse2", { frequency: 15 }),

  row("MOVD", "66 REX.0 0F 6E /r", "=Vdq,Ed", loadDword, "sse2", { frequency: 8 }),
  row("MOVQ", "66 REX.W 0F 6E /r", "=Vdq,Eq", loadQword, "sse2", { frequency: 10 }),
  row("MOVD", "66 REX.0 0F 7E /r", "=Ed,Vdq", storeDword, "sse2", { frequency: 5 }),
  row("MOVQ", "66 REX.W 0F 7E /r", "=Eq,Vdq", storeQword, "sse2", { frequency: 8 }),
  row("MOVQ", "F3 0F 7E /r", "=Vq,Wq", (b, dst, src) => dst.write(fromQword(b, lowQword(b, src))), "sse2", {
    frequency: 8,
  }),
  row("MOVQ", "66 0F D6 /r", "=Wq,Vq", storeQwordClearing, "sse2", { frequency: 5 }),

  row(
    "MOVHLPS",
    "NP 0F 12 /r",
    "+Vps,Ups",
    setQword(0, (b, src) => highQword(b, src.read())),
    "sse",
  ),
  row("MOVLPS", "NP 0F 12 /r", "+Vps,Mq", setQword(0, memory), "sse", { frequency: 0.2 }),
  row("MOVLPS", "NP 0F 13 /r", "=Mq,Vps", storeQword, "sse", { frequency: 0.2 }),
  row("MOVLPD", "66 0F 12 /r", "+Vpd,Mq", setQword(0, memory), "sse2", { frequency: 0.2 }),
  row("MOVLPD", "66 0F 13 /r", "=Mq,Vpd", storeQword, "sse2", { frequency: 0.2 }),
  row("MOVLHPS", "NP 0F 16 /r", "+Vps,Ups", setQword(1, lowQword), "sse", { frequency: 0.5 }),
  row("MOVHPS", "NP 0F 16 /r", "+Vps,Mq", setQword(1, memory), "sse", { frequency: 5 }),
  row("MOVHPS", "NP 0F 17 /r", "=Mq,Vps", storeHigh, "sse", { frequency: 1 }),
  row("MOVHPD", "66 0F 16 /r", "+Vpd,Mq", setQword(1, memory), "sse2", { frequency: 1 }),
  row("MOVHPD", "66 0F 17 /r", "=Mq,Vpd", storeHigh, "sse2", { frequency: 0.2 }),

  row("MOVMSKPS", "NP 0F 50 /r", "=Gd,Ups", signBits("i32x4"), "sse"),
  row("MOVMSKPD", "66 0F 50 /r", "=Gd,Upd", signBits("i64x2"), "sse2", { frequency: 0.2 }),
  row("PMOVMSKB", "66 0F D7 /r", "=Gd,Udq", signBits("i8x16"), "sse2", { frequency: 8 }),

  row("MOVNTPS", "NP 0F 2B /r", "=Mps,Vps", move, "sse"),
  row("MOVNTPD", "66 0F 2B /r", "=Mpd,Vpd", move, "sse2"),
  row("MOVNTDQ", "66 0F E7 /r", "=Mdq,Vdq", move, "sse2"),
  row("MOVNTI", "NP 0F C3 /r", "=My,Gy", move, "sse2"),
  row("MASKMOVDQU", "66 0F F7 /r", "+[rDI]dq,Vdq,Udq", maskedStore, "sse2", { unaligned }),
];
