/** /proc/[pid]/sched (kernel/sched/debug.c): what of it there is where all threads take turns. */
import { type FileNode, file, type Owner } from "./node.ts";
import type { ProcessView, ThreadView } from "./view.ts";

/** Least priority of sched(7) as the kernel counts it: nice 0. */
const DEFAULT_PRIORITY = 120;

const line = (name: string, value: string | number): string => `${name.padEnd(45)}:${String(value).padStart(21)}\n`;
/** Nanoseconds as milliseconds. */
const milliseconds = (ns: number): string => `${Math.floor(ns / 1e6)}.${String(Math.floor(ns % 1e6)).padStart(6, "0")}`;

/** Writing resets statistics in Linux; these are not kept. */
export const schedulingNode = (p: ProcessView, t: ThreadView, owner: Owner): FileNode =>
  file(
    () => {
      const { usage, scheduling } = t;
      const { user, system, voluntarySwitches, involuntarySwitches } = usage;
      const { nice, policy, priority } = scheduling;
      return [
        `${t.name} (${t.tid}, #threads: ${p.threadViews.length})\n`,
        `${"-".repeat(67)}\n`,
        line("se.sum_exec_runtime", milliseconds(user + system)),
        line("se.nr_migrations", 0),
        line("nr_switches", voluntarySwitches + involuntarySwitches),
        line("nr_voluntary_switches", voluntarySwitches),
        line("nr_involuntary_switches", involuntarySwitches),
        line("policy", policy),
        line("prio", priority > 0 ? 99 - priority : DEFAULT_PRIORITY + nice),
      ].join("");
    },
    0o644,
    owner,
    () => {},
  );
