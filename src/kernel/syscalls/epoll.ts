/** epoll_create(2), epoll_ctl(2), epoll_wait(2) and its kin. */
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLL_EVENT_SIZE } from "../../abi/epoll.ts";
import { EFAULT, EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import { O_CLOEXEC } from "../../abi/fcntl.ts";
import { SIGSET_SIZE } from "../../abi/signal.ts";
import { EpollFile } from "../../fs/epoll.ts";
import { TASK_SIZE_MAX } from "../../memory/layout.ts";
import { Block, EINTR_ALWAYS } from "../../wait/queue.ts";
import { setTemporaryMask } from "../signal/mask.ts";
import type { Thread } from "../task.ts";
import { fileOf } from "./paths.ts";
import { call, type SyscallRow } from "./row.ts";
import { readTimespec } from "./time.ts";

const NO_DATA = new Uint8Array(8);
const MOST_EVENTS = Math.floor(0x7fff_ffff / EPOLL_EVENT_SIZE);

function epollCreate1(t: Thread, flags: number): number {
  if (flags & ~O_CLOEXEC) return -EINVAL;
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const file = new EpollFile(t.kernel.vfs.anonymous.others.inode(0o600));
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

const epollCreate = (t: Thread, size: number): number => (size <= 0 ? -EINVAL : epollCreate1(t, 0));

function epollCtl(t: Thread, epollFd: number, operation: number, fd: number, event: number): number {
  const hasEvent = operation !== EPOLL_CTL_DEL;
  const events = hasEvent ? t.user.u32(event) : 0;
  const data = hasEvent ? t.user.read(event + 4, 8) : NO_DATA;
  const epoll = fileOf(t, epollFd);
  const file = fileOf(t, fd);
  if (!file.pollable) return -EPERM;
  if (file === epoll || !(epoll instanceof EpollFile)) return -EINVAL;
  switch (operation) {
    case EPOLL_CTL_ADD:
      epoll.add(file, fd, events, data);
      return 0;
    case EPOLL_CTL_MOD:
      epoll.modify(file, fd, events, data);
      return 0;
    case EPOLL_CTL_DEL:
      epoll.delete(file, fd);
      return 0;
    default:
      return -EINVAL;
  }
}

/** What a wait remembers: monotonic nanoseconds at which it ends. */
interface Until {
  readonly until: number;
}

/** `timeout` in nanoseconds, Infinity for none. */
function wait(t: Thread, fd: number, address: number, most: number, timeout: number): number | Block {
  const epoll = fileOf(t, fd);
  if (most <= 0 || most > MOST_EVENTS) return -EINVAL;
  if (address + most * EPOLL_EVENT_SIZE > TASK_SIZE_MAX) return -EFAULT;
  if (!(epoll instanceof EpollFile)) return -EINVAL;
  let at = address;
  let failure: unknown = null;
  const count = epoll.collect(most, (events, data) => {
    try {
      t.user.probe(at, EPOLL_EVENT_SIZE, true);
    } catch (error) {
      failure = error;
      return false;
    }
    t.user.setU32(at, events);
    t.user.copyOut(at + 4, data);
    at += EPOLL_EVENT_SIZE;
    return true;
  });
  if (count > 0) return count;
  if (failure !== null) {
    if (failure instanceof Errno) return -EFAULT;
    throw failure;
  }
  const { clock } = t.kernel;
  const until = (t.saved as Until | null)?.until ?? clock.now() + timeout;
  if (clock.now() >= until) return 0;
  return new Block(epoll.pollQueues, EINTR_ALWAYS, { deadline: until, saved: { until } satisfies Until });
}

const fromMilliseconds = (timeout: number): number => (timeout < 0 ? Number.POSITIVE_INFINITY : timeout * 1e6);

function epollWait(t: Thread, fd: number, events: number, most: number, timeout: number): number | Block {
  return wait(t, fd, events, most, fromMilliseconds(timeout));
}

/** Replaces the signal mask for the call. */
function maskSignals(t: Thread, set: number, size: number): void {
  if (set === 0) return;
  if (size !== SIGSET_SIZE) throw new Errno(EINVAL);
  setTemporaryMask(t, t.user.u32(set), t.user.u32(set + 4));
}

function epollPwait(
  t: Thread,
  fd: number,
  events: number,
  most: number,
  timeout: number,
  set: number,
  size: number,
): number | Block {
  maskSignals(t, set, size);
  return wait(t, fd, events, most, fromMilliseconds(timeout));
}

function epollPwait2(
  t: Thread,
  fd: number,
  events: number,
  most: number,
  timeout: number,
  set: number,
  size: number,
): number | Block {
  const nanoseconds = timeout === 0 ? Number.POSITIVE_INFINITY : readTimespec(t, timeout);
  maskSignals(t, set, size);
  return wait(t, fd, events, most, nanoseconds);
}

export const rows: readonly SyscallRow[] = [
  call(213, "epoll_create", "int", epollCreate),
  call(232, "epoll_wait", "fd ptr int int", epollWait),
  call(233, "epoll_ctl", "fd epoll-operation fd epoll-event", epollCtl),
  call(281, "epoll_pwait", "fd ptr int int sigset size", epollPwait),
  call(291, "epoll_create1", "epoll-flags", epollCreate1),
  call(441, "epoll_pwait2", "fd ptr int timespec sigset size", epollPwait2),
];
