/**
 * Capability sets of a thread (capabilities(7), security/commoncap.c). A set is two words, low and high. They hold
 * in the thread's user namespace and those inside it.
 */
import { CAP_FILE_SYSTEM, CAP_LAST } from "../abi/capability.ts";
import { EPERM, Errno } from "../abi/errno.ts";
import { SECBIT_KEEP_CAPS, SECBIT_NO_SETUID_FIXUP, SECBIT_NOROOT } from "../abi/prctl.ts";
import type { Credentials } from "./credentials.ts";
import type { FileCapabilities } from "./file-capabilities.ts";
import { fromKernel, toKernel, type UserNamespace } from "./user-namespace.ts";

export type CapabilitySet = readonly [low: number, high: number];

export interface Capabilities {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  /** What exec can give at most. */
  readonly bounding: CapabilitySet;
  /** What exec of an ordinary file keeps. */
  readonly ambient: CapabilitySet;
}

export const NO_CAPABILITIES: CapabilitySet = [0, 0];
export const ALL_CAPABILITIES: CapabilitySet = [-1, (1 << (CAP_LAST - 31)) - 1];

export const isSubset = (a: CapabilitySet, b: CapabilitySet): boolean => (a[0] & ~b[0]) === 0 && (a[1] & ~b[1]) === 0;
export const union = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => [a[0] | b[0], a[1] | b[1]];
export const intersection = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => [a[0] & b[0], a[1] & b[1]];
export const without = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => [a[0] & ~b[0], a[1] & ~b[1]];
export const includes = (set: CapabilitySet, capability: number): boolean =>
  ((set[capability >> 5] >>> (capability & 31)) & 1) !== 0;
export const setOf = (capability: number): CapabilitySet =>
  capability < 32 ? [1 << capability, 0] : [0, 1 << (capability - 32)];

/** Those of root without restrictions, as after making a user namespace. */
export const FULL_CAPABILITIES: Capabilities = {
  effective: ALL_CAPABILITIES,
  permitted: ALL_CAPABILITIES,
  inheritable: NO_CAPABILITIES,
  bounding: ALL_CAPABILITIES,
  ambient: NO_CAPABILITIES,
};

/** Those of a thread that starts as user `uid`. */
export function initialCapabilities(uid: number): Capabilities {
  if (uid === 0) return FULL_CAPABILITIES;
  return { ...FULL_CAPABILITIES, effective: NO_CAPABILITIES, permitted: NO_CAPABILITIES };
}

/** Whether the thread may do what `capability` (CAP_*) allows to the machine as a whole. */
export const capable = (c: Credentials, capability: number): boolean =>
  c.userNamespace.parent === null && includes(c.capabilities.effective, capability);

/** Whether it may in its own user namespace. */
export const capableInside = ({ capabilities }: Credentials, capability: number): boolean =>
  includes(capabilities.effective, capability);

/** Whether it may do so to what belongs to `target` (cap_capable). Who makes a namespace has all of them in it. */
export function capableIn(c: Credentials, target: UserNamespace, capability: number): boolean {
  const own = c.userNamespace;
  for (let at: UserNamespace = target; ; at = at.parent!) {
    if (at === own) return includes(c.capabilities.effective, capability);
    if (at.level <= own.level) return false;
    if (at.parent === own && at.ownerUid === c.euid) return true;
  }
}

/** Whether it may do so to a file, whose ids its user namespace must know (capable_wrt_inode_uidgid). */
export function capableOver(c: Credentials, { uid, gid }: { uid: number; gid: number }, capability: number): boolean {
  const { uids, gids } = c.userNamespace;
  return includes(c.capabilities.effective, capability) && fromKernel(uids, uid) >= 0 && fromKernel(gids, gid) >= 0;
}

/** `id` is root in the thread's user namespace. */
const isRoot = (c: Credentials, id: number): boolean => id === toKernel(c.userNamespace.uids, 0);
const hasRoot = (c: Credentials): boolean => isRoot(c, c.uid) || isRoot(c, c.euid) || isRoot(c, c.suid);

/** After a change of user ids (cap_emulate_setxuid): root's go with the last of its ids, the effective ones with the effective id. */
export function afterSetuid(before: Credentials, after: Credentials): Capabilities {
  const { capabilities, securebits } = before;
  if (securebits & SECBIT_NO_SETUID_FIXUP) return capabilities;
  let { permitted, effective, ambient } = capabilities;
  if (hasRoot(before) && !hasRoot(after)) {
    if ((securebits & SECBIT_KEEP_CAPS) === 0) permitted = effective = NO_CAPABILITIES;
    ambient = NO_CAPABILITIES;
  }
  if (isRoot(before, before.euid) && !isRoot(after, after.euid)) effective = NO_CAPABILITIES;
  if (!isRoot(before, before.euid) && isRoot(after, after.euid)) effective = permitted;
  return { ...capabilities, permitted, effective, ambient };
}

/** After a change of the file system user id: those that concern files come and go with root. */
export function afterSetfsuid(before: Credentials, after: Credentials): Capabilities {
  const { capabilities, securebits } = before;
  if (securebits & SECBIT_NO_SETUID_FIXUP) return capabilities;
  const { effective, permitted } = capabilities;
  if (isRoot(before, before.fsuid) && !isRoot(after, after.fsuid))
    return { ...capabilities, effective: without(effective, CAP_FILE_SYSTEM) };
  if (!isRoot(before, before.fsuid) && isRoot(after, after.fsuid))
    return { ...capabilities, effective: union(effective, intersection(permitted, CAP_FILE_SYSTEM)) };
  return capabilities;
}

/** What access(2) asks with: root has what it may have, others nothing (override_creds in fs/open.c). */
export function withRealIds(c: Credentials): Credentials {
  if (c.securebits & SECBIT_NO_SETUID_FIXUP) return c;
  const effective = isRoot(c, c.uid) ? c.capabilities.permitted : NO_CAPABILITIES;
  return { ...c, capabilities: { ...c.capabilities, effective } };
}

/**
 * After execve(2) with the effective id `euid` (cap_bprm_creds_from_file): what the file gives, all that the bounding set has
 * for root, and the ambient ones, which a file with capabilities or a change of ids (`changed`) takes away. `limited`: nothing
 * is gained. `grants`: what is permitted is effective; `gains`: there would be more than before. EPERM when a program that takes its capabilities to be effective would not have all of them.
 */
export function afterExec(
  before: Credentials,
  euid: number,
  file: FileCapabilities | null,
  changed: boolean,
  limited: boolean,
): { capabilities: Capabilities; grants: boolean; gains: boolean } {
  const { inheritable, bounding } = before.capabilities;
  let permitted = NO_CAPABILITIES;
  let grants = false;
  if (file !== null) {
    permitted = union(intersection(bounding, file.permitted), intersection(inheritable, file.inheritable));
    grants = file.effective;
    if (grants && !isSubset(file.permitted, permitted)) throw new Errno(EPERM);
  }
  const [real, effective] = [isRoot(before, before.uid), isRoot(before, euid)];
  // A set-user-ID-root program with capabilities has these alone.
  if ((before.securebits & SECBIT_NOROOT) === 0 && (real || effective) && (real || file === null)) {
    permitted = union(bounding, inheritable);
    if (effective) grants = true;
  }
  const gains = !isSubset(permitted, before.capabilities.permitted);
  if (limited) permitted = intersection(permitted, before.capabilities.permitted);
  const ambient = file !== null || changed ? NO_CAPABILITIES : before.capabilities.ambient;
  permitted = union(permitted, ambient);
  const capabilities = { inheritable, bounding, ambient, permitted, effective: grants ? permitted : ambient };
  return { capabilities, grants, gains };
}
