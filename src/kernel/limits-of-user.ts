/** RLIMIT_NPROC: processes and threads of a user, zombies included. */
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../abi/capability.ts";
import { RLIMIT_NPROC } from "../abi/resource.ts";
import { capable } from "./capabilities.ts";
import type { Thread } from "./task.ts";

/** Threads of the user of `t`. */
function count({ kernel, credentials }: Thread): number {
  let threads = 0;
  for (const other of kernel.threads.values()) if (other.credentials.uid === credentials.uid) threads++;
  return threads;
}

/** The limit is passed, even by `others` than the caller. There is no limit for root. */
export const hasTooManyProcesses = (t: Thread, others = false): boolean =>
  t.credentials.uid !== 0 && count(t) - (others ? 1 : 0) > t.process.limits.soft[RLIMIT_NPROC];

/** Another one would pass it. */
export function mayNotFork(t: Thread): boolean {
  const { credentials } = t;
  if (credentials.uid === 0 || capable(credentials, CAP_SYS_RESOURCE) || capable(credentials, CAP_SYS_ADMIN))
    return false;
  return count(t) >= t.process.limits.soft[RLIMIT_NPROC];
}
