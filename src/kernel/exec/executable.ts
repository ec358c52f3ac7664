/** The file of a program, as exec opens it. */
import { EACCES, Errno, ETXTBSY } from "../../abi/errno.ts";
import { X_OK } from "../../abi/fcntl.ts";
import { IN_ACCESS, IN_CLOSE_NOWRITE, IN_OPEN } from "../../abi/inotify.ts";
import { isRegular } from "../../abi/stat.ts";
import { MS_NOEXEC } from "../../abi/statfs.ts";
import type { Location } from "../../fs/mount.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { permits } from "../../fs/permission.ts";
import type { Caller } from "../../fs/types.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { PageSource, PhysicalMemory } from "../../memory/types.ts";
import { NeedPage } from "../../wait/queue.ts";

/** What the loader needs of a program's file. */
export interface Program {
  readonly pages: PageSource;
  /** An address space more, or less, runs it: while one does the file cannot be opened for writing. */
  hold(): void;
  drop(): void;
}

/** A program's file in the file system. */
export class Executable implements Program {
  readonly location: Location;
  readonly pages: PageSource;
  /** The dynamic linker that is mapped with it. */
  linker: Executable | null = null;
  /** Address spaces that run it. */
  #users = 0;

  private constructor(location: Location, pages: PageSource) {
    this.location = location;
    this.pages = pages;
  }

  /**
   * Throws EACCES for what is not a regular file, may not be executed, or is on a noexec mount; ETXTBSY (open_exec). Throws
   * the Block of a write lease that someone has on it.
   */
  static open(caller: Caller, location: Location): Executable {
    const { inode, mount } = location;
    if (!isRegular(inode.mode) || mount.flags & MS_NOEXEC || !permits(caller, inode, X_OK)) throw new Errno(EACCES);
    if (inode.writers > 0) throw new Errno(ETXTBSY);
    const wait = inode.leases?.break(false, false);
    if (wait) throw wait;
    const pages = inode.pagesAt(location);
    if (pages === null) throw new Errno(EACCES);
    return new Executable(location, pages);
  }

  hold(): void {
    this.location.inode.executing++;
    this.#users++;
  }

  drop(): void {
    this.location.inode.executing--;
    if (--this.#users > 0) return;
    this.tellClosed();
    this.linker?.tellClosed();
  }

  /** Those who watch it learn that it was opened and, unless it is empty, read (inotify(7)). */
  tellOpened(): void {
    const { inode } = this.location;
    notifyLocation(this.location, inode, IN_OPEN);
    if (inode.size > 0) notifyLocation(this.location, inode, IN_ACCESS);
  }

  tellClosed(): void {
    notifyLocation(this.location, this.location.inode, IN_CLOSE_NOWRITE);
  }
}

/**
 * Up to `length` bytes of a source from `offset` on; fewer at its end. Throws NeedPage.
 */
export function readSource(memory: PhysicalMemory, source: PageSource, offset: number, length: number): Uint8Array {
  const end = Math.min(offset + length, source.size);
  const bytes = new Uint8Array(Math.max(0, end - offset));
  for (let at = offset; at < end; ) {
    const index = Math.floor(at / PAGE_SIZE);
    const within = at - index * PAGE_SIZE;
    const count = Math.min(PAGE_SIZE - within, end - at);
    const frame = source.frame(index, false);
    if (frame < 0) throw new NeedPage(source.need(index));
    const host = memory.address(frame) + within;
    bytes.set(memory.u8.subarray(host, host + count), at - offset);
    at += count;
  }
  return bytes;
}
