/** The system call table: the rows of all families by number. */
import { rows as adjtimex } from "./adjtimex.ts";
import { rows as capability } from "./capability.ts";
import { rows as directory } from "./directory.ts";
import { rows as epoll } from "./epoll.ts";
import { rows as eventfd } from "./eventfd.ts";
import { rows as exec } from "./exec.ts";
import { rows as fcntl } from "./fcntl.ts";
import { rows as file } from "./file.ts";
import { rows as futex } from "./futex.ts";
import { rows as futexWaitv } from "./futex-waitv.ts";
import { rows as futex2 } from "./futex2.ts";
import { rows as handles } from "./handles.ts";
import { rows as identity } from "./identity.ts";
import { rows as inotify } from "./inotify.ts";
import { rows as io } from "./io.ts";
import { rows as ioctl } from "./ioctl.ts";
import { rows as ioprio } from "./ioprio.ts";
import { rows as kcmp } from "./kcmp.ts";
import { rows as membarrier } from "./membarrier.ts";
import { rows as memory } from "./memory.ts";
import { rows as mount } from "./mount.ts";
import { rows as mountApi } from "./mount-api.ts";
import { rows as mountQuery } from "./mount-query.ts";
import { rows as mqueue } from "./mqueue.ts";
import { rows as msg } from "./msg.ts";
import { syscallNumbers } from "./names.ts";
import { rows as namespace } from "./namespace.ts";
import { rows as numa } from "./numa.ts";
import { rows as pidfd } from "./pidfd.ts";
import { rows as pipe } from "./pipe.ts";
import { rows as poll } from "./poll.ts";
import { rows as prctl } from "./prctl.ts";
import { rows as process } from "./process.ts";
import { rows as quota } from "./quota.ts";
import { rows as resource } from "./resource.ts";
import type { SyscallRow } from "./row.ts";
import { rows as scheduling } from "./scheduling.ts";
import { rows as seccomp } from "./seccomp.ts";
import { rows as sem } from "./sem.ts";
import { rows as shm } from "./shm.ts";
import { rows as signal } from "./signal.ts";
import { rows as signalfd } from "./signalfd.ts";
import { rows as socket } from "./socket.ts";
import { rows as socketMessage } from "./socket-message.ts";
import { rows as stat } from "./stat.ts";
import { rows as system } from "./system.ts";
import { rows as time } from "./time.ts";
import { rows as timer } from "./timer.ts";
import { rows as timerfd } from "./timerfd.ts";
import { rows as xattr } from "./xattr.ts";

const FAMILIES: readonly (readonly SyscallRow[])[] = [
  adjtimex,
  capability,
  directory,
  epoll,
  eventfd,
  exec,
  fcntl,
  file,
  futex,
  futexWaitv,
  futex2,
  handles,
  identity,
  inotify,
  io,
  ioctl,
  ioprio,
  kcmp,
  membarrier,
  memory,
  mount,
  mountApi,
  mountQuery,
  namespace,
  mqueue,
  msg,
  numa,
  pidfd,
  pipe,
  poll,
  prctl,
  process,
  quota,
  resource,
  scheduling,
  seccomp,
  sem,
  shm,
  signal,
  signalfd,
  socket,
  socketMessage,
  stat,
  system,
  time,
  timer,
  timerfd,
  xattr,
];

/** By number; a hole is a call that the kernel lacks (ENOSYS). */
export const table: readonly (SyscallRow | undefined)[] = join(FAMILIES);

function join(families: readonly (readonly SyscallRow[])[]): (SyscallRow | undefined)[] {
  const rows = new Array<SyscallRow | undefined>(Math.max(...syscallNumbers()) + 1).fill(undefined);
  for (const row of families.flat()) {
    if (rows[row.number])
      throw new Error(`two rows for system call ${row.number}: ${rows[row.number]!.name}, ${row.name}`);
    rows[row.number] = row;
  }
  return rows;
}
