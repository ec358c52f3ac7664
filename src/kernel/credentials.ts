/** POSIX credentials and the rules of credentials(7). Numbers, as Linux user and group ids are. */

import { type Capabilities, initialCapabilities } from "./capabilities.ts";

export interface Credentials {
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  readonly fsuid: number;
  readonly gid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  readonly capabilities: Capabilities;
}

/** All user ids `uid`, all group ids `gid`, no supplementary groups. */
export function credentialsOf(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  const capabilities = initialCapabilities(uid);
  return { uid, euid: uid, suid: uid, fsuid: uid, gid, egid: gid, sgid: gid, fsgid: gid, groups, capabilities };
}

/** The effective user is root: for what no capability of capabilities.ts decides. */
export const isPrivileged = (c: Credentials): boolean => c.euid === 0;
