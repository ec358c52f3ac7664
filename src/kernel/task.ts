/**
 * Processes and threads: the state that the parts of the kernel refer to. Behaviour is in the modules that own it: fork.ts,
 * exit.ts, wait.ts, signal/, scheduler.ts.
 */
import { POLLHUP, POLLIN, POLLRDNORM } from "../abi/poll.ts";
import { STATE_SIZE } from "../cpu/state.ts";
import type { Descriptors } from "../fs/descriptors.ts";
import type { Location } from "../fs/mount.ts";
import type { Terminal } from "../fs/tty/terminal.ts";
import type { Caller, FsContext, Inode } from "../fs/types.ts";
import type { AddressSpace } from "../memory/address-space.ts";
import type { MemoryPolicy } from "../memory/policy.ts";
import type { UserMemory } from "../memory/types.ts";
import { Deadline, type Expirable } from "../wait/deadlines.ts";
import { type Block, type Restart, type Waiter, WaitQueue } from "../wait/queue.ts";
import { capable, capableOver } from "./capabilities.ts";
import { CpuAlarms } from "./cpu-clock.ts";
import type { Credentials } from "./credentials.ts";
import type { KnownCaller, SemaphoreUndo } from "./ipc.ts";
import type { Kernel } from "./kernel.ts";
import type { ResourceLimits } from "./limits.ts";
import type { Namespaces } from "./namespaces.ts";
import type { PidNamespace } from "./pids.ts";
import { PosixTimers } from "./posix-timers.ts";
import type { Seccomp } from "./seccomp.ts";
import type { SignalHandlers } from "./signal/actions.ts";
import { PendingSignals } from "./signal/pending.ts";
import { SignalSet } from "./signal/set.ts";
import { ProcessTimers } from "./timers.ts";
import { Usage } from "./usage.ts";
import type { UserDispatch } from "./user-dispatch.ts";

/** A thread group. */
export class Process {
  readonly kernel: Kernel;
  /** In the outermost pid namespace, as are pgid, sid and tid (lookup.ts). */
  readonly pid: number;
  readonly pidNamespace: PidNamespace;
  /** What getppid(2) says, as data: the parent need not be in this machine. 1 for orphans, whose parent is the kernel itself. */
  ppid: number;
  readonly children = new Set<Process>();
  /** The thread of its parent that forked it: __WNOTHREAD and PR_SET_PDEATHSIG go by threads. Null for the parent's leader. */
  creator: Thread | null = null;
  parentDeathSignal = 0;
  pgid: number;
  sid: number;
  /** Controlling terminal (tty.ts), and the group that was in its foreground when it was hung up; 0 for none. */
  terminal: Terminal | null = null;
  oldForeground = 0;
  /** By tid. */
  readonly threads = new Map<number, Thread>();
  /** The thread whose tid is the pid; it stays when it exits before the others. */
  leader!: Thread;
  memory: AddressSpace;
  handlers: SignalHandlers;
  /** Signals sent to the process as a whole. */
  readonly pending = new PendingSignals();
  limits: ResourceLimits;
  readonly timers = new ProcessTimers(this);
  readonly posixTimers = new PosixTimers();
  /** Due at times of its CPU clocks. */
  readonly cpuAlarms = new CpuAlarms();
  /** Signal for the parent when it ends: SIGCHLD after fork, what clone(2) said otherwise. */
  exitSignal: number;
  /** First 15 bytes of the executable's name are the leader's `name`; this is its absolute path. */
  executable = "";
  executableLocation: Location | null = null;
  /** wait(2) status once it is a zombie, else null. */
  exitStatus: number | null = null;
  /** Status that exit_group or a deadly signal has set; the threads are dying. */
  groupExit: number | null = null;
  /** Job control (signal/stop.ts): number of the signal that stopped it, 0 when it runs. */
  stopSignal = 0;
  /** What waitid(2) has yet to report of stopping (WSTOPPED) and continuing (WCONTINUED). */
  stopReport = 0;
  continueReport = false;
  /** It was continued and has not run since: the parent is yet to be told by SIGCHLD. */
  continueNotice = false;
  dumpable = 1;
  /** A descendant that becomes an orphan is given to the nearest such ancestor (PR_SET_CHILD_SUBREAPER). */
  subreaper = false;
  /** The init of a pid namespace: what is sent to it from within has no default effect (SIGNAL_UNKILLABLE). */
  unkillable = false;
  noNewPrivileges = false;
  /** It became a user who has more processes than RLIMIT_NPROC: it cannot execute anything. */
  exceedsProcessLimit = false;
  /**
   * prctl(2) and /proc/[pid]: settings that children inherit and that nothing here acts on, there being no huge pages, no ECC
   * memory, no swap, no core dumps, no audit, and no process that is chosen when memory is short.
   */
  readonly settings = {
    hugePagesDisabled: false,
    machineCheckKill: 2,
    ioFlusher: false,
    oomAdjustment: 0,
    oomAdjustmentLeast: 0,
    coreFilter: 0x33,
    loginUid: 0xffff_ffff,
    sessionId: 0xffff_ffff,
  };
  /** personality(2). Nothing is placed at random here, so most of its flags mean nothing. */
  personality = 0;
  /** Runs in the memory of its parent, which waits on this until exec or exit; null otherwise (vfork(2)). */
  vforkDone: WaitQueue | null = null;
  hasExecuted = false;
  /** Monotonic nanoseconds at which it began. */
  readonly startTime: number;
  /** Of its threads, those that have ended included; and of the children that have been waited for. */
  readonly usage = new Usage();
  readonly childrenUsage = new Usage();
  /** Fired when a child changes state. */
  readonly childEvent = new WaitQueue();
  /** Fired when it becomes a zombie and when that is waited for (pidfd.ts). */
  readonly exitEvent = new WaitQueue(POLLIN | POLLRDNORM | POLLHUP);
  /** Fired when a signal becomes pending for it or one of its threads (sigtimedwait(2)). */
  readonly signalEvent = new WaitQueue();

  constructor(init: {
    kernel: Kernel;
    pid: number;
    pidNamespace: PidNamespace;
    ppid: number;
    pgid: number;
    sid: number;
    memory: AddressSpace;
    handlers: SignalHandlers;
    limits: ResourceLimits;
    exitSignal: number;
    startTime: number;
  }) {
    this.kernel = init.kernel;
    this.pid = init.pid;
    this.pidNamespace = init.pidNamespace;
    this.ppid = init.ppid;
    this.pgid = init.pgid;
    this.sid = init.sid;
    this.memory = init.memory;
    this.handlers = init.handlers;
    this.limits = init.limits;
    this.exitSignal = init.exitSignal;
    this.startTime = init.startTime;
  }

  /** Those of the leader, as /proc shows them. Threads may differ (setuid(2), unshare(2)). */
  get credentials(): Credentials {
    return this.leader.credentials;
  }
  get files(): Descriptors {
    return this.leader.files;
  }
  get fs(): FsContext {
    return this.leader.fs;
  }
  get name(): string {
    return this.leader.name;
  }
  /** What it has used so far, threads that have ended included. */
  currentUsage(): Usage {
    const usage = new Usage();
    usage.add(this.usage);
    for (const t of this.threads.values()) usage.add(t.usage);
    if (!this.zombie) usage.maxFrames = this.memory.peakResident;
    return usage;
  }
  get zombie(): boolean {
    return this.exitStatus !== null;
  }
  /** Null for orphans. */
  get parent(): Process | null {
    return this.kernel.processes.get(this.ppid) ?? null;
  }
}

/** What happens to a thread next. */
export const RUNNABLE = 0;
export const BLOCKED = 1;
export const STOPPED = 2;
export const DEAD = 3;
export type ThreadState = 0 | 1 | 2 | 3;

export class Thread implements Caller, Waiter, Expirable {
  readonly process: Process;
  /** May change once: exec in another thread takes the leader's. */
  tid: number;
  /** Copy of the CPU state while another thread runs (cpu/state.ts). */
  readonly registers = new Uint8Array(STATE_SIZE);
  /** Immutable: changing them replaces the object, so that fork shares it. */
  credentials: Credentials;
  files: Descriptors;
  fs: FsContext;
  namespaces: Namespaces;
  /** What its semaphore operations are to be undone by (SEM_UNDO); null before the first. */
  semaphoreUndo: SemaphoreUndo | null = null;
  /** As System V objects know it (ipc.ts). */
  ipcCaller: KnownCaller | null = null;
  /** comm: at most 15 bytes. */
  name: string;

  state: ThreadState = RUNNABLE;
  /** What it waits for, or null when it is runnable. */
  blocked: Block | null = null;
  /** `Block.saved` of the wait that has just ended, for the handler that runs again; null at a first entry. */
  saved: unknown = null;
  /** The system call that waited is to be run again (its registers are as they were). */
  resume = false;
  /** The slice is to end after this system call (sched_yield). */
  yields = false;
  /** How the wait ends that a signal has interrupted; 0 for none. The delivery of that signal settles it. */
  restart: Restart | 0 = 0;
  /** Whether it is among the runnable ones (scheduler.ts). */
  queued = false;
  /** Of the wait. */
  readonly timeout = new Deadline(this);
  /** The CPU must leave its loop after the current system call: signals, exec, exit, a spent quantum. */
  attention = false;

  /** Blocked signals. */
  mask = new SignalSet();
  /** Mask to put back after sigsuspend, ppoll, pselect, epoll_pwait; null when there is none (signal/mask.ts). */
  savedMask: SignalSet | null = null;
  readonly pending = new PendingSignals();
  /** sigaltstack(2). */
  altStack = { address: 0, size: 0, flags: 0 };

  /** The last fault, for the frames of signal handlers. */
  fault = { vector: 0, code: 0, address: 0 };

  /** Address to clear and wake at exit (set_tid_address(2)), or 0. */
  clearChildTid = 0;
  /** Head of the list of robust mutexes (set_robust_list(2)), or 0. */
  robustList = 0;
  /** Its restartable sequences (rseq.ts), or null. */
  rseq: { readonly address: number; readonly signature: number } | null = null;
  /** Nanoseconds by which its waits may end late (prctl(2)); timers here are not that exact anyway. */
  timerSlack = 50_000;
  /** Filters of its system calls (seccomp.ts), or null. */
  seccomp: Seccomp | null = null;
  /** The system call that is being made has been let through by whoever answers for a filter: it is not asked about again. */
  passedFilters = false;
  /** Which of its system calls are its own to handle (user-dispatch.ts), or null. Neither fork nor exec keeps it. */
  userDispatch: UserDispatch | null = null;
  /** sched(7): policy and static priority. One CPU runs all policies round-robin. */
  policy = 0;
  priority = 0;
  nice = 0;
  /** A child starts with policy SCHED_OTHER and no negative nice value (SCHED_RESET_ON_FORK). */
  resetOnFork = false;
  readonly usage = new Usage();
  /** ioprio_set(2): class and level. */
  ioPriority = 0;
  /** Of set_mempolicy(2); null is the default. */
  memoryPolicy: MemoryPolicy | null = null;
  /** CPU time at its last wait, for RLIMIT_RTTIME. */
  lastWait = 0;

  constructor(
    process: Process,
    tid: number,
    from: { credentials: Credentials; files: Descriptors; fs: FsContext; name: string },
  ) {
    this.process = process;
    this.tid = tid;
    this.credentials = from.credentials;
    this.files = from.files;
    this.fs = from.fs;
    this.name = from.name;
    this.namespaces = process.kernel.namespaces;
  }

  get kernel(): Kernel {
    return this.process.kernel;
  }
  /** User memory of the thread. */
  get user(): UserMemory {
    return this.process.memory.user;
  }

  /** A signal waits to be delivered: a wait, if it is interruptible, ends. */
  get interrupted(): boolean {
    const own = this.pending.set;
    const shared = this.process.pending.set;
    return (((own.low | shared.low) & ~this.mask.low) | ((own.high | shared.high) & ~this.mask.high)) !== 0;
  }

  /** A queue that it waits on has fired. */
  wake(): void {
    this.process.kernel.scheduler.wake(this);
  }
  /** The deadline of its wait has passed. */
  expire(): void {
    this.process.kernel.scheduler.wake(this);
  }

  // What the file system asks of its caller (fs/types.ts).
  get fsuid(): number {
    return this.credentials.fsuid;
  }
  get fsgid(): number {
    return this.credentials.fsgid;
  }
  get groups(): readonly number[] {
    return this.credentials.groups;
  }
  get pid(): number {
    return this.process.pid;
  }
  /** In the initial user namespace; over an inode, in its own if that knows the inode's owner and group. */
  capable(capability: number, inode?: Inode): boolean {
    const c = this.credentials;
    return inode === undefined ? capable(c, capability) : capableOver(c, inode, capability);
  }
  get fileSizeLimit(): number {
    return this.process.limits.fileSize;
  }
}
