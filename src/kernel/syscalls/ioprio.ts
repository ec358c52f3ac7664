/** I/O priorities (ioprio_set(2)): kept and inherited; nothing here queues I/O by them (block/ioprio.c). */
import { CAP_SYS_ADMIN, CAP_SYS_NICE } from "../../abi/capability.ts";
import { EINVAL, EPERM } from "../../abi/errno.ts";
import { Block } from "../../wait/queue.ts";
import { capable } from "../capabilities.ts";
import type { Thread } from "../task.ts";
import { changeThreads, prioritiesOf, threadSet } from "../thread-set.ts";
import { call, type SyscallRow } from "./row.ts";

const CLASS_SHIFT = 13;
const CLASS_MASK = 7;
const LEVEL_MASK = 7;
const CLASS_NONE = 0;
const CLASS_RT = 1;
const CLASS_IDLE = 3;

const WHO_PROCESS = 1;
const WHO_USER = 3;

function ioprioSet(t: Thread, which: number, who: number, priority: number): number | Block {
  const given = (priority >>> CLASS_SHIFT) & CLASS_MASK;
  if (given > CLASS_IDLE || (given === CLASS_NONE && priority & LEVEL_MASK)) return -EINVAL;
  const { credentials } = t;
  if (given === CLASS_RT && !capable(credentials, CAP_SYS_ADMIN) && !capable(credentials, CAP_SYS_NICE)) return -EPERM;
  if (which < WHO_PROCESS || which > WHO_USER) return -EINVAL;
  return changeThreads(t, threadSet(t, which - WHO_PROCESS, who), { type: "io", priority });
}

/** The highest priority among them. */
function ioprioGet(t: Thread, which: number, who: number): number | Block {
  if (which < WHO_PROCESS || which > WHO_USER) return -EINVAL;
  const found = prioritiesOf(t, threadSet(t, which - WHO_PROCESS, who));
  return typeof found === "number" || found instanceof Block ? found : found.io;
}

export const rows: readonly SyscallRow[] = [
  call(251, "ioprio_set", "int int int", ioprioSet, "kept, without effect"),
  call(252, "ioprio_get", "int int", ioprioGet),
];
