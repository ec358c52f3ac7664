import { EFBIG, EINVAL, ENXIO, EOPNOTSUPP, EPERM, EROFS } from "../abi/errno.ts";
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_WRITE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  O_APPEND,
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from "../abi/fcntl.ts";
import type { Transfer } from "../memory/types.ts";
import { File } from "./file.ts";
import type { Location } from "./mount.ts";
import { dropPrivileges } from "./permission.ts";
import type { TmpFile } from "./tmpfs/file.ts";
import { MAX_FILE_SIZE } from "./tmpfs/pages.ts";
import type { Caller, Result } from "./types.ts";

/** An open regular file with its contents in frames. */
export class RegularFile extends File {
  declare readonly inode: TmpFile;

  constructor(inode: TmpFile, flags: number, location: Location | null) {
    super(inode, flags, location);
    inode.pages.hold();
    if (this.writable) inode.writers++;
  }

  override get takesDirect(): boolean {
    return true;
  }

  override get seekable(): boolean {
    return true;
  }
  override get readsAll(): boolean {
    return true;
  }
  override get writesAll(): boolean {
    return true;
  }
  override get label(): string {
    return this.inode.pages.path;
  }

  override read(_caller: Caller, into: Transfer, offset?: number): Result {
    const count = this.inode.pages.read(into, offset ?? this.offset);
    if (offset === undefined) this.offset += count;
    if (count > 0) this.accessed();
    return count;
  }

  override write(caller: Caller, from: Transfer, offset?: number): Result {
    const { inode } = this;
    if (inode.fileSystem.readOnly) return -EROFS;
    if (from.remaining === 0) return 0;
    const at = this.flags & O_APPEND ? inode.size : (offset ?? this.offset);
    if (at >= caller.fileSizeLimit) return -EFBIG;
    const limit = Math.min(inode.writeLimit(at, at + from.remaining), caller.fileSizeLimit);
    const count = inode.pages.write(from, at, limit);
    if (offset === undefined) this.offset = at + count;
    if (count > 0) {
      dropPrivileges(caller, inode);
      inode.modified();
    }
    return count;
  }

  override seek(offset: number, whence: number): number {
    const { size } = this.inode;
    let to: number;
    if (whence === SEEK_SET) to = offset;
    else if (whence === SEEK_CUR) to = this.offset + offset;
    else if (whence === SEEK_END) to = size + offset;
    else if (whence === SEEK_DATA || whence === SEEK_HOLE) {
      if (offset < 0 || offset >= size) return -ENXIO;
      to = this.inode.pages.seek(offset, whence === SEEK_DATA);
      if (whence === SEEK_DATA && to >= size) return -ENXIO;
    } else return -EINVAL;
    if (to < 0 || to > MAX_FILE_SIZE) return -EINVAL;
    this.offset = to;
    return to;
  }

  override truncate(size: number): Result {
    this.inode.truncate(size);
    return 0;
  }

  override allocate(mode: number, offset: number, length: number): Result {
    const { inode } = this;
    const end = offset + length;
    if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) return -EOPNOTSUPP;
    if (mode & FALLOC_FL_PUNCH_HOLE) {
      if (!(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
      if (inode.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
      inode.pages.punch(offset, end);
    } else {
      if (inode.seals & F_SEAL_GROW && end > inode.size) return -EPERM;
      inode.pages.allocate(offset, end);
      if (!(mode & FALLOC_FL_KEEP_SIZE) && end > inode.size) inode.pages.truncate(end);
    }
    inode.modified();
    return 0;
  }

  override sync(): Result {
    return 0;
  }

  override release(): void {
    if (this.writable) this.inode.writers--;
    this.inode.pages.drop();
  }
}
