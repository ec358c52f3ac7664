/**
 * seccomp user notifications (seccomp_unotify(2), kernel/seccomp.c): a system call that a filter sends to its listener waits
 * until whoever reads that descriptor answers for the kernel, or says that it shall be made.
 */
import { EBADF, EINPROGRESS, EINVAL, ENOENT, ENOSYS, ENOTTY, Errno } from "../abi/errno.ts";
import { O_CLOEXEC, O_RDWR } from "../abi/fcntl.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import * as abi from "../abi/seccomp.ts";
import { File } from "../fs/file.ts";
import type { Inode } from "../fs/inode.ts";
import type { Caller } from "../fs/types.ts";
import type { UserMemory } from "../memory/types.ts";
import { Block, ERESTARTSYS, WaitQueue } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import { localPid } from "./lookup.ts";
import type { Seccomp } from "./seccomp.ts";
import { DEAD, type Thread } from "./task.ts";

/** A notification has not been read; has been; is answered. */
const NEW = 0;
const SENT = 1;
const ANSWERED = 2;

export class UserNotification {
  readonly listener: Listener;
  readonly id: number;
  readonly thread: Thread;
  /** struct seccomp_data. */
  readonly data: Uint8Array;
  /** Fires when it is answered. */
  readonly answered = new WaitQueue();
  state: typeof NEW | typeof SENT | typeof ANSWERED = NEW;
  /** What the system call returns if it is not to be made: `error` unless that is 0. */
  value = 0;
  error = 0;
  goesOn = false;

  constructor(listener: Listener, id: number, thread: Thread, data: Uint8Array) {
    this.listener = listener;
    this.id = id;
    this.thread = thread;
    this.data = data;
  }

  answer(value: number, error: number, goesOn = false): void {
    this.state = ANSWERED;
    this.value = value;
    this.error = error;
    this.goesOn = goesOn;
    this.answered.wake();
  }

  /** What the waiting call does now: returns, goes on (null), or waits. A signal takes the notification back. */
  settle(): number | Block | null {
    const { thread: t, listener } = this;
    if (this.state === ANSWERED) {
      listener.forget(this);
      t.saved = null;
      t.passedFilters = this.goesOn;
      return this.goesOn ? null : this.error || this.value;
    }
    const uninterruptible = listener.waitsKillable && this.state === SENT;
    const back = t.interrupted && !uninterruptible;
    if (back) listener.forget(this);
    return new Block([this.answered], ERESTARTSYS, { saved: back ? null : this, uninterruptible });
  }
}

/** What filters send notifications to. */
export class Listener {
  /** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: once it has been read, only a deadly signal takes a notification back. */
  readonly waitsKillable: boolean;
  closed = false;
  /** In the order in which they came. */
  readonly #pending = new Map<number, UserNotification>();
  #next: number;
  /** Fires when there is one to be read or answered, and when the last user of the filter ends. */
  readonly changed = new WaitQueue();

  /** `firstId`: of the first notification; those that follow count from it. */
  constructor(waitsKillable: boolean, firstId: number) {
    this.waitsKillable = waitsKillable;
    this.#next = firstId;
  }

  /** A call of `t`, which waits for the answer. */
  raise(t: Thread, data: Uint8Array): number | Block | null {
    if (this.closed) return -ENOSYS;
    const notification = new UserNotification(this, this.#next++, t, data);
    this.#pending.set(notification.id, notification);
    this.changed.wake();
    return notification.settle();
  }

  forget({ id }: UserNotification): void {
    this.#pending.delete(id);
  }

  get(id: number): UserNotification | undefined {
    return this.#pending.get(id);
  }

  /** One that nobody has read. */
  get unread(): UserNotification | undefined {
    for (const one of this.#pending.values()) if (one.state === NEW) return one;
    return undefined;
  }

  /** One that is read and not answered. */
  get unanswered(): UserNotification | undefined {
    for (const one of this.#pending.values()) if (one.state === SENT) return one;
    return undefined;
  }

  /** `t` has ended. */
  left(t: Thread): void {
    for (const one of this.#pending.values()) if (one.thread === t) this.forget(one);
    this.changed.wake();
  }

  /** Nobody will answer. */
  close(): void {
    this.closed = true;
    for (const one of this.#pending.values()) if (one.state !== ANSWERED) one.answer(0, -ENOSYS);
  }
}

/** The listener of a filter in the chain, if there is one: there can only be one (EBUSY). */
export function listenerOf(filters: Seccomp | null): Listener | null {
  for (let at = filters; at !== null; at = at.previous)
    if (at.listener !== null && !at.listener.closed) return at.listener;
  return null;
}

/** The thread is no more: those who listen for it are told. */
export function leaveListeners(t: Thread): void {
  for (let at = t.seccomp; at !== null; at = at.previous) at.listener?.left(t);
}

export class ListenerFile extends File {
  readonly #kernel: Kernel;
  readonly #listener: Listener;

  constructor(kernel: Kernel, inode: Inode, listener: Listener) {
    super(inode, O_RDWR, null);
    this.#kernel = kernel;
    this.#listener = listener;
  }

  override get label(): string {
    return "anon_inode:seccomp notify";
  }

  /** A thread lives that the filter holds. */
  get #isUsed(): boolean {
    for (const { state, seccomp } of this.#kernel.threads.values()) {
      if (state === DEAD) continue;
      for (let at = seccomp; at !== null; at = at.previous) if (at.listener === this.#listener) return true;
    }
    return false;
  }

  override ioctl(caller: Caller, memory: UserMemory, request: number, argument: number): number | Block {
    const t = caller as Thread;
    switch (request) {
      case abi.SECCOMP_IOCTL_NOTIF_RECV:
        return this.#receive(t, memory, argument);
      case abi.SECCOMP_IOCTL_NOTIF_SEND:
        return this.#send(memory, argument);
      case abi.SECCOMP_IOCTL_NOTIF_ID_VALID:
      case abi.SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR:
        return this.#listener.get(memory.u64(argument))?.state === SENT ? 0 : -ENOENT;
      case abi.SECCOMP_IOCTL_NOTIF_ADDFD:
        return this.#addDescriptor(t, memory, argument);
      case abi.SECCOMP_IOCTL_NOTIF_SET_FLAGS:
        // `argument` is the flags themselves.
        return argument & ~abi.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP ? -EINVAL : 0;
      default:
        return -ENOTTY;
    }
  }

  /** struct seccomp_notif { u64 id; u32 pid, flags; struct seccomp_data data; }, which must be zeroes before. */
  #receive(t: Thread, memory: UserMemory, address: number): number | Block {
    if (memory.read(address, abi.SECCOMP_NOTIF_SIZE).some((byte) => byte !== 0)) return -EINVAL;
    const found = this.#listener.unread;
    if (found === undefined) return this.#isUsed ? new Block([this.#listener.changed]) : -ENOENT;
    memory.probe(address, abi.SECCOMP_NOTIF_SIZE, true);
    memory.setU64(address, found.id);
    memory.setU32(address + 8, localPid(t.process, found.thread.tid));
    memory.copyOut(address + 16, found.data);
    found.state = SENT;
    this.#listener.changed.wake();
    // It goes on waiting in another way.
    if (this.#listener.waitsKillable) found.answered.wake();
    return 0;
  }

  /** struct seccomp_notif_resp { u64 id; s64 val; s32 error; u32 flags; }. */
  #send(memory: UserMemory, address: number): number {
    memory.probe(address, abi.SECCOMP_NOTIF_RESP_SIZE, false);
    const value = memory.i64(address + 8);
    const error = memory.i32(address + 16);
    const flags = memory.u32(address + 20);
    if (flags & ~abi.SECCOMP_USER_NOTIF_FLAG_CONTINUE) return -EINVAL;
    const goesOn = (flags & abi.SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0;
    if (goesOn && (error !== 0 || value !== 0)) return -EINVAL;
    this.#read(memory.u64(address)).answer(value, error, goesOn);
    return 0;
  }

  /** One that has been read; throws ENOENT, EINPROGRESS. */
  #read(id: number): UserNotification {
    const found = this.#listener.get(id);
    if (found === undefined) throw new Errno(ENOENT);
    if (found.state !== SENT) throw new Errno(EINPROGRESS);
    return found;
  }

  /** struct seccomp_notif_addfd { u64 id; u32 flags, srcfd, newfd, newfd_flags; }: the caller's descriptor for the one that waits. */
  #addDescriptor(t: Thread, memory: UserMemory, address: number): number {
    const [flags, source, target, targetFlags] = [8, 12, 16, 20].map((offset) => memory.u32(address + offset));
    if (targetFlags & ~O_CLOEXEC || flags & ~(abi.SECCOMP_ADDFD_FLAG_SETFD | abi.SECCOMP_ADDFD_FLAG_SEND))
      return -EINVAL;
    const chosen = (flags & abi.SECCOMP_ADDFD_FLAG_SETFD) !== 0;
    if (target !== 0 && !chosen) return -EINVAL;
    const file = t.files.file(source);
    const notification = this.#read(memory.u64(address));
    const { files, process } = notification.thread;
    const limit = process.limits.openFiles;
    if (chosen && target >= limit) return -EBADF;
    if (!chosen) files.reserve(1, limit);
    file.references++;
    const closes = (targetFlags & O_CLOEXEC) !== 0;
    let fd = target;
    if (chosen) files.replace(target, file, closes);
    else fd = files.install(file, closes, limit);
    if (flags & abi.SECCOMP_ADDFD_FLAG_SEND) notification.answer(fd, 0);
    return fd;
  }

  override poll(): number {
    const { unread, unanswered } = this.#listener;
    let events = this.#isUsed ? 0 : POLLHUP;
    if (unread) events |= POLLIN | POLLRDNORM;
    if (unanswered) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#listener.changed];
  }

  override release(): void {
    this.#listener.close();
  }
}
