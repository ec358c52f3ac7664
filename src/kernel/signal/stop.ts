/** Job control: stopping and continuing a process, and telling its parent (signal(7), wait(2)). */
import {
  CLD_CONTINUED,
  CLD_STOPPED,
  SA_NOCLDSTOP,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  type SignalInfo,
} from "../../abi/signal.ts";
import type { Kernel } from "../kernel.ts";
import { localPid } from "../lookup.ts";
import type { Process } from "../task.ts";
import { sendToProcess, signalGroup } from "./send.ts";

/** All threads stop; the parent gets SIGCHLD and can wait with WUNTRACED. */
export function stopProcess(p: Process, signal: number): void {
  p.stopSignal = signal;
  p.stopReport = signal;
  p.continueReport = false;
  for (const t of p.threads.values()) p.kernel.scheduler.stop(t);
  notifyParent(p, CLD_STOPPED, signal);
}

/** The process runs for the first time since it was continued. */
export function noticeContinued(p: Process): void {
  p.continueNotice = false;
  notifyParent(p, CLD_CONTINUED, SIGCONT);
}

function notifyParent(p: Process, code: number, status: number): void {
  const { parent } = p;
  if (parent === null) return;
  const action = parent.handlers.get(SIGCHLD);
  if (action.handler !== SIG_IGN && (action.flags & SA_NOCLDSTOP) === 0)
    sendToProcess(parent, childInfo(p, code, status));
  parent.childEvent.wake();
}

/** siginfo of SIGCHLD: who, what happened (CLD_*), exit status or signal, clock ticks used. */
export function childInfo(p: Process, code: number, status: number, signal: number = SIGCHLD): SignalInfo {
  return {
    signal,
    code,
    errno: 0,
    layout: "child",
    pid: p.parent === null ? p.pid : localPid(p.parent, p.pid),
    uid: p.credentials.uid,
    status,
    utime: Math.floor(p.usage.user / 1e7),
    stime: Math.floor(p.usage.system / 1e7),
  };
}

/**
 * A process group is orphaned when no member, in whatever machine, has a parent in another group of the same session: nobody is there
 * who could continue it. `leaving` counts as gone already, as a member and as a parent.
 */
export function isOrphaned(kernel: Kernel, pgid: number, leaving: Process | null = null): boolean {
  return !keepsFromOrphanage(kernel, pgid, leaving) && !kernel.remote?.groups.anchoredElsewhere(pgid);
}

/** Whether a member in this machine keeps the group from being orphaned. */
export function keepsFromOrphanage(kernel: Kernel, pgid: number, leaving: Process | null = null): boolean {
  for (const p of kernel.processes.values()) {
    if (p.pgid !== pgid || p === leaving || p.zombie || p.parent === null || p.parent === leaving) continue;
    if (p.parent.pgid !== pgid && p.parent.sid === p.sid) return true;
  }
  return false;
}

/**
 * POSIX: a group that becomes orphaned with a stopped member gets SIGHUP and SIGCONT. When it has members in other machines, the namespace
 * sees to that (RemoteGroups.update).
 */
export function releaseOrphanedGroup(kernel: Kernel, pgid: number, leaving: Process): void {
  if (kernel.remote !== null && !kernel.remote.pids.owns(pgid)) return;
  if (!isOrphaned(kernel, pgid, leaving)) return;
  for (const p of kernel.processes.values()) {
    if (p.pgid === pgid && p !== leaving && p.stopSignal !== 0) {
      signalGroup(kernel, pgid, SIGHUP);
      signalGroup(kernel, pgid, SIGCONT);
      return;
    }
  }
}
