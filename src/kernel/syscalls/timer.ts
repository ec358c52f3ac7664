/** POSIX timers (timer_create(2) and its kin). */
import { EAGAIN, EINVAL, EOPNOTSUPP } from "../../abi/errno.ts";
import { RLIMIT_SIGPENDING } from "../../abi/resource.ts";
import { NSIG, SIGALRM } from "../../abi/signal.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  CLOCK_TAI,
  CLOCKFD,
  NSEC_PER_SEC,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
  TIMER_ABSTIME,
} from "../../abi/time.ts";
import { cpuClockOf } from "../cpu-clock.ts";
import { globalPid } from "../lookup.ts";
import type { Notification } from "../posix-timers.ts";
import type { Thread } from "../task.ts";
import type { TimerSetting } from "../timers.ts";
import { prefetch } from "./prefetch.ts";
import { call, type SyscallRow } from "./row.ts";
import { readTimespec } from "./time.ts";

/** Clocks that only tell the time. */
const NO_TIMERS = [CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE];
const REALTIME = [CLOCK_REALTIME, CLOCK_TAI];
const TIMER_CLOCKS = [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI];

function timerCreate(t: Thread, clock: number, event: number, id: number): number {
  if (event !== 0) t.user.probe(event, SIGEVENT_SIZE, false);
  if (NO_TIMERS.includes(clock) || (clock < 0 && (clock & 7) === CLOCKFD)) return -EOPNOTSUPP;
  const cpu = TIMER_CLOCKS.includes(clock) ? null : cpuClockOf(t, clock);
  const given = event === 0 ? null : readEvent(t, event);
  if (typeof given === "number") return given;
  // Linux takes a signal of the queue for each timer.
  t.user.probe(id, 4, true);
  const place = t.kernel.signalQuota.take(t.credentials.uid, t.process.limits.soft[RLIMIT_SIGPENDING]);
  if (place === null) return -EAGAIN;
  const timer = t.process.posixTimers.create(
    t.process,
    clock,
    cpu,
    place,
    (own) => given ?? { notify: SIGEV_SIGNAL, signal: SIGALRM, value: [own, 0], thread: null },
  );
  t.user.setU32(id, timer.id);
  return 0;
}

/** SIGEV_THREAD is the C library's affair: to the kernel it is a signal. */
const NOTIFICATIONS = [SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_SIGNAL | SIGEV_THREAD_ID];
/** Bytes of struct sigevent. */
const SIGEVENT_SIZE = 64;

/** struct sigevent: sigval, signal, kind, thread. */
function readEvent(t: Thread, address: number): Notification | number {
  const value = [t.user.i32(address), t.user.i32(address + 4)] as const;
  const signal = t.user.i32(address + 8);
  const notify = t.user.i32(address + 12);
  if (!NOTIFICATIONS.includes(notify)) return -EINVAL;
  if (notify !== SIGEV_NONE && (signal < 1 || signal > NSIG)) return -EINVAL;
  if ((notify & SIGEV_THREAD_ID) === 0) return { notify, signal, value, thread: null };
  const thread = t.process.threads.get(globalPid(t.process, t.user.i32(address + 16)));
  return thread === undefined ? -EINVAL : { notify, signal, value, thread };
}

function timerSettime(t: Thread, id: number, flags: number, value: number, old: number): number {
  const timer = t.process.posixTimers.get(id);
  if (value === 0) return -EINVAL;
  const interval = readTimespec(t, value);
  const first = readTimespec(t, value + 16);
  if (timer === undefined) return -EINVAL;
  const before = timer.setting;
  if (old !== 0) prefetch(t, old, ITIMERSPEC_SIZE);
  const { clockId } = timer;
  if (first === 0) timer.arm(Number.POSITIVE_INFINITY, 0);
  else if ((flags & TIMER_ABSTIME) === 0) timer.arm(timer.now() + first, interval);
  else if (timer.countsCpuTime) timer.arm(first, interval);
  else if (!REALTIME.includes(clockId)) timer.arm(t.namespaces.time.toMachine(clockId, first), interval);
  else timer.arm(t.kernel.clock.fromRealtime(Math.floor(first / NSEC_PER_SEC), first % NSEC_PER_SEC), interval, true);
  if (old !== 0) writeSetting(t, old, before);
  return 0;
}

function timerGettime(t: Thread, id: number, value: number): number {
  const timer = t.process.posixTimers.get(id);
  if (timer === undefined) return -EINVAL;
  writeSetting(t, value, timer.setting);
  return 0;
}

function timerGetoverrun(t: Thread, id: number): number {
  return t.process.posixTimers.get(id)?.overrun ?? -EINVAL;
}

function timerDelete(t: Thread, id: number): number {
  const timer = t.process.posixTimers.get(id);
  if (timer === undefined) return -EINVAL;
  t.process.posixTimers.delete(timer);
  return 0;
}

/** Bytes of struct itimerspec. */
export const ITIMERSPEC_SIZE = 32;

export function writeSetting(t: Thread, address: number, { value, interval }: TimerSetting): void {
  t.user.probe(address, ITIMERSPEC_SIZE, true);
  [interval, value].forEach((ns, i) => {
    t.user.setU64(address + i * 16, Math.floor(ns / NSEC_PER_SEC));
    t.user.setU64(address + i * 16 + 8, Math.floor(ns % NSEC_PER_SEC));
  });
}

export const rows: readonly SyscallRow[] = [
  call(222, "timer_create", "clock ptr int-out", timerCreate),
  call(223, "timer_settime", "int clock-flags itimerspec itimerspec-out", timerSettime),
  call(224, "timer_gettime", "int itimerspec-out", timerGettime),
  call(225, "timer_getoverrun", "int", timerGetoverrun),
  call(226, "timer_delete", "int", timerDelete),
];
