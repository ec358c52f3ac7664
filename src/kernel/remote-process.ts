/** Processes of other machines, as getpgid(2), sched_getscheduler(2) and /proc see them; and this machine's, as others do. */
import { ESRCH } from "../abi/errno.ts";
import type { Block } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import type { ProcessRecord, SchedulingRequest } from "./namespace-port.ts";
import { RemoteCall } from "./remote-call.ts";
import { maybeElsewhere } from "./remote-signal.ts";
import { actorOf, changeAll, type SchedulingChange } from "./scheduling.ts";
import type { Thread } from "./task.ts";
import { threadsIn } from "./thread-set.ts";

/** The process or thread `id` of another machine, null when there is none; or a wait, after which it is to be asked again. */
export function elsewhere(t: Thread, id: number): ProcessRecord | null | Block {
  const call = t.saved;
  if (call instanceof RemoteCall) return call.answer === undefined ? call.wait : (call.answer as ProcessRecord | null);
  return maybeElsewhere(t, id) ? t.kernel.remote!.call({ op: "process", id }).wait : null;
}

/** Changes the scheduling of a thread of another machine: 0 or a negative errno, or a wait. */
export function changeElsewhere(t: Thread, id: number, change: SchedulingChange): number | Block {
  const call = t.saved;
  if (call instanceof RemoteCall) return call.answer === undefined ? call.wait : (call.answer as number);
  if (!maybeElsewhere(t, id)) return -ESRCH;
  return t.kernel.remote!.call({ op: "schedule", target: { type: "thread", id }, actor: actorOf(t), change }).wait;
}

/** A change that another machine asks for. */
export const changeHere = (kernel: Kernel, { target, actor, change }: SchedulingRequest): number =>
  changeAll(actor, threadsIn(kernel, target), change);

/**
 * Asks for an id of the outermost namespace that is not of this machine's blocks (set_tid of clone3(2)): 0 when it can be claimed,
 * EEXIST, or a wait. `wanted`: from the innermost namespace on.
 */
export function claimElsewhere(
  { kernel: { remote }, namespaces, saved }: Thread,
  wanted?: readonly number[],
): number | Block {
  const id = wanted?.[namespaces.pid.level];
  if (id === undefined || remote === null) return 0;
  if (saved instanceof RemoteCall) {
    if (saved.answer === undefined) return saved.wait;
    return typeof saved.answer === "number" ? saved.answer : 0;
  }
  return remote.pids.decides(id) ? 0 : remote.claim(id).wait;
}

/** A process or thread of this machine. */
export function recordOf(kernel: Kernel, id: number): ProcessRecord | null {
  const t = kernel.threads.get(id) ?? kernel.processes.get(id)?.leader;
  return t === undefined ? null : record(t);
}

export function record(t: Thread): ProcessRecord {
  const { process, tid, nice, policy, priority, resetOnFork, credentials } = t;
  const { pid, ppid, pgid, sid } = process;
  const { uid, euid } = credentials;
  return { pid, tid, ppid, pgid, sid, uid, euid, nice, policy, priority, resetOnFork };
}
