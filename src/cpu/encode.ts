/**
 * Decodes a basic block of guest code into micro-ops (microop.ts): up to a control transfer, the end of the page, or
 * MAX_INSTRUCTIONS. Flags that are dead are not computed, and a compare or an arithmetic instruction is fused with the
 * conditional branch that follows it when no one else reads its flags.
 *
 * Blocks are position-independent: addresses of code are relative to R_PAGE, the linear address of the page.
 */
import { Decoder, type InstructionBuffer } from "../isa/decoder.ts";
import { rows } from "../isa/table.ts";
import { ARITH, type DecodeFailure, type Instruction } from "../isa/types.ts";
import { MICRO_OPS_END, PAGE_SIZE } from "../memory/layout.ts";
import type { PhysicalMemory } from "../memory/types.ts";
import { attributesOf, DEAD_FLAGS, fusedKey, type HandlerTable, NO_HANDLER, SHORT } from "./interpreter/metadata.ts";
import { type CodeBytes, LiveFlags } from "./live-flags.ts";
import {
  DISP,
  ENDS_AFTER,
  formKey,
  H_EA,
  H_EA32,
  H_EA64,
  H_GOTO,
  H_GOTO_FAR,
  H_RAISE,
  IMM,
  LINKS_NEXT_IMM,
  LINKS_TAKEN,
  MAY_FAULT,
  MICRO_OP_SIZE,
  SEPARATE_SEGMENT,
  type Shape,
  SRC,
  shapeOf,
  TERMINATOR,
  USES_NEXT,
} from "./microop.ts";
import { R_EA, R_FS, R_GS, R_PAGE, R_ZERO, reg, VECTOR_GP, VECTOR_UD } from "./state.ts";

/** Most instructions in a block: its count is one byte, and a slice is overdrawn by at most a block. */
const MAX_INSTRUCTIONS = 64;
/** Most bytes that a block takes: two address micro-ops and a pair for each instruction, far jumps, the goto. */
export const MAX_BLOCK_BYTES = (MAX_INSTRUCTIONS * 4 + 4) * MICRO_OP_SIZE;
/** Target offsets that fit a link. */
const LINK_LIMIT = 2 ** 30;

const ZERO = reg(R_ZERO);
const PAGE = reg(R_PAGE);
const EA = reg(R_EA);

export class BlockEncoder {
  private readonly memory: PhysicalMemory;
  private readonly table: HandlerTable;
  private readonly decoder = new Decoder(rows);
  private readonly pool: InstructionBuffer[] = [];
  private readonly one: InstructionBuffer;
  private readonly liveFlags: LiveFlags;
  private readonly offsets = new Int32Array(MAX_INSTRUCTIONS + 1);
  private readonly dead = new Uint8Array(MAX_INSTRUCTIONS);
  private readonly shapes: (Shape | undefined)[] = [];
  /** Branches of the block that are out of a link's reach: the field, and the target's offset. */
  private readonly far: number[] = [];
  /** Where the next micro-op goes. */
  private at = 0;
  /** The pair that ends the block has to store its flags. */
  private fusedLive = false;

  // Fields of the memory operand that is being encoded.
  private base = ZERO;
  private index = ZERO;
  private scale = 0;
  private displacement = 0;

  constructor(memory: PhysicalMemory, table: HandlerTable) {
    this.memory = memory;
    this.table = table;
    for (let i = 0; i < MAX_INSTRUCTIONS; i++) this.pool.push(this.decoder.newInstruction());
    this.one = this.decoder.newInstruction();
    this.liveFlags = new LiveFlags(this.decoder, table);
  }

  /**
   * Encodes the block at `offset` of a page to micro-ops at host address `at`; returns the address after them, or 0 when
   * the first instruction needs bytes beyond `code.end`. `at` must leave MAX_BLOCK_BYTES. `liveAt`: flags that are live at an offset
   * of the page, as found by looking ahead; belongs to one frame.
   */
  encode(code: CodeBytes, offset: number, at: number, liveAt: Map<number, number>): number {
    if (at + MAX_BLOCK_BYTES > MICRO_OPS_END) throw new RangeError("no room for a block");
    this.liveFlags.enter(code, liveAt);
    this.at = at;
    this.far.length = 0;
    let count = 0;
    let position = offset;
    let failure: DecodeFailure | null = null;
    while (count < MAX_INSTRUCTIONS && position < PAGE_SIZE) {
      const instruction = this.pool[count];
      const available = code.end - position;
      failure = this.decoder.decode(code.bytes, code.start + position, available, instruction);
      if (failure !== null) break;
      this.offsets[count++] = position;
      position += instruction.length;
      if (instruction.row.ends || this.endsAfter(instruction)) break;
    }
    this.offsets[count] = position;
    if (count === 0 && failure === "truncated") return 0;
    const raises = failure === "invalid" || failure === "too-long";
    const vector = failure === "too-long" ? VECTOR_GP : VECTOR_UD;
    const fuse = !raises && this.flow(count, position);
    const last = fuse ? count - 2 : count;
    let ended = fuse;
    for (let i = 0; i < last; i++) ended = this.instruction(i, count);
    if (fuse) this.fused(last, count);
    else if (raises) this.raise(position, vector, count + 1);
    else if (!ended) this.goto(position, count);
    for (let i = 0; i < this.far.length; i += 2) this.farJump(this.far[i], this.far[i + 1]);
    return this.at;
  }

  /** Decodes the instruction at the start of `bytes`. */
  decodeOne(bytes: Uint8Array): Instruction | null {
    return this.decoder.decode(bytes, 0, bytes.length, this.one) === null ? this.one : null;
  }

  private endsAfter(instruction: InstructionBuffer): boolean {
    return (attributesOf(this.table, instruction) & ENDS_AFTER) !== 0;
  }

  private key(i: InstructionBuffer): number {
    return formKey(i.rowId, i.size, i.isMemory);
  }

  private shape(i: InstructionBuffer, key: number): Shape {
    return (this.shapes[key] ??= shapeOf(this.decoder.form(i.rowId), i.size, i.isMemory));
  }

  // ---- flags

  /** Finds dead flags; returns whether the last two instructions can be fused. */
  private flow(count: number, end: number): boolean {
    if (count === 0) return false;
    const last = this.pool[count - 1];
    let live = this.liveFlags.after(last, end);
    const fuse = count > 1 && last.row.cc !== undefined && last.row.ends === true && this.fusable(count, live);
    for (let i = count - 1; i >= 0; i--) {
      const flags = this.pool[i].row.flags;
      const write = flags?.write ?? 0;
      this.dead[i] = write !== 0 && (write & live) === 0 ? 1 : 0;
      live = (live & ~(flags?.kill ?? write)) | (flags?.read ?? 0);
      if (attributesOf(this.table, this.pool[i]) & MAY_FAULT) live = ARITH;
    }
    return fuse;
  }

  private fusable(count: number, live: number): boolean {
    const first = this.pool[count - 2];
    const flags = first.row.flags?.write ?? 0;
    if (flags === 0) return false;
    this.fusedLive = (flags & live) !== 0;
    const cc = this.pool[count - 1].row.cc! & ~1;
    const key = this.key(first);
    if (!first.isMemory) return this.table.fused.has(fusedKey(key, false, this.fusedLive, cc));
    if (this.table.fused.has(fusedKey(key, true, this.fusedLive, cc))) return true;
    // Only the form without an index may be fused.
    const plain = first.memory.index < 0 && this.plain(first);
    return plain && this.table.fused.has(fusedKey(key, false, this.fusedLive, cc));
  }

  private plain(i: InstructionBuffer): boolean {
    return i.memory.segment === 0 && !i.memory.address32;
  }

  // ---- instructions

  /** Encodes instruction `i` of `count`. Returns whether the block ends with it. */
  private instruction(i: number, count: number): boolean {
    const instruction = this.pool[i];
    const key = this.key(instruction);
    const first = this.table.numbers[key * 4];
    if (first === NO_HANDLER) throw new Error(`no handler for ${instruction.row.name} ${instruction.row.operands}`);
    const offset = this.offsets[i];
    if (instruction.isMemory) this.address(instruction, offset, first);
    const variant = (this.index === ZERO || !instruction.isMemory ? SHORT : 0) + (this.dead[i] ? DEAD_FLAGS : 0);
    const number = this.table.numbers[key * 4 + variant];
    this.operands(instruction, this.shape(instruction, key), number, offset);
    const ends = this.links(instruction, this.shape(instruction, key), this.table.attributes[number], offset, count);
    this.at += MICRO_OP_SIZE;
    return ends;
  }

  /** Encodes instructions `i` and the last one as a pair. */
  private fused(i: number, count: number): void {
    const first = this.pool[i];
    const branch = this.pool[i + 1];
    const key = this.key(first);
    if (first.isMemory) this.address(first, this.offsets[i], this.table.numbers[key * 4]);
    const cc = branch.row.cc!;
    const { fused } = this.table;
    const handler = (indexed: boolean) => fused.get(fusedKey(key, indexed, this.fusedLive, cc & ~1));
    const number = (first.isMemory && this.index !== ZERO ? undefined : handler(false)) ?? handler(true)!;
    this.operands(first, this.shape(first, key), number, this.offsets[i]);
    this.at += MICRO_OP_SIZE;
    const offset = this.offsets[i + 1];
    const end = offset + branch.length;
    this.head(H_GOTO, offset, count);
    const taken = cc & 1 ? IMM : DISP;
    this.link(this.at + taken, end + branch.operands[0].imm);
    this.link(this.at + (taken ^ IMM ^ DISP), end);
    this.at += MICRO_OP_SIZE;
  }

  /** Writes a micro-op's first eight bytes: its handler, page offset, and count as its first byte operand. */
  private head(handler: number, offset: number, first: number): void {
    const { u16, i32 } = this.memory;
    u16[this.at >> 1] = handler;
    u16[(this.at >> 1) + 1] = offset & (PAGE_SIZE - 1);
    i32[(this.at >> 2) + 1] = first;
  }

  private operands(instruction: InstructionBuffer, shape: Shape, handler: number, offset: number): void {
    const { u8, u16, i32 } = this.memory;
    const { at } = this;
    u16[at >> 1] = handler;
    if (instruction.isMemory) {
      u16[(at >> 1) + 1] = offset | (this.scale << 12);
      i32[(at >> 2) + 1] = (this.base << 16) | (this.index << 24);
      i32[(at + DISP) >> 2] = this.displacement;
    } else {
      u16[(at >> 1) + 1] = offset;
      i32[(at >> 2) + 1] = 0;
      i32[(at + DISP) >> 2] = 0;
    }
    i32[(at + IMM) >> 2] = 0;
    if (instruction.isMemory && this.table.attributes[handler] & SEPARATE_SEGMENT) {
      u8[at + SRC] = segmentRegister(instruction.memory.segment);
    }
    const { operands } = instruction;
    for (let n = 0; n < operands.length; n++) {
      const { field, wide } = shape.operands[n];
      if (field < 0) continue;
      const operand = operands[n];
      if (operand.kind === "reg") u8[at + field] = operand.reg * 8 + (operand.high ? 1 : 0);
      else if (operand.kind === "xmm" || operand.kind === "mmx") u8[at + field] = operand.reg * 16;
      else if (wide) {
        i32[(at + DISP) >> 2] = Number(BigInt.asIntN(32, operand.imm64!));
        i32[(at + IMM) >> 2] = Number(BigInt.asIntN(32, operand.imm64! >> 32n));
      } else i32[(at + field) >> 2] = operand.imm;
    }
  }

  /** Fills a terminator's count and links, and the next instruction's address. Returns whether it is a terminator. */
  private links(
    instruction: InstructionBuffer,
    shape: Shape,
    attributes: number,
    offset: number,
    count: number,
  ): boolean {
    const { u8, i32 } = this.memory;
    const end = offset + instruction.length;
    if (attributes & USES_NEXT) i32[(this.at + shape.nextField) >> 2] = end;
    if (!(attributes & TERMINATOR)) return false;
    u8[this.at + 4] = count;
    if (attributes & LINKS_TAKEN) this.link(this.at + DISP, end + instruction.operands[0].imm);
    if (attributes & LINKS_NEXT_IMM) this.link(this.at + IMM, end);
    return true;
  }

  private link(field: number, target: number): void {
    if (target < -LINK_LIMIT || target >= LINK_LIMIT) this.far.push(field, target);
    else this.memory.i32[field >> 2] = (target << 1) | 1;
  }

  /** A link's target is too far away: it links to a micro-op of its own that jumps there. */
  private farJump(field: number, target: number): void {
    this.head(H_GOTO_FAR, 0, 0);
    this.memory.i32[(this.at + DISP) >> 2] = target | 0;
    this.memory.i32[field >> 2] = this.at;
    this.at += MICRO_OP_SIZE;
  }

  private goto(offset: number, count: number): void {
    this.head(H_GOTO, offset, count);
    this.link(this.at + DISP, offset);
    this.at += MICRO_OP_SIZE;
  }

  private raise(offset: number, vector: number, count: number): void {
    this.head(H_RAISE, offset, count);
    this.memory.i32[(this.at + IMM) >> 2] = vector;
    this.at += MICRO_OP_SIZE;
  }

  // ---- addresses

  /** Sets base, index, scale and displacement; what does not fit them is computed by micro-ops before. */
  private address(instruction: InstructionBuffer, offset: number, handler: number): void {
    const m = instruction.memory;
    this.base = m.base < 0 ? ZERO : m.base * 8;
    this.index = m.index < 0 ? ZERO : m.index * 8;
    this.scale = m.scale;
    this.displacement = m.displacement;
    if (m.ripRelative) {
      const next = offset + instruction.length;
      this.base = PAGE;
      this.displacement = m.displacement + next;
      if (this.displacement > 0x7fffffff) {
        this.displacement = next;
        this.computed(H_EA, offset);
        this.displacement = m.displacement;
      }
    }
    if (m.displacement64 !== undefined) {
      this.wide(m.displacement64, offset);
    } else if (m.address32) {
      this.computed(H_EA32, offset);
    }
    if (m.segment === 0 || this.table.attributes[handler] & SEPARATE_SEGMENT) return;
    const segment = segmentRegister(m.segment);
    if (this.base === ZERO) this.base = segment;
    else if (this.index === ZERO) this.index = segment;
    else {
      this.computed(H_EA, offset);
      this.index = segment;
    }
  }

  /** A micro-op that computes the address so far into R_EA, which then is the base. */
  private computed(handler: number, offset: number): void {
    const { u16, i32 } = this.memory;
    this.head(handler, offset, (this.base << 16) | (this.index << 24));
    u16[(this.at >> 1) + 1] |= this.scale << 12;
    i32[(this.at + DISP) >> 2] = this.displacement;
    this.at += MICRO_OP_SIZE;
    this.base = EA;
    this.index = ZERO;
    this.scale = 0;
    this.displacement = 0;
  }

  private wide(address: bigint, offset: number): void {
    const { i32 } = this.memory;
    this.head(H_EA64, offset, 0);
    i32[(this.at + DISP) >> 2] = Number(BigInt.asIntN(32, address));
    i32[(this.at + IMM) >> 2] = Number(BigInt.asIntN(32, address >> 32n));
    this.at += MICRO_OP_SIZE;
    this.base = EA;
    this.displacement = 0;
  }
}

const segmentRegister = (segment: number): number => (segment === 0 ? ZERO : reg(segment === 1 ? R_FS : R_GS));
