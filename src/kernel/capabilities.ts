/**
 * Capability sets of a thread (capabilities(7), security/commoncap.c). A set is two words, low and high. Files have none, and
 * nothing is ambient. File access goes by the file system user id, not by these.
 */
import { CAP_LAST } from "../abi/capability.ts";
import type { Credentials } from "./credentials.ts";

export type CapabilitySet = readonly [low: number, high: number];

export interface Capabilities {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
}

export const NO_CAPABILITIES: CapabilitySet = [0, 0];
export const ALL_CAPABILITIES: CapabilitySet = [-1, (1 << (CAP_LAST - 31)) - 1];

export const isSubset = (a: CapabilitySet, b: CapabilitySet): boolean => (a[0] & ~b[0]) === 0 && (a[1] & ~b[1]) === 0;

export const union = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => [a[0] | b[0], a[1] | b[1]];

/** Those of a thread that starts as user `uid`. */
export function initialCapabilities(uid: number): Capabilities {
  const set = uid === 0 ? ALL_CAPABILITIES : NO_CAPABILITIES;
  return { effective: set, permitted: set, inheritable: NO_CAPABILITIES };
}

/** Whether the thread may do what `capability` (CAP_*) allows. */
export const capable = ({ capabilities }: Credentials, capability: number): boolean =>
  ((capabilities.effective[capability >> 5] >>> (capability & 31)) & 1) !== 0;

/** After a change of user ids: root's go with the last of its ids, the effective ones with the effective id. */
export function afterSetuid(before: Credentials, after: Credentials): Capabilities {
  const { permitted, inheritable } = before.capabilities;
  const isRoot = ({ uid, euid, suid }: Credentials): boolean => uid === 0 || euid === 0 || suid === 0;
  if (isRoot(before) && !isRoot(after)) {
    return { effective: NO_CAPABILITIES, permitted: NO_CAPABILITIES, inheritable };
  }
  if (before.euid === 0 && after.euid !== 0) return { ...before.capabilities, effective: NO_CAPABILITIES };
  if (before.euid !== 0 && after.euid === 0) return { ...before.capabilities, effective: permitted };
  return before.capabilities;
}

/** After execve(2) as the users `uid` and `euid`: all for root, none for others. */
export function afterExec({ inheritable }: Capabilities, uid: number, euid: number): Capabilities {
  return {
    effective: euid === 0 ? ALL_CAPABILITIES : NO_CAPABILITIES,
    permitted: uid === 0 || euid === 0 ? ALL_CAPABILITIES : NO_CAPABILITIES,
    inheritable,
  };
}
