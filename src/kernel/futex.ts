/** Futexes (futex(2)): waiters by the word they wait on. */
import { EINVAL, Errno } from "../abi/errno.ts";
import type { AddressSpace } from "../memory/address-space.ts";
import { AREA_SHARED } from "../memory/areas.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import { WaitQueue } from "../wait/queue.ts";
import type { PiWaiter } from "./futex-pi.ts";
import type { Thread } from "./task.ts";

/**
 * One wait. Its thread sleeps on `queue`; when that is empty the wait is over by other means (signal, timeout, death) and
 * the entry is stale: a wake passes over it.
 */
export class FutexWaiter {
  readonly queue = new WaitQueue();
  readonly bitset: number;
  /** Where it is registered, or was last. */
  key: FutexKey | null = null;
  woken = false;
  /** The lock that the waiter is to be moved to (FUTEX_WAIT_REQUEUE_PI), for whom; null for other waits. */
  readonly lock: { readonly thread: Thread; readonly key: FutexKey } | null;
  /** Its place in the line for that lock, once it was moved. */
  lockWaiter: PiWaiter | null = null;

  constructor(bitset: number, lock: FutexWaiter["lock"] = null) {
    this.bitset = bitset;
    this.lock = lock;
  }
}

/**
 * Added to the offset of a word in private memory that is used without FUTEX_PRIVATE_FLAG: those who wait with the flag and
 * those who wait without do not meet (FUT_OFF_MMSHARED).
 */
const PRIVATE_MEMORY = 2;

/** What identifies a futex: an address space and an address in it, or a shared object and an offset in it. */
export interface FutexKey {
  readonly owner: object;
  readonly offset: number;
}

export class Futexes {
  readonly #waiters = new Map<object, Map<number, FutexWaiter[]>>();

  /**
   * The key of the word at `address`. A shared mapping has the same key wherever it is mapped; without FUTEX_PRIVATE_FLAG
   * (`shared`) the mapping says which it is.
   */
  key(space: AddressSpace, address: number, shared: boolean): FutexKey {
    if (shared) {
      const area = space.areas.at(Math.floor(address / PAGE_SIZE));
      if (area !== null && area.source !== null && area.flags & AREA_SHARED) {
        return {
          owner: area.source,
          offset: area.index(Math.floor(address / PAGE_SIZE)) * PAGE_SIZE + (address % PAGE_SIZE),
        };
      }
    }
    return { owner: space, offset: shared ? address + PRIVATE_MEMORY : address };
  }

  add(key: FutexKey, waiter: FutexWaiter): void {
    waiter.key = key;
    let words = this.#waiters.get(key.owner);
    if (words === undefined) this.#waiters.set(key.owner, (words = new Map()));
    const list = words.get(key.offset);
    if (list === undefined) words.set(key.offset, [waiter]);
    else list.push(waiter);
  }

  /** Forgets a wait that has ended without a wake. */
  remove(key: FutexKey, waiter: FutexWaiter): void {
    const list = this.#list(key);
    const at = list.indexOf(waiter);
    if (at >= 0) list.splice(at, 1);
    this.#trim(key);
  }

  /** Wakes up to `limit` waiters whose bitset meets `bitset`, in order; returns how many. */
  wake(key: FutexKey, limit: number, bitset = 0xffff_ffff): number {
    const list = this.#list(key);
    let woken = 0;
    for (let i = 0; i < list.length && woken < limit; ) {
      const waiter = list[i];
      const stale = waiter.queue.empty;
      if (!stale && (waiter.bitset & bitset) === 0) {
        i++;
        continue;
      }
      // Only FUTEX_CMP_REQUEUE_PI may wake it.
      if (!stale && waiter.lock !== null) throw new Errno(EINVAL);
      list.splice(i, 1);
      if (stale) continue;
      waiter.woken = true;
      waiter.queue.wake();
      woken++;
    }
    this.#trim(key);
    return woken;
  }

  /** Wakes waiters on a word of `space` that wait without FUTEX_PRIVATE_FLAG (thread exit). */
  wakeAt(space: AddressSpace, address: number, limit: number): number {
    return this.wake(this.key(space, address, true), limit);
  }

  /** Moves up to `limit` waiters to another word, asleep; returns how many. */
  requeue(from: FutexKey, to: FutexKey, limit: number): number {
    if (from.owner === to.owner && from.offset === to.offset) {
      return Math.min(limit, this.#list(from).filter((waiter) => !waiter.queue.empty).length);
    }
    const list = this.#list(from);
    let moved = 0;
    while (list.length > 0 && moved < limit) {
      const waiter = list.shift()!;
      if (waiter.queue.empty) continue;
      this.add(to, waiter);
      moved++;
    }
    this.#trim(from);
    return moved;
  }

  /** Those that wait on a word now, in order. */
  waiting(key: FutexKey): FutexWaiter[] {
    return this.#list(key).filter((waiter) => !waiter.queue.empty);
  }

  /** Words that have waiters. */
  get size(): number {
    let size = 0;
    for (const words of this.#waiters.values()) size += words.size;
    return size;
  }

  #list(key: FutexKey): FutexWaiter[] {
    return this.#waiters.get(key.owner)?.get(key.offset) ?? [];
  }

  #trim(key: FutexKey): void {
    const words = this.#waiters.get(key.owner);
    if (words?.get(key.offset)?.length !== 0) return;
    words.delete(key.offset);
    if (words.size === 0) this.#waiters.delete(key.owner);
  }
}
