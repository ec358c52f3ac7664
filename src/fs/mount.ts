import { isDirectory } from "../abi/stat.ts";
import type { FileSystem } from "./filesystem.ts";
import type { Directory, Inode } from "./inode.ts";

/**
 * A place in the tree of mounts: what path_resolution(7) ends at. Directories know their own parent; for everything else
 * `parent` and `name` say through which entry it was reached.
 */
export class Location {
  readonly mount: Mount;
  readonly inode: Inode;
  readonly parent: Directory | null;
  readonly name: string;

  constructor(mount: Mount, inode: Inode, parent: Directory | null = null, name = "") {
    this.mount = mount;
    this.inode = inode;
    this.parent = parent;
    this.name = name;
  }

  same(other: Location): boolean {
    return this.inode === other.inode && this.mount === other.mount;
  }
}

/** A file system, or a part of one, attached at a place (mount(2)). */
export class Mount {
  readonly id: number;
  readonly fileSystem: FileSystem;
  /** What is seen at the mount point: the file system's root, or for a bind mount any inode of it. */
  readonly root: Inode;
  /** Where it is attached; null for the root of the tree. */
  readonly point: Location | null;
  /** First column of /proc/mounts. */
  readonly source: string;
  /** MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME. */
  flags: number;
  /** Mounts on inodes seen through this one. */
  readonly children = new Map<Inode, Mount>();
  /** Open descriptions and working directories that keep it busy are counted by who asks (umount2). */
  detached = false;

  constructor(id: number, fileSystem: FileSystem, root: Inode, point: Location | null, source: string, flags: number) {
    this.id = id;
    this.fileSystem = fileSystem;
    this.root = root;
    this.point = point;
    this.source = source;
    this.flags = flags;
  }
}

/** Path of `location` from the root of all mounts, as it was when its last component was looked up. A byte string. */
export function locationPath(location: Location): string {
  let { mount, inode } = location;
  let path = "";
  if (!isDirectory(inode.mode) && inode !== mount.root && location.parent) {
    path = `/${location.name}`;
    inode = location.parent;
  }
  for (;;) {
    if (inode === mount.root) {
      if (!mount.point) return path || "/";
      const { point } = mount;
      mount = point.mount;
      inode = point.inode;
      if (!isDirectory(inode.mode) && point.parent) {
        path = `/${point.name}${path}`;
        inode = point.parent;
      }
      continue;
    }
    const directory = inode as Directory;
    if (directory.parent === directory) return path || "/";
    path = `/${directory.name}${path}`;
    inode = directory.parent;
  }
}
