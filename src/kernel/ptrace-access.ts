/** Who may look into another process (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS). */
import { isPrivileged } from "./credentials.ts";
import type { Process, Thread } from "./task.ts";

export function mayInspect(t: Thread, process: Process): boolean {
  if (process === t.process || isPrivileged(t.credentials)) return true;
  const { uid, gid } = t.credentials;
  const c = process.credentials;
  const same = [c.uid, c.euid, c.suid].every((id) => id === uid) && [c.gid, c.egid, c.sgid].every((id) => id === gid);
  return same && process.dumpable === 1;
}
