/** Who may do what (credentials(7), path_resolution(7)). A file system uid of 0 stands for all capabilities. */
import { EACCES, EPERM, EROFS, Errno } from "../abi/errno.ts";
import { R_OK, W_OK, X_OK } from "../abi/fcntl.ts";
import { isDirectory, isRegular, isSymlink, S_ISGID, S_ISUID, S_ISVTX } from "../abi/stat.ts";
import { MS_RDONLY } from "../abi/statfs.ts";
import type { Inode } from "./inode.ts";
import type { Location, Mount } from "./mount.ts";
import type { Caller } from "./types.ts";

export const inGroup = (caller: Caller, gid: number): boolean => caller.fsgid === gid || caller.groups.includes(gid);

/** Whether `caller` has all of the rights `want` (R_OK | W_OK | X_OK) on `inode`. */
export function permits(caller: Caller, inode: Inode, want: number): boolean {
  const { mode } = inode;
  if (caller.fsuid === 0) return (want & X_OK) === 0 || isDirectory(mode) || (mode & 0o111) !== 0;
  const shift = caller.fsuid === inode.uid ? 6 : inGroup(caller, inode.gid) ? 3 : 0;
  return (want & (R_OK | W_OK | X_OK) & ~(mode >> shift)) === 0;
}

/** EACCES without the rights; EROFS for writing what a read-only file system or mount holds. */
export function require(caller: Caller, location: Location, want: number): void {
  const { inode, mount } = location;
  if (want & W_OK && isStored(inode) && isReadOnly(mount)) throw new Errno(EROFS);
  if (!permits(caller, inode, want)) throw new Errno(EACCES);
}

/** Devices, FIFOs and sockets can be written through a read-only mount. */
const isStored = (inode: Inode): boolean => isRegular(inode.mode) || isDirectory(inode.mode) || isSymlink(inode.mode);

export const isReadOnly = (mount: Mount): boolean => (mount.flags & MS_RDONLY) !== 0 || mount.fileSystem.readOnly;

export function requireWritable(mount: Mount): void {
  if (isReadOnly(mount)) throw new Errno(EROFS);
}

export const owns = (caller: Caller, inode: Inode): boolean => caller.fsuid === 0 || caller.fsuid === inode.uid;

export function requireOwner(caller: Caller, inode: Inode): void {
  if (!owns(caller, inode)) throw new Errno(EPERM);
}

/** In a sticky directory only the owner of the entry or of the directory removes it (unlink(2)). */
export function requireRemovable(caller: Caller, directory: Inode, inode: Inode): void {
  if (directory.mode & S_ISVTX && !owns(caller, inode) && !owns(caller, directory)) throw new Errno(EPERM);
}

/** Mode without the set-id bits that a change of owner or content by `caller` takes away (chown(2), write(2)). */
export function withoutSetId(caller: Caller, inode: Inode): number {
  let { mode } = inode;
  if (caller.fsuid === 0 || !isRegular(mode)) return mode;
  mode &= ~S_ISUID;
  if (mode & 0o010) mode &= ~S_ISGID;
  return mode;
}
