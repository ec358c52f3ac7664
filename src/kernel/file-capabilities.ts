/**
 * Capabilities of files (capabilities(7), security/commoncap.c): the attribute `security.capability`, as it is stored, as a
 * user namespace sees it, and as exec uses it.
 */
import { CAP_SETFCAP } from "../abi/capability.ts";
import { EINVAL, EOVERFLOW, EPERM, Errno } from "../abi/errno.ts";
import { FILE_CAPABILITY, VFS_CAP_EFFECTIVE, VFS_CAP_REVISION_2, VFS_CAP_REVISION_3 } from "../abi/xattr.ts";
import type { Inode } from "../fs/inode.ts";
import { ALL_CAPABILITIES, type CapabilitySet, intersection } from "./capabilities.ts";
import type { Thread } from "./task.ts";
import { fromKernel, toKernel, type UserNamespace } from "./user-namespace.ts";

export interface FileCapabilities {
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  /** What is permitted is also effective. */
  readonly effective: boolean;
}

/** struct vfs_ns_cap_data: le32 revision and flags, le32 permitted and inheritable, low and high; revision 3: le32 root id. */
const BYTES_2 = 20;
const BYTES_3 = 24;

interface Fields extends FileCapabilities {
  /** Id of the user who is root where the capabilities hold, as stored; 0 in revision 2. */
  readonly root: number;
}

/** Null for what has none of the forms. */
function parse(value: Uint8Array): Fields | null {
  if (value.length !== BYTES_2 && value.length !== BYTES_3) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const word = (i: number): number => view.getInt32(i * 4, true);
  const revision = word(0) & ~VFS_CAP_EFFECTIVE;
  if (revision !== (value.length === BYTES_2 ? VFS_CAP_REVISION_2 : VFS_CAP_REVISION_3)) return null;
  return {
    permitted: [word(1), word(3)],
    inheritable: [word(2), word(4)],
    effective: (word(0) & VFS_CAP_EFFECTIVE) !== 0,
    root: value.length === BYTES_2 ? 0 : word(5) >>> 0,
  };
}

function encode({ permitted, inheritable, effective, root }: Fields, revision: number): Uint8Array {
  const bytes = new Uint8Array(revision === VFS_CAP_REVISION_2 ? BYTES_2 : BYTES_3);
  const view = new DataView(bytes.buffer);
  const words = [
    revision | (effective ? VFS_CAP_EFFECTIVE : 0),
    permitted[0],
    inheritable[0],
    permitted[1],
    inheritable[1],
  ];
  if (revision === VFS_CAP_REVISION_3) words.push(root);
  words.forEach((word, i) => {
    view.setInt32(i * 4, word, true);
  });
  return bytes;
}

/** The value to be stored when `t` sets it: whom it is for is part of it. Throws EINVAL, EPERM (cap_convert_nscap). */
export function storedCapabilities(t: Thread, inode: Inode, value: Uint8Array): Uint8Array {
  // An empty value is no capabilities, and anyone's to set; exec refuses such a file.
  if (value.length === 0) return value;
  const fields = parse(value);
  if (fields === null) throw new Errno(EINVAL);
  if (!t.capable(CAP_SETFCAP, inode)) throw new Errno(EPERM);
  if (value.length === BYTES_2 && t.capable(CAP_SETFCAP)) return value;
  const root = toKernel(t.credentials.userNamespace.uids, fields.root);
  if (root < 0) throw new Errno(EINVAL);
  return encode({ ...fields, root }, VFS_CAP_REVISION_3);
}

/** What `t` reads of it (cap_inode_getsecurity). Throws EINVAL, EOVERFLOW. */
export function shownCapabilities(t: Thread, value: Uint8Array): Uint8Array {
  const fields = parse(value);
  if (fields === null) throw new Errno(EINVAL);
  const { userNamespace } = t.credentials;
  const root = fromKernel(userNamespace.uids, fields.root);
  if (root > 0) return encode({ ...fields, root }, VFS_CAP_REVISION_3);
  if (!isRootOf(userNamespace, fields.root)) throw new Errno(EOVERFLOW);
  return encode(fields, VFS_CAP_REVISION_2);
}

/** The user is root in the namespace, or in one that it is in. */
function isRootOf(namespace: UserNamespace, uid: number): boolean {
  for (let at: UserNamespace | null = namespace; at !== null; at = at.parent) {
    if (fromKernel(at.uids, uid) === 0) return true;
  }
  return false;
}

/** What a program that `t` executes brings with it; null for nothing. Throws EINVAL for an attribute that is none. */
export function capabilitiesOfProgram(t: Thread, inode: Inode): FileCapabilities | null {
  const value = inode.attributes?.get(FILE_CAPABILITY);
  if (value === undefined) return null;
  const fields = parse(value);
  if (fields === null) throw new Errno(EINVAL);
  if (!isRootOf(t.credentials.userNamespace, fields.root)) return null;
  const known = (set: CapabilitySet) => intersection(set, ALL_CAPABILITIES);
  return { ...fields, permitted: known(fields.permitted), inheritable: known(fields.inheritable) };
}
