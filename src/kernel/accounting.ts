/** Charging CPU time to threads: what instructions, system calls and turns are worth (clock.ts). */
import { FUEL } from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import { INSTRUCTION_NS, SLICE_INSTRUCTIONS, SYSCALL_INSTRUCTIONS } from "./clock.ts";
import type { Kernel } from "./kernel.ts";
import type { Thread } from "./task.ts";

const FUEL_INDEX = (STATE_ADDRESS + FUEL) >> 2;

/** Opens the account of a slice: FUEL and FUEL_START are set. */
export function beginSlice({ clock, stats, slice, physical, processor }: Kernel): void {
  physical.work = 0;
  slice.blocks = processor.cpu.statistics.blocks;
  slice.syscalls = stats.syscalls;
  slice.overhead = SLICE_INSTRUCTIONS;
  clock.beginSlice();
}

/** What decoding a block is worth, in instructions. */
const BLOCK_UNITS = 1500;

/** Takes off the slice's fuel what memory and the decoder have done for its thread. The registers are in memory. */
export function settle({ physical, processor, slice }: Kernel): void {
  const { statistics } = processor.cpu;
  const units = physical.work + (statistics.blocks - slice.blocks) * BLOCK_UNITS;
  if (units === 0) return;
  physical.work = 0;
  slice.blocks = statistics.blocks;
  slice.overhead += units;
  physical.i32[FUEL_INDEX] -= units;
}

/** Charges `t` with what the slice has taken since it began, or was charged last: at its end, or when the thread ends. */
export function charge(kernel: Kernel, t: Thread): void {
  const { clock, stats, slice } = kernel;
  const units = clock.takeUnits();
  const system = Math.min((stats.syscalls - slice.syscalls) * SYSCALL_INSTRUCTIONS + slice.overhead, units);
  slice.syscalls = stats.syscalls;
  slice.overhead = 0;
  stats.instructions += units - system;
  t.usage.minorFaults += t.process.memory.takeFaults();
  t.usage.system += system * INSTRUCTION_NS;
  t.usage.user += (units - system) * INSTRUCTION_NS;
}
