/** What all MMX rows share: their registers are the significands of the x87 registers (SDM Vol. 1, 9.2 and 9.6). */
import { X87_TAGS } from "../../cpu/state.ts";
import type { Builder, Operand, Val } from "../builder.ts";
import type { Feature, Meaning, Row } from "../types.ts";
import { deliverPending, statusWord, TOP, writeStatus } from "./x87-stack.ts";

export const mmxRow = (
  name: string,
  encoding: string,
  operands: string,
  meaning: Meaning,
  feature: Feature = "mmx",
  more: Partial<Row> = {},
): Row => ({ name, encoding, operands, meaning, feature, ...more });

/** R0 to R7 become ST(0) to ST(7). */
export const clearTop = (b: Builder): void => writeStatus(b, b.and(statusWord(b), b.i32(0xffff & ~TOP)));

/** Every MMX instruction but EMMS sets TOP to 0 and all tags to valid (SDM Vol. 3, table 12-1). */
const enterMmx = (b: Builder): void => {
  clearTop(b);
  b.writeState(X87_TAGS, b.or(b.readState(X87_TAGS, "i32"), b.i32(0xff)));
};

/** The meaning of an MMX instruction: #MF if an x87 exception is pending, and the transition to MMX when nothing can fault. */
export const mmx =
  (meaning: Meaning): Meaning =>
  (b, ...operands) => {
    deliverPending(b);
    meaning(b, ...operands);
    enterMmx(b);
  };

/** The same where a memory operand makes no transition: the instruction then has nothing to do with MMX. */
export const mmxUnlessMemory =
  (meaning: Meaning): Meaning =>
  (b, ...operands) =>
    (operands.some((o) => o.kind === "mem") ? meaning : mmx(meaning))(b, ...operands);

/** An MMX register or memory operand as i64. */
export const qword = (b: Builder, o: Operand): Val =>
  o.kind === "mem" && o.bits === 32 ? b.extendU(o.read()) : o.read();

/** The low half of a vector. */
export const low = (b: Builder, v: Val): Val => b.op("i64x2.extract_lane", [v], [0]);
export const splat = (b: Builder, v: Val): Val => b.op("i64x2.splat", [v]);
