import { EINVAL, EIO, ENOTDIR, ENXIO, EOPNOTSUPP, EPERM, EROFS, Errno } from "../abi/errno.ts";
import { isDirectory, S_IFDIR, S_IFLNK, type StatFields } from "../abi/stat.ts";
import { MS_NOATIME, MS_NODIRATIME, MS_RDONLY, MS_STRICTATIME } from "../abi/statfs.ts";
import type { PageSource } from "../memory/types.ts";
import type { Block } from "../wait/queue.ts";
import { type Acl, aclWithMode } from "./acl.ts";
import type { File } from "./file.ts";
import type { FileSystem } from "./filesystem.ts";
import type { Leases } from "./leases.ts";
import type { AdvisoryLocks } from "./locks.ts";
import type { Location } from "./mount.ts";
import type { Mark } from "./notify.ts";
import type { Caller, Timespec } from "./types.ts";
import type { ExtendedAttributes } from "./xattr.ts";

/** One rename(2) of a name of an inode. */
export interface Move {
  readonly from: Directory;
  readonly name: string;
  readonly to: Directory;
  readonly newName: string;
}

const NO_MOVES: readonly Move[] = [];

/**
 * An inode: a directory, regular file, symbolic link, device, FIFO or socket of some file system. Operations throw Errno
 * when they fail, and NeedPage when something must be fetched first; in both cases nothing has changed. Permissions are
 * checked by the walk and by the system calls, not here.
 */
export abstract class Inode {
  readonly fileSystem: FileSystem;
  readonly ino: number;
  /** S_IFMT and permission bits. */
  mode: number;
  uid = 0;
  gid = 0;
  nlink = 1;
  rdev = 0;
  atime: Timespec;
  mtime: Timespec;
  ctime: Timespec;
  /** Descriptions that are open on it, O_PATH included. */
  holders = 0;
  /** Who is told of what happens to it (notify.ts). */
  marks: Set<Mark> | null = null;
  /** Where its names went since something was open on it, for Location; none for a directory, which knows its name. */
  moves: readonly Move[] = NO_MOVES;
  /** RWH_WRITE_LIFE_* (F_SET_RW_HINT). */
  writeHint = 0;
  /** Advisory locks; made when the first is taken. */
  locks: AdvisoryLocks | null = null;
  /** Made when the first is taken. */
  leases: Leases | null = null;
  /** Extended attributes; made when the first is set. */
  attributes: ExtendedAttributes | null = null;
  /** Processes that execute it: it cannot be opened for writing (ETXTBSY). The program loader counts. */
  executing = 0;
  /** Descriptions open for writing: it cannot be executed (ETXTBSY). */
  writers = 0;
  /** Names that the machine's usage counts (usage.ts). */
  charged = 0;
  /** It has no name but may still be given one (O_TMPFILE). */
  linkable = false;
  /** The listening or bound socket behind a socket inode (unix(7)); net/ sets it. */
  socket: unknown = null;

  constructor(fileSystem: FileSystem, ino: number, mode: number, time: Timespec = fileSystem.environment.now()) {
    this.fileSystem = fileSystem;
    this.ino = ino;
    this.mode = mode;
    this.atime = this.mtime = this.ctime = time;
  }

  /** What it is known by where something is mounted on it; inodes that are made anew at each lookup have a key that lasts. */
  get key(): unknown {
    return this;
  }

  get device(): number {
    return this.fileSystem.device;
  }

  /** Bytes. */
  get size(): number {
    return 0;
  }

  /** Storage used, in units of 512 bytes. */
  get blocks(): number {
    return 0;
  }

  /** It is open, or mapped. */
  get isHeld(): boolean {
    return this.holders > 0;
  }

  /** `caller` has every right to it whatever its mode and owner (/proc/self/fd of a process that is not dumpable). */
  isOwn(_caller: Caller): boolean {
    return false;
  }

  /** What those are told who are denied it whatever their rights: a negative errno, 0 for others (proc's hidepid). */
  denial(_caller: Caller): number {
    return 0;
  }

  /** Pages, for files that can be mapped and executed. */
  get pages(): PageSource | null {
    return null;
  }

  /** The same, to be known by the path of `location` from now on (/proc/self/maps). */
  pagesAt(_location: Location | null): PageSource | null {
    return this.pages;
  }

  /**
   * A new open file description on this inode. `location` is how it was reached (null for what has no name). Block: a FIFO
   * waits for its other end.
   */
  abstract open(caller: Caller, flags: number, location: Location | null): File | Block;

  /** Target of a symbolic link, a byte string. */
  readlink(_caller: Caller): string {
    throw new Errno(EINVAL);
  }

  /** Where a magic link of /proc leads without going through its text; null for an ordinary link. */
  jump(_caller: Caller): Location | null {
    return null;
  }

  /** F_SEAL_* that bind those who write and map it (fcntl(2)). */
  get seals(): number {
    return 0;
  }

  chmod(mode: number): void {
    this.changing();
    const acl = this.attributes?.acl("access");
    if (acl) this.attributes!.setAcl("access", aclWithMode(acl, mode));
    this.mode = (this.mode & ~0o7777) | (mode & 0o7777);
    this.ctime = this.fileSystem.environment.now();
  }

  /** Changes owner and group; -1 leaves one as it is. */
  chown(uid: number, gid: number): void {
    this.changing();
    if (uid !== -1) this.uid = uid;
    if (gid !== -1) this.gid = gid;
    this.ctime = this.fileSystem.environment.now();
  }

  /** Sets the length in bytes (truncate(2)). */
  truncate(_size: number): void {
    throw new Errno(EINVAL);
  }

  /** Sets times; null leaves one as it is. */
  setTimes(atime: Timespec | null, mtime: Timespec | null): void {
    this.changing();
    if (atime) this.atime = atime;
    if (mtime) this.mtime = mtime;
    this.ctime = this.fileSystem.environment.now();
  }

  /** A directory entry more or less names this inode. The last link of an inode that nothing holds frees it. */
  changeLinks(delta: number): void {
    this.nlink += delta;
    this.ctime = this.fileSystem.environment.now();
  }

  /** Content changed now. */
  modified(): void {
    this.mtime = this.ctime = this.fileSystem.environment.now();
  }

  /**
   * Content was read now, through a mount with these flags: atime moves when it is older than the last change or than a day
   * (relatime, the default), or in any case (strictatime, mount(8)).
   */
  accessed(mountFlags: number): void {
    if (this.fileSystem.readOnly || mountFlags & (MS_RDONLY | MS_NOATIME)) return;
    if (mountFlags & MS_NODIRATIME && isDirectory(this.mode)) return;
    const { atime, mtime, ctime } = this;
    const now = this.fileSystem.environment.now();
    const recent = later(atime, mtime) && later(atime, ctime) && now.sec - atime.sec < 86400;
    if (recent && (mountFlags & MS_STRICTATIME) === 0) return;
    this.atime = now;
  }

  stat(): StatFields {
    return {
      device: this.device,
      ino: this.ino,
      mode: this.mode,
      nlink: this.nlink,
      uid: this.uid,
      gid: this.gid,
      rdev: this.rdev,
      size: this.size,
      blockSize: this.fileSystem.blockSize,
      blocks: this.blocks,
      atime: this.atime,
      mtime: this.mtime,
      ctime: this.ctime,
    };
  }

  /** EROFS when the file system does not change. */
  protected changing(): void {
    if (this.fileSystem.readOnly) throw new Errno(EROFS);
  }
}

/** a is after b. */
const later = (a: Timespec, b: Timespec): boolean => a.sec > b.sec || (a.sec === b.sec && a.nsec > b.nsec);

/** A name in a directory, as getdents64(2) reports it. */
export interface DirectoryEntry {
  readonly name: string;
  readonly ino: number;
  readonly mode: number;
}

/** What a new inode is to be. `rdev` for devices, `target` for symbolic links. */
export interface NewInode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev?: number;
  readonly target?: string;
  /** Access control lists, as inherited. */
  readonly acl?: Acl | null;
  readonly defaultAcl?: Acl | null;
}

/**
 * A directory. It knows its parent (directories have one) and the name it has there, so that `..`, getcwd(2) and moving
 * need no cache of names. Names are byte strings (name.ts), never empty, ".", ".." or with a slash.
 */
export abstract class Directory extends Inode {
  /** Itself for the root of a file system. Stays what it was when the directory is removed. */
  parent: Directory;
  /** Name in `parent`. */
  name: string;
  /** rmdir(2) took it away: nothing can be made in it. */
  removed = false;

  constructor(
    fileSystem: FileSystem,
    ino: number,
    mode: number,
    parent: Directory | null,
    name: string,
    time?: Timespec,
  ) {
    super(fileSystem, ino, (mode & 0o7777) | S_IFDIR, time);
    this.parent = parent ?? this;
    this.name = name;
    this.nlink = 2;
  }

  /** The inode called `name`, or null. */
  abstract lookup(name: string, caller: Caller): Inode | null;
  /** All entries but "." and "..". */
  abstract entries(caller: Caller): Iterable<DirectoryEntry>;

  /** Makes an inode called `name`, which is not there. */
  create(_name: string, _what: NewInode): Inode {
    throw new Errno(this.refusal());
  }
  /** A further name for an inode of this file system (link(2)). */
  link(_name: string, _inode: Inode): void {
    throw new Errno(this.refusal());
  }
  /** Removes `name`, which names `inode`. A directory must be empty (checked by the caller with `isEmpty`). */
  unlink(_name: string, _inode: Inode): void {
    throw new Errno(this.refusal());
  }
  /**
   * Moves `inode` from `name` here to `newName` of `target` in this file system, replacing `replaced`; with `exchange`
   * they change places, and a `whiteout` is left where it was. Types, emptiness and loops were checked.
   */
  rename(
    _name: string,
    _inode: Inode,
    _target: Directory,
    _newName: string,
    _replaced: Inode | null,
    _exchange: boolean,
    _whiteout: NewInode | null = null,
  ): void {
    throw new Errno(this.refusal());
  }
  /** An inode without a name (O_TMPFILE). */
  createUnnamed(_what: NewInode): Inode {
    throw new Errno(this.refusal());
  }

  isEmpty(caller: Caller): boolean {
    for (const _ of this.entries(caller)) return false;
    return true;
  }

  private refusal(): number {
    return this.fileSystem.readOnly ? EROFS : EPERM;
  }

  override open(_caller: Caller, flags: number, location: Location | null): File {
    return this.fileSystem.openDirectory(this, flags, location);
  }
}

/** A symbolic link with a fixed target. */
export class Symlink extends Inode {
  readonly target: string;

  constructor(fileSystem: FileSystem, ino: number, target: string, time?: Timespec) {
    super(fileSystem, ino, S_IFLNK | 0o777, time);
    this.target = target;
  }

  override get size(): number {
    return this.target.length;
  }

  override readlink(_caller: Caller): string {
    return this.target;
  }

  override chmod(_mode: number): void {
    throw new Errno(EOPNOTSUPP);
  }

  override open(): never {
    throw new Errno(EIO);
  }
}

/** A socket's name in the file system: it is connected to, never opened (unix(7)). */
export class SocketInode extends Inode {
  override open(): never {
    throw new Errno(ENXIO);
  }
}

/** The directory `inode` is, or ENOTDIR. */
export function asDirectory(inode: Inode): Directory {
  if (!isDirectory(inode.mode)) throw new Errno(ENOTDIR);
  return inode as Directory;
}
