import { type Manifest, parseManifest } from "../../image/format.ts";
import { MAX_FRAMES, PAGE_SHIFT, PAGE_SIZE } from "../../memory/layout.ts";
import type { Frames } from "../../memory/physical.ts";
import type { FrameOwner } from "../../memory/types.ts";

/** A chunk's pages: frames, or -1 for those that were given back. */
interface CachedChunk {
  readonly frames: Int32Array;
  /** Time of the last use, in uses. */
  used: number;
}

/**
 * What the isolate knows of images: manifests, and the chunks in frames, shared by all machines. Data only. Frames that no
 * machine maps are given back when memory is short, those that were not used for the longest time first.
 */
export class ImageCache implements FrameOwner {
  frames = 0;
  peakFrames = 0;
  readonly frameLimit: number;
  readonly memory: Frames;
  readonly #chunks = new Map<string, CachedChunk>();
  readonly #manifests = new Map<string, Manifest>();
  #clock = 0;

  /** `frameLimit`: most frames that it keeps. */
  constructor(memory: Frames, frameLimit = MAX_FRAMES) {
    this.memory = memory;
    this.frameLimit = frameLimit;
    memory.onPressure((wanted) => this.reclaim(wanted));
  }

  /** The frame of page `page` of a chunk, or -1 when it is not here. */
  frame(hex: string, page: number): number {
    const chunk = this.#chunks.get(hex);
    if (!chunk || page >= chunk.frames.length) return -1;
    chunk.used = ++this.#clock;
    return chunk.frames[page];
  }

  /** All pages of the chunk are here. */
  has(hex: string): boolean {
    return this.#chunks.get(hex)?.frames.includes(-1) === false;
  }

  /** Keeps a chunk's bytes in frames; pages that are there already stay. Throws OutOfFrames, then it keeps what it got. */
  insert(hex: string, bytes: Uint8Array): void {
    const pages = Math.ceil(bytes.length / PAGE_SIZE);
    let chunk = this.#chunks.get(hex);
    if (!chunk) {
      chunk = { frames: new Int32Array(pages).fill(-1), used: 0 };
      this.#chunks.set(hex, chunk);
    }
    chunk.used = ++this.#clock;
    for (let page = 0; page < pages; page++) {
      if (chunk.frames[page] >= 0) continue;
      if (this.frames >= this.frameLimit) this.reclaim(64);
      const frame = this.memory.allocate(this);
      this.memory.u8.set(bytes.subarray(page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT), this.memory.address(frame));
      chunk.frames[page] = frame;
    }
  }

  /** Frames that nobody maps. */
  get reclaimable(): number {
    let count = 0;
    for (const { frames } of this.#chunks.values()) {
      for (const frame of frames) if (frame >= 0 && this.memory.references(frame) === 1) count++;
    }
    return count;
  }

  /** Gives about `wanted` frames back that nobody maps; returns how many. */
  reclaim(wanted: number): number {
    let released = 0;
    // The newest chunk is on its way to whoever waits for it.
    const newest = this.#clock;
    for (const [hex, chunk] of [...this.#chunks].sort((a, b) => a[1].used - b[1].used)) {
      if (released >= wanted) break;
      if (chunk.used === newest) continue;
      let kept = 0;
      for (let page = 0; page < chunk.frames.length; page++) {
        const frame = chunk.frames[page];
        if (frame < 0) continue;
        if (this.memory.references(frame) > 1) {
          kept++;
          continue;
        }
        this.memory.release(frame);
        chunk.frames[page] = -1;
        released++;
      }
      if (kept === 0) this.#chunks.delete(hex);
    }
    return released;
  }

  /** The manifest with a digest's hexadecimal part, or null when it must be fetched and given to `addManifest`. */
  manifest(hex: string): Manifest | null {
    return this.#manifests.get(hex) ?? null;
  }

  /** Keeps at most 32 manifests. Throws an Error when the bytes are no manifest. */
  addManifest(hex: string, bytes: Uint8Array): Manifest {
    const manifest = parseManifest(bytes);
    if (this.#manifests.size >= 32) this.#manifests.delete(this.#manifests.keys().next().value!);
    this.#manifests.set(hex, manifest);
    return manifest;
  }
}
