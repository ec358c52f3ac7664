import { PAGE_SIZE } from "../memory/layout.ts";
import { CHUNK_SIZE, chunkKey, HOLE, PACK_LIMIT, sha256 } from "./format.ts";

/** Chunks that are hashed and stored at a time. */
const CONCURRENCY = 4;

export type Put = (key: string, bytes: Uint8Array) => Promise<void>;
export type Has = (key: string) => Promise<boolean>;

/** Where a file's content is: StoredInode's `chunks` and `page`. */
export interface Extent {
  chunks: number[];
  page: number;
}

/** Cuts file contents into chunks and stores those that are new. */
export class ChunkWriter {
  /** Manifest.chunks; complete after `finish`. */
  readonly chunks: string[] = [];
  readonly #put: Put;
  readonly #has: Has;
  /** Index of a chunk by its hash, for whole chunks of large files. */
  readonly #indexes = new Map<string, number>();
  readonly #stored = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #failure: unknown = null;
  /** Small files on their way into one chunk, and that chunk's index. */
  #pack = new Uint8Array(0);
  #packed = 0;
  #packIndex = -1;
  newChunks = 0;
  newBytes = 0;

  constructor(put: Put, has: Has) {
    this.#put = put;
    this.#has = has;
  }

  /** Stores a file of `size` bytes, which `read` fills in order. */
  async file(size: number, read: (into: Uint8Array) => Promise<unknown>): Promise<Extent> {
    if (size === 0) return { chunks: [], page: 0 };
    if (size <= PACK_LIMIT) return this.#small(size, read);
    const chunks: number[] = [];
    for (let done = 0; done < size; done += CHUNK_SIZE) {
      const bytes = new Uint8Array(Math.min(CHUNK_SIZE, size - done));
      await read(bytes);
      if (bytes.every((byte) => byte === 0)) chunks.push(HOLE);
      else chunks.push(await this.#whole(bytes));
    }
    return { chunks, page: 0 };
  }

  /** Stores what is still being packed, and waits for everything. */
  async finish(): Promise<void> {
    this.#flush();
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }

  async #small(size: number, read: (into: Uint8Array) => Promise<unknown>): Promise<Extent> {
    if (this.#packed + size > this.#pack.length) {
      this.#flush();
      this.#pack = new Uint8Array(CHUNK_SIZE);
      this.#packed = 0;
      this.#packIndex = this.chunks.push("") - 1;
      await this.#room();
    }
    const start = this.#packed;
    await read(this.#pack.subarray(start, start + size));
    this.#packed = Math.ceil((start + size) / PAGE_SIZE) * PAGE_SIZE;
    return { chunks: [this.#packIndex], page: start / PAGE_SIZE };
  }

  #flush(): void {
    if (this.#packIndex < 0) return;
    const index = this.#packIndex;
    const bytes = this.#pack.subarray(0, Math.min(this.#packed, CHUNK_SIZE));
    this.#packIndex = -1;
    this.#pack = new Uint8Array(0);
    this.#start(
      (async () => {
        const hex = await sha256(bytes);
        this.chunks[index] = hex;
        await this.#store(hex, bytes);
      })(),
    );
  }

  /** The index of a chunk of a large file: the same for the same contents. */
  async #whole(bytes: Uint8Array): Promise<number> {
    const hex = await sha256(bytes);
    const known = this.#indexes.get(hex);
    if (known !== undefined) return known;
    const index = this.chunks.push(hex) - 1;
    this.#indexes.set(hex, index);
    await this.#room();
    this.#start(this.#store(hex, bytes));
    return index;
  }

  async #store(hex: string, bytes: Uint8Array): Promise<void> {
    if (this.#stored.has(hex)) return;
    this.#stored.add(hex);
    const key = chunkKey(hex);
    if (await this.#has(key)) return;
    await this.#put(key, bytes);
    this.newChunks++;
    this.newBytes += bytes.length;
  }

  #start(work: Promise<void>): void {
    const guarded: Promise<void> = work
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
  }

  async #room(): Promise<void> {
    while (this.#running.size >= CONCURRENCY) await Promise.race(this.#running);
    if (this.#failure !== null) throw this.#failure;
  }
}
