/** RLIMIT_SIGPENDING: how many signals may be queued for the processes of one user (Linux's UCOUNT_RLIMIT_SIGPENDING). */

/** The place that one queued signal, or one POSIX timer, takes. */
export interface QueuePlace {
  /** The signal was delivered or dropped, the timer deleted. */
  release(): void;
}

export class SignalQuota {
  readonly #counts = new Map<number, number>();

  /** Places that a user has taken. */
  taken(uid: number): number {
    return this.#counts.get(uid) ?? 0;
  }

  /** A place for a user, or null when `limit` are taken. */
  take(uid: number, limit: number): QueuePlace | null {
    const count = this.#counts.get(uid) ?? 0;
    if (count >= limit) return null;
    this.#counts.set(uid, count + 1);
    return { release: () => this.#give(uid) };
  }

  #give(uid: number): void {
    const count = this.#counts.get(uid)! - 1;
    if (count === 0) this.#counts.delete(uid);
    else this.#counts.set(uid, count);
  }
}
