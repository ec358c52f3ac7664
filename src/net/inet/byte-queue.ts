/** Bytes of a stream that wait to be read, as chunks: what large sends bring is not copied together. */
import type { Transfer } from "../../memory/types.ts";
import type { Slabs } from "../slabs.ts";

/** A new chunk has room for small sends to follow. */
const LEAST_CHUNK = 512;
const LARGEST_CHUNK = 65536;
const KEPT_CHUNK = 4095;

export class ByteQueue {
  readonly #slabs: Slabs;
  #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that are gone, and of the last one that are filled. */
  #start = 0;
  #end = 0;
  /** Bytes in the queue. */
  length = 0;

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
  }

  /** Moves `count` bytes in, which `from` has prepared. */
  push(from: Transfer, count: number): void {
    for (let left = count; left > 0; ) {
      let last = this.#chunks.at(-1);
      if (last === undefined || this.#end === last.length) {
        last = this.#slabs.take(Math.min(Math.max(left, LEAST_CHUNK), LARGEST_CHUNK));
        this.#chunks.push(last);
        this.#end = 0;
      }
      const run = Math.min(left, last.length - this.#end);
      from.take(run === last.length ? last : last.subarray(this.#end, this.#end + run));
      this.#end += run;
      left -= run;
    }
    this.length += count;
  }

  /** Moves `count` bytes out, from `skip` on; they stay in the queue. `into` has prepared them. */
  copy(into: Transfer, skip: number, count: number): void {
    let from = this.#start + skip;
    for (const [i, chunk] of this.#chunks.entries()) {
      const end = i === this.#chunks.length - 1 ? this.#end : chunk.length;
      if (from < end) {
        const run = Math.min(count, end - from);
        into.put(run === chunk.length ? chunk : chunk.subarray(from, from + run));
        count -= run;
        from = end;
        if (count === 0) return;
      }
      from -= chunk.length;
    }
  }

  /** Takes `count` bytes away. */
  drop(count: number): void {
    this.length -= count;
    if (this.length === 0) {
      // A small chunk is kept for what comes next.
      this.#keep(this.#chunks.length > 0 && this.#chunks[0].length <= KEPT_CHUNK ? 1 : 0);
      this.#start = this.#end = 0;
      return;
    }
    this.#start += count;
    while (this.#start >= this.#chunks[0].length) {
      const first = this.#chunks.shift()!;
      this.#start -= first.length;
      this.#slabs.give(first);
    }
  }

  /** All but the first `count` chunks are free. */
  #keep(count: number): void {
    while (this.#chunks.length > count) this.#slabs.give(this.#chunks.pop()!);
  }

  /** Takes away what is beyond the first `count` bytes. */
  truncate(count: number): void {
    if (count >= this.length) return;
    this.length = count;
    let left = this.#start + count;
    let kept = 0;
    while (kept < this.#chunks.length - 1 && left > this.#chunks[kept].length) left -= this.#chunks[kept++].length;
    this.#keep(count === 0 ? 0 : kept + 1);
    this.#end = count === 0 ? 0 : left;
    if (count === 0) this.#start = 0;
  }

  /** The byte at `index`. */
  at(index: number): number {
    let from = this.#start + index;
    for (const chunk of this.#chunks) {
      if (from < chunk.length) return chunk[from];
      from -= chunk.length;
    }
    return 0;
  }
}
