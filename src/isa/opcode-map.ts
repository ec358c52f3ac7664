/**
 * Which row an opcode, its prefixes and its ModRM byte select.
 *
 * The table of an opcode has one entry for each combination of what can select a form: the 66 prefix, the last of F3 and
 * F2, REX.W, the 67 prefix, ModRM.mod == 3 and ModRM.reg. More specific encodings overwrite more general ones in it. What
 * is left (a whole ModRM byte, REX.B of NOP) is checked along `Candidate.next`, a zero shift count at the very end. Tables
 * are built when their opcode is first met.
 */
import type { Bits } from "./builder.ts";
import {
  dependsOnSize,
  type Form,
  immediateBytes,
  impliedBase,
  type OperandSize,
  operandBits,
  parseRow,
} from "./encoding.ts";
import type { DecodedOperand, Row } from "./types.ts";

const SELECTORS = 2 * 3 * 2 * 2 * 2 * 8;
export const selector = (has66: number, rep: number, w: number, a32: number, mod3: number, digit: number): number =>
  ((((has66 * 3 + rep) * 2 + w) * 2 + a32) * 2 + mod3) * 8 + digit;

// Where an operand is, as a dense number for the decoder's switch.
export const FROM_RM_GENERAL = 0;
export const FROM_RM_VECTOR = 1;
export const FROM_REG_GENERAL = 2;
export const FROM_REG_VECTOR = 3;
export const FROM_OPCODE = 4;
export const FROM_IMMEDIATE = 5;
export const FROM_OFFSET = 6;
export const FROM_IMPLIED_BASE = 7;
export const FIXED_REGISTER = 8;
export const CONSTANT_ONE = 9;
export const FROM_RM_MMX = 10;
export const FROM_REG_MMX = 11;
export const FROM_RM_STACK = 12;

const SOURCES = {
  E: FROM_RM_GENERAL,
  R: FROM_RM_GENERAL,
  M: FROM_RM_GENERAL,
  W: FROM_RM_VECTOR,
  U: FROM_RM_VECTOR,
  G: FROM_REG_GENERAL,
  V: FROM_REG_VECTOR,
  Z: FROM_OPCODE,
  P: FROM_REG_MMX,
  Q: FROM_RM_MMX,
  N: FROM_RM_MMX,
  ST: FROM_RM_STACK,
  I: FROM_IMMEDIATE,
  J: FROM_IMMEDIATE,
  O: FROM_OFFSET,
  X: FROM_IMPLIED_BASE,
  Y: FROM_IMPLIED_BASE,
  B: FROM_IMPLIED_BASE,
  D: FROM_IMPLIED_BASE,
  reg: FIXED_REGISTER,
  "1": CONSTANT_ONE,
} as const;

export interface CandidateOperand {
  source: number;
  access: DecodedOperand["access"];
  register: number;
  relative: boolean;
  ignoresSegment: boolean;
  /** By (operand size >> 5): 16, 32, 64. */
  bits: readonly Bits[];
  bytes: readonly number[];
}

export interface Candidate {
  row: Row;
  rowId: number;
  modrm: boolean;
  memoryInModrm: boolean;
  /** There is a memory operand whatever ModRM says. */
  impliedMemory: boolean;
  sized: boolean;
  /** 66 does not make the operand size 16: it is part of the opcode, or no operand has that size. */
  ignores66: boolean;
  operands: readonly CandidateOperand[];
  modrmByte: number;
  rexBClear: boolean;
  /** Tried when this one's extra conditions do not hold. */
  next: Candidate | null;
  /** Replaces this one when the masked shift count is 0. */
  zeroCount: Candidate | null;
}

const SIZES: readonly OperandSize[] = [16, 32, 64];

function candidate(form: Form): Candidate {
  return {
    row: form.row,
    rowId: form.rowId,
    modrm: form.modrm,
    memoryInModrm: form.memoryInModrm,
    impliedMemory: form.memoryForm && !form.memoryInModrm,
    sized: form.operands.some(dependsOnSize),
    ignores66: !form.sizes.includes(16),
    operands: form.operands.map((operand) => ({
      source: SOURCES[operand.code],
      access: operand.access,
      register: operand.register >= 0 ? operand.register : impliedBase(operand.code),
      relative: operand.code === "J",
      ignoresSegment: operand.code === "Y",
      bits: SIZES.map((size) => operandBits(operand, size)),
      bytes: SIZES.map((size) => (operand.immediate ? immediateBytes(operand.immediate, size) : 0)),
    })),
    modrmByte: form.modrmByte,
    rexBClear: form.rexBClear,
    next: null,
    zeroCount: null,
  };
}

/** Whether a form's prefix part matches; one-byte opcodes take 66 as operand size beside F3 and F2, others do not. */
function prefixMatches(form: Form, has66: number, rep: number): boolean {
  switch (form.prefix) {
    case "":
      return true;
    case "NP":
      return rep === 0 && has66 === 0;
    case "66":
      return has66 === 1 && (rep === 0 || form.map === 0);
    case "F3":
      return rep === 1;
    case "F2":
      return rep === 2;
  }
}

/** How much a form pins down; of two forms that match, the one with more wins. */
export function specificity(form: Form): number {
  const bit = (condition: boolean): number => (condition ? 1 : 0);
  return (
    2 * bit(form.prefix !== "") +
    2 * bit(form.digit >= 0) +
    2 * bit(form.rexW >= 0) +
    bit(form.address32) +
    bit(form.rexBClear) +
    16 * bit(form.modrmByte >= 0)
  );
}

/** Calls `visit` with each run of selectors, first to last, that a form answers to. */
export function forEachSelector(form: Form, visit: (first: number, last: number) => void): void {
  for (let has66 = 0; has66 < 2; has66++) {
    for (let rep = 0; rep < 3; rep++) {
      if (!prefixMatches(form, has66, rep)) continue;
      for (let w = 0; w < 2; w++) {
        if (form.rexW >= 0 && form.rexW !== w) continue;
        for (let a32 = 0; a32 < 2; a32++) {
          if (form.address32 && a32 === 0) continue;
          for (let mod3 = 0; mod3 < 2; mod3++) {
            if (form.mod !== "any" && (mod3 === 1) !== (form.mod === "register")) continue;
            const digit = form.modrmByte >= 0 ? (form.modrmByte >> 3) & 7 : form.digit;
            const first = selector(has66, rep, w, a32, mod3, digit < 0 ? 0 : digit);
            visit(first, digit < 0 ? first + 7 : first);
          }
        }
      }
    }
  }
}

/** All opcodes, numbered map * 256 + opcode. */
export class OpcodeMap {
  /** The parsed rows, by number. */
  readonly rows: readonly Form[];
  readonly #forms: (Form[] | null)[] = new Array(1024).fill(null);
  readonly #tables: ((Candidate | null)[] | null)[] = new Array(1024).fill(null);
  /** 1 where a ModRM byte follows. */
  readonly modrm = new Uint8Array(1024);

  constructor(rows: readonly Row[]) {
    this.rows = rows.map(parseRow);
    for (const form of this.rows) {
      for (let low = 0; low < (form.opcodeRegister ? 8 : 1); low++) {
        const key = form.map * 256 + form.opcode + low;
        (this.#forms[key] ??= []).push(form);
        if (form.modrm) this.modrm[key] = 1;
      }
    }
  }

  /** The table of an opcode by selector, or null if no row has it. */
  table(key: number): readonly (Candidate | null)[] | null {
    return this.#tables[key] ?? this.#build(key);
  }

  #build(key: number): (Candidate | null)[] | null {
    const forms = this.#forms[key];
    if (forms === null) return null;
    forms.sort((x, y) => specificity(x) - specificity(y));
    const table: (Candidate | null)[] = new Array(SELECTORS).fill(null);
    for (const form of forms) {
      if (form.zeroCount) continue;
      const made = candidate(form);
      const zero = forms.find((other) => other.zeroCount && other.digit === form.digit);
      if (zero) made.zeroCount = candidate(zero);
      if (form.modrmByte < 0 && !form.rexBClear) {
        forEachSelector(form, (first, last) => table.fill(made, first, last + 1));
        continue;
      }
      // Conditional candidates chain to what was there; one copy for each distinct successor.
      const copies = new Map<Candidate | null, Candidate>();
      forEachSelector(form, (first, last) => {
        for (let index = first; index <= last; index++) {
          const next = table[index];
          if (!copies.has(next)) copies.set(next, { ...made, next });
          table[index] = copies.get(next)!;
        }
      });
    }
    this.#tables[key] = table;
    return table;
  }
}
