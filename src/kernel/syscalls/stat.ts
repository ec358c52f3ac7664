/** What is known of a file, and changing that (stat(2), access(2), chmod(2), chown(2), utimensat(2), statfs(2)). */
import { CAP_CHOWN } from "../../abi/capability.ts";
import { EACCES, EINVAL, EPERM, EROFS, Errno } from "../../abi/errno.ts";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_STATX_SYNC_TYPE,
  AT_SYMLINK_NOFOLLOW,
  R_OK,
  W_OK,
  X_OK,
} from "../../abi/fcntl.ts";
import { IN_ACCESS, IN_ATTRIB, IN_MODIFY } from "../../abi/inotify.ts";
import {
  encodeStat,
  encodeStatx,
  isDirectory,
  isRegular,
  S_ISGID,
  STATX_MNT_ID_UNIQUE,
  STATX_RESERVED,
  type StatFields,
} from "../../abi/stat.ts";
import {
  encodeStatFs,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_STRICTATIME,
  ST_NOATIME,
  ST_NODEV,
  ST_NODIRATIME,
  ST_NOEXEC,
  ST_NOSUID,
  ST_NOSYMFOLLOW,
  ST_RDONLY,
  ST_RELATIME,
} from "../../abi/statfs.ts";
import { UNIQUE_MOUNT_IDS } from "../../abi/statmount.ts";
import type { Inode } from "../../fs/inode.ts";
import type { Location } from "../../fs/mount.ts";
import { notifyLocation } from "../../fs/notify.ts";
import {
  dropCapabilities,
  inGroup,
  isReadOnly,
  keepsSetGroup,
  owns,
  permits,
  require,
  requireOwner,
  requireWritable,
  withoutSetId,
} from "../../fs/permission.ts";
import type { Caller, Timespec } from "../../fs/types.ts";
import { capableOver, withRealIds } from "../capabilities.ts";
import { gidShown, uidShown } from "../credentials.ts";
import type { Thread } from "../task.ts";
import { toKernel } from "../user-namespace.ts";
import { fileOf, locate, locationOf, pathAt, requireFlags } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** With owner and group as the caller's user namespace has them. */
function statOf({ credentials }: Thread, inode: Inode): StatFields {
  const fields = inode.stat();
  if (credentials.userNamespace.parent === null) return fields;
  return { ...fields, uid: uidShown(credentials, fields.uid), gid: gidShown(credentials, fields.gid) };
}

const newfstatat: Handler = (t, dirfd, path, buffer, flags) => {
  requireFlags(flags, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE);
  const { inode } = locate(t, dirfd, pathAt(t, path), flags);
  t.user.copyOut(buffer, encodeStat(statOf(t, inode)));
  return 0;
};

const fstat: Handler = (t, fd, buffer) => {
  t.user.copyOut(buffer, encodeStat(statOf(t, t.files.file(fd).inode)));
  return 0;
};

const statx: Handler = (t, dirfd, path, flags, mask, buffer) => {
  requireFlags(flags, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE);
  if (mask >= STATX_RESERVED || (flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return -EINVAL;
  const { inode, mount } = locate(t, dirfd, pathAt(t, path), flags);
  const isUnique = (mask & STATX_MNT_ID_UNIQUE) !== 0;
  t.user.copyOut(
    buffer,
    encodeStatx(statOf(t, inode), isUnique ? UNIQUE_MOUNT_IDS + mount.id : mount.id, isUnique, inode === mount.root),
  );
  return 0;
};

/** access(2) asks with the real ids unless AT_EACCESS. */
function access(t: Thread, dirfd: number, address: number, mode: number, flags: number): number {
  requireFlags(flags, AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  if (mode & ~(R_OK | W_OK | X_OK)) return -EINVAL;
  const path = pathAt(t, address);
  const { uid, gid } = t.credentials;
  const rights = withRealIds(t.credentials);
  const real: Caller = {
    fsuid: uid,
    fsgid: gid,
    groups: t.groups,
    pid: t.pid,
    fs: t.fs,
    capable: (capability, inode) => capableOver(rights, inode ?? { uid: 0, gid: 0 }, capability),
    saved: null,
    fileSizeLimit: t.fileSizeLimit,
  };
  const caller = flags & AT_EACCESS ? t : real;
  let location: Location;
  if (path === "") location = locate(t, dirfd, path, flags);
  else {
    const start = locate(t, path.charCodeAt(0) === 0x2f ? AT_FDCWD : dirfd, "", AT_EMPTY_PATH);
    location = t.kernel.vfs.lookup(caller, t.fs, start, path, !(flags & AT_SYMLINK_NOFOLLOW));
  }
  const { inode, mount } = location;
  if (mode & X_OK && isRegular(inode.mode) && mount.flags & MS_NOEXEC) return -EACCES;
  if (!permits(caller, inode, mode)) return -EACCES;
  if (mode & W_OK && (isRegular(inode.mode) || isDirectory(inode.mode)) && isReadOnly(mount)) return -EROFS;
  return 0;
}

function changeMode(t: Thread, location: Location, mode: number): number {
  const { inode, mount } = location;
  requireWritable(mount);
  requireOwner(t, inode);
  inode.chmod(keepsSetGroup(t, inode) ? mode : mode & ~S_ISGID);
  notifyLocation(location, inode, IN_ATTRIB);
  return 0;
}

/** Leaves owner or group as it is. */
const UNCHANGED = 0xffff_ffff;

/** Only root gives files away; an owner may choose among his groups. Set-id bits go (chown(2)). */
function changeOwner(t: Thread, location: Location, uid: number, gid: number): number {
  const { inode, mount } = location;
  requireWritable(mount);
  const { uids, gids } = t.credentials.userNamespace;
  const newUid = toKernel(uids, uid);
  const newGid = toKernel(gids, gid);
  if ((newUid < 0 && uid !== UNCHANGED) || (newGid < 0 && gid !== UNCHANGED)) return -EINVAL;
  if (!t.capable(CAP_CHOWN, inode)) {
    if (newUid !== -1 && (t.fsuid !== inode.uid || newUid !== inode.uid)) return -EPERM;
    if (newGid !== -1 && (t.fsuid !== inode.uid || (newGid !== inode.gid && !inGroup(t, newGid)))) return -EPERM;
  }
  // By the group that it had (chown_common).
  const mode = isDirectory(inode.mode) ? inode.mode : withoutSetId(t, inode);
  if (mode !== inode.mode) requireOwner(t, inode);
  inode.chown(newUid, newGid);
  inode.mode = mode;
  if (!isDirectory(mode)) dropCapabilities(inode);
  if (newUid !== -1 || newGid !== -1) notifyLocation(location, inode, IN_ATTRIB);
  return 0;
}

const fchmodat2: Handler = (t, dirfd, path, mode, flags) => {
  requireFlags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  return changeMode(t, locate(t, dirfd, pathAt(t, path), flags), mode);
};

const fchownat: Handler = (t, dirfd, path, uid, gid, flags) => {
  requireFlags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  return changeOwner(t, locate(t, dirfd, pathAt(t, path), flags), uid, gid);
};

const fchown: Handler = (t, fd, uid, gid) => changeOwner(t, locationOf(t, fileOf(t, fd)), uid, gid);

const umask: Handler = (t, mask) => {
  const old = t.fs.umask;
  t.fs.umask = mask & 0o777;
  return old;
};

const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;

/** What a time argument asks for. */
type NewTime = Timespec | "now" | "keep";

const isTime = (time: NewTime): boolean => typeof time === "string" || (time.nsec >= 0 && time.nsec <= 999_999_999);

function changeTimes(t: Thread, location: Location, atime: NewTime, mtime: NewTime): number {
  if (!isTime(atime) || !isTime(mtime)) return -EINVAL;
  if (atime === "keep" && mtime === "keep") return 0;
  const { inode } = location;
  requireWritable(location.mount);
  if (atime === "now" && mtime === "now") {
    if (!owns(t, inode)) require(t, location, W_OK);
  } else requireOwner(t, inode);
  const now = t.kernel.vfs.environment.now();
  const resolved = (time: NewTime) => (time === "now" ? now : time === "keep" ? null : time);
  inode.setTimes(resolved(atime), resolved(mtime));
  // Both are told of as attributes, one as if it were by a read or a write (fsnotify_change).
  notifyLocation(location, inode, atime === "keep" ? IN_MODIFY : mtime === "keep" ? IN_ACCESS : IN_ATTRIB);
  return 0;
}

/** Two struct timespec; nanoseconds may be UTIME_NOW or UTIME_OMIT. */
function readTimespecs(t: Thread, address: number): [NewTime, NewTime] {
  if (address === 0) return ["now", "now"];
  const one = (at: number): NewTime => {
    const nsec = t.user.i64(at + 8);
    if (nsec === UTIME_NOW) return "now";
    if (nsec === UTIME_OMIT) return "keep";
    return { sec: t.user.i64(at), nsec };
  };
  return [one(address), one(address + 16)];
}

/** Two struct timeval. */
function readTimevals(t: Thread, address: number): [NewTime, NewTime] {
  if (address === 0) return ["now", "now"];
  t.user.probe(address, 32, false);
  const one = (at: number): NewTime => {
    const usec = t.user.i64(at + 8);
    if (usec < 0 || usec > 999_999) throw new Errno(EINVAL);
    return { sec: t.user.i64(at), nsec: usec * 1000 };
  };
  return [one(address), one(address + 16)];
}

/** Without a path it is the descriptor itself, as futimens(3) has it. */
const utimensat: Handler = (t, dirfd, path, times, flags) => {
  const [atime, mtime] = readTimespecs(t, times);
  // Nothing is to be done, and nothing is looked at.
  if (atime === "keep" && mtime === "keep") return 0;
  if (path === 0 && dirfd !== AT_FDCWD) {
    if (flags !== 0) return -EINVAL;
    return changeTimes(t, locationOf(t, fileOf(t, dirfd)), atime, mtime);
  }
  requireFlags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  return changeTimes(t, locate(t, dirfd, pathAt(t, path), flags), atime, mtime);
};

const futimesat: Handler = (t, dirfd, path, times) => {
  const [atime, mtime] = readTimevals(t, times);
  const location = path === 0 ? locationOf(t, fileOf(t, dirfd)) : locate(t, dirfd, pathAt(t, path), 0);
  return changeTimes(t, location, atime, mtime);
};

/** struct utimbuf { long actime, modtime; }. */
const utime: Handler = (t, path, times) => {
  const at = (offset: number): NewTime => (times === 0 ? "now" : { sec: t.user.i64(times + offset), nsec: 0 });
  const [atime, mtime] = [at(0), at(8)];
  return changeTimes(t, locate(t, AT_FDCWD, pathAt(t, path), 0), atime, mtime);
};

function statfs(t: Thread, location: Location, buffer: number): number {
  const { mount, inode } = location;
  const pairs: [number, number][] = [
    [MS_NOSUID, ST_NOSUID],
    [MS_NODEV, ST_NODEV],
    [MS_NOEXEC, ST_NOEXEC],
    [MS_NOATIME, ST_NOATIME],
    [MS_NODIRATIME, ST_NODIRATIME],
    [MS_NOSYMFOLLOW, ST_NOSYMFOLLOW],
  ];
  let flags = isReadOnly(mount) ? ST_RDONLY : 0;
  for (const [mountFlag, flag] of pairs) if (mount.flags & mountFlag) flags |= flag;
  // What nobody mounted, pipes and sockets among others, has no flags of mounts.
  if (!(mount.flags & (MS_NOATIME | MS_STRICTATIME)) && mount !== t.kernel.vfs.hidden) flags |= ST_RELATIME;
  const { fileSystem } = inode;
  t.user.copyOut(buffer, encodeStatFs(fileSystem.statfs(), fileSystem.device, flags));
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(4, "stat", "path stat", (t, path, buffer) => newfstatat(t, AT_FDCWD, path, buffer, 0, 0, 0)),
  call(5, "fstat", "fd stat", fstat),
  call(6, "lstat", "path stat", (t, path, buffer) => newfstatat(t, AT_FDCWD, path, buffer, AT_SYMLINK_NOFOLLOW, 0, 0)),
  call(21, "access", "path access-mode", (t, path, mode) => access(t, AT_FDCWD, path, mode, 0)),
  call(90, "chmod", "path mode", (t, path, mode) => fchmodat2(t, AT_FDCWD, path, mode, 0, 0, 0)),
  call(91, "fchmod", "fd mode", (t, fd, mode) => changeMode(t, locationOf(t, fileOf(t, fd)), mode)),
  call(92, "chown", "path uid gid", (t, path, uid, gid) => fchownat(t, AT_FDCWD, path, uid, gid, 0, 0)),
  call(93, "fchown", "fd uid gid", fchown),
  call(94, "lchown", "path uid gid", (t, path, uid, gid) =>
    fchownat(t, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW, 0),
  ),
  call(95, "umask", "mode", umask),
  call(132, "utime", "path ptr", utime),
  call(137, "statfs", "path ptr", (t, path, buffer) => statfs(t, locate(t, AT_FDCWD, pathAt(t, path), 0), buffer)),
  call(138, "fstatfs", "fd ptr", (t, fd, buffer) => statfs(t, locationOf(t, t.files.file(fd)), buffer)),
  call(235, "utimes", "path ptr", (t, path, times) => futimesat(t, AT_FDCWD, path, times, 0, 0, 0)),
  call(260, "fchownat", "dirfd path uid gid at-flags", fchownat),
  call(261, "futimesat", "dirfd path ptr", futimesat),
  call(262, "newfstatat", "dirfd path stat at-flags", newfstatat),
  call(268, "fchmodat", "dirfd path mode", (t, dirfd, path, mode) => fchmodat2(t, dirfd, path, mode, 0, 0, 0)),
  call(269, "faccessat", "dirfd path access-mode", (t, dirfd, path, mode) => access(t, dirfd, path, mode, 0)),
  call(280, "utimensat", "dirfd path ptr at-flags", utimensat),
  call(332, "statx", "dirfd path at-flags uint ptr", statx),
  call(439, "faccessat2", "dirfd path access-mode at-flags", (t, dirfd, path, mode, flags) =>
    access(t, dirfd, path, mode, flags),
  ),
  call(452, "fchmodat2", "dirfd path mode at-flags", fchmodat2),
];
