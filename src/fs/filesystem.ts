import type { StatFsFields } from "../abi/statfs.ts";
import { OpenDirectory } from "./directory-file.ts";
import type { Directory, Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import type { FsEnvironment } from "./types.ts";

/** The next device number of a machine for a file system without a device: major 0 (as Linux's get_anon_bdev). */
export function anonymousDevice(environment: FsEnvironment): number {
  environment.lastDevice = (environment.lastDevice ?? 0) + 1;
  return environment.lastDevice;
}

/** A mounted or mountable file system: what its inodes have in common. */
export abstract class FileSystem {
  readonly environment: FsEnvironment;
  /** As in /proc/filesystems and the third column of /proc/mounts. */
  readonly type: string;
  /** st_dev. */
  readonly device: number;
  readonly blockSize: number = 4096;
  /** Nothing in it changes, whoever asks (a mount may be read-only besides). */
  readOnly: boolean = false;
  /** Its inodes have extended attributes. */
  readonly hasAttributes: boolean = false;
  /** Inodes that someone watches (notify.ts); made when the first is. */
  marked: Set<Inode> | null = null;
  /** It is mounted nowhere any more: whoever lets go of something in it says so. */
  released: (() => void) | null = null;
  #ino = 0;

  constructor(environment: FsEnvironment, type: string) {
    this.environment = environment;
    this.type = type;
    this.device = anonymousDevice(environment);
  }

  abstract get root(): Directory;
  abstract statfs(): StatFsFields;

  /** Its own options as /proc/mounts has them after those of a mount, each after a comma. */
  get optionText(): string {
    return "";
  }

  nextIno(): number {
    return ++this.#ino;
  }

  /** The highest inode number so far. */
  get lastIno(): number {
    return this.#ino;
  }

  /** Inode numbers up to `last` are taken. */
  protected skipInos(last: number): void {
    this.#ino = Math.max(this.#ino, last);
  }

  openDirectory(directory: Directory, flags: number, location: Location | null): OpenDirectory {
    return new OpenDirectory(directory, flags, location);
  }
}
