/** Advisory locks of one inode: POSIX record locks (fcntl(2)), open-file-description locks, and flock(2). */
import { F_RDLCK, F_UNLCK, F_WRLCK } from "../abi/fcntl.ts";
import { WaitQueue } from "../wait/queue.ts";
import type { LockOwner } from "./types.ts";

/** Bytes [start, end) locked by `owner`; `end` may be Infinity. */
export interface RecordLock {
  readonly owner: LockOwner;
  /** The description that it was taken through, for /proc/[pid]/fdinfo. */
  readonly file?: object;
  /** For F_GETLK: the process, or -1 for an open-file-description lock. */
  readonly pid: number;
  readonly exclusive: boolean;
  readonly start: number;
  readonly end: number;
}

const overlaps = (a: RecordLock, start: number, end: number): boolean => a.start < end && start < a.end;

/** Owners that wait for a record lock, of all inodes of a machine: what they want, and where. For deadlock detection. */
export class LockWaits {
  readonly #wanted = new Map<LockOwner, { locks: AdvisoryLocks; lock: RecordLock }>();

  /** `lock.owner` begins to wait. */
  begin(locks: AdvisoryLocks, lock: RecordLock): void {
    this.#wanted.set(lock.owner, { locks, lock });
  }

  end(owner: LockOwner): void {
    this.#wanted.delete(owner);
  }

  /** Whether waiting for `lock` would close a cycle of owners each waiting for the next (EDEADLK). */
  wouldDeadlock(locks: AdvisoryLocks, lock: RecordLock): boolean {
    const seen = new Set<LockOwner>();
    let next: { locks: AdvisoryLocks; lock: RecordLock } | undefined = { locks, lock };
    while (next) {
      const holder = next.locks.conflict(next.lock);
      if (!holder || seen.has(holder.owner)) return false;
      if (holder.owner === lock.owner) return true;
      seen.add(holder.owner);
      next = this.#wanted.get(holder.owner);
    }
    return false;
  }
}

export class AdvisoryLocks {
  /** Fires when a lock goes or shrinks. */
  readonly released = new WaitQueue();
  #records: RecordLock[] = [];
  /** flock(2) holders; more than one only when all are shared. */
  readonly #flocks = new Map<LockOwner, "shared" | "exclusive">();
  get records(): readonly RecordLock[] {
    return this.#records;
  }

  /** Who holds the flock, and whether alone. */
  get flocks(): ReadonlyMap<LockOwner, "shared" | "exclusive"> {
    return this.#flocks;
  }

  /** A lock of another owner that `wanted` conflicts with, or null. */
  conflict(wanted: RecordLock): RecordLock | null {
    for (const held of this.#records)
      if (
        held.owner !== wanted.owner &&
        (held.exclusive || wanted.exclusive) &&
        overlaps(held, wanted.start, wanted.end)
      )
        return held;
    return null;
  }

  /** Replaces what `lock.owner` holds in the range by `lock`, or by nothing. The caller has checked for conflicts. */
  set(lock: RecordLock, unlock: boolean): void {
    const { owner, start, end } = lock;
    const kept: RecordLock[] = [];
    let freed = false;
    for (const held of this.#records) {
      if (held.owner !== owner || !overlaps(held, start, end)) {
        kept.push(held);
        continue;
      }
      if (held.start < start) kept.push({ ...held, end: start });
      if (held.end > end) kept.push({ ...held, start: end });
      if (unlock || (held.exclusive && !lock.exclusive)) freed = true;
    }
    if (!unlock) kept.push(lock);
    this.#records = kept.sort((a, b) => a.start - b.start);
    if (freed) this.released.wake();
  }

  /** Whether `owner` can have the flock; it holds it afterwards. */
  flock(owner: LockOwner, exclusive: boolean): boolean {
    for (const [holder, kind] of this.#flocks)
      if (holder !== owner && (exclusive || kind === "exclusive")) {
        // Converting a lock is not atomic: the old one goes first (flock(2)).
        if (this.#flocks.delete(owner)) this.released.wake();
        return false;
      }
    const old = this.#flocks.get(owner);
    this.#flocks.set(owner, exclusive ? "exclusive" : "shared");
    if (old === "exclusive" && !exclusive) this.released.wake();
    return true;
  }

  unflock(owner: LockOwner): void {
    if (this.#flocks.delete(owner)) this.released.wake();
  }

  /** All locks of `owner` go: a descriptor table closed the file, or a description was released. */
  releaseOwner(owner: LockOwner): void {
    const before = this.#records.length;
    this.#records = this.#records.filter((held) => held.owner !== owner);
    const had = this.#flocks.delete(owner);
    if (had || this.#records.length !== before) this.released.wake();
  }
}

/** F_RDLCK, F_WRLCK or F_UNLCK of a held lock. */
export const lockType = (lock: RecordLock | null): number =>
  lock === null ? F_UNLCK : lock.exclusive ? F_WRLCK : F_RDLCK;
