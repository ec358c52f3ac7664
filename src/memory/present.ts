/**
 * The pages of an address space that are present: a sparse map from virtual page number to an entry, in leaves of 256
 * pages (1 MiB). It costs by the leaves touched, never by the length of a mapping.
 *
 * An entry is a frame number and flags; 0 is "not present". Rights are not here: they are the area's.
 */

import { PAGE_TABLE_ENTRIES } from "./layout.ts";
import type { Frames } from "./physical.ts";
import type { FrameOwner } from "./types.ts";

/** Entry flag: present. */
export const PRESENT = 1;
/** Entry flag: a page of our own (anonymous, or a private copy), if shared then only by fork, copy-on-write. */
export const OWN = 2;
/** Entry flag: stores may go to this frame where the area's rights allow them; else the next one copies or announces. */
export const WRITABLE = 4;
/** Entry flag: the page belongs to a shared mapping, whose frame is the object's. */
export const SHARED = 8;
/** An entry shifted right by this is its frame number. */
export const FRAME_SHIFT = 4;

const LEAF_SHIFT = 8;
const LEAF_PAGES = 1 << LEAF_SHIFT;
const LEAF_MASK = LEAF_PAGES - 1;

/** Leaves of the high range that are all of an owner's: 8 MiB of entries. Below it addresses are few. */
const MAX_HIGH_LEAVES = 8192;
const FIRST_HIGH_LEAF = PAGE_TABLE_ENTRIES >> LEAF_SHIFT;

class Leaf {
  readonly entries: Int32Array;
  count: number;
  constructor(entries: Int32Array, count: number) {
    this.entries = entries;
    this.count = count;
  }
}

export class PresentPages {
  readonly #leaves = new Map<number, Leaf>();
  /** Indices of the leaves, sorted, and perhaps of as many that are gone; null until they are asked for. */
  #order: number[] | null = null;
  /** The leaf used last: accesses come in runs. */
  #lastIndex = -1;
  #last: Leaf | undefined;
  /** Pages present. */
  count = 0;
  readonly #owner: FrameOwner;
  /** Leaves of the high range. */
  #high = 0;

  constructor(owner: FrameOwner) {
    this.#owner = owner;
  }

  /** What the entries take up. */
  get bytes(): number {
    return this.#leaves.size * LEAF_PAGES * 4;
  }

  /** The entry of a page, or 0. */
  get(page: number): number {
    const leaf = this.#leaf(page >>> LEAF_SHIFT);
    return leaf === undefined ? 0 : leaf.entries[page & LEAF_MASK];
  }

  /** Sets or replaces a page's entry, which is not 0. */
  set(page: number, entry: number): void {
    let leaf = this.#leaf(page >>> LEAF_SHIFT);
    if (leaf === undefined) {
      leaf = new Leaf(new Int32Array(LEAF_PAGES), 0);
      this.#leaves.set(page >>> LEAF_SHIFT, leaf);
      if (page >>> LEAF_SHIFT >= FIRST_HIGH_LEAF) this.#countHigh(1);
      if (this.#order !== null) this.#insert(this.#order, page >>> LEAF_SHIFT);
      this.#last = leaf;
    }
    if (leaf.entries[page & LEAF_MASK] === 0) {
      leaf.count++;
      this.count++;
    }
    leaf.entries[page & LEAF_MASK] = entry;
  }

  /** Removes a page; returns the entry it had, or 0. */
  delete(page: number): number {
    const index = page >>> LEAF_SHIFT;
    const leaf = this.#leaf(index);
    if (leaf === undefined) return 0;
    const entry = leaf.entries[page & LEAF_MASK];
    if (entry === 0) return 0;
    leaf.entries[page & LEAF_MASK] = 0;
    this.count--;
    if (--leaf.count === 0) {
      this.#leaves.delete(index);
      if (index >= FIRST_HIGH_LEAF) this.#countHigh(-1);
      this.#last = undefined;
      this.#lastIndex = -1;
    }
    return entry;
  }

  /** The first present page in [page, end), or -1. */
  next(page: number, end: number): number {
    if (this.count === 0) return -1;
    // Of a long range with few leaves only the leaves are looked at.
    if ((end - page) >>> LEAF_SHIFT > this.#leaves.size) return this.#nextFar(page, end);
    while (page < end) {
      const leaf = this.#leaf(page >>> LEAF_SHIFT);
      const stop = Math.min(end, ((page >>> LEAF_SHIFT) + 1) << LEAF_SHIFT);
      if (leaf !== undefined) {
        for (; page < stop; page++) if (leaf.entries[page & LEAF_MASK] !== 0) return page;
      }
      page = stop;
    }
    return -1;
  }

  #nextFar(page: number, end: number): number {
    this.#order ??= [...this.#leaves.keys()].sort((a, b) => a - b);
    const order = this.#order;
    for (let low = position(order, page >>> LEAF_SHIFT); low < order.length && order[low] * LEAF_PAGES < end; low++) {
      const leaf = this.#leaf(order[low]);
      if (leaf === undefined) continue;
      const stop = Math.min(end, (order[low] + 1) * LEAF_PAGES);
      page = Math.max(page, order[low] * LEAF_PAGES);
      for (; page < stop; page++) if (leaf.entries[page & LEAF_MASK] !== 0) return page;
    }
    return -1;
  }

  /** Whether there may be an entry for a page. */
  hasRoom(page: number): boolean {
    const index = page >>> LEAF_SHIFT;
    return index < FIRST_HIGH_LEAF || this.#leaf(index) !== undefined || this.#mayHave(1);
  }

  /** Whether entries of `pages` pages in a row may be moved to the high range. */
  hasRoomToMove(pages: number): boolean {
    return this.#mayHave(Math.min(this.count, Math.ceil(pages / LEAF_PAGES) + 1));
  }

  /** Whether there may be a copy of all. */
  get hasRoomToFork(): boolean {
    return this.#high === 0 || this.#mayHave(this.#high);
  }

  #mayHave(leaves: number): boolean {
    return (this.#owner.highLeaves ?? 0) + leaves <= MAX_HIGH_LEAVES;
  }

  #countHigh(leaves: number): void {
    this.#high += leaves;
    this.#owner.highLeaves = (this.#owner.highLeaves ?? 0) + leaves;
  }

  #insert(order: number[], index: number): void {
    if (order.length > 2 * this.#leaves.size + LEAF_PAGES) {
      this.#order = null;
      return;
    }
    const at = position(order, index);
    if (order[at] !== index) order.splice(at, 0, index);
  }

  /** Copies all to an empty `copy`, for fork: frames get a reference more, private pages lose WRITABLE on both sides. */
  fork(copy: PresentPages, frames: Frames): void {
    for (const [index, leaf] of this.#leaves) {
      const entries = leaf.entries;
      for (let i = 0, left = leaf.count; left > 0; i++) {
        const entry = entries[i];
        if (entry === 0) continue;
        left--;
        frames.retain(entry >>> FRAME_SHIFT);
        if ((entry & SHARED) === 0) entries[i] = entry & ~WRITABLE;
      }
      copy.#leaves.set(index, new Leaf(entries.slice(), leaf.count));
    }
    copy.#lastIndex = -1;
    copy.#order = null;
    copy.#countHigh(this.#high);
    copy.count = this.count;
  }

  /** Removes all and releases their frames. */
  clear(frames: Frames): void {
    for (const { entries, count } of this.#leaves.values()) {
      for (let i = 0, left = count; left > 0; i++) {
        if (entries[i] === 0) continue;
        frames.release(entries[i] >>> FRAME_SHIFT);
        left--;
      }
    }
    this.#leaves.clear();
    this.#countHigh(-this.#high);
    this.#order = null;
    this.#lastIndex = -1;
    this.count = 0;
  }

  #leaf(index: number): Leaf | undefined {
    if (index !== this.#lastIndex) {
      this.#last = this.#leaves.get(index);
      this.#lastIndex = index;
    }
    return this.#last;
  }
}

/** Where `index` is among sorted ones, or would be. */
function position(order: readonly number[], index: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order[middle] >= index) high = middle;
    else low = middle + 1;
  }
  return low;
}
