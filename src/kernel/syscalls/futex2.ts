/** futex_wake, futex_wait and futex_requeue: the operations of futex(2) as calls of their own (Linux 6.7, kernel/futex/syscalls.c). */
import { EINVAL, Errno } from "../../abi/errno.ts";
import { FUTEX_PRIVATE_FLAG } from "../../abi/futex.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "../../abi/time.ts";
import { type Block, ERESTARTSYS } from "../../wait/queue.ts";
import type { Thread } from "../task.ts";
import { absoluteDeadline, requeue, wait, wake } from "./futex.ts";
import { isFutexFlags, readWord } from "./futex-waitv.ts";
import { call, type SyscallRow } from "./row.ts";

const WORD_LIMIT = 2 ** 32;

const isShared = (flags: number): boolean => (flags & FUTEX_PRIVATE_FLAG) === 0;

/** `timeout` is absolute, of `clock`. */
function futexWait(
  t: Thread,
  address: number,
  value: number,
  mask: number,
  flags: number,
  timeout: number,
  clock: number,
): number | Block {
  if (!isFutexFlags(flags) || value >= WORD_LIMIT || mask >= WORD_LIMIT || mask === 0) return -EINVAL;
  if (timeout !== 0 && clock !== CLOCK_MONOTONIC && clock !== CLOCK_REALTIME) return -EINVAL;
  const deadline = () => absoluteDeadline(t, timeout, clock === CLOCK_REALTIME);
  if (t.saved === null) deadline(); // a bad one is an error before a bad word is
  if (address % 4 !== 0) return -EINVAL;
  return wait(t, address, isShared(flags), value, mask, deadline, ERESTARTSYS);
}

function futexWake(t: Thread, address: number, mask: number, count: number, flags: number): number {
  if (!isFutexFlags(flags) || mask >= WORD_LIMIT || mask === 0 || address % 4 !== 0) return -EINVAL;
  return count === 0 ? 0 : wake(t, address, isShared(flags), count, mask);
}

/** `words` are two struct futex_waitv: from the first, whose value is compared, to the second. */
function futexRequeue(t: Thread, words: number, flags: number, wakes: number, moves: number): number {
  if (flags !== 0 || words === 0) return -EINVAL;
  const [from, to] = [0, 1].map((n) => readWord(t, words, n));
  if (from.shared !== to.shared) throw new Errno(EINVAL);
  return requeue(t, from.address, from.shared, wakes, to.address, moves, from.value);
}

export const rows: readonly SyscallRow[] = [
  call(454, "futex_wake", "ptr ulong int uint", futexWake),
  call(455, "futex_wait", "ptr ulong ulong uint timespec clock", futexWait),
  call(456, "futex_requeue", "ptr uint int int", futexRequeue),
];
