/**
 * The micro-op: 16 bytes that tell the interpreter one instruction. The generator (interpreter/) and the encoder
 * (encode.ts) agree through this file.
 *
 *     +0  u16  handler number, the hot ones first
 *     +2  u16  offset of the instruction in its page; index scale (shift count) in the top four bits
 *     +4  u8   first register operand, as a byte offset in the register file (XMM and MMX: n * 16)
 *     +5  u8   second register operand
 *     +6  u8   base register, +7 u8 index register (R_ZERO when absent)
 *     +8  i32  displacement
 *     +12 i32  immediate
 *
 * A terminator, the last micro-op of a block, has the number of the block's instructions at +4, so its register operand
 * is at +5. Its links are at +8 (taken) and +12 (not taken). A link is the address of the target's first micro-op, or
 * while that is not known `(target - page) << 1 | 1`, where page is the linear address of this page (R_PAGE).
 * A compare fused with the branch that follows has two micro-ops: operands in the first, links and count in the second.
 */
import type { Bits } from "../isa/builder.ts";
import { type Form, impliedBase, type OperandForm, type OperandSize, operandBits } from "../isa/encoding.ts";

export const MICRO_OP_SIZE = 16;
export const HANDLER = 0;
export const PAGE_OFFSET = 2;
export const DST = 4;
export const COUNT = 4;
export const SRC = 5;
export const BASE = 6;
export const INDEX = 7;
export const DISP = 8;
export const IMM = 12;
/** Displacement field as the target of a link, and immediate field likewise. */
export const TAKEN = DISP;
export const FALLTHROUGH = IMM;

/** Handlers that are no instructions. Their numbers are fixed. */
export const H_GOTO = 0; // goes on at the link at +8
export const H_GOTO_FAR = 1; // goes to R_PAGE + the i32 at +8 through the jump cache; counts no instructions
export const H_EA = 2; // R_EA = effective address
export const H_EA32 = 3; // the same, truncated to 32 bits
export const H_EA64 = 4; // R_EA = the 64 bits at +8
export const H_RAISE = 5; // raises the exception whose vector is at +12
export const FIXED_HANDLERS = 6;

/** What the encoder must know of a handler. */
export const TERMINATOR = 1;
/** The field that `nextField` names holds the offset of the next instruction from R_PAGE. */
export const USES_NEXT = 2;
/** +8 links to the branch target. */
export const LINKS_TAKEN = 4;
/** +12 links to the next instruction. */
export const LINKS_NEXT_IMM = 8;
/** Takes the two micro-ops of a fused pair. */
export const FUSED = 32;
/** The segment base is kept out of the address (LEA): its register is at +5. */
export const SEPARATE_SEGMENT = 64;
/** The retired-instruction count matters, so the block ends after this instruction. */
export const ENDS_AFTER = 128;
/** May raise an exception: the flags before it can be seen. */
export const MAY_FAULT = 256;

export type Size = OperandSize;

/** Where an operand of one form of a row is. */
export interface OperandShape {
  readonly kind: "reg" | "mem" | "imm" | "xmm" | "mmx" | "st" | "rel";
  readonly bits: Bits;
  readonly access: "r" | "w" | "rw" | "a";
  /** Byte offset of its field in the micro-op; -1 if there is none (fixed register, constant, memory). */
  readonly field: number;
  /** The register or immediate when it is fixed by the form, else -1. */
  readonly fixed: number;
  /** A 64-bit immediate that takes both +8 and +12. */
  readonly wide: boolean;
}

export interface Shape {
  readonly operands: readonly OperandShape[];
  readonly isMemory: boolean;
  /** Where the offset of the next instruction goes if it is needed. */
  readonly nextField: number;
  /** A 128-bit memory operand must be aligned. */
  readonly aligned: boolean;
}

function kindOf(operand: OperandForm, isMemory: boolean): OperandShape["kind"] {
  switch (operand.code) {
    case "E":
      return isMemory ? "mem" : "reg";
    case "W":
      return isMemory ? "mem" : "xmm";
    case "U":
    case "V":
      return "xmm";
    case "Q":
      return isMemory ? "mem" : "mmx";
    case "N":
    case "P":
      return "mmx";
    case "ST":
      return "st";
    case "G":
    case "R":
    case "Z":
    case "reg":
      return "reg";
    case "I":
    case "1":
      return "imm";
    case "J":
      return "rel";
    default:
      if (operand.code !== "M" && operand.code !== "O" && impliedBase(operand.code) < 0) {
        throw new Error(`operand code ${operand.code}`);
      }
      return "mem";
  }
}

/** How a row's form at an operand size, with or without memory operand, is laid out. */
export function shapeOf(form: Form, size: Size, isMemory: boolean): Shape {
  let register = form.row.ends ? SRC : DST;
  let immediate = IMM;
  const operands = form.operands.map((operand): OperandShape => {
    const kind = kindOf(operand, isMemory);
    const bits = operandBits(operand, size);
    const shape = { kind, bits, access: operand.access, field: -1, fixed: -1, wide: false };
    if (kind === "reg" && operand.register >= 0) return { ...shape, fixed: operand.register };
    if (kind === "reg" || kind === "xmm" || kind === "mmx") {
      if (register > SRC && isMemory) throw new Error(`${form.row.name}: too many registers for a micro-op`);
      return { ...shape, field: register++ };
    }
    if (kind === "imm" && operand.code === "1") return { ...shape, fixed: 1 };
    if (kind === "imm" && operand.immediate === "io") {
      immediate = 0;
      return { ...shape, field: DISP, wide: true };
    }
    if (kind === "imm" || kind === "st") {
      if (immediate < DISP || (immediate === DISP && isMemory))
        throw new Error(`${form.row.name}: too many immediates`);
      const field = immediate;
      immediate = immediate === IMM ? DISP : 0;
      return { ...shape, field };
    }
    return shape;
  });
  return { operands, isMemory, nextField: immediate, aligned: !form.row.unaligned };
}

export const sizeIndex = (size: Size): number => size >> 5; // 16, 32, 64: 0, 1, 2

/** Dense number of a row's form at an operand size: the index of the table of handlers. */
export const formKey = (rowId: number, size: Size, isMemory: boolean): number =>
  rowId * 8 + sizeIndex(size) + (isMemory ? 4 : 0);
