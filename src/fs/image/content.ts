import { EIO, Errno } from "../../abi/errno.ts";
import { HOLE, type Manifest, type StoredInode } from "../../image/format.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { WaitQueue } from "../../wait/queue.ts";
import type { Fetcher } from "./fetcher.ts";

/** Chunks after the one that is missed that are fetched with it: a round trip costs more than a chunk. */
const READ_AHEAD = 3;

/** What a file's pages are before anyone has written them. */
export interface LowerContent {
  /** Bytes. */
  readonly size: number;
  /** Frame of page `index`, or -1 when it must be fetched. No reference is added. */
  frame(index: number): number;
  /** What to wait for. Throws EIO when it cannot be had. */
  need(index: number): WaitQueue;
  /** The same object for the same file in all machines of an isolate. */
  readonly identity: object;
}

/** The contents of a regular file of an image. */
export class ImageContent implements LowerContent {
  readonly size: number;
  readonly identity: object;
  readonly #manifest: Manifest;
  readonly #chunks: readonly number[];
  /** Page of its first chunk at which the file begins, and pages in a chunk. */
  readonly #start: number;
  readonly #pages: number;
  readonly #fetcher: Fetcher;

  constructor(manifest: Manifest, inode: StoredInode, fetcher: Fetcher) {
    this.size = inode.size ?? 0;
    this.identity = inode;
    this.#manifest = manifest;
    this.#chunks = inode.chunks ?? [];
    this.#start = inode.page ?? 0;
    this.#pages = manifest.chunkSize / PAGE_SIZE;
    this.#fetcher = fetcher;
  }

  frame(index: number): number {
    const page = this.#start + index;
    const chunk = this.#chunks[Math.floor(page / this.#pages)];
    const { cache } = this.#fetcher;
    if (chunk === HOLE) return cache.memory.zeroFrame;
    return cache.frame(this.#manifest.chunks[chunk], page % this.#pages);
  }

  need(index: number): WaitQueue {
    const at = Math.floor((this.#start + index) / this.#pages);
    const hex = this.#hex(at);
    const failure = this.#fetcher.takeFailure(hex);
    if (failure !== null) throw new Errno(EIO);
    const queue = this.#fetcher.want(hex);
    // Programs and readers go on to what follows: it is fetched at the same time, not one chunk after the other.
    for (let next = at + 1; next <= at + READ_AHEAD && next < this.#chunks.length; next++) {
      if (this.#chunks[next] !== HOLE && !this.#fetcher.cache.has(this.#hex(next))) this.#fetcher.want(this.#hex(next));
    }
    return queue;
  }

  #hex(at: number): string {
    const hex = this.#manifest.chunks[this.#chunks[at]];
    if (hex === undefined) throw new Errno(EIO);
    return hex;
  }
}
