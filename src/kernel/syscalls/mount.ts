/** mount(2) and umount2(2): tmpfs, proc and bind mounts. */
import { CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EBUSY, EINVAL, ENODEV, EPERM, Errno } from "../../abi/errno.ts";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../../abi/fcntl.ts";
import {
  MNT_DETACH,
  MNT_EXPIRE,
  MNT_FORCE,
  MS_BIND,
  MS_MOVE,
  MS_NOATIME,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  UMOUNT_NOFOLLOW,
} from "../../abi/statfs.ts";
import type { FileSystem } from "../../fs/filesystem.ts";
import type { Location, Mount } from "../../fs/mount.ts";
import { byteString } from "../../fs/name.ts";
import { Tmpfs } from "../../fs/tmpfs/tmpfs.ts";
import { capable } from "../capabilities.ts";
import type { Thread } from "../task.ts";
import { locate, pathAt } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Flags that a mount keeps. */
const KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
const PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

/** A new tmpfs as its options say: mode, uid and gid of the root (tmpfs(5)); sizes are the machine's. */
function newTmpfs(t: Thread, options: string): Tmpfs {
  const fileSystem = new Tmpfs(t.kernel.vfs.environment);
  const { root } = fileSystem;
  for (const option of options.split(",")) {
    const [name, value = ""] = option.split("=");
    if (name === "mode") root.mode = (root.mode & ~0o7777) | (Number.parseInt(value, 8) & 0o7777);
    else if (name === "uid") root.uid = Number.parseInt(value, 10);
    else if (name === "gid") root.gid = Number.parseInt(value, 10);
    else if (!["", "size", "nr_inodes", "nr_blocks", "noswap", "inode64", "inode32"].includes(name)) {
      throw new Errno(EINVAL);
    }
  }
  if (![root.mode, root.uid, root.gid].every(Number.isInteger)) throw new Errno(EINVAL);
  return fileSystem;
}

function newFileSystem(t: Thread, type: string, options: string): FileSystem {
  if (type === "tmpfs" || type === "ramfs") return newTmpfs(t, options);
  if (type === "proc") {
    const proc = t.kernel.vfs.mounts.find((m) => m.fileSystem.type === "proc");
    if (proc) return proc.fileSystem;
  }
  t.kernel.logMissing(165, `of a ${type} file system`);
  throw new Errno(ENODEV);
}

const mount: Handler = (t, source, target, typeAddress, flags, data) => {
  const optional = (address: number) => (address === 0 ? "" : byteString(t.user.cstring(address, 4095)));
  const type = optional(typeAddress);
  const options = optional(data);
  const from = source === 0 ? "none" : pathAt(t, source);
  const at = locate(t, AT_FDCWD, pathAt(t, target), 0);
  if (!capable(t.credentials, CAP_SYS_ADMIN)) return -EPERM;
  const { vfs } = t.kernel;
  if (flags & MS_REMOUNT) {
    if (at.inode !== at.mount.root) return -EINVAL;
    at.mount.flags = flags & KEPT;
    return 0;
  }
  // Each machine has one tree of mounts: there is nobody to propagate to.
  if (flags & PROPAGATION) return at.inode === at.mount.root ? 0 : -EINVAL;
  if (flags & MS_MOVE) {
    t.kernel.logMissing(165, "with MS_MOVE");
    return -EINVAL;
  }
  if (flags & MS_BIND) {
    const old = locate(t, AT_FDCWD, from, 0);
    if (flags & MS_REC && old.mount.children.size > 0) t.kernel.logMissing(165, "with MS_REC over mounts below");
    vfs.mount(old.mount.fileSystem, at, from, old.mount.flags, old.inode);
    return 0;
  }
  vfs.mount(newFileSystem(t, type, options), at, from, flags & KEPT);
  return 0;
};

/** A process works, or has something open, in the mount. */
function isBusy(t: Thread, mount: Mount): boolean {
  const inMount = (location: Location | null) => location?.mount === mount;
  for (const thread of t.kernel.threads.values()) {
    if (inMount(thread.fs.cwd) || inMount(thread.fs.root)) return true;
    for (const [, file] of thread.files.entries()) if (inMount(file.location)) return true;
  }
  return false;
}

const umount2: Handler = (t, target, flags) => {
  if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) return -EINVAL;
  if (!capable(t.credentials, CAP_SYS_ADMIN)) return -EPERM;
  const at = locate(t, AT_FDCWD, pathAt(t, target), flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
  if (at.inode !== at.mount.root) return -EINVAL;
  if (flags & MNT_EXPIRE) {
    t.kernel.logMissing(166, "with MNT_EXPIRE");
    return -EINVAL;
  }
  if (!(flags & MNT_DETACH) && isBusy(t, at.mount)) return -EBUSY;
  t.kernel.vfs.unmount(at.mount);
  return 0;
};

export const rows: readonly SyscallRow[] = [
  call(165, "mount", "path path ptr mount-flags ptr", mount, "tmpfs, proc and bind mounts"),
  call(166, "umount2", "path hex", umount2, "no MNT_EXPIRE"),
];
