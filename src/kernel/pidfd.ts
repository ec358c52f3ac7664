/** A process as a descriptor (pidfd_open(2)): it names the same process for good, whatever becomes of the pid. */
import { EBADF, Errno, ESRCH } from "../abi/errno.ts";
import { O_RDWR } from "../abi/fcntl.ts";
import { POLLHUP, POLLIN, POLLRDNORM } from "../abi/poll.ts";
import { File, PathFile } from "../fs/file.ts";
import { ProcDirectory } from "../fs/proc/node.ts";
import type { WaitQueue } from "../wait/queue.ts";
import type { Process, Thread } from "./task.ts";

export class PidFile extends File {
  readonly process: Process;

  /** `flags`: O_NONBLOCK or 0. */
  constructor(t: Thread, process: Process, flags: number) {
    super(t.kernel.vfs.anonymous.others.inode(0o700), flags | O_RDWR, null);
    this.process = process;
  }

  override get label(): string {
    return "anon_inode:[pidfd]";
  }

  override information(numberOf: (pid: number) => number): string {
    const { kernel, pid, pidNamespace } = this.process;
    if (this.reaped) return "Pid:\t-1\nNSpid:\t-1\n";
    const shown = numberOf(pid);
    const inner =
      shown === 0
        ? ""
        : kernel.pids
            .numbersFrom(pidNamespace, pid)
            .slice(1)
            .map((number) => `\t${number}`)
            .join("");
    return `Pid:\t${shown}\nNSpid:\t${shown}${inner}\n`;
  }

  /** The process has been waited for. */
  get reaped(): boolean {
    return this.process.kernel.processes.get(this.process.pid) !== this.process;
  }

  /** Readable once the process has ended. */
  override poll(): number {
    if (this.reaped) return POLLIN | POLLRDNORM | POLLHUP;
    return this.process.zombie ? POLLIN | POLLRDNORM : 0;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.process.exitEvent];
  }
}

/** What the descriptor `fd` names; throws EBADF. */
export function pidFile(t: Thread, fd: number): PidFile {
  const file = t.files.file(fd);
  if (!(file instanceof PidFile)) throw new Errno(EBADF);
  return file;
}

/** The process that pidfd_send_signal(2) means by `fd`, a pidfd or a directory /proc/[pid]: EBADF, ESRCH (tgid_pidfd_to_pid). */
export function signalTarget(t: Thread, fd: number): { readonly process: Process; readonly reaped: boolean } {
  const file = t.files.file(fd);
  const shown = file.inode instanceof ProcDirectory && !(file instanceof PathFile) ? file.inode.process : undefined;
  if (shown === undefined) return pidFile(t, fd);
  const process = shown.gone ? undefined : t.kernel.processes.get(shown.number);
  if (process === undefined) throw new Errno(ESRCH);
  return { process, reaped: false };
}
