/** Leases (F_SETLEASE of fcntl(2)): who holds one is told before others open the file against it, and has time to let go. */
import { EAGAIN, Errno } from "../abi/errno.ts";
import { F_RDLCK, F_UNLCK, F_WRLCK } from "../abi/fcntl.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";

/** Nanoseconds after which a lease that is being broken ends by itself (/proc/sys/fs/lease-break-time). */
const BREAK_TIME = 45e9;

/** What a lease needs of the kernel. */
export interface LeaseHolder {
  /** Monotonic nanoseconds. */
  now(): number;
  /** The lease on `file` is to be given up. */
  broken(file: File): void;
}

class Lease {
  readonly file: File;
  readonly holder: LeaseHolder;
  type: number;
  /** What it is to become, and when it does so by itself; null while nobody is in the way. */
  breaking: { to: number; at: number } | null = null;

  constructor(file: File, holder: LeaseHolder, type: number) {
    this.file = file;
    this.holder = holder;
    this.type = type;
  }
}

/** The leases on one inode. */
export class Leases {
  /** Fires when one is given up or becomes less. */
  readonly #released = new WaitQueue();
  readonly #held = new Map<File, Lease>();

  /** F_GETLEASE: what `file` has, or is to have when the lease is being broken. */
  type(file: File): number {
    this.#expire();
    const lease = this.#held.get(file);
    return lease?.breaking?.to ?? lease?.type ?? F_UNLCK;
  }

  has(file: File): boolean {
    return this.#held.has(file);
  }

  set(file: File, holder: LeaseHolder, type: number): void {
    const old = this.#held.get(file);
    if (old) {
      old.type = type;
      old.breaking = null;
      this.#released.wake();
    } else this.#held.set(file, new Lease(file, holder, type));
  }

  release(file: File): boolean {
    const had = this.#held.delete(file);
    if (had) this.#released.wake();
    return had;
  }

  /** Someone opens the file, to write it or only to read: null, or what to wait for. Throws EAGAIN with `noWait`. */
  break(write: boolean, noWait: boolean): Block | null {
    this.#expire();
    let deadline = Number.POSITIVE_INFINITY;
    for (const lease of [...this.#held.values()]) {
      if (!write && lease.type !== F_WRLCK) continue;
      const to = write ? F_UNLCK : F_RDLCK;
      const known = lease.breaking;
      if (known === null || (write && known.to === F_RDLCK)) {
        lease.breaking = { to, at: known?.at ?? lease.holder.now() + BREAK_TIME };
        lease.holder.broken(lease.file);
      }
      deadline = Math.min(deadline, lease.breaking!.at);
    }
    if (deadline === Number.POSITIVE_INFINITY) return null;
    if (noWait) throw new Errno(EAGAIN);
    return new Block([this.#released], undefined, { deadline });
  }

  #expire(): void {
    for (const lease of [...this.#held.values()]) {
      const { breaking, holder, file } = lease;
      if (breaking === null || holder.now() < breaking.at) continue;
      if (breaking.to === F_UNLCK) this.#held.delete(file);
      else [lease.type, lease.breaking] = [breaking.to, null];
    }
  }
}

/** Whether an open file may have a lease of `type` on its inode: nobody else has that open against that (check_conflicting_open). */
export function mayLease(inode: Inode, type: number): boolean {
  if (type === F_RDLCK) return inode.writers === 0;
  return inode.holders === 1;
}
