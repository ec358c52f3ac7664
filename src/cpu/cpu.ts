/**
 * The CPU: runs the thread whose state is at STATE_ADDRESS, decoding code into blocks as it is reached.
 *
 * Blocks are known by frame and offset, so all processes that map a page share its blocks, wherever they map it. A block
 * stays in its page; an instruction that crosses into the next page is a block of its own that names both frames. Blocks of
 * one frame link to each other directly. All else, other pages, indirect jumps and crossing instructions, goes through the
 * jump cache, so dropping a frame's code takes no more than forgetting its blocks and clearing that cache.
 */
import { rows } from "../isa/table.ts";
import type { Instruction } from "../isa/types.ts";
import {
  FRAMES,
  JUMP_CACHE,
  JUMP_CACHE_END,
  MICRO_OPS,
  MICRO_OPS_END,
  PAGE_MASK,
  PAGE_SHIFT,
  PAGE_SIZE,
  PAGE_TABLE_READ,
  STATE_ADDRESS,
} from "../memory/layout.ts";
import type { PhysicalMemory } from "../memory/types.ts";
import { BlockEncoder, MAX_BLOCK_BYTES } from "./encode.ts";
import type { CpuCode, CpuHooks } from "./hooks.ts";
import { jumpCacheIndex } from "./interpreter/jump-cache.ts";
import { type HandlerTable, readMetadata } from "./interpreter/metadata.ts";
import type { CodeBytes } from "./live-flags.ts";
import { COUNT, FUSED, H_GOTO, H_GOTO_FAR, HANDLER, MICRO_OP_SIZE, TAKEN, TERMINATOR } from "./microop.ts";
import {
  CAREFUL_MICRO_OP,
  EXIT_FAULT,
  EXIT_FUEL,
  EXIT_LOOKUP,
  EXIT_MICRO_OP,
  FAULT_CODE,
  FAULT_VECTOR,
  FUEL,
  JUMP_TAG,
  LEAVE_BLOCK,
  LINK_SLOT,
  PF_FETCH,
  R_PAGE,
  RBP,
  RIP,
  RSP,
  reg,
  VECTOR_PF,
} from "./state.ts";

/** Instructions that access the stack beside their memory operand. */
const STACK_ROWS = /^(PUSH|POP|CALL)/;

/** Longest instruction, in bytes. */
const MAX_LENGTH = 15;

/** What has been decoded from one frame. */
interface FrameCode {
  /** Micro-op address of each block by its offset in the page. */
  readonly blocks: Map<number, number>;
  /** Blocks of one instruction that goes on in the next page, by offset. */
  readonly crossing: Map<number, { second: number; address: number }>;
  /** Frames with an instruction that goes on in this one. */
  readonly crossedFrom: Set<number>;
  /** Flags live at an offset, as far as decoding has asked (encode.ts). */
  readonly liveFlags: Map<number, number>;
}

/** Index in an Int32Array of a field of the state. */
const at = (offset: number): number => (STATE_ADDRESS + offset) >> 2;

export interface CpuStatistics {
  /** Blocks decoded, and how often all were dropped because the space for them was full. */
  blocks: number;
  flushes: number;
  /** Times that `run` left WebAssembly because a block was not known. */
  lookups: number;
}

export class Cpu implements CpuCode {
  /** To be set before `run`. */
  hooks!: CpuHooks;
  readonly statistics: CpuStatistics = { blocks: 0, flushes: 0, lookups: 0 };
  private readonly memory: PhysicalMemory;
  private readonly handlers: HandlerTable;
  private readonly encoder: BlockEncoder;
  /** The interpreter's exports: translated code imports the helpers among them. */
  readonly helpers: WebAssembly.Exports;
  private readonly interpret: (microOp: number) => number;
  private readonly code: (FrameCode | undefined)[] = [];
  /** Where the next block goes. */
  private free = MICRO_OPS;
  private lastTag = 0;
  private readonly page: CodeBytes;
  private readonly crossing: CodeBytes;

  /** `interpreter`: the compiled build/interpreter.wasm. Throws if it was generated from another instruction table. */
  constructor(interpreter: WebAssembly.Module, memory: PhysicalMemory) {
    this.memory = memory;
    this.handlers = readMetadata(interpreter, rows.length);
    this.encoder = new BlockEncoder(memory, this.handlers);
    this.page = { bytes: memory.u8, start: 0, begin: 0, end: PAGE_SIZE };
    this.crossing = { bytes: new Uint8Array(2 * MAX_LENGTH), start: 0, begin: 0, end: 0 };
    const instance = new WebAssembly.Instance(interpreter, {
      env: {
        memory: memory.wasm,
        miss: (low: number, high: number, bytes: number, write: number) => this.miss(low, high, bytes, write),
        syscall: () => this.hooks.syscall(),
      },
    });
    this.helpers = instance.exports;
    this.interpret = instance.exports.run as (microOp: number) => number;
    this.clearJumpCache();
  }

  /**
   * Has the engine compile `run`, which it does at the first call, now: in the start-up of an isolate rather than in its
   * first request. What runs is one micro-op that goes to an unknown address.
   */
  warmUp(): void {
    const { view, i32 } = this.memory;
    view.setUint16(MICRO_OPS + HANDLER, H_GOTO, true);
    view.setUint32(MICRO_OPS + COUNT, 0, true);
    view.setInt32(MICRO_OPS + TAKEN, 1, true);
    i32[at(FUEL)] = 1;
    this.interpret(MICRO_OPS);
  }

  /**
   * Runs the loaded thread from its RIP for about `fuel` instructions (at least one block; overdrawn by less than one) and
   * returns why it stopped: EXIT_FUEL, EXIT_SYSCALL or EXIT_FAULT. Sets FUEL; FUEL_START is the caller's.
   */
  run(fuel: number): number {
    this.memory.i32[at(FUEL)] = fuel;
    this.memory.i32[at(LINK_SLOT)] = 0;
    for (let block = this.cached() || this.lookup(); ; block = this.lookup()) {
      if (block === 0) return EXIT_FAULT;
      const { i32 } = this.memory;
      i32[at(EXIT_MICRO_OP)] = 0;
      i32[at(LEAVE_BLOCK)] = 0;
      const reason = this.interpret(block);
      this.correctFuel();
      if (reason !== EXIT_LOOKUP) return reason;
      if (this.memory.i32[at(FUEL)] <= 0) return EXIT_FUEL;
    }
  }

  // ---- finding code

  /** The block at the state's RIP if the jump cache has it, or 0: where a thread goes on that has waited. */
  private cached(): number {
    const { i32, u32 } = this.memory;
    const rip = u32[at(RIP)];
    const tag = i32[at(JUMP_TAG)];
    const entry = (JUMP_CACHE >> 2) + jumpCacheIndex(rip, tag) * 4;
    if (u32[entry] !== rip || i32[entry + 1] !== tag || i32[at(RIP) + 1] !== 0) return 0;
    i32[at(reg(R_PAGE))] = rip & ~PAGE_MASK;
    i32[at(reg(R_PAGE)) + 1] = 0;
    return i32[entry + 2];
  }

  /** Micro-op address of the block at the state's RIP, decoded if need be, or 0 after recording a fault. */
  private lookup(): number {
    this.statistics.lookups++;
    const rip = this.memory.u32[at(RIP)];
    if (this.memory.i32[at(RIP) + 1] !== 0) return this.unreachable(this.memory.i32[at(RIP) + 1], rip);
    const frame = this.hooks.fetch(rip);
    if (frame < 0) return 0;
    const offset = rip & PAGE_MASK;
    const known = this.code[frame];
    let address = known?.blocks.get(offset) ?? 0;
    let linkable = true;
    if (address === 0) {
      const { flushes } = this.statistics;
      if (this.free + MAX_BLOCK_BYTES > MICRO_OPS_END) this.dropAll();
      address = this.decode(frame, offset);
      if (address === 0) {
        linkable = false;
        address = this.findCrossing(frame, offset, rip);
        if (address === 0) return 0;
      }
      if (flushes !== this.statistics.flushes) this.memory.i32[at(LINK_SLOT)] = 0;
    }
    const { i32 } = this.memory;
    const slot = i32[at(LINK_SLOT)];
    if (slot !== 0 && linkable) i32[slot >> 2] = address;
    i32[at(LINK_SLOT)] = 0;
    i32[at(reg(R_PAGE))] = rip - offset;
    i32[at(reg(R_PAGE)) + 1] = 0;
    const tag = i32[at(JUMP_TAG)];
    const entry = (JUMP_CACHE >> 2) + jumpCacheIndex(rip, tag) * 4;
    i32[entry] = rip;
    i32[entry + 1] = tag;
    i32[entry + 2] = address;
    i32[entry + 3] = linkable ? 0 : 1;
    return address;
  }

  /** Decodes the block at `offset`; 0 when its first instruction crosses into the next page. */
  private decode(frame: number, offset: number): number {
    const known = this.codeOf(frame);
    if (known.crossing.has(offset)) return 0;
    this.page.bytes = this.memory.u8;
    this.page.start = FRAMES + frame * PAGE_SIZE;
    const address = this.free;
    const end = this.encoder.encode(this.page, offset, address, known.liveFlags);
    if (end === 0) return 0;
    this.free = end;
    known.blocks.set(offset, address);
    this.statistics.blocks++;
    return address;
  }

  /** The block of the instruction at `rip` that goes on in the next page; 0 after recording a fault. */
  private findCrossing(frame: number, offset: number, rip: number): number {
    const next = rip - offset + PAGE_SIZE;
    if (next >= 2 ** 32) return this.unreachable(1, 0);
    const second = this.hooks.fetch(next);
    if (second < 0) return 0;
    const found = this.codeOf(frame).crossing.get(offset);
    if (found?.second === second) return found.address;
    const { u8 } = this.memory;
    const { bytes } = this.crossing;
    const here = PAGE_SIZE - offset;
    bytes.set(u8.subarray(FRAMES + frame * PAGE_SIZE + offset, FRAMES + (frame + 1) * PAGE_SIZE));
    bytes.set(u8.subarray(FRAMES + second * PAGE_SIZE, FRAMES + second * PAGE_SIZE + MAX_LENGTH), here);
    this.crossing.start = -offset;
    this.crossing.begin = offset;
    this.crossing.end = offset + here + MAX_LENGTH;
    const address = this.free;
    this.free = this.encoder.encode(this.crossing, offset, address, new Map());
    this.codeOf(frame).crossing.set(offset, { second, address });
    this.codeOf(second).crossedFrom.add(frame);
    this.statistics.blocks++;
    return address;
  }

  private codeOf(frame: number): FrameCode {
    const known = this.code[frame];
    if (known) return known;
    const made = { blocks: new Map(), crossing: new Map(), crossedFrom: new Set<number>(), liveFlags: new Map() };
    this.code[frame] = made;
    this.hooks.onCode(frame);
    return made;
  }

  // ---- dropping code

  hasCode(frame: number): boolean {
    return this.code[frame] !== undefined;
  }

  dropFrame(frame: number): void {
    const known = this.code[frame];
    if (!known) return;
    this.code[frame] = undefined;
    for (const from of known.crossedFrom) {
      const crossing = this.code[from]?.crossing;
      for (const [offset, { second }] of crossing ?? []) if (second === frame) crossing!.delete(offset);
    }
    this.clearJumpCache();
    this.memory.i32[at(LEAVE_BLOCK)] = 1;
  }

  newJumpTag(): number {
    if (this.lastTag === 0x3fffffff) {
      this.lastTag = 0;
      this.clearJumpCache();
    }
    return ++this.lastTag;
  }

  /** Forgets all blocks. Only between instructions: their memory is used again. */
  private dropAll(): void {
    this.code.length = 0;
    this.free = MICRO_OPS;
    this.statistics.flushes++;
    this.clearJumpCache();
  }

  private clearJumpCache(): void {
    this.memory.i32.fill(-1, JUMP_CACHE >> 2, JUMP_CACHE_END >> 2);
  }

  // ---- faults and fuel

  private miss(low: number, high: number, bytes: number, write: number): number {
    // It matters to an address that is not canonical alone.
    const top = high >> 15;
    const stack = top !== 0 && top !== -1 && this.throughStack(low >>> 0, high) ? 2 : 0;
    return this.hooks.miss(low >>> 0, high, bytes, write | stack);
  }

  /**
   * Whether the access of the running instruction to an address is through SS: its memory operand is based on RSP or RBP, or
   * it is its implicit access to the stack.
   */
  private throughStack(low: number, high: number): boolean {
    const { i32, u16 } = this.memory;
    const microOp = i32[at(CAREFUL_MICRO_OP)];
    const offset = u16[(microOp >> 1) + 1] & PAGE_MASK;
    const instruction = this.decodeAt(i32[at(reg(R_PAGE))] + offset);
    if (!instruction) return false;
    const { memory, isMemory } = instruction;
    if (!isMemory) return true;
    if (memory.segment === 0 && !memory.ripRelative && (memory.base === RSP || memory.base === RBP)) return true;
    // PUSH, POP and CALL with a memory operand.
    const top = reg(RSP);
    const near = (low - (i32[at(top)] >>> 0)) | 0;
    return i32[at(top) + 1] === high && near >= -8 && near <= 8 && STACK_ROWS.test(instruction.row.name);
  }

  /** The instruction at a linear address whose code is known to be there. */
  private decodeAt(address: number): Instruction | null {
    const bytes = new Uint8Array(MAX_LENGTH);
    // The jump cache may have led here without entries of the page table.
    for (const end of [address, address + MAX_LENGTH - 1]) if (end < 2 ** 32) this.hooks.fetch(end >>> 0);
    for (let i = 0; i < MAX_LENGTH; i++) {
      const entry = this.memory.u32[(PAGE_TABLE_READ >> 2) + ((address + i) >>> PAGE_SHIFT)];
      if ((entry & 1) === 0) bytes[i] = this.memory.u8[(entry + address + i) >>> 0];
    }
    return this.encoder.decodeOne(bytes);
  }

  /** RIP is where no code can be: #PF, or #GP if it is not canonical (SDM Vol. 1, 3.3.7.1). */
  private unreachable(high: number, low: number): 0 {
    if (high > 0 && high < 0x8000) {
      this.hooks.fetch(high * 2 ** 32 + low);
      return 0;
    }
    this.hooks.miss(low, high, 1, 0);
    const { i32 } = this.memory;
    if (i32[at(FAULT_VECTOR)] === VECTOR_PF) i32[at(FAULT_CODE)] |= PF_FETCH;
    return 0;
  }

  /** After leaving a block in its middle: takes off the fuel what has retired of it. */
  private correctFuel(): void {
    const { i32, u16, u8 } = this.memory;
    let microOp = i32[at(EXIT_MICRO_OP)];
    if (microOp === 0) return;
    let left = 0;
    let last = -1;
    for (;;) {
      const handler = u16[microOp >> 1];
      if (handler === H_GOTO || handler === H_GOTO_FAR) break;
      // An instruction may have several micro-ops; they have the same offset.
      const offset = u16[(microOp >> 1) + 1] & PAGE_MASK;
      if (offset !== last) left++;
      last = offset;
      const attributes = this.handlers.attributes[handler];
      if (attributes & FUSED) {
        left++;
        microOp += MICRO_OP_SIZE;
      }
      if (attributes & TERMINATOR) break;
      microOp += MICRO_OP_SIZE;
    }
    i32[at(FUEL)] -= u8[microOp + COUNT] - left;
  }
}
