/** A process of another machine as a descriptor (pidfd_open(2)). */
import { EINVAL } from "../abi/errno.ts";
import { O_RDWR } from "../abi/fcntl.ts";
import { File } from "../fs/file.ts";
import type { Thread } from "./task.ts";

export class RemotePidFile extends File {
  readonly pid: number;

  /** `flags`: O_NONBLOCK or 0. */
  constructor(t: Thread, pid: number, flags: number) {
    super(t.kernel.vfs.anonymous.others.inode(0o700), flags | O_RDWR, null);
    this.pid = pid;
  }

  override get label(): string {
    return "anon_inode:[pidfd]";
  }

  /** Nothing tells of its end: only a signal does, by ESRCH. */
  override poll(): number {
    return 0;
  }

  override seek(): number {
    return -EINVAL;
  }
}
