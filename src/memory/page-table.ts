/**
 * The flat page table that the CPU reads (layout.ts): a cache of the translations of the one address space that runs. An
 * entry is made on a miss and removed when the mapping behind it is withdrawn; the truth is in AddressSpace.
 *
 * Whatever has an entry is on the filled list, so emptying the table costs by what was used, not by its 8 MiB.
 */
import { JUMP_TAG, MMU_EPOCH } from "../cpu/state.ts";
import { HighTable } from "./high-table.ts";
import {
  INVALID_ENTRY,
  PAGE_SHIFT,
  PAGE_TABLE_ENTRIES,
  PAGE_TABLE_READ,
  PAGE_TABLE_WRITE,
  STATE_ADDRESS,
} from "./layout.ts";
import type { Frames } from "./physical.ts";

const READ = PAGE_TABLE_READ >>> 2;
const WRITE = PAGE_TABLE_WRITE >>> 2;
const TAG = (STATE_ADDRESS + JUMP_TAG) >>> 2;
const EPOCH = (STATE_ADDRESS + MMU_EPOCH) >>> 2;

export class PageTable {
  readonly #frames: Frames;
  /** Pages from PAGE_TABLE_ENTRIES on. */
  readonly #high: HighTable;
  /** Virtual page numbers that may have an entry, each once. */
  #filled = new Uint32Array(1024);
  #count = 0;
  /** One bit a virtual page: it is on the filled list. */
  readonly #listed = new Uint32Array(PAGE_TABLE_ENTRIES / 32);
  /** MMU_EPOCH; the state's copy belongs to the thread that runs, this is the isolate's. */
  #epoch = 0;
  /** The address space that the entries belong to, or null. */
  owner: object | null = null;

  constructor(frames: Frames) {
    this.#frames = frames;
    this.#high = new HighTable(frames);
  }

  /** Virtual pages with an entry, at most. */
  get filled(): number {
    return this.#count;
  }

  /** Writes the address space's jump tag and the isolate's epoch into the current thread's state. */
  loadState(tag: number): void {
    const i32 = this.#frames.i32;
    i32[TAG] = tag;
    i32[EPOCH] = this.#epoch;
  }

  /** Maps `page` to `frame`, for reads and, if `writable`, for writes too. */
  fill(page: number, frame: number, writable: boolean): void {
    if (page >= PAGE_TABLE_ENTRIES) {
      this.#high.fill(page, frame, writable);
      return;
    }
    const frames = this.#frames;
    const entry = (frames.address(frame) - (page << PAGE_SHIFT)) >>> 0;
    const u32 = frames.u32;
    const old = u32[READ + page];
    if (old !== entry) {
      if (old !== INVALID_ENTRY) this.#raise();
      u32[READ + page] = entry;
    }
    if (writable) {
      u32[WRITE + page] = entry;
      frames.noteWritable(frame);
    } else if (u32[WRITE + page] !== INVALID_ENTRY) {
      u32[WRITE + page] = INVALID_ENTRY;
      this.#raise();
    }
    const word = page >>> 5;
    const bit = 1 << (page & 31);
    if ((this.#listed[word] & bit) === 0) {
      this.#listed[word] |= bit;
      if (this.#count === this.#filled.length) this.#grow();
      this.#filled[this.#count++] = page;
    }
  }

  /** Host address of a virtual page's frame if it has a read (or write) entry, else -1. */
  lookup(page: number, write: boolean): number {
    if (page >= PAGE_TABLE_ENTRIES) return this.#high.lookup(page, write);
    const entry = this.#frames.u32[(write ? WRITE : READ) + page];
    return entry === INVALID_ENTRY ? -1 : (entry + (page << PAGE_SHIFT)) >>> 0;
  }

  clear(page: number): void {
    if (page >= PAGE_TABLE_ENTRIES) {
      this.#high.clear(page);
      return;
    }
    const u32 = this.#frames.u32;
    if (u32[READ + page] === INVALID_ENTRY) return;
    u32[READ + page] = INVALID_ENTRY;
    u32[WRITE + page] = INVALID_ENTRY;
    this.#raise();
  }

  /** Removes the entries of pages [first, end): costs by the pages or by what is filled, whichever is less. */
  clearRange(first: number, end: number): void {
    if (end > PAGE_TABLE_ENTRIES) {
      this.#high.clearRange(first, end);
      if (first >= PAGE_TABLE_ENTRIES) return;
      end = PAGE_TABLE_ENTRIES;
    }
    if (end - first <= this.#count) {
      for (let page = first; page < end; page++) this.clear(page);
      return;
    }
    const count = this.#compact();
    for (let i = 0; i < count; i++) {
      const page = this.#filled[i];
      if (page >= first && page < end) this.clear(page);
    }
  }

  /** Every page becomes read-only: the next write to each misses. */
  clearWrites(): void {
    this.#high.clearWrites();
    const count = this.#compact();
    const u32 = this.#frames.u32;
    for (let i = 0; i < count; i++) u32[WRITE + this.#filled[i]] = INVALID_ENTRY;
    this.#raise();
  }

  /** Removes the write entries, under any alias, of the frame at a host address. */
  clearWritesOf(host: number): void {
    this.#high.clearWritesOf(host);
    const count = this.#compact();
    const u32 = this.#frames.u32;
    for (let i = 0; i < count; i++) {
      const page = this.#filled[i];
      const entry = u32[WRITE + page];
      if (entry === INVALID_ENTRY || (entry + (page << PAGE_SHIFT)) >>> 0 !== host) continue;
      u32[WRITE + page] = INVALID_ENTRY;
      this.#raise();
    }
  }

  /** Empties the table. */
  clearAll(): void {
    this.#high.clearAll();
    const u32 = this.#frames.u32;
    for (let i = 0; i < this.#count; i++) {
      const page = this.#filled[i];
      u32[READ + page] = INVALID_ENTRY;
      u32[WRITE + page] = INVALID_ENTRY;
      this.#listed[page >>> 5] = 0;
    }
    this.#count = 0;
    this.#raise();
  }

  /** Takes pages that have lost their entries off the list; returns how many are left. */
  #compact(): number {
    const u32 = this.#frames.u32;
    const filled = this.#filled;
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      const page = filled[i];
      if (u32[READ + page] !== INVALID_ENTRY) filled[kept++] = page;
      else this.#listed[page >>> 5] &= ~(1 << (page & 31));
    }
    this.#count = kept;
    return kept;
  }

  #raise(): void {
    this.#epoch = (this.#epoch + 1) & 0x3fff_ffff;
    this.#frames.i32[EPOCH] = this.#epoch;
  }

  #grow(): void {
    const bigger = new Uint32Array(this.#filled.length * 2);
    bigger.set(this.#filled);
    this.#filled = bigger;
  }
}
