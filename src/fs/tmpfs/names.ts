/**
 * The names of a directory, in the order and with the offsets that Linux's tmpfs gives them (fs/libfs.c, simple_offset): the
 * newest first, and an offset that a name keeps for as long as it is there, whatever else comes and goes.
 */
import type { Inode } from "../inode.ts";

/** Offsets of "." and ".."; where names begin; after the last one (telldir(3)). */
export const FIRST_OFFSET = 2;
export const END_OFFSET = 2 ** 31 - 1;

export class Name {
  readonly name: string;
  /** Null for the name of a lower directory that is gone (a whiteout). */
  inode: Inode | null;
  /** 0 for what stands at a lower directory's own place, or for nothing. */
  offset: number;
  /** In the order of the list; -1 when it is not in it. */
  index = -1;

  constructor(name: string, inode: Inode | null, offset: number) {
    this.name = name;
    this.inode = inode;
    this.offset = offset;
  }
}

export class Names {
  /** Made with the first name: many directories of a machine stay empty. */
  #byName: Map<string, Name> | null = null;
  /** The oldest first; null where one was removed. */
  #order: (Name | null)[] = [];
  #removed = 0;
  /** The last offset that was given. */
  #last: number;

  /** `reserved`: offsets that are taken already. */
  constructor(reserved = 0) {
    this.#last = FIRST_OFFSET + reserved;
  }

  get(name: string): Name | undefined {
    return this.#byName?.get(name);
  }

  /** A name without a place in the list. */
  hold(name: string, inode: Inode | null): void {
    this.#set(new Name(name, inode, 0));
  }

  /** A name at the head of the list, with an offset that another had before (> 0) or a new one. */
  add(name: string, inode: Inode, offset = 0): void {
    const added = new Name(name, inode, offset > 0 ? offset : ++this.#last);
    this.#set(added);
    this.#append(added);
  }

  /** Another inode for a name, which comes to the head of the list and keeps its offset. */
  replace(name: string, inode: Inode): void {
    const { offset } = this.get(name)!;
    this.delete(name);
    this.add(name, inode, offset);
  }

  /** Its offset, 0 if it had none. */
  delete(name: string): number {
    const old = this.get(name);
    if (old === undefined) return 0;
    this.#byName!.delete(name);
    if (old.index >= 0) {
      this.#order[old.index] = null;
      old.index = -1;
      if (++this.#removed > 16 && this.#removed * 2 > this.#order.length) this.#compact();
    }
    return old.offset;
  }

  /** The one to begin with at `offset`: that with the greatest offset not above it; null when there is none. */
  at(offset: number): Name | null {
    let found: Name | null = null;
    for (const name of this.#order) {
      if (name && name.offset <= offset && (found === null || name.offset > found.offset)) found = name;
    }
    return found;
  }

  /** The one after `name` in the list, the first without; null at the end. */
  after(name: Name | null): Name | null {
    for (let i = (name === null ? this.#order.length : name.index) - 1; i >= 0; i--) {
      const next = this.#order[i];
      if (next) return next;
    }
    return null;
  }

  #set(name: Name): void {
    this.#byName ??= new Map();
    this.#byName.set(name.name, name);
  }

  #append(name: Name): void {
    name.index = this.#order.push(name) - 1;
  }

  #compact(): void {
    const kept = this.#order.filter((name) => name !== null);
    this.#order = [];
    this.#removed = 0;
    for (const name of kept) this.#append(name);
  }
}
