/** Kinds of access, why one fails, and how the CPU is told. */
import { FAULT_ADDRESS, FAULT_CODE, FAULT_VECTOR } from "../cpu/state.ts";
import { STATE_ADDRESS } from "./layout.ts";
import type { PhysicalMemory } from "./types.ts";

export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
export const ACCESS_EXEC = 2;
export type Access = typeof ACCESS_READ | typeof ACCESS_WRITE | typeof ACCESS_EXEC;

export const CAUSE_NONE = 0;
/** SIGSEGV, SEGV_MAPERR: nothing is mapped there. */
export const CAUSE_MAPERR = 1;
/** SIGSEGV, SEGV_ACCERR: the mapping forbids it. */
export const CAUSE_ACCERR = 2;
/** SIGBUS, BUS_ADRERR: beyond the end of the mapped file. */
export const CAUSE_BUS_ADRERR = 3;
/** The page must be fetched: wait on `AddressSpace.faultQueue`, then try again. */
export const CAUSE_NEED_PAGE = 4;
/** The machine or the isolate has no frame left. */
export const CAUSE_OUT_OF_MEMORY = 5;
/** SIGSEGV (SIGBUS for #SS) with SI_KERNEL: not a canonical address. */
export const CAUSE_NOT_CANONICAL = 6;
export type Cause = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Page-fault error code bits besides those of cpu/state.ts: the page was present; the access came from user mode. */
export const PF_PRESENT = 1;
export const PF_USER = 4;

/** Writes a fault into the current thread's state; the linear address in two halves. */
export function recordFault(memory: PhysicalMemory, vector: number, code: number, low: number, high: number): void {
  const { i32 } = memory;
  i32[(STATE_ADDRESS + FAULT_VECTOR) >>> 2] = vector;
  i32[(STATE_ADDRESS + FAULT_CODE) >>> 2] = code;
  i32[(STATE_ADDRESS + FAULT_ADDRESS) >>> 2] = low;
  i32[(STATE_ADDRESS + FAULT_ADDRESS + 4) >>> 2] = high;
}
