/** How threads and processes end, and what becomes of the children (kernel/exit.c; the kernel is the reaper). */
import { exitCode, exitedStatus, termSignal } from "../abi/clone.ts";
import { CLD_EXITED, CLD_KILLED, NSIG, SA_NOCLDWAIT, SIG_IGN, SIGCHLD, SIGKILL } from "../abi/signal.ts";
import { Claim } from "../wait/queue.ts";
import { charge } from "./accounting.ts";
import { releaseRobustList } from "./futex-robust.ts";
import { endIpc } from "./ipc.ts";
import { leaveListeners } from "./seccomp-notify.ts";
import { retarget, sendToProcess, userInfo } from "./signal/send.ts";
import { childInfo, releaseOrphanedGroup } from "./signal/stop.ts";
import { DEAD, type Process, type Thread } from "./task.ts";
import { leaveTerminal } from "./tty.ts";

/** exit(2): the thread ends; the last one takes the process with it. */
export function exitThread(t: Thread, code: number): void {
  const p = t.process;
  if (p.threads.size === 1) {
    exitGroup(t, exitedStatus(code));
    return;
  }
  endThread(t);
  retarget(t);
}

/** exit_group(2), or a deadly signal: the process ends with a wait status. `t` is any of its threads. */
export function exitGroup(t: Thread, status: number): void {
  const p = t.process;
  p.groupExit ??= status;
  for (const other of [...p.threads.values()]) endThread(other);
  endProcess(p, p.groupExit);
}

/** Ends every process: the machine is over. No signals are sent, nobody waits. */
export function endAll(processes: Iterable<Process>): void {
  for (const p of [...processes]) {
    p.ppid = 1;
    if (!p.zombie) {
      p.groupExit ??= 9;
      for (const t of [...p.threads.values()]) endThread(t);
      endProcess(p, p.groupExit);
    } else {
      reap(p);
    }
  }
}

/** exec(2): all other threads of the process end, silently. */
export function endSiblings(t: Thread): void {
  for (const other of [...t.process.threads.values()]) if (other !== t) endThread(other);
}

function endThread(t: Thread): void {
  const { process: p, kernel } = t;
  if (t.state === DEAD) return;
  endIpc(t);
  if (t.saved instanceof Claim) t.saved.abandon();
  t.state = DEAD;
  if (t.seccomp !== null) leaveListeners(t);
  t.attention = true;
  kernel.scheduler.remove(t);
  releaseThreadMemory(t);
  t.files.drop();
  if (kernel.current === t) charge(kernel, t);
  p.usage.add(t.usage);
  p.threads.delete(t.tid);
  t.pending.clear();
  leaveChildren(t);
  if (t !== p.leader) {
    kernel.threads.delete(t.tid);
    kernel.pids.free(t.tid);
  }
  kernel.forget(t);
}

/** The children that a thread has forked are another's of the process, if one lives on; they hear of it by PR_SET_PDEATHSIG. */
function leaveChildren(t: Thread): void {
  const p = t.process;
  if (p.groupExit !== null || p.threads.size === 0) return;
  for (const child of p.children) {
    if ((child.creator ?? p.leader) !== t) continue;
    child.creator = p.threads.values().next().value!;
    tellOfDeath(child, t);
  }
}

/** PR_SET_PDEATHSIG: as if the thread that ends had sent it. */
function tellOfDeath(child: Process, from: Thread): void {
  if (child.parentDeathSignal !== 0) sendToProcess(child, userInfo(from, child.parentDeathSignal));
}

/** What others in the same memory wait for: robust mutexes, and the word that CLONE_CHILD_CLEARTID names. */
export function releaseThreadMemory(t: Thread): void {
  if (t.robustList !== 0) releaseRobustList(t);
  if (t.kernel.hasPiFutexes) t.kernel.piFutexes.ownerEnds(t);
  if (t.clearChildTid !== 0 && t.process.memory.users + t.process.threads.size > 2) {
    try {
      t.user.setU32(t.clearChildTid, 0);
      t.kernel.futexes.wakeAt(t.process.memory, t.clearChildTid, 1);
    } catch {
      // Linux ignores a bad address here.
    }
  }
}

function endProcess(p: Process, status: number): void {
  const { kernel } = p;
  p.timers.cancel();
  p.posixTimers.clear();
  p.pending.clear();
  p.exitStatus = status;
  p.usage.maxFrames = Math.max(p.usage.maxFrames, p.memory.peakResident);
  releaseMemory(p);
  kernel.trace?.exited(p, status);
  p.exitEvent.wake();
  leaveTerminal(p, true);
  if (p.pidNamespace.init === p) endNamespace(p);
  const heir = adopter(p);
  for (const child of p.children) adopt(child, heir, p);
  p.children.clear();
  kernel.remote?.groups.update();
  const { parent } = p;
  if (parent !== null) releaseOrphanedGroupOf(p, parent, p);
  if (parent === null || parent.zombie) {
    reap(p);
    return;
  }
  const { flags, handler } = parent.handlers.get(SIGCHLD);
  const unwanted = p.exitSignal === SIGCHLD && (handler === SIG_IGN || (flags & SA_NOCLDWAIT) !== 0);
  if (p.exitSignal !== 0 && p.exitSignal <= NSIG && !(unwanted && handler === SIG_IGN)) {
    const signal = termSignal(status);
    const info = childInfo(p, signal === 0 ? CLD_EXITED : CLD_KILLED, signal || exitCode(status), p.exitSignal);
    sendToProcess(parent, info);
  }
  if (unwanted) reap(p);
  parent.childEvent.wake();
}

/** Memory goes; a parent that lent it (vfork) continues. Also when exec has put another in its place. */
function releaseMemory(p: Process): void {
  p.memory.release();
  releaseVforkParent(p);
}

export function releaseVforkParent(p: Process): void {
  const queue = p.vforkDone;
  p.vforkDone = null;
  queue?.wake();
}

/** The init of a pid namespace has ended: so does all that is left in it (zap_pid_ns_processes). */
function endNamespace({ kernel, pidNamespace }: Process): void {
  pidNamespace.closed = true;
  for (const q of [...kernel.processes.values()]) {
    if (!q.zombie && pidNamespace.contains(q.pidNamespace)) exitGroup(q.leader, SIGKILL);
  }
}

/**
 * Who takes the children: the nearest ancestor that asked to (prctl(2)), else the init of the pid namespace, else (null) the
 * kernel.
 */
function adopter(p: Process): Process | null {
  const { level, init } = p.pidNamespace;
  for (let a = p.parent; a !== null && a.pidNamespace.level === level; a = a.parent) {
    if (a.subreaper && !a.zombie) return a;
  }
  return init === null || init.zombie ? null : init;
}

function adopt(child: Process, heir: Process | null, from: Process): void {
  releaseOrphanedGroupOf(child, from, from);
  child.ppid = heir?.pid ?? 1;
  child.creator = null;
  heir?.children.add(child);
  tellOfDeath(child, from.leader);
  if (!child.zombie) return;
  if (heir === null) reap(child);
  else {
    sendToProcess(heir, childInfo(child, CLD_EXITED, exitCode(child.exitStatus!)));
    heir.childEvent.wake();
  }
}

/**
 * `leaving` may have been what kept the child's group from being orphaned, if the child and its parent link two groups of one
 * session (kill_orphaned_pgrp). A group that was an orphan before is left alone.
 */
function releaseOrphanedGroupOf(child: Process, parent: Process, leaving: Process): void {
  if (child.pgid !== parent.pgid && child.sid === parent.sid) releaseOrphanedGroup(child.kernel, child.pgid, leaving);
}

/** The zombie has been waited for, or nobody will: its pid is free. */
export function reap(p: Process): void {
  const { kernel } = p;
  const { parent } = p;
  if (parent !== null) {
    parent.children.delete(p);
    parent.childrenUsage.add(p.usage);
    parent.childrenUsage.add(p.childrenUsage);
  }
  kernel.processes.delete(p.pid);
  kernel.threads.delete(p.pid);
  kernel.releasePid(p.pid);
  // The last of a group or session whose leader is gone.
  if (p.pgid !== p.pid) kernel.releasePid(p.pgid);
  if (p.sid !== p.pid && p.sid !== p.pgid) kernel.releasePid(p.sid);
  p.exitEvent.wake();
}
