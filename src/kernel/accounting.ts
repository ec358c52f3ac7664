/** Charging CPU time to threads: what instructions, system calls and turns are worth (clock.ts). */
import { INSTRUCTION_NS, SLICE_INSTRUCTIONS, SYSCALL_INSTRUCTIONS } from "./clock.ts";
import type { Kernel } from "./kernel.ts";
import type { Thread } from "./task.ts";

/** Opens the account of a slice: FUEL and FUEL_START are set. */
export function beginSlice({ clock, stats, slice }: Kernel): void {
  slice.syscalls = stats.syscalls;
  slice.overhead = SLICE_INSTRUCTIONS;
  clock.beginSlice();
}

/** Charges `t` with what the slice has taken since it began, or was charged last: at its end, or when the thread ends. */
export function charge(kernel: Kernel, t: Thread): void {
  const { clock, stats, slice } = kernel;
  const units = clock.takeUnits();
  const system = Math.min((stats.syscalls - slice.syscalls) * SYSCALL_INSTRUCTIONS + slice.overhead, units);
  slice.syscalls = stats.syscalls;
  slice.overhead = 0;
  stats.instructions += units - system;
  t.usage.system += system * INSTRUCTION_NS;
  t.usage.user += (units - system) * INSTRUCTION_NS;
}
