/** What /proc shows of a machine: read from the kernel, which implements these interfaces. Strings are byte strings. */
import type { FsContext } from "../context.ts";
import type { Descriptors } from "../descriptors.ts";
import type { Location, Mount } from "../mount.ts";
import type { Caller } from "../types.ts";
import type { IpcView } from "./ipc.ts";

/** A thread, as /proc/[pid]/task/[tid] shows it. */
export interface ThreadView {
  readonly tid: number;
  /** comm. */
  name: string;
  /** State letter of proc_pid_stat(5): R, S, D, T, Z. */
  readonly stateLetter: string;
  /** sched(7): nice value, policy (SCHED_*), and static priority (0 unless the policy is a real-time one). */
  readonly scheduling: { readonly nice: number; readonly policy: number; readonly priority: number };
}

/** A network namespace, as /proc/[pid]/net shows it: files by name. */
export interface NetworkView {
  readonly reports: readonly string[];
  report(name: string): string;
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
  /** Its controlling terminal: st_rdev (0 without one), and the foreground group (-1 without one). */
  readonly terminal: { readonly device: number; readonly foreground: number };
  readonly leaderView: ThreadView;
  readonly threadViews: Iterable<ThreadView>;
  /** Ids in the order real, effective, saved, file system. */
  readonly uids: readonly [number, number, number, number];
  readonly gids: readonly [number, number, number, number];
  /** Others of the same user may not look into it. */
  readonly isPrivate: boolean;
  readonly supplementaryGroups: readonly number[];
  /** Absolute path of the executable, and where it is (null when it has none any more). */
  readonly executable: string;
  readonly executableLocation: Location | null;
  /** Bytes of the argument and environment strings, NUL after each. */
  readonly commandLine: Uint8Array;
  readonly environment: Uint8Array;
  readonly auxiliaryVector: Uint8Array;
  readonly files: Descriptors;
  readonly network: NetworkView;
  readonly fs: FsContext;
  /** Of its mount namespace, in the order in which they were made. */
  readonly mounts: readonly Mount[];
  /** Lines of uid_map and gid_map as the caller sees them; writing throws EPERM, EINVAL. */
  idMap(caller: Caller, kind: "uid" | "gid"): string;
  writeIdMap(caller: Caller, kind: "uid" | "gid", text: string): void;
  /** "allow" or "deny" (/proc/[pid]/setgroups). */
  readonly setgroups: string;
  writeSetgroups(caller: Caller, text: string): void;
  /** Numbers of the process, the thread group's leader, group and session, in this namespace and those inside it. */
  readonly nestedNumbers: { readonly pid: string; readonly pgid: string; readonly sid: string };
  /** Capability sets as 16 hexadecimal digits. */
  readonly capabilitySets: {
    readonly inheritable: string;
    readonly permitted: string;
    readonly effective: string;
    readonly bounding: string;
    readonly ambient: string;
  };
  readonly noNewPrivileges: boolean;
  /** Of /proc/[pid]/ns: "net" and "net:[4026531840]", and where it leads; nothing for one that has no process yet. */
  readonly namespaceLinks: readonly { name: string; text: string; location: Location | null }[];
  /** Lines of /proc/[pid]/maps. */
  maps(): string;
  /** Bytes: mapped, resident, most resident, data, stack, text. */
  readonly memoryUse: {
    readonly virtual: number;
    readonly resident: number;
    readonly peak: number;
    readonly data: number;
    readonly stack: number;
    readonly text: number;
  };
  /** Nanoseconds of CPU time of the process and of its waited-for children, and of monotonic time at its start. */
  readonly times: {
    readonly user: number;
    readonly system: number;
    readonly childUser: number;
    readonly childSystem: number;
    readonly start: number;
  };
  readonly faults: { readonly minor: number; readonly major: number };
  /** Signal sets as 16 hexadecimal digits. */
  readonly signalSets: {
    readonly pending: string;
    readonly shared: string;
    readonly blocked: string;
    readonly ignored: string;
    readonly caught: string;
  };
  /** Soft and hard values by RLIMIT_*; Infinity is unlimited. */
  readonly limitValues: { readonly soft: readonly number[]; readonly hard: readonly number[] };
}

/** The machine, as the files directly in /proc show it. */
export interface SystemView {
  processViews(): Iterable<ProcessView>;
  processView(pid: number): ProcessView | null;
  /** What this /proc calls the process or thread that is `number` to itself (`Caller.pid`); 0 when it does not show it. */
  numberOf(number: number): number;
  /** Nanoseconds since boot, and those that the CPU was idle. */
  readonly uptime: number;
  readonly idleTime: number;
  /** CLOCK_REALTIME of boot in seconds. */
  readonly bootTime: number;
  /** Bytes: what the machine may use, what is free, page cache. */
  readonly memory: { readonly total: number; readonly free: number; readonly cached: number };
  /** Runnable threads, all threads, the newest pid. */
  readonly load: { readonly running: number; readonly total: number; readonly lastPid: number };
  readonly pidMax: number;
  /** uname(2). */
  readonly uts: {
    readonly sysname: string;
    readonly nodename: string;
    readonly release: string;
    readonly version: string;
    readonly domainname: string;
  };
  /** System V objects and POSIX message queues. */
  readonly ipc: IpcView;
  /** Lines of /proc/cpuinfo. */
  readonly cpuInfo: string;
  /** /proc/sys/net: values by "folder/name". */
  readonly networkSettings: Readonly<Record<string, string | number>>;
  /** Context switches and forks so far. */
  readonly counts: { readonly switches: number; readonly forks: number };
}
