/** Extended attributes (setxattr(2), getxattr(2), listxattr(2), removexattr(2)). */
import { E2BIG, ENAMETOOLONG, ERANGE, Errno } from "../../abi/errno.ts";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../../abi/fcntl.ts";
import { IN_ATTRIB } from "../../abi/inotify.ts";
import {
  FILE_CAPABILITY,
  XATTR_CREATE,
  XATTR_LIST_MAX,
  XATTR_NAME_MAX,
  XATTR_REPLACE,
  XATTR_SIZE_MAX,
} from "../../abi/xattr.ts";
import { decodeAcl, encodeAcl, type IdTranslation } from "../../fs/acl.ts";
import type { Location } from "../../fs/mount.ts";
import { byteString, bytesOf } from "../../fs/name.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { requireWritable } from "../../fs/permission.ts";
import {
  aclKind,
  attributeNames,
  getAcl,
  getAttribute,
  removeAttribute,
  setAcl,
  setAttribute,
} from "../../fs/xattr.ts";
import { shownCapabilities, storedCapabilities } from "../file-capabilities.ts";
import type { Thread } from "../task.ts";
import { fromKernel, toKernel } from "../user-namespace.ts";
import { fileOf, locate, locationOf, pathAt, requireFlags } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** How the three forms of each call name the file. */
type Find = (t: Thread, name: number) => Location;

const byPath: Find = (t, path) => locate(t, AT_FDCWD, pathAt(t, path), 0);
const byLink: Find = (t, path) => locate(t, AT_FDCWD, pathAt(t, path), AT_SYMLINK_NOFOLLOW);
const byDescriptor: Find = (t, fd) => locationOf(t, fileOf(t, fd));

function nameAt(t: Thread, address: number): string {
  let name: string;
  try {
    name = byteString(t.user.cstring(address, XATTR_NAME_MAX));
  } catch (error) {
    throw error instanceof Errno && error.errno === ENAMETOOLONG ? new Errno(ERANGE) : error;
  }
  if (name === "") throw new Errno(ERANGE);
  return name;
}

/** Ids of the thread's user namespace as files have them, and back. */
const toFiles = ({ credentials: { userNamespace } }: Thread): IdTranslation => ({
  uid: (id) => toKernel(userNamespace.uids, id),
  gid: (id) => toKernel(userNamespace.gids, id),
});
const fromFiles = ({ credentials: { userNamespace } }: Thread): IdTranslation => ({
  uid: (id) => fromKernel(userNamespace.uids, id),
  gid: (id) => fromKernel(userNamespace.gids, id),
});

const setting =
  (find: Find): Handler =>
  (t, file, nameAddress, valueAddress, size, flags) => {
    requireFlags(flags, XATTR_CREATE | XATTR_REPLACE);
    const name = nameAt(t, nameAddress);
    if (size > XATTR_SIZE_MAX) return -E2BIG;
    const value = size > 0 ? t.user.read(valueAddress, size) : new Uint8Array();
    const location = find(t, file);
    requireWritable(location.mount);
    const kind = aclKind(name);
    if (kind) setAcl(t, location.inode, kind, size > 0 ? decodeAcl(value, toFiles(t)) : null);
    else if (name !== FILE_CAPABILITY) setAttribute(t, location.inode, name, value, flags);
    else setAttribute(t, location.inode, name, storedCapabilities(t, location.inode, value), flags);
    notifyLocation(location, location.inode, IN_ATTRIB);
    return 0;
  };

const getting =
  (find: Find): Handler =>
  (t, file, nameAddress, buffer, size) => {
    const name = nameAt(t, nameAddress);
    const { inode } = find(t, file);
    const kind = aclKind(name);
    let value = kind ? encodeAcl(getAcl(inode, kind), fromFiles(t)) : getAttribute(t, inode, name);
    if (name === FILE_CAPABILITY) value = shownCapabilities(t, value);
    return give(t, value, buffer, size, XATTR_SIZE_MAX);
  };

const listing =
  (find: Find): Handler =>
  (t, file, buffer, size) => {
    const names = attributeNames(t, find(t, file).inode);
    return give(t, bytesOf(names.map((name) => `${name}\0`).join("")), buffer, size, XATTR_LIST_MAX);
  };

const removing =
  (find: Find): Handler =>
  (t, file, nameAddress) => {
    const name = nameAt(t, nameAddress);
    const location = find(t, file);
    requireWritable(location.mount);
    const kind = aclKind(name);
    if (kind) setAcl(t, location.inode, kind, null);
    else removeAttribute(t, location.inode, name);
    notifyLocation(location, location.inode, IN_ATTRIB);
    return 0;
  };

/** Fills a buffer whose size may be 0, to be told how large it must be. */
function give(t: Thread, bytes: Uint8Array, buffer: number, size: number, limit: number): number {
  if (size === 0) return bytes.length;
  if (bytes.length > size) return size >= limit ? -E2BIG : -ERANGE;
  t.user.copyOut(buffer, bytes);
  return bytes.length;
}

export const rows: readonly SyscallRow[] = [
  call(188, "setxattr", "path path in size int", setting(byPath)),
  call(189, "lsetxattr", "path path in size int", setting(byLink)),
  call(190, "fsetxattr", "fd path in size int", setting(byDescriptor)),
  call(191, "getxattr", "path path out size", getting(byPath)),
  call(192, "lgetxattr", "path path out size", getting(byLink)),
  call(193, "fgetxattr", "fd path out size", getting(byDescriptor)),
  call(194, "listxattr", "path out size", listing(byPath)),
  call(195, "llistxattr", "path out size", listing(byLink)),
  call(196, "flistxattr", "fd out size", listing(byDescriptor)),
  call(197, "removexattr", "path path", removing(byPath)),
  call(198, "lremovexattr", "path path", removing(byLink)),
  call(199, "fremovexattr", "fd path", removing(byDescriptor)),
];
