/** Changing trees of mounts: mount(2), umount2(2), pivot_root(2), new namespaces (fs/namespace.c). */
import { EBUSY, EINVAL, ELOOP, ENOENT, ENOSPC, ENOTDIR, Errno } from "../abi/errno.ts";
import { isDirectory } from "../abi/stat.ts";
import { MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_STRICTATIME } from "../abi/statfs.ts";
import type { FileSystem } from "./filesystem.ts";
import type { Directory, Inode } from "./inode.ts";
import { Location, Mount } from "./mount.ts";
import { MountNamespace } from "./mount-namespace.ts";
import {
  type CopyRelation,
  leaveAll,
  PeerGroup,
  type Propagation,
  propagate,
  relate,
  setPropagation,
} from "./propagation.ts";

/** Most mounts of a namespace (fs.mount-max). */
const MOUNT_LIMIT = 1000;

/** Flags that a namespace of less privilege cannot take away. */
const LOCKABLE = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_STRICTATIME;

/** Whether something holds a mount: a working directory, an open file. */
export type IsBusy = (mount: Mount) => boolean;

export class MountTrees {
  #nextMount = 1;
  #nextGroup = 1;
  readonly #group = (): PeerGroup => new PeerGroup(this.#nextGroup++);

  /** A mount that is nowhere yet. */
  create(fileSystem: FileSystem, source: string, flags: number, root: Inode = fileSystem.root): Mount {
    return new Mount(this.#nextMount++, fileSystem, root, source, flags);
  }

  /** Puts the tree that begins at `mount` at `at`, and copies of it where that propagates to. ENOTDIR, ENOENT, ENOSPC. */
  attach(mount: Mount, at: Location): void {
    if (isDirectory(at.inode.mode) !== isDirectory(mount.root.mode)) throw new Errno(ENOTDIR);
    if (isDirectory(at.inode.mode) && (at.inode as Directory).removed) throw new Errno(ENOENT);
    const { namespace, peers } = at.mount;
    if (namespace === null) throw new Errno(EINVAL);
    if (namespace.size + mount.treeSize > MOUNT_LIMIT) throw new Errno(ENOSPC);
    if (peers !== null) for (const each of mount.tree()) setPropagation(each, "shared", this.#group);
    const received = propagate(at, mount, (from, relation) => this.copy(from, from.root, relation));
    place(mount, at, at.mount);
    for (const { mount: receiver, value } of received) place(value, at, receiver);
  }

  /** A mount of what is at `from`, for a bind mount; with `recursive` copies of what is mounted below too. EINVAL. */
  bind({ mount, inode, parent, name }: Location, recursive: boolean): Mount {
    if (mount.unbindable || (!recursive && mount.hasLocked(inode))) throw new Errno(EINVAL);
    const copy = recursive ? this.copy(mount, inode, "same") : this.#copyOne(mount, inode, "same");
    if (inode !== mount.root) copy.rootEntry = { parent, name };
    copy.locked = false;
    return copy;
  }

  /** A copy of the tree; unbindable mounts in it are left out. `map` is told of each copy. */
  copy(
    mount: Mount,
    root: Inode,
    relation: CopyRelation,
    keepUnbindable = false,
    map?: (from: Mount, to: Mount) => void,
  ): Mount {
    const copy = this.#copyOne(mount, root, relation);
    map?.(mount, copy);
    const below = new Mount(0, mount.fileSystem, root, "", 0);
    for (const child of mount.children.values()) {
      const point = child.point!;
      if ((child.unbindable && !keepUnbindable) || !below.covers(point)) continue;
      const childCopy = this.copy(child, child.root, relation, keepUnbindable, map);
      childCopy.attach(new Location(copy, point.inode, point.parent, point.name));
    }
    return copy;
  }

  #copyOne(mount: Mount, root: Inode, relation: CopyRelation): Mount {
    const copy = this.create(mount.fileSystem, mount.source, mount.flags, root);
    if (root === mount.root) copy.rootEntry = mount.rootEntry;
    if (relation === "same") copy.unbindable = mount.unbindable;
    copy.locked = mount.locked;
    copy.lockedFlags = mount.lockedFlags;
    relate(copy, mount, relation, this.#group);
    return copy;
  }

  /**
   * A copy of all that `namespace` has. `map` is told of each copy. `inner`, for one of less privilege: what the copy mounts
   * does not come back, and what it was given is locked (lock_mnt_tree).
   */
  copyNamespace(
    id: number,
    namespace: MountNamespace,
    inner: boolean,
    map: (from: Mount, to: Mount) => void,
  ): MountNamespace {
    const { root } = namespace;
    const copy = this.copy(root, root.root, inner ? "slave" : "same", true, map);
    if (inner) {
      for (const each of copy.tree()) {
        each.locked = each !== copy;
        each.lockedFlags = each.flags & LOCKABLE;
      }
    }
    return new MountNamespace(id, copy);
  }

  /** MS_SHARED and the like, of one mount or of all below it too. */
  change(mount: Mount, type: Propagation, recursive: boolean): void {
    for (const each of recursive ? [...mount.tree()] : [mount]) setPropagation(each, type, this.#group);
  }

  /** Moves a mount and what is below it (MS_MOVE). EINVAL, ELOOP. */
  move(mount: Mount, to: Location): void {
    if (mount.locked) throw new Errno(EINVAL);
    if (isDirectory(to.inode.mode) !== isDirectory(mount.root.mode)) throw new Errno(EINVAL);
    if (mount.point && mount.point.mount.peers !== null) throw new Errno(EINVAL);
    if (to.mount.peers !== null && [...mount.tree()].some((each) => each.unbindable)) throw new Errno(EINVAL);
    for (let at: Mount | undefined = to.mount; at; at = at.point?.mount) if (at === mount) throw new Errno(ELOOP);
    const from = mount.point;
    mount.detach();
    try {
      this.attach(mount, to);
    } catch (error) {
      if (from) mount.attach(from);
      throw error;
    }
  }

  /**
   * Takes `mount` away, where it has propagated to as well. Without `lazy` it must not be in use (EBUSY); with it what is
   * mounted in it goes too. Which went.
   */
  unmount(mount: Mount, lazy: boolean, isBusy: IsBusy): Iterable<Mount> {
    if (!mount.point) throw new Errno(EINVAL);
    const own = [...mount.tree()];
    const received = own.flatMap((each) => receivedCopies(each));
    if (!lazy) {
      if (mount.children.size > 0 || isBusy(mount)) throw new Errno(EBUSY);
      if (received.some((copy) => copy.children.size === 0 && isBusy(copy))) throw new Errno(EBUSY);
    }
    // A copy in which something else is mounted stays.
    const going = new Set([...own, ...received]);
    for (let size = -1; size !== going.size; ) {
      size = going.size;
      for (const copy of received) {
        if ([...copy.children.values()].some((child) => !going.has(child) && !isOnTop(child, copy))) going.delete(copy);
      }
    }
    for (const each of [...going].reverse()) remove(each, going);
    return going;
  }

  /** Attached nowhere any more, and whatever is in it: the last descriptor of a tree that never had a place is closed. */
  dissolve(mount: Mount): void {
    for (const each of [...mount.tree()].reverse()) remove(each, new Set());
  }

  /** pivot_root(2): `to` becomes the root and the old root is put at `old`. `root` is the caller's. */
  pivot(root: Location, to: Location, old: Location): void {
    const namespace = root.mount.namespace;
    const [oldRoot, newRoot] = [root.mount, to.mount];
    const shared = (mount: Mount | undefined) => mount !== undefined && mount.peers !== null;
    if (shared(old.mount) || shared(newRoot.point?.mount) || shared(oldRoot.point?.mount)) throw new Errno(EINVAL);
    if (namespace === null || newRoot.namespace !== namespace || old.mount.namespace !== namespace)
      throw new Errno(EINVAL);
    if (isDirectory(to.inode.mode) && (to.inode as Directory).removed) throw new Errno(ENOENT);
    if (newRoot === oldRoot || old.mount === oldRoot) throw new Errno(EBUSY);
    if (root.inode !== oldRoot.root || !oldRoot.point) throw new Errno(EINVAL);
    if (to.inode !== newRoot.root || !newRoot.point) throw new Errno(EINVAL);
    if (!isReachable(old, to) || !isReachable(to, root)) throw new Errno(EINVAL);
    if (newRoot.locked) throw new Errno(EINVAL);
    newRoot.locked = oldRoot.locked;
    oldRoot.locked = false;
    const at = oldRoot.point;
    newRoot.detach();
    oldRoot.detach();
    oldRoot.attach(old);
    newRoot.attach(at);
  }
}

/** Puts the tree at the place in `receiver` that `at` is; what was there before is on top of it then. */
function place(mount: Mount, at: Location, receiver: Mount): void {
  const previous = receiver.children.get(at.inode.key);
  mount.attach(new Location(receiver, at.inode, at.parent, at.name));
  if (previous) previous.attach(new Location(mount, mount.root));
  receiver.namespace!.adopt(mount);
}

/** The mounts that came to be with this one, where its parent propagates to. */
function receivedCopies(mount: Mount): Mount[] {
  const point = mount.point!;
  const copies: Mount[] = [];
  for (const { mount: receiver } of propagate(point, null, () => null)) {
    const copy = receiver.children.get(point.inode.key);
    if (copy) copies.push(copy);
  }
  return copies;
}

/** `child` covers all of `mount`. */
const isOnTop = (child: Mount, mount: Mount): boolean => child.point!.inode === mount.root;

/** Takes one mount out. What is on top of it and stays comes to where it was. */
function remove(mount: Mount, going: Set<Mount>): void {
  const { point } = mount;
  const top = mount.children.get(mount.root.key);
  mount.detach();
  mount.namespace = null;
  leaveAll(mount);
  if (top && !going.has(top) && point) {
    top.detach();
    top.attach(point);
  }
}

/** `location` is `root` or below it (is_path_reachable). */
export function isReachable(location: Location, root: Location): boolean {
  let at = location;
  while (at.mount !== root.mount && at.mount.point) at = at.mount.point;
  if (at.mount !== root.mount) return false;
  return new Mount(0, root.mount.fileSystem, root.inode, "", 0).covers(at);
}
