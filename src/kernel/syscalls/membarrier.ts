/**
 * membarrier(2). One CPU runs all threads, and whatever thread runs next has gone through the scheduler: every barrier holds
 * when the call is made. What is left are the registrations. A restartable sequence that was interrupted has been aborted
 * when its thread lost the CPU, so RSEQ holds as well (kernel/sched/membarrier.c).
 */
import { EINVAL, EPERM } from "../../abi/errno.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

const QUERY = 0;
const GLOBAL = 1 << 0;
const GLOBAL_EXPEDITED = 1 << 1;
const REGISTER_GLOBAL_EXPEDITED = 1 << 2;
const PRIVATE_EXPEDITED = 1 << 3;
const REGISTER_PRIVATE_EXPEDITED = 1 << 4;
const PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;
const REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;
const PRIVATE_EXPEDITED_RSEQ = 1 << 7;
const REGISTER_PRIVATE_EXPEDITED_RSEQ = 1 << 8;
const GET_REGISTRATIONS = 1 << 9;
const ALL = (GET_REGISTRATIONS << 1) - 1;

/** The third argument is a CPU. */
const FLAG_CPU = 1;

function membarrier(t: Thread, command: number, flags: number): number {
  if (flags & ~(command === PRIVATE_EXPEDITED_RSEQ ? FLAG_CPU : 0)) return -EINVAL;
  const { memory } = t.process;
  switch (command) {
    case QUERY:
      return ALL;
    case GLOBAL:
    case GLOBAL_EXPEDITED:
      return 0;
    case PRIVATE_EXPEDITED:
    case PRIVATE_EXPEDITED_SYNC_CORE:
    case PRIVATE_EXPEDITED_RSEQ:
      return memory.barriers & (command << 1) ? 0 : -EPERM;
    case REGISTER_GLOBAL_EXPEDITED:
    case REGISTER_PRIVATE_EXPEDITED:
    case REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
    case REGISTER_PRIVATE_EXPEDITED_RSEQ:
      memory.barriers |= command;
      return 0;
    case GET_REGISTRATIONS:
      return memory.barriers;
    default:
      return -EINVAL;
  }
}

export const rows: readonly SyscallRow[] = [call(324, "membarrier", "int uint int", membarrier)];
