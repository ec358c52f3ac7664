/** The SSE control register, FXSAVE and FXRSTOR (SDM Vol. 1, 10.5; Vol. 2, FXSAVE and FXRSTOR). */
import { MXCSR, VECTOR_GP, X87, X87_REGISTERS, XMM } from "../../cpu/state.ts";
import type { Area, Builder, Val } from "../builder.ts";
import { MXCSR_MASK } from "../float.ts";
import { writeMxcsr } from "../float-modes.ts";
import type { Meaning, Row } from "../types.ts";
import { row } from "./sse-values.ts";
import { slotAt, statusWord, usableControl, withSummary, writeWords } from "./x87-stack.ts";

/** #GP when `v` (i32) sets bits that MXCSR does not have. */
const requireMxcsr = (b: Builder, v: Val): void => b.raiseIf(b.and(v, b.i32(~MXCSR_MASK)), VECTOR_GP);

const ldmxcsr: Meaning = (b, src) => {
  const v = src.read();
  requireMxcsr(b, v);
  writeMxcsr(b, v);
};

const stmxcsr: Meaning = (b, dst) => dst.write(b.readState(MXCSR, "i32"));

/** Bytes of the image; of them 416 to 511 are left alone. */
const IMAGE = 512;
/** Offsets in the image, which are also those in the X87 area of the state; there the registers are in another order. */
const FCW = 0;
const FSW = 2;
const FTW = 4;
const FIP = 8;
const FDP = 16;
const IMAGE_MXCSR = 24;
const IMAGE_MXCSR_MASK = 28;
const ST = 32;
const IMAGE_XMM = 160;

const x87Word = (b: Builder, offset: number): Val => b.readState(X87 + offset, "i32");

/**
 * The first 24 bytes. Without REX.W the instruction and data pointers are 32 bits; the selectors beside them are saved
 * as 0, as processors do that deprecate FCS and FDS (SDM Vol. 1, 8.1.8).
 */
const saveX87Header = (b: Builder, image: Area, wide: boolean): void => {
  // FCW and FSW; FTW, the reserved byte and FOP.
  image.store(FCW, x87Word(b, FCW), 32);
  image.store(FTW, b.and(x87Word(b, FTW), b.i32(0xffff_00ff | 0)), 32);
  for (const pointer of [FIP, FDP]) {
    const v = b.readState(X87 + pointer, "i64");
    image.store(pointer, wide ? v : b.and(v, b.i64(0xffff_ffffn)), 64);
  }
};

const fxsave =
  (wide: boolean): Meaning =>
  (b, memory) => {
    const ea = memory.ea();
    b.requireAligned(ea, 16);
    const image = b.area(IMAGE, ea, "rw");
    saveX87Header(b, image, wide);
    image.store(IMAGE_MXCSR, b.readState(MXCSR, "i32"), 32);
    image.store(IMAGE_MXCSR_MASK, b.i32(MXCSR_MASK), 32);
    const status = statusWord(b);
    for (let n = 0; n < 8; n++) image.store(ST + 16 * n, b.readStateAt(X87_REGISTERS, slotAt(b, status, n), "v128"));
    for (let n = 0; n < 16; n++) image.store(IMAGE_XMM + 16 * n, b.readState(XMM + 16 * n, "v128"));
    image.commit();
  };

const fxrstor =
  (wide: boolean): Meaning =>
  (b, memory) => {
    const ea = memory.ea();
    b.requireAligned(ea, 16);
    const image = b.area(IMAGE, ea, "r");
    const mxcsr = image.load(IMAGE_MXCSR, "i32", 32);
    requireMxcsr(b, mxcsr);
    writeMxcsr(b, mxcsr);
    const control = image.load(FCW, "i32", 16);
    const status = image.load(FSW, "i32", 16);
    const usable = usableControl(b, control);
    writeWords(b, usable, withSummary(b, usable, status));
    b.writeState(X87 + FTW, b.and(image.load(FTW, "i32", 32), b.i32(0x07ff_00ff)));
    for (const pointer of [FIP, FDP]) {
      const v = image.load(pointer, "i64", 64);
      b.writeState(X87 + pointer, wide ? v : b.and(v, b.i64(0xffff_ffffn)));
    }
    // The six bytes above an 80-bit register are reserved.
    const significant = b.v128([...new Array(10).fill(0xff), ...new Array(6).fill(0)]);
    for (let n = 0; n < 8; n++) {
      const value = b.op("v128.and", [image.load(ST + 16 * n, "v128"), significant]);
      b.writeStateAt(X87_REGISTERS, slotAt(b, status, n), value);
    }
    for (let n = 0; n < 16; n++) b.writeXmm(n, image.load(IMAGE_XMM + 16 * n, "v128"));
  };

export const sseSystemRows: readonly Row[] = [
  row("LDMXCSR", "NP 0F AE /2", "Md", ldmxcsr, "sse"),
  row("STMXCSR", "NP 0F AE /3", "=Md", stmxcsr, "sse"),
  row("FXSAVE", "NP REX.0 0F AE /0", "&M", fxsave(false), "fxsr"),
  row("FXSAVE64", "NP REX.W 0F AE /0", "&M", fxsave(true), "fxsr"),
  row("FXRSTOR", "NP REX.0 0F AE /1", "&M", fxrstor(false), "fxsr"),
  row("FXRSTOR64", "NP REX.W 0F AE /1", "&M", fxrstor(true), "fxsr"),
];
