/** /proc/[pid]/mem and pagemap: open files over an address space, empty when nothing runs in it any more. */
import { CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EINVAL, EIO } from "../../abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "../../abi/fcntl.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import { forcedHost, usersOf } from "../../memory/inspect.ts";
import { HIGH_LIMIT, PAGE_MASK, PAGE_SIZE } from "../../memory/layout.ts";
import { FRAME_SHIFT, OWN } from "../../memory/present.ts";
import type { Transfer } from "../../memory/types.ts";
import { File } from "../file.ts";
import type { Inode } from "../inode.ts";
import type { Location } from "../mount.ts";
import type { Caller, Result } from "../types.ts";

abstract class SpaceFile extends File {
  /** Null when the process was a zombie already: nothing is there then. */
  protected readonly space: AddressSpace | null;

  constructor(inode: Inode, flags: number, location: Location | null, space: AddressSpace | null) {
    super(inode, flags, location);
    this.space = space;
  }

  /** It runs no more. */
  protected get empty(): boolean {
    return this.space === null || this.space.users === 0;
  }

  override get seekable(): boolean {
    return true;
  }

  override seek(offset: number, whence: number): number {
    if (whence !== SEEK_SET && whence !== SEEK_CUR) return -EINVAL;
    return (this.offset = whence === SEEK_SET ? offset : this.offset + offset);
  }
}

export class ProcessMemoryFile extends SpaceFile {
  override read(_caller: Caller, into: Transfer, offset?: number): Result {
    return this.#move(into, false, offset);
  }

  override write(_caller: Caller, from: Transfer, offset?: number): Result {
    return this.#move(from, true, offset);
  }

  /** A page at a time; what was moved before the first that is not there counts. */
  #move(transfer: Transfer, write: boolean, offset?: number): Result {
    if (this.empty) return 0;
    let at = offset ?? this.offset;
    let done = 0;
    while (transfer.remaining > 0) {
      const within = PAGE_SIZE - (at & PAGE_MASK);
      const wanted = transfer.prepare(Math.min(transfer.remaining, within));
      const host = wanted === 0 ? -1 : forcedHost(this.space!, at, write);
      if (host < 0) break;
      const count = write ? transfer.takeHost(host, wanted) : transfer.putHost(host, wanted);
      if (count === 0) break;
      at += count;
      done += count;
    }
    if (done === 0 && transfer.remaining > 0) return -EIO;
    if (offset === undefined) this.offset = at;
    return done;
  }
}

/** Bits of an entry of pagemap (Documentation/admin-guide/mm/pagemap.rst), of the upper word. */
const PRESENT = 1 << 31;
const FILE_OR_SHARED = 1 << 29;
const EXCLUSIVE = 1 << 24;
const ENTRY = 8;
/** Linux's user addresses end at 2^47; what is above the guest's own is not mapped. */
const END = (2 ** 47 / PAGE_SIZE) * ENTRY;

export class PageMapFile extends SpaceFile {
  override read(caller: Caller, into: Transfer, offset?: number): Result {
    const from = offset ?? this.offset;
    if (from % ENTRY !== 0 || into.remaining % ENTRY !== 0) return -EINVAL;
    if (this.empty || from >= END) return 0;
    const words = new Uint32Array(2);
    // Where pages are in memory is for the administrator.
    const frames = caller.capable(CAP_SYS_ADMIN);
    let done = 0;
    while (into.remaining > 0 && from + done < END) {
      this.#entry((from + done) / ENTRY, words, frames);
      const count = into.put(new Uint8Array(words.buffer));
      if (count === 0) break;
      done += count;
    }
    if (offset === undefined) this.offset = from + done;
    return done;
  }

  #entry(page: number, words: Uint32Array, frames: boolean): void {
    const space = this.space!;
    const entry = page * PAGE_SIZE < HIGH_LIMIT ? space.present.get(page) : 0;
    words[0] = words[1] = 0;
    if (entry === 0) return;
    const frame = entry >>> FRAME_SHIFT;
    const own = (entry & OWN) !== 0;
    const users = usersOf(space.frames, frame, own);
    words[0] = frames && !space.frames.isMerged(frame) ? frame : 0;
    words[1] = PRESENT | (own || frame === space.frames.zeroFrame ? 0 : FILE_OR_SHARED) | (users <= 1 ? EXCLUSIVE : 0);
  }
}
