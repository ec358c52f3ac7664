import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "../../abi/stat.ts";
import { OVERLAYFS_SUPER_MAGIC, type StatFsFields } from "../../abi/statfs.ts";
import type { Manifest, StoredInode } from "../../image/format.ts";
import { DeviceInode } from "../device.ts";
import { Fifo } from "../fifo.ts";
import { type Directory, type DirectoryEntry, type Inode, SocketInode, Symlink } from "../inode.ts";
import { type LowerDirectory, TmpDirectory } from "../tmpfs/directory.ts";
import { TmpFile } from "../tmpfs/file.ts";
import { Tmpfs } from "../tmpfs/tmpfs.ts";
import type { FsEnvironment, Timespec } from "../types.ts";
import { adoptAttributes } from "../xattr.ts";
import { ImageContent } from "./content.ts";
import type { Fetcher } from "./fetcher.ts";

/**
 * An image under a tmpfs of the machine's own: what `/` is. Inodes keep the numbers that the image gives them; new ones
 * count on from there. Files share the cache's frames until a page is written. With `readOnly` it is the image alone.
 */
export class Overlay extends Tmpfs {
  override readOnly: boolean;
  readonly #manifest: Manifest;
  readonly #fetcher: Fetcher;
  /** Inodes that were looked up, by index: hard links lead to one inode. */
  readonly #inodes = new Map<number, Inode>();

  constructor(environment: FsEnvironment, manifest: Manifest, fetcher: Fetcher, readOnly = false) {
    super(environment, manifest.inodes[0].mode, readOnly ? "image" : "overlay");
    this.readOnly = readOnly;
    this.#manifest = manifest;
    this.#fetcher = fetcher;
    this.skipInos(manifest.inodes.length);
    this.#attributes(this.root, manifest.inodes[0]);
    this.root.setLower(new ImageDirectory(this, manifest, manifest.inodes[0]));
  }

  override statfs(): StatFsFields {
    return { ...super.statfs(), type: OVERLAYFS_SUPER_MAGIC };
  }

  /** The inode with an index in the image, first seen as `name` of `parent`. */
  imageInode(index: number, parent: Directory, name: string): Inode | null {
    const known = this.#inodes.get(index);
    if (known) return known;
    const stored = this.#manifest.inodes[index];
    if (!stored) return null;
    const inode = this.#materialise(stored, index + 1, parent, name);
    this.#attributes(inode, stored);
    this.#inodes.set(index, inode);
    return inode;
  }

  #attributes(inode: Inode, stored: StoredInode): void {
    inode.uid = stored.uid ?? 0;
    inode.gid = stored.gid ?? 0;
    inode.rdev = stored.rdev ?? 0;
    inode.nlink = stored.nlink ?? 1;
    inode.mode = stored.mode;
    if (stored.attributes) adoptAttributes(inode, stored.attributes);
    const time: Timespec = { sec: stored.mtime ?? 0, nsec: stored.nsec ?? 0 };
    inode.atime = inode.mtime = inode.ctime = time;
  }

  #materialise(stored: StoredInode, ino: number, parent: Directory, name: string): Inode {
    const { mode } = stored;
    switch (mode & S_IFMT) {
      case S_IFDIR:
        return new TmpDirectory(this, ino, mode, parent, name, new ImageDirectory(this, this.#manifest, stored));
      case S_IFREG:
        return new TmpFile(this, ino, mode, new ImageContent(this.#manifest, stored, this.#fetcher));
      case S_IFLNK:
        return new Symlink(this, ino, stored.target ?? "");
      case S_IFIFO:
        return new Fifo(this, ino, mode);
      case S_IFCHR:
      case S_IFBLK:
        return new DeviceInode(this, ino, mode);
      default:
        return new SocketInode(this, ino, mode);
    }
  }
}

/** A directory of the image. */
class ImageDirectory implements LowerDirectory {
  readonly #overlay: Overlay;
  readonly #manifest: Manifest;
  readonly #stored: readonly (string | number)[];
  /** Inode index by name; made at the first lookup. */
  #names: Map<string, number> | null = null;

  constructor(overlay: Overlay, manifest: Manifest, stored: StoredInode) {
    this.#overlay = overlay;
    this.#manifest = manifest;
    this.#stored = stored.entries ?? [];
  }

  get size(): number {
    return this.#stored.length / 2;
  }

  has(name: string): boolean {
    return this.#index().has(name);
  }

  inode(name: string, parent: Directory): Inode | null {
    const index = this.#index().get(name);
    return index === undefined ? null : this.#overlay.imageInode(index, parent, name);
  }

  entry(i: number): DirectoryEntry {
    const index = this.#stored[2 * i + 1] as number;
    return { name: this.#stored[2 * i] as string, ino: index + 1, mode: this.#manifest.inodes[index]?.mode ?? 0 };
  }

  #index(): Map<string, number> {
    if (this.#names) return this.#names;
    const names = new Map<string, number>();
    for (let i = 0; i < this.#stored.length; i += 2)
      names.set(this.#stored[i] as string, this.#stored[i + 1] as number);
    return (this.#names = names);
  }
}
