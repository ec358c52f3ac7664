/** eventfd(2). */
import { EFD_SEMAPHORE } from "../../abi/epoll.ts";
import { EINVAL } from "../../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK } from "../../abi/fcntl.ts";
import { EventFile } from "../../fs/eventfd.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

function eventfd2(t: Thread, initial: number, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | EFD_SEMAPHORE)) return -EINVAL;
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const inode = t.kernel.vfs.anonymous.others.inode(0o600);
  const file = new EventFile(inode, flags & O_NONBLOCK, initial, (flags & EFD_SEMAPHORE) !== 0);
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

export const rows: readonly SyscallRow[] = [
  call(284, "eventfd", "uint", (t, initial) => eventfd2(t, initial, 0)),
  call(290, "eventfd2", "uint eventfd-flags", eventfd2),
];
