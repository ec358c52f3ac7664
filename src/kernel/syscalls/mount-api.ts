/** Mounting by descriptors: fsopen(2), fsconfig(2), fsmount(2), fspick(2), open_tree(2), move_mount(2), mount_setattr(2). */
import { E2BIG, EBUSY, EINVAL, ENODEV, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.ts";
import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_PATH } from "../../abi/fcntl.ts";
import * as api from "../../abi/mount.ts";
import {
  MS_NOATIME,
  MS_PRIVATE,
  MS_RDONLY,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
} from "../../abi/statfs.ts";
import type { File } from "../../fs/file.ts";
import type { Location, Mount } from "../../fs/mount.ts";
import { byteString } from "../../fs/name.ts";
import type { Propagation } from "../../fs/propagation.ts";
import { mountFlags } from "../mount-attributes.ts";
import { FileSystemContext, MountFile } from "../mount-files.ts";
import { hasWriters, isMountPoint, isOwn, mayHaveFlags, mayMount } from "../mount-use.ts";
import type { Thread } from "../task.ts";
import { locate, pathAt } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** Longest key or value, its NUL included. */
const STRING_LENGTH = 256;

function install(t: Thread, file: File, closeOnExec: boolean): number {
  return t.files.install(file, closeOnExec, t.process.limits.openFiles);
}

// ---- configuring

const fsopen: Handler = (t, type, flags) => {
  if (!mayMount(t)) return -EPERM;
  if (flags & ~api.FSOPEN_CLOEXEC) return -EINVAL;
  const name = byteString(t.user.cstring(type, 4095));
  if (!FileSystemContext.isType(name)) {
    t.kernel.logOnce("warn", `fsopen: a ${name} file system is missing: ENODEV`);
    return -ENODEV;
  }
  t.files.reserve(1, t.process.limits.openFiles);
  return install(t, new FileSystemContext(t, name, null), (flags & api.FSOPEN_CLOEXEC) !== 0);
};

const fspick: Handler = (t, dirfd, path, flags) => {
  if (!mayMount(t)) return -EPERM;
  const known = api.FSPICK_CLOEXEC | api.FSPICK_SYMLINK_NOFOLLOW | api.FSPICK_NO_AUTOMOUNT | api.FSPICK_EMPTY_PATH;
  if (flags & ~known) return -EINVAL;
  const follow = flags & api.FSPICK_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
  const at = locate(t, dirfd, pathAt(t, path), follow | (flags & api.FSPICK_EMPTY_PATH ? AT_EMPTY_PATH : 0));
  if (!isMountPoint(at)) return -EINVAL;
  const { fileSystem } = at.mount;
  t.files.reserve(1, t.process.limits.openFiles);
  return install(t, new FileSystemContext(t, fileSystem.type, fileSystem), (flags & api.FSPICK_CLOEXEC) !== 0);
};

function contextOf(t: Thread, fd: number): FileSystemContext {
  const file = t.files.file(fd);
  if (!(file instanceof FileSystemContext)) throw new Errno(EINVAL);
  return file;
}

const fsconfig: Handler = (t, fd, command, key, value, aux) => {
  if (fd < 0) return -EINVAL;
  const text = (address: number) => byteString(t.user.cstring(address, STRING_LENGTH - 1));
  switch (command) {
    case api.FSCONFIG_SET_FLAG:
      if (key === 0 || value !== 0 || aux !== 0) return -EINVAL;
      contextOf(t, fd).set(text(key), null);
      return 0;
    case api.FSCONFIG_SET_STRING:
      if (key === 0 || value === 0 || aux !== 0) return -EINVAL;
      contextOf(t, fd).set(text(key), text(value));
      return 0;
    case api.FSCONFIG_CMD_CREATE:
    case api.FSCONFIG_CMD_CREATE_EXCL:
    case api.FSCONFIG_CMD_RECONFIGURE: {
      if (key !== 0 || value !== 0 || aux !== 0) return -EINVAL;
      const context = contextOf(t, fd);
      if (!mayMount(t)) return -EPERM;
      if (command === api.FSCONFIG_CMD_RECONFIGURE) context.reconfigure(t);
      else context.create(t);
      return 0;
    }
    case api.FSCONFIG_SET_BINARY:
    case api.FSCONFIG_SET_PATH:
    case api.FSCONFIG_SET_PATH_EMPTY:
    case api.FSCONFIG_SET_FD:
      // No file system here has such a parameter.
      contextOf(t, fd);
      return -EINVAL;
    default:
      return -EOPNOTSUPP;
  }
};

// ---- attributes

const PROPAGATION: Record<number, Propagation> = {
  [MS_SHARED]: "shared",
  [MS_SLAVE]: "slave",
  [MS_PRIVATE]: "private",
  [MS_UNBINDABLE]: "unbindable",
};

const mountSetattr: Handler = (t, dirfd, path, flags, address, size) => {
  if (flags & ~(AT_EMPTY_PATH | api.AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) return -EINVAL;
  if (size > 4096) return -E2BIG;
  if (size < api.MOUNT_ATTR_SIZE_VER0) return -EINVAL;
  if (!mayMount(t)) return -EPERM;
  for (let i = api.MOUNT_ATTR_SIZE_VER0; i < size; i++) if (t.user.u8(address + i) !== 0) return -E2BIG;
  const [set, clear, propagation] = [0, 8, 16].map((at) => t.user.u64(address + at));
  if (set === 0 && clear === 0 && propagation === 0) return 0;
  const type = PROPAGATION[propagation];
  if (propagation !== 0 && type === undefined) return -EINVAL;
  if (set > api.MOUNT_ATTRS || clear > api.MOUNT_ATTRS || (set | clear) & ~api.MOUNT_ATTRS) {
    if ((set | clear) & api.MOUNT_ATTR_IDMAP) t.kernel.logOnce("warn", "mount_setattr: id-mapped mounts are missing");
    return -EINVAL;
  }
  const clearsAtime = clear & api.MOUNT_ATTR_ATIME;
  if (clearsAtime !== 0 ? clearsAtime !== api.MOUNT_ATTR_ATIME : set & api.MOUNT_ATTR_ATIME) return -EINVAL;
  const added = mountFlags(set);
  let removed = mountFlags(clear & ~api.MOUNT_ATTR_ATIME);
  if (clearsAtime !== 0) removed |= MS_NOATIME | MS_STRICTATIME;
  const at = locate(t, dirfd, pathAt(t, path), flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
  if (!isMountPoint(at) || !(isOwn(t, at.mount) || isLoose(at.mount))) return -EINVAL;
  const mounts = flags & api.AT_RECURSIVE ? [...at.mount.tree()] : [at.mount];
  if (!mounts.every((mount) => mayHaveFlags(mount, (mount.flags & ~removed) | added))) return -EPERM;
  const becomesReadOnly = (mount: Mount) => (added & ~mount.flags & MS_RDONLY) !== 0;
  if (mounts.some((mount) => becomesReadOnly(mount) && hasWriters(t.kernel, mount))) return -EBUSY;
  for (const mount of mounts) mount.flags = (mount.flags & ~removed) | added;
  if (type !== undefined) t.kernel.vfs.trees.change(at.mount, type, (flags & api.AT_RECURSIVE) !== 0);
  return 0;
};

// ---- mounts without a place

/** The mount is in no namespace: it is a descriptor's alone. */
const isLoose = (mount: Mount): boolean => {
  let top = mount;
  while (top.point) top = top.point.mount;
  return top.namespace === null;
};

const fsmount: Handler = (t, fd, flags, attributes) => {
  if (!mayMount(t)) return -EPERM;
  if (flags & ~api.FSMOUNT_CLOEXEC || attributes & ~api.MOUNT_ATTRS) return -EINVAL;
  const kept = mountFlags(attributes);
  const context = contextOf(t, fd);
  t.files.reserve(1, t.process.limits.openFiles);
  const mount = t.kernel.vfs.trees.create(context.take(), context.source, kept);
  return install(t, new MountFile(t, mount), (flags & api.FSMOUNT_CLOEXEC) !== 0);
};

const openTree: Handler = (t, dirfd, path, flags) => {
  const clones = (flags & api.OPEN_TREE_CLONE) !== 0;
  const known =
    AT_EMPTY_PATH | AT_NO_AUTOMOUNT | api.AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | api.OPEN_TREE_CLONE | O_CLOEXEC;
  if (flags & ~known || (flags & api.AT_RECURSIVE && !clones)) return -EINVAL;
  if (clones && !mayMount(t)) return -EPERM;
  const at = locate(t, dirfd, pathAt(t, path), flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
  const { vfs } = t.kernel;
  t.files.reserve(1, t.process.limits.openFiles);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  if (!clones) return install(t, vfs.openLocation(t, at, O_PATH) as File, closeOnExec);
  if (!isOwn(t, at.mount) && !isLoose(at.mount)) return -EINVAL;
  return install(t, new MountFile(t, vfs.trees.bind(at, (flags & api.AT_RECURSIVE) !== 0)), closeOnExec);
};

const moveMount: Handler = (t, fromFd, fromPath, toFd, toPath, flags) => {
  if (!mayMount(t)) return -EPERM;
  if (flags & ~api.MOVE_MOUNT_FLAGS) return -EINVAL;
  if (flags & (api.MOVE_MOUNT_SET_GROUP | api.MOVE_MOUNT_BENEATH)) {
    t.kernel.logOnce("warn", "move_mount: MOVE_MOUNT_SET_GROUP and MOVE_MOUNT_BENEATH are missing: EINVAL");
    return -EINVAL;
  }
  const find = (fd: number, path: number, links: number, empty: number): Location =>
    locate(t, fd, pathAt(t, path), (flags & links ? 0 : AT_SYMLINK_NOFOLLOW) | (flags & empty ? AT_EMPTY_PATH : 0));
  const to = find(toFd, toPath, api.MOVE_MOUNT_T_SYMLINKS, api.MOVE_MOUNT_T_EMPTY_PATH);
  const from = find(fromFd, fromPath, api.MOVE_MOUNT_F_SYMLINKS, api.MOVE_MOUNT_F_EMPTY_PATH);
  const { mount } = from;
  if (!isMountPoint(from) || !isOwn(t, to.mount)) return -EINVAL;
  if (isOwn(t, mount) ? !mount.point : mount.point !== null || mount.namespace !== null) return -EINVAL;
  t.kernel.vfs.trees.move(mount, to);
  return 0;
};

export const rows: readonly SyscallRow[] = [
  call(428, "open_tree", "dirfd path hex", openTree),
  call(429, "move_mount", "dirfd path dirfd path hex", moveMount, "no MOVE_MOUNT_SET_GROUP, MOVE_MOUNT_BENEATH"),
  call(430, "fsopen", "path hex", fsopen, "of tmpfs, proc, devtmpfs and what is there"),
  call(431, "fsconfig", "fd uint ptr ptr int", fsconfig),
  call(432, "fsmount", "fd hex hex", fsmount),
  call(433, "fspick", "dirfd path hex", fspick),
  call(442, "mount_setattr", "dirfd path hex ptr size", mountSetattr, "no id-mapped mounts"),
];
