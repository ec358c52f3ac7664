/** One emulated Linux: its processes, what they run on, and the way out. */

import type { Vfs } from "../fs/vfs.ts";
import type { Frames } from "../memory/physical.ts";
import type { FrameOwner } from "../memory/types.ts";
import type { NetShared } from "../net/network.ts";
import type { Outside } from "../net/outside.ts";
import { Clock } from "./clock.ts";
import { handlers } from "./dispatch.ts";
import { Futexes } from "./futex.ts";
import { PiFutexes } from "./futex-pi.ts";
import type { Host } from "./host.ts";
import { LoadAverages } from "./load.ts";
import { NamespaceLimits } from "./namespace-limits.ts";
import { type IpcNamespace, initialNamespaces, NamespaceIds, type Namespaces } from "./namespaces.ts";
import type { NamespaceFiles } from "./nsfs.ts";
import { type PidAllocator, PidTable } from "./pids.ts";
import type { Processor } from "./processor.ts";
import type { Registers } from "./registers.ts";
import type { Remote } from "./remote.ts";
import { Scheduler } from "./scheduler.ts";
import { SignalQuota } from "./signal/quota.ts";
import { KernelHooks } from "./slice.ts";
import type { SyscallTrace } from "./strace/trace.ts";
import { syscallName } from "./syscalls/names.ts";
import type { HandlerTable } from "./syscalls/row.ts";
import type { Process, Thread } from "./task.ts";

/** What a machine did. */
export interface KernelStats {
  /** Guest instructions. */
  instructions: number;
  /** System calls, those that were run again counted once. */
  syscalls: number;
  /** Page faults that were resolved, and those that became signals. */
  faults: number;
  signals: number;
  /** Switches from one thread to another. */
  switches: number;
  processes: number;
}

export class Kernel {
  readonly processor: Processor;
  readonly physical: Frames;
  /** Of the loaded thread. */
  readonly registers: Registers;
  readonly hooks = new KernelHooks(this);
  /** Who is charged for the frames of this machine's processes and files. */
  readonly owner: FrameOwner;
  readonly pids: PidTable;
  /** What answers each system call. */
  readonly handlers: HandlerTable;
  readonly clock: Clock;
  #vfs: Vfs | null = null;
  readonly scheduler = new Scheduler();
  /** Number of the newest list of semaphore operations to undo (ipc.ts). */
  lastSemaphoreUndo = 0;
  readonly futexes = new Futexes();
  #piFutexes: PiFutexes | null = null;
  readonly signalQuota = new SignalQuota();
  /** By pid, zombies included. */
  readonly processes = new Map<number, Process>();
  /** By tid. */
  readonly threads = new Map<number, Thread>();
  /** The command's process: when it ends, the machine does. */
  init: Process | null = null;
  /** The thread that runs, or null between slices. */
  current: Thread | null = null;
  /** What of the running slice has been charged (accounting.ts). */
  readonly slice = { syscalls: 0, overhead: 0, blocks: 0 };
  /** Valid during `Machine.run` only. */
  host!: Host;
  /** The machine's way out, for the first network namespace. */
  outside: Outside | null = null;
  /** What its sockets share; made with the first network (network.ts). */
  net: NetShared | null = null;
  /** The other machines of its namespace; null when it is alone. */
  remote: Remote | null = null;
  readonly namespaceIds = new NamespaceIds();
  /** Those of the first process. */
  namespaces: Namespaces;
  /** Those that live shorter than the machine (ipc-lifetime.ts). */
  readonly ipcNamespaces = new Set<IpcNamespace>();
  readonly namespaceLimits: NamespaceLimits;
  /** Made with the first that is asked for (nsfs.ts). */
  namespaceFiles: NamespaceFiles | null = null;
  /** Most processes and threads at a time. */
  readonly processLimit: number;
  /** Most that RLIMIT_NOFILE can be (fs.nr_open). */
  readonly fileLimit: number;
  /** Limits of the machine at which something was refused. */
  readonly reached = new Set<"processes" | "files">();
  /** Nanoseconds that a thread runs before another has its turn. */
  readonly quantum: number;
  /** The newest of /proc/[pid]/sessionid. */
  lastSession = 0;
  readonly stats: KernelStats = { instructions: 0, syscalls: 0, faults: 0, signals: 0, switches: 0, processes: 0 };
  /** Set when system calls are to be printed. */
  trace: SyscallTrace | null = null;
  /** Processes killed because no frame was left. */
  oomKills = 0;
  readonly load = new LoadAverages();
  /** /proc/sys/kernel/random/boot_id; made when it is first asked for. */
  bootId: string | null = null;
  readonly #logged = new Set<string>();

  constructor(init: {
    processor: Processor;
    owner: FrameOwner;
    pids: PidAllocator;
    /** Default: the table's (syscalls/table.ts). */
    handlers?: HandlerTable;
    processLimit: number;
    fileLimit: number;
    quantum: number;
  }) {
    this.processor = init.processor;
    this.physical = init.processor.physical;
    this.registers = init.processor.registers;
    this.owner = init.owner;
    this.pids = new PidTable(this.namespaceIds.next(), init.pids);
    // The mounts are added when the machine has a file system.
    this.namespaces = initialNamespaces(this.namespaceIds, this.pids.root) as Namespaces;
    this.handlers = init.handlers ?? handlers;
    this.processLimit = init.processLimit;
    this.namespaceLimits = new NamespaceLimits(this);
    this.fileLimit = init.fileLimit;
    this.quantum = init.quantum;
    this.clock = new Clock(this.physical);
  }

  get hasPiFutexes(): boolean {
    return this.#piFutexes !== null;
  }
  get piFutexes(): PiFutexes {
    this.#piFutexes ??= new PiFutexes();
    return this.#piFutexes;
  }

  /** Mounts, and files without a name. Set once, when the machine is put together. */
  get vfs(): Vfs {
    return this.#vfs!;
  }
  set vfs(vfs: Vfs) {
    this.#vfs = vfs;
    this.namespaces = { ...this.namespaces, mnt: vfs.namespace };
  }

  /** The name that the machine starts with. */
  set hostname(name: string) {
    this.namespaces.uts.hostname = name;
  }

  /** The thread has ended. */
  forget(t: Thread): void {
    this.processor.forget(t);
  }

  /** Gives `pid` back unless a process, group or session still has it. */
  releasePid(pid: number): void {
    if (this.processes.has(pid)) return;
    for (const p of this.processes.values()) if (p.pgid === pid || p.sid === pid) return;
    this.pids.free(pid);
  }

  log(level: "info" | "warn" | "error", message: string): void {
    this.host.log(level, message);
  }

  /** A limit of the machine is reached: the call answers `error`. */
  refuse(limit: "processes" | "files", error: string): void {
    if (this.reached.has(limit)) return;
    this.reached.add(limit);
    this.log("warn", `the machine's limit ${limit} is reached: ${error}`);
  }

  /** Logs a message the first time it comes. */
  logOnce(level: "info" | "warn" | "error", message: string): void {
    if (this.#logged.has(message)) return;
    this.#logged.add(message);
    this.log(level, message);
  }

  /** A system call, or a part of one, that the kernel lacks. */
  logMissing(number: number, what = ""): void {
    this.logOnce("warn", `system call ${syscallName(number)} (${number})${what && ` ${what}`} is missing: ENOSYS`);
  }
}
