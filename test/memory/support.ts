/** A page source over bytes, and an owner, for tests that need memory and nothing else. */
import { PAGE_SIZE } from "../../src/memory/layout.ts";
import type { Frames } from "../../src/memory/physical.ts";
import type { FrameOwner, PageSource } from "../../src/memory/types.ts";
import { WaitQueue } from "../../src/wait/queue.ts";

export const makeOwner = (frameLimit = 1 << 20): FrameOwner => ({ frames: 0, peakFrames: 0, frameLimit });

let lastInode = 0;

/** A file in memory whose pages come in on the first request, or with `absent` only after `arrive`. */
export class BytesSource implements PageSource {
  readonly device = 0x801;
  readonly inode = ++lastInode;
  readonly path: string;
  bytes: Uint8Array;
  holds = 0;
  absent = false;
  /** Page indices that were announced as about to be written. */
  readonly written = new Set<number>();
  readonly #frames: Frames;
  readonly #owner: FrameOwner;
  readonly #pages = new Map<number, number>();
  readonly #queue = new WaitQueue();

  constructor(frames: Frames, owner: FrameOwner, bytes: Uint8Array, path = "/test") {
    this.#frames = frames;
    this.#owner = owner;
    this.bytes = bytes;
    this.path = path;
  }

  get size(): number {
    return this.bytes.length;
  }

  frame(index: number, write: boolean): number {
    if (this.absent) return -1;
    if (write) this.written.add(index);
    let frame = this.#pages.get(index);
    if (frame === undefined) {
      frame = this.#frames.allocate(this.#owner);
      const part = this.bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
      this.#frames.u8.set(part, this.#frames.address(frame));
      this.#pages.set(index, frame);
    }
    return frame;
  }

  need(): WaitQueue {
    return this.#queue;
  }

  hold(): void {
    this.holds++;
  }

  drop(): void {
    this.holds--;
  }

  /** Lets go of the cached frames. */
  evict(): void {
    for (const frame of this.#pages.values()) this.#frames.release(frame);
    this.#pages.clear();
  }
}
