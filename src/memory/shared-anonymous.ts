/** The object behind an anonymous MAP_SHARED mapping: pages of its own, shared by whoever inherits the mapping by fork. */
import { WaitQueue } from "../wait/queue.ts";
import { PAGE_SIZE } from "./layout.ts";
import type { Frames } from "./physical.ts";
import type { FrameOwner, PageSource } from "./types.ts";

let lastInode = 0;

export class SharedAnonymous implements PageSource {
  readonly path = "/dev/zero (deleted)";
  readonly device = 1;
  readonly inode = ++lastInode;
  readonly size: number;
  readonly #frames: Frames;
  readonly #owner: FrameOwner;
  readonly #pages = new Map<number, number>();
  #mappings = 0;

  constructor(frames: Frames, owner: FrameOwner, pages: number) {
    this.#frames = frames;
    this.#owner = owner;
    this.size = pages * PAGE_SIZE;
  }

  /** Pages that have a frame. */
  get resident(): number {
    return this.#pages.size;
  }

  frame(index: number): number {
    let frame = this.#pages.get(index);
    if (frame === undefined) {
      frame = this.#frames.allocate(this.#owner);
      this.#pages.set(index, frame);
    }
    return frame;
  }

  /** Every page is always here. */
  need(): WaitQueue {
    return new WaitQueue();
  }

  hold(): void {
    this.#mappings++;
  }

  drop(): void {
    if (--this.#mappings === 0) this.punch(0, this.size / PAGE_SIZE);
  }

  /** Frees pages [first, end): they read as zeroes again (MADV_REMOVE). */
  punch(first: number, end: number): void {
    for (const [index, frame] of this.#pages) {
      if (index < first || index >= end) continue;
      this.#pages.delete(index);
      this.#frames.release(frame);
    }
  }
}
