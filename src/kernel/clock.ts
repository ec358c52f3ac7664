/**
 * Guest time. A Worker's clock stands still while it computes, so the guest's clock is the host's at the last turn of the
 * event loop plus what the instructions and system calls since then are worth. It never goes back: where the estimate was
 * ahead, it waits for the host to catch up.
 */
import { FUEL, FUEL_START } from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import type { PhysicalMemory } from "../memory/types.ts";

/** What an interpreted instruction is worth, in nanoseconds. */
export const INSTRUCTION_NS = 4;
/** What entering and leaving the kernel is worth, in instructions: it is taken off the slice's fuel. */
export const SYSCALL_INSTRUCTIONS = 40;

/** What a thread's turn costs besides, in instructions: programs that spin with PAUSE have very short ones. */
export const SLICE_INSTRUCTIONS = 400;

const FUEL_INDEX = (STATE_ADDRESS + FUEL) >> 2;
const FUEL_START_INDEX = (STATE_ADDRESS + FUEL_START) >> 2;

/** Guest clocks start here, so that no clock reads 0. */
const BOOT_NS = 1e9;

export class Clock {
  readonly #physical: PhysicalMemory;
  /** Host milliseconds that are monotonic 0. */
  #origin = 0;
  /** Monotonic nanoseconds of the host at the last `sync`. */
  #host = BOOT_NS;
  /** What instructions since then are worth, as far as they have been taken. */
  #spent = 0;
  /** Largest value given out. */
  #last = BOOT_NS;
  #running = false;
  /** Units of the slice that are in #spent and #total already. */
  #taken = 0;
  /** Instruction units taken since boot. */
  #total = 0;

  constructor(physical: PhysicalMemory) {
    this.#physical = physical;
  }

  /** Boot: monotonic time begins at this time of the host (milliseconds since the epoch). */
  start(hostMilliseconds: number): void {
    this.#origin = hostMilliseconds - BOOT_NS / 1e6;
    this.#host = this.#last = BOOT_NS;
    this.#spent = 0;
  }

  /** Takes over the host's time (milliseconds since the epoch); called when the event loop has had its turn. */
  sync(hostMilliseconds: number): void {
    this.#last = this.now();
    this.#host = Math.max(this.#host, Math.round((hostMilliseconds - this.#origin) * 1e6));
    this.#spent = 0;
  }

  /** A slice begins: FUEL and FUEL_START are this machine's from here to `endSlice`, before which its units are taken. */
  beginSlice(): void {
    this.#running = true;
    this.#taken = 0;
  }

  /** Instruction units of the slice since it began or they were taken last. They stay part of the time. */
  takeUnits(): number {
    const units = this.#sliceUnits();
    this.#taken += units;
    this.#spent += units * INSTRUCTION_NS;
    this.#total += units;
    return units;
  }

  endSlice(): void {
    this.#running = false;
  }

  /** CLOCK_MONOTONIC in nanoseconds. */
  now(): number {
    const now = this.#host + this.#spent + this.#sliceUnits() * INSTRUCTION_NS;
    if (now > this.#last) this.#last = now;
    return this.#last;
  }

  /** Worth of the slice that runs, in nanoseconds: not yet charged to its thread. */
  get sliceTime(): number {
    return this.#sliceUnits() * INSTRUCTION_NS;
  }

  /** CPU time of all threads so far, in nanoseconds. */
  get cpuTime(): number {
    return (this.#total + this.#sliceUnits()) * INSTRUCTION_NS;
  }

  /** CLOCK_REALTIME of monotonic time `at`: whole seconds, and nanoseconds. */
  realtime(at = this.now()): { sec: number; nsec: number } {
    const origin = this.#origin;
    const originSec = Math.floor(origin / 1000);
    const nsec = Math.round((origin - originSec * 1000) * 1e6) + at;
    const carry = Math.floor(nsec / 1e9);
    return { sec: originSec + carry, nsec: nsec - carry * 1e9 };
  }

  /** Monotonic time of a CLOCK_REALTIME instant. */
  fromRealtime(sec: number, nsec: number): number {
    const origin = this.#origin;
    const originSec = Math.floor(origin / 1000);
    return (sec - originSec) * 1e9 + nsec - Math.round((origin - originSec * 1000) * 1e6);
  }

  /** Monotonic time that the host has certainly reached: what sleeping is measured against. */
  get hostTime(): number {
    return this.#host;
  }

  #sliceUnits(): number {
    if (!this.#running) return 0;
    const { i32 } = this.#physical;
    return i32[FUEL_START_INDEX] - i32[FUEL_INDEX] - this.#taken;
  }
}
