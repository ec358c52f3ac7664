/** How system calls name files: a descriptor, a path, or a path from a descriptor's directory (openat(2)). */
import { EBADF, EINVAL, ENOENT, ENOTDIR, Errno } from "../../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_PATH, PATH_MAX } from "../../abi/fcntl.ts";
import { isDirectory } from "../../abi/stat.ts";
import type { File } from "../../fs/file.ts";
import { Location } from "../../fs/mount.ts";
import { byteString } from "../../fs/name.ts";
import type { Thread } from "../task.ts";

/** The path at a user address, a byte string. Throws EFAULT, ENAMETOOLONG. */
export const pathAt = (t: Thread, address: number): string => byteString(t.user.cstring(address, PATH_MAX - 1));

/** The place of an open file; those without a name are in a mount of their own. */
export const locationOf = (t: Thread, file: File): Location =>
  file.location ?? new Location(t.kernel.vfs.hidden, file.inode);

/** Where a walk of `path` begins. `dirfd` does not matter for an absolute path. */
export function startOf(t: Thread, dirfd: number, path: string): Location {
  if (dirfd === AT_FDCWD || path.charCodeAt(0) === 0x2f) return t.fs.cwd;
  if (path === "") throw new Errno(ENOENT);
  const file = t.files.file(dirfd);
  if (!file.location || !isDirectory(file.inode.mode)) throw new Errno(ENOTDIR);
  return locationOf(t, file);
}

/** What an *at call names: `path` from `dirfd`, or with AT_EMPTY_PATH and an empty path `dirfd` itself. */
export function locate(t: Thread, dirfd: number, path: string, flags: number): Location {
  if (path === "") {
    if (!(flags & AT_EMPTY_PATH)) throw new Errno(ENOENT);
    return dirfd === AT_FDCWD ? t.fs.cwd : locationOf(t, t.files.file(dirfd));
  }
  return t.kernel.vfs.lookup(t, t.fs, startOf(t, dirfd, path), path, !(flags & AT_SYMLINK_NOFOLLOW));
}

/** EINVAL for flags beyond `known`. */
export function requireFlags(flags: number, known: number): void {
  if (flags & ~known) throw new Errno(EINVAL);
}

/** The description behind `fd`; EBADF for one that was opened with O_PATH. */
export function fileOf(t: Thread, fd: number): File {
  const file = t.files.file(fd);
  if (file.flags & O_PATH) throw new Errno(EBADF);
  return file;
}

/** The description behind `fd`, open for reading, or for writing. */
export function readableFile(t: Thread, fd: number): File {
  const file = t.files.file(fd);
  if (!file.readable) throw new Errno(EBADF);
  return file;
}

export function writableFile(t: Thread, fd: number): File {
  const file = t.files.file(fd);
  if (!file.writable) throw new Errno(EBADF);
  return file;
}
