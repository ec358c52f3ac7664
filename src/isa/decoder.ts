/**
 * The decoder: bytes to row and operands. Which row it is comes from opcode-map.ts.
 *
 * Prefixes (SDM Vol. 2, 2.1.1 and 2.2.1): in any order, the last of a group counts, a REX that is not the last prefix is
 * ignored, CS, DS, ES and SS overrides do nothing. Near branches ignore 66, as on Intel processors (AMD's truncate RIP).
 */
import { RBP, RSP } from "../cpu/state.ts";
import type { Form, OperandSize } from "./encoding.ts";
import {
  CONSTANT_ONE,
  FIXED_REGISTER,
  FROM_IMMEDIATE,
  FROM_IMPLIED_BASE,
  FROM_OFFSET,
  FROM_OPCODE,
  FROM_REG_GENERAL,
  FROM_REG_MMX,
  FROM_REG_VECTOR,
  FROM_RM_GENERAL,
  FROM_RM_MMX,
  FROM_RM_STACK,
  FROM_RM_VECTOR,
  OpcodeMap,
  selector,
} from "./opcode-map.ts";
import type { DecodedOperand, DecodeFailure, Instruction, MemoryReference, Row, Segment } from "./types.ts";

/** The architectural limit (SDM Vol. 2, 2.3.11); beyond it the processor raises #GP. */
export const MAX_INSTRUCTION_LENGTH = 15;
const MOST_OPERANDS = 4;

function emptyOperand(): DecodedOperand {
  return { kind: "reg", bits: 32, access: "r", reg: 0, high: false, imm: 0, imm64: undefined };
}

/** What `decode` fills; holds its operand objects so that decoding allocates nothing. */
export interface InstructionBuffer extends Instruction {
  /** Operand arrays by length, over the same objects. */
  readonly operandLists: readonly DecodedOperand[][];
}

export class Decoder {
  readonly #opcodes: OpcodeMap;
  readonly #anyRow: Row;
  // Position and limits of the instruction that is being decoded.
  #position = 0;
  #end = 0;

  constructor(rows: readonly Row[]) {
    this.#opcodes = new OpcodeMap(rows);
    this.#anyRow = rows[0];
  }

  /** What the strings of a row say. */
  form(rowId: number): Form {
    return this.#opcodes.rows[rowId];
  }

  /** A buffer for `decode`. */
  newInstruction(): InstructionBuffer {
    const pool = Array.from({ length: MOST_OPERANDS }, emptyOperand);
    const memory: MemoryReference = {
      base: -1,
      index: -1,
      scale: 0,
      displacement: 0,
      displacement64: undefined,
      ripRelative: false,
      segment: 0,
      address32: false,
    };
    const operandLists = Array.from({ length: MOST_OPERANDS + 1 }, (_, n) => pool.slice(0, n));
    const row = this.#anyRow;
    return {
      row,
      rowId: 0,
      length: 0,
      size: 32,
      operands: operandLists[0],
      memory,
      isMemory: false,
      lock: false,
      operandLists,
    };
  }

  /**
   * Decodes the instruction at `bytes[offset]`, of which `available` bytes may be looked at, into `out`.
   * After a failure `out` holds nothing of use.
   */
  decode(bytes: Uint8Array, offset: number, available: number, out: InstructionBuffer): DecodeFailure | null {
    const limit = available < MAX_INSTRUCTION_LENGTH ? available : MAX_INSTRUCTION_LENGTH;
    const short: DecodeFailure = available < MAX_INSTRUCTION_LENGTH ? "truncated" : "too-long";
    const end = offset + limit;
    let position = offset;

    // Prefixes.
    let rex = 0;
    let has66 = 0;
    let rep = 0;
    let segment: Segment = 0;
    let address32 = false;
    let lock = false;
    let opcode = 0;
    for (; ; position++) {
      if (position >= end) return short;
      opcode = bytes[position];
      if ((opcode & 0xf0) === 0x40) {
        rex = opcode;
        continue;
      }
      if (opcode === 0x66) has66 = 1;
      else if (opcode === 0xf3) rep = 1;
      else if (opcode === 0xf2) rep = 2;
      else if (opcode === 0x64) segment = 1;
      else if (opcode === 0x65) segment = 2;
      else if (opcode === 0x67) address32 = true;
      else if (opcode === 0xf0) lock = true;
      else if (opcode !== 0x2e && opcode !== 0x36 && opcode !== 0x3e && opcode !== 0x26) break;
      rex = 0;
    }
    position++;

    // Opcode map and opcode.
    let key = opcode;
    if (opcode === 0x0f) {
      if (position >= end) return short;
      opcode = bytes[position++];
      key = 256 + opcode;
      if (opcode === 0x38 || opcode === 0x3a) {
        if (position >= end) return short;
        key = (opcode === 0x38 ? 512 : 768) + bytes[position++];
        opcode = key & 0xff;
      }
    }
    const table = this.#opcodes.table(key);
    if (table === null) return "invalid";

    // ModRM, and the form.
    let modrm = 0;
    let mod3 = 0;
    if (this.#opcodes.modrm[key] !== 0) {
      if (position >= end) return short;
      modrm = bytes[position++];
      mod3 = modrm >= 0xc0 ? 1 : 0;
    }
    const w = (rex >> 3) & 1;
    let chosen = table[selector(has66, rep, w, address32 ? 1 : 0, mod3, (modrm >> 3) & 7)];
    while (
      chosen !== null &&
      ((chosen.modrmByte >= 0 && chosen.modrmByte !== modrm) || (chosen.rexBClear && (rex & 1) !== 0))
    ) {
      chosen = chosen.next;
    }
    if (chosen === null) return "invalid";
    const isMemory = chosen.impliedMemory || (chosen.memoryInModrm && mod3 === 0);

    // Memory operand.
    const memory = out.memory;
    memory.segment = segment;
    memory.address32 = address32;
    memory.displacement64 = undefined;
    this.#position = position;
    this.#end = end;
    if (chosen.memoryInModrm && mod3 === 0 && !this.#modrmMemory(bytes, modrm, rex, memory)) return short;

    // Operands.
    const defaultSize = chosen.row.defaultSize;
    let size: OperandSize = 32;
    if (chosen.sized) {
      if (defaultSize === "f64" || w === 1) size = 64;
      else if (has66 === 1 && !chosen.ignores66) size = 16;
      else if (defaultSize === "d64") size = 64;
    }
    const forms = chosen.operands;
    const operands = out.operandLists[forms.length];
    for (let i = 0; i < forms.length; i++) {
      const form = forms[i];
      const operand = operands[i];
      operand.bits = form.bits[size >> 5];
      operand.access = form.access;
      operand.high = false;
      operand.imm64 = undefined;
      operand.kind = "reg";
      switch (form.source) {
        case FROM_RM_GENERAL:
        case FROM_RM_VECTOR:
          if (mod3 === 0) {
            operand.kind = "mem";
          } else if (form.source === FROM_RM_VECTOR) {
            operand.kind = "xmm";
            operand.reg = (modrm & 7) | ((rex & 1) << 3);
          } else {
            setRegister(operand, modrm & 7, (rex & 1) << 3, rex);
          }
          break;
        // The eight MMX and x87 registers have no extension bits.
        case FROM_RM_MMX:
          operand.kind = mod3 === 0 ? "mem" : "mmx";
          operand.reg = modrm & 7;
          break;
        case FROM_REG_MMX:
          operand.kind = "mmx";
          operand.reg = (modrm >> 3) & 7;
          break;
        case FROM_RM_STACK:
          operand.kind = "st";
          operand.imm = modrm & 7;
          break;
        case FROM_REG_GENERAL:
          setRegister(operand, (modrm >> 3) & 7, (rex & 4) << 1, rex);
          break;
        case FROM_REG_VECTOR:
          operand.kind = "xmm";
          operand.reg = ((modrm >> 3) & 7) | ((rex & 4) << 1);
          break;
        case FROM_OPCODE:
          setRegister(operand, opcode & 7, (rex & 1) << 3, rex);
          break;
        case FROM_IMMEDIATE:
          operand.kind = form.relative ? "rel" : "imm";
          if (!this.#immediate(bytes, form.bytes[size >> 5], operand)) return short;
          break;
        case FROM_OFFSET:
          operand.kind = "mem";
          if (!this.#offset(bytes, memory)) return short;
          break;
        case FROM_IMPLIED_BASE:
          operand.kind = "mem";
          memory.base = form.register;
          memory.index = -1;
          memory.scale = 0;
          memory.displacement = 0;
          memory.ripRelative = false;
          if (form.ignoresSegment) memory.segment = 0;
          break;
        case FIXED_REGISTER:
          operand.reg = form.register;
          break;
        case CONSTANT_ONE:
          operand.kind = "imm";
          operand.imm = 1;
          break;
      }
    }
    // Only now: the processor first fetches the whole instruction.
    if (lock && !(isMemory && chosen.row.lock)) return "invalid";
    if (chosen.zeroCount !== null && (operands[forms.length - 1].imm & (size === 64 ? 63 : 31)) === 0) {
      chosen = chosen.zeroCount;
    }
    if (chosen.row.afterPop && isMemory && memory.base === RSP) memory.displacement += size >> 3;

    out.row = chosen.row;
    out.rowId = chosen.rowId;
    out.length = this.#position - offset;
    out.size = size;
    out.operands = operands;
    out.isMemory = isMemory;
    out.lock = lock;
    return null;
  }

  /** SIB byte and displacement (SDM Vol. 2, 2.1.5 and 2.2.1.6). False if the bytes end. */
  #modrmMemory(bytes: Uint8Array, modrm: number, rex: number, memory: MemoryReference): boolean {
    const mod = modrm >> 6;
    const rm = modrm & 7;
    let displacementBytes = mod === 1 ? 1 : mod === 2 ? 4 : 0;
    memory.index = -1;
    memory.scale = 0;
    memory.ripRelative = false;
    if (rm === RSP) {
      if (this.#position >= this.#end) return false;
      const sib = bytes[this.#position++];
      const index = ((sib >> 3) & 7) | ((rex & 2) << 2);
      if (index !== RSP) {
        memory.index = index;
        memory.scale = sib >> 6;
      }
      memory.base = (sib & 7) | ((rex & 1) << 3);
      if (mod === 0 && (sib & 7) === RBP) {
        memory.base = -1;
        displacementBytes = 4;
      }
    } else if (mod === 0 && rm === RBP) {
      memory.base = -1;
      memory.ripRelative = true;
      displacementBytes = 4;
    } else {
      memory.base = rm | ((rex & 1) << 3);
    }
    const position = this.#position;
    if (position + displacementBytes > this.#end) return false;
    this.#position = position + displacementBytes;
    if (displacementBytes === 1) memory.displacement = (bytes[position] << 24) >> 24;
    else if (displacementBytes === 4) memory.displacement = int32(bytes, position);
    else memory.displacement = 0;
    return true;
  }

  #immediate(bytes: Uint8Array, length: number, operand: DecodedOperand): boolean {
    const position = this.#position;
    if (position + length > this.#end) return false;
    this.#position = position + length;
    if (length === 1) operand.imm = (bytes[position] << 24) >> 24;
    else if (length === 2) operand.imm = ((bytes[position] | (bytes[position + 1] << 8)) << 16) >> 16;
    else operand.imm = int32(bytes, position);
    if (length === 8) operand.imm64 = int64(bytes, position);
    return true;
  }

  /** The address of MOV AL/rAX, moffs: 8 bytes, or 4 with the 67 prefix. */
  #offset(bytes: Uint8Array, memory: MemoryReference): boolean {
    const position = this.#position;
    const length = memory.address32 ? 4 : 8;
    if (position + length > this.#end) return false;
    this.#position = position + length;
    memory.base = -1;
    memory.index = -1;
    memory.scale = 0;
    memory.ripRelative = false;
    memory.displacement = int32(bytes, position);
    if (length === 8) memory.displacement64 = int64(bytes, position);
    return true;
  }
}

/** Without a REX prefix byte registers 4 to 7 are AH, CH, DH and BH. */
function setRegister(operand: DecodedOperand, low: number, high: number, rex: number): void {
  if (operand.bits === 8 && rex === 0 && low >= 4) {
    operand.reg = low - 4;
    operand.high = true;
  } else {
    operand.reg = low | high;
  }
}

const int32 = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);

const int64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(int32(bytes, at + 4)) << 32n) | BigInt(int32(bytes, at) >>> 0);
