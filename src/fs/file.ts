import { EBADF, EINVAL, ENODEV, ENOTDIR, ENOTTY, ESPIPE } from "../abi/errno.ts";
import { O_ACCMODE, O_CREATION, O_NOATIME, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { IN_CLOSE_NOWRITE, IN_CLOSE_WRITE } from "../abi/inotify.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import type { PageSource, Transfer, UserMemory } from "../memory/types.ts";
import type { WaitQueue } from "../wait/queue.ts";
import type { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { notifyLocation, releaseMarks } from "./notify.ts";
import type { Caller, Result } from "./types.ts";

const NO_QUEUES: readonly WaitQueue[] = [];

/** What emits directory entries one by one; false when there is no room for this one. */
export type DirectoryEmitter = (name: string, ino: number, next: number, mode: number) => boolean;

/**
 * An open file description (open(2)): offset and status flags, shared by dup and fork. Subclasses are what was opened: a
 * regular file, a directory, a pipe's end, a device, a socket, an epoll instance. Operations return a count or 0, a
 * negative errno, or Block; EFAULT and NeedPage are thrown. Access mode and O_PATH were checked by the system call.
 */
export abstract class File {
  readonly inode: Inode;
  /** How it was reached, for /proc/self/fd and fchdir; null for what has no name (pipes, sockets). */
  readonly location: Location | null;
  /** O_* status flags and access mode. */
  flags: number;
  offset = 0;
  references = 1;
  /** F_SETOWN: 0 none, > 0 a process, < 0 a process group; signal of F_SETSIG, 0 for SIGIO. */
  owner = 0;
  /** F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP. */
  ownerType = 0;
  ownerSignal = 0;
  /** Who has set the owner: the signals are his. */
  ownerUser: { readonly uid: number; readonly euid: number } | null = null;
  /** The open(2) that it comes from has made the file (F_CREATED_QUERY). */
  created = false;
  /** Epoll watches on it, which end with it. */
  watches: Set<{ closed(): void }> | null = null;

  constructor(inode: Inode, flags: number, location: Location | null) {
    this.inode = inode;
    inode.holders++;
    this.flags = flags & ~O_CREATION;
    this.location = location;
  }

  get readable(): boolean {
    const access = this.flags & O_ACCMODE;
    return (access === O_RDONLY || access === O_RDWR) && (this.flags & O_PATH) === 0;
  }

  get writable(): boolean {
    const access = this.flags & O_ACCMODE;
    return (access === O_WRONLY || access === O_RDWR) && (this.flags & O_PATH) === 0;
  }

  /** O_DIRECT means something (FMODE_CAN_ODIRECT). */
  get takesDirect(): boolean {
    return false;
  }

  /** It has an offset that pread, pwrite and lseek act on. */
  get seekable(): boolean {
    return false;
  }

  /** A blocking write goes on until all is written (pipes, stream sockets, regular files); others return what they took. */
  get writesAll(): boolean {
    return false;
  }

  /** A read goes on until the request is satisfied or nothing is left (regular files, page-ins between the parts). */
  get readsAll(): boolean {
    return false;
  }

  /** Whether a write that fails with EPIPE after `done` bytes of the call raises SIGPIPE. */
  signalsBrokenPipe(_done: number): boolean {
    return true;
  }

  /** What /proc/self/fd shows when there is no location: "pipe:[7]", "anon_inode:[eventfd]". */
  get label(): string {
    return `anon_inode:[${this.constructor.name}]`;
  }

  /** Lines that /proc/[pid]/fdinfo has of its kind; `numberOf` is what the reader calls a process. */
  information(_numberOf: (pid: number) => number): string {
    return "";
  }

  /** Moves bytes to `into`. Without `offset` at the description's own offset, which it advances. */
  read(_caller: Caller, _into: Transfer, _offset?: number): Result {
    return -EINVAL;
  }

  /** Moves bytes from `from`, appending when O_APPEND is set. */
  write(_caller: Caller, _from: Transfer, _offset?: number): Result {
    return -EINVAL;
  }

  /** lseek(2): the new offset. */
  seek(_offset: number, _whence: number): number {
    return -ESPIPE;
  }

  /** Requests that only this kind of file knows; `argument` is the third argument of ioctl(2). */
  ioctl(_caller: Caller, _memory: UserMemory, _request: number, _argument: number): Result {
    return -ENOTTY;
  }

  truncate(_size: number): Result {
    return -EINVAL;
  }

  /** fallocate(2). */
  allocate(_mode: number, _offset: number, _length: number): Result {
    return -ENODEV;
  }

  /** fsync(2), fdatasync(2). */
  sync(): Result {
    return -EINVAL;
  }

  /** Pages for mmap(2), or a negative errno. Called with the protection and flags that were asked for. */
  mapping(): PageSource | number {
    return this.inode.pagesAt(this.location) ?? -ENODEV;
  }

  /** A mapping of it is anonymous memory (/dev/zero). */
  get mapsZeroes(): boolean {
    return false;
  }

  /** getdents64(2) from `offset` on: how many entries were emitted, advancing the offset. */
  readDirectory(_caller: Caller, _emit: DirectoryEmitter): number {
    return -ENOTDIR;
  }

  /** Has a `poll` of its own: epoll(7) refuses others (EPERM), to poll(2) they are always ready. */
  get pollable(): boolean {
    return this.pollQueues.length > 0;
  }

  /** POLL* events that hold now (poll(2)). */
  poll(): number {
    return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
  }

  /** Queues that fire when `poll` may have changed. */
  get pollQueues(): readonly WaitQueue[] {
    return NO_QUEUES;
  }

  /** Queues that fire when O_ASYNC has something to tell. */
  get asyncQueues(): readonly WaitQueue[] {
    return this.pollQueues;
  }

  /** F_SETPIPE_SZ and F_GETPIPE_SZ. */
  get pipeSize(): number {
    return -EBADF;
  }
  resizePipe(_caller: Caller, _bytes: number): number {
    return -EBADF;
  }

  /** Content was read through this description (file_accessed). */
  protected accessed(): void {
    if ((this.flags & O_NOATIME) === 0) this.inode.accessed(this.location?.mount.flags ?? 0);
  }

  /** Status flags changed by F_SETFL or FIONBIO. EINVAL when they cannot be. */
  setFlags(flags: number): number {
    this.flags = flags;
    return 0;
  }

  /** A reference goes; the last one releases the description. */
  close(): void {
    if (--this.references > 0) return;
    const { inode } = this;
    inode.locks?.releaseOwner(this);
    inode.leases?.release(this);
    if (this.watches) for (const watch of [...this.watches]) watch.closed();
    this.release();
    inode.holders--;
    if (this.flags & O_PATH) {
      releaseMarks(inode);
    } else {
      notifyLocation(this.location, inode, this.writable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
      releaseMarks(inode);
    }
    inode.fileSystem.released?.();
  }

  /** Called when the last reference goes. */
  release(): void {}
}

/** A file opened with O_PATH: a location, nothing else (open(2)). */
export class PathFile extends File {
  /** The inode stays what it is, contents too, for as long as it can be opened from here (/proc/self/fd). */
  constructor(inode: Inode, flags: number, location: Location | null) {
    super(inode, flags, location);
    inode.pages?.hold();
  }
  override read(): Result {
    return -EBADF;
  }
  override write(): Result {
    return -EBADF;
  }
  override poll(): number {
    return 0;
  }
  override sync(): Result {
    return -EBADF;
  }
  override mapping(): number {
    return -EBADF;
  }
  override seek(): number {
    return -EBADF;
  }
  override release(): void {
    this.inode.pages?.drop();
  }
}
