/** Interval timers of a process (setitimer(2), alarm(2)). */
export interface ProcessTimers {
  /** ITIMER_REAL: monotonic nanoseconds of expiry, or Infinity; and the interval. */
  realDeadline: number;
  realInterval: number;
}
