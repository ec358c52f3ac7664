/**
 * POSIX access control lists (acl(5)): their form as extended attributes, what makes one valid, and how a list and the mode
 * of its file follow each other. Who is let in by one is permission.ts's.
 */
import { EINVAL, EOPNOTSUPP, Errno } from "../abi/errno.ts";
import {
  ACL_GROUP,
  ACL_GROUP_OBJ,
  ACL_MASK,
  ACL_OTHER,
  ACL_UNDEFINED_ID,
  ACL_USER,
  ACL_USER_OBJ,
  POSIX_ACL_XATTR_VERSION,
} from "../abi/xattr.ts";

export interface AclEntry {
  /** ACL_*: whom it is about. */
  readonly tag: number;
  /** R_OK | W_OK | X_OK. */
  readonly rights: number;
  /** User or group of ACL_USER and ACL_GROUP; -1 for an id that does not exist. */
  readonly id: number;
}

/** Never changed in place: files that inherit a list share it. */
export type Acl = readonly AclEntry[];

/** The list that decides about a file, or the one that a directory gives to what is made in it. */
export type AclKind = "access" | "default";

const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;

/** Between the ids of a program and those that files have (user_namespaces(7)); -1 for none. */
export interface IdTranslation {
  uid(id: number): number;
  gid(id: number): number;
}

/**
 * The list in an attribute's value: le32 version, then le16 tag, le16 rights, le32 id of each entry. Null when it has no
 * entries. Throws EINVAL for what is malformed, EOPNOTSUPP for another version.
 */
export function decodeAcl(value: Uint8Array, translation: IdTranslation): Acl | null {
  if (value.length < HEADER_BYTES) throw new Errno(EINVAL);
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  if (view.getUint32(0, true) !== POSIX_ACL_XATTR_VERSION) throw new Errno(EOPNOTSUPP);
  if ((value.length - HEADER_BYTES) % ENTRY_BYTES !== 0) throw new Errno(EINVAL);
  const acl: AclEntry[] = [];
  for (let at = HEADER_BYTES; at < value.length; at += ENTRY_BYTES) {
    const tag = view.getUint16(at, true);
    const id = view.getUint32(at + 4, true);
    const known = tag === ACL_USER ? translation.uid(id) : tag === ACL_GROUP ? translation.gid(id) : -1;
    acl.push({ tag, rights: view.getUint16(at + 2, true), id: known });
  }
  if (acl.some(({ tag }) => !TAGS.has(tag))) throw new Errno(EINVAL);
  return acl.length > 0 ? acl : null;
}

const TAGS = new Set([ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_GROUP, ACL_MASK, ACL_OTHER]);

export function encodeAcl(acl: Acl, translation: IdTranslation): Uint8Array {
  const value = new Uint8Array(HEADER_BYTES + acl.length * ENTRY_BYTES);
  const view = new DataView(value.buffer);
  view.setUint32(0, POSIX_ACL_XATTR_VERSION, true);
  acl.forEach(({ tag, rights, id }, i) => {
    const at = HEADER_BYTES + i * ENTRY_BYTES;
    const known = tag === ACL_USER ? translation.uid(id) : tag === ACL_GROUP ? translation.gid(id) : ACL_UNDEFINED_ID;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, rights, true);
    view.setUint32(at + 4, known >>> 0, true);
  });
  return value;
}

/** Owner, users, group, groups, mask, others, in this order; the mask is there when users or groups are. Throws EINVAL. */
export function requireValid(acl: Acl): void {
  let at = 0;
  const take = (tag: number): boolean => {
    if (acl[at]?.tag !== tag) return false;
    const { rights, id } = acl[at];
    if (rights > 7 || ((tag === ACL_USER || tag === ACL_GROUP) && id < 0)) throw new Errno(EINVAL);
    at++;
    return true;
  };
  const some = (tag: number): boolean => {
    const from = at;
    while (take(tag));
    return at > from;
  };
  const owner = take(ACL_USER_OBJ);
  const users = some(ACL_USER);
  const group = take(ACL_GROUP_OBJ);
  const groups = some(ACL_GROUP);
  const mask = take(ACL_MASK);
  const others = take(ACL_OTHER);
  if (!owner || !group || !others || at !== acl.length || ((users || groups) && !mask)) throw new Errno(EINVAL);
}

/** Permission bits that say the same as the list, and whether they say all of it. */
export function modeOfAcl(acl: Acl): { bits: number; whole: boolean } {
  let bits = 0;
  let mask = -1;
  let whole = true;
  for (const { tag, rights } of acl) {
    if (tag === ACL_USER_OBJ) bits |= rights << 6;
    else if (tag === ACL_GROUP_OBJ) bits |= rights << 3;
    else if (tag === ACL_OTHER) bits |= rights;
    else whole = false;
    if (tag === ACL_MASK) mask = rights;
  }
  return { bits: mask < 0 ? bits : (bits & ~0o070) | (mask << 3), whole };
}

/** The list after chmod(2): the group's bits are the mask's, if there is a mask. */
export function aclWithMode(acl: Acl, mode: number): Acl {
  return mapClasses(acl, (_rights, bits) => bits, mode);
}

/** What a new file made with `mode` in a directory with this default list gets: no more than both allow. */
export function inheritedAcl(acl: Acl, mode: number): { acl: Acl | null; mode: number } {
  const own = mapClasses(acl, (rights, bits) => rights & bits, mode);
  const { bits, whole } = modeOfAcl(own);
  return { acl: whole ? null : own, mode: (mode & ~0o777) | bits };
}

/** The list with the entries that the three parts of a mode stand for changed by these. */
function mapClasses(acl: Acl, change: (rights: number, bits: number) => number, mode: number): Acl {
  const group = acl.some(({ tag }) => tag === ACL_MASK) ? ACL_MASK : ACL_GROUP_OBJ;
  return acl.map((entry) => {
    const { tag, rights } = entry;
    const shift = tag === ACL_USER_OBJ ? 6 : tag === group ? 3 : tag === ACL_OTHER ? 0 : -1;
    return shift < 0 ? entry : { ...entry, rights: change(rights, (mode >> shift) & 7) };
  });
}
