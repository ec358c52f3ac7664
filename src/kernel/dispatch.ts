/**
 * The way into a system call and back: registers to arguments, handler, result to RAX. WebAssembly calls this directly
 * (CpuHooks.syscall) and goes on unless the thread needs attention; a thread whose wait is over comes through here again.
 */
import { EINTR, EMFILE, ENOMEM, ENOSYS, Errno } from "../abi/errno.ts";
import { FUEL, R8, R9, R10, RAX, RDI, RDX, RSI } from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import { OutOfFrames } from "../memory/types.ts";
import { Block, ERESTARTNOINTR, NeedPage } from "../wait/queue.ts";
import { settle } from "./accounting.ts";
import { SYSCALL_INSTRUCTIONS } from "./clock.ts";
import type { Kernel } from "./kernel.ts";
import { filterCall } from "./seccomp.ts";
import { type HandlerTable, KEEP_REGISTERS, type SyscallRow, WIDTHS } from "./syscalls/row.ts";
import { table } from "./syscalls/table.ts";
import type { Thread } from "./task.ts";
import { intercepts } from "./user-dispatch.ts";

const STATE = STATE_ADDRESS >> 2;
const FUEL_INDEX = (STATE_ADDRESS + FUEL) >> 2;
const RAX_INDEX = STATE + RAX * 2;
/** Where the six arguments are, in order. */
const ARGUMENTS = [RDI, RSI, RDX, R10, R8, R9].map((register) => STATE + register * 2);
const [A, B, C, D, E, F] = ARGUMENTS;

// The table, laid out for dispatch: handlers, and two bits an argument that say how its register is read.
const I32 = 0;
const U32 = 1;
const I64 = 2;
const U64 = 3;
const CODES = { i32: I32, u32: U32, i64: I64, u64: U64 } as const;
/** What a kernel has unless it is made with others (Kernel.handlers). */
export const handlers: HandlerTable = table.map((row) => row?.handler);
const widths = Uint16Array.from(table, (row) =>
  row === undefined ? 0 : row.args.reduce((codes, type, i) => codes | (CODES[WIDTHS[type]] << (2 * i)), 0),
);

/** The argument in the register at `index`, as `code` says (its low two bits). */
function argument(u32: Uint32Array, index: number, code: number): number {
  const low = u32[index];
  if ((code & 2) === 0) return (code & 1) === 0 ? low | 0 : low;
  const high = u32[index + 1];
  if (high === 0) return low;
  return ((code & 1) === 0 ? high | 0 : high) * 0x1_0000_0000 + low;
}

/** All arguments of `row`, for strace. */
export function readArguments(t: Thread, row: SyscallRow): number[] {
  const { u32 } = t.kernel.physical;
  return row.args.map((type, i) => argument(u32, ARGUMENTS[i], CODES[WIDTHS[type]]));
}

/**
 * Runs the system call in the registers of the loaded thread `t`. Returns 0 when the thread goes on at once, 1 when it
 * waits or needs attention.
 */
export function systemCall(t: Thread): 0 | 1 {
  const { kernel } = t.process;
  const { u32, i32 } = kernel.physical;
  const number = u32[RAX_INDEX];
  const handler = kernel.handlers[number];
  const saved = t.saved;
  i32[FUEL_INDEX] -= SYSCALL_INSTRUCTIONS;
  kernel.stats.syscalls++;
  if (kernel.trace !== null && saved === null) kernel.trace.enter(t, number);
  if (t.userDispatch !== null && saved === null) {
    try {
      if (intercepts(t, t.userDispatch, number)) return 1;
    } catch (error) {
      if (!(error instanceof NeedPage)) throw error;
      return wait(t, new Block([error.queue], ERESTARTNOINTR, { uninterruptible: true }));
    }
  }
  let result: number | Block;
  const verdict = t.seccomp === null ? null : filterCall(t, number);
  if (verdict !== null) {
    if (verdict === "skip") return 1;
    result = verdict;
  } else if (handler === undefined) {
    kernel.logMissing(number);
    result = -ENOSYS;
  } else {
    const code = widths[number];
    try {
      result = handler(
        t,
        argument(u32, A, code),
        argument(u32, B, code >> 2),
        argument(u32, C, code >> 4),
        argument(u32, D, code >> 6),
        argument(u32, E, code >> 8),
        argument(u32, F, code >> 10),
      );
    } catch (error) {
      result = caught(kernel, error, saved);
    }
  }
  if (kernel.physical.work !== 0) settle(kernel);
  if (typeof result !== "number") {
    if (result !== KEEP_REGISTERS) return wait(t, result);
    result = 0;
  } else {
    const after = kernel.physical.i32;
    after[RAX_INDEX] = result;
    after[RAX_INDEX + 1] = (result | 0) === result ? result >> 31 : Math.floor(result / 0x1_0000_0000);
  }
  t.saved = null;
  t.passedFilters = false;
  if (kernel.trace !== null) kernel.trace.leave(t, number, result);
  return t.attention ? 1 : 0;
}

/** What a call that ends by an exception is worth beyond others, in instruction units: the engine unwinds in some 600 ns. */
const EXCEPTION_UNITS = 150;

/** What an exception means: a result, or a wait after which the handler runs again from where it was. */
function caught(kernel: Kernel, error: unknown, saved: unknown): number | Block {
  kernel.physical.work += EXCEPTION_UNITS;
  if (error instanceof Errno) {
    if (error.errno === EMFILE) kernel.refuse("files", "EMFILE");
    return -error.errno;
  }
  if (error instanceof NeedPage) return new Block([error.queue], ERESTARTNOINTR, { saved, uninterruptible: true });
  if (error instanceof OutOfFrames) return -ENOMEM;
  throw error;
}

/** The call cannot finish now. With a signal to deliver it ends, or restarts, after that; else the thread sleeps. */
function wait(t: Thread, block: Block): 1 {
  t.resume = true;
  if (!block.uninterruptible && t.interrupted) {
    t.saved = block.saved ?? null;
    t.restart = block.restart;
    t.attention = true;
  } else {
    t.saved = null;
    t.kernel.scheduler.block(t, block);
    t.usage.voluntarySwitches++;
  }
  return 1;
}

/** Ends an interrupted call with `result`, when a handler is about to run. */
export function finishInterrupted(t: Thread, result: number = -EINTR): void {
  t.resume = false;
  t.restart = 0;
  t.saved = null;
  t.passedFilters = false;
  const { kernel } = t.process;
  kernel.registers.set(RAX, result);
  if (kernel.trace !== null) kernel.trace.interrupted(t, result);
}

/** The SYSCALL instruction's length: what a restart takes RIP back by. */
const SYSCALL_LENGTH = 2;

/** Lets the interrupted call begin anew once the handler has returned; RAX still has its number. */
export function restartInterrupted(t: Thread, restart: number): void {
  t.resume = false;
  t.restart = 0;
  t.saved = null;
  t.passedFilters = false;
  const { registers, trace } = t.process.kernel;
  registers.rip -= SYSCALL_LENGTH;
  if (trace !== null) trace.interrupted(t, -restart);
}
