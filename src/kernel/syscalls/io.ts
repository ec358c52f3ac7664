/** read, write and their kin (read(2), write(2), readv(2), lseek(2)). */
import { EAGAIN, EINVAL, EOPNOTSUPP, Errno, ESPIPE } from "../../abi/errno.ts";
import {
  O_APPEND,
  RWF_APPEND,
  RWF_DSYNC,
  RWF_HIPRI,
  RWF_NOWAIT,
  RWF_SYNC,
  SEEK_HOLE,
  SEEK_SET,
} from "../../abi/fcntl.ts";
import type { File } from "../../fs/file.ts";
import { readIovec } from "../../fs/transfer.ts";
import { type Block, NeedPage } from "../../wait/queue.ts";
import type { Thread } from "../task.ts";
import { fileOf, readableFile, writableFile } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";
import { readInto, writeFrom } from "./transfer.ts";

/** EINVAL for a count that is negative as ssize_t. */
function requireCount(count: number): void {
  if (count >= 2 ** 63) throw new Errno(EINVAL);
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

const read: Handler = (t, fd, buffer, count) => {
  const file = readableFile(t, fd);
  requireCount(count);
  return readInto(t, file, [buffer, count]);
};

const write: Handler = (t, fd, buffer, count) => {
  const file = writableFile(t, fd);
  requireCount(count);
  return writeFrom(t, file, [buffer, count]);
};

const pread: Handler = (t, fd, buffer, count, offset) => {
  const file = seekableFile(t, fd, offset, false);
  requireCount(count);
  return readInto(t, file, [buffer, count], offset);
};

const pwrite: Handler = (t, fd, buffer, count, offset) => {
  const file = seekableFile(t, fd, offset, true);
  requireCount(count);
  return writeFrom(t, file, [buffer, count], offset);
};

const readv: Handler = (t, fd, iovec, count) => {
  const file = readableFile(t, fd);
  return readInto(t, file, readIovec(t.user, iovec, count));
};

const writev: Handler = (t, fd, iovec, count) => {
  const file = writableFile(t, fd);
  return writeFrom(t, file, readIovec(t.user, iovec, count));
};

const preadv: Handler = (t, fd, iovec, count, offset) => {
  const file = seekableFile(t, fd, offset, false);
  return readInto(t, file, readIovec(t.user, iovec, count), offset);
};

const pwritev: Handler = (t, fd, iovec, count, offset) => {
  const file = seekableFile(t, fd, offset, true);
  return writeFrom(t, file, readIovec(t.user, iovec, count), offset);
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

/** An offset of -1 means the file's own (preadv2(2)). */
const preadv2: Handler = (t, fd, iovec, count, offset, _high, flags) => {
  if (flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT)) return -EOPNOTSUPP;
  const again = () => (offset === -1 ? readv(t, fd, iovec, count, 0, 0, 0) : preadv(t, fd, iovec, count, offset, 0, 0));
  return flags & RWF_NOWAIT ? noWait(again) : again();
};

const pwritev2: Handler = (t, fd, iovec, count, offset, _high, flags) => {
  if (flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND)) return -EOPNOTSUPP;
  const file = writableFile(t, fd);
  const before = file.flags;
  if (flags & RWF_APPEND) file.flags |= O_APPEND;
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
  call(327, "preadv2", "fd iovec-out int off long hex", preadv2),
  call(328, "pwritev2", "fd iovec int off long hex", pwritev2),
];
