/** Who may do what (credentials(7), path_resolution(7), capabilities(7)). */
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID } from "../abi/capability.ts";
import { EACCES, EPERM, EROFS, Errno } from "../abi/errno.ts";
import { W_OK, X_OK } from "../abi/fcntl.ts";
import { isDirectory, isRegular, isSymlink, S_IRWXG, S_ISGID, S_ISUID, S_ISVTX } from "../abi/stat.ts";
import { MS_RDONLY } from "../abi/statfs.ts";
import { ACL_GROUP, ACL_GROUP_OBJ, ACL_MASK, ACL_USER, FILE_CAPABILITY } from "../abi/xattr.ts";
import type { Acl } from "./acl.ts";
import type { Inode } from "./inode.ts";
import type { Location, Mount } from "./mount.ts";
import type { Caller } from "./types.ts";

export const inGroup = (caller: Caller, gid: number): boolean => caller.fsgid === gid || caller.groups.includes(gid);

/** Whether `caller` has all of the rights `want` (R_OK | W_OK | X_OK) on `inode`. Throws what those are told who are denied it. */
export function permits(caller: Caller, inode: Inode, want: number): boolean {
  const { mode, attributes } = inode;
  const denial = inode.denial(caller);
  if (denial !== 0) throw new Errno(-denial);
  if (caller.fsuid === inode.uid) {
    if ((want & ~(mode >> 6) & 7) === 0) return true;
  } else {
    const acl = attributes === null || (mode & S_IRWXG) === 0 ? null : attributes.acl("access");
    if (acl !== null) {
      if (aclPermits(caller, inode, acl, want & 7)) return true;
    } else if ((want & ~(mode >> (inGroup(caller, inode.gid) ? 3 : 0)) & 7) === 0) return true;
  }
  // Reading any file and searching any directory is a right of its own; nobody executes what no one may.
  const reads = isDirectory(mode) ? (want & W_OK) === 0 : (want & (W_OK | X_OK)) === 0;
  if (reads && caller.capable(CAP_DAC_READ_SEARCH, inode)) return true;
  const executable = (want & X_OK) === 0 || isDirectory(mode) || (mode & 0o111) !== 0;
  return (executable && caller.capable(CAP_DAC_OVERRIDE, inode)) || inode.isOwn(caller);
}

/** The rights that a list gives to one who is not the owner (acl(5), "Access check algorithm"). */
function aclPermits(caller: Caller, inode: Inode, acl: Acl, want: number): boolean {
  const mask = acl.find(({ tag }) => tag === ACL_MASK)?.rights ?? 7;
  const user = acl.find(({ tag, id }) => tag === ACL_USER && id === caller.fsuid);
  if (user) return (want & ~(user.rights & mask)) === 0;
  let inAny = false;
  for (const { tag, rights, id } of acl) {
    const gid = tag === ACL_GROUP_OBJ ? inode.gid : tag === ACL_GROUP ? id : -1;
    if (gid < 0 || !inGroup(caller, gid)) continue;
    inAny = true;
    if ((want & ~rights) === 0) return (want & ~mask) === 0;
  }
  return !inAny && (want & ~acl[acl.length - 1].rights) === 0;
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

export const owns = (caller: Caller, inode: Inode): boolean =>
  caller.fsuid === inode.uid || caller.capable(CAP_FOWNER, inode);

export function requireOwner(caller: Caller, inode: Inode): void {
  if (!owns(caller, inode)) throw new Errno(EPERM);
}

/** In a sticky directory only the owner of the entry or of the directory removes it (unlink(2)). */
export function requireRemovable(caller: Caller, directory: Inode, inode: Inode): void {
  if ((directory.mode & S_ISVTX) === 0 || caller.fsuid === directory.uid || owns(caller, inode)) return;
  throw new Errno(EPERM);
}

/** `caller` may leave the set-group-ID bit on what has the group of `inode` (in_group_or_capable of fs/attr.c). */
export const keepsSetGroup = (caller: Caller, inode: Inode): boolean =>
  inGroup(caller, inode.gid) || caller.capable(CAP_FSETID, inode);

/** Mode without the set-id bits that a change of owner by `caller` takes away (chown(2), setattr_should_drop_sgid). */
export function withoutSetId(caller: Caller, inode: Inode): number {
  let { mode } = inode;
  if ((mode & (S_ISUID | S_ISGID)) === 0) return mode;
  mode &= ~S_ISUID;
  if (mode & S_ISGID && (mode & 0o010 || !keepsSetGroup(caller, inode))) mode &= ~S_ISGID;
  return mode;
}

/** `caller` changes the content of `inode`: capabilities go, and set-id bits unless it may set any (write(2), truncate(2)). */
export function dropPrivileges(caller: Caller, inode: Inode): void {
  const { mode, attributes } = inode;
  if (!isRegular(mode)) return;
  if (attributes !== null) dropCapabilities(inode);
  if ((mode & (S_ISUID | S_ISGID)) === 0 || caller.capable(CAP_FSETID)) return;
  inode.mode = withoutSetId(caller, inode);
}

/** Capabilities of a file do not outlive its content or its owner (capabilities(7)). */
export function dropCapabilities({ attributes }: Inode): void {
  if (attributes?.get(FILE_CAPABILITY)) attributes.delete(FILE_CAPABILITY);
}
