/**
 * /dev: a tmpfs that begins with the devices, links to /proc/self/fd, and directories to mount on. What it begins with is one table for
 * all machines; a machine has inodes of its own for what it looks up.
 */
import { S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT } from "../abi/stat.ts";
import { DeviceInode } from "./device.ts";
import { DEVICES } from "./devices.ts";
import { type Directory, type DirectoryEntry, type Inode, Symlink } from "./inode.ts";
import { type LowerDirectory, TmpDirectory } from "./tmpfs/directory.ts";
import { Tmpfs } from "./tmpfs/tmpfs.ts";
import { CONSOLE_DEVICE, PTMX_DEVICE } from "./tty/device-numbers.ts";
import type { FsEnvironment, Timespec } from "./types.ts";

interface Entry extends DirectoryEntry {
  readonly rdev: number;
  readonly target: string;
}

type Row = readonly [name: string, mode: number, rdev?: number, target?: string];

/** In the order of their inode numbers; the root has 1. */
const ROWS: readonly Row[] = [
  ...DEVICES.map(([name, rdev]): Row => [name, S_IFCHR | 0o666, rdev]),
  ["fd", S_IFLNK | 0o777, 0, "/proc/self/fd"],
  ["stdin", S_IFLNK | 0o777, 0, "/proc/self/fd/0"],
  ["stdout", S_IFLNK | 0o777, 0, "/proc/self/fd/1"],
  ["stderr", S_IFLNK | 0o777, 0, "/proc/self/fd/2"],
  ["shm", S_IFDIR | 0o1777],
  ["pts", S_IFDIR | 0o755],
  ["ptmx", S_IFCHR | 0o666, PTMX_DEVICE],
  ["console", S_IFCHR | 0o600, CONSOLE_DEVICE],
  ["mqueue", S_IFDIR | 0o1777],
];

/** Listed with the newest first, as tmpfs does. */
const ENTRIES: readonly Entry[] = ROWS.map(([name, mode, rdev = 0, target = ""], i) => {
  return { name, ino: i + 2, mode, rdev, target };
}).reverse();
const BY_NAME: ReadonlyMap<string, Entry> = new Map(ENTRIES.map((entry) => [entry.name, entry]));
const DIRECTORIES = ROWS.filter(([, mode]) => (mode & S_IFMT) === S_IFDIR).length;

export class DevFileSystem extends Tmpfs {
  constructor(environment: FsEnvironment) {
    super(environment, 0o755, "devtmpfs");
    this.skipInos(ROWS.length + 1);
    this.root.setLower(new Devices(this, this.root.ctime));
    this.root.nlink += DIRECTORIES;
  }
}

class Devices implements LowerDirectory {
  readonly size = ENTRIES.length;
  readonly #fileSystem: DevFileSystem;
  /** When /dev was made. */
  readonly #time: Timespec;

  constructor(fileSystem: DevFileSystem, time: Timespec) {
    this.#fileSystem = fileSystem;
    this.#time = time;
  }

  has(name: string): boolean {
    return BY_NAME.has(name);
  }

  inode(name: string, parent: Directory): Inode | null {
    const entry = BY_NAME.get(name);
    if (entry === undefined) return null;
    const { ino, mode } = entry;
    switch (mode & S_IFMT) {
      case S_IFDIR:
        return new TmpDirectory(this.#fileSystem, ino, mode, parent, name, null, this.#time);
      case S_IFLNK:
        return new Symlink(this.#fileSystem, ino, entry.target, this.#time);
      default: {
        const device = new DeviceInode(this.#fileSystem, ino, mode, this.#time);
        device.rdev = entry.rdev;
        return device;
      }
    }
  }

  entry(i: number): DirectoryEntry {
    return ENTRIES[i];
  }
}
