/** POSIX per-process timers (timer_create(2)). */
import { SI_TIMER, type SignalInfo } from "../abi/signal.ts";
import { SIGEV_NONE, SIGEV_THREAD_ID } from "../abi/time.ts";
import { type ClockListener, Deadline, type Expirable } from "../wait/deadlines.ts";
import type { CpuAlarm, CpuClock } from "./cpu-clock.ts";
import type { QueuePlace } from "./signal/quota.ts";
import { queueSignal } from "./signal/send.ts";
import type { Process, Thread } from "./task.ts";
import type { TimerSetting } from "./timers.ts";

/** How expiry is told: struct sigevent. */
export interface Notification {
  readonly notify: number;
  readonly signal: number;
  readonly value: readonly [low: number, high: number];
  /** For SIGEV_THREAD_ID, else null: the process. */
  readonly thread: Thread | null;
}

export class PosixTimer implements Expirable, CpuAlarm, ClockListener {
  readonly id: number;
  /** CLOCK_*, of which those of CPU time are in `cpu`. */
  readonly clockId: number;
  readonly #cpu: CpuClock | null;
  readonly place: QueuePlace;
  readonly #process: Process;
  readonly #notification: Notification;
  readonly #deadline = new Deadline(this);
  /** When it expires on its CPU clock. */
  at = Number.POSITIVE_INFINITY;
  #interval = 0;
  /** The signal that waits to be delivered; expiries until then are overruns of it. */
  #pending: SignalInfo | null = null;
  /** Overruns of the signal that was delivered last (timer_getoverrun(2)). */
  overrun = 0;

  /** `place`: what its signal takes of the queue, given back when it is deleted. */
  constructor(
    process: Process,
    id: number,
    clockId: number,
    cpu: CpuClock | null,
    place: QueuePlace,
    notification: Notification,
  ) {
    this.place = place;
    this.#process = process;
    this.id = id;
    this.clockId = clockId;
    this.#cpu = cpu;
    this.#notification = notification;
  }

  /** How its expiry is told. */
  get notification(): Notification {
    return this.#notification;
  }

  /** Time left (0 when disarmed) and interval, in nanoseconds. */
  get setting(): TimerSetting {
    const at = this.#cpu === null ? this.#deadline.at : this.at;
    // One that nobody hears of has simply expired; another has its signal yet to send.
    const least = this.#notification.notify === SIGEV_NONE && this.#interval === 0 ? 0 : 1;
    return { value: at === Number.POSITIVE_INFINITY ? 0 : Math.max(at - this.now(), least), interval: this.#interval };
  }

  /** Its CPU clock; only an armed timer on one is asked. */
  get clock(): CpuClock {
    return this.#cpu!;
  }

  /** Nanoseconds on its clock: CPU time, else monotonic. */
  now(): number {
    return this.#cpu === null ? this.#process.kernel.clock.now() : this.#cpu.now();
  }

  get countsCpuTime(): boolean {
    return this.#cpu !== null;
  }

  #set(at: number): void {
    if (this.#cpu === null) {
      this.#process.kernel.scheduler.deadlines.set(this.#deadline, at);
      return;
    }
    this.at = at;
    const { cpuAlarms } = this.#cpu.process;
    if (at === Number.POSITIVE_INFINITY) cpuAlarms.delete(this);
    else cpuAlarms.add(this);
  }

  /** Arms it for time `at` of its clock; Infinity disarms. `wall`: that is a time of CLOCK_REALTIME, which may be set. */
  arm(at: number, interval: number, wall = false): void {
    const { listeners } = this.#process.kernel.clock;
    if (wall) listeners.add(this);
    else listeners.delete(this);
    this.#interval = interval;
    this.#pending = null;
    this.overrun = 0;
    this.#set(at);
  }

  clockSet(step: number): void {
    if (this.#deadline.armed) this.#set(this.#deadline.at - step);
  }

  expire(now: number, due: number): void {
    const interval = this.#interval;
    const missed = interval === 0 ? 0 : Math.floor((now - due) / interval);
    this.#set(interval === 0 ? Number.POSITIVE_INFINITY : due + (missed + 1) * interval);
    const { notify, signal, value, thread } = this.#notification;
    if (notify === SIGEV_NONE) return;
    const target = notify === SIGEV_THREAD_ID ? thread! : this.#process;
    const pending = this.#pending;
    if (pending !== null && target.pending.contains(pending)) {
      pending.overrun = (pending.overrun ?? 0) + 1 + missed;
      return;
    }
    this.#pending = {
      signal,
      code: SI_TIMER,
      errno: 0,
      layout: "timer",
      timer: this.id,
      overrun: missed,
      value,
      delivered: (info) => {
        this.overrun = info.overrun ?? 0;
      },
    };
    queueSignal(target, this.#pending);
  }
}

/** The timers of a process by id. Fork does not copy them, exec and exit delete them. */
export class PosixTimers {
  readonly #timers = new Map<number, PosixTimer>();
  #next = 0;

  get size(): number {
    return this.#timers.size;
  }
  get all(): Iterable<PosixTimer> {
    return this.#timers.values();
  }

  create(
    process: Process,
    clockId: number,
    cpu: CpuClock | null,
    place: QueuePlace,
    notification: (id: number) => Notification,
  ): PosixTimer {
    const id = this.#next++;
    const timer = new PosixTimer(process, id, clockId, cpu, place, notification(id));
    this.#timers.set(id, timer);
    return timer;
  }

  get(id: number): PosixTimer | undefined {
    return this.#timers.get(id);
  }

  delete(timer: PosixTimer): void {
    timer.arm(Number.POSITIVE_INFINITY, 0);
    if (this.#timers.delete(timer.id)) timer.place.release();
  }

  clear(): void {
    for (const timer of [...this.#timers.values()]) this.delete(timer);
    this.#next = 0;
  }
}
