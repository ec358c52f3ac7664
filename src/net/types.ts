/** The contract of net/: who calls, what sockets get from their machine, what the kernel asks of a socket. */
import type { FsContext } from "../fs/context.ts";
import type { File } from "../fs/file.ts";
import type { Caller } from "../fs/types.ts";
import type { Vfs } from "../fs/vfs.ts";
import type { Deadlines } from "../wait/deadlines.ts";

/** Who calls: a thread, as far as sockets ask. */
export interface NetCaller extends Caller {
  readonly credentials: {
    readonly uid: number;
    readonly euid: number;
    readonly gid: number;
    readonly egid: number;
    readonly groups: readonly number[];
  };
  readonly fs: FsContext;
  /** Its process, which SO_PEERPIDFD leads back to. */
  readonly process: object;
}

/** What sockets get from their machine. */
export interface NetEnvironment {
  readonly vfs: Vfs;
  readonly deadlines: Deadlines;
  /** CLOCK_MONOTONIC in nanoseconds. */
  now(): number;
  realtime(): { readonly sec: number; readonly nsec: number };
  capable(caller: NetCaller, capability: number): boolean;
  /** RLIMIT_NOFILE of the caller. */
  fileLimit(caller: NetCaller): number;
  /** A line for the operator's log, the first time it comes. */
  log(message: string): void;
  /** The owner of `file` (F_SETOWN) is told of urgent data (SIGURG), or of what POLL_* code says (SIGIO, or F_SETSIG). */
  urgent(file: File): void;
  ready(file: File, code: number): void;
}

/** struct ucred, and what SO_PEERGROUPS and SO_PEERPIDFD add. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly process: object | null;
}

/** Those of the caller as others see it: effective ids. */
export function credentialsOf({ pid, credentials: c, process }: NetCaller): PeerCredentials {
  return { pid, uid: c.euid, gid: c.egid, groups: c.groups, process };
}

/** Those of nobody: pid 0, the overflow ids. */
export const NO_CREDENTIALS: PeerCredentials = { pid: 0, uid: 65534, gid: 65534, groups: [], process: null };
