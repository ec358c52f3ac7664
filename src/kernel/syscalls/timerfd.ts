/** timerfd_create(2), timerfd_settime(2), timerfd_gettime(2). */
import { CAP_WAKE_ALARM } from "../../abi/capability.ts";
import { TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET } from "../../abi/epoll.ts";
import { ECANCELED, EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK } from "../../abi/fcntl.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  NSEC_PER_SEC,
} from "../../abi/time.ts";
import { TimerFile } from "../../fs/timerfd.ts";
import { capable } from "../capabilities.ts";
import type { Thread } from "../task.ts";
import { fileOf } from "./paths.ts";
import { prefetch } from "./prefetch.ts";
import { call, type SyscallRow } from "./row.ts";
import { readTimespec } from "./time.ts";
import { ITIMERSPEC_SIZE, writeSetting } from "./timer.ts";

const CLOCKS = [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM];
const ALARMS = [CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM];
const REALTIME = [CLOCK_REALTIME, CLOCK_REALTIME_ALARM];

function timerfdCreate(t: Thread, clock: number, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK) || !CLOCKS.includes(clock)) return -EINVAL;
  if (ALARMS.includes(clock) && !capable(t.credentials, CAP_WAKE_ALARM)) return -EPERM;
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const { kernel } = t;
  const time = {
    now: () => kernel.clock.now(),
    deadlines: kernel.scheduler.deadlines,
    listeners: kernel.clock.listeners,
  };
  const file = new TimerFile(kernel.vfs.anonymous.others.inode(0o600), flags & O_NONBLOCK, clock, time);
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

const CANCEL_FLAGS = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

/** The timer behind `fd`; throws EBADF, EINVAL. */
function timerOf(t: Thread, fd: number): TimerFile {
  const file = fileOf(t, fd);
  if (!(file instanceof TimerFile)) throw new Errno(EINVAL);
  return file;
}

/** With TFD_TIMER_CANCEL_ON_SET it fails when the clock was set meanwhile, and is armed nevertheless. */
function timerfdSettime(t: Thread, fd: number, flags: number, value: number, old: number): number {
  const interval = readTimespec(t, value);
  const first = readTimespec(t, value + 16);
  if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) return -EINVAL;
  const timer = timerOf(t, fd);
  const before = timer.setting;
  if (old !== 0) prefetch(t, old, ITIMERSPEC_SIZE);
  const { clock } = t.kernel;
  const cancelled = timer.takeCancelled();
  const cancel = (flags & CANCEL_FLAGS) === CANCEL_FLAGS && REALTIME.includes(timer.clock);
  timer.armedWith = flags;
  if (first === 0) timer.arm(Number.POSITIVE_INFINITY, interval, cancel, cancel);
  else if (!(flags & TFD_TIMER_ABSTIME)) timer.arm(clock.now() + first, interval);
  else if (!REALTIME.includes(timer.clock)) timer.arm(t.namespaces.time.toMachine(timer.clock, first), interval);
  else timer.arm(clock.fromRealtime(Math.floor(first / NSEC_PER_SEC), first % NSEC_PER_SEC), interval, true, cancel);
  if (cancelled && cancel) return -ECANCELED;
  if (old !== 0) writeSetting(t, old, before);
  return 0;
}

function timerfdGettime(t: Thread, fd: number, value: number): number {
  writeSetting(t, value, timerOf(t, fd).setting);
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(283, "timerfd_create", "clock timerfd-flags", timerfdCreate),
  call(286, "timerfd_settime", "fd timerfd-set-flags itimerspec itimerspec-out", timerfdSettime),
  call(287, "timerfd_gettime", "fd itimerspec-out", timerfdGettime),
];
