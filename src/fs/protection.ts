/** What a machine refuses in directories that everyone may write to (proc_sys_fs(5), /proc/sys/fs/protected_*). */
import { EACCES, EPERM, Errno } from "../abi/errno.ts";
import { R_OK, W_OK } from "../abi/fcntl.ts";
import { isDirectory, isFifo, isRegular, S_ISGID, S_ISUID, S_ISVTX, S_IWGRP, S_IWOTH, S_IXGRP } from "../abi/stat.ts";
import type { Inode } from "./inode.ts";
import { owns, permits } from "./permission.ts";
import type { Caller, FsEnvironment } from "./types.ts";

export class Protection {
  symlinks = 0;
  hardlinks = 1;
  fifos = 0;
  regular = 0;
}

const protections = new WeakMap<FsEnvironment, Protection>();

/** That of a machine. */
export function protectionOf(environment: FsEnvironment): Protection {
  let own = protections.get(environment);
  if (!own) protections.set(environment, (own = new Protection()));
  return own;
}

/** EACCES for another's symbolic link at the end of a path, in a sticky directory for everyone (may_follow_link). */
export function requireFollowable(caller: Caller, directory: Inode, link: Inode): void {
  if (protectionOf(link.fileSystem.environment).symlinks === 0) return;
  const shared = (directory.mode & (S_ISVTX | S_IWOTH)) === (S_ISVTX | S_IWOTH);
  if (shared && link.uid !== caller.fsuid && link.uid !== directory.uid) throw new Errno(EACCES);
}

/** EACCES for opening with O_CREAT what another has put into a sticky directory (may_create_in_sticky). */
export function requireExpected(caller: Caller, directory: Inode, inode: Inode): void {
  if (!(directory.mode & S_ISVTX) || isDirectory(inode.mode)) return;
  const { fifos, regular } = protectionOf(inode.fileSystem.environment);
  const level = isRegular(inode.mode) ? regular : isFifo(inode.mode) ? fifos : 1;
  if (level === 0 || inode.uid === directory.uid || inode.uid === caller.fsuid) return;
  if (directory.mode & S_IWOTH || (directory.mode & S_IWGRP && level >= 2)) throw new Errno(EACCES);
}

/** EPERM for another name of another's file, unless the caller could read and write it and nobody's rights are in it. */
export function requireLinkable(caller: Caller, inode: Inode): void {
  if (protectionOf(inode.fileSystem.environment).hardlinks === 0 || owns(caller, inode)) return;
  const { mode } = inode;
  const setGroup = (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP);
  if (!isRegular(mode) || mode & S_ISUID || setGroup || !permits(caller, inode, R_OK | W_OK)) throw new Errno(EPERM);
}
