/** One emulated Linux: its processes, what they run on, and the way out. */
import type { Cpu } from "../cpu/cpu.ts";
import type { FrameOwner, PhysicalMemory } from "../memory/types.ts";
import type { Clock } from "./clock.ts";
import type { Host } from "./host.ts";
import type { PidAllocator } from "./pids.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Process, Thread } from "./task.ts";

export class Kernel {
  readonly physical: PhysicalMemory;
  readonly cpu: Cpu;
  /** Who is charged for the frames of this machine's processes and files. */
  readonly owner: FrameOwner;
  readonly pids: PidAllocator;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** By pid, zombies included. */
  readonly processes = new Map<number, Process>();
  /** By tid. */
  readonly threads = new Map<number, Thread>();
  /** The thread whose registers are at STATE_ADDRESS, or null between slices. */
  current: Thread | null = null;
  /** Valid during `Machine.run` only. */
  host!: Host;
}
