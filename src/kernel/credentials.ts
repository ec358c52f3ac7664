/** POSIX credentials and the rules of credentials(7). Numbers, as Linux user and group ids are. */

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
}

/** All user ids `uid`, all group ids `gid`, no supplementary groups. */
export function credentialsOf(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  return { uid, euid: uid, suid: uid, fsuid: uid, gid, egid: gid, sgid: gid, fsgid: gid, groups };
}

/** Root's capabilities belong to the effective user id 0; capabilities(7) beyond that are not modelled. */
export const isPrivileged = (c: Credentials): boolean => c.euid === 0;
