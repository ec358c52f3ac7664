/** What memory/ offers to kernel and fs, and what it asks of them. */
import type { WaitQueue } from "../wait/queue.ts";

/** Who pays for frames: a machine, or the isolate's cache. */
export interface FrameOwner {
  /** Frames charged now, and the most so far. */
  frames: number;
  peakFrames: number;
  /** Frames it may have. */
  readonly frameLimit: number;
  /** Leaves of present pages of the high range (present.ts), of all its address spaces. */
  highLeaves?: number;
}

/**
 * Thrown by `allocate` when the owner's or the isolate's limit is reached and nothing can be reclaimed. It captures no stack, as
 * Errno does not: guests that use up their memory throw it all the time.
 */
export class OutOfFrames {
  readonly message = "out of frames";
  readonly owner: FrameOwner;
  constructor(owner: FrameOwner) {
    this.owner = owner;
  }
}

/**
 * The host side of all guest memory: the WebAssembly memory, and 4 KiB frames with reference counts. The only holder of
 * typed-array views over it; `u8` and the others are to be read anew after anything that may allocate.
 */
export interface PhysicalMemory {
  readonly wasm: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly view: DataView;
  /** A zeroed frame with one reference, charged to `owner`. Throws OutOfFrames. */
  allocate(owner: FrameOwner): number;
  retain(frame: number): void;
  /** Drops a reference; at 0 the frame is free, its code is dropped and its owner is paid back. */
  release(frame: number): void;
  references(frame: number): number;
  /** Host address of a frame's first byte. */
  address(frame: number): number;
}

/** The CPU's block cache, as physical memory sees it (a part of CpuCode in cpu/hooks.ts). */
export interface CodeCache {
  /** The frame is about to be written or freed: no block decoded from it may run again. */
  dropFrame(frame: number): void;
  /** A JUMP_TAG that no jump cache entry carries. */
  newJumpTag(): number;
}

/** A file (or shared anonymous object) as the memory manager sees it: pages in frames. Implemented by fs inodes. */
export interface PageSource {
  /** For /proc/self/maps. */
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  /** Bytes; a page that starts at or beyond it faults with SIGBUS. */
  readonly size: number;
  /** Areas that map it are never joined, so that those who count them see each (shmat(2)). */
  readonly apart?: boolean;
  /**
   * The frame that holds page `index`, or -1 when it is not here yet (then `need` says what to wait for). No reference is
   * added: the caller retains it. `write` announces that a shared mapping will store to it.
   */
  frame(index: number, write: boolean): number;
  need(index: number): WaitQueue;
  /**
   * What the pages are while they are what an image says: one object for the same file in all machines of an isolate. Null, or
   * absent, once they may be others; then those that map them have been told (unmapSource).
   */
  readonly original?: object | null;
  /** Whether page `index` is in memory, without asking for it (mincore(2)). Absent: not known, then a page counts once it is mapped. */
  cached?(index: number): boolean;
  /** Frees pages [first, end), which read as zeroes then (madvise(2), MADV_REMOVE). Absent: EOPNOTSUPP. */
  punch?(first: number, end: number): void;
  /** One mapping more or less refers to it (keeps unlinked files alive). */
  hold(): void;
  drop(): void;
}

/**
 * User memory of the address space that a thread runs in, for system calls. Addresses and lengths are Numbers; every
 * method throws EFAULT (`Errno` of abi/errno.ts) on a bad address and NeedPage when a page must be fetched first.
 */
export interface UserMemory {
  /** A copy of `length` bytes. */
  read(address: number, length: number): Uint8Array;
  copyIn(address: number, into: Uint8Array): void;
  copyOut(address: number, from: Uint8Array): void;
  /** Copies `length` bytes between user memory and a host address, within one frame that the caller keeps alive. */
  copyToHost(address: number, host: number, length: number): void;
  copyFromHost(address: number, host: number, length: number): void;
  /** Zeroes. */
  clear(address: number, length: number): void;
  u8(address: number): number;
  u16(address: number): number;
  u32(address: number): number;
  i32(address: number): number;
  /** As a Number: exact up to 2^53, rounded above. */
  u64(address: number): number;
  i64(address: number): number;
  setU8(address: number, v: number): void;
  setU16(address: number, v: number): void;
  setU32(address: number, v: number): void;
  /** From a Number, two's complement for negative ones. */
  setU64(address: number, v: number): void;
  /** A NUL-terminated string of at most `limit` bytes without the NUL; ENAMETOOLONG when there is none within it. */
  cstring(address: number, limit: number): Uint8Array;
  /** Makes [address, address + length) present and writable or readable, so that a later copy cannot fault. */
  probe(address: number, length: number, write: boolean): void;
}

/**
 * Scatter/gather target or source of read and write: an iovec list in user memory, or kernel bytes (sendfile, host pipes).
 * Implemented in fs/transfer.ts.
 */
export interface Transfer {
  /** Bytes left. */
  readonly remaining: number;
  /** Of these, bytes left in the current element of an iovec list. */
  readonly segmentRemaining: number;
  /**
   * Makes the next `count` bytes (at most `remaining`) present and accessible, so that moving them neither fails nor waits:
   * how many that holds for. To be called before anything is consumed. Throws NeedPage, OutOfFrames, and EFAULT when the
   * very first byte is bad.
   */
  prepare(count: number): number;
  /** Copies out (for reads): as much of `bytes` as there is room for; returns how much. EFAULT only if nothing was copied. */
  put(bytes: Uint8Array): number;
  /** Copies in (for writes): fills as much of `into` as there are bytes; returns how much. */
  take(into: Uint8Array): number;
  /** As `put` and `take` for `count` bytes at a host address, within one frame that the caller keeps alive. */
  putHost(host: number, count: number): number;
  takeHost(host: number, count: number): number;
  /** Appends zeroes (holes). */
  putZeroes(count: number): number;
}
