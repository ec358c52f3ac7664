/**
 * Priority-inheritance futexes (futex(2), kernel/futex/pi.c): the word holds the owner's tid, the kernel hands the lock to the
 * waiter of highest priority. One CPU gives all threads turns whatever their priority, so nothing is to be inherited.
 */
import { EDEADLK, EINVAL, ESRCH } from "../abi/errno.ts";
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from "../abi/futex.ts";
import type { UserMemory } from "../memory/types.ts";
import { WaitQueue } from "../wait/queue.ts";
import type { FutexKey } from "./futex.ts";
import { ownTid, threadOf } from "./lookup.ts";
import type { Thread } from "./task.ts";

/** One thread's wait for a lock. When its queue is empty the wait has ended by other means and the entry is stale. */
export class PiWaiter {
  readonly thread: Thread;
  readonly queue: WaitQueue;
  lock: PiLock | null = null;
  /** The lock is its thread's. */
  acquired = false;
  /** ... because the last owner ended: the thread has yet to write its tid to the word. */
  inherited = false;

  constructor(thread: Thread, queue: WaitQueue = new WaitQueue()) {
    this.thread = thread;
    this.queue = queue;
  }
}

/** A lock that was contended since its owner got it. */
interface PiLock {
  readonly key: FutexKey;
  owner: Thread;
  readonly waiters: PiWaiter[];
  /** The heir of an owner that ended, until it has written the word. */
  heir: PiWaiter | null;
}

export class PiFutexes {
  readonly #locks = new Map<object, Map<number, PiLock>>();
  readonly #owned = new Map<Thread, Set<PiLock>>();
  readonly #blocked = new Map<Thread, PiWaiter>();

  /**
   * Takes the lock for `thread` if it is free: 1; 0 when another has it, and then FUTEX_WAITERS is set in the word. Negative:
   * EDEADLK, ESRCH (the owner is gone), EINVAL (the word is not what the kernel knows). `contended`: others will wait.
   */
  attempt(user: UserMemory, address: number, key: FutexKey, thread: Thread, contended = false): number {
    const word = user.u32(address);
    const tid = word & FUTEX_TID_MASK;
    const own = ownTid(thread);
    if (tid === own) return -EDEADLK;
    const lock = this.#find(key);
    if (lock !== undefined && (lock.heir !== null || top(lock) !== null)) {
      if (lock.heir === null && tid !== ownTid(lock.owner)) return -EINVAL;
      return this.#wouldDeadlock(thread, lock.owner) ? -EDEADLK : 0;
    }
    if (tid === 0) {
      if (lock !== undefined) this.#forget(lock);
      user.setU32(address, ((word & FUTEX_OWNER_DIED) | own | (contended ? FUTEX_WAITERS : 0)) >>> 0);
      return 1;
    }
    // The word says that others wait before it is known that there is nobody to wait for.
    user.setU32(address, (word | FUTEX_WAITERS) >>> 0);
    const owner = threadOf(thread, tid);
    if (owner === undefined) return -ESRCH;
    if (lock?.owner !== owner) {
      if (lock !== undefined) this.#forget(lock);
      this.#remember({ key, owner, waiters: [], heir: null });
    }
    return this.#wouldDeadlock(thread, owner) ? -EDEADLK : 0;
  }

  /** After `attempt` gave 0: the waiter stands in line. */
  enqueue(key: FutexKey, waiter: PiWaiter): void {
    const lock = this.#find(key)!;
    waiter.lock = lock;
    lock.waiters.push(waiter);
    this.#blocked.set(waiter.thread, waiter);
  }

  /** The wait has ended without the lock. */
  leave(waiter: PiWaiter): void {
    this.#blocked.delete(waiter.thread);
    const at = waiter.lock?.waiters.indexOf(waiter) ?? -1;
    if (at >= 0) waiter.lock!.waiters.splice(at, 1);
  }

  /** The waiter's thread runs again with the lock. Writes the word where the last owner could not. */
  settle(user: UserMemory, address: number, waiter: PiWaiter): void {
    if (!waiter.inherited) return;
    user.setU32(address, (ownTid(waiter.thread) | FUTEX_WAITERS | FUTEX_OWNER_DIED) >>> 0);
    waiter.inherited = false;
    if (waiter.lock!.heir === waiter) waiter.lock!.heir = null;
  }

  /** The owner `t` gives the lock up, to the first waiter if there is one. 0 or a negative errno. */
  release(user: UserMemory, address: number, key: FutexKey, t: Thread): number {
    const lock = this.#find(key);
    const next = lock === undefined ? null : top(lock);
    if (next === null) {
      if (lock !== undefined) this.#forget(lock);
      user.setU32(address, 0);
      return 0;
    }
    if (lock!.owner !== t) return -EINVAL;
    user.setU32(address, (ownTid(next.thread) | FUTEX_WAITERS) >>> 0);
    this.#handOver(lock!, next);
    return 0;
  }

  /** The thread ends, or execs: others get its locks (exit_pi_state_list). */
  ownerEnds(t: Thread): void {
    const waiter = this.#blocked.get(t);
    if (waiter !== undefined) this.leave(waiter);
    for (const lock of this.#owned.get(t) ?? []) {
      const next = top(lock);
      if (next === null) {
        this.#forget(lock);
        continue;
      }
      next.inherited = true;
      lock.heir = next;
      this.#handOver(lock, next);
    }
    this.#owned.delete(t);
  }

  #handOver(lock: PiLock, next: PiWaiter): void {
    this.leave(next);
    this.#disown(lock);
    lock.owner = next.thread;
    this.#own(lock);
    next.acquired = true;
    next.queue.wake();
  }

  /** Whether `owner` waits, maybe through others, for what `thread` has. */
  #wouldDeadlock(thread: Thread, owner: Thread): boolean {
    for (let t: Thread | undefined = owner; t !== undefined; t = this.#blocked.get(t)?.lock?.owner) {
      if (t === thread) return true;
    }
    return false;
  }

  #find(key: FutexKey): PiLock | undefined {
    return this.#locks.get(key.owner)?.get(key.offset);
  }

  #remember(lock: PiLock): void {
    const { owner, offset } = lock.key;
    let words = this.#locks.get(owner);
    if (words === undefined) this.#locks.set(owner, (words = new Map()));
    words.set(offset, lock);
    this.#own(lock);
  }

  #forget(lock: PiLock): void {
    this.#disown(lock);
    const words = this.#locks.get(lock.key.owner);
    words?.delete(lock.key.offset);
    if (words?.size === 0) this.#locks.delete(lock.key.owner);
  }

  #own(lock: PiLock): void {
    const locks = this.#owned.get(lock.owner);
    if (locks === undefined) this.#owned.set(lock.owner, new Set([lock]));
    else locks.add(lock);
  }

  #disown(lock: PiLock): void {
    const locks = this.#owned.get(lock.owner);
    locks?.delete(lock);
    if (locks?.size === 0) this.#owned.delete(lock.owner);
  }
}

/** The waiter of highest priority that still waits, the earliest of equals; null when there is none. */
function top({ waiters }: PiLock): PiWaiter | null {
  let best: PiWaiter | null = null;
  for (const waiter of waiters) {
    if (waiter.queue.empty) continue;
    if (best === null || waiter.thread.priority > best.thread.priority) best = waiter;
  }
  return best;
}
