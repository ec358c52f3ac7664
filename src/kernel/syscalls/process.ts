/** Processes: creating, ending, waiting, groups and sessions. */
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, CAP_SYS_PTRACE } from "../../abi/capability.ts";
import {
  __WALL,
  __WCLONE,
  __WNOTHREAD,
  CLONE_ARGS_SIZE,
  CLONE_ARGS_SIZE_VER0,
  CLONE_CLEAR_SIGHAND,
  CLONE_DETACHED,
  CLONE_INTO_CGROUP,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
  CSIGNAL,
  exitedStatus,
  P_ALL,
  P_PGID,
  P_PID,
  P_PIDFD,
  WCONTINUED,
  WEXITED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
  WUNTRACED,
} from "../../abi/clone.ts";
import { E2BIG, EACCES, EAGAIN, EBADF, EBUSY, ECHILD, EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { O_NONBLOCK } from "../../abi/fcntl.ts";
import { ROBUST_LIST_SIZE } from "../../abi/futex.ts";
import { encodeSignalInfo } from "../../abi/siginfo.ts";
import { NSIG, SIGCHLD, SIGINFO_SIZE } from "../../abi/signal.ts";
import { TASK_SIZE_MAX } from "../../memory/layout.ts";
import { Block } from "../../wait/queue.ts";
import { capable } from "../capabilities.ts";
import { exitGroup, exitThread, reap } from "../exit.ts";
import { clone } from "../fork.ts";
import { globalPid, localPid, ownTid, parentPid, processOf, threadOf } from "../lookup.ts";
import { pidFile } from "../pidfd.ts";
import { hasMembersElsewhere, joinElsewhere } from "../remote-groups.ts";
import { RemotePidFile } from "../remote-pidfd.ts";
import { elsewhere } from "../remote-process.ts";
import { maybeElsewhere, spans } from "../remote-signal.ts";
import { RSEQ_FLAG_UNREGISTER, RSEQ_SIZE, registerRseq, unregisterRseq } from "../rseq.ts";
import { childInfo } from "../signal/stop.ts";
import type { Process, Thread } from "../task.ts";
import { unshare } from "../unshare.ts";
import { type ChildState, consume, findChild, type WaitTarget } from "../wait.ts";
import { writeUsage } from "./resource.ts";
import { call, KEEP_REGISTERS, type SyscallRow } from "./row.ts";

// ---- creating

const NO_ARGUMENTS = { flags: 0, exitSignal: SIGCHLD, stack: 0, parentTid: 0, pidfd: 0, childTid: 0, tls: 0 };

const fork = (t: Thread) => clone(t, NO_ARGUMENTS);

const vfork = (t: Thread) => clone(t, { ...NO_ARGUMENTS, flags: CLONE_VFORK | CLONE_VM });

const cloneCall = (t: Thread, flags: number, stack: number, parentTid: number, childTid: number, tls: number) => {
  const low = flags >>> 0;
  // One argument register serves both.
  if (low & CLONE_PIDFD && low & CLONE_PARENT_SETTID) return -EINVAL;
  // What is no signal is none to be sent.
  const exitSignal = low & CSIGNAL;
  return clone(t, { flags: (low & ~CSIGNAL) >>> 0, exitSignal, stack, parentTid, pidfd: parentTid, childTid, tls });
};

/** Flags of clone3 are below it: CLONE_CLEAR_SIGHAND and CLONE_INTO_CGROUP are bits 32 and 33. */
const CLONE3_FLAGS_END = 2 * CLONE_INTO_CGROUP;

function clone3(t: Thread, address: number, size: number): number | Block {
  if (size > 4096) return -E2BIG;
  if (size < CLONE_ARGS_SIZE_VER0) return -EINVAL;
  for (let at = CLONE_ARGS_SIZE; at < size; at++) if (t.user.u8(address + at) !== 0) return -E2BIG;
  // A size that ends inside a field gives its lower bytes.
  const given = new DataView(new ArrayBuffer(CLONE_ARGS_SIZE));
  t.user.copyIn(address, new Uint8Array(given.buffer, 0, Math.min(size, CLONE_ARGS_SIZE)));
  const field = (n: number) => given.getUint32(n * 8, true) + given.getUint32(n * 8 + 4, true) * 2 ** 32;
  const flags = field(0);
  const exitSignal = field(4);
  const stack = field(5);
  const stackSize = field(6);
  if (flags >= CLONE3_FLAGS_END || flags & ((CSIGNAL & ~CLONE_NEWTIME) | CLONE_DETACHED)) return -EINVAL;
  if (exitSignal > NSIG) return -EINVAL;
  if (flags & (CLONE_THREAD | CLONE_PARENT) && exitSignal !== 0) return -EINVAL;
  if (flags & CLONE_SIGHAND && Math.floor(flags / CLONE_CLEAR_SIGHAND) % 2 === 1) return -EINVAL;
  if ((stack === 0) !== (stackSize === 0) || stack + stackSize > TASK_SIZE_MAX) return -EINVAL;
  if (flags >= CLONE_INTO_CGROUP) {
    // There are no control group directories, so no descriptor is one.
    return size < CLONE_ARGS_SIZE || field(10) > 0x7fff_ffff ? -EINVAL : -EBADF;
  }
  if (flags & CLONE_PIDFD && flags & CLONE_PARENT_SETTID && field(1) === field(3)) return -EINVAL;
  // A number for each pid namespace that the child is in, its own first.
  const levels = t.namespaces.pid.level + (flags & CLONE_NEWPID ? 2 : 1);
  const setTid = readSetTid(t, field(8), field(9), levels);
  if (typeof setTid === "number") return setTid;
  return clone(t, {
    flags,
    exitSignal,
    stack: stack + stackSize,
    childTid: field(2),
    parentTid: field(3),
    pidfd: field(1),
    tls: field(7),
    setTid,
  });
}

/** The numbers that a child is to have, for those who may choose them; or a negative errno. */
function readSetTid(t: Thread, address: number, count: number, most: number): number[] | number {
  if ((address === 0) !== (count === 0) || count > most) return -EINVAL;
  const numbers = Array.from({ length: count }, (_, i) => t.user.i32(address + i * 4));
  if (count > 0 && !capable(t.credentials, CAP_SYS_ADMIN) && !capable(t.credentials, CAP_CHECKPOINT_RESTORE))
    return -EPERM;
  return numbers;
}

// ---- ending

function exit(t: Thread, code: number): Block {
  exitThread(t, code & 0xff);
  return KEEP_REGISTERS;
}

function exitGroupCall(t: Thread, code: number): Block {
  exitGroup(t, exitedStatus(code));
  return KEEP_REGISTERS;
}

// ---- waiting

function wait4(t: Thread, pid: number, status: number, options: number, usage: number): number | Block {
  if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL)) return -EINVAL;
  if (pid === -0x8000_0000) return -ESRCH;
  const target: WaitTarget =
    pid === -1
      ? { type: P_ALL, id: 0 }
      : pid > 0
        ? { type: P_PID, id: globalPid(t.process, pid) }
        : { type: P_PGID, id: pid === 0 ? t.process.pgid : globalPid(t.process, -pid) };
  const found = waitFor(t, target, options | WEXITED);
  if (typeof found === "number" || found instanceof Block) return found;
  const result = localPid(t.process, found.child.pid);
  consumeAfter(found, options, () => {
    if (status !== 0) t.user.setU32(status, found.status);
    if (usage !== 0) writeUsage(t, usage, found.usage);
  });
  return result;
}

function waitid(t: Thread, type: number, id: number, info: number, options: number, usage: number): number | Block {
  const found = findForWaitid(t, type, id, options);
  if (found instanceof Block) return found;
  if (typeof found === "number") {
    // Whatever is wrong, the caller's structure says that there is no child, and must be there to say so.
    if (info !== 0) tellWaitid(t, info, NO_CHILD);
    return found;
  }
  consumeAfter(found, options, () => {
    if (usage !== 0) writeUsage(t, usage, found.usage);
    if (info === 0) return;
    const view = new DataView(new ArrayBuffer(SIGINFO_SIZE));
    encodeSignalInfo({ ...childInfo(found.child, found.code, found.value), utime: 0, stime: 0 }, view, 0);
    tellWaitid(t, info, new Uint8Array(view.buffer));
  });
  return 0;
}

/** The child that waitid(2) is to report, 0 for none yet (WNOHANG), a negative errno, or a wait. */
function findForWaitid(t: Thread, type: number, id: number, options: number): ChildState | number | Block {
  const known = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
  if (options & ~known || (options & (WEXITED | WSTOPPED | WCONTINUED)) === 0) return -EINVAL;
  const target = waitTarget(t, type, id);
  if (typeof target === "number") return target;
  // A pidfd without O_NONBLOCK waits, another says EAGAIN.
  const noWait = type === P_PIDFD && (pidFile(t, id).flags & O_NONBLOCK) !== 0;
  const found = waitFor(t, target, options);
  return found instanceof Block && noWait ? -EAGAIN : found;
}

const NO_CHILD = new Uint8Array(SIGINFO_SIZE);

/** The fields of a siginfo_t that waitid(2) stores: si_signo, si_errno and si_code; si_pid, si_uid and si_status. */
function tellWaitid(t: Thread, address: number, info: Uint8Array): void {
  t.user.probe(address, 28, true);
  t.user.copyOut(address, info.subarray(0, 12));
  t.user.copyOut(address + 16, info.subarray(16, 28));
}

/** What waitid(2) waits for, or a negative errno. */
function waitTarget(t: Thread, type: number, id: number): WaitTarget | number {
  switch (type) {
    case P_ALL:
      return { type, id: 0 };
    case P_PID:
      return id <= 0 ? -EINVAL : { type, id: globalPid(t.process, id) };
    case P_PGID:
      return id < 0 ? -EINVAL : { type, id: id === 0 ? t.process.pgid : globalPid(t.process, id) };
    case P_PIDFD: {
      if (id < 0) return -EINVAL;
      // No child is in another machine.
      if (t.files.file(id) instanceof RemotePidFile) return -ECHILD;
      const file = pidFile(t, id);
      return file.reaped ? -ECHILD : { type: P_PID, id: file.process.pid };
    }
    default:
      return -EINVAL;
  }
}

/** A child with news; 0 with WNOHANG when there is none yet; -ECHILD; or a wait. */
function waitFor(t: Thread, target: WaitTarget, options: number): ChildState | number | Block {
  const found = findChild(t, target, options);
  if (found === "none") return -ECHILD;
  if (found !== null) return found;
  return options & WNOHANG ? 0 : new Block([t.process.childEvent]);
}

/** Tells the caller, then takes note; a bad address (EFAULT) loses the report, a page to be fetched does not. */
function consumeAfter(state: ChildState, options: number, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    if (error instanceof Errno) consume(state, options, reap);
    throw error;
  }
  consume(state, options, reap);
}

// ---- who is who

const getpid = (t: Thread) => localPid(t.process, t.process.pid);
const gettid = (t: Thread) => ownTid(t);
const getppid = (t: Thread) => parentPid(t.process, t.process);
const getpgrp = (t: Thread) => localPid(t.process, t.process.pgid);

/** The process that `pid` names; 0 is the caller. */
function find(t: Thread, pid: number): Process | null {
  return pid === 0 ? t.process : (processOf(t, pid) ?? threadOf(t, pid)?.process ?? null);
}

/** The kernel, process 1 of the machine, is alone in its group and session. */
function groupOf(t: Thread, pid: number, field: (p: GroupMember) => number): number | Block {
  if (pid === 1 && t.process.pidNamespace.level === 0) return 1;
  const p = find(t, pid);
  if (p !== null) return localPid(t.process, field(p));
  const found = pid < 0 ? null : elsewhere(t, pid);
  if (found instanceof Block) return found;
  return found === null ? -ESRCH : field(found);
}

/** A process, of this machine or of another. */
type GroupMember = Pick<Process, "pgid" | "sid">;

function getpgid(t: Thread, pid: number): number | Block {
  return groupOf(t, pid, (p) => p.pgid);
}

function getsid(t: Thread, pid: number): number | Block {
  return groupOf(t, pid, (p) => p.sid);
}

function setpgid(t: Thread, pid: number, pgid: number): number | Block {
  const result = moveToGroup(t, pid, pgid);
  // It was asked for at the namespace, and the process has gone meanwhile.
  if (result !== 0 && t.saved !== null && typeof result === "number") t.kernel.releasePid(pgid);
  return result;
}

function moveToGroup(t: Thread, pid: number, pgid: number): number | Block {
  if (pgid < 0 || (pgid === 0 && pid < 0)) return -EINVAL;
  const caller = t.process;
  const p = pid === 0 ? caller : processOf(t, pid);
  if (p === undefined || (p !== caller && p.parent !== caller)) return -ESRCH;
  if (p !== caller) {
    if (p.sid !== caller.sid) return -EPERM;
    if (p.hasExecuted) return -EACCES;
  }
  if (p.sid === p.pid) return -EPERM;
  const group = pgid === 0 ? p.pid : globalPid(caller, pgid);
  if (group !== p.pid && !hasGroup(t, group, caller.sid)) {
    if (!maybeElsewhere(t, group)) return -EPERM;
    const answer = joinElsewhere(t, group, caller.sid);
    if (answer !== 0) return answer;
  }
  const old = p.pgid;
  if (old === group) return 0;
  p.pgid = group;
  t.kernel.releasePid(old);
  t.kernel.remote?.groups.update();
  return 0;
}

function hasGroup(t: Thread, pgid: number, sid: number): boolean {
  for (const p of t.kernel.processes.values()) if (p.pgid === pgid && p.sid === sid) return true;
  return false;
}

function setsid(t: Thread): number | Block {
  const p = t.process;
  for (const other of t.kernel.processes.values()) if (other.pgid === p.pid) return -EPERM;
  if (spans(t.kernel, p.pid)) {
    const found = hasMembersElsewhere(t, p.pid);
    if (found !== false) return found === true ? -EPERM : found;
  }
  const { pgid, sid } = p;
  p.sid = p.pgid = p.pid;
  p.terminal = null;
  t.kernel.releasePid(pgid);
  if (sid !== pgid) t.kernel.releasePid(sid);
  t.kernel.remote?.groups.update();
  return localPid(p, p.pid);
}

// ---- thread words

function setTidAddress(t: Thread, address: number): number {
  t.clearChildTid = address;
  return ownTid(t);
}

function setRobustList(t: Thread, head: number, size: number): number {
  if (size !== ROBUST_LIST_SIZE) return -EINVAL;
  t.robustList = head;
  return 0;
}

function getRobustList(t: Thread, tid: number, head: number, size: number): number {
  const target = tid === 0 ? t : threadOf(t, tid);
  if (target === undefined) return -ESRCH;
  if (!capable(t.credentials, CAP_SYS_PTRACE) && t.credentials.euid !== target.credentials.uid) return -EPERM;
  t.user.setU64(size, ROBUST_LIST_SIZE);
  t.user.setU64(head, target.robustList);
  return 0;
}

function rseq(t: Thread, address: number, size: number, flags: number, signature: number): number {
  const registered = t.rseq;
  if (flags & RSEQ_FLAG_UNREGISTER) {
    if (flags !== RSEQ_FLAG_UNREGISTER || registered?.address !== address || size !== RSEQ_SIZE) return -EINVAL;
    if (registered.signature !== signature) return -EPERM;
    unregisterRseq(t);
    return 0;
  }
  if (flags !== 0) return -EINVAL;
  if (registered !== null) {
    if (registered.address !== address || size !== RSEQ_SIZE) return -EINVAL;
    return registered.signature === signature ? -EBUSY : -EPERM;
  }
  if (address % RSEQ_SIZE !== 0 || size !== RSEQ_SIZE) return -EINVAL;
  registerRseq(t, address, signature);
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(39, "getpid", "", getpid),
  call(56, "clone", "clone-flags ptr ptr ptr ptr", cloneCall, "no CLONE_PTRACE"),
  call(57, "fork", "", fork),
  call(58, "vfork", "", vfork),
  call(60, "exit", "int", exit),
  call(61, "wait4", "pid wait-status wait-options rusage", wait4),
  call(109, "setpgid", "pid pid", setpgid),
  call(110, "getppid", "", getppid),
  call(111, "getpgrp", "", getpgrp),
  call(112, "setsid", "", setsid),
  call(121, "getpgid", "pid", getpgid),
  call(124, "getsid", "pid", getsid),
  call(186, "gettid", "", gettid),
  call(218, "set_tid_address", "ptr", setTidAddress),
  call(231, "exit_group", "int", exitGroupCall),
  call(247, "waitid", "wait-type pid siginfo wait-options rusage", waitid),
  call(272, "unshare", "clone-flags", unshare, "no time namespaces"),
  call(273, "set_robust_list", "ptr size", setRobustList),
  call(274, "get_robust_list", "pid ptr ptr", getRobustList),
  call(334, "rseq", "ptr uint int uint", rseq),
  call(435, "clone3", "ptr size", clone3, "no CLONE_PTRACE, CLONE_INTO_CGROUP"),
];
