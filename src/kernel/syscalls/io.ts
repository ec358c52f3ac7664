/** read, write and their kin (read(2), write(2), readv(2), lseek(2)). */
import { EAGAIN, EFAULT, EINVAL, EOPNOTSUPP, Errno, ESPIPE } from "../../abi/errno.ts";
import {
  O_APPEND,
  RWF_APPEND,
  RWF_DSYNC,
  RWF_HIPRI,
  RWF_NOAPPEND,
  RWF_NOWAIT,
  RWF_SYNC,
  SEEK_HOLE,
  SEEK_SET,
} from "../../abi/fcntl.ts";
import { isDirectory } from "../../abi/stat.ts";
import { File } from "../../fs/file.ts";
import { readIovec } from "../../fs/transfer.ts";
import { TASK_SIZE_MAX } from "../../memory/layout.ts";
import { type Block, NeedPage } from "../../wait/queue.ts";
import type { Thread } from "../task.ts";
import { fileOf, readableFile, writableFile } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";
import { readInto, writeFrom } from "./transfer.ts";

/** EFAULT for what is beyond the addresses of any program, and so for a count that is negative as ssize_t; before all else (vfs_read). */
function requireRange(address: number, count: number): void {
  if (address + count > TASK_SIZE_MAX) throw new Errno(EFAULT);
}

/**
 * The description behind `fd` for a call with an offset. EINVAL for a negative one comes before all else, and ESPIPE for what
 * has no offset before EBADF for what is not open for it (ksys_pread64).
 */
function seekableFile(t: Thread, fd: number, offset: number, write: boolean): File {
  if (offset < 0) throw new Errno(EINVAL);
  if (!fileOf(t, fd).seekable) throw new Errno(ESPIPE);
  return write ? writableFile(t, fd) : readableFile(t, fd);
}

/** EINVAL for what would go beyond the highest offset that there is; after EFAULT for the addresses (rw_verify_area). */
function requireOffsets(offset: number, count: number): void {
  if (count > 0 && offset + count >= 2 ** 63) throw new Errno(EINVAL);
}

/** What cannot be read, or written, at all is EINVAL whatever else is wrong. */
const isUnreadable = (file: File): boolean => file.read === File.prototype.read && !isDirectory(file.inode.mode);
const isUnwritable = (file: File): boolean => file.write === File.prototype.write;

const read: Handler = (t, fd, buffer, count) => {
  const file = readableFile(t, fd);
  if (isUnreadable(file)) return -EINVAL;
  requireRange(buffer, count);
  return readInto(t, file, [buffer, count]);
};

const write: Handler = (t, fd, buffer, count) => {
  const file = writableFile(t, fd);
  if (isUnwritable(file)) return -EINVAL;
  requireRange(buffer, count);
  return writeFrom(t, file, [buffer, count]);
};

const pread: Handler = (t, fd, buffer, count, offset) => {
  const file = seekableFile(t, fd, offset, false);
  requireRange(buffer, count);
  requireOffsets(offset, count);
  return readInto(t, file, [buffer, count], offset);
};

const pwrite: Handler = (t, fd, buffer, count, offset) => {
  const file = seekableFile(t, fd, offset, true);
  requireRange(buffer, count);
  requireOffsets(offset, count);
  return writeFrom(t, file, [buffer, count], offset);
};

/** Vectors without bytes are 0 for whatever can be read, or written, at all (vfs_readv). */
function readVector(t: Thread, file: File, iovec: number, count: number, offset?: number): number | Block {
  if (isUnreadable(file)) return -EINVAL;
  const segments = readIovec(t.user, iovec, count);
  if (isEmpty(segments)) return 0;
  if (offset !== undefined) requireOffsets(offset, 1);
  return readInto(t, file, segments, offset);
}

function writeVector(t: Thread, file: File, iovec: number, count: number, offset?: number): number | Block {
  if (isUnwritable(file)) return -EINVAL;
  const segments = readIovec(t.user, iovec, count);
  if (isEmpty(segments)) return 0;
  if (offset !== undefined) requireOffsets(offset, 1);
  return writeFrom(t, file, segments, offset);
}

const isEmpty = (segments: readonly number[]): boolean => {
  for (let i = 1; i < segments.length; i += 2) if (segments[i] > 0) return false;
  return true;
};

const readv: Handler = (t, fd, iovec, count) => {
  const file = readableFile(t, fd);
  return readVector(t, file, iovec, count);
};

const writev: Handler = (t, fd, iovec, count) => {
  const file = writableFile(t, fd);
  return writeVector(t, file, iovec, count);
};

const preadv: Handler = (t, fd, iovec, count, offset) => {
  const file = seekableFile(t, fd, offset, false);
  return readVector(t, file, iovec, count, offset);
};

const pwritev: Handler = (t, fd, iovec, count, offset) => {
  const file = seekableFile(t, fd, offset, true);
  return writeVector(t, file, iovec, count, offset);
};

/** With RWF_NOWAIT what would wait is EAGAIN. */
function noWait(run: () => number | Block): number {
  try {
    const result = run();
    return typeof result === "number" ? result : -EAGAIN;
  } catch (error) {
    if (error instanceof NeedPage) return -EAGAIN;
    throw error;
  }
}

const RWF_SUPPORTED = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND;

/** To append and not to: no call has both. */
const contradicts = (flags: number): boolean => (flags & RWF_APPEND) !== 0 && (flags & RWF_NOAPPEND) !== 0;

/** Flags that are not known: looked at when there is something to move (kiocb_set_rw_flags). */
function unsupported(t: Thread, iovec: number, count: number, cannot: boolean, flags: number): number {
  if (cannot) return -EINVAL;
  if (isEmpty(readIovec(t.user, iovec, count))) return 0;
  return flags & ~RWF_SUPPORTED ? -EOPNOTSUPP : -EINVAL;
}

/** An offset of -1 means the file's own (preadv2(2)). */
const preadv2: Handler = (t, fd, iovec, count, offset, _high, flags) => {
  const again = () => (offset === -1 ? readv(t, fd, iovec, count, 0, 0, 0) : preadv(t, fd, iovec, count, offset, 0, 0));
  if (flags & ~RWF_SUPPORTED || contradicts(flags)) {
    const file = offset === -1 ? readableFile(t, fd) : seekableFile(t, fd, offset, false);
    return unsupported(t, iovec, count, isUnreadable(file), flags);
  }
  return flags & RWF_NOWAIT ? noWait(again) : again();
};

const pwritev2: Handler = (t, fd, iovec, count, offset, _high, flags) => {
  const file = offset === -1 ? writableFile(t, fd) : seekableFile(t, fd, offset, true);
  if (flags & ~RWF_SUPPORTED || contradicts(flags)) return unsupported(t, iovec, count, isUnwritable(file), flags);
  const before = file.flags;
  if (flags & RWF_APPEND) file.flags |= O_APPEND;
  if (flags & RWF_NOAPPEND) file.flags &= ~O_APPEND;
  const again = () =>
    offset === -1 ? writev(t, fd, iovec, count, 0, 0, 0) : pwritev(t, fd, iovec, count, offset, 0, 0);
  try {
    return flags & RWF_NOWAIT ? noWait(again) : again();
  } finally {
    file.flags = before;
  }
};

const lseek: Handler = (t, fd, offset, whence) => {
  const file = fileOf(t, fd);
  // Also for what has no offset (ksys_lseek).
  if (whence < SEEK_SET || whence > SEEK_HOLE) return -EINVAL;
  return file.seek(offset, whence);
};

export const rows: readonly SyscallRow[] = [
  call(0, "read", "fd out size", read),
  call(1, "write", "fd in size", write),
  call(8, "lseek", "fd off whence", lseek),
  call(17, "pread64", "fd out size off", pread),
  call(18, "pwrite64", "fd in size off", pwrite),
  call(19, "readv", "fd iovec-out int", readv),
  call(20, "writev", "fd iovec int", writev),
  call(295, "preadv", "fd iovec-out int off long", preadv),
  call(296, "pwritev", "fd iovec int off long", pwritev),
  call(327, "preadv2", "fd iovec-out int off long flags", preadv2),
  call(328, "pwritev2", "fd iovec int off long flags", pwritev2),
];
