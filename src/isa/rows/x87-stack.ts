/**
 * The x87 register stack and status word (SDM Vol. 1, 8.1 and 8.5): what instructions read from and write to, and how
 * exceptions are recorded. An unmasked one is delivered (#MF) by the next waiting x87 or MMX instruction.
 */
import { VECTOR_MF, X87_CONTROL, X87_REGISTERS, X87_TAGS } from "../../cpu/state.ts";
import type { Builder, Helper, Val } from "../builder.ts";
import { C1, DE, flagIf, IE, INDEFINITE_SE, INDEFINITE_SIG, type Result, SF, ZE } from "../floatx80.ts";
import type { Meaning, Row } from "../types.ts";

/** Status word: exception summary and busy, condition codes, TOP. */
export const ES = 0x80;
export const BUSY = 0x8000;
export const C0 = 0x100;
export const C2 = 0x400;
export const C3 = 0x4000;
const TOP_SHIFT = 11;
export const TOP = 7 << TOP_SHIFT;
export const EXCEPTIONS = 0x3f;
/** Exceptions that are found before there is a result: unmasked, they leave the operands as they are. */
const BEFORE_RESULT = IE | DE | ZE;

export const x87Row = (
  name: string,
  encoding: string,
  operands: string,
  meaning: Meaning,
  more: Partial<Row> = {},
): Row => ({ name, encoding, operands, meaning, feature: "x87", ...more });

/** An encoding that the SDM does not document, which all processors since the 8087 take. */
export const ALIAS: Partial<Row> = { note: "alias" };

// ---- control and status words

/** Control word in the low half, status word in the high half. */
const words = (b: Builder): Val => b.readState(X87_CONTROL, "i32");
export const controlWord = (b: Builder): Val => b.and(words(b), b.i32(0xffff));
export const statusWord = (b: Builder): Val => b.shrU(words(b), b.i32(16));
export const writeWords = (b: Builder, control: Val, status: Val): void =>
  b.writeState(X87_CONTROL, b.or(b.and(control, b.i32(0xffff)), b.shl(status, b.i32(16))));
export const writeStatus = (b: Builder, status: Val): void => writeWords(b, words(b), status);

/** Bits of FCW that can be written; bit 6 reads as 1 (SDM Vol. 1, 8.1.5). */
const CONTROL_WRITABLE = 0x1f3f;
const CONTROL_ALWAYS = 0x40;
export const usableControl = (b: Builder, control: Val): Val =>
  b.or(b.and(control, b.i32(CONTROL_WRITABLE)), b.i32(CONTROL_ALWAYS));

/** A status word with ES and B as its exceptions and their masks say. */
export const withSummary = (b: Builder, control: Val, status: Val): Val => {
  const unmasked = b.and(b.and(status, b.xor(control, b.i32(EXCEPTIONS))), b.i32(EXCEPTIONS));
  return b.or(b.and(status, b.i32(0xffff & ~(ES | BUSY))), b.select(unmasked, b.i32(ES | BUSY), b.i32(0)));
};

/** #MF if an unmasked exception is pending. */
export const deliverPending = (b: Builder): void => b.raiseIf(b.and(statusWord(b), b.i32(ES)), VECTOR_MF);

/** The meaning of a waiting instruction. */
export const waiting =
  (meaning: Meaning): Meaning =>
  (b, ...operands) => {
    deliverPending(b);
    meaning(b, ...operands);
  };

/**
 * Records exceptions (and C1, which is otherwise cleared) in the status word. Returns 1, or 0 when an unmasked one leaves
 * the operands as they are.
 */
export const raise: Helper = {
  name: "x87_raise",
  params: ["i32"],
  results: ["i32"],
  build(b, flags) {
    const control = controlWord(b);
    const stops = b.and(b.and(flags, b.i32(BEFORE_RESULT)), b.xor(control, b.i32(EXCEPTIONS)));
    const withoutResult = b.select(b.and(flags, b.i32(SF)), flags, b.and(flags, b.i32(BEFORE_RESULT)));
    const raised = b.select(stops, withoutResult, flags);
    const status = b.or(b.and(statusWord(b), b.i32(~C1)), raised);
    writeWords(b, control, withSummary(b, control, status));
    return [b.eqz(stops)];
  },
};

// ---- registers

/** Byte offset of ST(`i`) among the registers, by a status word. */
export const slotAt = (b: Builder, status: Val, i: number): Val =>
  b.and(b.add(b.shrU(status, b.i32(TOP_SHIFT - 4)), b.i32(i << 4)), b.i32(0x70));
/** The same for a number that is not constant, by the current one. */
const slot = (b: Builder, i: Val): Val => {
  const top = b.shrU(words(b), b.i32(16 + TOP_SHIFT));
  return b.shl(b.and(b.add(top, i), b.i32(7)), b.i32(4));
};
const tagBit = (b: Builder, at: Val): Val => b.shl(b.i32(1), b.shrU(at, b.i32(4)));
const tags = (b: Builder): Val => b.readState(X87_TAGS, "i32");

/** ST(i): its value; IE and SF if it is empty. */
export const readStack: Helper = {
  name: "x87_read",
  params: ["i32"],
  results: ["i32", "i64", "i32"],
  build(b, i) {
    const at = slot(b, i);
    const empty = b.eqz(b.and(tags(b), tagBit(b, at)));
    const [se, sig] = [b.readStateAt(X87_REGISTERS + 8, at, "i32"), b.readStateAt(X87_REGISTERS, at, "i64")];
    return [b.and(se, b.i32(0xffff)), sig, flagIf(b, empty, IE | SF)];
  },
};
export const stack = (b: Builder, i: Val): Result => {
  const [se, sig, flags] = b.call(readStack, i);
  return { se, sig, flags };
};
export const stackTop = (b: Builder): Result => stack(b, b.i32(0));

/** The same value, or the real indefinite if flags say that it is missing (the masked response to stack underflow). */
export const orIndefinite = (b: Builder, { se, sig, flags }: Result): Result => {
  const missing = b.and(flags, b.i32(SF));
  return {
    se: b.select(missing, b.i32(INDEFINITE_SE), se),
    sig: b.select(missing, b.i64(INDEFINITE_SIG), sig),
    flags,
  };
};

/** Gives ST(i) a value, whether it was empty or not. */
const writeStackHelper: Helper = {
  name: "x87_write",
  params: ["i32", "i32", "i64"],
  results: [],
  build(b, i, se, sig) {
    const at = slot(b, i);
    b.writeStateAt(X87_REGISTERS + 8, at, se);
    b.writeStateAt(X87_REGISTERS, at, sig);
    b.writeState(X87_TAGS, b.or(tags(b), tagBit(b, at)));
    return [];
  },
};
export const writeStack = (b: Builder, i: Val, se: Val, sig: Val): void => void b.call(writeStackHelper, i, se, sig);

/** Makes ST(i) empty. */
export const free = (b: Builder, i: Val): void =>
  b.writeState(X87_TAGS, b.and(tags(b), b.xor(tagBit(b, slot(b, i)), b.i32(-1))));

/** Adds to TOP. */
export const moveTop = (b: Builder, by: 1 | -1): void => {
  const status = statusWord(b);
  const top = b.and(b.add(status, b.i32(by << TOP_SHIFT)), b.i32(TOP));
  writeStatus(b, b.or(b.and(status, b.i32(0xffff & ~TOP)), top));
};

const popHelper: Helper = {
  name: "x87_pop",
  params: [],
  results: [],
  build(b) {
    free(b, b.i32(0));
    moveTop(b, 1);
    return [];
  },
};
export const pop = (b: Builder): void => void b.call(popHelper);

/** Nothing can be pushed: i32, 0 or 1. */
export const stackFull = (b: Builder): Val => b.ne(b.and(tags(b), tagBit(b, slot(b, b.i32(7)))), b.i32(0));

const pushHelper: Helper = {
  name: "x87_push",
  params: ["i32", "i64", "i32"],
  results: [],
  build(b, se, sig, flags) {
    const overflow = b.and(stackFull(b), b.eqz(b.and(flags, b.i32(SF))));
    const raised = b.select(overflow, b.i32(IE | SF | C1), flags);
    // A denormal is loaded even if its exception is unmasked.
    const [proceeds] = b.call(raise, raised);
    b.if(b.or(proceeds, b.eqz(b.and(raised, b.i32(IE)))), () => {
      moveTop(b, -1);
      const indefinite = b.and(raised, b.i32(SF));
      const value = [b.select(indefinite, b.i32(INDEFINITE_SE), se), b.select(indefinite, b.i64(INDEFINITE_SIG), sig)];
      writeStack(b, b.i32(0), value[0], value[1]);
    });
    return [];
  },
};
/** Pushes a value, with the exceptions that getting it raised. */
export const push = (b: Builder, { se, sig, flags }: Result): void => void b.call(pushHelper, se, sig, flags);

/** Replaces ST(i), which the exceptions of an unmasked kind prevent; `pops` (0 or 1) pops the stack then. */
const replaceHelper: Helper = {
  name: "x87_replace",
  params: ["i32", "i32", "i64", "i32", "i32"],
  results: [],
  build(b, i, se, sig, flags, pops) {
    b.if(b.call(raise, flags)[0], () => {
      writeStack(b, i, se, sig);
      b.if(pops, () => pop(b));
    });
    return [];
  },
};
export const replace = (b: Builder, i: Val, { se, sig, flags }: Result, pops: 0 | 1 = 0): void =>
  void b.call(replaceHelper, i, se, sig, flags, b.i32(pops));
