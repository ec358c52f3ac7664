/** execve(2) and execveat(2). */
import { EACCES, EINVAL, ELOOP, ENOENT, Errno } from "../../abi/errno.ts";
import { AT_EMPTY_PATH, AT_EXECVE_CHECK, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../../abi/fcntl.ts";
import { IN_OPEN } from "../../abi/inotify.ts";
import { RLIMIT_STACK } from "../../abi/resource.ts";
import { isSymlink } from "../../abi/stat.ts";
import type { Location } from "../../fs/mount.ts";
import { byteString } from "../../fs/name.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { Block } from "../../wait/queue.ts";
import { argumentLimit, readStrings, sizeOf } from "../exec/arguments.ts";
import { Executable } from "../exec/executable.ts";
import { execute } from "../execve.ts";
import type { Thread } from "../task.ts";
import { call, KEEP_REGISTERS, type SyscallRow } from "./row.ts";

/** Longest path, its NUL included. */
const PATH_MAX = 4096;
const SLASH = 0x2f;

function execve(t: Thread, path: number, argv: number, envp: number) {
  return execveat(t, AT_FDCWD, path, argv, envp, 0);
}

function execveat(t: Thread, dirfd: number, pathAddress: number, argv: number, envp: number, flags: number) {
  if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_EXECVE_CHECK)) return -EINVAL;
  const path = t.user.cstring(pathAddress, PATH_MAX - 1);
  const location = find(t, dirfd, path, flags);
  const room = argumentLimit(t.process.limits.soft[RLIMIT_STACK]) - path.length - 1;
  const args = readStrings(t.user, argv, room);
  const environment = readStrings(t.user, envp, room - sizeOf(args));
  const byDescriptor = dirfd !== AT_FDCWD && path[0] !== SLASH;
  try {
    if (flags & AT_EXECVE_CHECK) {
      const file = Executable.open(t, location);
      notifyLocation(location, location.inode, IN_OPEN);
      file.tellClosed();
      return 0;
    }
    execute(t, {
      location,
      path: byDescriptor ? nameOf(dirfd, path) : path,
      pathCloses: byDescriptor && t.files.closeOnExec(dirfd),
      argv: args,
      envp: environment,
    });
  } catch (error) {
    if (error instanceof Block) return error;
    throw error;
  }
  t.attention = true;
  return KEEP_REGISTERS;
}

function find(t: Thread, dirfd: number, path: Uint8Array, flags: number): Location {
  const start = dirfd === AT_FDCWD || path[0] === SLASH ? t.fs.cwd : t.files.file(dirfd).location;
  if (path.length === 0) {
    if ((flags & AT_EMPTY_PATH) === 0) throw new Errno(ENOENT);
    // A pipe, a socket, an anonymous inode: no regular file.
    if (start === null) throw new Errno(EACCES);
    return start;
  }
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0;
  const location = t.kernel.vfs.lookup(t, t.fs, start ?? t.fs.cwd, byteString(path), follow);
  if (!follow && isSymlink(location.inode.mode)) throw new Errno(ELOOP);
  return location;
}

/** The path that the program sees: a descriptor's is below /dev/fd (execveat(2)). */
function nameOf(dirfd: number, path: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(path.length === 0 ? `/dev/fd/${dirfd}` : `/dev/fd/${dirfd}/`);
  const name = new Uint8Array(prefix.length + path.length);
  name.set(prefix);
  name.set(path, prefix.length);
  return name;
}

export const rows: readonly SyscallRow[] = [
  call(59, "execve", "path strings strings", execve),
  call(322, "execveat", "dirfd path strings strings at-flags", execveat),
];
