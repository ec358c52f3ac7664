/** I/O priorities (ioprio_set(2)): kept and inherited; nothing here queues I/O by them (block/ioprio.c). */
import { CAP_SYS_ADMIN, CAP_SYS_NICE } from "../../abi/capability.ts";
import { EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import { capable } from "../capabilities.ts";
import { globalPid, threadOf } from "../lookup.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

const CLASS_SHIFT = 13;
const LEVEL_MASK = 7;
const CLASS_NONE = 0;
const CLASS_RT = 1;
const CLASS_IDLE = 3;

const WHO_PROCESS = 1;
const WHO_PGRP = 2;
const WHO_USER = 3;

/** The threads that are meant; null for no such `which`. */
function targets(t: Thread, which: number, who: number): Thread[] | null {
  const all = () => [...t.kernel.threads.values()];
  switch (which) {
    case WHO_PROCESS: {
      const target = who === 0 ? t : threadOf(t, who);
      return target === undefined ? [] : [target];
    }
    case WHO_PGRP: {
      const group = who === 0 ? t.process.pgid : globalPid(t.process, who);
      return all().filter((other) => other.process.pgid === group);
    }
    case WHO_USER: {
      const uid = who === 0 ? t.credentials.uid : who;
      return all().filter((other) => other.credentials.uid === uid);
    }
    default:
      return null;
  }
}

function ioprioSet(t: Thread, which: number, who: number, priority: number): number {
  const given = priority >>> CLASS_SHIFT;
  if (given > CLASS_IDLE || (given === CLASS_NONE && priority & LEVEL_MASK)) return -EINVAL;
  const { credentials } = t;
  if (given === CLASS_RT && !capable(credentials, CAP_SYS_ADMIN) && !capable(credentials, CAP_SYS_NICE)) return -EPERM;
  const found = targets(t, which, who);
  if (found === null) return -EINVAL;
  for (const target of found) {
    const { uid } = target.credentials;
    if (uid !== credentials.euid && uid !== credentials.uid && !capable(credentials, CAP_SYS_NICE)) return -EPERM;
    target.ioPriority = priority;
  }
  return found.length === 0 ? -ESRCH : 0;
}

/** The highest priority among them: of classes and of levels the lowest number, and none last. */
function ioprioGet(t: Thread, which: number, who: number): number {
  const found = targets(t, which, who);
  if (found === null) return -EINVAL;
  if (found.length === 0) return -ESRCH;
  const set = found.map((target) => target.ioPriority).filter((priority) => priority >>> CLASS_SHIFT !== CLASS_NONE);
  return set.length === 0 ? 0 : Math.min(...set);
}

export const rows: readonly SyscallRow[] = [
  call(251, "ioprio_set", "int int int", ioprioSet, "kept, without effect"),
  call(252, "ioprio_get", "int int", ioprioGet),
];
