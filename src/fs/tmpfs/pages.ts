import { EFBIG, ENOSPC, Errno } from "../../abi/errno.ts";
import { PAGE_MASK, PAGE_SIZE } from "../../memory/layout.ts";
import { unmapSource } from "../../memory/reverse-map.ts";
import { OutOfFrames, type PageSource, type Transfer } from "../../memory/types.ts";
import { NeedPage, type WaitQueue } from "../../wait/queue.ts";
import type { LowerContent } from "../image/content.ts";
import type { Inode } from "../inode.ts";
import { type Location, locationPath } from "../mount.ts";
import { ANYONE, releaseMarks } from "../notify.ts";
import type { FsEnvironment } from "../types.ts";

/** Longest file, in bytes: offsets and page numbers stay exact and cheap. */
export const MAX_FILE_SIZE = 2 ** 43;
/** A write is prepared and moved in parts of this many bytes. */
const PART = 1 << 20;

/** Its name is gone, or is another file's. */
const isUnlinked = ({ inode, parent, name }: Location): boolean =>
  parent === null ? inode.nlink === 0 : parent.removed || parent.lookup(name, ANYONE) !== inode;

const pageOf = (offset: number): number => Math.floor(offset / PAGE_SIZE);

/**
 * The pages of a regular file: frames of its own for what was written, over what it began as (a file of an image) or holes.
 * Mappings share these frames. Where a page moves to another frame, because a shared or missing one is written, mappings are
 * told to look again.
 */
export class FilePages implements PageSource {
  readonly #environment: FsEnvironment;
  readonly #inode: Inode;
  readonly #lower: LowerContent | null;
  /** Pages from here on are holes in the lower content: it was truncated. */
  #lowerPages: number;
  /** Own frames; the frame of zeroes hides a lower page. */
  readonly #frames = new Map<number, number>();
  /** Pages of its own that fallocate(2) made and nobody has written: to SEEK_HOLE they are holes. */
  readonly #unwritten = new Set<number>();
  #size: number;
  /** Mappings and open descriptions. */
  #holders = 0;
  /** How it was last reached, for `path`. */
  location: Location | null = null;
  /** /proc/self/maps shows this when there is no location (memfd). */
  label = "";

  constructor(environment: FsEnvironment, inode: Inode, lower: LowerContent | null = null) {
    this.#environment = environment;
    this.#inode = inode;
    this.#lower = lower;
    this.#size = lower?.size ?? 0;
    this.#lowerPages = Math.ceil(this.#size / PAGE_SIZE);
  }

  get size(): number {
    return this.#size;
  }

  /** Pages that take up storage. */
  get used(): number {
    let count = this.#lowerPages;
    const { zeroFrame } = this.#environment.memory;
    for (const [index, frame] of this.#frames) {
      if (index < this.#lowerPages) count -= frame === zeroFrame ? 1 : 0;
      else count += 1;
    }
    return count;
  }

  // PageSource

  get path(): string {
    const { location } = this;
    return location ? `${locationPath(location)}${isUnlinked(location) ? " (deleted)" : ""}` : this.label;
  }
  /** Whose pages they are. */
  get owner(): Inode {
    return this.#inode;
  }
  get device(): number {
    return this.#inode.device;
  }
  get inode(): number {
    return this.#inode.ino;
  }

  get original(): object | null {
    const lower = this.#lower;
    if (lower === null || this.#frames.size > 0 || this.#size !== lower.size) return null;
    return this.#lowerPages === Math.ceil(this.#size / PAGE_SIZE) ? lower.identity : null;
  }

  frame(index: number, write: boolean): number {
    if (!write) return this.#under(index);
    const frame = this.#frames.get(index);
    if (frame === undefined && this.#under(index) < 0) return -1;
    this.#inode.modified();
    return this.#own(index, false);
  }

  need(index: number): WaitQueue {
    return this.#lower!.need(index);
  }

  hold(): void {
    this.#holders++;
  }

  drop(): void {
    this.#holders--;
    this.freeIfUnused();
    releaseMarks(this.#inode);
  }

  get isHeld(): boolean {
    return this.#holders > 0;
  }

  /** Frees the frames and attributes of a file that has neither names nor users. */
  freeIfUnused(): void {
    if (this.#holders > 0 || this.#inode.nlink > 0) return;
    this.#inode.attributes?.clear();
    for (const frame of this.#frames.values()) this.#environment.memory.release(frame);
    this.#frames.clear();
    this.#lowerPages = 0;
  }

  // Contents

  /**
   * Copies bytes from `offset` on; how many. Less than was asked for at the end of the file, and before a page that must be
   * fetched. Throws NeedPage when that is the first one.
   */
  read(into: Transfer, offset: number): number {
    const { memory } = this.#environment;
    const end = Math.min(this.#size, offset + into.remaining);
    const start = offset;
    while (offset < end) {
      const index = pageOf(offset);
      const within = offset & PAGE_MASK;
      const frame = this.#under(index);
      if (frame < 0) {
        if (offset > start) break;
        throw new NeedPage(this.need(index));
      }
      const run = Math.min(PAGE_SIZE - within, end - offset);
      let moved: number;
      if (frame === memory.zeroFrame) moved = into.putZeroes(run);
      else {
        // The copy may allocate, and so reclaim this frame.
        memory.retain(frame);
        try {
          moved = into.putHost(memory.address(frame) + within, run);
        } finally {
          memory.release(frame);
        }
      }
      offset += moved;
      if (moved < run) break;
    }
    return offset - start;
  }

  /**
   * Copies bytes to `offset` and on, at most PART of them and not beyond `limit`; how many. Throws NeedPage before anything
   * has changed, ENOSPC when there is no frame for the first byte.
   */
  write(from: Transfer, offset: number, limit: number): number {
    const room = Math.min(limit, MAX_FILE_SIZE) - offset;
    if (room <= 0) throw new Errno(EFBIG);
    const count = from.prepare(Math.min(from.remaining, room, PART));
    if (count === 0) return 0;
    const end = offset + count;
    this.#requirePart(offset, end);
    this.#requirePart(end, end);
    if (offset > this.#size) this.#clearTail();
    const { memory } = this.#environment;
    const start = offset;
    while (offset < end) {
      const index = pageOf(offset);
      const within = offset & PAGE_MASK;
      const run = Math.min(PAGE_SIZE - within, end - offset);
      let frame: number;
      try {
        frame = this.#own(index, within === 0 && (run === PAGE_SIZE || end >= this.#size));
      } catch (error) {
        if (!(error instanceof OutOfFrames)) throw error;
        if (offset === start) throw new Errno(ENOSPC);
        break;
      }
      offset += from.takeHost(memory.address(frame) + within, run);
    }
    if (offset > this.#size) this.#size = offset;
    return offset - start;
  }

  /** Sets the length. Throws NeedPage before anything has changed. */
  truncate(size: number): void {
    if (size > MAX_FILE_SIZE) throw new Errno(EFBIG);
    if (size < this.#size) {
      this.#requirePart(size, size);
      const { zeroFrame } = this.#environment.memory;
      const last = pageOf(size);
      if (size & PAGE_MASK && this.#under(last) !== zeroFrame && !this.#unwritten.has(last)) this.#own(last, false);
    }
    if (size <= this.#size) {
      // Also what fallocate(2) has put behind the end goes.
      this.#size = size;
      const first = Math.ceil(size / PAGE_SIZE);
      this.#lowerPages = Math.min(this.#lowerPages, first);
      this.#releaseFrom(first, Number.POSITIVE_INFINITY);
      unmapSource(this, first, 2 ** 31, true);
    }
    this.#clearTail();
    this.#size = size;
  }

  /** Makes pages for [offset, end) that a later write needs (fallocate(2)). Throws ENOSPC. */
  allocate(offset: number, end: number): void {
    if (end > MAX_FILE_SIZE) throw new Errno(EFBIG);
    for (let index = pageOf(offset); index * PAGE_SIZE < end; index++) {
      if (this.#frames.has(index) || index < this.#lowerPages) continue;
      try {
        this.#own(index, true);
        this.#unwritten.add(index);
      } catch (error) {
        throw error instanceof OutOfFrames ? new Errno(ENOSPC) : error;
      }
    }
  }

  /** Makes [offset, end) read as zeroes, freeing whole pages (FALLOC_FL_PUNCH_HOLE). */
  punch(offset: number, end: number): void {
    end = Math.min(end, Math.ceil(this.#size / PAGE_SIZE) * PAGE_SIZE);
    if (end <= offset) return;
    this.#requirePart(offset, end);
    this.#requirePart(end, end);
    const { memory } = this.#environment;
    const first = Math.ceil(offset / PAGE_SIZE);
    const last = pageOf(end);
    const clear = (from: number, to: number) => {
      const index = pageOf(from);
      if (from >= to || this.#under(index) === memory.zeroFrame || this.#unwritten.has(index)) return;
      const host = memory.address(this.#own(index, false)) + (from & PAGE_MASK);
      memory.u8.fill(0, host, host + to - from);
    };
    if (first > last) {
      clear(offset, end);
      return;
    }
    clear(offset, first * PAGE_SIZE);
    clear(last * PAGE_SIZE, end);
    this.#releaseFrom(first, last);
    for (let index = first; index < Math.min(last, this.#lowerPages); index++) {
      memory.retain(memory.zeroFrame);
      this.#frames.set(index, memory.zeroFrame);
    }
    unmapSource(this, first, last, false);
  }

  /** The first offset from `offset` on that is in a page with data (`data`) or in a hole; the size when there is none. */
  seek(offset: number, data: boolean): number {
    for (let index = pageOf(offset); index * PAGE_SIZE < this.#size; index++) {
      if (this.#hasData(index) === data) return Math.max(offset, index * PAGE_SIZE);
      if (data && index >= this.#lowerPages) {
        let next = Number.POSITIVE_INFINITY;
        for (const own of this.#frames.keys()) if (own > index && own < next) next = own;
        index = next - 1;
      }
    }
    return this.#size;
  }

  #hasData(index: number): boolean {
    const own = this.#frames.get(index);
    const { zeroFrame } = this.#environment.memory;
    if (own !== undefined) return own !== zeroFrame && !this.#unwritten.has(index);
    return index < this.#lowerPages && this.#lower!.frame(index) !== zeroFrame;
  }

  /** The frame that is read: its own, the lower one (-1 when it is not here), or zeroes. */
  #under(index: number): number {
    const own = this.#frames.get(index);
    if (own !== undefined) return own;
    return index < this.#lowerPages ? this.#lower!.frame(index) : this.#environment.memory.zeroFrame;
  }

  /** A frame of its own for page `index`, to be written; `whole`: what is there need not be kept. */
  #own(index: number, whole: boolean): number {
    const { memory, owner } = this.#environment;
    const own = this.#frames.get(index);
    if (own !== undefined && own !== memory.zeroFrame) {
      if (this.#unwritten.size > 0) this.#unwritten.delete(index);
      memory.dropCode(own);
      return own;
    }
    const under = whole ? memory.zeroFrame : this.#under(index);
    if (under < 0) throw new NeedPage(this.need(index));
    memory.retain(under);
    let frame: number;
    try {
      frame = under === memory.zeroFrame ? memory.allocate(owner) : memory.allocateCopy(owner, under);
    } finally {
      memory.release(under);
    }
    if (own !== undefined) memory.release(own);
    this.#frames.set(index, frame);
    unmapSource(this, index, index + 1, false);
    return frame;
  }

  /** NeedPage when `offset` is inside a lower page that is not here, unless the write up to `end` covers all that counts. */
  #requirePart(offset: number, end: number): void {
    const index = pageOf(offset);
    const start = index * PAGE_SIZE;
    if (
      offset >= this.#size ||
      (offset === start && (end === offset || end >= Math.min(start + PAGE_SIZE, this.#size)))
    ) {
      return;
    }
    if (this.#under(index) < 0) throw new NeedPage(this.need(index));
  }

  /** Zeroes what is behind the end of the file in its last page, before the file grows. */
  #clearTail(): void {
    const within = this.#size & PAGE_MASK;
    if (within === 0) return;
    const { memory } = this.#environment;
    const index = pageOf(this.#size);
    const own = this.#frames.get(index);
    const cutLower = own === undefined && index < this.#lowerPages && this.#size < this.#lower!.size;
    if (own === undefined && !cutLower) return;
    if (own === memory.zeroFrame || this.#unwritten.has(index)) return;
    const host = memory.address(this.#own(index, false));
    memory.u8.fill(0, host + within, host + PAGE_SIZE);
  }

  #releaseFrom(first: number, end: number): void {
    for (const [index, frame] of this.#frames) {
      if (index < first || index >= end) continue;
      this.#frames.delete(index);
      this.#unwritten.delete(index);
      this.#environment.memory.release(frame);
    }
  }
}
