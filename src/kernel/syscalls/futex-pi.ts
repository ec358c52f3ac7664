/** The operations of futex(2) on priority-inheritance locks. */
import { EAGAIN, EDEADLK, EINVAL, EPERM, ETIMEDOUT } from "../../abi/errno.ts";
import { FUTEX_BITSET_MATCH_ANY, FUTEX_TID_MASK } from "../../abi/futex.ts";
import { Block, ERESTARTNOINTR } from "../../wait/queue.ts";
import { type FutexKey, FutexWaiter } from "../futex.ts";
import { PiWaiter } from "../futex-pi.ts";
import { ownTid } from "../lookup.ts";
import type { Thread } from "../task.ts";

/** The key of the word at `address`, which must be there and writable. */
function writableKey(t: Thread, address: number, shared: boolean): FutexKey {
  t.user.probe(address, 4, true);
  return t.kernel.futexes.key(t.process.memory, address, shared);
}

/** What a wait for a lock remembers. */
interface LockWait {
  readonly waiter: PiWaiter;
  readonly until: number;
}

/** FUTEX_LOCK_PI and FUTEX_LOCK_PI2. */
export function lockPi(t: Thread, address: number, shared: boolean, deadline: () => number): number | Block {
  const { piFutexes, clock } = t.kernel;
  const saved = t.saved as LockWait | null;
  if (saved?.waiter.acquired) {
    piFutexes.settle(t.user, address, saved.waiter);
    return 0;
  }
  if (saved !== null) {
    piFutexes.leave(saved.waiter);
    if (clock.now() >= saved.until) return -ETIMEDOUT;
  }
  const until = saved?.until ?? deadline();
  const key = writableKey(t, address, shared);
  const taken = piFutexes.attempt(t.user, address, key, t);
  if (taken !== 0) return taken === 1 ? 0 : taken;
  if (clock.now() >= until) return -ETIMEDOUT;
  const waiter = new PiWaiter(t);
  if (!t.interrupted) piFutexes.enqueue(key, waiter);
  const wait: LockWait = { waiter, until };
  return new Block([waiter.queue], ERESTARTNOINTR, { deadline: until, saved: wait });
}

export function tryLockPi(t: Thread, address: number, shared: boolean): number {
  const key = writableKey(t, address, shared);
  const own = (t.user.u32(address) & FUTEX_TID_MASK) === ownTid(t);
  const taken = t.kernel.piFutexes.attempt(t.user, address, key, t);
  // It does not wait, so it closes no circle of those that do.
  if (taken === -EDEADLK && !own) return -EAGAIN;
  return taken === 1 ? 0 : taken || -EAGAIN;
}

export function unlockPi(t: Thread, address: number, shared: boolean): number {
  if ((t.user.u32(address) & FUTEX_TID_MASK) !== ownTid(t)) return -EPERM;
  return t.kernel.piFutexes.release(t.user, address, writableKey(t, address, shared), t);
}

/** What FUTEX_WAIT_REQUEUE_PI remembers. */
interface RequeueWait {
  readonly waiter: FutexWaiter;
  readonly until: number;
}

/** FUTEX_WAIT_REQUEUE_PI: waits on a word until a wake moves it to the line for the lock at `target`, and for the lock. */
export function waitRequeuePi(
  t: Thread,
  address: number,
  shared: boolean,
  value: number,
  deadline: () => number,
  target: number,
): number | Block {
  const { futexes, piFutexes, clock } = t.kernel;
  if (target === address || target % 4 !== 0) return -EINVAL;
  const saved = t.saved as RequeueWait | null;
  if (saved !== null) {
    const { lockWaiter, key } = saved.waiter;
    const late = clock.now() >= saved.until;
    if (lockWaiter !== null) {
      if (lockWaiter.acquired) {
        piFutexes.settle(t.user, target, lockWaiter);
        return 0;
      }
      piFutexes.leave(lockWaiter);
      return late ? -ETIMEDOUT : -EAGAIN;
    }
    futexes.remove(key!, saved.waiter);
    if (late) return -ETIMEDOUT;
  }
  const until = saved?.until ?? deadline();
  t.user.probe(address, 4, false);
  const key = futexes.key(t.process.memory, address, shared);
  const lockKey = writableKey(t, target, shared);
  if (t.user.u32(address) !== value >>> 0) return -EAGAIN;
  const waiter = new FutexWaiter(FUTEX_BITSET_MATCH_ANY, { thread: t, key: lockKey });
  if (t.interrupted) waiter.key = key;
  else futexes.add(key, waiter);
  const wait: RequeueWait = { waiter, until };
  return new Block([waiter.queue], ERESTARTNOINTR, { deadline: until, saved: wait });
}

/** FUTEX_CMP_REQUEUE_PI: the first waiter gets the lock at `target` if it is free, the others stand in line for it. */
export function cmpRequeuePi(
  t: Thread,
  address: number,
  shared: boolean,
  wakes: number,
  target: number,
  moves: number,
  expected: number,
): number {
  const { futexes, piFutexes } = t.kernel;
  if (wakes !== 1 || moves < 0 || address === target || target % 4 !== 0) return -EINVAL;
  t.user.probe(address, 4, false);
  const from = futexes.key(t.process.memory, address, shared);
  const to = writableKey(t, target, shared);
  if (t.user.u32(address) !== expected >>> 0) return -EAGAIN;
  let count = 0;
  for (const waiter of futexes.waiting(from)) {
    if (count - wakes >= moves) break;
    const { lock } = waiter;
    if (lock === null || lock.key.owner !== to.owner || lock.key.offset !== to.offset) return -EINVAL;
    const taken = piFutexes.attempt(t.user, target, to, lock.thread, moves > 0);
    if (taken < 0) return taken;
    futexes.remove(from, waiter);
    waiter.lockWaiter = new PiWaiter(lock.thread, waiter.queue);
    if (taken === 1) {
      waiter.lockWaiter.acquired = true;
      waiter.queue.wake();
    } else {
      piFutexes.enqueue(to, waiter.lockWaiter);
    }
    count++;
  }
  return count;
}
