import { isDirectory } from "../abi/stat.ts";
import type { FileSystem } from "./filesystem.ts";
import type { Directory, Inode } from "./inode.ts";
import type { MountNamespace } from "./mount-namespace.ts";
import type { PeerGroup } from "./propagation.ts";

/**
 * A place in the tree of mounts: what path_resolution(7) ends at. Directories know their own parent; for everything else
 * `parent` and `name` say through which entry it was reached.
 */
export class Location {
  readonly mount: Mount;
  readonly inode: Inode;
  #parent: Directory | null;
  #name: string;
  /** Moves of the inode that `#parent` and `#name` know of. */
  #moves: number;

  constructor(mount: Mount, inode: Inode, parent: Directory | null = null, name = "") {
    this.mount = mount;
    this.inode = inode;
    this.#parent = parent;
    this.#name = name;
    this.#moves = inode.moves.length;
  }

  /** An entry that is renamed is followed: an open file is known by its new name. */
  get parent(): Directory | null {
    if (this.#moves !== this.inode.moves.length) this.#follow();
    return this.#parent;
  }
  get name(): string {
    if (this.#moves !== this.inode.moves.length) this.#follow();
    return this.#name;
  }

  #follow(): void {
    for (const move of this.inode.moves.slice(this.#moves)) {
      if (move.from !== this.#parent || move.name !== this.#name) continue;
      this.#parent = move.to;
      this.#name = move.newName;
    }
    this.#moves = this.inode.moves.length;
  }

  same(other: Location): boolean {
    return this.inode === other.inode && this.mount === other.mount;
  }
}

/** Of a mount in which nothing is mounted, as in most. */
const NO_MOUNTS: ReadonlyMap<unknown, Mount> = new Map();

/** A file system, or a part of one, attached at a place (mount(2)). */
export class Mount {
  readonly id: number;
  readonly fileSystem: FileSystem;
  /** What is seen at the mount point: the file system's root, or for a bind mount any inode of it. */
  readonly root: Inode;
  /** The entry through which a root that is no directory was reached. */
  rootEntry: { readonly parent: Directory | null; readonly name: string } | null = null;
  /** Where it is attached; null for the root of a tree. */
  point: Location | null = null;
  /** Whose tree it is in; null while it is in none (unmounted, or not attached yet). */
  namespace: MountNamespace | null = null;
  /** First column of /proc/mounts. */
  readonly source: string;
  /** MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME. */
  flags: number;
  /** Mounts seen through this one, by `Inode.key` of their place. */
  children: ReadonlyMap<unknown, Mount> = NO_MOUNTS;
  /** What is mounted in it is mounted in these too (shared), or comes from these (slave); propagation.ts. */
  peers: PeerGroup | null = null;
  master: PeerGroup | null = null;
  /** It cannot be the source of a bind mount. */
  unbindable = false;
  /**
   * It came from a more privileged namespace (mount_namespaces(7)): alone it is not taken from where it is, so that nobody sees
   * what it hides; and it keeps `lockedFlags` (MS_*, those about access times whether set or not), null when it may change all.
   */
  locked = false;
  lockedFlags: number | null = null;
  /** umount2(2) with MNT_EXPIRE has asked once, and nobody has come by since. */
  expiring = false;

  constructor(id: number, fileSystem: FileSystem, root: Inode, source: string, flags: number) {
    this.id = id;
    this.fileSystem = fileSystem;
    this.root = root;
    this.source = source;
    this.flags = flags;
  }

  /** Puts the tree that begins here at `point`. */
  attach(point: Location): void {
    this.point = point;
    const { mount } = point;
    if (mount.children === NO_MOUNTS) mount.children = new Map();
    (mount.children as Map<unknown, Mount>).set(point.inode.key, this);
  }

  detach(): void {
    if (this.point !== null) (this.point.mount.children as Map<unknown, Mount>).delete(this.point.inode.key);
    this.point = null;
  }

  /** Whether something is mounted at or below `inode` that cannot be taken away alone. */
  hasLocked(inode: Inode): boolean {
    const below = new Mount(0, this.fileSystem, inode, "", 0);
    for (const child of this.children.values()) if (child.locked && below.covers(child.point!)) return true;
    return false;
  }

  /** It and all mounts below it, each after the one that it is in. */
  *tree(): Iterable<Mount> {
    // Not by recursion: mounts may be stacked as deep as there may be mounts.
    const left: Mount[] = [this];
    for (let mount = left.pop(); mount !== undefined; mount = left.pop()) {
      yield mount;
      if (mount.children.size > 0) left.push(...[...mount.children.values()].reverse());
    }
  }

  /** How many those are. */
  get treeSize(): number {
    if (this.children.size === 0) return 1;
    const all: Mount[] = [this];
    for (let i = 0; i < all.length; i++) {
      if (all[i].children.size > 0) for (const child of all[i].children.values()) all.push(child);
    }
    return all.length;
  }

  /** Whether `inode`, reached through `parent` unless it is a directory, can be seen through this mount. */
  covers({ inode, parent }: Location): boolean {
    if (inode === this.root) return true;
    let at = isDirectory(inode.mode) ? (inode as Directory) : parent;
    for (; at !== null; at = at.parent) {
      if (at === this.root) return true;
      if (at.parent === at) return false;
    }
    return false;
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
      if (!isDirectory(inode.mode) && inode !== mount.root && point.parent) {
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
