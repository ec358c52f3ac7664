/** Asking for mounts: statmount(2), listmount(2) (fs/namespace.c, Linux 6.18). */
import { CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { E2BIG, EINVAL, ENOENT, EOVERFLOW, EPERM, Errno } from "../../abi/errno.ts";
import { deviceMajor, deviceMinor } from "../../abi/stat.ts";
import { MS_PRIVATE, MS_RDONLY, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from "../../abi/statfs.ts";
import * as abi from "../../abi/statmount.ts";
import { Location, type Mount } from "../../fs/mount.ts";
import type { MountNamespace } from "../../fs/mount-namespace.ts";
import { isReachable } from "../../fs/mount-tree.ts";
import { bytesOf } from "../../fs/name.ts";
import { rootPath } from "../../fs/proc/mounts.ts";
import { capableIn } from "../capabilities.ts";
import { mountAttributes } from "../mount-attributes.ts";
import { ownerOf } from "../namespaces.ts";
import { NamespaceFile } from "../nsfs.ts";
import type { Thread } from "../task.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

const PAGE = 4096;
/** mnt_id of listmount(2) for the root of the one who asks (LSMT_ROOT). */
const ROOT = 2 ** 64;

interface Request {
  readonly id: number;
  /** What to tell of, or the mount after which a list goes on: low and high word. */
  readonly parameter: readonly [low: number, high: number];
  readonly namespace: MountNamespace;
  /** Where paths are seen from. */
  readonly root: Location;
}

/** struct mnt_id_req { u32 size, mnt_ns_fd; u64 mnt_id, param, mnt_ns_id; }; what is longer must be zero. */
function requestAt(t: Thread, address: number): Request {
  const size = t.user.u32(address);
  if (size > PAGE) throw new Errno(E2BIG);
  if (size < abi.MNT_ID_REQ_SIZE_VER0) throw new Errno(EINVAL);
  const bytes = new Uint8Array(PAGE);
  bytes.set(t.user.read(address, size));
  if (bytes.subarray(abi.MNT_ID_REQ_SIZE_VER1).some((byte) => byte !== 0)) throw new Errno(E2BIG);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number): number => view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  const [fd, id, namespaceId] = [view.getInt32(4, true), u64(8), u64(24)];
  if (id <= abi.UNIQUE_MOUNT_IDS) throw new Errno(EINVAL);
  if (fd !== 0 && namespaceId !== 0) throw new Errno(EINVAL);
  const namespace = fd !== 0 ? namespaceOf(t, fd) : namespaceWith(t, namespaceId);
  const own = namespace === t.namespaces.mnt;
  if (!own && !capableIn(t.credentials, ownerOf(namespace), CAP_SYS_ADMIN)) throw new Errno(ENOENT);
  const root = own ? t.fs.root : topOf(namespace.root);
  return { id, parameter: [view.getUint32(16, true), view.getUint32(20, true)], namespace, root };
}

function namespaceOf(t: Thread, fd: number): MountNamespace {
  const file = t.files.file(fd);
  if (!(file instanceof NamespaceFile) || file.namespace.kind !== "mnt") throw new Errno(EINVAL);
  return file.namespace as unknown as MountNamespace;
}

function namespaceWith(t: Thread, id: number): MountNamespace {
  if (id === 0 || id === t.namespaces.mnt.id) return t.namespaces.mnt;
  for (const { namespaces } of t.kernel.threads.values()) if (namespaces.mnt.id === id) return namespaces.mnt;
  throw new Errno(ENOENT);
}

/** What one sees at the bottom of a tree: the file system that is mounted over it. */
function topOf(bottom: Mount): Location {
  let mount = bottom;
  for (let next: Mount | undefined = mount; next; next = mount.children.get(mount.root.key)) mount = next;
  return new Location(mount, mount.root);
}

const uniqueId = (mount: Mount): number => abi.UNIQUE_MOUNT_IDS + mount.id;

/** The mount with an id, whose place is below `root` unless the caller may know of all. Throws ENOENT, EPERM. */
function mountWith(t: Thread, { id, namespace, root }: Request): Mount {
  const mount = namespace.mounts.find((each) => uniqueId(each) === id);
  if (!mount) throw new Errno(ENOENT);
  const seen = isReachable(new Location(mount, mount.root), root);
  if (!seen && !capableIn(t.credentials, ownerOf(namespace), CAP_SYS_ADMIN)) throw new Errno(EPERM);
  return mount;
}

const statmount: Handler = (t, address, buffer, size, flags) => {
  if (flags !== 0) return -EINVAL;
  const request = requestAt(t, address);
  const [mask] = request.parameter;
  const strings = (mask & abi.STATMOUNT_STRINGS) !== 0;
  t.user.probe(buffer, Math.min(size, PAGE), true);
  if (strings && size <= abi.STATMOUNT_SIZE) return -EOVERFLOW;
  const bytes = describe(t, mountWith(t, request), request, mask, size);
  if (strings && bytes.length > size) return -EOVERFLOW;
  t.user.copyOut(buffer, bytes.subarray(0, Math.min(bytes.length, size)));
  return 0;
};

/** struct statmount, and its strings; `size` bytes are wanted. */
function describe(t: Thread, mount: Mount, { namespace, root }: Request, mask: number, size: number): Uint8Array {
  const { fileSystem, peers, master } = mount;
  const fixed = new Uint8Array(abi.STATMOUNT_SIZE);
  const view = new DataView(fixed.buffer);
  const at = abi.STATMOUNT_FIELDS;
  const u32 = (field: number, value: number) => view.setUint32(field, value, true);
  const u64 = (field: number, value: number) => {
    u32(field, value >>> 0);
    u32(field + 4, Math.floor(value / 2 ** 32));
  };
  // Offset 0 is the empty string, for what is not told.
  let text = mask & abi.STATMOUNT_STRINGS ? "\0" : "";
  let told = 0;
  const string = (flag: number, field: number, value: string) => {
    if (!(mask & flag) || value === "") return;
    u32(field, text.length);
    text += `${value}\0`;
    told |= flag;
  };
  if (mask & abi.STATMOUNT_SB_BASIC) {
    u32(at.deviceMajor, deviceMajor(fileSystem.device));
    u32(at.deviceMinor, deviceMinor(fileSystem.device));
    u64(at.magic, fileSystem.statfs().type);
    u32(at.superFlags, fileSystem.readOnly ? MS_RDONLY : 0);
    told |= abi.STATMOUNT_SB_BASIC;
  }
  if (mask & abi.STATMOUNT_MNT_BASIC) {
    const parent = mount.point?.mount ?? mount;
    u64(at.id, uniqueId(mount));
    u64(at.parentId, uniqueId(parent));
    u32(at.oldId, mount.id);
    u32(at.oldParentId, parent.id);
    u64(at.attributes, mountAttributes(mount.flags));
    u64(at.propagation, propagationOf(mount));
    u64(at.peerGroup, peers?.id ?? 0);
    u64(at.master, master?.id ?? 0);
    told |= abi.STATMOUNT_MNT_BASIC;
  }
  if (mask & abi.STATMOUNT_PROPAGATE_FROM) {
    const seen = master && [...master.members].some((each) => each.namespace === namespace);
    u64(at.propagateFrom, seen ? master.id : 0);
    told |= abi.STATMOUNT_PROPAGATE_FROM;
  }
  if (mask & abi.STATMOUNT_MNT_NS_ID) {
    u64(at.namespaceId, namespace.id);
    told |= abi.STATMOUNT_MNT_NS_ID;
  }
  string(abi.STATMOUNT_FS_TYPE, at.type, fileSystem.type);
  string(abi.STATMOUNT_MNT_ROOT, at.root, rootPath(mount));
  string(abi.STATMOUNT_MNT_POINT, at.point, pointOf(t, mount, root));
  const options = fileSystem.optionText.slice(1);
  string(abi.STATMOUNT_MNT_OPTS, at.options, options);
  if (options !== "") {
    const array = options.split(",");
    string(abi.STATMOUNT_OPT_ARRAY, at.optionArray, array.join("\0"));
    if (mask & abi.STATMOUNT_OPT_ARRAY) u32(at.optionCount, array.length);
  }
  string(abi.STATMOUNT_SB_SOURCE, at.source, mount.source);
  if (mask & abi.STATMOUNT_SUPPORTED_MASK) {
    u64(at.supported, abi.STATMOUNT_SUPPORTED);
    told |= abi.STATMOUNT_SUPPORTED_MASK;
  }
  u32(at.size, Math.min(size, fixed.length) + text.length);
  u64(at.mask, told);
  const bytes = new Uint8Array(fixed.length + text.length);
  bytes.set(fixed);
  bytes.set(bytesOf(text), fixed.length);
  return bytes;
}

function propagationOf({ peers, master, unbindable }: Mount): number {
  const flags = (peers ? MS_SHARED : 0) | (master ? MS_SLAVE : 0) | (unbindable ? MS_UNBINDABLE : 0);
  return flags || MS_PRIVATE;
}

/** No path begins so. */
const OUTSIDE = "\0";

/** The path of a mount from `root`; empty where that does not lead to it. */
function pointOf(t: Thread, mount: Mount, root: Location): string {
  const path = t.kernel.vfs.path(new Location(mount, mount.root), root, t, OUTSIDE);
  return path.startsWith(OUTSIDE) ? "" : path;
}

const listmount: Handler = (t, address, ids, count, flags) => {
  if (flags & ~abi.LISTMOUNT_REVERSE) return -EINVAL;
  if (count > abi.LISTMOUNT_MAX) return -EOVERFLOW;
  if (count > 0) t.user.probe(ids, 8, true);
  const request = requestAt(t, address);
  const [low, high] = request.parameter;
  const last = low + high * 2 ** 32;
  if (last !== 0 && last <= abi.UNIQUE_MOUNT_IDS) return -EINVAL;
  const whole = request.id === ROOT;
  const from = whole ? null : mountWith(t, request);
  const top = from ? new Location(from, from.root) : request.root;
  const reverse = (flags & abi.LISTMOUNT_REVERSE) !== 0;
  const mounts = request.namespace.mounts.filter((mount) => {
    const id = uniqueId(mount);
    if (mount === from || (last !== 0 && (reverse ? id >= last : id <= last))) return false;
    return isReachable(new Location(mount, mount.root), top);
  });
  if (reverse) mounts.reverse();
  const told = mounts.slice(0, count);
  for (const [i, mount] of told.entries()) t.user.setU64(ids + i * 8, uniqueId(mount));
  return told.length;
};

export const rows: readonly SyscallRow[] = [
  call(457, "statmount", "ptr ptr size hex", statmount),
  call(458, "listmount", "ptr ptr size hex", listmount),
];
