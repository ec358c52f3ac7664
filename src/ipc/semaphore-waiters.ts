/** Operations on a semaphore set that wait, in the lists in which Linux keeps them (ipc/sem.c). */
import type { SemaphoreOperation, SemaphoreSetRequest, Ticket } from "./protocol.ts";

export type Operate = Extract<SemaphoreSetRequest, { op: "operate" }>;

/** Whether an operation changes a value, as opposed to waiting for zeroes. */
export function altersAny(operations: readonly SemaphoreOperation[]): boolean {
  for (const { change } of operations) if (change !== 0) return true;
  return false;
}

/** An operation that waits. */
export class Attempt<T extends Ticket> {
  readonly request: Operate;
  readonly machine: number;
  readonly alters: boolean;
  readonly ticket: T;
  /** Place among all that have ever waited. */
  arrival = 0;
  /** The element that could not be done (struct sem_queue, blocking). */
  blocking: SemaphoreOperation;

  constructor(request: Operate, machine: number, blocking: SemaphoreOperation, ticket: T) {
    this.request = request;
    this.machine = machine;
    this.blocking = blocking;
    this.ticket = ticket;
    this.alters = altersAny(request.operations);
  }

  get simple(): boolean {
    return this.request.operations.length === 1;
  }
}

/**
 * Single operations that alter a semaphore are in a list of that semaphore, unless an operation on several waits: then all that
 * alter are in one list, in the order of their arrival. Those that only wait for zero have lists of their own.
 */
export class Waiters<T extends Ticket> {
  /** Per semaphore: single operations that wait for an increase, and for zero. */
  readonly decreasers = new Map<number, Attempt<T>[]>();
  readonly zeroers = new Map<number, Attempt<T>[]>();
  /** Operations that alter, if one on several semaphores waits; those on several that only wait for zeroes. */
  altering: Attempt<T>[] = [];
  readonly constant: Attempt<T>[] = [];
  /** Operations on several semaphores among those that wait. */
  #complex = 0;
  #count = 0;
  #arrivals = 0;

  *[Symbol.iterator](): Iterator<Attempt<T>> {
    for (const list of this.decreasers.values()) yield* list;
    for (const list of this.zeroers.values()) yield* list;
    yield* this.altering;
    yield* this.constant;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  /** In the order of their arrival. */
  get inOrder(): Attempt<T>[] {
    return [...this].sort((a, b) => a.arrival - b.arrival);
  }

  add(attempt: Attempt<T>): void {
    attempt.arrival = ++this.#arrivals;
    this.#count++;
    const { index } = attempt.request.operations[0];
    if (!attempt.simple) {
      if (this.#complex++ === 0) this.#merge();
      (attempt.alters ? this.altering : this.constant).push(attempt);
    } else if (!attempt.alters) listOf(this.zeroers, index).push(attempt);
    else if (this.#complex > 0) this.altering.push(attempt);
    else listOf(this.decreasers, index).push(attempt);
  }

  remove(attempt: Attempt<T>): void {
    this.#count--;
    const { index } = attempt.request.operations[0];
    if (!attempt.simple) {
      this.#complex--;
      drop(attempt.alters ? this.altering : this.constant, attempt);
    } else if (!attempt.alters) dropFrom(this.zeroers, index, attempt);
    else if (!drop(this.altering, attempt)) dropFrom(this.decreasers, index, attempt);
  }

  /** The first operation on several semaphores waits: all that alter go into one list (merge_queues). */
  #merge(): void {
    for (const index of [...this.decreasers.keys()].sort((a, b) => a - b)) {
      this.altering.unshift(...this.decreasers.get(index)!);
    }
    this.decreasers.clear();
  }

  /** No operation on several semaphores waits any more (unmerge_queues). */
  separate(): void {
    if (this.#complex > 0 || this.altering.length === 0) return;
    for (const attempt of this.altering) listOf(this.decreasers, attempt.request.operations[0].index).push(attempt);
    this.altering = [];
  }
}

function listOf<V>(lists: Map<number, V[]>, index: number): V[] {
  let list = lists.get(index);
  if (list === undefined) {
    list = [];
    lists.set(index, list);
  }
  return list;
}

/** Takes `item` off the list; false when it is not there. */
function drop<V>(list: V[], item: V): boolean {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

function dropFrom<V>(lists: Map<number, V[]>, index: number, item: V): void {
  const list = lists.get(index)!;
  drop(list, item);
  if (list.length === 0) lists.delete(index);
}
