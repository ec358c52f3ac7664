/** New processes and threads (clone(2), kernel/fork.c). */
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_CLEAR_SIGHAND,
  CLONE_DETACHED,
  CLONE_FILES,
  CLONE_FS,
  CLONE_NEWIPC,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from "../abi/clone.ts";
import { EAGAIN, EINVAL, EPERM, Errno } from "../abi/errno.ts";
import { R_FS, RAX, RSP } from "../cpu/state.ts";
import type { FsContext } from "../fs/context.ts";
import { TASK_SIZE_MAX } from "../memory/layout.ts";
import { OutOfFrames } from "../memory/types.ts";
import { Block, ERESTARTNOINTR, WaitQueue } from "../wait/queue.ts";
import { shareUndo } from "./ipc.ts";
import type { Kernel } from "./kernel.ts";
import { mayNotFork } from "./limits-of-user.ts";
import { localPid, ownTid } from "./lookup.ts";
import { enterTime } from "./namespaces.ts";
import { PidFile } from "./pidfd.ts";
import type { Pid, PidNamespace } from "./pids.ts";
import { claimElsewhere } from "./remote-process.ts";
import { endForMemory } from "./signal/faults.ts";
import { Process, Thread } from "./task.ts";
import { NAMESPACES, namespaceError, newCredentials, newNamespaces } from "./unshare.ts";

export interface CloneArguments {
  /** CLONE_*, without the signal. */
  readonly flags: number;
  /** Sent to the parent when the child ends; 0 for none. */
  readonly exitSignal: number;
  /** Top of the child's stack, or 0 to keep the parent's. */
  readonly stack: number;
  readonly parentTid: number;
  /** Where CLONE_PIDFD puts the descriptor. */
  readonly pidfd: number;
  readonly childTid: number;
  readonly tls: number;
  /** Numbers that the child is to have, the innermost pid namespace first (set_tid of clone3(2)). */
  readonly setTid?: readonly number[];
}

/** Whether a flag is set; flags go beyond 32 bits. */
const has = (flags: number, flag: number): boolean => Math.floor(flags / flag) % 2 === 1;

/**
 * Creates what clone(2) says, as a copy of `t`, whose registers are loaded. Returns the new tid or a negative errno; after
 * CLONE_VFORK a wait until the child lets go of the memory.
 */
export function clone(t: Thread, args: CloneArguments): number | Block {
  if (typeof t.saved === "number") return t.saved;
  const { kernel, process: parent } = t;
  const { flags } = args;
  const low = flags >>> 0;
  const error = invalid(t, low);
  if (error !== 0) return -error;
  if (has(low, CLONE_SETTLS) && args.tls >= TASK_SIZE_MAX) return -EPERM;
  const inThread = has(low, CLONE_THREAD);
  if (tooMany(t)) return -EAGAIN;
  // The next block of ids is on its way.
  const { awaited } = kernel.pids;
  if (awaited !== null) return new Block([awaited], ERESTARTNOINTR, { uninterruptible: true });
  const claim = claimElsewhere(t, args.setTid);
  if (claim !== 0) return claim;
  // What may fail or wait comes before anything is created. A bad address for a tid is ignored.
  const tellsParent = has(low, CLONE_PARENT_SETTID) && writable(t, args.parentTid);
  const tellsChild = has(low, CLONE_CHILD_SETTID) && writable(t, args.childTid);
  if (has(low, CLONE_PIDFD)) {
    t.user.probe(args.pidfd, 4, true);
    t.files.reserve(1, parent.limits.openFiles);
  }
  const fs = has(low, CLONE_FS) ? t.fs : t.fs.copy();
  const credentials = newCredentials(t, low);
  const namespaces = low & NAMESPACES ? newNamespaces(t, low, fs, credentials.userNamespace) : t.namespaces;
  const memory = inThread ? parent.memory : has(low, CLONE_VM) ? parent.memory.share() : parent.memory.fork();
  const id = allocate(kernel, namespaces.pid, args.setTid);
  if (typeof id === "number") {
    if (!inThread) memory.release();
    return id;
  }
  const tid = id.number;
  const process = inThread ? parent : forkProcess(parent, id, memory, args);
  const child = forkThread(t, process, tid, low, fs);
  child.namespaces = has(low, CLONE_VM) ? namespaces : enterTime(namespaces);
  child.credentials = credentials;
  if (has(low, CLONE_SYSVSEM)) shareUndo(t, child);
  if (!inThread) {
    process.leader = child;
    process.creator = has(low, CLONE_PARENT) ? parent.creator : t;
  }
  process.threads.set(tid, child);
  kernel.threads.set(tid, child);
  setRegisters(child, kernel.registers.bytes, args);
  if (tellsParent) tell(t, args.parentTid, localPid(parent, tid));
  if (has(low, CLONE_PIDFD)) {
    tell(t, args.pidfd, t.files.install(new PidFile(t, process, 0), true, parent.limits.openFiles));
  }
  if (tellsChild) tell(child, args.childTid, ownTid(child));
  if (has(low, CLONE_CHILD_CLEARTID)) child.clearChildTid = args.childTid;
  kernel.scheduler.enqueue(child);
  const result = localPid(parent, tid);
  if (!has(low, CLONE_VFORK)) return result;
  process.vforkDone = new WaitQueue();
  return new Block([process.vforkDone], ERESTARTNOINTR, { saved: result, uninterruptible: true });
}

function invalid(t: Thread, flags: number): number {
  if (has(flags, CLONE_SIGHAND) && !has(flags, CLONE_VM)) return EINVAL;
  if (has(flags, CLONE_THREAD) && !has(flags, CLONE_SIGHAND)) return EINVAL;
  if (has(flags, CLONE_NEWNS) && has(flags, CLONE_FS)) return EINVAL;
  if (has(flags, CLONE_NEWIPC) && has(flags, CLONE_SYSVSEM)) return EINVAL;
  if (has(flags, CLONE_NEWUSER) && has(flags, CLONE_FS)) return EINVAL;
  // The init of a namespace has no siblings in it.
  if (has(flags, CLONE_PARENT) && t.process.unkillable) return EINVAL;
  if (
    has(flags, CLONE_THREAD) &&
    (flags & (CLONE_NEWUSER | CLONE_NEWPID) || t.namespaces.pid !== t.process.pidNamespace)
  )
    return EINVAL;
  const error = namespaceError(t, flags);
  if (error !== 0) return error;
  if (has(flags, CLONE_PIDFD) && (flags & (CLONE_DETACHED | CLONE_THREAD)) !== 0) return EINVAL;
  return 0;
}

/** Whether a tid can be written there; throws NeedPage. */
function writable(t: Thread, address: number): boolean {
  try {
    t.user.probe(address, 4, true);
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

/** Writes to a page that the fork may just have made copy-on-write: without a frame for the copy this is a fault like any other. */
function tell(t: Thread, address: number, value: number): void {
  try {
    t.user.setU32(address, value);
  } catch (error) {
    if (!(error instanceof OutOfFrames)) throw error;
    endForMemory(t);
  }
}

function allocate(kernel: Kernel, namespace: PidNamespace, wanted?: readonly number[]): Pid | number {
  try {
    return kernel.pids.allocate(namespace, wanted);
  } catch (error) {
    if (error instanceof Errno) return -error.errno;
    throw error;
  }
}

/** RLIMIT_NPROC, and the machine's own limit. */
function tooMany(t: Thread): boolean {
  const { kernel } = t;
  if (kernel.threads.size >= kernel.processLimit) {
    kernel.refuse("processes", "EAGAIN");
    return true;
  }
  if (mayNotFork(t)) return true;
  t.process.exceedsProcessLimit = false;
  return false;
}

function forkProcess(from: Process, id: Pid, memory: Process["memory"], args: CloneArguments): Process {
  const { kernel } = from;
  const low = args.flags >>> 0;
  const shared = has(low, CLONE_SIGHAND);
  const pid = id.number;
  const child = new Process({
    kernel,
    pid,
    pidNamespace: id.namespace,
    ppid: has(low, CLONE_PARENT) ? from.ppid : from.pid,
    pgid: from.pgid,
    sid: from.sid,
    memory,
    handlers: shared
      ? from.handlers
      : has(args.flags, CLONE_CLEAR_SIGHAND)
        ? from.handlers.afterExec()
        : from.handlers.clone(),
    limits: from.limits.clone(),
    exitSignal: has(low, CLONE_PARENT) ? from.exitSignal : args.exitSignal,
    startTime: kernel.clock.now(),
  });
  child.terminal = from.terminal;
  child.executable = from.executable;
  child.executableLocation = from.executableLocation;
  if (memory !== from.memory) {
    memory.limits = child.limits;
    memory.mayLock = from.memory.mayLock;
  }
  child.dumpable = from.dumpable;
  child.noNewPrivileges = from.noNewPrivileges;
  Object.assign(child.settings, from.settings);
  child.personality = from.personality;
  if (id.namespace.level > 0 && id.in(id.namespace) === 1) {
    id.namespace.init = child;
    child.unkillable = true;
  }
  kernel.processes.set(pid, child);
  kernel.stats.processes++;
  child.parent?.children.add(child);
  return child;
}

function forkThread(from: Thread, process: Process, tid: number, flags: number, fs: FsContext): Thread {
  let { files } = from;
  if (has(flags, CLONE_FILES)) files.references++;
  else files = files.copy();
  const child = new Thread(process, tid, { credentials: from.credentials, files, fs, name: from.name });
  child.timerSlack = from.timerSlack;
  child.seccomp = from.seccomp;
  child.memoryPolicy = from.memoryPolicy;
  if (from.resetOnFork) resetScheduling(from, child);
  else inheritScheduling(from, child);
  child.mask = from.savedMask ?? from.mask;
  child.ioPriority = from.ioPriority;
  // Only a copy in memory of its own keeps the alternate stack, and vfork's child, which runs on the parent's.
  if (!has(flags, CLONE_VM) || has(flags, CLONE_VFORK)) child.altStack = from.altStack;
  if (!has(flags, CLONE_VM)) child.rseq = from.rseq;
  return child;
}

function inheritScheduling(from: Thread, child: Thread): void {
  child.policy = from.policy;
  child.priority = from.priority;
  child.nice = from.nice;
}

/** SCHED_RESET_ON_FORK: no real-time policy, no negative nice value. */
function resetScheduling(from: Thread, child: Thread): void {
  if (from.priority > 0) return;
  child.policy = from.policy;
  child.nice = Math.max(from.nice, 0);
}

function setRegisters(child: Thread, parent: Uint8Array, args: CloneArguments): void {
  child.registers.set(parent);
  const view = new DataView(child.registers.buffer);
  const set = (register: number, value: number) => {
    view.setUint32(register * 8, value >>> 0, true);
    view.setUint32(register * 8 + 4, Math.floor(value / 0x1_0000_0000), true);
  };
  set(RAX, 0);
  if (args.stack !== 0) set(RSP, args.stack);
  if (has(args.flags >>> 0, CLONE_SETTLS)) set(R_FS, args.tls);
}
