/** Signals of x86-64 Linux: numbers, sigaction flags, si_code values and struct layouts (signal(7), sigaction(2)). */

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGSTKFLT = 16;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
export const SIGPWR = 30;
export const SIGSYS = 31;
/** First real-time signal as the kernel counts; the C libraries keep 32 to 34 for themselves. */
export const SIGRTMIN = 32;
/** Highest signal number. */
export const NSIG = 64;

const NAMES =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(
    " ",
  );

/** "SIGTERM" for 15, "SIGRT_3" for 35 (as strace prints it), the number for what is not a signal. */
export function signalName(signal: number): string {
  if (signal >= 1 && signal < SIGRTMIN) return `SIG${NAMES[signal - 1]}`;
  if (signal >= SIGRTMIN && signal <= NSIG) return signal === SIGRTMIN ? "SIGRTMIN" : `SIGRT_${signal - SIGRTMIN}`;
  return String(signal);
}

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const SA_NOCLDSTOP = 0x1;
export const SA_NOCLDWAIT = 0x2;
export const SA_SIGINFO = 0x4;
/** Kept, and without effect: addresses have no tags here. */
export const SA_EXPOSE_TAGBITS = 0x800;
export const SA_RESTORER = 0x0400_0000;
export const SA_ONSTACK = 0x0800_0000;
export const SA_RESTART = 0x1000_0000;
export const SA_NODEFER = 0x4000_0000;
export const SA_RESETHAND = 0x8000_0000;
/** What the kernel knows; others are cleared, as since Linux 5.11. SA_EXPOSE_TAGBITS and SA_UNSUPPORTED are not among them. */
export const SA_KNOWN =
  (SA_NOCLDSTOP |
    SA_NOCLDWAIT |
    SA_SIGINFO |
    SA_EXPOSE_TAGBITS |
    SA_RESTORER |
    SA_ONSTACK |
    SA_RESTART |
    SA_NODEFER |
    SA_RESETHAND) >>>
  0;

export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

/** struct sigaction of the kernel: handler, flags, restorer, mask; 8 bytes each. */
export const SIGACTION_SIZE = 32;
/** The kernel's sigset_t; system calls check the size they are given. */
export const SIGSET_SIZE = 8;

/** struct stack_t: ss_sp, ss_flags (int), padding, ss_size. */
export const SIGALTSTACK_SIZE = 24;
export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x8000_0000;
/** Smallest alternate stack that sigaltstack(2) takes. */
export const MINSIGSTKSZ = 2048;

// si_code
export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_SIGIO = -5;
export const SI_TKILL = -6;
export const SI_DETHREAD = -7;
export const SI_ASYNCNL = -60;
export const ILL_ILLOPN = 2;
export const FPE_INTDIV = 1;
export const FPE_FLTDIV = 3;
export const FPE_FLTOVF = 4;
export const FPE_FLTUND = 5;
export const FPE_FLTRES = 6;
export const FPE_FLTINV = 7;
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const BUS_ADRALN = 1;
export const BUS_ADRERR = 2;
export const TRAP_BRKPT = 1;
export const TRAP_TRACE = 2;
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_TRAPPED = 4;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

export const SIGINFO_SIZE = 128;

/**
 * siginfo_t. What the union holds depends on the signal and si_code: `layout` says which. Numbers are as in the C struct;
 * `value` is the low and high word of sigval.
 */
export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  readonly errno: number;
  readonly layout: "kill" | "queue" | "timer" | "child" | "fault" | "raw";
  readonly pid?: number;
  readonly uid?: number;
  /** CLD_*: exit status or signal. */
  readonly status?: number;
  /** CLD_*: clock ticks. */
  readonly utime?: number;
  readonly stime?: number;
  readonly value?: readonly [low: number, high: number];
  /** Timer id and overrun count. */
  readonly timer?: number;
  overrun?: number;
  /** Faults: the linear address. */
  readonly address?: number;
  /** Called when it is taken from the queue. */
  readonly delivered?: (info: SignalInfo) => void;
  /** The 128 bytes as the sender gave them (rt_sigqueueinfo). */
  readonly raw?: Uint8Array;
}
