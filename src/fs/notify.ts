/**
 * Who is told of what happens to inodes (Linux's fsnotify): inotify(7) and F_NOTIFY of fcntl(2) put marks on inodes, and the
 * operations that start from a path or an open file report to them. An inode without marks costs one comparison.
 */
import {
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_EXCL_UNLINK,
  IN_ISDIR,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_UNMOUNT,
} from "../abi/inotify.ts";
import { isDirectory } from "../abi/stat.ts";
import type { FileSystem } from "./filesystem.ts";
import type { Directory, Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import type { Caller } from "./types.ts";

/** Someone who wants to know of an inode. */
export interface Mark {
  /** IN_* events that it wants, and IN_EXCL_UNLINK. */
  readonly mask: number;
  /** `name` is the entry of the marked directory that it is about; null for the inode itself. */
  handle(mask: number, name: string | null, cookie: number): void;
  /** The inode is no more. */
  end(): void;
}

/** For lookups in directories whose names are the same for everyone. */
export const ANYONE: Caller = {
  fsuid: 0,
  fsgid: 0,
  groups: [],
  pid: 1,
  capable: () => true,
  saved: null,
  fileSizeLimit: Number.POSITIVE_INFINITY,
};

/** An entry was renamed within its directory: not an event of inotify(7). */
export const RENAMED_WITHIN = 0x1000_0000;

let lastCookie = 0;

function send(inode: Inode, mask: number, name: string | null, cookie: number, unlinked?: () => boolean): void {
  for (const mark of [...inode.marks!]) {
    if ((mark.mask & mask) === 0) continue;
    if (mark.mask & IN_EXCL_UNLINK && unlinked?.()) continue;
    mark.handle(mask, name, cookie);
  }
}

/** To those who watch `inode` itself. */
export function notifyInode(inode: Inode, mask: number): void {
  if (inode.marks === null) return;
  const kind = isDirectory(inode.mode) && (mask & (IN_MOVE_SELF | IN_DELETE_SELF)) === 0 ? IN_ISDIR : 0;
  send(inode, mask | kind, null, 0);
}

/** To those who watch the directory that `location` is in, and to those who watch it itself. */
export function notifyLocation(location: Location | null, inode: Inode, mask: number): void {
  let parent: Directory | null;
  let name: string;
  if (isDirectory(inode.mode)) ({ parent, name } = inode as Directory);
  else if (location !== null) ({ parent, name } = location);
  else parent = null;
  if (parent === inode) parent = null;
  if (parent === null || parent.marks === null) {
    notifyInode(inode, mask);
    return;
  }
  const kind = isDirectory(inode.mode) ? IN_ISDIR : 0;
  const unlinked = () => parent.removed || parent.lookup(name, ANYONE) !== inode;
  send(parent, mask | kind, name!, 0, unlinked);
  notifyInode(inode, mask);
}

/** An entry came to be in `directory`. */
export function notifyCreated(directory: Inode, name: string, inode: Inode): void {
  if (directory.marks !== null) send(directory, IN_CREATE | (isDirectory(inode.mode) ? IN_ISDIR : 0), name, 0);
}

/** `inode` has got a further name. */
export function notifyLinked(directory: Inode, name: string, inode: Inode): void {
  notifyInode(inode, IN_ATTRIB);
  notifyCreated(directory, name, inode);
}

/** `name` of `directory` is gone, which was `inode`. */
export function notifyRemoved(directory: Inode, name: string, inode: Inode): void {
  if (isDirectory(inode.mode)) releaseMarks(inode);
  else notifyInode(inode, IN_ATTRIB);
  if (directory.marks !== null) send(directory, IN_DELETE | (isDirectory(inode.mode) ? IN_ISDIR : 0), name, 0);
  releaseMarks(inode);
}

/** `inode` has moved, and what had its new name before has lost it. */
export function notifyMoved(
  from: Inode,
  name: string,
  to: Inode,
  newName: string,
  inode: Inode,
  replaced: Inode | null,
): void {
  lastCookie = (lastCookie + 1) | 0;
  const kind = isDirectory(inode.mode) ? IN_ISDIR : 0;
  if (from === to && from.marks !== null) send(from, RENAMED_WITHIN, name, 0);
  if (from.marks !== null) send(from, IN_MOVED_FROM | kind, name, lastCookie);
  if (to.marks !== null) send(to, IN_MOVED_TO | kind, newName, lastCookie);
  if (replaced !== null) notifyInode(replaced, IN_ATTRIB);
  notifyInode(inode, IN_MOVE_SELF);
  if (replaced !== null) releaseMarks(replaced);
}

/** Ends the marks of an inode that has neither names nor users any more. */
export function releaseMarks(inode: Inode): void {
  if (inode.marks === null || inode.nlink > 0 || inode.isHeld) return;
  const { marks } = inode;
  notifyInode(inode, IN_DELETE_SELF);
  inode.marks = null;
  for (const mark of [...marks]) mark.end();
}

/** The file system is mounted nowhere any more, and nobody uses it: its watched inodes are no more, the newest first. */
export function notifyUnmounted(fileSystem: FileSystem): void {
  const inodes = [...(fileSystem.marked ?? [])].sort((a, b) => b.ino - a.ino);
  for (const inode of inodes) {
    const { marks } = inode;
    if (marks === null) continue;
    send(inode, IN_UNMOUNT | (isDirectory(inode.mode) ? IN_ISDIR : 0), null, 0);
    inode.marks = null;
    for (const mark of [...marks]) mark.end();
  }
  fileSystem.marked = null;
}
