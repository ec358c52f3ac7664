/** Processes and threads: the state that other parts of the kernel refer to. Behaviour is in the modules that own it. */
import type { Descriptors } from "../fs/descriptors.ts";
import type { FsContext } from "../fs/types.ts";
import type { AddressSpace } from "../memory/address-space.ts";
import type { Block } from "../wait/queue.ts";
import { WaitQueue } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";

/** POSIX credentials (credentials(7)). Numbers, as Linux user and group ids are. */
export interface Credentials {
  uid: number; euid: number; suid: number; fsuid: number;
  gid: number; egid: number; sgid: number; fsgid: number;
  groups: number[];
}

/** A thread group. Fields are data; see process.ts, exit.ts, signal/. */
export interface Process {
  readonly kernel: Kernel;
  readonly pid: number;
  parent: Process | null;
  readonly children: Set<Process>;
  pgid: number;
  sid: number;
  readonly threads: Map<number, Thread>;
  memory: AddressSpace;
  files: Descriptors;
  fs: FsContext;
  credentials: Credentials;
  /** First 15 bytes of the executable's name, and its absolute path. */
  name: string;
  executable: string;
  argv: Uint8Array;
  environ: Uint8Array;
  /** wait status once it is a zombie (wait(2)), else null. */
  exitStatus: number | null;
  /** Fired when a child changes state. */
  readonly childEvent: WaitQueue;
}

export interface Thread {
  readonly process: Process;
  readonly tid: number;
  /** Copy of the CPU state while another thread runs (cpu/state.ts). */
  readonly registers: Uint8Array;
  /** What it waits for, or null when it is runnable. */
  blocked: Block | null;
  /** `Block.saved` of the wait that has just ended, for the handler that runs again; null at a first entry. */
  saved: unknown;
  /** Address to clear and wake at exit (set_tid_address(2)), or 0. */
  clearChildTid: number;
}
