import type { Transfer } from "../../memory/types.ts";

/** Bytes that wait, first in first out; as large as what is put in. */
export class ByteQueue {
  #ring = new Uint8Array(0);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(byte: number): void {
    if (this.#length === this.#ring.length) this.#grow(this.#length + 1);
    this.#ring[(this.#head + this.#length++) % this.#ring.length] = byte;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#ring.length) this.#grow(this.#length + bytes.length);
    const tail = (this.#head + this.#length) % this.#ring.length;
    const run = Math.min(bytes.length, this.#ring.length - tail);
    this.#ring.set(bytes.subarray(0, run), tail);
    this.#ring.set(bytes.subarray(run), 0);
    this.#length += bytes.length;
  }

  /** Moves bytes to `into` as far as they fit; how many. */
  drain(into: Transfer): number {
    const wanted = into.prepare(Math.min(into.remaining, this.#length));
    for (let moved = 0; moved < wanted; ) {
      const run = Math.min(wanted - moved, this.#ring.length - this.#head);
      into.put(this.#ring.subarray(this.#head, this.#head + run));
      this.consume(run);
      moved += run;
    }
    return wanted;
  }

  /** A copy of the first `limit` bytes, which stay. */
  peek(limit = this.#length): Uint8Array {
    const bytes = new Uint8Array(Math.min(limit, this.#length));
    const run = Math.min(bytes.length, this.#ring.length - this.#head);
    bytes.set(this.#ring.subarray(this.#head, this.#head + run));
    bytes.set(this.#ring.subarray(0, bytes.length - run), run);
    return bytes;
  }

  consume(count: number): void {
    this.#length -= count;
    this.#head = this.#length === 0 ? 0 : (this.#head + count) % this.#ring.length;
  }

  /** Drops what is behind the first `length` bytes. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #grow(length: number): void {
    const ring = new Uint8Array(Math.max(256, 2 ** Math.ceil(Math.log2(length))));
    ring.set(this.peek());
    this.#ring = ring;
    this.#head = 0;
  }
}
