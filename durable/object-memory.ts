/** The memory of an object (semget(2), msgsnd(2): ENOMEM), of the 128 MiB that the platform gives the isolate it is in. */
import type { MemoryBudget } from "../src/ipc/protocol.ts";

/** Bytes that an object may take up. */
const LIMIT = 48 << 20;

export class ObjectMemory implements MemoryBudget {
  /** Bytes. */
  used = 0;

  take(bytes: number): boolean {
    if (this.used + bytes > LIMIT) return false;
    this.used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}
