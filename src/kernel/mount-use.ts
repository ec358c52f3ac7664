/** Who uses a mount, and who may change mounts. */
import { CAP_SYS_ADMIN } from "../abi/capability.ts";
import { isDirectory, isRegular } from "../abi/stat.ts";
import { MS_NOATIME, MS_NODIRATIME, MS_STRICTATIME } from "../abi/statfs.ts";
import type { File } from "../fs/file.ts";
import type { FileSystem } from "../fs/filesystem.ts";
import type { Location, Mount } from "../fs/mount.ts";
import { notifyUnmounted } from "../fs/notify.ts";
import { capableIn } from "./capabilities.ts";
import type { Kernel } from "./kernel.ts";
import { ownerOf } from "./namespaces.ts";
import type { Thread } from "./task.ts";

export const mayMount = (t: Thread): boolean => capableIn(t.credentials, ownerOf(t.namespaces.mnt), CAP_SYS_ADMIN);

/** The mount is in the tree that the thread sees (check_mnt). */
export const isOwn = (t: Thread, mount: Mount): boolean => mount.namespace === t.namespaces.mnt;

/** The place is all that its mount shows (path_mounted). */
export const isMountPoint = ({ mount, inode }: Location): boolean => inode === mount.root;

/** Flags about access times: these are chosen together. */
export const ATIME = MS_NOATIME | MS_NODIRATIME | MS_STRICTATIME;

/** Whether the mount may have `flags`: those that are locked stay (can_change_locked_flags). */
export const mayHaveFlags = ({ lockedFlags }: Mount, flags: number): boolean =>
  lockedFlags === null || ((lockedFlags & ~(flags | ATIME)) === 0 && (lockedFlags & ATIME) === (flags & ATIME));

/** A process works, or has something open, in the mount. */
export function isBusy(kernel: Kernel, mount: Mount): boolean {
  const holds = (location: Location | null) => location?.mount === mount;
  for (const { fs, process } of kernel.threads.values()) {
    if (holds(fs.cwd) || holds(fs.root) || holds(process.executableLocation)) return true;
  }
  for (const file of openFiles(kernel)) if (holds(file.location)) return true;
  return false;
}

/** Something is open for writing in the mount, or anywhere in the file system. */
export function hasWriters(kernel: Kernel, where: Mount | FileSystem): boolean {
  for (const { location, writable, inode } of openFiles(kernel)) {
    if (!writable || location === null || !(isRegular(inode.mode) || isDirectory(inode.mode))) continue;
    if (location.mount === where || location.mount.fileSystem === where) return true;
  }
  return false;
}

/** A mount of `fileSystem` went: when it was the last, and nobody has anything of it, those who watch it are told. */
export function endWatches(kernel: Kernel, fileSystem: FileSystem): void {
  if (fileSystem.marked === null) return;
  const holds = (location: Location | null) => location?.mount.fileSystem === fileSystem;
  let used = false;
  for (const { fs, process, namespaces } of kernel.threads.values()) {
    if (namespaces.mnt.mounts.some((mount) => mount.fileSystem === fileSystem)) return;
    used ||= holds(fs.cwd) || holds(fs.root) || holds(process.executableLocation);
  }
  for (const file of openFiles(kernel)) used ||= holds(file.location);
  fileSystem.released = used ? () => endWatches(kernel, fileSystem) : null;
  if (!used) notifyUnmounted(fileSystem);
}

/** Those of all descriptors. */
export function* openFiles(kernel: Kernel): Iterable<File> {
  const tables = new Set([...kernel.threads.values()].map((t) => t.files));
  for (const files of tables) for (const [, file] of files.entries()) yield file;
}

/** Root and working directory of every thread that are at `from` become `to` (chroot_fs_refs). */
export function moveRoots(kernel: Kernel, from: Location, to: Location): void {
  for (const { fs } of kernel.threads.values()) {
    if (fs.root.same(from)) fs.root = to;
    if (fs.cwd.same(from)) fs.cwd = to;
  }
}
