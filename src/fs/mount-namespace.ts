import type { Mount } from "./mount.ts";

/** mount_namespaces(7): a tree of mounts of its own. */
export class MountNamespace {
  readonly kind = "mnt";
  /** Inode number of its file in /proc/[pid]/ns. */
  readonly id: number;
  /** The user namespace that it belongs to; null for the initial one. */
  owner: object | null = null;
  /** Who made it (kernel/namespace-limits.ts). */
  ownerUid = 0;
  /** The bottom of the tree: an empty directory that the root file system is mounted on (rootfs). */
  root: Mount;

  constructor(id: number, root: Mount) {
    this.id = id;
    this.root = root;
    this.adopt(root);
  }

  /** The tree that begins at `mount` belongs here now. */
  adopt(mount: Mount): void {
    if (mount.children.size === 0) mount.namespace = this;
    else for (const each of mount.tree()) each.namespace = this;
  }

  /** All mounts, in the order in which they were made. */
  get mounts(): Mount[] {
    return [...this.root.tree()].sort((a, b) => a.id - b.id);
  }

  get size(): number {
    return this.root.treeSize;
  }
}
