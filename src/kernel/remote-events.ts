/** What the namespace asks of a machine (namespace-port.ts): to deliver signals, and what its processes are. */
import { EEXIST, Errno } from "../abi/errno.ts";
import { O_RDONLY } from "../abi/fcntl.ts";
import type { File } from "../fs/file.ts";
import { Directory } from "../fs/inode.ts";
import { ProcFileSystem } from "../fs/proc/procfs.ts";
import { KERNEL_CALLER } from "../fs/root.ts";
import { BytesTransfer } from "../fs/transfer.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import { NeedPage } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import type { MachineEvent, MachineReply, ProcessReport } from "./namespace-port.ts";
import { KernelView } from "./proc-view.ts";
import type { Remote } from "./remote.ts";
import { changeHere, record, recordOf } from "./remote-process.ts";
import { ReceivedSignals } from "./remote-signal.ts";
import type { Process } from "./task.ts";
import { highest, threadsIn } from "./thread-set.ts";

/** Most bytes of one file of /proc/[pid] that are told. */
const FILE_SIZE = 4096;

export class RemoteEvents {
  readonly #kernel: Kernel;
  readonly #signals = new ReceivedSignals();
  #proc: Directory | null = null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  answer(event: MachineEvent): MachineReply {
    switch (event.op) {
      case "signal":
        return this.#signals.receive(this.#kernel, event);
      case "schedule":
        return changeHere(this.#kernel, event);
      case "priorities":
        return highest(threadsIn(this.#kernel, event.target));
      case "group":
        return this.#remote.groups.record(event.id);
      case "shared":
        this.#remote.groups.receive(event, event.fresh);
        return 0;
      case "claim":
        return this.#claim(event.id);
      case "watch":
        return this.#remote.watched.watch(this.#kernel, event.id);
      case "ended":
        this.#remote.watched.ended(event);
        return 0;
      case "limits":
        Object.assign(this.#kernel.namespaces.ipc.objects.limits, event.limits);
        return 0;
      case "process":
        return recordOf(this.#kernel, event.id);
      case "processes":
        return [...this.#kernel.processes.values()].map((p) => this.#report(p));
      default:
        return 0;
    }
  }

  get #remote(): Remote {
    return this.#kernel.remote!;
  }

  /** An id of this machine's blocks is to be another's. */
  #claim(id: number): number {
    const { processes, threads } = this.#kernel;
    const used = threads.has(id) || [...processes.values()].some((p) => p.pid === id || p.pgid === id || p.sid === id);
    return used || !this.#remote.pids.lend(id) ? -EEXIST : 0;
  }

  #report(p: Process): ProcessReport {
    const { clock } = this.#kernel;
    const usage = p.currentUsage();
    const { sec, nsec } = clock.realtime(p.startTime);
    const stat = this.#file(p.pid, "stat");
    return {
      ...record(p.leader),
      gid: p.credentials.gid,
      started: sec * 1000 + Math.floor(nsec / 1e6),
      state: stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "R",
      cpuTime: usage.user + usage.system,
      resident: p.zombie ? 0 : p.memory.residentPages * PAGE_SIZE,
      comm: p.name,
      cmdline: Uint8Array.from(this.#file(p.pid, "cmdline"), (character) => character.charCodeAt(0)),
      stat,
      status: this.#file(p.pid, "status"),
    };
  }

  /** A file of the process, as the outermost /proc has it; a byte string. */
  #file(pid: number, name: string): string {
    const { vfs } = this.#kernel;
    this.#proc ??= new ProcFileSystem(vfs.environment, vfs, new KernelView(this.#kernel)).root;
    try {
      const folder = this.#proc.lookup(String(pid), KERNEL_CALLER);
      const inode = folder instanceof Directory ? folder.lookup(name, KERNEL_CALLER) : null;
      if (inode === null) return "";
      const bytes = new BytesTransfer(new Uint8Array(FILE_SIZE));
      (inode.open(KERNEL_CALLER, O_RDONLY, null) as File).read(KERNEL_CALLER, bytes);
      return String.fromCharCode(...bytes.bytes.subarray(0, bytes.position));
    } catch (error) {
      // What is not in memory is not fetched for a stranger.
      if (error instanceof Errno || error instanceof NeedPage) return "";
      throw error;
    }
  }
}
