import { EMLINK, ENOENT, Errno } from "../../abi/errno.ts";
import { isDirectory, isRegular } from "../../abi/stat.ts";
import { Directory, type DirectoryEntry, type Inode, type NewInode, Symlink } from "../inode.ts";
import type { Caller, Timespec } from "../types.ts";
import { usageOf } from "../usage.ts";
import type { Tmpfs } from "./tmpfs.ts";

/** What each entry, "." and ".." among them, adds to st_size, as in Linux's tmpfs (BOGO_DIRENT_SIZE). */
const ENTRY_SIZE = 20;

/** Moves of an inode that those who have it open can follow. */
const MOVES_LIMIT = 64;

/** The names that a directory began with, and what they mean: those of a directory of an image. */
export interface LowerDirectory {
  /** Number of entries. */
  readonly size: number;
  has(name: string): boolean;
  /** The inode called `name` as an inode of the upper file system; the same one each time. */
  inode(name: string, parent: Directory): Inode | null;
  entries(): Iterable<DirectoryEntry>;
}

/**
 * A directory: names made here, over those of a lower directory. A name that hides a lower one without an inode is a
 * whiteout. Inodes of the lower directory become inodes of this file system when they are first looked up, and stay the
 * same whatever is then written to them; that is all there is to "copy up".
 */
export class TmpDirectory extends Directory {
  declare readonly fileSystem: Tmpfs;
  /** Null is a whiteout. */
  readonly #names = new Map<string, Inode | null>();
  #lower: LowerDirectory | null;
  /** Entries, those of the lower directory included. */
  #count: number;

  constructor(
    fileSystem: Tmpfs,
    ino: number,
    mode: number,
    parent: Directory | null,
    name: string,
    lower: LowerDirectory | null = null,
    time?: Timespec,
  ) {
    super(fileSystem, ino, mode, parent, name, time);
    this.#lower = lower;
    this.#count = lower?.size ?? 0;
  }

  /** Puts a new directory over a lower one. */
  setLower(lower: LowerDirectory): void {
    this.#lower = lower;
    this.#count = lower.size;
  }

  override get size(): number {
    return (2 + this.#count) * ENTRY_SIZE;
  }

  override lookup(name: string): Inode | null {
    const own = this.#names.get(name);
    if (own !== undefined) return own;
    const inode = this.#lower?.inode(name, this) ?? null;
    if (inode) this.#names.set(name, inode);
    return inode;
  }

  override *entries(_caller: Caller): Iterable<DirectoryEntry> {
    for (const [name, inode] of this.#names) if (inode) yield { name, ino: inode.ino, mode: inode.mode };
    if (!this.#lower) return;
    for (const entry of this.#lower.entries()) if (!this.#names.has(entry.name)) yield entry;
  }

  override isEmpty(): boolean {
    return this.#count === 0;
  }

  override create(name: string, what: NewInode): Inode {
    this.changing();
    if (this.removed) throw new Errno(ENOENT);
    if (isDirectory(what.mode) && this.nlink >= 65000) throw new Errno(EMLINK);
    const inode = this.fileSystem.newInode(what, this, name);
    this.#charge(inode);
    this.#add(name, inode);
    if (isDirectory(what.mode)) this.nlink++;
    return inode;
  }

  override createUnnamed(what: NewInode): Inode {
    this.changing();
    const inode = this.fileSystem.newInode(what, this, "");
    inode.nlink = 0;
    inode.linkable = true;
    return inode;
  }

  override link(name: string, inode: Inode): void {
    this.changing();
    if (this.removed) throw new Errno(ENOENT);
    if (inode.nlink >= 65000) throw new Errno(EMLINK);
    this.#charge(inode);
    this.#add(name, inode);
    inode.linkable = false;
    inode.changeLinks(1);
  }

  override unlink(name: string, inode: Inode): void {
    this.changing();
    this.#remove(name);
    this.#unlinked(inode);
  }

  override rename(
    name: string,
    inode: Inode,
    target: TmpDirectory,
    newName: string,
    replaced: Inode | null,
    exchange: boolean,
    whiteout: NewInode | null = null,
  ): void {
    this.changing();
    if (target.removed) throw new Errno(ENOENT);
    if (exchange) {
      this.#names.set(name, replaced);
      target.#names.set(newName, inode);
      this.#moved(replaced!, target, newName, this, name);
    } else {
      this.#remove(name);
      if (replaced) {
        target.#remove(newName);
        target.#unlinked(replaced);
      }
      target.#add(newName, inode);
      if (whiteout) this.create(name, whiteout);
    }
    target.#moved(inode, this, name, target, newName);
    this.modified();
    target.modified();
    inode.ctime = this.ctime;
  }

  #add(name: string, inode: Inode): void {
    this.#names.set(name, inode);
    this.#count++;
    this.modified();
  }

  #remove(name: string): void {
    if (this.#lower?.has(name)) this.#names.set(name, null);
    else this.#names.delete(name);
    this.#count--;
    this.modified();
  }

  /** Names made here are paid for, those of the lower directory are not. */
  #charge(inode: Inode): void {
    usageOf(this.fileSystem.environment).addName(targetLength(inode));
    inode.charged++;
  }

  /** A name of `inode` in this directory is gone. */
  #unlinked(inode: Inode): void {
    if (inode.charged > 0) {
      inode.charged--;
      usageOf(this.fileSystem.environment).removeName(targetLength(inode));
    }
    // Those of a regular file go with its pages (FilePages.freeIfUnused).
    if (isDirectory(inode.mode) || (inode.nlink === 1 && !isRegular(inode.mode))) inode.attributes?.clear();
    if (!isDirectory(inode.mode)) {
      inode.changeLinks(-1);
      return;
    }
    (inode as Directory).removed = true;
    inode.changeLinks(-2);
    this.nlink--;
  }

  /** A directory knows where it is; what else is open is told. */
  #moved(inode: Inode, from: TmpDirectory, oldName: string, to: TmpDirectory, name: string): void {
    if (!isDirectory(inode.mode)) {
      if (inode.isHeld || inode.executing > 0) {
        const moves = inode.moves.length < MOVES_LIMIT ? inode.moves : [];
        inode.moves = [...moves, { from, name: oldName, to, newName: name }];
      }
      return;
    }
    const directory = inode as Directory;
    directory.parent = to;
    directory.name = name;
    from.nlink--;
    to.nlink++;
  }
}

const targetLength = (inode: Inode): number => (inode instanceof Symlink ? inode.target.length : 0);
