/** POSIX per-process timers (timer_create(2)). */
import { SI_TIMER, type SignalInfo } from "../abi/signal.ts";
import { SIGEV_NONE, SIGEV_THREAD_ID } from "../abi/time.ts";
import { Deadline, type Expirable } from "../wait/deadlines.ts";
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

export class PosixTimer implements Expirable {
  readonly id: number;
  readonly clock: number;
  readonly #process: Process;
  readonly #notification: Notification;
  readonly #deadline = new Deadline(this);
  #interval = 0;
  /** The signal that waits to be delivered; expiries until then are overruns of it. */
  #pending: SignalInfo | null = null;
  /** Overruns of the signal that was delivered last (timer_getoverrun(2)). */
  overrun = 0;

  constructor(process: Process, id: number, clock: number, notification: Notification) {
    this.#process = process;
    this.id = id;
    this.clock = clock;
    this.#notification = notification;
  }

  /** Time left (0 when disarmed) and interval, in nanoseconds. */
  get setting(): TimerSetting {
    const { clock } = this.#process.kernel;
    const value = this.#deadline.armed ? Math.max(this.#deadline.at - clock.now(), 1) : 0;
    return { value, interval: this.#interval };
  }

  /** Arms it for monotonic time `at`; Infinity disarms. */
  arm(at: number, interval: number): void {
    this.#interval = interval;
    this.#pending = null;
    this.overrun = 0;
    this.#process.kernel.scheduler.deadlines.set(this.#deadline, at);
  }

  expire(now: number, due: number): void {
    const interval = this.#interval;
    const missed = interval === 0 ? 0 : Math.floor((now - due) / interval);
    if (interval > 0) this.#process.kernel.scheduler.deadlines.set(this.#deadline, due + (missed + 1) * interval);
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

  create(process: Process, clock: number, notification: (id: number) => Notification): PosixTimer {
    const id = this.#next++;
    const timer = new PosixTimer(process, id, clock, notification(id));
    this.#timers.set(id, timer);
    return timer;
  }

  get(id: number): PosixTimer | undefined {
    return this.#timers.get(id);
  }

  delete(timer: PosixTimer): void {
    timer.arm(Number.POSITIVE_INFINITY, 0);
    this.#timers.delete(timer.id);
  }

  clear(): void {
    for (const timer of [...this.#timers.values()]) this.delete(timer);
    this.#next = 0;
  }
}
