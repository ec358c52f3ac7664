/**
 * Waiting as plain data. A system call that cannot finish returns a `Block` that names the queues it waits on; a wake makes
 * the thread runnable and the handler runs again from the start, with `Block.saved`. No promise is involved, so every
 * wait can be interrupted, checkpointed and moved.
 */

export interface Waiter {
  /**
   * The thing waited for may have happened. Called at most once per `add` when the waiter removes itself. An exclusive waiter
   * answers whether it takes the event.
   */
  wake(queue: WaitQueue): unknown;
  /** Of these, a wake goes on until one takes the event (EPOLLEXCLUSIVE). */
  readonly exclusive?: boolean;
}

/** A first-in-first-out set of waiters. */
export class WaitQueue {
  /** The only one; null when there is none, or more. Most queues never have a second, and a set costs at each change. */
  #only: Waiter | null = null;
  /** All, once there was more than one. */
  #waiters: Set<Waiter> | null = null;
  /** POLL* events that a wake tells of; 0 for any. */
  readonly events: number;

  constructor(events = 0) {
    this.events = events;
  }

  get empty(): boolean {
    return this.#only === null && (this.#waiters === null || this.#waiters.size === 0);
  }

  add(waiter: Waiter): void {
    const waiters = this.#waiters;
    if (waiters !== null && waiters.size > 0) waiters.add(waiter);
    else if (this.#only === null) this.#only = waiter;
    else if (this.#only !== waiter) {
      this.#waiters = (waiters ?? new Set()).add(this.#only).add(waiter);
      this.#only = null;
    }
  }

  delete(waiter: Waiter): void {
    if (this.#only === waiter) this.#only = null;
    else this.#waiters?.delete(waiter);
  }

  /** Wakes up to `limit` waiters in order of arrival; returns how many. */
  wake(limit = Number.POSITIVE_INFINITY): number {
    const only = this.#only;
    if (only !== null) {
      if (limit <= 0) return 0;
      this.#only = null;
      only.wake(this);
      return 1;
    }
    const waiters = this.#waiters;
    if (waiters === null || waiters.size === 0) return 0;
    let woken = 0;
    let taken = false;
    for (const waiter of [...waiters]) {
      if (woken >= limit) break;
      if (waiter.exclusive === true && taken) continue;
      if (!waiters.delete(waiter)) continue;
      woken++;
      if (waiter.wake(this) === true && waiter.exclusive === true) taken = true;
    }
    return woken;
  }
}

/** What a signal does to a blocked call, as the kernel-internal error numbers of Linux (include/linux/errno.h). */
export const ERESTARTSYS = 512; // restarted if no handler runs or it has SA_RESTART, else EINTR
export const ERESTARTNOINTR = 513; // always restarted
export const ERESTARTNOHAND = 514; // restarted if no handler runs, else EINTR
export const ERESTART_RESTARTBLOCK = 516; // continued with what remains if no handler runs, else EINTR
export const EINTR_ALWAYS = 4; // EINTR even when no handler runs (msgrcv, poll after a stop …)
export type Restart = 512 | 513 | 514 | 516 | 4;

export class Block {
  readonly queues: readonly WaitQueue[];
  /** Monotonic nanoseconds (Host time base) at which the handler runs again; Infinity for none. */
  readonly deadline: number;
  readonly restart: Restart;
  /** Plain data that the handler finds in `thread.saved` when it runs again. */
  readonly saved: unknown;
  /** Not woken by signals other than SIGKILL (page fetches, vfork). */
  readonly uninterruptible: boolean;

  constructor(
    queues: readonly WaitQueue[],
    restart: Restart = ERESTARTSYS,
    options: { deadline?: number; saved?: unknown; uninterruptible?: boolean } | null = null,
  ) {
    this.queues = queues;
    this.restart = restart;
    this.deadline = options?.deadline ?? Number.POSITIVE_INFINITY;
    this.saved = options?.saved;
    this.uninterruptible = options?.uninterruptible ?? false;
  }
}

/**
 * Thrown when something must first be brought from outside the machine (a file page in R2). The thread waits on `queue`
 * uninterruptibly and the handler, or the instruction, runs again. Nothing may have been committed before.
 */
export class NeedPage {
  readonly queue: WaitQueue;
  constructor(queue: WaitQueue) {
    this.queue = queue;
  }
}

/** A `Block.saved` that may hold something by the time its wait is over, which goes when the thread ends before the handler runs again. */
export abstract class Claim {
  abstract abandon(): void;
}
