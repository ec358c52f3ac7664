import { isDirectory, isSymlink, S_IFDIR } from "../abi/stat.ts";
import { toText } from "../fs/name.ts";
import { ImportError } from "./error.ts";
import type { StoredInode } from "./format.ts";

const MAX_LINKS = 40;
const NAME_MAX = 255;
const PATH_MAX = 4096;

/** An inode of an image that is being put together; directories have names. */
export interface TreeNode {
  inode: StoredInode;
  readonly names: Map<string, TreeNode> | null;
}

/**
 * The tree of an image while it is imported. Paths are taken inside the root whatever they say: a leading slash and ".."
 * above the root mean the root, and symbolic links are followed as a process with that root would.
 */
export class TreeBuilder {
  readonly root: TreeNode = newDirectory(0o755);
  /** Inodes so far. */
  count = 1;
  readonly #limit: number;

  /** `limit`: most inodes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Puts an inode at `path`, in place of what was there; a directory keeps what is in it. */
  add(path: string, inode: StoredInode): void {
    const { parent, name } = this.#place(path);
    if (name === "") {
      if (!isDirectory(inode.mode)) throw new ImportError(`${show(path)} would replace the root directory`);
      this.root.inode = inode;
      return;
    }
    const old = parent.names!.get(name);
    if (old?.names && isDirectory(inode.mode)) {
      old.inode = inode;
      return;
    }
    if (++this.count > this.#limit) throw new ImportError(`more than ${this.#limit} files`);
    parent.names!.set(name, { inode, names: isDirectory(inode.mode) ? new Map() : null });
  }

  /** A further name for what is at `target` (a hard link). */
  link(path: string, target: string): void {
    const node = this.#find(target);
    if (!node) throw new ImportError(`${show(path)} is a hard link to ${show(target)}, which is not there`);
    if (node.names) throw new ImportError(`${show(path)} is a hard link to a directory`);
    const { parent, name } = this.#place(path);
    if (name === "") throw new ImportError(`${show(path)} would replace the root directory`);
    parent.names!.set(name, node);
  }

  /** The inodes in the order of the manifest, with entries and link counts. */
  inodes(): StoredInode[] {
    const inodes: StoredInode[] = [];
    const indexes = new Map<TreeNode, number>();
    const visit = (node: TreeNode): number => {
      const known = indexes.get(node);
      if (known !== undefined) {
        inodes[known].nlink = (inodes[known].nlink ?? 1) + 1;
        return known;
      }
      const inode: StoredInode = { ...node.inode };
      const index = inodes.push(inode) - 1;
      indexes.set(node, index);
      if (!node.names) return index;
      const entries: (string | number)[] = [];
      let subdirectories = 0;
      for (const [name, child] of node.names) {
        entries.push(name, visit(child));
        if (child.names) subdirectories++;
      }
      inode.entries = entries;
      inode.nlink = 2 + subdirectories;
      return index;
    };
    visit(this.root);
    return inodes;
  }

  /** The directory that holds the last component of `path`, made when it is missing, and that component ("" for the root). */
  #place(path: string): { parent: TreeNode; name: string } {
    const parts = components(path);
    const name = parts.pop() ?? "";
    return { parent: this.#walk(parts, true, path)!, name };
  }

  #find(path: string): TreeNode | null {
    const parts = components(path);
    const name = parts.pop();
    if (name === undefined) return this.root;
    return this.#walk(parts, false, path)?.names?.get(name) ?? null;
  }

  #walk(parts: string[], make: boolean, path: string): TreeNode | null {
    let links = 0;
    const at: TreeNode[] = [this.root];
    const rest = [...parts];
    while (rest.length > 0) {
      const name = rest.shift()!;
      if (name === "..") {
        if (at.length > 1) at.pop();
        continue;
      }
      const directory = at[at.length - 1];
      let next = directory.names!.get(name);
      if (next && isSymlink(next.inode.mode)) {
        if (++links > MAX_LINKS) throw new ImportError(`${show(path)}: too many symbolic links`);
        const target = next.inode.target!;
        if (target.startsWith("/")) at.length = 1;
        rest.unshift(...target.split("/").filter((part) => part !== "" && part !== "."));
        if (rest.length > PATH_MAX) throw new ImportError(`${show(path)}: too many symbolic links`);
        continue;
      }
      if (!next) {
        if (!make) return null;
        next = newDirectory(0o755);
        if (++this.count > this.#limit) throw new ImportError(`more than ${this.#limit} files`);
        directory.names!.set(name, next);
      }
      if (!next.names) {
        if (!make) return null;
        throw new ImportError(`${show(path)}: ${show(name)} is not a directory`);
      }
      at.push(next);
    }
    return at[at.length - 1];
  }
}

const newDirectory = (mode: number): TreeNode => ({ inode: { mode: S_IFDIR | mode }, names: new Map() });

/** Components of a path from the root, "." and ".." resolved by name. */
function components(path: string): string[] {
  if (path.length > PATH_MAX) throw new ImportError(`a path of ${path.length} bytes`);
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part.length > NAME_MAX) throw new ImportError(`a file name of ${part.length} bytes`);
    if (part.includes("\0")) throw new ImportError("a file name with a zero byte");
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}

const show = (path: string): string => JSON.stringify(toText(path));
