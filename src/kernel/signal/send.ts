/** Sending signals: who may, what becomes of it, and whom it wakes (kill(2), signal(7); kernel/signal.c). */
import { CAP_KILL } from "../../abi/capability.ts";
import { EAGAIN, EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import { RLIMIT_SIGPENDING } from "../../abi/resource.ts";
import {
  NSIG,
  SI_KERNEL,
  SI_TKILL,
  SI_USER,
  SIG_DFL,
  SIG_IGN,
  SIGCONT,
  SIGKILL,
  SIGRTMIN,
  SIGSTOP,
  type SignalInfo,
} from "../../abi/signal.ts";
import { capableIn } from "../capabilities.ts";
import { uidShown } from "../credentials.ts";
import type { Kernel } from "../kernel.ts";
import { canSee, localPid } from "../lookup.ts";
import { BLOCKED, DEAD, type Process, STOPPED, type Thread } from "../task.ts";
import { CONTINUE_SIGNAL, STOP_SIGNALS } from "./actions.ts";
import { continueProcess } from "./continue.ts";
import type { QueuePlace } from "./quota.ts";

/** siginfo of kill(2) (or tgkill(2) with SI_TKILL) by `sender`. */
export function userInfo(sender: Thread, signal: number, code: number = SI_USER): SignalInfo {
  return {
    signal,
    code,
    errno: 0,
    layout: "kill",
    pid: localPid(sender.process, sender.process.pid),
    uid: sender.credentials.uid,
  };
}

/** siginfo of a signal that the kernel sends by itself (SIGPIPE, SIGALRM). */
export function kernelInfo(signal: number): SignalInfo {
  return { signal, code: SI_KERNEL, errno: 0, layout: "kill" };
}

/** A signal to the calling thread for what it has just done, as SIGPIPE for a write to a broken pipe. */
export function raise(t: Thread, signal: number): void {
  sendToThread(t, {
    signal,
    code: SI_USER,
    errno: 0,
    layout: "kill",
    pid: localPid(t.process, t.process.pid),
    uid: t.credentials.uid,
  });
}

/** Whether `sender` may send `signal` to the process (kill(2), under Permissions). */
export function maySignal(sender: Thread, target: Process, signal: number): boolean {
  if (sender.process === target) return true;
  const from = sender.credentials;
  const to = target.credentials;
  if (capableIn(from, to.userNamespace, CAP_KILL)) return true;
  if (from.euid === to.uid || from.euid === to.suid || from.uid === to.uid || from.uid === to.suid) return true;
  return signal === SIGCONT && sender.process.sid === target.sid;
}

/** Sends to the process as a whole; false when RLIMIT_SIGPENDING leaves no room for a queued signal (EAGAIN). */
export function sendToProcess(target: Process, info: SignalInfo): boolean {
  return send(target, target.leader, info, true);
}

/** Sends to one thread. */
export function sendToThread(target: Thread, info: SignalInfo): boolean {
  return send(target.process, target, info, false);
}

/** kill(2) of a process group: 0, or ESRCH, or EPERM when none could be sent to; SIGCONT and signal 0 included. */
export function killGroup(sender: Thread, pgid: number, signal: number): number {
  const members = [...sender.kernel.processes.values()].filter((p) => p.pgid === pgid);
  return killAll(sender, members, signal);
}

/** kill(2) of several processes by `sender`. A signal that there is not is EINVAL only when somebody could have got it. */
export function killAll(sender: Thread, targets: readonly Process[], signal: number): number {
  if (targets.length > 0 && (signal < 0 || signal > NSIG)) return -EINVAL;
  let result = targets.length === 0 ? -ESRCH : -EPERM;
  for (const target of targets) {
    if (!maySignal(sender, target, signal)) continue;
    result = 0;
    if (signal !== 0) sendToProcess(target, userInfo(sender, signal));
  }
  return result;
}

/** A signal by the kernel to all members of a group (terminal, orphaned groups). */
export function signalGroup(kernel: Kernel, pgid: number, signal: number): void {
  for (const p of kernel.processes.values()) if (p.pgid === pgid) sendToProcess(p, kernelInfo(signal));
}

/** tkill(2) and tgkill(2). */
export function killThread(sender: Thread, target: Thread, signal: number): number {
  if (!maySignal(sender, target.process, signal)) return -EPERM;
  if (signal === 0) return 0;
  return sendToThread(target, userInfo(sender, signal, SI_TKILL)) ? 0 : -EAGAIN;
}

/**
 * A signal that the thread cannot escape, for what its instruction did. If it is blocked or ignored the process dies of it,
 * as Linux has it (force_sig).
 */
export function forceSignal(t: Thread, info: SignalInfo): void {
  const { handlers } = t.process;
  const action = handlers.get(info.signal);
  if (action.handler === SIG_DFL) t.process.unkillable = false;
  if (t.mask.has(info.signal) || action.handler === SIG_IGN) {
    handlers.set(info.signal, { ...action, handler: SIG_DFL });
    t.mask = t.mask.clone();
    t.mask.delete(info.signal);
  }
  if (!t.pending.merges(info.signal)) t.pending.add(info);
  t.attention = true;
}

/** A timer's signal: it has a place in the queue of its own, whatever else is pending (send_sigqueue). */
export function queueSignal(target: Process | Thread, info: SignalInfo): void {
  const shared = !("process" in target);
  const process = shared ? target : target.process;
  const t = shared ? target.leader : target;
  const { signal } = info;
  if (process.zombie || !prepare(process, signal)) return;
  if (!t.mask.has(signal) && (process.handlers.ignores(signal) || isImmune(process, signal, true))) return;
  target.pending.add(info);
  process.signalEvent.wake();
  const receiver = shared ? choose(process, signal) : wants(t, signal) ? t : null;
  if (receiver !== null) notify(receiver, signal);
}

function send(target: Process, t: Thread, info: SignalInfo, shared: boolean): boolean {
  const { signal } = info;
  if (target.zombie) return true;
  if (!prepare(target, signal)) return true;
  if (info.code !== SI_KERNEL && isFromAbove(target)) info = withoutSender(info);
  const { userNamespace } = target.credentials;
  if (userNamespace.parent !== null && info.uid !== undefined && !info.raw)
    info = { ...info, uid: uidShown(target.credentials, info.uid) };
  const forced = info.code === SI_KERNEL || info.pid === 0;
  if (!t.mask.has(signal) && (target.handlers.ignores(signal) || isImmune(target, signal, forced))) return true;
  const pending = shared ? target.pending : t.pending;
  if (pending.merges(signal)) return true;
  const place = takePlace(t, info);
  if (place === null) {
    if (signal >= SIGRTMIN && info.code !== SI_USER && info.code !== SI_KERNEL) return false;
    // It is not lost, only what it would have told; more of its kind are.
    if (pending.set.has(signal)) return true;
    info = { signal, code: SI_USER, errno: 0, layout: "kill" };
  }
  pending.add(info, place);
  target.signalEvent.wake();
  const receiver = shared ? choose(target, signal) : wants(t, signal) ? t : null;
  if (receiver !== null) notify(receiver, signal);
  return true;
}

/** The sender is in a pid namespace around that of the target, which therefore cannot name it. */
function isFromAbove(target: Process): boolean {
  if (target.pidNamespace.level === 0) return false;
  const sender = target.kernel.current;
  return sender !== null && !canSee(target, sender.process);
}

function withoutSender(info: SignalInfo): SignalInfo {
  if (info.pid === undefined) return info;
  if (!info.raw) return { ...info, pid: 0 };
  const raw = info.raw.slice();
  new DataView(raw.buffer).setInt32(16, 0, true);
  return { ...info, pid: 0, raw };
}

/**
 * The init of a pid namespace gets no signal that it has no handler for, but SIGKILL and SIGSTOP when they come from outside
 * (pid_namespaces(7)).
 */
export function isImmune(target: Process, signal: number, forced: boolean): boolean {
  if (!target.unkillable || target.handlers.get(signal).handler !== SIG_DFL) return false;
  return !forced || !isUnblockable(signal);
}

/**
 * A place among the signals queued for the receiver's user; null when RLIMIT_SIGPENDING leaves none. Standard signals of
 * kill(2) and the kernel get one in any case (__send_signal_locked).
 */
function takePlace(t: Thread, { signal, code }: SignalInfo): QueuePlace | null {
  const { kernel, limits } = t.process;
  const always = signal < SIGRTMIN && code >= 0;
  return kernel.signalQuota.take(t.credentials.uid, always ? Number.POSITIVE_INFINITY : limits.soft[RLIMIT_SIGPENDING]);
}

/** Effects of stop and continue signals at the time they are sent. False: the process is exiting, nothing is sent. */
function prepare(target: Process, signal: number): boolean {
  if (target.groupExit !== null) return signal === SIGKILL;
  if (STOP_SIGNALS.has(signal)) {
    for (const pending of allPending(target)) pending.flush(CONTINUE_SIGNAL);
  } else if (signal === SIGCONT) {
    for (const pending of allPending(target)) pending.flush(STOP_SIGNALS);
    continueProcess(target);
  }
  return true;
}

function allPending(target: Process) {
  return [target.pending, ...[...target.threads.values()].map((t) => t.pending)];
}

/** Whether `t` would take the signal now. */
function wants(t: Thread, signal: number): boolean {
  if (t.state === DEAD || t.mask.has(signal)) return false;
  return signal === SIGKILL || t.state !== STOPPED;
}

/** The leader if it takes the signal, else any thread that does. */
function choose(target: Process, signal: number): Thread | null {
  if (wants(target.leader, signal)) return target.leader;
  for (const t of target.threads.values()) if (wants(t, signal)) return t;
  return null;
}

/** Makes `t` look at its signals: ends its wait if that can be interrupted. */
export function notify(t: Thread, signal: number): void {
  t.attention = true;
  const { scheduler } = t.kernel;
  if (signal === SIGKILL && t.state === STOPPED) scheduler.resume(t);
  if (t.state === BLOCKED && (signal === SIGKILL || !t.blocked!.uninterruptible)) scheduler.wake(t);
}

/**
 * The mask of `t` has grown or it has ended: signals of the process that it would have taken are for others now
 * (retarget_shared_pending).
 */
export function retarget(t: Thread): void {
  const { set } = t.process.pending;
  if (set.empty || t.process.threads.size < 2) return;
  for (const signal of set) {
    if (wants(t, signal)) continue;
    const other = choose(t.process, signal);
    if (other !== null) notify(other, signal);
  }
}

/** The stop that only SIGCONT and SIGKILL end is of no effect on these. */
export const isUnblockable = (signal: number): boolean => signal === SIGKILL || signal === SIGSTOP;
