/** One turn of a thread on the CPU: from the registers being loaded to the end of its quantum, a wait, or its end. */

import { SIGKILL, SIGSEGV } from "../abi/signal.ts";
import type { CpuHooks } from "../cpu/hooks.ts";
import { EXIT_FAULT, EXIT_FUEL, EXIT_SYSCALL, FUEL, FUEL_START, TSC_BASE } from "../cpu/state.ts";
import { Block, ERESTARTNOINTR, NeedPage } from "../wait/queue.ts";
import { beginSlice, charge, settle } from "./accounting.ts";
import { INSTRUCTION_NS, SLICE_INSTRUCTIONS } from "./clock.ts";
import { systemCall } from "./dispatch.ts";
import type { Kernel } from "./kernel.ts";
import { abortSequence } from "./rseq.ts";
import { deliverSignals } from "./signal/deliver.ts";
import { handleFault } from "./signal/faults.ts";
import { forceSignal, kernelInfo } from "./signal/send.ts";
import { noticeContinued } from "./signal/stop.ts";
import { RUNNABLE, type Thread } from "./task.ts";

/** What a fault that the program sees is worth, in instructions. */
const FAULT_UNITS = 300;

/** What the CPU asks of this kernel while one of its threads runs. */
export class KernelHooks implements CpuHooks {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  miss(low: number, high: number, bytes: number, write: number): number {
    this.#kernel.stats.faults++;
    return this.#kernel.current!.process.memory.miss(low, high, bytes, write);
  }

  syscall(): number {
    return systemCall(this.#kernel.current!);
  }

  fetch(address: number): number {
    settle(this.#kernel);
    return this.#kernel.current!.process.memory.fetch(address);
  }

  onCode(frame: number): void {
    this.#kernel.physical.onCode(frame);
  }
}

/** Runs `t` for about `fuel` instruction units (clock.ts). */
export function runSlice(kernel: Kernel, t: Thread, fuel: number): void {
  const { processor, clock, stats } = kernel;
  if (processor.load(t)) stats.switches++;
  processor.cpu.hooks = kernel.hooks;
  kernel.current = t;
  kernel.registers.setField(FUEL, fuel);
  kernel.registers.setField(FUEL_START, fuel + SLICE_INSTRUCTIONS);
  setTimeStampCounter(kernel);
  beginSlice(kernel);
  try {
    if (t.process.continueNotice) noticeContinued(t.process);
    if (t.rseq !== null) leaveSequence(t);
    run(kernel, t);
  } finally {
    charge(kernel, t);
    clock.endSlice();
    kernel.current = null;
  }
  t.process.timers.checkCpuTime(t);
  if (t.state === RUNNABLE) {
    t.usage.involuntarySwitches++;
    kernel.scheduler.enqueue(t);
  }
}

function run(kernel: Kernel, t: Thread): void {
  const { registers, processor } = kernel;
  while (t.state === RUNNABLE) {
    if (t.attention && (!t.resume || t.restart !== 0 || dying(t))) {
      t.attention = false;
      attend(t);
      continue;
    }
    if (t.resume && t.restart === 0) {
      t.resume = false;
      kernel.stats.syscalls--; // It was counted when it began.
      systemCall(t);
      continue;
    }
    if (t.yields) {
      t.yields = false;
      return;
    }
    settle(kernel);
    const left = registers.field(FUEL);
    if (left <= 0) return;
    switch (processor.cpu.run(left)) {
      case EXIT_FAULT:
        kernel.physical.work += FAULT_UNITS;
        handleFault(t);
        break;
      case EXIT_FUEL:
        return;
      case EXIT_SYSCALL:
        break;
    }
  }
}

/** The thread was preempted, or waited. */
function leaveSequence(t: Thread): void {
  try {
    abortSequence(t);
  } catch (error) {
    if (error instanceof NeedPage)
      t.kernel.scheduler.block(t, new Block([error.queue], ERESTARTNOINTR, { saved: t.saved, uninterruptible: true }));
    else forceSignal(t, kernelInfo(SIGSEGV));
  }
}

/** A SIGKILL waits: nothing else is to be done for the thread. */
const dying = (t: Thread): boolean => t.pending.set.has(SIGKILL) || t.process.pending.set.has(SIGKILL);

/** Something is to be settled before the thread goes on in user mode. */
function attend(t: Thread): void {
  // The call with the temporary mask has returned; a signal that it would have let through stays blocked.
  if (t.savedMask !== null && t.restart === 0) {
    t.mask = t.savedMask;
    t.savedMask = null;
  }
  deliverSignals(t);
}

function setTimeStampCounter({ registers, clock }: Kernel): void {
  const ticks = Math.floor(clock.now() / INSTRUCTION_NS);
  registers.setField(TSC_BASE, ticks);
  registers.setField(TSC_BASE + 4, Math.floor(ticks / 0x1_0000_0000));
}
