/**
 * From the numbers that programs use to processes and threads, and back: a thread sees those of its own pid namespace and of
 * the ones inside it (pid_namespaces(7)). Everywhere else in the kernel a pid is that of the outermost namespace.
 */
import type { Process, Thread } from "./task.ts";

/** What `viewer` calls the process, thread, group or session that the kernel knows as `number`; 0 when it cannot see it. */
export function localPid({ kernel, pidNamespace }: Process, number: number): number {
  return pidNamespace.level === 0 ? number : kernel.pids.numberIn(pidNamespace, number);
}

/** What the kernel calls that which is `number` (> 0) to `viewer`; 0 when there is none. */
export function globalPid({ kernel, pidNamespace }: Process, number: number): number {
  return pidNamespace.level === 0 ? number : kernel.pids.resolve(pidNamespace, number);
}

/** The process that `t` knows by this pid, zombies included. */
export const processOf = (t: Thread, pid: number): Process | undefined =>
  t.kernel.processes.get(globalPid(t.process, pid));

/** The thread that `t` knows by this tid. */
export const threadOf = (t: Thread, tid: number): Thread | undefined => t.kernel.threads.get(globalPid(t.process, tid));

/** What a thread is to itself (gettid(2)), as in words of user memory that name it. */
export const ownTid = (t: Thread): number => localPid(t.process, t.tid);

/** The parent as `viewer` sees it; 0 for one outside of its namespace. */
export function parentPid(viewer: Process, p: Process): number {
  if (viewer.pidNamespace.level === 0) return p.ppid;
  return p.parent === null ? 0 : localPid(viewer, p.ppid);
}

/** Whether `viewer` can name the process by a number. */
export const canSee = (viewer: Process, p: Process): boolean => viewer.pidNamespace.contains(p.pidNamespace);
