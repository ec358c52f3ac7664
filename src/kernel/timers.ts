/** Interval timers of a process (setitimer(2), alarm(2)). ITIMER_REAL counts time, the others the process's CPU time. */
import { RLIMIT_CPU, RLIMIT_RTTIME, UNLIMITED } from "../abi/resource.ts";
import { SIGALRM, SIGKILL, SIGPROF, SIGVTALRM, SIGXCPU } from "../abi/signal.ts";
import { ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL, NSEC_PER_SEC } from "../abi/time.ts";
import { Deadline, type Expirable } from "../wait/deadlines.ts";
import { kernelInfo, sendToProcess } from "./signal/send.ts";
import { type Process, RUNNABLE, type Thread } from "./task.ts";

/** Time left and interval in nanoseconds; 0 is disarmed, or once only. */
export interface TimerSetting {
  readonly value: number;
  readonly interval: number;
}

export class ProcessTimers implements Expirable {
  readonly #process: Process;
  readonly #real = new Deadline(this);
  #realInterval = 0;
  /** CPU times at which ITIMER_VIRTUAL and ITIMER_PROF expire, by number. */
  readonly #cpuAt = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  readonly #cpuInterval = [0, 0, 0];

  constructor(process: Process) {
    this.#process = process;
  }

  get(which: number): TimerSetting {
    const { clock } = this.#process.kernel;
    if (which === ITIMER_REAL) {
      const value = this.#real.armed ? Math.max(this.#real.at - clock.now(), 1000) : 0;
      return { value, interval: this.#realInterval };
    }
    const at = this.#cpuAt[which];
    const value = at === Number.POSITIVE_INFINITY ? 0 : Math.max(at - this.#cpuTime(which), 1000);
    return { value, interval: this.#cpuInterval[which] };
  }

  set(which: number, { value, interval }: TimerSetting): void {
    const { clock, scheduler } = this.#process.kernel;
    if (which === ITIMER_REAL) {
      // A disarmed one forgets its interval, those of CPU time do not (do_setitimer, set_cpu_itimer).
      this.#realInterval = value === 0 ? 0 : interval;
      scheduler.deadlines.set(this.#real, value === 0 ? Number.POSITIVE_INFINITY : clock.now() + value);
    } else {
      this.#cpuInterval[which] = interval;
      this.#cpuAt[which] = value === 0 ? Number.POSITIVE_INFINITY : this.#cpuTime(which) + value;
    }
  }

  /** ITIMER_REAL has expired. An interval goes on from when it was due; what was missed is one signal. */
  expire(now: number, due: number): void {
    sendToProcess(this.#process, kernelInfo(SIGALRM));
    const interval = this.#realInterval;
    if (interval === 0) return;
    const missed = Math.max(Math.floor((now - due) / interval), 0);
    this.#process.kernel.scheduler.deadlines.set(this.#real, due + (missed + 1) * interval);
  }

  /** The process has used CPU time, by its thread `t`. */
  checkCpuTime(t: Thread): void {
    this.#process.cpuAlarms.check();
    this.#checkCpu(ITIMER_VIRTUAL, SIGVTALRM);
    this.#checkCpu(ITIMER_PROF, SIGPROF);
    if (this.#process.limits.soft[RLIMIT_CPU] !== UNLIMITED) this.#checkLimit();
    if (this.#process.limits.soft[RLIMIT_RTTIME] !== UNLIMITED) this.#checkRealTime(t);
  }

  /** RLIMIT_CPU: SIGXCPU at the soft limit and each second after it, SIGKILL at the hard one (getrlimit(2)). */
  #checkLimit(): void {
    const { soft, hard } = this.#process.limits;
    const used = this.#cpuTime(ITIMER_PROF) / NSEC_PER_SEC;
    if (used >= hard[RLIMIT_CPU]) {
      sendToProcess(this.#process, kernelInfo(SIGKILL));
    } else if (used >= soft[RLIMIT_CPU]) {
      soft[RLIMIT_CPU]++;
      sendToProcess(this.#process, kernelInfo(SIGXCPU));
    }
  }

  /** RLIMIT_RTTIME: microseconds that a thread of a real-time policy may run without a wait. */
  #checkRealTime(t: Thread): void {
    const { soft, hard } = this.#process.limits;
    const total = t.usage.user + t.usage.system;
    if (t.state !== RUNNABLE || t.priority === 0) t.lastWait = total;
    const used = (total - t.lastWait) / 1000;
    if (used >= hard[RLIMIT_RTTIME]) {
      sendToProcess(this.#process, kernelInfo(SIGKILL));
    } else if (used >= soft[RLIMIT_RTTIME]) {
      soft[RLIMIT_RTTIME] += 1_000_000;
      sendToProcess(this.#process, kernelInfo(SIGXCPU));
    }
  }

  /** The process ends. */
  cancel(): void {
    this.#process.kernel.scheduler.deadlines.cancel(this.#real);
    this.#process.cpuAlarms.clear();
    this.#cpuAt.fill(Number.POSITIVE_INFINITY);
  }

  #checkCpu(which: number, signal: number): void {
    const at = this.#cpuAt[which];
    const used = at === Number.POSITIVE_INFINITY ? 0 : this.#cpuTime(which);
    if (used < at || used === 0) return;
    const interval = this.#cpuInterval[which];
    this.#cpuAt[which] =
      interval === 0 ? Number.POSITIVE_INFINITY : at + (Math.floor((used - at) / interval) + 1) * interval;
    sendToProcess(this.#process, kernelInfo(signal));
  }

  #cpuTime(which: number): number {
    const usage = this.#process.currentUsage();
    return which === ITIMER_VIRTUAL ? usage.user : usage.user + usage.system;
  }
}
