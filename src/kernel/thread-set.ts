/** Threads that setpriority(2) and ioprio_set(2) mean: one, those of a group, those of a user; in this machine and in others. */
import { ESRCH } from "../abi/errno.ts";
import type { Block } from "../wait/queue.ts";
import type { Kernel } from "./kernel.ts";
import { globalPid, threadOf } from "./lookup.ts";
import type { Priorities, ThreadSet } from "./namespace-port.ts";
import { RemoteCall } from "./remote-call.ts";
import { maybeElsewhere, maybeInGroup, seesOthers } from "./remote-signal.ts";
import { actorOf, changeAll, combineChanges, joinPriorities, type SchedulingChange } from "./scheduling.ts";
import type { Thread } from "./task.ts";

/** Which of the three `which` of setpriority(2) counts from 0, and that of ioprio_set(2) from 1. */
const KINDS = ["thread", "group", "user"] as const;

/** `kind`: 0 for a thread, 1 for a group, 2 for a user; `who`: 0 for the caller's. */
export function threadSet(t: Thread, kind: number, who: number): ThreadSet {
  switch (KINDS[kind]) {
    case "thread":
      return { type: "thread", id: who === 0 ? t.tid : (threadOf(t, who)?.tid ?? outermost(t, who)) };
    case "group":
      return { type: "group", id: who === 0 ? t.process.pgid : globalPid(t.process, who) };
    default:
      return { type: "user", uid: who === 0 ? t.credentials.uid : who };
  }
}

/** A number that names nothing in a nested pid namespace names nothing elsewhere either. */
const outermost = (t: Thread, id: number): number => (t.process.pidNamespace.level === 0 ? id : 0);

export function threadsIn(kernel: Kernel, set: ThreadSet): Thread[] {
  if (set.type === "thread") {
    const t = kernel.threads.get(set.id);
    return t === undefined ? [] : [t];
  }
  return [...kernel.threads.values()].filter((t) =>
    set.type === "group" ? t.process.pgid === set.id : t.credentials.uid === set.uid,
  );
}

/** Whether threads of other machines may be in the set, besides those that were `found` here. */
function reachesOut(t: Thread, set: ThreadSet, found: readonly Thread[]): boolean {
  if (set.type === "thread") return found.length === 0 && maybeElsewhere(t, set.id);
  return set.type === "group" ? maybeInGroup(t, set.id) : seesOthers(t);
}

/** Changes all of them: 0 or a negative errno, or a wait for other machines. */
export function changeThreads(t: Thread, set: ThreadSet, change: SchedulingChange): number | Block {
  const call = t.saved;
  if (call instanceof RemoteCall) {
    return call.answer === undefined ? call.wait : combineChanges(call.local, call.answer as number);
  }
  const actor = actorOf(t);
  const found = threadsIn(t.kernel, set);
  const local = changeAll(actor, found, change);
  if (!reachesOut(t, set, found)) return local;
  return t.kernel.remote!.call({ op: "schedule", target: set, actor, change }, local).wait;
}

/** The highest of their priorities; a negative errno, or a wait for other machines. */
export function prioritiesOf(t: Thread, set: ThreadSet): Priorities | number | Block {
  const call = t.saved;
  const found = threadsIn(t.kernel, set);
  const here = highest(found);
  if (call instanceof RemoteCall) {
    if (call.answer === undefined) return call.wait;
    return joinPriorities([here, call.answer as Priorities | null]) ?? -ESRCH;
  }
  if (reachesOut(t, set, found)) return t.kernel.remote!.call({ op: "priorities", target: set }).wait;
  return here ?? -ESRCH;
}

/** Of the threads of one machine; null when there are none. */
export const highest = (threads: readonly Thread[]): Priorities | null =>
  joinPriorities(threads.map(({ nice, ioPriority }) => ({ nice, io: ioPriority })));
