/** Signals to the owner of an open file description (fcntl(2): F_SETOWN, F_SETSIG, O_ASYNC), as fs/fcntl.c sends them. */
import { F_OWNER_PGRP, F_OWNER_TID } from "../abi/fcntl.ts";
import {
  POLL_ERR,
  POLL_HUP,
  POLL_IN,
  POLL_MSG,
  POLL_OUT,
  POLL_PRI,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLMSG,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../abi/poll.ts";
import { SIGINFO_SIZE, SIGIO, type SignalInfo } from "../abi/signal.ts";
import type { File } from "../fs/file.ts";
import { InotifyFile } from "../fs/inotify.ts";
import { PipeFile } from "../fs/pipe.ts";
import { TtyFile } from "../fs/tty/tty-file.ts";
import type { Waiter, WaitQueue } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import { kernelInfo, sendToProcess, sendToThread } from "./signal/send.ts";
import type { Process } from "./task.ts";

/** si_band: the same as events of poll(2). */
const BANDS: Record<number, number> = {
  [POLL_IN]: POLLIN | POLLRDNORM,
  [POLL_OUT]: POLLOUT | POLLWRNORM | POLLWRBAND,
  [POLL_MSG]: POLLIN | POLLRDNORM | POLLMSG,
  [POLL_ERR]: POLLERR,
  [POLL_PRI]: POLLPRI | POLLRDBAND,
  [POLL_HUP]: POLLHUP | POLLERR,
};

/** SIGIO, or with F_SETSIG that signal and a siginfo, because of `code`. */
export function signalReady(kernel: Kernel, file: File, code: number): void {
  if (file.ownerSignal === 0) {
    signalOwner(kernel, file, kernelInfo(SIGIO));
    return;
  }
  const raw = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(raw.buffer);
  view.setInt32(8, code, true);
  view.setInt32(16, BANDS[code], true);
  signalOwner(kernel, file, { signal: file.ownerSignal, code, errno: 0, layout: "raw", raw });
}

/** A signal to the owner of a description, if the user who named the owner may send it one (send_sigio). */
export function signalOwner(kernel: Kernel, file: File, info: SignalInfo): void {
  const { owner, ownerType } = file;
  if (owner === 0) return;
  const { uid, euid } = file.ownerUser ?? { uid: file.inode.uid, euid: file.inode.uid };
  const permitted = ({ credentials }: Process): boolean =>
    euid === 0 || [uid, euid].some((user) => user === credentials.uid || user === credentials.suid);
  if (ownerType === F_OWNER_TID) {
    const t = kernel.threads.get(owner);
    if (t !== undefined && permitted(t.process)) sendToThread(t, withDescriptor(info, t.process, file));
    return;
  }
  for (const p of kernel.processes.values()) {
    const meant = owner < 0 ? p.pgid === -owner : p.pid === owner;
    if (meant && !p.zombie && permitted(p)) sendToProcess(p, withDescriptor(info, p, file));
  }
}

/** si_fd: the descriptor that the process has for it. */
function withDescriptor(info: SignalInfo, { files }: Process, file: File): SignalInfo {
  if (info.raw === undefined) return info;
  const raw = info.raw.slice();
  for (const [fd, open] of files.entries()) {
    if (open !== file) continue;
    new DataView(raw.buffer).setInt32(24, fd, true);
    break;
  }
  return { ...info, raw };
}

/** Tells the owner of a pipe's end, a terminal or an inotify instance of each change for as long as O_ASYNC is set. */
class AsyncNotice implements Waiter {
  readonly #kernel: Kernel;
  readonly #file: File;

  constructor(kernel: Kernel, file: File) {
    this.#kernel = kernel;
    this.#file = file;
    for (const queue of file.asyncQueues) queue.add(this);
    file.watches ??= new Set();
    file.watches.add(this);
  }

  wake(queue: WaitQueue): void {
    queue.add(this);
    signalReady(this.#kernel, this.#file, queue.events & POLLOUT ? POLL_OUT : POLL_IN);
  }

  /** The description goes, or O_ASYNC does. */
  closed(): void {
    for (const queue of this.#file.asyncQueues) queue.delete(this);
    this.#file.watches?.delete(this);
  }
}

/** Of the descriptions here, those that can tell their owner; sockets do it themselves (net/async.ts). */
export const isAsynchronous = (file: File): boolean =>
  file instanceof PipeFile || file instanceof InotifyFile || file instanceof TtyFile;

/** O_ASYNC of `file` is set or cleared. A terminal without an owner gets its foreground group (tty_fasync). */
export function setAsynchronous(kernel: Kernel, file: File, on: boolean): void {
  if (!isAsynchronous(file)) return;
  for (const watch of [...(file.watches ?? [])]) if (watch instanceof AsyncNotice) watch.closed();
  if (!on) return;
  new AsyncNotice(kernel, file);
  if (!(file instanceof TtyFile) || file.owner !== 0) return;
  file.owner = -file.terminal.foreground;
  file.ownerType = F_OWNER_PGRP;
}
