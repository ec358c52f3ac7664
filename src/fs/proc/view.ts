/** What /proc shows of a machine: read from the kernel, which implements these interfaces. Strings are byte strings. */
import type { AddressSpace } from "../../memory/address-space.ts";
import type { MemoryPolicy } from "../../memory/policy.ts";
import type { FsContext } from "../context.ts";
import type { Descriptors } from "../descriptors.ts";
import type { Location, Mount } from "../mount.ts";
import type { Caller } from "../types.ts";
import type { IpcView } from "./ipc.ts";
import type { OtherProcesses } from "./others.ts";

/** Signals 1 to 32 and 33 to 64, as two words. */
export interface SignalWords {
  readonly low: number;
  readonly high: number;
}

/** Times in nanoseconds. */
export interface UsageView {
  readonly user: number;
  readonly system: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  /** Of read(2), write(2) and their kin: bytes, and calls. */
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
}

/** A system call that a thread waits in. */
export interface SystemCallView {
  readonly number: number;
  readonly name: string;
  readonly arguments: readonly number[];
  readonly stackPointer: number;
  readonly instructionPointer: number;
}

/** A thread, as /proc/[pid]/task/[tid] shows it. */
export interface ThreadView {
  readonly tid: number;
  /** Nothing has this tid any more, or something else. */
  readonly gone: boolean;
  /** comm. */
  name: string;
  /** State letter of proc_pid_stat(5): R, S, D, T, Z. */
  readonly stateLetter: string;
  /** sched(7): nice value, policy (SCHED_*), and static priority (0 unless the policy is a real-time one). */
  readonly scheduling: { readonly nice: number; readonly policy: number; readonly priority: number };
  /** Ids in the order real, effective, saved, file system. */
  readonly uids: readonly [number, number, number, number];
  readonly gids: readonly [number, number, number, number];
  readonly supplementaryGroups: readonly number[];
  /** Capability sets as 16 hexadecimal digits. */
  readonly capabilitySets: {
    readonly inheritable: string;
    readonly permitted: string;
    readonly effective: string;
    readonly bounding: string;
    readonly ambient: string;
  };
  readonly pendingSignals: SignalWords;
  readonly blockedSignals: SignalWords;
  readonly usage: UsageView;
  /** SECCOMP_MODE_* and the number of filters. */
  readonly seccomp: { readonly mode: number; readonly filters: number };
  /** What it waits in; null when it runs or could. */
  readonly systemCall: SystemCallView | null;
  /** Of set_mempolicy(2); null is the default. */
  readonly memoryPolicy: MemoryPolicy | null;
  /** Nanoseconds (PR_SET_TIMERSLACK). */
  timerSlack: number;
  /** Pids of what it forked and of what it was given. */
  children(): Iterable<number>;
}

/** A network namespace, as /proc/[pid]/net and /sys/class/net show it. */
export interface NetworkView {
  /** Files by name. */
  readonly reports: readonly string[];
  report(name: string): string;
  readonly interfaces: readonly InterfaceView[];
}

/** A network interface (net/interfaces.ts). */
export interface InterfaceView {
  readonly index: number;
  readonly name: string;
  readonly flags: number;
  readonly mtu: number;
  readonly queueLength: number;
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array;
  readonly received: { readonly bytes: number; readonly packets: number };
  readonly sent: { readonly bytes: number; readonly packets: number };
}

/** A POSIX timer (timer_create(2)). */
export interface TimerView {
  readonly id: number;
  readonly clockId: number;
  readonly signal: number;
  readonly value: readonly [low: number, high: number];
  /** SIGEV_*, and the thread or process that is told. */
  readonly notify: number;
  readonly target: number;
}

/** A process, as /proc/[pid] shows it. */
export interface ProcessView {
  /** As `Caller.pid` has it, and as the namespace of this /proc does. */
  readonly number: number;
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly zombie: boolean;
  /** It has been waited for: nothing has this pid any more, or something else. */
  readonly gone: boolean;
  /** Whether `caller` may look into it, and may change it (ptrace(2), PTRACE_MODE_READ_FSCREDS and _ATTACH_FSCREDS). */
  mayRead(caller: Caller): boolean;
  mayAttach(caller: Caller): boolean;
  /** Its controlling terminal: st_rdev (0 without one), and the foreground group (-1 without one). */
  readonly terminal: { readonly device: number; readonly foreground: number };
  readonly leaderView: ThreadView;
  readonly threadViews: readonly ThreadView[];
  /** Others of the same user may not look into it. */
  readonly isPrivate: boolean;
  /** Where its executable is; null when it has none any more. */
  readonly executableLocation: Location | null;
  /** Its memory; null for a zombie. */
  readonly space: AddressSpace | null;
  readonly files: Descriptors;
  readonly network: NetworkView;
  readonly fs: FsContext;
  /** Of its mount namespace, in the order in which they were made. */
  readonly mounts: readonly Mount[];
  /** Lines of uid_map and gid_map as the caller sees them; writing throws EPERM, EINVAL. */
  idMap(caller: Caller, kind: "uid" | "gid"): string;
  writeIdMap(caller: Caller, kind: "uid" | "gid", text: string): void;
  /** /proc/[pid]/timens_offsets; writing returns the bytes it took, throws EPERM, EINVAL, ERANGE, EACCES. */
  readonly timeOffsets: string;
  writeTimeOffsets(caller: Caller, text: string): number;
  /** "allow" or "deny" (/proc/[pid]/setgroups). */
  readonly setgroups: string;
  writeSetgroups(caller: Caller, text: string): void;
  /** Numbers of the process, the thread group's leader, group and session, in this namespace and those inside it. */
  readonly nestedNumbers: { readonly pid: string; readonly pgid: string; readonly sid: string };
  readonly noNewPrivileges: boolean;
  /** Of /proc/[pid]/ns: "net" and "net:[4026531840]", and where it leads; nothing for one that has no process yet. */
  readonly namespaceLinks: readonly { name: string; text: string; location: Location | null }[];
  /** Of all its threads, those that have ended included; and of the children that were waited for. */
  readonly usage: UsageView;
  readonly childrenUsage: UsageView;
  /** CLOCK_BOOTTIME at its start in nanoseconds, as the time namespace of who asks has it. */
  readonly startTime: number;
  readonly pendingSignals: SignalWords;
  readonly ignoredSignals: SignalWords;
  readonly caughtSignals: SignalWords;
  /** Signals queued for its user, and how many there may be. */
  readonly queuedSignals: number;
  /** Soft and hard values by RLIMIT_*; Infinity is unlimited. */
  readonly limitValues: { readonly soft: readonly number[]; readonly hard: readonly number[] };
  /** It has not executed a program since it was forked. */
  readonly forkedOnly: boolean;
  /** The signal that tells its parent of the end, and wait(2) status once it has ended (else 0). */
  readonly exitSignal: number;
  readonly exitStatus: number;
  readonly personality: number;
  posixTimers(): Iterable<TimerView>;
  /** /proc/[pid]/oom_score, and what may be set: oom_score_adj, and the least that it was set to with CAP_SYS_RESOURCE. */
  readonly oomScore: number;
  readonly settings: {
    oomAdjustment: number;
    oomAdjustmentLeast: number;
    coreFilter: number;
    readonly loginUid: number;
    readonly sessionId: number;
  };
  /** Sets the user who logged in, with a new session id. */
  login(uid: number): void;
}

/** A cache of the processor: bytes of a line and of all of it. */
export interface CacheView {
  /** Data, Instruction or Unified. */
  readonly type: string;
  readonly level: number;
  readonly ways: number;
  readonly partitions: number;
  readonly line: number;
  readonly sets: number;
  readonly size: number;
}

/** The machine, as the files directly in /proc and those of /sys show it. */
export interface SystemView {
  processViews(): Iterable<ProcessView>;
  processView(pid: number): ProcessView | null;
  /** Processes of other machines; null when there are none to be seen. */
  readonly others: OtherProcesses | null;
  /** What this /proc calls the process or thread that is `number` to itself (`Caller.pid`); 0 when it does not show it. */
  numberOf(number: number): number;
  /** Nanoseconds since boot, those that the CPU was idle, and those it spent in programs. */
  readonly uptime: number;
  readonly idleTime: number;
  readonly userTime: number;
  /** CLOCK_BOOTTIME in nanoseconds, and CLOCK_REALTIME of boot in seconds, as the time namespace of who asks has them. */
  readonly bootClock: number;
  readonly bootTime: number;
  /** Random bytes that stay the same for the machine's life, as a UUID. */
  readonly bootId: string;
  /** Bytes. */
  readonly memory: MemoryView;
  /** Averages over 1, 5 and 15 minutes; runnable threads, threads that wait uninterruptibly, all threads, the newest pid. */
  readonly load: {
    readonly averages: readonly [number, number, number];
    readonly running: number;
    readonly blocked: number;
    readonly total: number;
    readonly lastPid: number;
  };
  readonly pidMax: number;
  /** The newest pid in the namespace of who asks; setting it throws EPERM, EINVAL where machines share pids. */
  readonly lastPid: number;
  setLastPid(caller: Caller, pid: number): void;
  /** Most threads, and most descriptors of a process. */
  readonly threadLimit: number;
  readonly fileLimit: number;
  /** Most namespaces of each kind for a user, in the user namespace of who asks. */
  readonly namespaceMaxima: Record<string, number>;
  /** uname(2). */
  readonly uts: {
    readonly sysname: string;
    readonly nodename: string;
    readonly release: string;
    readonly version: string;
    readonly machine: string;
    readonly domainname: string;
  };
  /** Throws EPERM. */
  setHostname(caller: Caller, name: string): void;
  setDomainname(caller: Caller, name: string): void;
  /** System V objects and POSIX message queues. */
  readonly ipc: IpcView;
  /** Lines of /proc/cpuinfo. */
  readonly cpuInfo: string;
  readonly caches: readonly CacheView[];
  /** /proc/sys/net: values by "folder/name". */
  readonly networkSettings: Readonly<Record<string, string | number>>;
  /** Names of those that can be mounted. */
  readonly fileSystems: readonly string[];
  /** Context switches, forks and page faults so far. */
  readonly counts: {
    readonly switches: number;
    readonly forks: number;
    readonly minorFaults: number;
    readonly majorFaults: number;
  };
  /** Open file descriptions, sockets included. */
  readonly openFiles: number;
  /** Of the caller's network namespace. */
  networkOf(caller: Caller): NetworkView;
}

/** Bytes of the machine's memory. */
export interface MemoryView {
  readonly total: number;
  readonly free: number;
  /** Private pages of processes; pages of files and shared memory that belong to the machine; and those of files that are mapped. */
  readonly anonymous: number;
  readonly shared: number;
  readonly mapped: number;
  readonly locked: number;
  /** Tables of present pages; what processes have mapped privately and writably. */
  readonly tables: number;
  readonly committed: number;
}
