/** Clocks, timers and time structures (clock_gettime(2), setitimer(2)). */

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;
/** The lower three bits of a negative id: the clock of a descriptor (CLOCKFD), or in two of them which CPU clock. */
export const CLOCKFD = 3;
export const CPUCLOCK_SCHED = 2;

export const TIMER_ABSTIME = 1;

export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;
export const ITIMER_PROF = 2;

/** sigev_notify. */
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;

export const NSEC_PER_SEC = 1_000_000_000;
/** struct timespec and struct timeval: two longs. */
export const TIMESPEC_SIZE = 16;
/** Clock ticks a second in times(2) and /proc (sysconf(_SC_CLK_TCK)). */
export const USER_HZ = 100;
