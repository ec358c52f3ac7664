/** futex_waitv(2): waiting on several words at once. */
import { EAGAIN, EINVAL, Errno, ETIMEDOUT } from "../../abi/errno.ts";
import {
  FUTEX_32,
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_PRIVATE_FLAG,
  FUTEX_WAITV_MAX,
  FUTEX_WAITV_SIZE,
} from "../../abi/futex.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "../../abi/time.ts";
import { Block, ERESTARTSYS } from "../../wait/queue.ts";
import { FutexWaiter } from "../futex.ts";
import type { Thread } from "../task.ts";
import { absoluteDeadline } from "./futex.ts";
import { call, type SyscallRow } from "./row.ts";

interface VectorWait {
  readonly waiters: readonly FutexWaiter[];
  readonly until: number;
}

/** Words have 32 bits; FUTEX2_PRIVATE is all else that may be said of one. */
export const isFutexFlags = (flags: number): boolean => (flags & ~FUTEX_PRIVATE_FLAG) === FUTEX_32;

/** Element `n` of an array of struct futex_waitv: value, address, flags, a reserved word. */
export function readWord(t: Thread, list: number, n: number): { value: number; address: number; shared: boolean } {
  const at = list + n * FUTEX_WAITV_SIZE;
  const address = t.user.u64(at + 8);
  const flags = t.user.u32(at + 16);
  if (!isFutexFlags(flags) || t.user.u32(at + 20) !== 0) throw new Errno(EINVAL);
  if (address % 4 !== 0) throw new Errno(EINVAL);
  return { value: t.user.u32(at), address, shared: (flags & FUTEX_PRIVATE_FLAG) === 0 };
}

/** Returns the index of a word that was woken. */
function futexWaitv(
  t: Thread,
  list: number,
  count: number,
  flags: number,
  timeout: number,
  clock: number,
): number | Block {
  if (flags !== 0 || count === 0 || count > FUTEX_WAITV_MAX || list === 0) return -EINVAL;
  const { futexes } = t.kernel;
  const saved = t.saved as VectorWait | null;
  if (saved !== null) {
    for (const waiter of saved.waiters) futexes.remove(waiter.key!, waiter);
    const woken = saved.waiters.findLastIndex((waiter) => waiter.woken);
    if (woken >= 0) return woken;
    if (t.kernel.clock.now() >= saved.until) return -ETIMEDOUT;
  }
  if (timeout !== 0 && clock !== CLOCK_MONOTONIC && clock !== CLOCK_REALTIME) return -EINVAL;
  const until = saved?.until ?? absoluteDeadline(t, timeout, clock === CLOCK_REALTIME);
  const words = Array.from({ length: count }, (_, i) => readWord(t, list, i));
  for (const { address, value } of words) if (t.user.u32(address) !== value) return -EAGAIN;
  const waiters = words.map(({ address, shared }) => {
    const waiter = new FutexWaiter(FUTEX_BITSET_MATCH_ANY);
    const key = futexes.key(t.process.memory, address, shared);
    if (t.interrupted) waiter.key = key;
    else futexes.add(key, waiter);
    return waiter;
  });
  const wait: VectorWait = { waiters, until };
  return new Block(
    waiters.map((waiter) => waiter.queue),
    ERESTARTSYS,
    { deadline: until, saved: wait },
  );
}

export const rows: readonly SyscallRow[] = [call(449, "futex_waitv", "ptr uint uint timespec clock", futexWaitv)];
