/** Scheduling (sched(7)). There is one CPU; policies and priorities are kept and reported, and all threads take turns. */
import { E2BIG, EFAULT, EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import { HIGH_LIMIT, PAGE_SIZE } from "../../memory/layout.ts";
import { Block } from "../../wait/queue.ts";
import { threadOf } from "../lookup.ts";
import { changeElsewhere, elsewhere } from "../remote-process.ts";
import { maybeElsewhere } from "../remote-signal.ts";
import {
  actorOf,
  changeScheduling,
  isFair,
  isRealTime,
  owns,
  SCHED_FIFO,
  SCHED_IDLE,
  SCHED_RR,
  type SchedulingChange,
} from "../scheduling.ts";
import type { Thread } from "../task.ts";
import { changeThreads, prioritiesOf, threadSet } from "../thread-set.ts";
import { call, type SyscallRow } from "./row.ts";
import { writeTimespec } from "./time.ts";

const SCHED_DEADLINE = 6;
const SCHED_RESET_ON_FORK = 0x4000_0000;

/** Nanoseconds, as /proc/sys/kernel/sched_rr_timeslice_ms has it in milliseconds. */
const RR_TIMESLICE = 100_000_000;

const PRIO_PROCESS = 0;
const PRIO_USER = 2;

const isKnown = (policy: number): boolean => isRealTime(policy) || isFair(policy) || policy === SCHED_IDLE;

const find = (t: Thread, tid: number): Thread | undefined => (tid === 0 ? t : threadOf(t, tid));

/** What calls that change nothing want to know of a thread. */
type Scheduled = Pick<Thread, "nice" | "policy" | "priority" | "resetOnFork">;

/** The thread, perhaps of another machine; a negative errno, or a wait for the answer. */
function look(t: Thread, tid: number): Scheduled | number | Block {
  return find(t, tid) ?? elsewhere(t, tid) ?? -ESRCH;
}

/** Changes the thread, perhaps of another machine. */
function change(t: Thread, tid: number, wanted: SchedulingChange): number | Block {
  const target = find(t, tid);
  return target === undefined ? changeElsewhere(t, tid, wanted) : changeScheduling(actorOf(t), target, wanted);
}

const isAnswer = (found: Scheduled | number | Block): found is number | Block =>
  typeof found === "number" || found instanceof Block;

function schedYield(t: Thread): number {
  t.yields = true;
  t.attention = true;
  return 0;
}

// ---- nice values

/** The highest priority among them, as 20 - nice, so that it is never negative. */
function getpriority(t: Thread, which: number, who: number): number | Block {
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL;
  const found = prioritiesOf(t, threadSet(t, which, who));
  return typeof found === "number" || found instanceof Block ? found : 20 - found.nice;
}

function setpriority(t: Thread, which: number, who: number, value: number): number | Block {
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL;
  const nice = Math.max(-20, Math.min(19, value));
  return changeThreads(t, threadSet(t, which, who), { type: "nice", nice });
}

// ---- policies

function setScheduler(t: Thread, tid: number, policy: number, param: number): number | Block {
  const plain = policy & ~SCHED_RESET_ON_FORK;
  if (policy < 0 || tid < 0 || param === 0) return -EINVAL;
  const priority = t.user.i32(param);
  if (!isKnown(plain)) {
    const target = look(t, tid);
    return isAnswer(target) ? target : -EINVAL;
  }
  return change(t, tid, { type: "policy", policy: plain, priority, resetOnFork: plain !== policy });
}

function setParam(t: Thread, tid: number, param: number): number | Block {
  if (tid < 0 || param === 0) return -EINVAL;
  return change(t, tid, { type: "policy", priority: t.user.i32(param) });
}

function getScheduler(t: Thread, tid: number): number | Block {
  if (tid < 0) return -EINVAL;
  const target = look(t, tid);
  return isAnswer(target) ? target : target.policy | (target.resetOnFork ? SCHED_RESET_ON_FORK : 0);
}

function getParam(t: Thread, tid: number, param: number): number | Block {
  if (tid < 0 || param === 0) return -EINVAL;
  const target = look(t, tid);
  if (isAnswer(target)) return target;
  t.user.setU32(param, target.priority);
  return 0;
}

// ---- struct sched_attr: size, policy, flags, nice, priority, three times of SCHED_DEADLINE, two clamps

const ATTR_SIZE = 56;
const ATTR_SIZE_VER0 = 48;
const SCHED_FLAG_RESET_ON_FORK = 1;
const SCHED_FLAG_KEEP_POLICY = 8;
const SCHED_FLAG_KEEP_PARAMS = 16;
const SCHED_FLAGS = SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS;

function setAttr(t: Thread, tid: number, attr: number, flags: number): number | Block {
  if (attr === 0 || tid < 0 || flags !== 0) return -EINVAL;
  const size = t.user.u32(attr) || ATTR_SIZE_VER0;
  const bytes = size < ATTR_SIZE_VER0 || size > PAGE_SIZE ? null : t.user.read(attr, size);
  if (bytes === null || bytes.subarray(ATTR_SIZE).some((byte) => byte !== 0)) {
    t.user.setU32(attr, ATTR_SIZE);
    return -E2BIG;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const how = view.getUint32(8, true);
  if (view.getInt32(4, true) < 0) return -EINVAL;
  const unknown = view.getUint32(12, true) !== 0 || (how & ~SCHED_FLAGS) !== 0;
  const policy = how & SCHED_FLAG_KEEP_POLICY ? undefined : view.getUint32(4, true);
  if (unknown || (policy !== undefined && !isKnown(policy))) {
    if (find(t, tid) === undefined && !maybeElsewhere(t, tid)) return -ESRCH;
    t.kernel.logOnce("warn", `sched_setattr: policy ${policy} or flags 0x${how.toString(16)} are missing`);
    return -EINVAL;
  }
  const keeps = (how & SCHED_FLAG_KEEP_PARAMS) !== 0;
  return change(t, tid, {
    type: "policy",
    resetOnFork: (how & SCHED_FLAG_RESET_ON_FORK) !== 0,
    ...(policy !== undefined && { policy }),
    ...(!keeps && {
      nice: Math.max(-20, Math.min(19, view.getInt32(16, true))),
      priority: view.getUint32(20, true),
    }),
  });
}

function getAttr(t: Thread, tid: number, attr: number, size: number, flags: number): number | Block {
  if (attr === 0 || tid < 0 || size > PAGE_SIZE || size < ATTR_SIZE_VER0 || flags !== 0) return -EINVAL;
  const target = look(t, tid);
  if (isAnswer(target)) return target;
  const written = Math.min(size, ATTR_SIZE);
  const view = new DataView(new ArrayBuffer(written));
  view.setUint32(0, written, true);
  view.setUint32(4, target.policy, true);
  view.setUint32(8, target.resetOnFork ? SCHED_FLAG_RESET_ON_FORK : 0, true);
  if (isRealTime(target.policy)) view.setUint32(20, target.priority, true);
  else view.setInt32(16, target.nice, true);
  t.user.copyOut(attr, new Uint8Array(view.buffer));
  return 0;
}

const hasPriorities = (policy: number): boolean => isKnown(policy) || policy === SCHED_DEADLINE;
const priorityMax = (_t: Thread, policy: number) => (isRealTime(policy) ? 99 : hasPriorities(policy) ? 0 : -EINVAL);
const priorityMin = (_t: Thread, policy: number) => (isRealTime(policy) ? 1 : hasPriorities(policy) ? 0 : -EINVAL);

function rrGetInterval(t: Thread, tid: number, address: number): number | Block {
  if (tid < 0) return -EINVAL;
  const target = look(t, tid);
  if (isAnswer(target)) return target;
  const slice = target.policy === SCHED_RR ? RR_TIMESLICE : target.policy === SCHED_FIFO ? 0 : t.kernel.quantum;
  writeTimespec(t, address, 0, slice);
  return 0;
}

// ---- the one CPU

/** Bytes of the kernel's cpumask. */
const MASK_SIZE = 8;

function getAffinity(t: Thread, tid: number, size: number, mask: number): number | Block {
  if (size < MASK_SIZE || size % 8 !== 0) return -EINVAL;
  const target = look(t, tid);
  if (isAnswer(target)) return target;
  t.user.setU64(mask, 1);
  return MASK_SIZE;
}

/** Of a thread of another machine, which has one CPU too. */
function affinityElsewhere(t: Thread, tid: number, first: boolean): number | Block {
  const found = elsewhere(t, tid);
  if (found instanceof Block) return found;
  if (found === null) return -ESRCH;
  const { euid, privileged } = actorOf(t);
  if (!privileged && euid !== found.euid && euid !== found.uid) return -EPERM;
  return first ? 0 : -EINVAL;
}

function setAffinity(t: Thread, tid: number, size: number, mask: number): number | Block {
  const target = find(t, tid);
  const first = size > 0 ? t.user.u8(mask) : 0;
  if (target === undefined) return affinityElsewhere(t, tid, (first & 1) !== 0);
  if (!owns(actorOf(t), target)) return -EPERM;
  return first & 1 ? 0 : -EINVAL;
}

function getcpu(t: Thread, cpu: number, node: number): number {
  if (cpu >= HIGH_LIMIT || node >= HIGH_LIMIT) return -EFAULT;
  if (cpu !== 0) t.user.setU32(cpu, 0);
  if (node !== 0) t.user.setU32(node, 0);
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(24, "sched_yield", "", schedYield),
  call(140, "getpriority", "int int", getpriority, "kept, without effect"),
  call(141, "setpriority", "int int int", setpriority, "kept, without effect"),
  call(142, "sched_setparam", "pid ptr", setParam, "kept, without effect"),
  call(143, "sched_getparam", "pid ptr", getParam),
  call(144, "sched_setscheduler", "pid int ptr", setScheduler, "kept, without effect"),
  call(145, "sched_getscheduler", "pid", getScheduler),
  call(146, "sched_get_priority_max", "int", priorityMax),
  call(147, "sched_get_priority_min", "int", priorityMin),
  call(148, "sched_rr_get_interval", "pid timespec-out", rrGetInterval),
  call(203, "sched_setaffinity", "pid size ptr", setAffinity, "there is one CPU"),
  call(204, "sched_getaffinity", "pid size ptr", getAffinity, "there is one CPU"),
  call(309, "getcpu", "ptr ptr ptr", getcpu),
  call(314, "sched_setattr", "pid ptr uint", setAttr, "kept, without effect; no SCHED_DEADLINE, no utilisation clamps"),
  call(315, "sched_getattr", "pid ptr uint uint", getAttr),
];
