/** The virtual file system: inodes, open file descriptions, and what a process knows of the file system. */
import type { PageSource, Transfer } from "../memory/types.ts";
import type { Block, WaitQueue } from "../wait/queue.ts";

/** Kernel time stamps: seconds and nanoseconds since the epoch. */
export interface Timespec {
  sec: number;
  nsec: number;
}

/**
 * What identifies the caller to the file system: a subset of Thread, so that fs needs nothing from kernel/. `interrupted`
 * and blocking are the kernel's: operations return Block and are called again, with the `saved` they left.
 */
export interface Caller {
  readonly fsuid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  readonly pid: number;
  saved: unknown;
  /** RLIMIT_FSIZE in bytes. */
  readonly fileSizeLimit: number;
}

/** Result of an operation: a count or 0, a negative errno, or a wait. */
export type Result = number | Block;

/**
 * An inode. Directories, regular files, symbolic links, devices, FIFOs and sockets are subclasses; a file system subclasses
 * those. Mutating operations return 0 or a negative errno. All of them may throw NeedPage.
 */
export interface Inode {
  /** S_IFMT and permission bits. */
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  readonly ino: number;
  readonly device: number;
  readonly rdev: number;
  readonly size: number;
  atime: Timespec;
  mtime: Timespec;
  ctime: Timespec;
  /** Pages, for files that can be mapped and executed. */
  readonly pages: PageSource | null;
}

/** An open file description (open(2)): shared by dup and fork. */
export interface File {
  readonly inode: Inode;
  /** O_* status flags and access mode. */
  flags: number;
  offset: number;
  references: number;
  read(caller: Caller, into: Transfer, offset?: number): Result;
  write(caller: Caller, from: Transfer, offset?: number): Result;
  /** POLL* events that hold now (poll(2)). */
  poll(): number;
  /** Queues that fire when `poll` may have changed. */
  readonly pollQueues: readonly WaitQueue[];
  /** Called when the last reference goes. */
  release(): void;
}

/** Working directory, root and umask (CLONE_FS shares one). */
export interface FsContext {
  root: unknown;
  cwd: unknown;
  umask: number;
}
