/** The ids of a kind of objects (struct ipc_ids): an index that is given out in turn, and a sequence number above it. */
import { IPC_PRIVATE, IPCMNI } from "../abi/ipc.ts";

/** Indices in use before the first is used again (ipc_min_cycle). */
const LEAST_CYCLE = 64;
/** Sequence numbers begin again here, so that ids stay positive. */
const SEQUENCES = 65536;

export interface Identified {
  readonly permissions: { readonly id: number; readonly key: number };
}

export interface IdPosition {
  readonly sequence: number;
  readonly next: number;
  readonly last: number;
}

export class IdTable<T extends Identified> {
  readonly #byIndex = new Map<number, T>();
  readonly #byKey = new Map<number, T>();
  #sequence = 0;
  #next = 0;
  #last = -1;
  #highest = -1;
  /** The id that the next object is to have, or the first free one above it (kernel.sem_next_id and its kin); -1 for any. */
  wanted = -1;

  /** What is remembered of ids that were given out, to be stored beside the objects. */
  get position(): IdPosition {
    return { sequence: this.#sequence, next: this.#next, last: this.#last };
  }
  /** After all objects were added again. */
  set position({ sequence, next, last }: IdPosition) {
    this.#sequence = sequence;
    this.#next = next;
    this.#last = last;
  }

  get size(): number {
    return this.#byIndex.size;
  }

  /** Highest index in use, -1 for none. */
  get maxIndex(): number {
    return this.#highest;
  }

  /** An id that is free; `add` takes it. */
  reserve(): number {
    if (this.wanted >= 0) {
      let id = this.wanted;
      while (this.#byIndex.has(id % IPCMNI)) id++;
      return id;
    }
    const end = Math.min(Math.max(Math.floor((this.#byIndex.size * 3) / 2), LEAST_CYCLE), IPCMNI);
    let index = this.#next < end ? this.#next : 0;
    while (this.#byIndex.has(index)) index = index + 1 < end ? index + 1 : 0;
    const sequence = index <= this.#last ? (this.#sequence + 1) % SEQUENCES : this.#sequence;
    return sequence * IPCMNI + index;
  }

  /** Adds an object under the id that was reserved for it. */
  add(object: T): void {
    const { id, key } = object.permissions;
    const index = id % IPCMNI;
    this.#byIndex.set(index, object);
    if (key !== IPC_PRIVATE) this.#byKey.set(key, object);
    if (this.wanted >= 0) this.wanted = -1;
    else {
      this.#sequence = Math.floor(id / IPCMNI);
      this.#last = index;
      this.#next = index + 1;
    }
    if (index > this.#highest) this.#highest = index;
  }

  /** The object with an id, or null. */
  get(id: number): T | null {
    const object = this.#byIndex.get(id % IPCMNI);
    return object !== undefined && object.permissions.id === id ? object : null;
  }

  /** The one at the id's index, whatever its sequence number. */
  at(id: number): T | null {
    return this.#byIndex.get(id % IPCMNI) ?? null;
  }

  withKey(key: number): T | null {
    return this.#byKey.get(key) ?? null;
  }

  /** In order of their indices. */
  *[Symbol.iterator](): Iterator<T> {
    for (const index of [...this.#byIndex.keys()].sort((a, b) => a - b)) yield this.#byIndex.get(index)!;
  }

  /** It cannot be found by its key any more. */
  forgetKey(key: number): void {
    this.#byKey.delete(key);
  }

  remove(id: number): void {
    const index = id % IPCMNI;
    const object = this.#byIndex.get(index)!;
    this.#byIndex.delete(index);
    if (this.#byKey.get(object.permissions.key) === object) this.#byKey.delete(object.permissions.key);
    while (this.#highest >= 0 && !this.#byIndex.has(this.#highest)) this.#highest--;
  }
}
