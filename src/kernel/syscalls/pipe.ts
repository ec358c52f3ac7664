/** Pipes, and copies between files inside the kernel (pipe(2), splice(2), tee(2), sendfile(2), copy_file_range(2)). */
import { EAGAIN, EBADF, EINVAL, EISDIR, Errno, ESPIPE, EXDEV } from "../../abi/errno.ts";
import {
  O_APPEND,
  O_CLOEXEC,
  O_DIRECT,
  O_NONBLOCK,
  SPLICE_F_GIFT,
  SPLICE_F_MORE,
  SPLICE_F_MOVE,
  SPLICE_F_NONBLOCK,
} from "../../abi/fcntl.ts";
import { IN_ACCESS, IN_MODIFY } from "../../abi/inotify.ts";
import { isDirectory, isRegular } from "../../abi/stat.ts";
import type { File } from "../../fs/file.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { PipeFile } from "../../fs/pipe.ts";
import { BytesTransfer, readIovec } from "../../fs/transfer.ts";
import { Block } from "../../wait/queue.ts";
import type { Thread } from "../task.ts";
import { fileOf, readableFile, writableFile } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";
import { countRead, countWrite, moveUncounted, resumeTransfer, step } from "./transfer.ts";

/** Bytes of one call at most: it does not end in between, and a file may have holes without end. The caller goes on. */
const MOST = 16 << 20;
/** Bytes that are copied through the kernel at a time. */
const PART = 65536;

const pipe2: Handler = (t, address, flags) => {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) return -EINVAL;
  const limit = t.process.limits.openFiles;
  t.files.reserve(2, limit);
  t.user.probe(address, 8, true);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const { reader, writer } = t.kernel.vfs.anonymous.pipeFiles(t, flags & (O_NONBLOCK | O_DIRECT));
  t.user.setU32(address, t.files.install(reader, closeOnExec, limit));
  t.user.setU32(address + 4, t.files.install(writer, closeOnExec, limit));
  return 0;
};

/** Where a copy reads or writes: at an offset in user memory, which it advances, or at the file's own. */
class Cursor {
  readonly file: File;
  readonly #t: Thread;
  readonly #address: number;
  #at: number;
  #moved = false;

  constructor(t: Thread, file: File, address: number) {
    this.#t = t;
    this.file = file;
    this.#address = address;
    this.#at = address === 0 ? 0 : t.user.i64(address);
    if (address === 0) return;
    t.user.probe(address, 8, true);
    if (!file.seekable) throw new Errno(ESPIPE);
    if (this.#at < 0) throw new Errno(EINVAL);
  }

  get position(): number {
    return this.#address === 0 ? this.file.offset : this.#at;
  }

  get given(): number | undefined {
    return this.#address === 0 ? undefined : this.#at;
  }

  advance(count: number): void {
    this.#moved = true;
    if (this.#address === 0) this.file.offset += count;
    else this.#at += count;
  }

  /** After a write that has moved the file's own offset itself, if there is no other. */
  wrote(count: number): void {
    this.#moved = true;
    if (this.#address !== 0) this.#at += count;
  }

  save(): void {
    if (this.#address !== 0 && this.#moved) this.#t.user.setU64(this.#address, this.#at);
  }
}

/** Bytes have gone from one to the other: those who watch are told. */
function moved(from: File, to: File): void {
  notifyLocation(from.location, from.inode, IN_ACCESS);
  notifyLocation(to.location, to.inode, IN_MODIFY);
}

/** Copies up to `count` bytes from a file with an offset to any other. What was not taken stays unread. */
function copy(t: Thread, from: Cursor, to: Cursor, count: number): number | Block {
  let done = resumeTransfer(t);
  const { memory } = t.kernel.vfs.environment;
  while (done < count) {
    const bytes = new Uint8Array(Math.min(PART, count - done));
    const into = new BytesTransfer(bytes, memory);
    const got = step(t, done, from.file, into, false, from.position);
    if (typeof got !== "number") return finish(got[0]);
    if (got === 0) break;
    const out = new BytesTransfer(bytes.subarray(0, got), memory);
    const put = step(t, done, to.file, out, true, to.given);
    if (typeof put !== "number") return finish(put[0]);
    from.advance(put);
    to.wrote(put);
    done += put;
    if (put === 0 || (put < got && !to.file.writesAll)) break;
  }
  return finish(done);

  // An offset in user memory is what a call that is run again begins from.
  function finish(result: number | Block): number | Block {
    from.save();
    to.save();
    if (typeof result !== "number") return result;
    countRead(t, result);
    countWrite(t, result);
    if (result > 0) moved(from.file, to.file);
    return result;
  }
}

/** The offset is written back whatever comes of it, so that EFAULT hides other errors (sys_sendfile64). */
const sendfile: Handler = (t, outFd, inFd, offset, count) => {
  if (offset === 0) return send(t, outFd, inFd, 0, count);
  t.user.probe(offset, 8, false);
  let result: number | Block;
  try {
    result = send(t, outFd, inFd, offset, count);
  } catch (error) {
    if (error instanceof Errno) t.user.probe(offset, 8, true);
    throw error;
  }
  if (typeof result === "number") t.user.probe(offset, 8, true);
  return result;
};

function send(t: Thread, outFd: number, inFd: number, offset: number, count: number): number | Block {
  const input = readableFile(t, inFd);
  if (offset !== 0 && !input.seekable) return -ESPIPE;
  if (count >= 2 ** 63) return -EINVAL;
  const from = new Cursor(t, input, offset);
  if (from.position < 0 || from.position + count >= 2 ** 63) return -EINVAL;
  const output = writableFile(t, outFd);
  if (output.flags & O_APPEND && !pipeOf(output)) return -EINVAL;
  if (count === 0) return 0;
  if (!input.seekable || isDirectory(input.inode.mode)) return -EINVAL;
  return copy(t, from, new Cursor(t, output, 0), Math.min(count, MOST));
}

const copyFileRange: Handler = (t, inFd, inOffset, outFd, outOffset, count, flags) => {
  const input = fileOf(t, inFd);
  const output = fileOf(t, outFd);
  for (const offset of [inOffset, outOffset]) if (offset !== 0) t.user.probe(offset, 8, false);
  if (flags !== 0) return -EINVAL;
  if (isDirectory(input.inode.mode) || isDirectory(output.inode.mode)) return -EISDIR;
  if (!isRegular(input.inode.mode) || !isRegular(output.inode.mode)) return -EINVAL;
  if (!input.readable || !output.writable || output.flags & O_APPEND) return -EBADF;
  // Files without a name are in a file system of their own.
  const apart = (input.location === null) !== (output.location === null);
  if (apart || input.inode.fileSystem.type !== output.inode.fileSystem.type) return -EXDEV;
  const from = new Cursor(t, input, inOffset);
  const to = new Cursor(t, output, outOffset);
  // Whether they overlap is a matter of what there is to copy (generic_copy_file_checks).
  count = Math.min(count, MOST, Math.max(0, input.inode.size - from.position));
  const overlap = Math.abs(from.position - to.position) < count;
  if (input.inode === output.inode && overlap) return -EINVAL;
  return copy(t, from, to, count);
};

/** The pipe behind a description, or null. */
const pipeOf = (file: File): PipeFile | null => (file instanceof PipeFile ? file : null);

/** Moves bytes from a pipe to a file; they leave the pipe when the file has taken them. */
function splicePipeOut(t: Thread, from: PipeFile, to: Cursor, count: number, noWait: boolean): number | Block {
  const { pipe } = from;
  if (pipe.length === 0) {
    if (pipe.writers === 0) return 0;
    return noWait ? -EAGAIN : new Block([pipe.readable]);
  }
  const target = pipeOf(to.file);
  if (target && noWait && target.pipe.readers > 0 && target.pipe.space === 0) return -EAGAIN;
  const bytes = pipe.peek(Math.min(count, target && target.pipe.readers > 0 ? target.pipe.space || 1 : count));
  const out = new BytesTransfer(bytes, t.kernel.vfs.environment.memory);
  const put = step(t, 0, to.file, out, true, to.given);
  if (typeof put !== "number") return put[0];
  pipe.pull(put);
  to.wrote(put);
  to.save();
  if (put > 0) moved(from, to.file);
  return put;
}

/** Moves bytes from a file to a pipe, as many as there is room for. */
function splicePipeIn(t: Thread, from: Cursor, to: PipeFile, count: number, noWait: boolean): number | Block {
  const { pipe } = to;
  const { memory } = t.kernel.vfs.environment;
  if (pipe.readers > 0 && pipe.space === 0) return noWait ? -EAGAIN : new Block([pipe.writable]);
  const bytes = new Uint8Array(Math.min(count, PART, Math.max(pipe.space, 1)));
  if (pipe.readers === 0) {
    const failed = step(t, 0, to, new BytesTransfer(bytes, memory), true);
    return typeof failed === "number" ? failed : failed[0];
  }
  const into = new BytesTransfer(bytes, memory);
  const got = step(t, 0, from.file, into, false, from.given);
  if (typeof got !== "number") return got[0];
  pipe.push(bytes.subarray(0, got));
  from.wrote(got);
  from.save();
  if (got > 0) moved(from.file, to);
  return got;
}

const SPLICE_FLAGS = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT;

const splice: Handler = (t, inFd, inOffset, outFd, outOffset, count, flags) => {
  if (count === 0) return 0;
  if (flags & ~SPLICE_FLAGS) return -EINVAL;
  const input = fileOf(t, inFd);
  const output = fileOf(t, outFd);
  const from = pipeOf(input);
  const to = pipeOf(output);
  if ((from && inOffset !== 0) || (to && outOffset !== 0)) return -ESPIPE;
  for (const offset of [inOffset, outOffset]) if (offset !== 0) t.user.probe(offset, 8, false);
  if (!input.readable || !output.writable) return -EBADF;
  if (!from && !to) return -EINVAL;
  if (from && to && from.pipe === to.pipe) return -EINVAL;
  if ((inOffset !== 0 && !input.seekable) || (outOffset !== 0 && !output.seekable)) return -EINVAL;
  if (isDirectory(input.inode.mode)) return -EINVAL;
  const asked = (flags & SPLICE_F_NONBLOCK) !== 0;
  if (from) {
    if (output.flags & O_APPEND) return -EINVAL;
    const noWait = asked || (from.flags & O_NONBLOCK) !== 0;
    return splicePipeOut(t, from, new Cursor(t, output, outOffset), count, noWait);
  }
  const noWait = asked || (to!.flags & O_NONBLOCK) !== 0;
  return splicePipeIn(t, new Cursor(t, input, inOffset), to!, count, noWait);
};

const tee: Handler = (t, inFd, outFd, count, flags) => {
  if (flags & ~SPLICE_FLAGS) return -EINVAL;
  if (count === 0) return 0;
  const from = pipeOf(readableFile(t, inFd));
  const to = pipeOf(writableFile(t, outFd));
  if (!from || !to || from.pipe === to.pipe) return -EINVAL;
  const asked = (flags & SPLICE_F_NONBLOCK) !== 0;
  if (from.pipe.length === 0) {
    if (from.pipe.writers === 0) return 0;
    return asked || from.flags & O_NONBLOCK ? -EAGAIN : new Block([from.pipe.readable]);
  }
  if (to.pipe.readers > 0 && to.pipe.space === 0) {
    return asked || to.flags & O_NONBLOCK ? -EAGAIN : new Block([to.pipe.writable]);
  }
  const bytes = from.pipe.peek(Math.min(count, to.pipe.space || 1));
  const put = step(t, 0, to, new BytesTransfer(bytes), true);
  return typeof put === "number" ? put : put[0];
};

/** User memory to a pipe, or from it: the pages are copied, not lent. */
const vmsplice: Handler = (t, fd, iovec, count, flags) => {
  if (flags & ~SPLICE_FLAGS) return -EINVAL;
  const file = t.files.file(fd);
  if (!file.readable && !file.writable) return -EBADF;
  const segments = readIovec(t.user, iovec, count);
  if (!segments.some((size, i) => i % 2 === 1 && size > 0)) return 0;
  if (!pipeOf(file)) return -EBADF;
  // The call's own flag counts, not the file's.
  const before = file.flags;
  file.flags = flags & SPLICE_F_NONBLOCK ? before | O_NONBLOCK : before & ~O_NONBLOCK;
  try {
    return moveUncounted(t, file, segments, file.writable);
  } finally {
    file.flags = before;
  }
};

export const rows: readonly SyscallRow[] = [
  call(22, "pipe", "fds", (t, address) => pipe2(t, address, 0, 0, 0, 0, 0)),
  call(40, "sendfile", "fd fd ptr size", sendfile),
  call(275, "splice", "fd ptr fd ptr size flags", splice),
  call(276, "tee", "fd fd size flags", tee),
  call(278, "vmsplice", "fd iovec size flags", vmsplice),
  call(293, "pipe2", "fds pipe-flags", pipe2),
  call(326, "copy_file_range", "fd ptr fd ptr size flags", copyFileRange),
];
