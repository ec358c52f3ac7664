/**
 * Buffers for the bytes that wait in sockets, used again: a fresh array is zeroed, and memory outside the JavaScript heap that is
 * dropped with every message makes the collector run.
 */

/** Sizes that are kept, in bytes. Smaller buffers are cheaper made than found. */
const SIZES = [4096, 16384, 65536];
/** Bytes of unused buffers of one size that are kept. */
const KEPT = 1 << 20;

export class Slabs {
  readonly #free: Uint8Array[][] = SIZES.map(() => []);

  /** A buffer of at least `length` bytes, with anything in them. */
  take(length: number): Uint8Array {
    if (length < SIZES[0] || length > SIZES[SIZES.length - 1]) return new Uint8Array(length);
    let size = 0;
    while (SIZES[size] < length) size++;
    return this.#free[size].pop() ?? new Uint8Array(SIZES[size]);
  }

  /** Nobody uses `slab`, as `take` has returned it, any more. */
  give(slab: Uint8Array): void {
    const size = SIZES.indexOf(slab.length);
    if (size >= 0 && this.#free[size].length < KEPT / slab.length) this.#free[size].push(slab);
  }
}
