/**
 * Restartable sequences (rseq(2)): user code that must not be preempted names its range; a thread that was preempted or gets
 * a signal within it goes on at the range's abort handler (kernel/rseq.c).
 */
import { EFAULT, EINVAL, Errno } from "../abi/errno.ts";
import type { Thread } from "./task.ts";

/** struct rseq as it was first; larger ones begin with it. */
export const RSEQ_SIZE = 32;
export const RSEQ_FLAG_UNREGISTER = 1;

// struct rseq
const CPU_ID_START = 0;
const CPU_ID = 4;
const RSEQ_CS = 8;
const NODE_ID = 20;
const MM_CID = 24;
/** cpu_id of a thread without registration. */
const CPU_ID_UNINITIALIZED = 0xffff_ffff;

// struct rseq_cs
const CS_VERSION = 0;
const CS_START = 8;
const CS_LENGTH = 16;
const CS_ABORT = 24;

/** Writes the number of the one CPU there is. */
export function registerRseq(t: Thread, address: number, signature: number): void {
  t.user.probe(address, RSEQ_SIZE, true);
  for (const field of [CPU_ID_START, CPU_ID, NODE_ID, MM_CID]) t.user.setU32(address + field, 0);
  t.rseq = { address, signature };
}

export function unregisterRseq(t: Thread): void {
  const { address } = t.rseq!;
  t.user.setU32(address + CPU_ID_START, 0);
  t.user.setU32(address + CPU_ID, CPU_ID_UNINITIALIZED);
  t.rseq = null;
}

/**
 * The loaded thread was interrupted: leaves its sequence, if it is in one. Throws EFAULT or EINVAL when what the thread
 * registered is not right (SIGSEGV), NeedPage.
 */
export function abortSequence(t: Thread): void {
  if (t.rseq === null) return;
  const { user } = t;
  const { address, signature } = t.rseq;
  const descriptor = user.u64(address + RSEQ_CS);
  if (descriptor === 0) return;
  const { registers } = t.kernel;
  const offset = registers.rip - user.u64(descriptor + CS_START);
  const inside = offset >= 0 && offset < user.u64(descriptor + CS_LENGTH);
  if (user.u32(descriptor + CS_VERSION) !== 0) throw new Errno(EINVAL);
  if (inside) {
    const abort = user.u64(descriptor + CS_ABORT);
    if (abort < 4) throw new Errno(EFAULT);
    if (user.u32(abort - 4) !== signature) throw new Errno(EINVAL);
    registers.rip = abort;
  }
  user.clear(address + RSEQ_CS, 8);
}
