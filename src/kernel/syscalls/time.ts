/** Clocks, sleeping and interval timers. */
import { CAP_SYS_TIME } from "../../abi/capability.ts";
import { EFAULT, EINTR, EINVAL, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  CLOCK_TAI,
  CLOCK_THREAD_CPUTIME_ID,
  CLOCKFD,
  CPUCLOCK_SCHED,
  ITIMER_REAL,
  NSEC_PER_SEC,
  TIMER_ABSTIME,
} from "../../abi/time.ts";
import { Block, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, WaitQueue } from "../../wait/queue.ts";
import { capable } from "../capabilities.ts";
import { type CpuAlarm, type CpuClock, cpuClockOf } from "../cpu-clock.ts";
import type { Thread } from "../task.ts";
import { prefetch } from "./prefetch.ts";
import { call, type SyscallRow } from "./row.ts";

/** Nanoseconds: what is longer lasts as long as that, some 292 years (ktime_t). */
const KTIME_MAX = 2 ** 63;
/** Seconds: a clock that is set must be able to go on for 30 years (TIME_SETTOD_SEC_MAX). */
const SETTABLE_MAX = Math.floor(KTIME_MAX / NSEC_PER_SEC) - 30 * 365 * 24 * 3600;

/** The timespec at `address` in nanoseconds; EINVAL unless it is a proper duration. */
export function readTimespec(t: Thread, address: number): number {
  const sec = t.user.i64(address);
  const nsec = t.user.i64(address + 8);
  if (sec < 0 || nsec < 0 || nsec >= NSEC_PER_SEC) throw new Errno(EINVAL);
  return Math.min(sec * NSEC_PER_SEC + nsec, KTIME_MAX);
}

export function writeTimespec(t: Thread, address: number, sec: number, nsec: number): void {
  t.user.probe(address, 16, true);
  t.user.setU64(address, sec);
  t.user.setU64(address + 8, nsec);
}

/** The timeval at `address` in nanoseconds; EINVAL unless it is a proper duration. */
export function readTimeval(t: Thread, address: number): number {
  const sec = t.user.i64(address);
  const usec = t.user.i64(address + 8);
  if (sec < 0 || usec < 0 || usec >= 1_000_000) throw new Errno(EINVAL);
  return Math.min(sec * NSEC_PER_SEC + usec * 1000, KTIME_MAX);
}

// ---- clocks

const isRealtime = (clock: number) =>
  clock === CLOCK_REALTIME || clock === CLOCK_REALTIME_COARSE || clock === CLOCK_TAI;
const isMonotonic = (clock: number) =>
  clock === CLOCK_MONOTONIC ||
  clock === CLOCK_MONOTONIC_RAW ||
  clock === CLOCK_MONOTONIC_COARSE ||
  clock === CLOCK_BOOTTIME;

function clockGettime(t: Thread, clock: number, address: number): number {
  if (isRealtime(clock)) {
    const { sec, nsec } = t.kernel.clock.realtime();
    writeTimespec(t, address, clock === CLOCK_TAI ? sec + t.kernel.clock.discipline.tai : sec, nsec);
    return 0;
  }
  const ns = isMonotonic(clock) ? t.kernel.clock.now() : cpuClockOf(t, clock).now();
  const sec = Math.floor(ns / NSEC_PER_SEC);
  const nsec = ns % NSEC_PER_SEC;
  const offset = t.namespaces.time.offsetOf(clock);
  if (offset === null) writeTimespec(t, address, sec, nsec);
  else {
    const carry = nsec + offset.nsec >= NSEC_PER_SEC ? 1 : 0;
    writeTimespec(t, address, sec + offset.sec + carry, nsec + offset.nsec - carry * NSEC_PER_SEC);
  }
  return 0;
}

function clockGetres(t: Thread, clock: number, address: number): number {
  let coarse = clock === CLOCK_REALTIME_COARSE || clock === CLOCK_MONOTONIC_COARSE;
  if (!isRealtime(clock) && !isMonotonic(clock)) {
    cpuClockOf(t, clock);
    // Those of processes and threads count ticks, but for the scheduler's.
    coarse = clock < 0 && (clock & 3) !== CPUCLOCK_SCHED;
  }
  if (address !== 0) writeTimespec(t, address, 0, coarse ? 4_000_000 : 1);
  return 0;
}

/** Sets the clock of this machine alone. It cannot be before the machine's start (do_settimeofday64). */
export function setClock(t: Thread, at: number): number {
  if (at >= SETTABLE_MAX * NSEC_PER_SEC) return -EINVAL;
  if (!capable(t.credentials, CAP_SYS_TIME)) return -EPERM;
  const { clock } = t.kernel;
  if (at < clock.now()) return -EINVAL;
  clock.setRealtime(Math.floor(at / NSEC_PER_SEC), at % NSEC_PER_SEC);
  return 0;
}

function clockSettime(t: Thread, clock: number, address: number): number {
  if (clock >= 0) return clock === CLOCK_REALTIME ? setClock(t, readTimespec(t, address)) : -EINVAL;
  if ((clock & 7) === CLOCKFD) return -EINVAL;
  t.user.probe(address, 16, false);
  cpuClockOf(t, clock);
  return -EPERM;
}

function settimeofday(t: Thread, time: number, zone: number): number {
  const at = time === 0 ? null : readTimeval(t, time);
  const given = zone === 0 ? null : { minutesWest: t.user.i32(zone), daylight: t.user.i32(zone + 4) };
  if (given !== null && Math.abs(given.minutesWest) > 15 * 60) return -EINVAL;
  if (!capable(t.credentials, CAP_SYS_TIME)) return -EPERM;
  if (given !== null) t.kernel.clock.zone = given;
  return at === null ? 0 : setClock(t, at);
}

function gettimeofday(t: Thread, tv: number, zone: number): number {
  const { sec, nsec } = t.kernel.clock.realtime();
  if (tv !== 0) {
    t.user.probe(tv, 16, true);
    t.user.setU64(tv, sec);
    t.user.setU64(tv + 8, Math.floor(nsec / 1000));
  }
  if (zone !== 0) {
    t.user.probe(zone, 8, true);
    t.user.setU32(zone, t.kernel.clock.zone.minutesWest);
    t.user.setU32(zone + 4, t.kernel.clock.zone.daylight);
  }
  return 0;
}

function time(t: Thread, address: number): number {
  const { sec } = t.kernel.clock.realtime();
  if (address !== 0) t.user.setU64(address, sec);
  return sec;
}

// ---- sleeping

/** What a sleep remembers: when it ends. */
interface Sleep {
  readonly until: number;
}

function nanosleep(t: Thread, request: number, remaining: number): number | Block {
  const until = (t.saved as Sleep | null)?.until ?? t.kernel.clock.now() + readTimespec(t, request);
  return sleepUntil(t, until, remaining);
}

/** Clocks that only tell the time. */
const NO_SLEEP = [CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE];

function clockNanosleep(t: Thread, clock: number, flags: number, request: number, remaining: number): number | Block {
  if (NO_SLEEP.includes(clock)) return -EOPNOTSUPP;
  if (!isRealtime(clock) && !isMonotonic(clock)) return cpuSleep(t, clock, flags, request, remaining);
  const saved = t.saved as Sleep | null;
  if ((flags & TIMER_ABSTIME) === 0) {
    return sleepUntil(t, saved?.until ?? t.kernel.clock.now() + readTimespec(t, request), remaining);
  }
  const at = readTimespec(t, request);
  const until = isRealtime(clock)
    ? t.kernel.clock.fromRealtime(Math.floor(at / NSEC_PER_SEC), at % NSEC_PER_SEC)
    : t.namespaces.time.toMachine(clock, at);
  if (t.kernel.clock.now() >= until) return 0;
  return new Block(isRealtime(clock) ? [t.kernel.clock.wasSet] : [], ERESTARTNOHAND, { deadline: until });
}

/** What a sleep on a CPU clock remembers: its alarm, which wakes it at a time of that clock. */
class CpuSleep implements CpuAlarm {
  readonly clock: CpuClock;
  readonly at: number;
  readonly queue = new WaitQueue();

  constructor(clock: CpuClock, at: number) {
    this.clock = clock;
    this.at = at;
  }

  expire(): void {
    this.queue.wake();
  }
}

/** Until other threads have used the time. The caller's own clock stands still while it sleeps. */
function cpuSleep(t: Thread, id: number, flags: number, request: number, remaining: number): number | Block {
  if (id === CLOCK_THREAD_CPUTIME_ID) return -EOPNOTSUPP;
  const clock = cpuClockOf(t, id);
  if (clock.thread === t) return -EINVAL;
  const absolute = (flags & TIMER_ABSTIME) !== 0;
  const saved = t.saved as CpuSleep | null;
  const sleep = saved ?? new CpuSleep(clock, readTimespec(t, request) + (absolute ? 0 : clock.now()));
  const left = sleep.at - clock.now();
  clock.process.cpuAlarms.delete(sleep);
  if (left <= 0) return 0;
  if (!t.interrupted) clock.process.cpuAlarms.add(sleep);
  else if (!absolute && remaining !== 0) {
    writeTimespec(t, remaining, Math.floor(left / NSEC_PER_SEC), left % NSEC_PER_SEC);
  }
  return new Block([sleep.queue], absolute ? ERESTARTNOHAND : ERESTART_RESTARTBLOCK, { saved: sleep });
}

/** A relative sleep: a signal that has no handler does not prolong it, and one that has leaves what remained. */
function sleepUntil(t: Thread, until: number, remaining: number): number | Block {
  const now = t.kernel.clock.now();
  if (now >= until) return 0;
  if (t.interrupted && remaining !== 0) {
    writeTimespec(t, remaining, Math.floor((until - now) / NSEC_PER_SEC), (until - now) % NSEC_PER_SEC);
  }
  const saved: Sleep = { until };
  return new Block([], ERESTART_RESTARTBLOCK, { deadline: until, saved });
}

/** Waits go on without it here (wait/queue.ts); a program that calls it by itself has nothing to restart. */
const restartSyscall = () => -EINTR;

// ---- interval timers

function alarm(t: Thread, seconds: number): number {
  const { timers } = t.process;
  const before = timers.get(ITIMER_REAL).value;
  timers.set(ITIMER_REAL, { value: seconds * NSEC_PER_SEC, interval: 0 });
  // A fraction of a second counts as one if there is nothing else, else it is rounded (alarm_setitimer).
  return before === 0 ? 0 : Math.max(Math.round(before / NSEC_PER_SEC), 1);
}

function getitimer(t: Thread, which: number, address: number): number {
  if (which < 0 || which > 2) return -EINVAL;
  writeItimerval(t, address, t.process.timers.get(which));
  return 0;
}

function setitimer(t: Thread, which: number, value: number, old: number): number {
  if (value !== 0) t.user.probe(value, 32, false);
  const after =
    value === 0 ? { value: 0, interval: 0 } : { interval: readTimeval(t, value), value: readTimeval(t, value + 16) };
  if (which < 0 || which > 2) return -EINVAL;
  const { timers } = t.process;
  const before = timers.get(which);
  if (old !== 0) prefetch(t, old, 32);
  timers.set(which, after);
  if (old !== 0) writeItimerval(t, old, before);
  return 0;
}

function writeItimerval(t: Thread, address: number, { value, interval }: { value: number; interval: number }): void {
  if (address === 0) throw new Errno(EFAULT);
  t.user.probe(address, 32, true);
  [interval, value].forEach((ns, i) => {
    t.user.setU64(address + i * 16, Math.floor(ns / NSEC_PER_SEC));
    t.user.setU64(address + i * 16 + 8, Math.floor((ns % NSEC_PER_SEC) / 1000));
  });
}

export const rows: readonly SyscallRow[] = [
  call(35, "nanosleep", "timespec timespec-out", nanosleep),
  call(36, "getitimer", "itimer-which itimerval-out", getitimer),
  call(37, "alarm", "uint", alarm),
  call(38, "setitimer", "itimer-which itimerval itimerval-out", setitimer),
  call(96, "gettimeofday", "timeval-out ptr", gettimeofday),
  call(164, "settimeofday", "timeval ptr", settimeofday),
  call(201, "time", "ptr", time),
  call(219, "restart_syscall", "", restartSyscall),
  call(227, "clock_settime", "clock timespec", clockSettime),
  call(228, "clock_gettime", "clock timespec-out", clockGettime),
  call(229, "clock_getres", "clock timespec-out", clockGetres),
  call(230, "clock_nanosleep", "clock clock-flags timespec timespec-out", clockNanosleep),
];
