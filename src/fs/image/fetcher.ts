import { chunkKey, type Manifest, manifestKey, sha256 } from "../../image/format.ts";
import { OutOfFrames } from "../../memory/types.ts";
import { WaitQueue } from "../../wait/queue.ts";
import type { ImageCache } from "./cache.ts";

/** The part of Host.objects that page-ins need. */
export interface ChunkStore {
  get(key: string): Promise<Uint8Array | null>;
}

/** Connections that a request may have waiting at a time (the platform's limit), less one for what else the Worker reads. */
const CONNECTIONS = 5;
/** The same while the guest has connections of its own. */
const SHARED_CONNECTIONS = 2;
const ATTEMPTS = 3;

interface Wanted {
  readonly queue: WaitQueue;
  started: boolean;
}

/**
 * Brings chunks into the cache for one machine. A miss registers the chunk here and waits on its queue; the machine's loop
 * calls `pump` whenever `idle` is false, which starts fetches and fires the queues as the bytes arrive. Each chunk is
 * fetched once at a time by a machine; machines do not wait for each other.
 */
export class Fetcher {
  readonly cache: ImageCache;
  /** The guest has connections of its own, which wait too. */
  shared = false;
  /** In the order they were wanted. */
  readonly #wanted = new Map<string, Wanted>();
  /** Why a chunk did not come; reported once, then it is tried again. */
  readonly #failed = new Map<string, string>();
  #active = 0;
  /** Gets and bytes so far. */
  readonly stats = { reads: 0, bytes: 0 };

  constructor(cache: ImageCache) {
    this.cache = cache;
  }

  /** Page-ins under way at a time: all that is left by the guest's own connections. */
  get concurrency(): number {
    return this.shared ? SHARED_CONNECTIONS : CONNECTIONS;
  }

  /** Nothing waits to be started. */
  get idle(): boolean {
    return this.#active >= this.concurrency || this.#wanted.size === this.#active;
  }

  /** Nothing is wanted and nothing under way. */
  get quiet(): boolean {
    return this.#wanted.size === 0;
  }

  /** Registers a chunk; the queue fires when it is in the cache, or has failed. */
  want(hex: string): WaitQueue {
    let wanted = this.#wanted.get(hex);
    if (!wanted) {
      wanted = { queue: new WaitQueue(), started: false };
      this.#wanted.set(hex, wanted);
    }
    return wanted.queue;
  }

  /** Why the last fetch of a chunk failed, or null. Forgets it. */
  takeFailure(hex: string): string | null {
    const failure = this.#failed.get(hex) ?? null;
    if (failure !== null) this.#failed.delete(hex);
    return failure;
  }

  /** Starts what is wanted. `arrived` is called after each chunk, when its queue has fired; `failed` with what went wrong. */
  pump(store: ChunkStore, arrived: () => void, failed: (message: string) => void): void {
    for (const [hex, wanted] of this.#wanted) {
      if (this.#active >= this.concurrency) return;
      if (wanted.started) continue;
      wanted.started = true;
      this.#active++;
      void this.#fetch(store, hex).then((failure) => {
        this.#active--;
        this.#wanted.delete(hex);
        if (failure !== null) {
          this.#failed.set(hex, failure);
          failed(failure);
        }
        wanted.queue.wake();
        arrived();
      });
    }
  }

  /** Null when the chunk is in the cache, else why not. */
  async #fetch(store: ChunkStore, hex: string): Promise<string | null> {
    if (this.cache.has(hex)) return null;
    let failure = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const bytes = await store.get(chunkKey(hex));
        this.stats.reads++;
        if (bytes === null) return `chunk ${hex} is not in the object store`;
        this.stats.bytes += bytes.length;
        if ((await sha256(bytes)) !== hex) return `chunk ${hex} has other contents than its name says`;
        this.cache.insert(hex, bytes);
        return null;
      } catch (error) {
        // Whoever wants it asks again, and by then a machine has been ended for it.
        if (error instanceof OutOfFrames) return null;
        failure = `chunk ${hex}: ${error instanceof Error ? error.message : error}`;
      }
    }
    return failure;
  }
}

/**
 * The manifest of an image by its digest's hexadecimal part; null when the store does not have it. `atHand`: what may be its JSON, which
 * saves the read if it is.
 */
export async function loadManifest(
  cache: ImageCache,
  store: ChunkStore,
  hex: string,
  atHand?: string,
): Promise<Manifest | null> {
  const known = cache.manifest(hex);
  if (known) return known;
  if (atHand !== undefined) {
    const bytes = new TextEncoder().encode(atHand);
    if ((await sha256(bytes)) === hex) return cache.addManifest(hex, bytes);
  }
  const bytes = await store.get(manifestKey(hex));
  if (bytes === null) return null;
  if ((await sha256(bytes)) !== hex) throw new Error(`manifest ${hex} has other contents than its name says`);
  return cache.addManifest(hex, bytes);
}
