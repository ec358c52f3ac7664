/** Who may look into another process (ptrace(2), ptrace access mode checking; __ptrace_may_access, cap_ptrace_access_check). */
import { CAP_SYS_PTRACE } from "../abi/capability.ts";
import { capableIn, isSubset } from "./capabilities.ts";
import type { Process, Thread } from "./task.ts";

/**
 * By the real ids (PTRACE_MODE_REALCREDS), as system calls ask, or by those for files (PTRACE_MODE_FSCREDS), as /proc does.
 * `caller`: what `t` goes by.
 */
export function mayInspect(t: Thread, process: Process, forFiles = false, caller = t.credentials): boolean {
  const c = process.credentials;
  if (process === t.process || capableIn(caller, c.userNamespace, CAP_SYS_PTRACE)) return true;
  const uid = forFiles ? caller.fsuid : caller.uid;
  const gid = forFiles ? caller.fsgid : caller.gid;
  const same = [c.uid, c.euid, c.suid].every((id) => id === uid) && [c.gid, c.egid, c.sgid].every((id) => id === gid);
  if (!same || process.dumpable !== 1) return false;
  const own = forFiles ? caller.capabilities.effective : caller.capabilities.permitted;
  return c.userNamespace === caller.userNamespace && isSubset(c.capabilities.permitted, own);
}
