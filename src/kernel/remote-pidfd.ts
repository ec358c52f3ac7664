/** A process of another machine as a descriptor (pidfd_open(2)), and how machines tell each other of ends. */
import { ESRCH } from "../abi/errno.ts";
import { O_RDWR } from "../abi/fcntl.ts";
import { POLLHUP, POLLIN, POLLRDNORM } from "../abi/poll.ts";
import { File } from "../fs/file.ts";
import { type Waiter, WaitQueue } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import type { EndNotice } from "./namespace-port.ts";
import type { Process, Thread } from "./task.ts";

/** The answer to who watches a process that has ended and has not been waited for. */
const ZOMBIE = 1;

/** What is known of a watched process. */
class Watched {
  ended = false;
  reaped = false;
  readonly event = new WaitQueue(POLLIN | POLLRDNORM | POLLHUP);
}

export class RemotePidFile extends File {
  readonly pid: number;
  readonly #watched: Watched;

  /** `flags`: O_NONBLOCK or 0. */
  constructor(t: Thread, pid: number, flags: number) {
    super(t.kernel.vfs.anonymous.others.inode(0o700), flags | O_RDWR, null);
    this.pid = pid;
    this.#watched = t.kernel.remote!.watched.of(t.kernel, pid);
  }

  override get label(): string {
    return "anon_inode:[pidfd]";
  }

  override information(numberOf: (pid: number) => number): string {
    const pid = this.reaped ? -1 : numberOf(this.pid);
    return `Pid:\t${pid}\nNSpid:\t${pid}\n`;
  }

  get reaped(): boolean {
    return this.#watched.reaped;
  }

  /** Readable once its machine, or the death of that, has told of the end. */
  override poll(): number {
    if (this.#watched.reaped) return POLLIN | POLLRDNORM | POLLHUP;
    return this.#watched.ended ? POLLIN | POLLRDNORM : 0;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#watched.event];
  }
}

export class WatchedProcesses {
  /** Of other machines, by pid: those that descriptors name here and that have not been waited for. */
  readonly #others = new Map<number, Watched>();
  /** Of this machine: those whose end others are told of. */
  readonly #own = new WeakSet<Process>();

  of(kernel: Kernel, pid: number): Watched {
    let watched = this.#others.get(pid);
    if (watched !== undefined) return watched;
    this.#others.set(pid, (watched = new Watched()));
    void this.#ask(kernel, pid);
    return watched;
  }

  async #ask({ remote }: Kernel, pid: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = remote!.call({ op: "watch", id: pid });
    call.queue.add({ wake: () => resolve() });
    await promise;
    if (call.answer !== 0) this.ended({ op: "ended", id: pid, reaped: call.answer !== ZOMBIE });
  }

  /** Another machine wants to know of the end of a process of this one: 0, ZOMBIE, or ESRCH when nobody has the pid. */
  watch(kernel: Kernel, pid: number): number {
    const p = kernel.processes.get(pid);
    if (p === undefined) return -ESRCH;
    if (!this.#own.has(p)) {
      this.#own.add(p);
      p.exitEvent.add(new EndOf(p));
    }
    return p.zombie ? ZOMBIE : 0;
  }

  /** A process of another machine has ended. */
  ended({ id, reaped }: EndNotice): void {
    const watched = this.#others.get(id);
    if (watched === undefined) return;
    watched.ended = true;
    watched.reaped ||= reaped;
    if (reaped) this.#others.delete(id);
    watched.event.wake();
  }
}

/** Tells the namespace when a process ends and when it is waited for. */
class EndOf implements Waiter {
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  wake(queue: WaitQueue): void {
    const { kernel, pid } = this.#process;
    const reaped = kernel.processes.get(pid) !== this.#process;
    kernel.remote?.tell({ op: "ended", id: pid, reaped });
    if (!reaped) queue.add(this);
  }
}
