/** The shape of /proc: nodes say what a file's text, a link's target or a directory's names are when they are asked. */
import { EACCES, EINVAL, EIO, EPERM, Errno } from "../../abi/errno.ts";
import { O_ACCMODE, O_RDONLY, O_WRONLY, SEEK_CUR, SEEK_SET } from "../../abi/fcntl.ts";
import { S_IFLNK, S_IFREG } from "../../abi/stat.ts";
import type { Transfer } from "../../memory/types.ts";
import { File } from "../file.ts";
import { FileSystem } from "../filesystem.ts";
import { Directory, type DirectoryEntry, Inode } from "../inode.ts";
import type { Location } from "../mount.ts";
import { bytesOf } from "../name.ts";
import type { Caller, Result } from "../types.ts";

/** A file system of such nodes. */
export abstract class NodeFileSystem extends FileSystem {
  /** What making something in it fails with. */
  abstract readonly createError: number;
}

/** Inode number of a root. */
const ROOT_INO = 0x811c9dc5;

/** The inode number of `name` in a directory: the same whenever it is looked up (FNV-1a of its path, 32 bits). */
function inoOf(parent: number, name: string): number {
  let hash = Math.imul(parent ^ 0x2f, 0x01000193);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Real, effective … owner of a node; root unless said otherwise. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

interface Node {
  /** Permission bits. */
  readonly mode: number;
  readonly owner?: Owner;
}

export interface FileNode extends Node, FileOptions {
  readonly kind: "file";
  /** A byte string or bytes, made anew at each open. Throws Errno. */
  text(caller: Caller): string | Uint8Array;
  /**
   * Takes what one write brought, a byte string, and where in the file it was put; returns how many bytes it took where those
   * are not all. Throws Errno.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most take all and return nothing
  write?(caller: Caller, text: string, offset: number): number | void;
}

interface FileOptions {
  /** st_size, which says nothing about the text; 0 by default. */
  readonly size?: number;
  /** What open(2) asks beyond permission bits; throws Errno. */
  check?(caller: Caller, flags: number): void;
  /** The open file where it is not text. */
  open?(inode: Inode, flags: number, location: Location | null, caller: Caller): File;
  /** Nobody, root neither, can open it for writing without `write`, nor for reading without the bits (/proc/sys). */
  readonly strict?: boolean;
  /** Otherwise what write(2) fails with: EINVAL by default. */
  readonly writeError?: number;
}

export interface LinkNode extends Node {
  readonly kind: "link";
  /** st_size, which says nothing about the text; 0 by default. */
  readonly size?: number;
  target(caller: Caller): string;
  /** A magic link: where it leads whatever its text says. */
  jump?(caller: Caller): Location | null;
}

export interface DirectoryNode extends Node {
  readonly kind: "directory";
  /** st_size; 0 by default. */
  size?(): number;
  /** What open(2) asks beyond permission bits; throws Errno. */
  check?(caller: Caller): void;
  /** Whether it is the caller's own, with every right to it. */
  own?(caller: Caller): boolean;
  /** What those are told who may not enter it: a negative errno, else 0. */
  denial?(caller: Caller): number;
  /** Of /proc/[pid] itself: the process, by its number as `Caller.pid` has it. */
  readonly process?: { readonly number: number; readonly gone: boolean };
  find(name: string, caller: Caller): ProcNode | null;
  list(caller: Caller): Iterable<string>;
}

export type ProcNode = FileNode | LinkNode | DirectoryNode;

export const file = (
  text: FileNode["text"],
  mode = 0o444,
  owner?: Owner,
  write?: FileNode["write"],
  options?: FileOptions,
): FileNode => ({ kind: "file", mode, owner, text, write, ...options });

/** A file of /proc itself: who opens it for writing, as root may, cannot write (proc_reg_write). */
export const report = (text: FileNode["text"], mode = 0o444): FileNode =>
  file(text, mode, undefined, undefined, { writeError: EIO });

/** A value of /proc/sys that nobody can change. */
export const fixed = (text: () => string | number): FileNode =>
  file(() => `${text()}\n`, 0o444, undefined, undefined, { strict: true });

/** A value of /proc/sys that root could change in Linux and cannot here. */
export const constant = (text: () => string | number): FileNode =>
  file(
    () => `${text()}\n`,
    0o644,
    undefined,
    (caller, written) => {
      if (caller.fsuid !== 0) throw new Errno(EPERM);
      if (written.trim().replace(/\s+/g, "\t") !== String(text())) throw new Errno(EINVAL);
    },
  );

export const link = (target: LinkNode["target"], jump?: LinkNode["jump"], owner?: Owner, mode = 0o777): LinkNode => ({
  kind: "link",
  mode,
  owner,
  target,
  jump,
});

/** A directory with fixed names, whose nodes are made when they are asked for. */
export function table<Of>(
  nodes: Record<string, (of: Of) => ProcNode>,
  of: Of,
  mode = 0o555,
  owner?: Owner,
): DirectoryNode {
  const find = (name: string) => (Object.hasOwn(nodes, name) ? nodes[name](of) : null);
  return { kind: "directory", mode, owner, find, list: () => Object.keys(nodes) };
}

/** A directory with fixed names. */
export const directory = (nodes: Record<string, ProcNode>, mode = 0o555, owner?: Owner): DirectoryNode => ({
  kind: "directory",
  mode,
  owner,
  find: (name) => (Object.hasOwn(nodes, name) ? nodes[name] : null),
  list: () => Object.keys(nodes),
});

export class ProcDirectory extends Directory {
  declare readonly fileSystem: NodeFileSystem;
  readonly #node: DirectoryNode;
  readonly #path: string;

  constructor(fileSystem: NodeFileSystem, node: DirectoryNode, parent: Directory | null, name: string, path: string) {
    super(fileSystem, parent === null ? ROOT_INO : inoOf(parent.ino, name), node.mode, parent, name);
    this.#node = node;
    this.#path = path;
    this.uid = node.owner?.uid ?? 0;
    this.gid = node.owner?.gid ?? 0;
  }

  override chmod(): never {
    throw new Errno(EPERM);
  }

  override get key(): string {
    return this.#path;
  }

  override lookup(name: string, caller: Caller): Inode | null {
    const node = this.#node.find(name, caller);
    return node && this.#inode(node, name);
  }

  override *entries(caller: Caller): Iterable<DirectoryEntry> {
    for (const name of this.#node.list(caller)) {
      const inode = this.lookup(name, caller);
      if (inode) yield { name, ino: inode.ino, mode: inode.mode };
    }
  }

  override get size(): number {
    return this.#node.size?.() ?? 0;
  }

  /** The process whose directory it is (pidfd_send_signal(2) takes it for a pidfd). */
  get process(): DirectoryNode["process"] {
    return this.#node.process;
  }

  override denial(caller: Caller): number {
    return this.#node.denial?.(caller) ?? 0;
  }

  override isOwn(caller: Caller): boolean {
    return this.#node.own?.(caller) ?? false;
  }

  override open(caller: Caller, flags: number, location: Location | null): File {
    this.#node.check?.(caller);
    return super.open(caller, flags, location);
  }

  override create(): never {
    throw new Errno(this.fileSystem.createError);
  }

  /** Removing it is refused whatever is in it. */
  override isEmpty(): boolean {
    return true;
  }

  #inode(node: ProcNode, name: string): Inode {
    const path = `${this.#path}/${name}`;
    if (node.kind === "directory") return new ProcDirectory(this.fileSystem, node, this, name, path);
    const ino = inoOf(this.ino, name);
    if (node.kind === "link") return new ProcLink(this.fileSystem, node, ino, path);
    return new ProcFile(this.fileSystem, node, ino, path);
  }
}

class ProcLink extends Inode {
  readonly #node: LinkNode;
  readonly #path: string;

  constructor(fileSystem: NodeFileSystem, node: LinkNode, ino: number, path: string) {
    super(fileSystem, ino, S_IFLNK | node.mode);
    this.#node = node;
    this.#path = path;
    this.uid = node.owner?.uid ?? 0;
    this.gid = node.owner?.gid ?? 0;
  }

  override get key(): string {
    return this.#path;
  }

  override get size(): number {
    return this.#node.size ?? 0;
  }

  override readlink(caller: Caller): string {
    return this.#node.target(caller);
  }

  override jump(caller: Caller): Location | null {
    return this.#node.jump?.(caller) ?? null;
  }

  override open(): never {
    throw new Errno(EIO);
  }
}

class ProcFile extends Inode {
  readonly node: FileNode;
  readonly #path: string;

  constructor(fileSystem: NodeFileSystem, node: FileNode, ino: number, path: string) {
    super(fileSystem, ino, S_IFREG | node.mode);
    this.node = node;
    this.#path = path;
    this.uid = node.owner?.uid ?? 0;
    this.gid = node.owner?.gid ?? 0;
  }

  override get key(): string {
    return this.#path;
  }

  override get size(): number {
    return this.node.size ?? 0;
  }

  /** Permissions are the kernel's to say (proc_setattr). */
  override chmod(): never {
    throw new Errno(EPERM);
  }

  override open(caller: Caller, flags: number, location: Location | null): File {
    const { node } = this;
    const access = flags & O_ACCMODE;
    if (node.strict && access !== O_RDONLY && !node.write) throw new Errno(EACCES);
    if (node.strict && access !== O_WRONLY && (node.mode & 0o444) === 0) throw new Errno(EACCES);
    node.check?.(caller, flags);
    return node.open?.(this, flags, location, caller) ?? new ProcOpenFile(this, flags, location);
  }

  /** O_TRUNC is accepted and means nothing. */
  override truncate(): void {}
}

/** Most bytes that one write takes (PAGE_SIZE). */
const WRITE_LIMIT = 4096;

/** Shows the text as it was at the first read, and again as it is then after a seek to the start. */
class ProcOpenFile extends File {
  declare readonly inode: ProcFile;
  #bytes: Uint8Array | null = null;

  override get seekable(): boolean {
    return true;
  }

  override read(caller: Caller, into: Transfer, offset?: number): Result {
    const { node } = this.inode;
    if ((node.mode & 0o444) === 0) return -EINVAL;
    const from = offset ?? this.offset;
    if (this.#bytes === null || from === 0) {
      const text = node.text(caller);
      this.#bytes = typeof text === "string" ? bytesOf(text) : text;
    }
    const count = into.put(this.#bytes.subarray(from));
    if (offset === undefined) this.offset += count;
    return count;
  }

  override write(caller: Caller, from: Transfer, offset?: number): Result {
    const { node } = this.inode;
    if (!node.write) return -(node.writeError ?? EINVAL);
    const bytes = new Uint8Array(Math.min(from.remaining, WRITE_LIMIT));
    const given = from.take(bytes);
    const taken = node.write(caller, String.fromCharCode(...bytes.subarray(0, given)), offset ?? this.offset);
    const count = taken ?? given;
    if (offset === undefined) this.offset += count;
    return count;
  }

  override seek(offset: number, whence: number): number {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? this.offset + offset : -1;
    if (to < 0 || to >= 2 ** 63) return -EINVAL;
    return (this.offset = to);
  }

  /** Accepted likewise. */
  override truncate(): Result {
    return 0;
  }
}
