/** Who may look into another process (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS). */
import { CAP_SYS_PTRACE } from "../abi/capability.ts";
import { capableIn } from "./capabilities.ts";
import type { Process, Thread } from "./task.ts";

export function mayInspect(t: Thread, process: Process): boolean {
  if (process === t.process || capableIn(t.credentials, process.credentials.userNamespace, CAP_SYS_PTRACE)) return true;
  const { uid, gid } = t.credentials;
  const c = process.credentials;
  const same = [c.uid, c.euid, c.suid].every((id) => id === uid) && [c.gid, c.egid, c.sgid].every((id) => id === gid);
  return same && process.dumpable === 1;
}
