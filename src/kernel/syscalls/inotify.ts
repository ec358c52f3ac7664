/** inotify(7): inotify_init1(2), inotify_add_watch(2), inotify_rm_watch(2). */
import { EINVAL, ENOTDIR, Errno } from "../../abi/errno.ts";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_NONBLOCK, R_OK } from "../../abi/fcntl.ts";
import {
  IN_ALL_EVENTS,
  IN_DONT_FOLLOW,
  IN_EXCL_UNLINK,
  IN_IGNORED,
  IN_ISDIR,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_ONESHOT,
  IN_ONLYDIR,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
} from "../../abi/inotify.ts";
import { isDirectory } from "../../abi/stat.ts";
import { InotifyFile } from "../../fs/inotify.ts";
import { require } from "../../fs/permission.ts";
import type { Thread } from "../task.ts";
import { fileOf, locate, pathAt } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

const FLAGS = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR | IN_ONESHOT;
const VALID = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | FLAGS;

function inotifyInit1(t: Thread, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const inode = t.kernel.vfs.anonymous.others.inode(0o600);
  const file = new InotifyFile(inode, flags & O_NONBLOCK, t.credentials.uid);
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

function inotifyOf(t: Thread, fd: number): InotifyFile {
  const file = fileOf(t, fd);
  if (!(file instanceof InotifyFile)) throw new Errno(EINVAL);
  return file;
}

const inotifyAddWatch: Handler = (t, fd, address, asked) => {
  const mask = asked | 0;
  if (mask & ~VALID || !(mask & VALID)) return -EINVAL;
  fileOf(t, fd);
  if (mask & IN_MASK_ADD && mask & IN_MASK_CREATE) return -EINVAL;
  const file = inotifyOf(t, fd);
  const location = locate(t, AT_FDCWD, pathAt(t, address), mask & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
  if (mask & IN_ONLYDIR && !isDirectory(location.inode.mode)) return -ENOTDIR;
  require(t, location, R_OK);
  return file.add(location.inode, mask);
};

export const rows: readonly SyscallRow[] = [
  call(253, "inotify_init", "", (t) => inotifyInit1(t, 0)),
  call(254, "inotify_add_watch", "fd path flags", inotifyAddWatch),
  call(255, "inotify_rm_watch", "fd int", (t, fd, watch) => inotifyOf(t, fd).remove(watch)),
  call(294, "inotify_init1", "open-flags", inotifyInit1),
];
