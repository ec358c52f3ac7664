/** The virtual file system's contract: who calls, what an operation answers, and what file systems get from the machine. */
import type { Frames } from "../memory/physical.ts";
import type { FrameOwner } from "../memory/types.ts";
import type { Block } from "../wait/queue.ts";
import type { FsContext } from "./context.ts";
import type { DeviceDriver } from "./device.ts";
import type { Inode } from "./inode.ts";
import type { FsUsage } from "./usage.ts";

export type { FsContext } from "./context.ts";
export type { File } from "./file.ts";
export type { Inode } from "./inode.ts";
export type { Location, Mount } from "./mount.ts";

/** Kernel time stamps: seconds and nanoseconds since the epoch. Never changed in place: a new time is a new object. */
export interface Timespec {
  readonly sec: number;
  readonly nsec: number;
}

/**
 * What identifies the caller to the file system: a subset of Thread, so that fs needs nothing from kernel/. Blocking is the
 * kernel's: an operation returns Block and is called again from the start, with the `saved` it left.
 */
export interface Caller {
  readonly fsuid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  readonly pid: number;
  /** Whether it may do what `capability` (CAP_*) allows, to `inode` when one is given (capable_wrt_inode_uidgid). */
  capable(capability: number, inode?: Inode): boolean;
  saved: unknown;
  /** A signal has ended the wait after which the operation runs again. */
  readonly interrupted?: boolean;
  /** Whose root paths are shown from; the machine's own without it. */
  readonly fs?: FsContext;
  /** RLIMIT_FSIZE in bytes. */
  readonly fileSizeLimit: number;
}

/** Result of an operation on an open file: a count or 0, a negative errno, or a wait. */
export type Result = number | Block;

/** What file systems get from their machine. */
export interface FsEnvironment {
  readonly memory: Frames;
  /** Who pays for the frames of tmpfs files. */
  readonly owner: FrameOwner;
  now(): Timespec;
  random(into: Uint8Array): void;
  /** Drivers by device number (makeDevice of abi/stat.ts); an inode without one opens as ENXIO. */
  readonly characterDevices: Map<number, DeviceDriver>;
  /** What the machine's files cost (usage.ts), and the newest device number (filesystem.ts); both made on demand. */
  usage?: FsUsage;
  lastDevice?: number;
}

/** Advisory lock owners are compared by identity: the Descriptors table (POSIX) or the open file description (flock, OFD). */
export type LockOwner = object;
