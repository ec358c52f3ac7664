/** What System V objects and POSIX message queues of a machine take up: JavaScript objects, beside its frames. */
import type { MemoryBudget } from "./protocol.ts";

/** Bytes for all of them: an isolate has 128 MB for everything. */
const LIMIT = 16 << 20;

export class IpcMemory implements MemoryBudget {
  #used = 0;

  take(bytes: number): boolean {
    if (this.#used + bytes > LIMIT) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
