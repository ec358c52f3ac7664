/** Changes of nice values and scheduling policies (sched(7), kernel/sched/syscalls.c), by threads of this machine or of others. */
import { CAP_SYS_NICE } from "../abi/capability.ts";
import { EACCES, EINVAL, EPERM, ESRCH } from "../abi/errno.ts";
import { RLIMIT_NICE, RLIMIT_RTPRIO } from "../abi/resource.ts";
import { capable } from "./capabilities.ts";
import type { Priorities } from "./namespace-port.ts";
import type { Thread } from "./task.ts";

export const SCHED_OTHER = 0;
export const SCHED_FIFO = 1;
export const SCHED_RR = 2;
export const SCHED_BATCH = 3;
export const SCHED_IDLE = 5;

export const isRealTime = (policy: number): boolean => policy === SCHED_FIFO || policy === SCHED_RR;
/** Policies that go by the nice value. */
export const isFair = (policy: number): boolean => policy === SCHED_OTHER || policy === SCHED_BATCH;

/** Who asks for a change; `privileged`: CAP_SYS_NICE. */
export interface SchedulingActor {
  readonly uid: number;
  readonly euid: number;
  readonly privileged: boolean;
}

/** What is absent stays as it is. */
export type SchedulingChange =
  | { readonly type: "nice"; readonly nice: number }
  /** ioprio_set(2): class and level. */
  | { readonly type: "io"; readonly priority: number }
  | {
      readonly type: "policy";
      readonly policy?: number;
      /** Static priority. */
      readonly priority?: number;
      /** For policies that go by it. */
      readonly nice?: number;
      readonly resetOnFork?: boolean;
    };

export const actorOf = ({ credentials }: Thread): SchedulingActor => ({
  uid: credentials.uid,
  euid: credentials.euid,
  privileged: capable(credentials, CAP_SYS_NICE),
});

/** Whether the actor may change the scheduling of `target`. */
export const owns = ({ euid, privileged }: SchedulingActor, target: Thread): boolean =>
  privileged || euid === target.credentials.euid || euid === target.credentials.uid;

/** 0 or a negative errno. */
export function changeScheduling(actor: SchedulingActor, target: Thread, change: SchedulingChange): number {
  switch (change.type) {
    case "nice":
      return changeNice(actor, target, change.nice);
    case "io":
      return changeIo(actor, target, change.priority);
    default:
      return changePolicy(actor, target, change);
  }
}

/** setpriority(2) and ioprio_set(2) of several threads. */
export function changeAll(actor: SchedulingActor, targets: readonly Thread[], change: SchedulingChange): number {
  let result = -ESRCH;
  for (const target of targets) {
    result = combineChanges(result, changeScheduling(actor, target, change));
    // set_task_ioprio's first error is the last.
    if (change.type === "io" && result !== 0) break;
  }
  return result;
}

const CLASS_SHIFT = 13;

/** Of all together: of I/O classes and levels the lowest number is the highest priority, and none is last. */
export function joinPriorities(all: readonly (Priorities | null)[]): Priorities | null {
  const some = all.filter((one) => one !== null);
  if (some.length === 0) return null;
  const set = some.map(({ io }) => io).filter((io) => io >>> CLASS_SHIFT !== 0);
  return { nice: Math.min(...some.map(({ nice }) => nice)), io: set.length === 0 ? 0 : Math.min(...set) };
}

/** The result for some threads and then others: a later error hides an earlier one, success only that there was none (set_one_prio). */
export const combineChanges = (before: number, after: number): number =>
  after === -ESRCH || (after === 0 && before !== -ESRCH) ? before : after;

/** The lowest nice value that RLIMIT_NICE allows. */
const lowestNice = (target: Thread): number => 20 - target.process.limits.soft[RLIMIT_NICE];

function changeNice(actor: SchedulingActor, target: Thread, nice: number): number {
  if (!owns(actor, target)) return -EPERM;
  if (nice < target.nice && nice < lowestNice(target) && !actor.privileged) return -EACCES;
  target.nice = nice;
  return 0;
}

function changeIo({ uid, euid, privileged }: SchedulingActor, target: Thread, priority: number): number {
  const owner = target.credentials.uid;
  if (owner !== euid && owner !== uid && !privileged) return -EPERM;
  target.ioPriority = priority;
  return 0;
}

function changePolicy(
  actor: SchedulingActor,
  target: Thread,
  change: Extract<SchedulingChange, { type: "policy" }>,
): number {
  const { policy = target.policy, priority = target.priority, nice = target.nice } = change;
  const { resetOnFork = target.resetOnFork } = change;
  const { privileged } = actor;
  const lowest = lowestNice(target);
  if (isFair(policy) && nice < target.nice && nice < lowest && !privileged) return -EPERM;
  if (isRealTime(policy) ? priority < 1 || priority > 99 : priority !== 0) return -EINVAL;
  if (!owns(actor, target)) return -EPERM;
  if (target.resetOnFork && !resetOnFork && !privileged) return -EPERM;
  if (isRealTime(policy) && !privileged && priority > target.process.limits.soft[RLIMIT_RTPRIO]) return -EPERM;
  // Idle is like a nice value of 20: leaving it raises the priority.
  const leavesIdle = target.policy === SCHED_IDLE && policy !== SCHED_IDLE;
  if (leavesIdle && target.nice < lowest && !privileged) return -EPERM;
  target.policy = policy;
  target.priority = priority;
  target.resetOnFork = resetOnFork;
  if (isFair(policy)) target.nice = nice;
  return 0;
}
