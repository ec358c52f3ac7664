/**
 * Extended attributes of inodes (xattr(7)): who may see and change which, and their storage. tmpfs and the overlay have the
 * classes user, trusted and security, and of the class system the access control lists (acl.ts).
 */
import { CAP_SETFCAP, CAP_SYS_ADMIN } from "../abi/capability.ts";
import { EACCES, EEXIST, EINVAL, ENODATA, EOPNOTSUPP, EPERM, Errno } from "../abi/errno.ts";
import { R_OK, W_OK } from "../abi/fcntl.ts";
import { isDirectory, isRegular, isSymlink, S_ISGID, S_ISVTX } from "../abi/stat.ts";
import { FILE_CAPABILITY, XATTR_CREATE, XATTR_REPLACE } from "../abi/xattr.ts";
import { type Acl, type AclKind, decodeAcl, modeOfAcl, requireValid } from "./acl.ts";
import type { Inode } from "./inode.ts";
import { bytesOf } from "./name.ts";
import { keepsSetGroup, owns, permits, requireOwner } from "./permission.ts";
import type { Caller } from "./types.ts";
import { type FsUsage, usageOf } from "./usage.ts";

const ACL_NAMES = { access: "system.posix_acl_access", default: "system.posix_acl_default" } as const;
/** Estimate of what an entry of a list takes up, in bytes. */
const ACL_ENTRY_COST = 64;
const STORED = ["user.", "trusted.", "security."];

/** The attributes of one inode; the machine's usage counts them until its last name goes, but for those of an image. */
export class ExtendedAttributes {
  readonly #usage: FsUsage;
  /** Names and lists that came with an image: the machine does not pay for them. */
  readonly #free = new Set<string>();
  readonly #values = new Map<string, Uint8Array>();
  #access: Acl | null = null;
  #default: Acl | null = null;

  constructor(usage: FsUsage) {
    this.#usage = usage;
  }

  get(name: string): Uint8Array | undefined {
    return this.#values.get(name);
  }

  /** In the order that tmpfs lists them: by their bytes, the greatest first. */
  names(): string[] {
    return [...this.#values.keys()].sort((a, b) => (a < b ? 1 : -1));
  }

  /** Throws ENOSPC. */
  set(name: string, value: Uint8Array): void {
    this.#usage.addName(value.length);
    const old = this.#values.get(name);
    if (old) this.#release(name, old.length);
    this.#values.set(name, value);
  }

  delete(name: string): void {
    this.#release(name, this.#values.get(name)!.length);
    this.#values.delete(name);
  }

  #release(name: string, size: number): void {
    if (!this.#free.delete(name)) this.#usage.removeName(size);
  }

  /** What an image says of the inode; lists that are none are left out. */
  adopt(attributes: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(attributes)) {
      const value = bytesOf(text);
      const kind = aclKind(name);
      this.#free.add(name);
      if (kind === null) this.#values.set(name, value);
      else if (kind === "access") this.#access = validAcl(value);
      else this.#default = validAcl(value);
    }
  }

  acl(kind: AclKind): Acl | null {
    return kind === "access" ? this.#access : this.#default;
  }

  /** Throws ENOSPC. */
  setAcl(kind: AclKind, acl: Acl | null): void {
    const old = this.acl(kind);
    if (acl) this.#usage.addName(acl.length * ACL_ENTRY_COST);
    if (old) this.#release(ACL_NAMES[kind], old.length * ACL_ENTRY_COST);
    if (kind === "access") this.#access = acl;
    else this.#default = acl;
  }

  clear(): void {
    for (const name of this.names()) this.delete(name);
    this.setAcl("access", null);
    this.setAcl("default", null);
  }
}

/** Those of `inode`, made when there are none. */
export function attributesOf(inode: Inode): ExtendedAttributes {
  return (inode.attributes ??= new ExtendedAttributes(usageOf(inode.fileSystem.environment)));
}

/** Gives an inode of an image the attributes that it has there, and by its access control list the mode. */
export function adoptAttributes(inode: Inode, attributes: Readonly<Record<string, string>>): void {
  const own = attributesOf(inode);
  own.adopt(attributes);
  const acl = own.acl("access");
  if (acl) inode.mode = (inode.mode & ~0o777) | modeOfAcl(acl).bits;
}

function validAcl(value: Uint8Array): Acl | null {
  try {
    const acl = decodeAcl(value, { uid: (id) => id, gid: (id) => id });
    if (acl) requireValid(acl);
    return acl;
  } catch (error) {
    if (error instanceof Errno) return null;
    throw error;
  }
}

/** Which list an attribute's name means; null for other attributes. */
export const aclKind = (name: string): AclKind | null =>
  name === ACL_NAMES.access ? "access" : name === ACL_NAMES.default ? "default" : null;

/** Throws ENODATA, EOPNOTSUPP. Nobody is kept from reading it. */
export function getAcl(inode: Inode, kind: AclKind): Acl {
  requireAcls(inode);
  const acl = inode.attributes?.acl(kind);
  if (!acl) throw new Errno(ENODATA);
  return acl;
}

/** Sets or removes a list, and with the one that decides the mode. Throws EOPNOTSUPP, EACCES, EPERM, EINVAL, ENOSPC. */
export function setAcl(caller: Caller, inode: Inode, kind: AclKind, acl: Acl | null): void {
  requireAcls(inode);
  if (kind === "default" && !isDirectory(inode.mode)) {
    if (acl) throw new Errno(EACCES);
    return;
  }
  requireOwner(caller, inode);
  let { mode } = inode;
  if (acl) requireValid(acl);
  if (acl && kind === "access") {
    const { bits, whole } = modeOfAcl(acl);
    mode = (mode & ~0o777) | bits;
    if (whole) acl = null;
  }
  if (kind === "access" && !keepsSetGroup(caller, inode)) mode &= ~S_ISGID;
  if (acl) attributesOf(inode).setAcl(kind, acl);
  else inode.attributes?.setAcl(kind, null);
  inode.mode = mode;
  inode.ctime = inode.fileSystem.environment.now();
}

function requireAcls(inode: Inode): void {
  if (!inode.fileSystem.hasAttributes || isSymlink(inode.mode)) throw new Errno(EOPNOTSUPP);
}

/** The value of an attribute. Throws ENODATA, EOPNOTSUPP, EACCES. */
export function getAttribute(caller: Caller, inode: Inode, name: string): Uint8Array {
  requireAccess(caller, inode, name, R_OK);
  requireStored(inode, name);
  const value = inode.attributes?.get(name);
  if (!value) throw new Errno(ENODATA);
  return value;
}

/**
 * Sets an attribute; `flags` are setxattr(2)'s. The caller has seen to the mount's being writable, and to who may give a file
 * capabilities.
 */
export function setAttribute(caller: Caller, inode: Inode, name: string, value: Uint8Array, flags: number): void {
  requireAccess(caller, inode, name, W_OK);
  if (name !== FILE_CAPABILITY) requireSecurity(caller, name);
  requireStored(inode, name);
  const old = inode.attributes?.get(name);
  if (flags & XATTR_CREATE && old) throw new Errno(EEXIST);
  if (flags & XATTR_REPLACE && !old) throw new Errno(ENODATA);
  attributesOf(inode).set(name, value);
  inode.ctime = inode.fileSystem.environment.now();
}

/** Throws ENODATA when it is not there. */
export function removeAttribute(caller: Caller, inode: Inode, name: string): void {
  requireAccess(caller, inode, name, W_OK);
  if (name !== FILE_CAPABILITY) requireSecurity(caller, name);
  else if (!caller.capable(CAP_SETFCAP, inode)) throw new Errno(EPERM);
  requireStored(inode, name);
  if (!inode.attributes?.get(name)) throw new Errno(ENODATA);
  inode.attributes.delete(name);
  inode.ctime = inode.fileSystem.environment.now();
}

/** The names that `caller` may know of. */
export function attributeNames(caller: Caller, inode: Inode): string[] {
  const { attributes } = inode;
  if (attributes === null) return [];
  const trusted = caller.capable(CAP_SYS_ADMIN);
  const names = attributes.names().filter((name) => trusted || !name.startsWith("trusted."));
  if (attributes.acl("default")) names.unshift(ACL_NAMES.default);
  if (attributes.acl("access")) names.unshift(ACL_NAMES.access);
  return names;
}

/** xattr_permission of fs/xattr.c: what a class demands besides the rights on the file. */
function requireAccess(caller: Caller, inode: Inode, name: string, want: number): void {
  if (name.startsWith("security.") || name.startsWith("system.")) return;
  if (name.startsWith("trusted.")) {
    if (!caller.capable(CAP_SYS_ADMIN)) throw new Errno(want === W_OK ? EPERM : ENODATA);
    return;
  }
  if (name.startsWith("user.")) {
    const { mode } = inode;
    if (!isRegular(mode) && !isDirectory(mode)) throw new Errno(want === W_OK ? EPERM : ENODATA);
    if (isDirectory(mode) && mode & S_ISVTX && want === W_OK && !owns(caller, inode)) throw new Errno(EPERM);
  }
  if (!permits(caller, inode, want)) throw new Errno(EACCES);
}

/** cap_inode_setxattr of security/commoncap.c. */
function requireSecurity(caller: Caller, name: string): void {
  if (name.startsWith("security.") && !caller.capable(CAP_SYS_ADMIN)) throw new Errno(EPERM);
}

/** EOPNOTSUPP for a class that the file system has not, EINVAL for a class without a name. */
function requireStored(inode: Inode, name: string): void {
  const prefix = inode.fileSystem.hasAttributes ? STORED.find((stored) => name.startsWith(stored)) : undefined;
  if (prefix === undefined) throw new Errno(EOPNOTSUPP);
  if (prefix === name) throw new Errno(EINVAL);
}
