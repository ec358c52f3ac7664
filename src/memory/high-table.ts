/**
 * Translations of the high range (layout.ts) for the address space that runs: a direct-mapped cache, since its 2^31 pages cannot
 * have an entry each. Another page with the same slot takes its place, and the next access to the first one misses again.
 */
import { HIGH_TABLE, HIGH_TABLE_SLOTS, INVALID_ENTRY } from "./layout.ts";
import type { Frames } from "./physical.ts";

const MASK = HIGH_TABLE_SLOTS - 1;
const TABLE = HIGH_TABLE >>> 2;
const READ = 1;
const WRITE = 2;

export class HighTable {
  readonly #frames: Frames;
  /** Slots that may hold a page, each once. */
  readonly #filled = new Uint16Array(HIGH_TABLE_SLOTS);
  #count = 0;
  readonly #listed = new Uint8Array(HIGH_TABLE_SLOTS);

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  fill(page: number, frame: number, writable: boolean): void {
    const frames = this.#frames;
    const host = frames.address(frame);
    const slot = page & MASK;
    const { u32 } = frames;
    u32[TABLE + slot * 4] = page;
    u32[TABLE + slot * 4 + READ] = host;
    u32[TABLE + slot * 4 + WRITE] = writable ? host : INVALID_ENTRY;
    if (writable) frames.noteWritable(frame);
    if (this.#listed[slot] !== 0) return;
    this.#listed[slot] = 1;
    this.#filled[this.#count++] = slot;
  }

  /** Host address of a page's frame if it is here and, for `write`, may be written, else -1. */
  lookup(page: number, write: boolean): number {
    const at = TABLE + (page & MASK) * 4;
    const { u32 } = this.#frames;
    if (u32[at] !== page) return -1;
    const host = u32[at + (write ? WRITE : READ)];
    return host === INVALID_ENTRY ? -1 : host;
  }

  clear(page: number): void {
    const at = TABLE + (page & MASK) * 4;
    const { u32 } = this.#frames;
    if (u32[at] === page) u32[at] = 0;
  }

  /** Costs by the pages or by what is filled, whichever is less. */
  clearRange(first: number, end: number): void {
    if (end - first <= this.#count) {
      for (let page = first; page < end; page++) this.clear(page);
      return;
    }
    const { u32 } = this.#frames;
    for (let i = 0; i < this.#count; i++) {
      const at = TABLE + this.#filled[i] * 4;
      if (u32[at] >= first && u32[at] < end) u32[at] = 0;
    }
  }

  clearWrites(): void {
    const { u32 } = this.#frames;
    for (let i = 0; i < this.#count; i++) u32[TABLE + this.#filled[i] * 4 + WRITE] = INVALID_ENTRY;
  }

  clearWritesOf(host: number): void {
    const { u32 } = this.#frames;
    for (let i = 0; i < this.#count; i++) {
      const at = TABLE + this.#filled[i] * 4 + WRITE;
      if (u32[at] === host) u32[at] = INVALID_ENTRY;
    }
  }

  clearAll(): void {
    const { u32 } = this.#frames;
    for (let i = 0; i < this.#count; i++) {
      u32[TABLE + this.#filled[i] * 4] = 0;
      this.#listed[this.#filled[i]] = 0;
    }
    this.#count = 0;
  }
}
