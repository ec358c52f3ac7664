/** Processes below this one, as Linux's /proc shows them. */
import { readdirSync, readFileSync } from "node:fs";

/** The workerd processes below this one: wrangler runs one for itself, a proxy, and one for the Workers. */
export function workerdProcesses(): number[] {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const pid of readdirSync("/proc").map(Number).filter(Boolean)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)![1]));
      if (/^Name:\s+workerd/m.test(status)) found.push(pid);
    } catch {
      // It has ended in the meantime.
    }
  }
  return found.filter((pid) => {
    let parent: number | undefined = pid;
    while (parent !== undefined && parent !== process.pid) parent = parents.get(parent);
    return parent === process.pid;
  });
}

/** Clock ticks in user mode. */
const ticks = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ")[11],
  );

/** The workerd process that computes most while `work` is under way. */
export async function busiest(work: () => Promise<unknown>): Promise<number> {
  const idle = workerdProcesses().map((pid) => [pid, ticks(pid)]);
  await work();
  return idle.map(([pid, before]) => [pid, ticks(pid) - before]).sort((a, b) => b[1] - a[1])[0][0];
}

/** Resident set in MiB. */
export const resident = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
