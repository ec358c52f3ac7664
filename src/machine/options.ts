/** What a machine is to run, within which limits, and how it ended. */
import type { Manifest } from "../image/format.ts";
import type { HandlerTable } from "../kernel/syscalls/row.ts";

export interface MachineLimits {
  /** Guest CPU time in milliseconds (kernel/clock.ts). */
  readonly cpuMs: number;
  /** Time from start to end in milliseconds. */
  readonly wallMs: number;
  /** Frames for processes and tmpfs, in MiB. */
  readonly memoryMiB: number;
  readonly processes: number;
  /** RLIMIT_NOFILE. */
  readonly files: number;
  /** Bytes of standard output and standard error together, in MiB. */
  readonly outputMiB: number;
}

export const UNLIMITED_MACHINE: MachineLimits = {
  cpuMs: Number.POSITIVE_INFINITY,
  wallMs: Number.POSITIVE_INFINITY,
  memoryMiB: 72,
  processes: 4096,
  files: 1024,
  outputMiB: Number.POSITIVE_INFINITY,
};

/** Of a terminal, in characters. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

export interface ProcessGroup {
  /** Default: a group of its own. */
  readonly pgid?: number;
  readonly sid: number;
}

export interface MachineOptions {
  /** The root file system; null for an empty one. */
  readonly image: Manifest | null;
  /** Default: the image's entry point and command. argv[0] without a slash is looked up in PATH. */
  readonly argv?: readonly string[];
  /** Added to the image's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the image's working directory, or "/". It is made when it is missing. */
  readonly cwd?: string;
  /** "uid", "uid:gid", or names of /etc/passwd and /etc/group. Default: the image's, or root. */
  readonly user?: string;
  readonly limits?: Partial<MachineLimits>;
  /** Machines of one domain, a function, have equal pages once while they wait (memory/merge.ts). Default: this one shares nothing. */
  readonly mergeDomain?: string;
  /** Hosts and ports that programs may connect to (net/egress/rules.ts). Default: none. */
  readonly egress?: readonly string[];
  /** Standard input, output and error are a terminal of this size. Default: pipes. */
  readonly terminal?: WindowSize;
  /**
   * The group and session, perhaps of another machine of its namespace, that the first process is in, as one that was moved here
   * would be. Default: its own.
   */
  readonly group?: ProcessGroup;
  /** utsname's nodename. */
  readonly hostname?: string;
  /** System call handlers in place of the kernel's own, for tests of the tests (test/conformance). */
  readonly handlers?: HandlerTable;
  /** Called with each line that strace(1) would print. */
  readonly strace?: (line: string) => void;
}

/** Limits that are answered with an error: EAGAIN, EMFILE. */
export type RefusedLimit = "processes" | "files";

/** Why a machine was ended before its program was done. */
export type EndReason = "cpu" | "wall" | "memory" | "output" | "killed" | "abandoned" | "expelled";

export interface ExitStatus {
  /** Exit status of the command, when it exited. */
  readonly exitCode?: number;
  /** The signal that ended it, when one did. */
  readonly signal?: number;
  /** Set when a limit or the host ended it. */
  readonly reason?: EndReason;
  /** Limits at which the kernel refused something in the meantime. */
  readonly reached?: readonly RefusedLimit[];
}

export interface MachineStats {
  /** Guest instructions retired. */
  readonly instructions: number;
  readonly systemCalls: number;
  readonly pageFaults: number;
  readonly signals: number;
  readonly contextSwitches: number;
  readonly processes: number;
  /** Reads of the object store. */
  readonly objectReads: number;
  /** Operations on System V objects of the machine's namespace, and calls of Durable Objects that were made for them. */
  readonly ipcOperations: number;
  readonly ipcCalls: number;
  /** Most frames of 4 KiB that the machine held. */
  readonly peakFrames: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}
