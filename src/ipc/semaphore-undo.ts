/**
 * Undo lists of a semaphore set (semop(2), SEM_UNDO; struct sem_undo in ipc/sem.c): what each owner, a process or those that share
 * its list (clone(2), CLONE_SYSVSEM), gives back when it ends. An owner has a list from its first operation on, and keeps it.
 */
import type { MemoryBudget } from "./protocol.ts";

/** What somebody has to give back when it ends: an adjustment a semaphore. */
export interface Undo {
  readonly machine: number;
  readonly owner: number;
  readonly adjustments: Int16Array;
}

/** Machines are numbered as they come, owners in each: 2^21 machines, then numbers are not exact. Alone, it is machine 0. */
const keyOf = (machine: number, owner: number): number | string =>
  machine < 0x20_0000 ? machine * 0x1_0000_0000 + owner : `${machine}:${owner}`;

const copyOf = (undo: Undo): Undo => ({ ...undo, adjustments: undo.adjustments.slice() });

export class UndoLists {
  /** Semaphores of the set. */
  readonly #count: number;
  readonly #memory: MemoryBudget;
  /** By keyOf. */
  readonly #lists = new Map<number | string, Undo>();
  /** The one that was used last: most often the same process comes again. */
  #last: Undo | null = null;

  constructor(count: number, memory: MemoryBudget) {
    this.#count = count;
    this.#memory = memory;
  }

  /** What an owner's adjustments take up in memory (bytes). */
  get #size(): number {
    return 128 + 2 * this.#count;
  }

  /** Takes the memory for them, whatever the budget has. */
  restore(saved: readonly Undo[]): void {
    this.#memory.give(-saved.length * this.#size);
    for (const undo of saved) this.#lists.set(keyOf(undo.machine, undo.owner), copyOf(undo));
  }

  save(): Undo[] {
    return [...this.#lists.values()].map(copyOf);
  }

  of(machine: number, owner: number): Undo | undefined {
    const last = this.#last;
    if (last !== null && last.owner === owner && last.machine === machine) return last;
    const undo = this.#lists.get(keyOf(machine, owner));
    if (undo !== undefined) this.#last = undo;
    return undo;
  }

  /** The owner has a list from now on; false when there is no memory for it. */
  add(machine: number, owner: number): boolean {
    if (this.of(machine, owner) !== undefined) return true;
    if (!this.#memory.take(this.#size)) return false;
    this.#lists.set(keyOf(machine, owner), { machine, owner, adjustments: new Int16Array(this.#count) });
    return true;
  }

  /** The adjustments of an owner, which has none any more; null when it had none. */
  take(machine: number, owner: number): Int16Array | null {
    const key = keyOf(machine, owner);
    const undo = this.#lists.get(key);
    if (undo === undefined) return null;
    this.#lists.delete(key);
    this.#last = null;
    this.#memory.give(this.#size);
    return undo.adjustments;
  }

  ownersOf(machine: number): number[] {
    return [...this.#lists.values()].filter((undo) => undo.machine === machine).map(({ owner }) => owner);
  }

  /** SETVAL: nobody has anything to give back to this semaphore. */
  cancel(index: number): void {
    for (const { adjustments } of this.#lists.values()) adjustments[index] = 0;
  }

  /** SETALL: nobody has anything to give back. */
  cancelAll(): void {
    for (const { adjustments } of this.#lists.values()) adjustments.fill(0);
  }

  /** Gives back their memory: the set is gone, or another is used in its place. */
  discard(): void {
    this.#memory.give(this.#lists.size * this.#size);
    this.#lists.clear();
    this.#last = null;
  }
}
