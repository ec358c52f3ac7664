/** mount(2), umount2(2) and pivot_root(2) (fs/namespace.c). */
import { EAGAIN, EBUSY, EINVAL, ENOTDIR, EPERM, Errno } from "../../abi/errno.ts";
import { AT_FDCWD, PATH_MAX } from "../../abi/fcntl.ts";
import { isDirectory, isSymlink } from "../../abi/stat.ts";
import {
  MNT_DETACH,
  MNT_EXPIRE,
  MNT_FORCE,
  MS_BIND,
  MS_MOVE,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SILENT,
  MS_SLAVE,
  MS_UNBINDABLE,
  UMOUNT_NOFOLLOW,
} from "../../abi/statfs.ts";
import type { Location, Mount } from "../../fs/mount.ts";
import { byteString } from "../../fs/name.ts";
import type { Propagation } from "../../fs/propagation.ts";
import { FOLLOW, walk } from "../../fs/walk.ts";
import { changeOptions, newFileSystem, parseOptions, takesOptions } from "../filesystems.ts";
import { endUnusedIpc } from "../ipc-lifetime.ts";
import {
  ATIME,
  endWatches,
  hasWriters,
  isBusy,
  isMountPoint,
  isOwn,
  mayHaveFlags,
  mayMount,
  moveRoots,
} from "../mount-use.ts";
import type { Thread } from "../task.ts";
import { locate, pathAt } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Flags that a mount keeps. */
const KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | ATIME;
const PROPAGATION: Record<number, Propagation> = {
  [MS_SHARED]: "shared",
  [MS_SLAVE]: "slave",
  [MS_PRIVATE]: "private",
  [MS_UNBINDABLE]: "unbindable",
};
const PROPAGATION_FLAGS = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;
/** The old magic number in the upper half means nothing any more. */
const MS_MGC_MASK = 0xffff_0000;
const MS_MGC_VAL = 0xc0ed_0000;

const mount: Handler = (t, source, target, typeAddress, allFlags, data) => {
  const optional = (address: number) => (address === 0 ? null : byteString(t.user.cstring(address, PATH_MAX - 1)));
  const type = optional(typeAddress);
  const from = optional(source);
  const options = optional(data) ?? "";
  let flags = allFlags >>> 0;
  if ((flags & MS_MGC_MASK) >>> 0 === MS_MGC_VAL) flags &= ~MS_MGC_MASK;
  const at = locate(t, AT_FDCWD, pathAt(t, target), 0);
  if (!mayMount(t)) return -EPERM;
  if (flags & MS_REMOUNT) return remount(t, at, flags, options);
  if (flags & MS_BIND) return bind(t, from, at, (flags & MS_REC) !== 0);
  if (flags & PROPAGATION_FLAGS) return changePropagation(t, at, flags);
  if (flags & MS_MOVE) return move(t, from, at);
  return mountNew(t, type, from ?? "none", at, flags, options);
};

function mountNew(t: Thread, type: string | null, source: string, at: Location, flags: number, data: string): number {
  if (type === null) return -EINVAL;
  const fileSystem = newFileSystem(t, type, parseOptions(data));
  if (!isOwn(t, at.mount) || isSymlink(at.inode.mode)) return -EINVAL;
  if (at.mount.fileSystem === fileSystem && isMountPoint(at)) return -EBUSY;
  if (flags & MS_RDONLY) fileSystem.readOnly = true;
  t.kernel.vfs.mount(fileSystem, at, source, flags & KEPT);
  return 0;
}

function remount(t: Thread, at: Location, flags: number, data: string): number {
  const { mount } = at;
  const { fileSystem } = mount;
  if (!isOwn(t, mount) || !isMountPoint(at)) return -EINVAL;
  // Without a word about access times they are as before.
  const atime = flags & (ATIME | MS_RELATIME) ? flags & ATIME : mount.flags & ATIME;
  const kept = (flags & KEPT & ~ATIME) | atime;
  // What was mounted with more privilege is not for those with less.
  if (!mayHaveFlags(mount, kept) || (mount.lockedFlags !== null && !(flags & MS_BIND))) return -EPERM;
  const readOnly = (flags & MS_RDONLY) !== 0;
  const becomesReadOnly = readOnly && (mount.flags & MS_RDONLY) === 0;
  if (flags & MS_BIND) {
    if (becomesReadOnly && hasWriters(t.kernel, mount)) return -EBUSY;
  } else {
    const options = parseOptions(data);
    if (!takesOptions(fileSystem.type, options)) return -EINVAL;
    if (readOnly && !fileSystem.readOnly && hasWriters(t.kernel, fileSystem)) return -EBUSY;
    changeOptions(fileSystem, options);
    fileSystem.readOnly = readOnly;
  }
  mount.flags = kept;
  return 0;
}

function bind(t: Thread, from: string | null, at: Location, recursive: boolean): number {
  if (from === null || from === "") return -EINVAL;
  const old = locate(t, AT_FDCWD, from, 0);
  // A namespace's file can be mounted, wherever it was found.
  if (!isOwn(t, at.mount) || (!isOwn(t, old.mount) && old.inode.fileSystem.type !== "nsfs")) return -EINVAL;
  const { trees } = t.kernel.vfs;
  const copy = trees.bind(old, recursive);
  try {
    trees.attach(copy, at);
  } catch (error) {
    trees.dissolve(copy);
    throw error;
  }
  return 0;
}

function changePropagation(t: Thread, at: Location, flags: number): number {
  const type = PROPAGATION[flags & ~(MS_REC | MS_SILENT)];
  if (type === undefined || !isMountPoint(at) || !isOwn(t, at.mount)) return -EINVAL;
  t.kernel.vfs.trees.change(at.mount, type, (flags & MS_REC) !== 0);
  return 0;
}

function move(t: Thread, from: string | null, at: Location): number {
  if (from === null || from === "") return -EINVAL;
  const old = locate(t, AT_FDCWD, from, 0);
  if (!isMountPoint(old) || !old.mount.point || !isOwn(t, old.mount) || !isOwn(t, at.mount)) return -EINVAL;
  t.kernel.vfs.trees.move(old.mount, at);
  return 0;
}

const umount2: Handler = (t, target, flags) => {
  if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) return -EINVAL;
  const path = pathAt(t, target);
  // Not a lookup of the ordinary kind, which would count as a use of what is to expire.
  const at = walk(t, t.fs, t.fs.cwd, path, flags & UMOUNT_NOFOLLOW ? 0 : FOLLOW).target!;
  const { mount } = at;
  if (!mayMount(t)) return -EPERM;
  if (!isMountPoint(at) || !isOwn(t, mount) || mount.locked) return -EINVAL;
  const busy = (m: Mount) => isBusy(t.kernel, m);
  const isRoot = mount === t.fs.root.mount;
  if (flags & MNT_EXPIRE) {
    if (isRoot || flags & (MNT_FORCE | MNT_DETACH)) return -EINVAL;
    if (mount.children.size > 0 || busy(mount)) return -EBUSY;
    if (!mount.expiring) {
      mount.expiring = true;
      return -EAGAIN;
    }
  }
  // The root stays, and becomes read-only.
  if (isRoot && !(flags & MNT_DETACH)) {
    if (hasWriters(t.kernel, mount.fileSystem)) return -EBUSY;
    mount.fileSystem.readOnly = true;
    return 0;
  }
  const gone = t.kernel.vfs.trees.unmount(mount, (flags & MNT_DETACH) !== 0, busy);
  for (const { fileSystem } of gone) endWatches(t.kernel, fileSystem);
  endUnusedIpc(t.kernel);
  return 0;
};

const pivotRoot: Handler = (t, newAddress, oldAddress) => {
  if (!mayMount(t)) return -EPERM;
  const directory = (address: number): Location => {
    const at = locate(t, AT_FDCWD, pathAt(t, address), 0);
    if (!isDirectory(at.inode.mode)) throw new Errno(ENOTDIR);
    return at;
  };
  const to = directory(newAddress);
  const old = directory(oldAddress);
  const { root } = t.fs;
  if (!isOwn(t, root.mount)) return -EINVAL;
  t.kernel.vfs.trees.pivot(root, to, old);
  moveRoots(t.kernel, root, to);
  return 0;
};

export const rows: readonly SyscallRow[] = [
  call(155, "pivot_root", "path path", pivotRoot),
  call(165, "mount", "path path ptr mount-flags ptr", mount, "of tmpfs, proc, devtmpfs and what is there"),
  call(166, "umount2", "path flags", umount2),
];
