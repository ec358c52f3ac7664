/**
 * Physical memory: the isolate's one WebAssembly memory and the 4 KiB frames in it.
 *
 * A frame is a small number. It has a reference for each page-table entry, page-cache slot or kernel object that names it,
 * and one owner that pays for it however many references there are. WebAssembly memory never shrinks, so frames that are
 * freed go on a list and are zeroed when they are handed out again; frames never used before are zero already.
 *
 * The memory grows here and nowhere else: growing detaches every typed-array view, and only this class holds them.
 */
import {
  FRAMES,
  INVALID_ENTRY,
  MAX_FRAMES,
  MEMORY_INITIAL,
  MEMORY_MAXIMUM,
  PAGE_SHIFT,
  PAGE_SIZE,
  PAGE_TABLE_ENTRIES,
  PAGE_TABLE_READ,
  PAGE_TABLE_WRITE,
  WASM_PAGE,
} from "./layout.ts";
import { MergedFrames } from "./merge.ts";
import { PageTable } from "./page-table.ts";
import type { CodeCache, FrameOwner, PhysicalMemory } from "./types.ts";
import { OutOfFrames } from "./types.ts";

/** Frame flag: the CPU holds decoded blocks of this frame, so no page table may have a write entry for it. */
const HAS_CODE = 1;
/** Frame flag: the flat page table may have a write entry for this frame. */
const MAY_BE_WRITABLE = 2;
/** Frame flag: it is among the merged frames (merge.ts). */
const MERGED = 4;

/** What handing out a frame is worth, zeroing or copying included, in instruction units. */
const FRAME_WORK = 60;

/** What it is worth to say that there is none: exceptions, through all that wanted to write. */
const REFUSAL_WORK = 400;

/** Layouts of code that are known at a time; one that was forgotten gets another tag. */
const MAX_SHARED_TAGS = 1024;

/** WebAssembly pages that the memory grows by at least: 1 MiB. */
const LEAST_GROWTH = 16;

/** Gives clean frames back under pressure: about `wanted` of them; returns how many were released. */
export type Reclaimer = (wanted: number) => number;

export class Frames implements PhysicalMemory {
  readonly wasm: WebAssembly.Memory;
  u8!: Uint8Array;
  u16!: Uint16Array;
  i32!: Int32Array;
  u32!: Uint32Array;
  f64!: Float64Array;
  view!: DataView;

  /** The flat page table of the address space that runs. */
  readonly table: PageTable;
  readonly merged = new MergedFrames();
  /** Work done for the thread that runs, in instruction units (kernel/clock.ts), that has not been charged to it yet. */
  work = 0;
  /** A frame of zeroes that stands for every untouched anonymous page; it is never written and never freed. */
  readonly zeroFrame: number;
  /** The isolate itself, as the owner of what no machine pays for. */
  readonly isolate: FrameOwner = { frames: 0, peakFrames: 0, frameLimit: MAX_FRAMES };

  #limit: number;
  readonly #references = new Int32Array(MAX_FRAMES);
  readonly #flags = new Uint8Array(MAX_FRAMES);
  readonly #owners: (FrameOwner | null)[] = [];
  readonly #free: number[] = [];
  /** Frames below this number have been handed out at least once. */
  #fresh = 0;
  /** Frames that fit the memory as it is. */
  #capacity = 0;
  #code: CodeCache | null = null;
  #lastTag = 0;
  readonly #sharedTags = new Map<string, number>();
  /** -1 is what an empty entry of the jump cache has. */
  #lastSharedTag = -1;
  readonly #reclaimers: Reclaimer[] = [];
  #exhausted: (owner: FrameOwner) => boolean = () => false;

  /** `limit`: most frames to hand out at a time. */
  constructor(limit = MAX_FRAMES) {
    this.#limit = Math.min(limit, MAX_FRAMES);
    this.wasm = new WebAssembly.Memory({ initial: MEMORY_INITIAL, maximum: MEMORY_MAXIMUM });
    this.#refresh();
    const tables = [PAGE_TABLE_READ, PAGE_TABLE_WRITE];
    for (const start of tables) this.u32.fill(INVALID_ENTRY, start >>> 2, (start >>> 2) + PAGE_TABLE_ENTRIES);
    this.table = new PageTable(this);
    this.zeroFrame = this.allocate(this.isolate);
  }

  /** Frames in use. */
  get used(): number {
    return this.#fresh - this.#free.length;
  }

  /** Frames that can be handed out without reclaiming any. */
  get available(): number {
    return this.#limit - this.used;
  }

  /** The block cache. There is one CPU in an isolate, attached before the first address space is made. */
  attach(code: CodeCache): void {
    this.#code = code;
  }

  /** A JUMP_TAG for an address space whose executable mappings are new or have changed. */
  newJumpTag(): number {
    return this.#code ? this.#code.newJumpTag() : ++this.#lastTag;
  }

  /**
   * The JUMP_TAG of all address spaces whose code is the same, page by page and frame by frame; `layout` says what it is. Below -1,
   * where no other tag is, and never used for anything else.
   */
  sharedJumpTag(layout: string): number {
    let tag = this.#sharedTags.get(layout);
    if (tag !== undefined) return tag;
    if (this.#sharedTags.size >= MAX_SHARED_TAGS) this.#sharedTags.clear();
    tag = --this.#lastSharedTag;
    this.#sharedTags.set(layout, tag);
    return tag;
  }

  /** Registers someone who can give clean frames back; asked in order of registration. */
  onPressure(reclaim: Reclaimer): void {
    this.#reclaimers.push(reclaim);
  }

  /** `evict` is the last resort: it frees the frames of somebody else than who asks, or returns false. */
  onExhausted(evict: (owner: FrameOwner) => boolean): void {
    this.#exhausted = evict;
  }

  /** Whether `count` frames can be had without ending anything; clean ones are given back for that. */
  makeRoom(count: number): boolean {
    if (this.available < count) this.#clean(count - this.available);
    return this.available >= count;
  }

  allocate(owner: FrameOwner): number {
    const fresh = this.#free.length === 0;
    const frame = this.#take(owner);
    if (!fresh || frame < this.#fresh - 1) this.u8.fill(0, this.address(frame), this.address(frame) + PAGE_SIZE);
    return frame;
  }

  /** A frame with the contents of `source`, which the caller holds a reference to. Throws OutOfFrames. */
  allocateCopy(owner: FrameOwner, source: number): number {
    const frame = this.#take(owner);
    const from = this.address(source);
    this.u8.copyWithin(this.address(frame), from, from + PAGE_SIZE);
    return frame;
  }

  retain(frame: number): void {
    this.#references[frame]++;
  }

  release(frame: number): void {
    if (--this.#references[frame] !== 0) {
      if (this.#references[frame] < 0) throw new Error(`frame ${frame} released more often than retained`);
      return;
    }
    if (this.#flags[frame] & HAS_CODE) this.dropCode(frame);
    if (this.#flags[frame] & MERGED) this.release(this.merged.delete(frame));
    this.#flags[frame] = 0;
    this.#owners[frame]!.frames--;
    this.#owners[frame] = null;
    this.#free.push(frame);
  }

  references(frame: number): number {
    return this.#references[frame];
  }

  /** Who pays for a frame; null for one that is free. */
  owner(frame: number): FrameOwner | null {
    return this.#owners[frame];
  }

  /** A machine has ended: frees all frames that it paid for, also those that files of its file systems still refer to. */
  releaseAll(owner: FrameOwner): void {
    for (let frame = 0; frame < this.#fresh && owner.frames > 0; frame++) {
      if (this.#owners[frame] !== owner) continue;
      this.#references[frame] = 1;
      this.release(frame);
    }
  }

  isMerged(frame: number): boolean {
    return (this.#flags[frame] & MERGED) !== 0;
  }

  /** A private page's frame, a copy of `original`, is put among the merged ones: other machines of the domain may refer to it from now on. */
  shareMerged(frame: number, original: number, domain: string): void {
    this.retain(original);
    this.merged.add(frame, original, domain);
    this.#flags[frame] |= MERGED;
    this.#move(frame, this.isolate);
  }

  /** The last who refers to a merged frame is about to write it. */
  takeMerged(frame: number, owner: FrameOwner): void {
    this.#flags[frame] &= ~MERGED;
    this.release(this.merged.delete(frame));
    this.#move(frame, owner);
  }

  address(frame: number): number {
    return FRAMES + (frame << PAGE_SHIFT);
  }

  /** The frame that holds a host address. */
  frameAt(host: number): number {
    return (host - FRAMES) >>> PAGE_SHIFT;
  }

  hasCode(frame: number): boolean {
    return (this.#flags[frame] & HAS_CODE) !== 0;
  }

  /**
   * The CPU has decoded code in this frame. Write entries for it leave the page table, so the next store to it misses;
   * whoever writes it by other means calls `dropCode` first.
   */
  onCode(frame: number): void {
    const flags = this.#flags[frame];
    if (flags & HAS_CODE) return;
    this.#flags[frame] = HAS_CODE | (flags & MERGED);
    if (flags & MAY_BE_WRITABLE) this.table.clearWritesOf(this.address(frame));
  }

  /** Someone is about to write the frame: its decoded blocks go. */
  dropCode(frame: number): void {
    if ((this.#flags[frame] & HAS_CODE) === 0) return;
    this.#flags[frame] &= ~HAS_CODE;
    this.#code?.dropFrame(frame);
  }

  /** The page table has a write entry for the frame from now on. */
  noteWritable(frame: number): void {
    this.#flags[frame] |= MAY_BE_WRITABLE;
  }

  /** From now on `owner` pays for the frame, whatever its limit. */
  #move(frame: number, owner: FrameOwner): void {
    this.#owners[frame]!.frames--;
    this.#owners[frame] = owner;
    if (++owner.frames > owner.peakFrames) owner.peakFrames = owner.frames;
  }

  #take(owner: FrameOwner): number {
    if (owner.frames >= owner.frameLimit) {
      this.work += REFUSAL_WORK;
      throw new OutOfFrames(owner);
    }
    if (this.used >= this.#limit) this.#reclaim(owner);
    if (this.#free.length === 0 && this.#fresh === this.#capacity && !this.#grow()) {
      // The host has no memory left, so this is all there is.
      this.#limit = this.used;
      this.#reclaim(owner);
    }
    const frame = this.#free.pop() ?? this.#fresh++;
    this.work += FRAME_WORK;
    this.#references[frame] = 1;
    this.#flags[frame] = 0;
    this.#owners[frame] = owner;
    if (++owner.frames > owner.peakFrames) owner.peakFrames = owner.frames;
    return frame;
  }

  /** Asks for some more than one frame, so that the caches are not asked for each. */
  #reclaim(owner: FrameOwner): void {
    this.#clean(64);
    while (this.used >= this.#limit) if (!this.#exhausted(owner)) throw new OutOfFrames(owner);
  }

  #clean(wanted: number): void {
    let got = 0;
    for (const reclaim of this.#reclaimers) {
      got += reclaim(wanted - got);
      if (got >= wanted) break;
    }
  }

  #grow(): boolean {
    const pages = this.wasm.buffer.byteLength / WASM_PAGE;
    try {
      // Growing makes the engine detach every view and account for the memory anew: by a quarter, so that it is rare.
      const growth = Math.max(LEAST_GROWTH, (pages - MEMORY_INITIAL) >>> 2);
      this.wasm.grow(Math.min(growth, MEMORY_MAXIMUM - pages));
    } catch {
      return false;
    }
    this.#refresh();
    return true;
  }

  #refresh(): void {
    const buffer = this.wasm.buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.view = new DataView(buffer);
    this.#capacity = Math.min(MAX_FRAMES, (buffer.byteLength - FRAMES) >>> PAGE_SHIFT);
  }
}
