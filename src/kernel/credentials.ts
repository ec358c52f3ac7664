/** POSIX credentials and the rules of credentials(7). Ids are those of the initial user namespace (user-namespace.ts). */
import { type Capabilities, FULL_CAPABILITIES, initialCapabilities, isSubset } from "./capabilities.ts";
import { INITIAL_USER_NAMESPACE, shown, type UserNamespace } from "./user-namespace.ts";

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
  readonly userNamespace: UserNamespace;
  readonly capabilities: Capabilities;
  /** SECBIT_* (prctl(2)). */
  readonly securebits: number;
}

/** All user ids `uid`, all group ids `gid`, no supplementary groups. */
export function credentialsOf(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  return {
    uid,
    euid: uid,
    suid: uid,
    fsuid: uid,
    gid,
    egid: gid,
    sgid: gid,
    fsgid: gid,
    groups,
    userNamespace: INITIAL_USER_NAMESPACE,
    capabilities: initialCapabilities(uid),
    securebits: 0,
  };
}

/** In a user namespace that was just made or entered: its capabilities, and nothing kept of the old ones. */
export const credentialsIn = (c: Credentials, userNamespace: UserNamespace): Credentials => ({
  ...c,
  userNamespace,
  capabilities: FULL_CAPABILITIES,
  securebits: 0,
});

/** The step from `a` to `b` makes a process private: other ids for files or rights, or more capabilities (commit_creds). */
export const gainsOrChanges = (a: Credentials, b: Credentials): boolean =>
  a.euid !== b.euid ||
  a.egid !== b.egid ||
  a.fsuid !== b.fsuid ||
  a.fsgid !== b.fsgid ||
  !isSubset(b.capabilities.permitted, a.capabilities.permitted);

/** What the holder of `c` sees a user or group as. */
export const uidShown = (c: Credentials, uid: number): number => shown(c.userNamespace.uids, uid);
export const gidShown = (c: Credentials, gid: number): number => shown(c.userNamespace.gids, gid);
