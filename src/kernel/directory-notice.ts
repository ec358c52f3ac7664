/** F_NOTIFY of fcntl(2): signals about what happens in a directory (dnotify). */

import { EINVAL, ENOTDIR } from "../abi/errno.ts";
import {
  DN_ACCESS,
  DN_ATTRIB,
  DN_CREATE,
  DN_DELETE,
  DN_MODIFY,
  DN_MULTISHOT,
  DN_RENAME,
  F_OWNER_PID,
} from "../abi/fcntl.ts";
import { IN_ACCESS, IN_ATTRIB, IN_CREATE, IN_DELETE, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO } from "../abi/inotify.ts";
import { POLL_MSG } from "../abi/poll.ts";
import { isDirectory } from "../abi/stat.ts";
import type { File } from "../fs/file.ts";
import { type Mark, RENAMED_WITHIN } from "../fs/notify.ts";
import type { Kernel } from "./kernel.ts";
import { signalReady } from "./owner-signal.ts";
import type { Thread } from "./task.ts";

const EVENTS: readonly (readonly [asked: number, events: number])[] = [
  [DN_ACCESS, IN_ACCESS],
  [DN_MODIFY, IN_MODIFY],
  [DN_CREATE, IN_CREATE | IN_MOVED_TO],
  [DN_DELETE, IN_DELETE | IN_MOVED_FROM],
  [DN_RENAME, RENAMED_WITHIN],
  [DN_ATTRIB, IN_ATTRIB],
];
const VALID = EVENTS.reduce((all, [asked]) => all | asked, DN_MULTISHOT);

class DirectoryNotice implements Mark {
  readonly #kernel: Kernel;
  readonly #file: File;
  mask = 0;
  repeats = false;

  constructor(kernel: Kernel, file: File) {
    this.#kernel = kernel;
    this.#file = file;
    file.inode.marks ??= new Set();
    file.inode.marks.add(this);
    file.watches ??= new Set();
    file.watches.add(this);
  }

  handle(): void {
    if (!this.repeats) this.closed();
    signalReady(this.#kernel, this.#file, POLL_MSG);
  }

  end(): void {
    this.closed();
  }

  closed(): void {
    const { inode, watches } = this.#file;
    inode.marks?.delete(this);
    if (inode.marks?.size === 0) inode.marks = null;
    watches?.delete(this);
  }
}

/** What is asked for is added to what was; nothing ends it. The caller becomes the owner unless there is one. */
export function notifyDirectory(t: Thread, file: File, asked: number): number {
  let notice: DirectoryNotice | undefined;
  for (const watch of file.watches ?? []) if (watch instanceof DirectoryNotice) notice = watch;
  if ((asked & ~DN_MULTISHOT) === 0) {
    notice?.closed();
    return 0;
  }
  if (!isDirectory(file.inode.mode)) return -ENOTDIR;
  if ((asked & VALID) === 0) return -EINVAL;
  notice ??= new DirectoryNotice(t.kernel, file);
  for (const [bit, events] of EVENTS) if (asked & bit) notice.mask |= events;
  if (asked & DN_MULTISHOT) notice.repeats = true;
  if (file.owner !== 0) return 0;
  file.owner = t.pid;
  file.ownerType = F_OWNER_PID;
  file.ownerUser = { uid: t.credentials.uid, euid: t.credentials.euid };
  return 0;
}
