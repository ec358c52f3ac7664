/**
 * The registers of the thread that is loaded at STATE_ADDRESS, for the kernel: system call arguments, signal frames, fork and
 * exec. Values are Numbers (exact below 2^53) or pairs of words where all 64 bits matter.
 */
import {
  ADJUST,
  CARRY,
  FUEL,
  FUEL_START,
  OTHER_FLAGS,
  OVERFLOW,
  PARITY_RESULT,
  RIP,
  RSP,
  SIGN_RESULT,
  STATE_SIZE,
  TSC_BASE,
  ZERO_RESULT,
} from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import type { PhysicalMemory } from "../memory/types.ts";

const CF = 0x001;
const RESERVED = 0x002;
const PF = 0x004;
const AF = 0x010;
const ZF = 0x040;
const SF = 0x080;
const IF = 0x200;
const OF = 0x800;
/** TF, DF, NT, AC, ID: kept as they are in OTHER_FLAGS. */
const OTHERS = 0x0100 | 0x0400 | 0x4000 | 0x4_0000 | 0x20_0000;

export class Registers {
  readonly #physical: PhysicalMemory;

  constructor(physical: PhysicalMemory) {
    this.#physical = physical;
  }

  /** All bytes of the state (cpu/state.ts). Valid until a frame is allocated. */
  get bytes(): Uint8Array {
    return this.#physical.u8.subarray(STATE_ADDRESS, STATE_ADDRESS + STATE_SIZE);
  }

  /** Memory in words of 32 bits, for copies of more than a field; the state begins at STATE_ADDRESS. Valid until a frame is allocated. */
  get memory(): Int32Array {
    return this.#physical.i32;
  }

  /**
   * All registers 0, for a new program. What belongs to the slice and the address space stays: the fuel, the time-stamp
   * counter, the jump tag.
   */
  clear(): void {
    const kept = [FUEL, FUEL_START, TSC_BASE, TSC_BASE + 4].map((offset) => this.field(offset));
    this.#physical.u8.fill(0, STATE_ADDRESS, STATE_ADDRESS + STATE_SIZE);
    [FUEL, FUEL_START, TSC_BASE, TSC_BASE + 4].forEach((offset, i) => {
      this.setField(offset, kept[i]);
    });
  }

  /** Register `n` (RAX, RCX …). */
  low(n: number): number {
    return this.#physical.i32[(STATE_ADDRESS >> 2) + n * 2];
  }
  high(n: number): number {
    return this.#physical.i32[(STATE_ADDRESS >> 2) + n * 2 + 1];
  }
  /** Unsigned. */
  get(n: number): number {
    return this.#u64(n * 8);
  }
  set(n: number, value: number): void {
    this.#setU64(n * 8, value);
  }
  setWords(n: number, low: number, high: number): void {
    const { i32 } = this.#physical;
    i32[(STATE_ADDRESS >> 2) + n * 2] = low;
    i32[(STATE_ADDRESS >> 2) + n * 2 + 1] = high;
  }

  get rip(): number {
    return this.#u64(RIP);
  }
  set rip(value: number) {
    this.#setU64(RIP, value);
  }
  get rsp(): number {
    return this.get(RSP);
  }
  set rsp(value: number) {
    this.set(RSP, value);
  }

  /** A 32-bit field of the state by its byte offset. */
  field(offset: number): number {
    return this.#physical.i32[(STATE_ADDRESS + offset) >> 2];
  }
  setField(offset: number, value: number): void {
    this.#physical.i32[(STATE_ADDRESS + offset) >> 2] = value;
  }
  /** A 64-bit field of the state, unsigned. */
  field64(offset: number): number {
    return this.#u64(offset);
  }

  /** RFLAGS as PUSHF and R11 show it; the lazy form is in cpu/state.ts. */
  get flags(): number {
    const zero = this.field(ZERO_RESULT) === 0 && this.field(ZERO_RESULT + 4) === 0;
    let parity = this.field(PARITY_RESULT) & 0xff;
    parity ^= parity >> 4;
    const even = ((0x6996 >> (parity & 15)) & 1) === 0;
    return (
      RESERVED |
      IF |
      (this.field(OTHER_FLAGS) & OTHERS) |
      (this.field(CARRY) & 1 ? CF : 0) |
      (even ? PF : 0) |
      (this.field(ADJUST) & 0x10 ? AF : 0) |
      (zero ? ZF : 0) |
      (this.field(SIGN_RESULT + 4) < 0 ? SF : 0) |
      (this.field(OVERFLOW) < 0 ? OF : 0)
    );
  }
  set flags(value: number) {
    this.setField(ZERO_RESULT, value & ZF ? 0 : 1);
    this.setField(ZERO_RESULT + 4, 0);
    this.setField(SIGN_RESULT, 0);
    this.setField(SIGN_RESULT + 4, value & SF ? -1 : 0);
    this.setField(PARITY_RESULT, value & PF ? 0 : 1);
    this.setField(CARRY, value & CF ? 1 : 0);
    this.setField(OVERFLOW, value & OF ? -0x8000_0000 : 0);
    this.setField(ADJUST, value & AF ? 0x10 : 0);
    this.setField(OTHER_FLAGS, value & OTHERS);
  }

  #u64(offset: number): number {
    const { i32, u32 } = this.#physical;
    const index = (STATE_ADDRESS + offset) >> 2;
    const high = u32[index + 1];
    return high === 0 ? u32[index] : high * 0x1_0000_0000 + (i32[index] >>> 0);
  }

  #setU64(offset: number, value: number): void {
    const { i32 } = this.#physical;
    const index = (STATE_ADDRESS + offset) >> 2;
    i32[index] = value;
    i32[index + 1] = Math.floor(value / 0x1_0000_0000);
  }
}
