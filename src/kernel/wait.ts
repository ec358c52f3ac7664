/** Waiting for children (wait4(2), waitid(2); kernel/exit.c). */
import {
  __WALL,
  __WCLONE,
  __WNOTHREAD,
  CONTINUED_STATUS,
  exitCode,
  type P_ALL,
  P_PGID,
  P_PID,
  stoppedStatus,
  termSignal,
  WCONTINUED,
  WEXITED,
  WNOWAIT,
  WSTOPPED,
} from "../abi/clone.ts";
import { CLD_CONTINUED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD, SIGCONT } from "../abi/signal.ts";
import type { Process, Thread } from "./task.ts";
import { Usage } from "./usage.ts";

/** Which children: all, one pid, or a process group. */
export interface WaitTarget {
  readonly type: typeof P_ALL | typeof P_PID | typeof P_PGID;
  readonly id: number;
}

/** What waiting needs to know of a child: nothing but data, which another machine could tell as well. */
type ChildRecord = Pick<
  Process,
  "pid" | "pgid" | "exitSignal" | "exitStatus" | "stopReport" | "continueReport" | "usage" | "childrenUsage"
>;

/** What happened to a child. */
export interface ChildState {
  readonly child: Process;
  /** As wait(2) reports it. */
  readonly status: number;
  /** CLD_*, and the exit code or signal that goes with it. */
  readonly code: number;
  readonly value: number;
  /** What the child has used, its own waited-for children included. */
  readonly usage: Usage;
}

/**
 * The first child that matches and has something to report of the kinds in `options` (WEXITED, WSTOPPED, WCONTINUED);
 * null when none has yet; "none" when there is no such child at all (ECHILD). Nothing changes: see `consume`.
 */
export function findChild(t: Thread, target: WaitTarget, options: number): ChildState | null | "none" {
  const parent = t.process;
  let any = false;
  for (const child of parent.children) {
    if (!matches(child, target, options)) continue;
    if (options & __WNOTHREAD && (child.creator ?? parent.leader) !== t) continue;
    // A zombie has nothing more to report but its end.
    if (child.exitStatus !== null && (options & WEXITED) === 0) continue;
    any = true;
    const state = report(child, options);
    if (state !== null) return state;
  }
  return any ? null : "none";
}

function matches(child: ChildRecord, { type, id }: WaitTarget, options: number): boolean {
  if (type === P_PID && child.pid !== id) return false;
  if (type === P_PGID && child.pgid !== id) return false;
  if (options & __WALL) return true;
  return (child.exitSignal !== SIGCHLD) === ((options & __WCLONE) !== 0);
}

function report(child: Process, options: number): ChildState | null {
  const status = child.exitStatus;
  if (status !== null) {
    const signal = termSignal(status);
    const usage = new Usage();
    usage.add(child.usage);
    usage.add(child.childrenUsage);
    const code = signal === 0 ? CLD_EXITED : CLD_KILLED;
    return { child, status, code, value: signal || exitCode(status), usage };
  }
  if (options & WSTOPPED && child.stopReport !== 0) {
    const signal = child.stopReport;
    return { child, status: stoppedStatus(signal), code: CLD_STOPPED, value: signal, usage: child.currentUsage() };
  }
  if (options & WCONTINUED && child.continueReport) {
    return { child, status: CONTINUED_STATUS, code: CLD_CONTINUED, value: SIGCONT, usage: child.currentUsage() };
  }
  return null;
}

/** The report has been given out: a zombie goes, a stop or continuation is not told again. WNOWAIT leaves all as it is. */
export function consume({ child, code }: ChildState, options: number, reap: (child: Process) => void): void {
  if (options & WNOWAIT) return;
  if (child.zombie) reap(child);
  else if (code === CLD_STOPPED) child.stopReport = 0;
  else child.continueReport = false;
}
