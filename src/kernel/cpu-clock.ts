/** Clocks that count CPU time (clock_getcpuclockid(3)), and what is to happen when one reaches a time. */
import { EINVAL, Errno } from "../abi/errno.ts";
import { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID } from "../abi/time.ts";
import { threadOf } from "./lookup.ts";
import type { Process, Thread } from "./task.ts";

export class CpuClock {
  readonly process: Process;
  /** Null for the time of the process. */
  readonly thread: Thread | null;
  /** Time in user mode alone (CPUCLOCK_VIRT). */
  readonly #userOnly: boolean;

  constructor(process: Process, thread: Thread | null, userOnly = false) {
    this.process = process;
    this.thread = thread;
    this.#userOnly = userOnly;
  }

  /** Nanoseconds. */
  now(): number {
    const { process, thread } = this;
    const usage = thread === null ? process.currentUsage() : thread.usage;
    if (this.#userOnly) return usage.user;
    const { current, clock } = process.kernel;
    const runs = current !== null && (thread === null ? current.process === process : current === thread);
    return usage.user + usage.system + (runs ? clock.sliceTime : 0);
  }
}

/**
 * The CPU clock of that id, of the caller or by a negative id of any process: the inverted pid in the upper bits, 2 in the
 * lower ones for the scheduler's clock, 4 added for a thread. Throws EINVAL.
 */
export function cpuClockOf(t: Thread, id: number): CpuClock {
  if (id === CLOCK_PROCESS_CPUTIME_ID) return new CpuClock(t.process, null);
  if (id === CLOCK_THREAD_CPUTIME_ID) return new CpuClock(t.process, t);
  if (id >= 0 || (id & 3) === 3) throw new Errno(EINVAL);
  const tid = ~id >> 3;
  const perThread = (id & 4) !== 0;
  const target = tid === 0 ? t : threadOf(t, tid);
  if (target === undefined || (perThread && target.process !== t.process)) throw new Errno(EINVAL);
  return new CpuClock(target.process, perThread ? target : null, (id & 3) === 1);
}

/** Something that is due when a CPU clock reaches `at`: checked when a slice of the clock's process has ended. */
export interface CpuAlarm {
  readonly clock: CpuClock;
  readonly at: number;
  expire(now: number, due: number): void;
}

export class CpuAlarms {
  readonly #alarms = new Set<CpuAlarm>();

  add(alarm: CpuAlarm): void {
    this.#alarms.add(alarm);
  }

  delete(alarm: CpuAlarm): void {
    this.#alarms.delete(alarm);
  }

  /** Expires those that are due. */
  check(): void {
    if (this.#alarms.size === 0) return;
    for (const alarm of [...this.#alarms]) {
      const now = alarm.clock.now();
      if (now < alarm.at) continue;
      this.#alarms.delete(alarm);
      alarm.expire(now, alarm.at);
    }
  }

  clear(): void {
    this.#alarms.clear();
  }
}
