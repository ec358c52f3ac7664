/** The instruction table's row and what the decoder makes of a byte sequence. */
import type { Bits, Builder, Operand } from "./builder.ts";

/** The meaning of an instruction: emits its effect through the builder. Operands come in the row's order. */
export type Meaning = (b: Builder, ...operands: Operand[]) => void;

/** CPUID features that rows belong to; CPUID promises exactly those whose rows are all there. */
export type Feature =
  | "base"
  | "cmov"
  | "cx8"
  | "cx16"
  | "fxsr"
  | "sse"
  | "sse2"
  | "sse3"
  | "ssse3"
  | "sse4.1"
  | "sse4.2"
  | "popcnt"
  | "x87"
  | "mmx"
  | "tsc"
  | "rdtscp"
  | "clflush"
  | "syscall"
  | "lahf"
  | "cet-nop"
  | "prefetch";

/** Arithmetic flags as a mask in RFLAGS layout. */
export const CF = 0x001;
export const PF = 0x004;
export const AF = 0x010;
export const ZF = 0x040;
export const SF = 0x080;
export const OF = 0x800;
export const ARITH = CF | PF | AF | ZF | SF | OF;

export interface FlagEffect {
  /** Flags whose old value matters. */
  read?: number;
  /** Flags that may change, those left undefined by the SDM included. */
  write?: number;
  /** Flags that certainly do not keep a meaningful old value (default: `write`); 0 for shifts by CL. */
  kill?: number;
  /** Flags that the SDM leaves undefined; not compared with the host's. */
  undefined?: number;
}

/**
 * One instruction form.
 *
 * `encoding` is the SDM's notation: prefixes that are part of the opcode ("NP" none of 66/F3/F2, "66", "F3", "F2"),
 * opcode bytes, "/r" or "/0".."/7", "+r" for a register in the opcode, "REX.W" or "REX.0" where it selects the form, and
 * immediates ("ib", "iw", "iz", "io", "cb", "cd").
 *
 * `operands` is a comma-separated list in the notation of SDM Vol. 2, A.2.1, each with an access prefix: none is read,
 * "=" written, "+" read and written, "&" address only (LEA, PREFETCH). E, G, I, J, M, R, V, W, U, O, Z plus
 * the size letters b w d q v (16, 32, 64) y (32, 64) z (immediate of 16 or 32 bits, sign-extended) dq (128); "sI…" is
 * an immediate that is sign-extended from 8 bits. Fixed registers: AL, CL, AX, rAX (by operand size), 1.
 *
 * XMM operands: V is the register of ModRM.reg; W is ModRM.rm, register or memory; U is ModRM.rm, register only (memory
 * form: #UD); M is memory only. Rows of one opcode may differ in nothing but U against M (MOVHLPS and MOVLPS). Sizes: w 16,
 * ss and d 32, sd and q 64, ps, pd and dq 128. The size is that of the memory form: an operand of kind "xmm" always reads and
 * writes the whole register as v128, whatever its letters say; one of kind "mem" reads and writes its own size (i32 for 16
 * and 32, i64 for 64, v128 for 128). 128-bit memory operands are checked for alignment unless `unaligned` says otherwise.
 * MMX operands: P is the register of ModRM.reg, Q is ModRM.rm, register or memory, N is ModRM.rm, register only; a value is
 * an i64. ST is the x87 register ST(i) of ModRM.rm, and its value the number i; what is done with it is the meaning's affair,
 * as are memory operands of x87 instructions that have no size letter.
 *
 * REX.W and REX.0 come after the mandatory prefix, as in the SDM: "66 REX.W 0F 6E /r", "F2 0F 58 /r", "NP 0F 28 /r".
 */
export interface Row {
  name: string;
  encoding: string;
  operands: string;
  meaning: Meaning;
  flags?: FlagEffect;
  feature: Feature;
  /** LOCK is allowed (on the memory form). */
  lock?: boolean;
  /** REP / REPNE forms exist as rows of their own: "rep" and "repne" rows match F3 and F2. */
  rep?: "rep" | "repne";
  /** Operand size is 64 unless 66 makes it 16 (PUSH, POP); "f64" is 64 whatever the prefix says (near JMP, CALL, RET). */
  defaultSize?: "d64" | "f64";
  /** The address of the memory operand is computed after RSP has gone up (POP m); the decoder corrects the displacement. */
  afterPop?: boolean;
  /** A 128-bit memory operand need not be aligned. Aligned is the rule for legacy SSE. */
  unaligned?: boolean;
  /** The block ends here. */
  ends?: boolean;
  /** Condition code, for Jcc, SETcc and CMOVcc. */
  cc?: number;
  /** Relative execution frequency in real programs; 0 or absent is cold. The interpreter's hot set is chosen by it. */
  frequency?: number;
  /** Notes for docs/instructions.md and the differential test. */
  note?: string;
  /** The differential test leaves the row out, with the reason (SYSCALL, RDTSC …). */
  untested?: string;
}

/** Segment override that matters in 64-bit mode. */
export type Segment = 0 | 1 | 2; // none, FS, GS

/** A decoded operand. Registers are numbers of cpu/state.ts; `high` marks AH, CH, DH, BH. */
export interface DecodedOperand {
  kind: "reg" | "mem" | "imm" | "xmm" | "mmx" | "st" | "rel";
  bits: Bits;
  /** r, w, rw, or a for address only. */
  access: "r" | "w" | "rw" | "a";
  reg: number;
  high: boolean;
  /** Immediates, sign-extended; the i of ST(i); "rel": displacement from the next instruction. BigInt only for imm64 (MOV r64, imm64). */
  imm: number;
  imm64?: bigint;
}

/** The memory operand of an instruction (there is at most one). Registers are -1 when absent. */
export interface MemoryReference {
  base: number;
  index: number;
  /** Shift count 0 to 3. */
  scale: number;
  displacement: number;
  /** 64-bit displacement of the moffs forms. */
  displacement64?: bigint;
  ripRelative: boolean;
  segment: Segment;
  /** 67 prefix: the offset is truncated to 32 bits. */
  address32: boolean;
}

export interface Instruction {
  row: Row;
  /** Index of the row in `rows`. */
  rowId: number;
  /** Bytes, 1 to 15. */
  length: number;
  /** Effective operand size of v, y and z operands: 16, 32 or 64. */
  size: 16 | 32 | 64;
  operands: DecodedOperand[];
  memory: MemoryReference;
  /** The r/m operand is memory. */
  isMemory: boolean;
  lock: boolean;
}

/** Why bytes do not decode: not an instruction here (#UD), longer than 15 bytes (#GP), or the bytes end too early. */
export type DecodeFailure = "invalid" | "too-long" | "truncated";
