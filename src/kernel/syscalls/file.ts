/** Opening, closing and duplicating descriptors, and the length of files (open(2), close(2), dup(2), truncate(2)). */
import {
  E2BIG,
  EAGAIN,
  EBADF,
  EFBIG,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENODEV,
  EOPNOTSUPP,
  Errno,
  ESPIPE,
  ETXTBSY,
} from "../../abi/errno.ts";
import {
  AT_FDCWD,
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_UNSHARE,
  F_SEAL_EXEC,
  F_SEAL_SEAL,
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_WRITE_ZEROES,
  FALLOC_FL_ZERO_RANGE,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  MFD_EXEC,
  MFD_NOEXEC_SEAL,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_LARGEFILE,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_TMPFILE,
  O_TRUNC,
  O_VALID,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_CACHED,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  W_OK,
} from "../../abi/fcntl.ts";
import { IN_MODIFY } from "../../abi/inotify.ts";
import { SIGXFSZ } from "../../abi/signal.ts";
import { isDirectory, isFifo, isRegular } from "../../abi/stat.ts";
import type { File } from "../../fs/file.ts";
import { byteString } from "../../fs/name.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { dropPrivileges, require } from "../../fs/permission.ts";
import { type Block, NeedPage } from "../../wait/queue.ts";
import { raise } from "../signal/send.ts";
import type { Thread } from "../task.ts";
import { fileOf, locate, pathAt, startOf } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

function open(t: Thread, dirfd: number, path: string, flags: number, mode: number, resolve = 0): number | Block {
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const start = startOf(t, dirfd, path);
  const file = t.kernel.vfs.open(t, t.fs, start, path, flags & ~O_CLOEXEC, mode, resolve);
  if (!("inode" in file)) return file;
  // Only files with pages have them bypassed (do_dentry_open).
  if (flags & O_DIRECT && !(flags & O_PATH) && !isRegular(file.inode.mode)) {
    file.close();
    return -EINVAL;
  }
  if (!(flags & O_PATH)) file.flags |= O_LARGEFILE;
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

/** What cannot be meant, before the path is looked at (build_open_flags). */
function requireOpenFlags(flags: number): void {
  const unnamed = (flags & O_TMPFILE & ~O_DIRECTORY) !== 0;
  if (flags & O_DIRECTORY && flags & O_CREAT) throw new Errno(EINVAL);
  if (unnamed && (!(flags & O_DIRECTORY) || (flags & O_ACCMODE) === O_RDONLY)) throw new Errno(EINVAL);
}

/** Flags that mean something with O_PATH. */
const PATH_FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

const openat: Handler = (t, dirfd, path, flags, mode) => {
  flags &= flags & O_PATH ? PATH_FLAGS : O_VALID;
  requireOpenFlags(flags);
  return open(t, dirfd, pathAt(t, path), flags, mode);
};

const RESOLVE_VALID =
  RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED;

/** struct open_how { u64 flags, mode, resolve; }; what is longer must be zero (openat2(2)). */
const openat2: Handler = (t, dirfd, address, how, size) => {
  if (size < 24) return -EINVAL;
  if (size > 4096) return -E2BIG;
  const rest = t.user.read(how + 24, size - 24);
  if (rest.some((byte) => byte !== 0)) return -E2BIG;
  const flags = t.user.u64(how);
  const mode = t.user.u64(how + 8);
  const resolve = t.user.u64(how + 16);
  if (flags > O_VALID || flags & ~O_VALID || resolve > RESOLVE_VALID || resolve & ~RESOLVE_VALID) return -EINVAL;
  if ((resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) === (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) return -EINVAL;
  const creates = (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) !== 0;
  if (creates ? mode > 0o7777 : mode !== 0) return -EINVAL;
  requireOpenFlags(flags);
  if (flags & O_PATH && flags & ~PATH_FLAGS) return -EINVAL;
  // Nothing of a path is ever cached here but what is in memory: a walk that would wait is EAGAIN.
  if (resolve & RESOLVE_CACHED) {
    if (flags & (O_TRUNC | O_CREAT) || (flags & O_TMPFILE) === O_TMPFILE) return -EAGAIN;
    try {
      return open(t, dirfd, pathAt(t, address), flags, mode, resolve);
    } catch (error) {
      if (error instanceof NeedPage) return -EAGAIN;
      throw error;
    }
  }
  return open(t, dirfd, pathAt(t, address), flags, mode, resolve);
};

const close: Handler = (t, fd) => t.files.close(fd);

const closeRange: Handler = (t, first, last, flags) => {
  if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last) return -EINVAL;
  if (flags & CLOSE_RANGE_UNSHARE && t.files.references > 1) {
    const own = t.files.copy();
    t.files.drop();
    t.files = own;
  }
  for (const [fd] of [...t.files.entries()]) {
    if (fd < first || fd > last) continue;
    if (flags & CLOSE_RANGE_CLOEXEC) t.files.setCloseOnExec(fd, true);
    else t.files.close(fd);
  }
  return 0;
};

const dup: Handler = (t, fd) => {
  const file = t.files.file(fd);
  const copy = t.files.install(file, false, t.process.limits.openFiles);
  file.references++;
  return copy;
};

function duplicateTo(t: Thread, from: number, to: number, closeOnExec: boolean): number {
  if (to < 0 || to >= t.process.limits.openFiles) return -EBADF;
  t.files.expand(to);
  const file = t.files.file(from);
  file.references++;
  t.files.replace(to, file, closeOnExec);
  return to;
}

const dup2: Handler = (t, from, to) => {
  if (from !== to) return duplicateTo(t, from, to, false);
  t.files.file(from);
  return to;
};

const dup3: Handler = (t, from, to, flags) => {
  if (from === to || flags & ~O_CLOEXEC) return -EINVAL;
  return duplicateTo(t, from, to, (flags & O_CLOEXEC) !== 0);
};

/** EFBIG and SIGXFSZ for a length beyond RLIMIT_FSIZE. */
function requireLength(t: Thread, length: number): void {
  if (length < 0) throw new Errno(EINVAL);
  if (length <= t.fileSizeLimit) return;
  raise(t, SIGXFSZ);
  throw new Errno(EFBIG);
}

/** After a change of length or allocation that succeeded. */
function contentChanged(t: Thread, { inode, location }: File): void {
  dropPrivileges(t, inode);
  notifyLocation(location, inode, IN_MODIFY);
}

const truncate: Handler = (t, path, length) => {
  if (length < 0) return -EINVAL;
  const location = locate(t, AT_FDCWD, pathAt(t, path), 0);
  const { inode } = location;
  if (isDirectory(inode.mode)) return -EISDIR;
  if (!isRegular(inode.mode)) return -EINVAL;
  require(t, location, W_OK);
  if (inode.executing > 0) return -ETXTBSY;
  const wait = inode.leases?.break(true, false);
  if (wait) return wait;
  if (length > inode.size) requireLength(t, length);
  inode.truncate(length);
  dropPrivileges(t, inode);
  notifyLocation(location, inode, IN_MODIFY);
  return 0;
};

const ftruncate: Handler = (t, fd, length) => {
  if (length < 0) return -EINVAL;
  const file = fileOf(t, fd);
  if (!file.writable || !isRegular(file.inode.mode)) return -EINVAL;
  if (length > file.inode.size) requireLength(t, length);
  const result = file.truncate(length);
  if (result === 0) contentChanged(t, file);
  return result;
};

const KEEP = FALLOC_FL_KEEP_SIZE;
/** Modes of fallocate that mean something; file systems have the others (vfs_fallocate). */
const ALLOCATIONS = new Set([
  0,
  KEEP,
  FALLOC_FL_PUNCH_HOLE | KEEP,
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_ZERO_RANGE,
  FALLOC_FL_ZERO_RANGE | KEEP,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_UNSHARE_RANGE | KEEP,
  FALLOC_FL_WRITE_ZEROES,
]);

const fallocate: Handler = (t, fd, mode, offset, length) => {
  const file = fileOf(t, fd);
  if (offset < 0 || length <= 0) return -EINVAL;
  if (!ALLOCATIONS.has(mode)) return -EOPNOTSUPP;
  if (!file.writable) return -EBADF;
  if (isFifo(file.inode.mode)) return -ESPIPE;
  if (isDirectory(file.inode.mode)) return -EISDIR;
  if (!isRegular(file.inode.mode)) return -ENODEV;
  if (mode === 0 && offset + length > file.inode.size) requireLength(t, offset + length);
  const result = file.allocate(mode, offset, length);
  if (result === 0) contentChanged(t, file);
  return result;
};

/** Names are at most 249 bytes: "memfd:" goes before them. */
const memfdCreate: Handler = (t, address, flags) => {
  if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) return -EINVAL;
  if (flags & MFD_EXEC && flags & MFD_NOEXEC_SEAL) return -EINVAL;
  let name: string;
  try {
    name = byteString(t.user.cstring(address, 249));
  } catch (error) {
    throw error instanceof Errno && error.errno === ENAMETOOLONG ? new Errno(EINVAL) : error;
  }
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const sealable = flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  const mode = flags & MFD_NOEXEC_SEAL ? 0o666 : 0o777;
  const seals = (sealable ? 0 : F_SEAL_SEAL) | (flags & MFD_NOEXEC_SEAL ? F_SEAL_EXEC : 0);
  const inode = t.kernel.vfs.anonymous.memoryFile(t, name, mode, seals);
  const file: File = inode.open(t, O_RDWR | O_LARGEFILE, null);
  return t.files.install(file, (flags & MFD_CLOEXEC) !== 0, limit);
};

/** Everything is in memory until the machine ends: there is nothing to wait for. */
const fsync: Handler = (t, fd) => fileOf(t, fd).sync();
const syncAll: Handler = () => 0;
const syncfs: Handler = (t, fd) => {
  fileOf(t, fd);
  return 0;
};

/** Advice about the page cache changes no contents; the arguments are checked. */
const fadvise: Handler = (t, fd, _offset, length, advice) => {
  const file = fileOf(t, fd);
  if (isFifo(file.inode.mode)) return -ESPIPE;
  return advice < 0 || advice > 5 || length < 0 ? -EINVAL : 0;
};

const readahead: Handler = (t, fd, _offset, count) => {
  const file = fileOf(t, fd);
  if (!file.readable) return -EBADF;
  return isRegular(file.inode.mode) && count < 2 ** 63 ? 0 : -EINVAL;
};

const syncFileRange: Handler = (t, fd, offset, length, flags) => {
  const file = fileOf(t, fd);
  if (offset < 0 || length < 0 || flags & ~7) return -EINVAL;
  return isRegular(file.inode.mode) || isDirectory(file.inode.mode) ? 0 : -ESPIPE;
};

export const rows: readonly SyscallRow[] = [
  call(2, "open", "path open-flags mode", (t, path, flags, mode) => openat(t, AT_FDCWD, path, flags, mode, 0, 0)),
  call(3, "close", "fd", close),
  call(32, "dup", "fd", dup),
  call(33, "dup2", "fd fd", dup2),
  call(74, "fsync", "fd", fsync),
  call(75, "fdatasync", "fd", fsync),
  call(76, "truncate", "path off", truncate),
  call(77, "ftruncate", "fd off", ftruncate),
  call(85, "creat", "path mode", (t, path, mode) =>
    openat(t, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, 0, 0),
  ),
  call(162, "sync", "", syncAll),
  call(187, "readahead", "fd off size", readahead),
  call(221, "fadvise64", "fd off off advice", fadvise),
  call(257, "openat", "dirfd path open-flags mode", openat),
  call(277, "sync_file_range", "fd off off uint", syncFileRange),
  call(285, "fallocate", "fd flags off off", fallocate),
  call(292, "dup3", "fd fd dup-flags", dup3),
  call(306, "syncfs", "fd", syncfs),
  call(319, "memfd_create", "path flags", memfdCreate),
  call(436, "close_range", "uint uint flags", closeRange),
  call(437, "openat2", "dirfd path ptr size", openat2),
];
