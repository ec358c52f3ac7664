import { EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import {
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
} from "../../abi/fcntl.ts";
import { S_IFREG } from "../../abi/stat.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { FileSystem } from "../filesystem.ts";
import type { LowerContent } from "../image/content.ts";
import { Inode } from "../inode.ts";
import type { Location } from "../mount.ts";
import { RegularFile } from "../regular-file.ts";
import type { Caller, Timespec } from "../types.ts";
import { FilePages } from "./pages.ts";

/** A regular file whose contents are frames: of a tmpfs, of an image under one, or of no directory at all (memfd). */
export class TmpFile extends Inode {
  readonly #pages: FilePages;
  #seals = F_SEAL_SEAL;

  constructor(fileSystem: FileSystem, ino: number, mode: number, lower: LowerContent | null = null, time?: Timespec) {
    super(fileSystem, ino, (mode & 0o7777) | S_IFREG, time);
    this.#pages = new FilePages(fileSystem.environment, this, lower);
  }

  /** F_SEAL_* of memfd_create(2); files of a directory are sealed against sealing. */
  override get seals(): number {
    return this.#seals;
  }
  override set seals(seals: number) {
    this.#seals = seals;
  }

  override chmod(mode: number): void {
    if (this.#seals & F_SEAL_EXEC && (mode ^ this.mode) & 0o111) throw new Errno(EPERM);
    super.chmod(mode);
  }

  override get pages(): FilePages {
    return this.#pages;
  }

  override pagesAt(location: Location | null): FilePages {
    if (location) this.#pages.location = location;
    return this.#pages;
  }

  override get isHeld(): boolean {
    return super.isHeld || this.#pages.isHeld;
  }

  override get size(): number {
    return this.#pages.size;
  }

  override get blocks(): number {
    return this.pages.used * 8;
  }

  override open(_caller: Caller, flags: number, location: Location | null): RegularFile {
    return new RegularFile(this, flags, location);
  }

  override truncate(size: number): void {
    this.changing();
    if (size < 0) throw new Errno(EINVAL);
    if (size < this.size && this.seals & F_SEAL_SHRINK) throw new Errno(EPERM);
    if (size > this.size && this.seals & F_SEAL_GROW) throw new Errno(EPERM);
    this.pages.truncate(size);
    this.modified();
  }

  /**
   * Where a write of [offset, end) has to stop because of seals. EPERM when nothing of it is left. A file that may not grow
   * takes the pages that are within it whole (shmem_write_begin).
   */
  writeLimit(offset: number, end: number): number {
    if (this.#seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) throw new Errno(EPERM);
    if ((this.#seals & F_SEAL_GROW) === 0 || end <= this.size) return end;
    const limit = this.size - (this.size % PAGE_SIZE);
    if (limit <= offset) throw new Errno(EPERM);
    return limit;
  }

  override changeLinks(delta: number): void {
    super.changeLinks(delta);
    this.pages.freeIfUnused();
  }
}
