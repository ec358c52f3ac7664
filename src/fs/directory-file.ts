import { EINVAL, EISDIR, ENOENT } from "../abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "../abi/fcntl.ts";
import { type DirectoryEmitter, File } from "./file.ts";
import type { Directory, DirectoryEntry } from "./inode.ts";
import type { Location } from "./mount.ts";
import type { Caller, Result } from "./types.ts";

/**
 * An open directory. It lists what was there when the listing began (offset 0), so that entries which come and go
 * meanwhile never make another one appear twice or not at all (readdir(3)). The offset is the index of the next entry.
 */
export class OpenDirectory extends File {
  #listing: DirectoryEntry[] | null = null;

  get directory(): Directory {
    return this.inode as Directory;
  }

  override get seekable(): boolean {
    return true;
  }

  override read(): Result {
    return -EISDIR;
  }

  override seek(offset: number, whence: number): number {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? this.offset + offset : -1;
    if (to < 0 || to >= 2 ** 63) return -EINVAL;
    if (to === 0) this.#listing = null;
    this.offset = to;
    return to;
  }

  override sync(): Result {
    return 0;
  }

  override readDirectory(caller: Caller, emit: DirectoryEmitter): number {
    const directory = this.directory;
    if (directory.removed) return -ENOENT;
    const listing = (this.#listing ??= [
      { name: ".", ino: directory.ino, mode: directory.mode },
      { name: "..", ino: this.parentIno(), mode: directory.parent.mode },
      ...directory.entries(caller),
    ]);
    let emitted = 0;
    while (this.offset < listing.length) {
      const { name, ino, mode } = listing[this.offset];
      if (!emit(name, ino, this.offset + 1, mode)) break;
      this.offset++;
      emitted++;
    }
    if (emitted > 0) this.accessed();
    return emitted;
  }

  /** `..` of the root of a mount is the directory that the mount point is in. */
  protected parentIno(): number {
    let location: Location | null = this.location;
    while (location && location.inode === location.mount.root && location.mount.point) location = location.mount.point;
    if (location && location !== this.location) return location.parent?.ino ?? location.inode.ino;
    return this.directory.parent.ino;
  }
}
