/**
 * Guest time. A Worker's clock stands still while it computes, so the guest's clock is the host's at the last turn of the
 * event loop plus what the instructions and system calls since then are worth. It never goes back: where the estimate was
 * ahead, it waits for the host to catch up.
 */
import { FUEL, FUEL_START } from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import type { PhysicalMemory } from "../memory/types.ts";
import type { ClockListener } from "../wait/deadlines.ts";
import { WaitQueue } from "../wait/queue.ts";

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
  /** CLOCK_REALTIME at monotonic 0: seconds, and nanoseconds. */
  #realSec = 0;
  #realNsec = 0;
  /** The second of CLOCK_REALTIME that was asked for last, and the monotonic time at which it ends. */
  #second = 0;
  #secondEnd = Number.NEGATIVE_INFINITY;
  /** Those who hold absolute times of CLOCK_REALTIME. */
  readonly listeners = new Set<ClockListener>();
  /** What adjtimex(2) keeps, in its units; `status` begins as STA_UNSYNC. */
  readonly discipline = {
    offset: 0,
    frequency: 0,
    maxError: 16_000_000,
    estimatedError: 16_000_000,
    status: 0x40,
    constant: 2,
    tick: 10_000,
    tai: 0,
  };
  /** struct timezone, which settimeofday(2) sets and nothing else uses. */
  zone = { minutesWest: 0, daylight: 0 };
  /** Fires when CLOCK_REALTIME is set. */
  readonly wasSet = new WaitQueue();
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
    this.#realSec = Math.floor(this.#origin / 1000);
    this.#realNsec = Math.round((this.#origin - this.#realSec * 1000) * 1e6);
    this.#secondEnd = Number.NEGATIVE_INFINITY;
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
    const nsec = this.#realNsec + at;
    const carry = Math.floor(nsec / 1e9);
    return { sec: this.#realSec + carry, nsec: nsec - carry * 1e9 };
  }

  /** CLOCK_REALTIME now, in whole seconds. */
  seconds(): number {
    const now = this.now();
    if (now >= this.#secondEnd) {
      const { sec, nsec } = this.realtime(now);
      this.#second = sec;
      this.#secondEnd = now - nsec + 1e9;
    }
    return this.#second;
  }

  /** Monotonic time of a CLOCK_REALTIME instant. */
  fromRealtime(sec: number, nsec: number): number {
    return (sec - this.#realSec) * 1e9 + nsec - this.#realNsec;
  }

  /** Sets CLOCK_REALTIME for this machine (clock_settime(2)). */
  setRealtime(sec: number, nsec: number): void {
    const step = this.fromRealtime(sec, nsec) - this.now();
    const base = nsec - this.now();
    const carry = Math.floor(base / 1e9);
    this.#realSec = sec + carry;
    this.#realNsec = base - carry * 1e9;
    this.#secondEnd = Number.NEGATIVE_INFINITY;
    for (const listener of [...this.listeners]) listener.clockSet(step);
    this.wasSet.wake();
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
