/** kcmp(2): whether two processes share a resource. */
import { EBADF, EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { EpollFile } from "../../fs/epoll.ts";
import { threadOf } from "../lookup.ts";
import { mayInspect } from "../ptrace-access.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

const KCMP_FILE = 0;
const KCMP_VM = 1;
const KCMP_FILES = 2;
const KCMP_FS = 3;
const KCMP_SIGHAND = 4;
const KCMP_IO = 5;
const KCMP_SYSVSEM = 6;
const KCMP_EPOLL_TFD = 7;

/** An order among objects that lasts as long as they do: that in which they were first asked about. */
const ranks = new WeakMap<object, number>();
let lastRank = 0;

function rank(object: object): number {
  let number = ranks.get(object);
  if (number === undefined) ranks.set(object, (number = ++lastRank));
  return number;
}

/** 0 for the same object, 1 and 2 for less and greater. */
function compare(a: object, b: object): number {
  if (a === b) return 0;
  return rank(a) < rank(b) ? 1 : 2;
}

/** Stands for what a thread has none of. */
const NONE = {};

function kcmp(t: Thread, pid1: number, pid2: number, type: number, index1: number, index2: number): number {
  const [first, second] = [pid1, pid2].map((pid) => (pid > 0 ? threadOf(t, pid) : undefined));
  if (first === undefined || second === undefined) return -ESRCH;
  if (!mayInspect(t, first.process) || !mayInspect(t, second.process)) return -EPERM;
  switch (type) {
    case KCMP_FILE:
      return compare(fileAt(first, index1), fileAt(second, index2));
    case KCMP_VM:
      return compare(first.process.memory, second.process.memory);
    case KCMP_FILES:
      return compare(first.files, second.files);
    case KCMP_FS:
      return compare(first.fs, second.fs);
    case KCMP_SIGHAND:
      return compare(first.process.handlers, second.process.handlers);
    case KCMP_IO:
      return compare(NONE, NONE); // nobody has an I/O context
    case KCMP_SYSVSEM:
      return compare(first.semaphoreUndo ?? NONE, second.semaphoreUndo ?? NONE);
    case KCMP_EPOLL_TFD:
      return compare(fileAt(first, index1), watchedFile(t, second, index2));
    default:
      return -EINVAL;
  }
}

function fileAt(t: Thread, fd: number): object {
  const file = fd < 2 ** 31 ? t.files.get(fd) : undefined;
  if (!file) throw new Errno(EBADF);
  return file;
}

/** struct kcmp_epoll_slot: an epoll descriptor, a descriptor it watches, and which of those of that number. */
function watchedFile(t: Thread, owner: Thread, slot: number): object {
  const epoll = fileAt(owner, t.user.u32(slot));
  if (!(epoll instanceof EpollFile)) throw new Errno(EINVAL);
  return epoll.watched(t.user.u32(slot + 4), t.user.u32(slot + 8));
}

export const rows: readonly SyscallRow[] = [call(312, "kcmp", "pid pid int ulong ulong", kcmp)];
