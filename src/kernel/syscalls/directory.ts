/** Names: listing, making, moving and removing them, and where a process is (getdents(2), mkdir(2), rename(2), chdir(2)). */

import { CAP_DAC_READ_SEARCH, CAP_SYS_CHROOT } from "../../abi/capability.ts";
import { direntBytes, encodeDirent } from "../../abi/dirent.ts";
import { EACCES, EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE, Errno } from "../../abi/errno.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  RENAME_WHITEOUT,
  X_OK,
} from "../../abi/fcntl.ts";
import { IN_ACCESS } from "../../abi/inotify.ts";
import {
  isDirectory,
  isSymlink,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from "../../abi/stat.ts";
import type { Location } from "../../fs/mount.ts";
import { bytesOf } from "../../fs/name.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { permits } from "../../fs/permission.ts";
import {
  makeDirectory,
  makeLink,
  makeNode,
  makeSymlink,
  removeDirectory,
  removeName,
  renameName,
} from "../../fs/tree.ts";
import { capable, capableInside } from "../capabilities.ts";
import type { Thread } from "../task.ts";
import { fileOf, locate, pathAt, requireFlags, startOf } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

function getdents(t: Thread, fd: number, buffer: number, count: number, old: boolean): number {
  const file = fileOf(t, fd);
  if (!isDirectory(file.inode.mode)) return -ENOTDIR;
  const bytes = new Uint8Array(Math.min(count, 1 << 16));
  const view = new DataView(bytes.buffer);
  const before = file.offset;
  let used = 0;
  let full = false;
  const result = file.readDirectory(t, (name, ino, next, mode) => {
    if (used + direntBytes(name.length, old) > bytes.length) {
      full = true;
      return false;
    }
    used += encodeDirent(view, used, ino, next, mode, name, old);
    return true;
  });
  if (result < 0) return result;
  notifyLocation(file.location, file.inode, IN_ACCESS);
  if (used === 0 && full) return -EINVAL;
  try {
    t.user.copyOut(buffer, bytes.subarray(0, used));
  } catch (error) {
    file.offset = before;
    throw error;
  }
  return used;
}

const getcwd: Handler = (t, buffer, size) => {
  const { cwd, root } = t.fs;
  if (t.kernel.vfs.isDeleted(cwd, t)) return -ENOENT;
  const path = `${t.kernel.vfs.path(cwd, root, t)}\0`;
  if (path.length > size) return -ERANGE;
  t.user.copyOut(buffer, bytesOf(path));
  return path.length;
};

/** ENOTDIR or EACCES for what cannot be a working directory. */
function requireSearchable(t: Thread, location: Location): void {
  if (!isDirectory(location.inode.mode)) throw new Errno(ENOTDIR);
  if (!permits(t, location.inode, X_OK)) throw new Errno(EACCES);
}

function changeTo({ fs }: Thread, to: Location): void {
  const { fileSystem } = fs.cwd.mount;
  fs.cwd = to;
  fileSystem.released?.();
}

const chdir: Handler = (t, path) => {
  const to = locate(t, AT_FDCWD, pathAt(t, path), 0);
  requireSearchable(t, to);
  changeTo(t, to);
  return 0;
};

const fchdir: Handler = (t, fd) => {
  const { location } = t.files.file(fd);
  if (!location) return -ENOTDIR;
  requireSearchable(t, location);
  changeTo(t, location);
  return 0;
};

const chroot: Handler = (t, path) => {
  const to = locate(t, AT_FDCWD, pathAt(t, path), 0);
  requireSearchable(t, to);
  if (!capableInside(t.credentials, CAP_SYS_CHROOT)) return -EPERM;
  t.fs.root = to;
  return 0;
};

const mkdirat: Handler = (t, dirfd, address, mode) => {
  const path = pathAt(t, address);
  makeDirectory(t.kernel.vfs, t, t.fs, startOf(t, dirfd, path), path, mode);
  return 0;
};

const mknodat: Handler = (t, dirfd, address, mode, device) => {
  const type = mode & S_IFMT || S_IFREG;
  if (type === S_IFDIR) return -EPERM;
  if (![S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK].includes(type)) return -EINVAL;
  const path = pathAt(t, address);
  makeNode(t.kernel.vfs, t, t.fs, startOf(t, dirfd, path), path, type | (mode & 0o7777), device);
  return 0;
};

const unlinkat: Handler = (t, dirfd, address, flags) => {
  requireFlags(flags, AT_REMOVEDIR);
  const path = pathAt(t, address);
  const remove = flags & AT_REMOVEDIR ? removeDirectory : removeName;
  remove(t.kernel.vfs, t, t.fs, startOf(t, dirfd, path), path);
  return 0;
};

const renameat2: Handler = (t, oldfd, oldAddress, newfd, newAddress, flags) => {
  requireFlags(flags, RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT);
  if (flags & RENAME_EXCHANGE && flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) return -EINVAL;
  const { vfs } = t.kernel;
  const oldPath = pathAt(t, oldAddress);
  if (oldPath === "") return -ENOENT;
  const from = startOf(t, oldfd, oldPath);
  // Where the old name is comes before anything about the new one (do_renameat2).
  vfs.lookupName(t, t.fs, from, oldPath);
  const newPath = pathAt(t, newAddress);
  renameName(vfs, t, t.fs, from, oldPath, startOf(t, newfd, newPath), newPath, flags);
  return 0;
};

const linkat: Handler = (t, oldfd, oldAddress, newfd, newAddress, flags) => {
  requireFlags(flags, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
  const oldPath = pathAt(t, oldAddress);
  if (oldPath === "" && !capable(t.credentials, CAP_DAC_READ_SEARCH)) return -ENOENT;
  const follow = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
  const old = locate(t, oldfd, oldPath, (flags & AT_EMPTY_PATH) | follow);
  const newPath = pathAt(t, newAddress);
  makeLink(t.kernel.vfs, t, t.fs, old, startOf(t, newfd, newPath), newPath);
  return 0;
};

const symlinkat: Handler = (t, targetAddress, newfd, newAddress) => {
  const target = pathAt(t, targetAddress);
  if (target === "") return -ENOENT;
  const path = pathAt(t, newAddress);
  makeSymlink(t.kernel.vfs, t, t.fs, target, startOf(t, newfd, path), path);
  return 0;
};

/** An empty path reads the link that `dirfd` is (opened with O_PATH | O_NOFOLLOW). */
const readlinkat: Handler = (t, dirfd, address, buffer, size) => {
  if (size <= 0) return -EINVAL;
  const path = pathAt(t, address);
  const { inode, mount } = locate(t, dirfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  if (!isSymlink(inode.mode)) return path === "" ? -ENOENT : -EINVAL;
  const target = inode.readlink(t).slice(0, size);
  t.user.copyOut(buffer, bytesOf(target));
  inode.accessed(mount.flags);
  return target.length;
};

export const rows: readonly SyscallRow[] = [
  call(78, "getdents", "fd ptr uint", (t, fd, buffer, count) => getdents(t, fd, buffer, count, true)),
  call(79, "getcwd", "out size", getcwd),
  call(80, "chdir", "path", chdir),
  call(81, "fchdir", "fd", fchdir),
  call(82, "rename", "path path", (t, from, to) => renameat2(t, AT_FDCWD, from, AT_FDCWD, to, 0, 0)),
  call(83, "mkdir", "path mode", (t, path, mode) => mkdirat(t, AT_FDCWD, path, mode, 0, 0, 0)),
  call(84, "rmdir", "path", (t, path) => unlinkat(t, AT_FDCWD, path, AT_REMOVEDIR, 0, 0, 0)),
  call(86, "link", "path path", (t, from, to) => linkat(t, AT_FDCWD, from, AT_FDCWD, to, 0, 0)),
  call(87, "unlink", "path", (t, path) => unlinkat(t, AT_FDCWD, path, 0, 0, 0, 0)),
  call(88, "symlink", "path path", (t, target, path) => symlinkat(t, target, AT_FDCWD, path, 0, 0, 0)),
  call(89, "readlink", "path out int", (t, path, buffer, size) => readlinkat(t, AT_FDCWD, path, buffer, size, 0, 0)),
  call(133, "mknod", "path mode uint", (t, path, mode, device) => mknodat(t, AT_FDCWD, path, mode, device, 0, 0)),
  call(161, "chroot", "path", chroot),
  call(217, "getdents64", "fd ptr uint", (t, fd, buffer, count) => getdents(t, fd, buffer, count, false)),
  call(258, "mkdirat", "dirfd path mode", mkdirat),
  call(259, "mknodat", "dirfd path mode uint", mknodat),
  call(263, "unlinkat", "dirfd path at-flags", unlinkat),
  call(264, "renameat", "dirfd path dirfd path", (t, a, b, c, d) => renameat2(t, a, b, c, d, 0, 0)),
  call(265, "linkat", "dirfd path dirfd path at-flags", linkat),
  call(266, "symlinkat", "path dirfd path", symlinkat),
  call(267, "readlinkat", "dirfd path out int", readlinkat),
  call(316, "renameat2", "dirfd path dirfd path flags", renameat2),
];
