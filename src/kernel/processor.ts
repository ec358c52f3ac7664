/** The isolate's one CPU as its kernels share it: whose registers are loaded. */
import type { Cpu } from "../cpu/cpu.ts";
import { STATE_SIZE } from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import type { Frames } from "../memory/physical.ts";
import { Registers } from "./registers.ts";
import type { Thread } from "./task.ts";

export class Processor {
  readonly physical: Frames;
  readonly cpu: Cpu;
  /** Of the loaded thread. */
  readonly registers: Registers;
  /** The thread whose state at STATE_ADDRESS is newer than its copy, or null. */
  #loaded: Thread | null = null;

  constructor(physical: Frames, cpu: Cpu) {
    this.physical = physical;
    this.cpu = cpu;
    this.registers = new Registers(physical);
  }

  /** Makes `t` the thread that `cpu.run` runs. Returns whether another one was loaded. */
  load(t: Thread): boolean {
    const switched = this.#loaded !== t;
    if (switched) {
      this.save();
      this.physical.u8.set(t.registers, STATE_ADDRESS);
      this.#loaded = t;
    }
    t.process.memory.activate();
    return switched;
  }

  /** Copies the loaded registers back to their thread. */
  save(): void {
    const t = this.#loaded;
    if (t === null) return;
    t.registers.set(this.physical.u8.subarray(STATE_ADDRESS, STATE_ADDRESS + STATE_SIZE));
    this.#loaded = null;
  }

  /** The thread has ended: its registers are not worth saving. */
  forget(t: Thread): void {
    if (this.#loaded === t) this.#loaded = null;
  }
}
