import { EMLINK, ENOENT, Errno } from "../../abi/errno.ts";
import { isDirectory, isRegular } from "../../abi/stat.ts";
import { Directory, type DirectoryEntry, type Inode, type NewInode, Symlink } from "../inode.ts";
import type { Caller, Timespec } from "../types.ts";
import { usageOf } from "../usage.ts";
import { FIRST_OFFSET, type Name, Names } from "./names.ts";
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
  /** The entry with number `i`, from 0. */
  entry(i: number): DirectoryEntry;
}

/** Where a listing is: at a name, of this directory or of the lower one. */
export interface Place extends DirectoryEntry {
  /** What getdents64(2) and telldir(3) know it by. */
  readonly offset: number;
  /** Null for one of the lower directory. */
  readonly own: Name | null;
}

/**
 * A directory: names made here, over those of a lower directory. A name that hides a lower one without an inode is a
 * whiteout. Inodes of the lower directory become inodes of this file system when they are first looked up, and stay the
 * same whatever is then written to them; that is all there is to "copy up".
 */
export class TmpDirectory extends Directory {
  declare readonly fileSystem: Tmpfs;
  #names: Names;
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
    this.#names = new Names(this.#count);
  }

  /** Puts a new directory over a lower one. */
  setLower(lower: LowerDirectory): void {
    this.#lower = lower;
    this.#count = lower.size;
    this.#names = new Names(this.#count);
  }

  override get size(): number {
    return (2 + this.#count) * ENTRY_SIZE;
  }

  override lookup(name: string): Inode | null {
    const own = this.#names.get(name);
    if (own !== undefined) return own.inode;
    const inode = this.#lower?.inode(name, this) ?? null;
    if (inode) this.#names.hold(name, inode);
    return inode;
  }

  override *entries(_caller: Caller): Iterable<DirectoryEntry> {
    for (let place = this.placeAt(FIRST_OFFSET); place !== null; place = this.placeAfter(place)) yield place;
  }

  /** Where a listing goes on from an offset; from one below all names, at the newest. Null for an empty directory. */
  placeAt(offset: number): Place | null {
    if (offset > FIRST_OFFSET) {
      const name = this.#names.at(offset);
      if (name) return placeOf(name);
      const size = this.#lower?.size ?? 0;
      const i = Math.max(0, FIRST_OFFSET + size - offset);
      if (i < size) return this.#lowerPlace(i);
    }
    const newest = this.#names.after(null);
    return newest ? placeOf(newest) : this.#lowerPlace(0);
  }

  /** The next place; names made here come before those of the lower directory. */
  placeAfter({ own, offset }: Place): Place | null {
    if (own === null) return this.#lowerPlace(FIRST_OFFSET + this.#lower!.size - offset + 1);
    // Gone meanwhile, and with it its neighbours.
    if (own.index < 0) return this.placeAt(offset);
    const next = this.#names.after(own);
    return next ? placeOf(next) : this.#lowerPlace(0);
  }

  /** The first entry of the lower directory from `i` on that has its name still. */
  #lowerPlace(i: number): Place | null {
    const size = this.#lower?.size ?? 0;
    for (; i < size; i++) {
      const entry = this.#lower!.entry(i);
      const held = this.#names.get(entry.name);
      if (held !== undefined && (held.inode === null || held.offset > 0)) continue;
      const { name, ino, mode } = entry;
      return { name, ino, mode: held?.inode?.mode ?? mode, offset: FIRST_OFFSET + size - i, own: null };
    }
    return null;
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
      this.#put(name, replaced!);
      target.#put(newName, inode);
      this.#moved(replaced!, target, newName, this, name);
    } else {
      this.#remove(name);
      let offset = 0;
      if (replaced) {
        offset = target.#remove(newName);
        target.#unlinked(replaced);
      }
      target.#add(newName, inode, offset);
      if (whiteout) {
        this.create(name, whiteout);
        // What has moved comes before it.
        target.#put(newName, inode);
      }
    }
    target.#moved(inode, this, name, target, newName);
    this.modified();
    target.modified();
    inode.ctime = this.ctime;
  }

  /** `offset`: that of the name that it replaces. */
  #add(name: string, inode: Inode, offset = 0): void {
    this.#names.delete(name);
    this.#names.add(name, inode, offset);
    this.#count++;
    this.modified();
  }

  /** Another inode for a name that is there. */
  #put(name: string, inode: Inode): void {
    this.#names.replace(name, inode);
  }

  /** The offset that it had, 0 if none of its own. */
  #remove(name: string): number {
    const offset = this.#names.delete(name);
    if (this.#lower?.has(name)) this.#names.hold(name, null);
    this.#count--;
    this.modified();
    return offset;
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

const placeOf = (own: Name): Place => {
  const { name, inode, offset } = own;
  return { name, ino: inode!.ino, mode: inode!.mode, offset, own };
};

const targetLength = (inode: Inode): number => (inode instanceof Symlink ? inode.target.length : 0);
