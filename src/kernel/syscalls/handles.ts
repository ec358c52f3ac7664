/** File handles: name_to_handle_at(2), open_by_handle_at(2). */
import { CAP_DAC_READ_SEARCH } from "../../abi/capability.ts";
import { EBADF, EINVAL, EOPNOTSUPP, EOVERFLOW, EPERM, Errno, ESTALE } from "../../abi/errno.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_CREAT,
  O_LARGEFILE,
  O_PATH,
  O_VALID,
} from "../../abi/fcntl.ts";
import type { Inode } from "../../fs/inode.ts";
import { Location } from "../../fs/mount.ts";
import { Tmpfs } from "../../fs/tmpfs/tmpfs.ts";
import { capable } from "../capabilities.ts";
import { locate, locationOf, pathAt, requireFlags } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Most bytes of a handle (MAX_HANDLE_SZ). */
const LIMIT = 128;
/** That of a tmpfs: u32 generation; u64 inode number. */
const BYTES = 12;
const TYPE = 1;

/** Inodes of which there are handles, by number; each file system has its own. */
const handles = new WeakMap<Tmpfs, Map<number, Inode>>();

/** struct file_handle { u32 handle_bytes; int handle_type; u8 f_handle[]; } */
const nameToHandleAt: Handler = (t, dirfd, path, handle, mountId, flags) => {
  requireFlags(flags, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
  const follow = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
  const { inode, mount } = locate(t, dirfd, pathAt(t, path), (flags & AT_EMPTY_PATH) | follow);
  const { fileSystem } = inode;
  if (!(fileSystem instanceof Tmpfs)) return -EOPNOTSUPP;
  const room = t.user.u32(handle);
  if (room > LIMIT) return -EINVAL;
  t.user.setU32(mountId, mount.id);
  t.user.setU32(handle, BYTES);
  if (room < BYTES) return -EOVERFLOW;
  t.user.setU32(handle + 4, TYPE);
  t.user.setU32(handle + 8, 0);
  t.user.setU64(handle + 12, inode.ino);
  let known = handles.get(fileSystem);
  if (!known) handles.set(fileSystem, (known = new Map()));
  known.set(inode.ino, inode);
  return 0;
};

/** The inode with a handle. ESTALE when it is no more. */
function inodeOf(fileSystem: unknown, ino: number): Inode {
  const known = handles.get(fileSystem as Tmpfs);
  const inode = known?.get(ino);
  if (inode && (inode.nlink > 0 || inode.isHeld)) return inode;
  known?.delete(ino);
  throw new Errno(ESTALE);
}

const openByHandleAt: Handler = (t, mountFd, handle, flags) => {
  const at = mountFd === AT_FDCWD ? t.fs.cwd : locationOf(t, t.files.file(mountFd));
  if (!capable(t.credentials, CAP_DAC_READ_SEARCH)) return -EPERM;
  const bytes = t.user.u32(handle);
  if (bytes === 0 || bytes > LIMIT) return -EINVAL;
  const raw = t.user.read(handle, 8 + bytes);
  const view = new DataView(raw.buffer, raw.byteOffset);
  const { fileSystem } = at.mount;
  if (!(fileSystem instanceof Tmpfs) || bytes < BYTES || view.getInt32(4, true) !== TYPE) return -ESTALE;
  const inode = inodeOf(fileSystem, view.getUint32(12, true) + view.getUint32(16, true) * 2 ** 32);
  if (flags & O_CREAT) return -EBADF;
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const file = t.kernel.vfs.openLocation(t, new Location(at.mount, inode), flags & O_VALID & ~O_CLOEXEC);
  if (!("inode" in file)) return file;
  if (!(flags & O_PATH)) file.flags |= O_LARGEFILE;
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
};

export const rows: readonly SyscallRow[] = [
  call(303, "name_to_handle_at", "dirfd path ptr int-out at-flags", nameToHandleAt),
  call(304, "open_by_handle_at", "fd ptr open-flags", openByHandleAt),
];
