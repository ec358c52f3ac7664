/** Making, linking, moving and removing names (mkdir(2), mknod(2), link(2), unlink(2), rmdir(2), rename(2)). */
import { CAP_MKNOD } from "../abi/capability.ts";
import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  Errno,
  EXDEV,
} from "../abi/errno.ts";
import { RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, W_OK, X_OK } from "../abi/fcntl.ts";
import { isBlockDevice, isCharacterDevice, isDirectory, S_IFDIR, S_IFLNK } from "../abi/stat.ts";
import type { FsContext } from "./context.ts";
import { asDirectory, type Directory, type Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { notifyLinked, notifyMoved, notifyRemoved } from "./notify.ts";
import { permits, requireRemovable, requireWritable } from "./permission.ts";
import { requireLinkable } from "./protection.ts";
import type { Caller } from "./types.ts";
import type { Vfs } from "./vfs.ts";
import type { Walk } from "./walk.ts";

const isDots = (name: string): boolean => name === "." || name === ".." || name === "";

/** The parent in which a name is to be made; EEXIST when it is there already, ENOENT for a slash behind a new non-directory. */
function newName(found: Walk, directory: boolean): Location {
  if (isDots(found.name) || found.target || !found.parent) throw new Errno(EEXIST);
  if (found.slash && !directory) throw new Errno(ENOENT);
  return found.parent;
}

/** mkdir(2). */
export function makeDirectory(
  vfs: Vfs,
  caller: Caller,
  context: FsContext,
  start: Location,
  path: string,
  mode: number,
): void {
  const found = vfs.lookupName(caller, context, start, path);
  vfs.create(caller, context, newName(found, true), found.name, (mode & 0o1777) | S_IFDIR);
}

/** mknod(2); only the superuser makes devices. */
export function makeNode(
  vfs: Vfs,
  caller: Caller,
  context: FsContext,
  start: Location,
  path: string,
  mode: number,
  rdev: number,
): Inode {
  const found = vfs.lookupName(caller, context, start, path);
  const parent = newName(found, false);
  if ((isCharacterDevice(mode) || isBlockDevice(mode)) && !caller.capable(CAP_MKNOD)) throw new Errno(EPERM);
  return vfs.create(caller, context, parent, found.name, mode, rdev);
}

/** symlink(2). */
export function makeSymlink(
  vfs: Vfs,
  caller: Caller,
  context: FsContext,
  target: string,
  start: Location,
  path: string,
): void {
  if (target === "") throw new Errno(ENOENT);
  const found = vfs.lookupName(caller, context, start, path);
  vfs.create(caller, context, newName(found, false), found.name, S_IFLNK | 0o777, 0, target);
}

/** link(2) to what `old` is. */
export function makeLink(
  vfs: Vfs,
  caller: Caller,
  context: FsContext,
  old: Location,
  start: Location,
  path: string,
): void {
  const found = vfs.lookupName(caller, context, start, path);
  const parent = newName(found, false);
  const { inode } = old;
  requireWritable(parent.mount);
  if (old.mount !== parent.mount) throw new Errno(EXDEV);
  requireLinkable(caller, inode);
  requireModifiable(caller, parent);
  if (isDirectory(inode.mode)) throw new Errno(EPERM);
  if (inode.nlink === 0 && !inode.linkable) throw new Errno(ENOENT);
  asDirectory(parent.inode).link(found.name, inode);
  notifyLinked(parent.inode, found.name, inode);
}

/** unlink(2). */
export function removeName(vfs: Vfs, caller: Caller, context: FsContext, start: Location, path: string): void {
  const found = vfs.lookupName(caller, context, start, path);
  if (isDots(found.name)) throw new Errno(EISDIR);
  if (found.parent) requireWritable(found.parent.mount);
  const { parent, target } = removable(found);
  if (found.slash) throw new Errno(isDirectory(target.inode.mode) ? EISDIR : ENOTDIR);
  requireModifiable(caller, parent);
  requireRemovable(caller, parent.inode, target.inode);
  if (isDirectory(target.inode.mode)) throw new Errno(EISDIR);
  if (target.mount !== parent.mount) throw new Errno(EBUSY);
  (parent.inode as Directory).unlink(found.name, target.inode);
  notifyRemoved(parent.inode, found.name, target.inode);
}

/** rmdir(2). */
export function removeDirectory(vfs: Vfs, caller: Caller, context: FsContext, start: Location, path: string): void {
  const found = vfs.lookupName(caller, context, start, path);
  if (found.name === ".") throw new Errno(EINVAL);
  if (found.name === "..") throw new Errno(ENOTEMPTY);
  if (found.name === "") throw new Errno(EBUSY);
  if (found.parent) requireWritable(found.parent.mount);
  const { parent, target } = removable(found);
  requireModifiable(caller, parent);
  requireRemovable(caller, parent.inode, target.inode);
  const directory = asDirectory(target.inode);
  if (target.mount !== parent.mount || directory === context.root.inode) throw new Errno(EBUSY);
  if (!directory.isEmpty(caller)) throw new Errno(ENOTEMPTY);
  (parent.inode as Directory).unlink(found.name, directory);
  notifyRemoved(parent.inode, found.name, directory);
}

/** rename(2) and renameat2(2). */
export function renameName(
  vfs: Vfs,
  caller: Caller,
  context: FsContext,
  oldStart: Location,
  oldPath: string,
  newStart: Location,
  newPath: string,
  flags: number,
): void {
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  const from = vfs.lookupName(caller, context, oldStart, oldPath);
  const to = vfs.lookupName(caller, context, newStart, newPath);
  if (isDots(from.name)) throw new Errno(EBUSY);
  if (isDots(to.name)) throw new Errno(flags & RENAME_NOREPLACE ? EEXIST : EBUSY);
  if (from.parent!.mount !== to.parent!.mount) throw new Errno(EXDEV);
  requireWritable(to.parent!.mount);
  const { parent: source, target: old } = removable(from);
  const target = to.parent!;
  if (to.target ? flags & RENAME_NOREPLACE : exchange) throw new Errno(to.target ? EEXIST : ENOENT);
  const moved = old.inode;
  const replaced = to.target?.inode ?? null;
  if (exchange && to.slash && !isDirectory(replaced!.mode)) throw new Errno(ENOTDIR);
  if (!isDirectory(moved.mode) && (from.slash || (!exchange && to.slash))) throw new Errno(ENOTDIR);
  // A directory cannot go into itself, nor can it replace one that holds it.
  if (isDirectory(moved.mode) && isWithin(target.inode as Directory, moved)) throw new Errno(EINVAL);
  if (replaced && isDirectory(replaced.mode) && isWithin(source.inode as Directory, replaced)) {
    throw new Errno(exchange ? EINVAL : ENOTEMPTY);
  }
  if (moved === replaced) return;
  requireModifiable(caller, source);
  requireModifiable(caller, target);
  requireRemovable(caller, source.inode, moved);
  if (replaced) {
    requireRemovable(caller, target.inode, replaced);
    if (!exchange) {
      if (isDirectory(moved.mode) && !isDirectory(replaced.mode)) throw new Errno(ENOTDIR);
      if (!isDirectory(moved.mode) && isDirectory(replaced.mode)) throw new Errno(EISDIR);
    }
  }
  if (old.mount !== source.mount || (to.target && to.target.mount !== target.mount)) throw new Errno(EBUSY);
  // `..` changes in a directory that moves: it must be writable.
  if (source.inode !== target.inode && isDirectory(moved.mode) && !permits(caller, moved, W_OK))
    throw new Errno(EACCES);
  if (replaced && !exchange && isDirectory(replaced.mode) && !(replaced as Directory).isEmpty(caller)) {
    throw new Errno(ENOTEMPTY);
  }
  const whiteout = flags & RENAME_WHITEOUT ? vfs.whiteout(caller, source.inode) : null;
  const directory = source.inode as Directory;
  directory.rename(from.name, moved, target.inode as Directory, to.name, replaced, exchange, whiteout);
  notifyMoved(source.inode, from.name, target.inode, to.name, moved, exchange ? null : replaced);
  if (exchange) notifyMoved(target.inode, to.name, source.inode, from.name, replaced!, null);
}

function removable(found: Walk): { parent: Location; target: Location } {
  if (!found.target || !found.parent) throw new Errno(ENOENT);
  return { parent: found.parent, target: found.target };
}

function requireModifiable(caller: Caller, directory: Location): void {
  if (!permits(caller, directory.inode, W_OK | X_OK)) throw new Errno(EACCES);
}

/** `directory` is `ancestor` or below it, in one file system. */
function isWithin(directory: Directory, ancestor: Inode): boolean {
  for (let at = directory; ; at = at.parent) {
    if (at === ancestor) return true;
    if (at.parent === at) return false;
  }
}
