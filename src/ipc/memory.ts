/** What System V objects and POSIX message queues of a machine take up: JavaScript objects, beside its frames. */
import type { MemoryBudget } from "./protocol.ts";

/** Bytes for all of them: an isolate has 128 MB for everything. */
const LIMIT = 16 << 20;

export class IpcMemory implements MemoryBudget {
  #used = 0;
  /** What the POSIX queues of a user count for (RLIMIT_MSGQUEUE): most bytes that their messages can have. */
  readonly #queueBytes = new Map<number, number>();

  take(bytes: number): boolean {
    if (this.#used + bytes > LIMIT) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  /** A queue that counts for `bytes` is made by user `uid`, who may have `limit` bytes of them. */
  takeQueue(uid: number, bytes: number, limit: number): boolean {
    const sum = (this.#queueBytes.get(uid) ?? 0) + bytes;
    if (sum > limit) return false;
    this.#queueBytes.set(uid, sum);
    return true;
  }

  giveQueue(uid: number, bytes: number): void {
    const left = this.#queueBytes.get(uid)! - bytes;
    if (left === 0) this.#queueBytes.delete(uid);
    else this.#queueBytes.set(uid, left);
  }
}
