/** System V shared memory: shmget(2), shmat(2), shmdt(2), shmctl(2). What segments are is in ipc/shared-memory.ts. */
import { CAP_IPC_LOCK } from "../../abi/capability.ts";
import { EINVAL, EPERM } from "../../abi/errno.ts";
import {
  IPC_INFO,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  ipcStructure,
  S_IRUGO,
  S_IWUGO,
  S_IXUGO,
  SHM_EXEC,
  SHM_INFO,
  SHM_LOCK,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
  SHM_STAT,
  SHM_STAT_ANY,
  SHM_UNLOCK,
  SHMID_DS_SIZE,
  setLong,
} from "../../abi/ipc.ts";
import { MAP_FIXED, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/mman.ts";
import { RLIMIT_MEMLOCK } from "../../abi/resource.ts";
import { Segment, type SharedMemory } from "../../ipc/shared-memory.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import { isPageAligned, PAGE_SIZE } from "../../memory/layout.ts";
import { map, unmapPages } from "../../memory/mapping.ts";
import type { Block } from "../../wait/queue.ts";
import { capable } from "../capabilities.ts";
import { ipcCaller, ipcTime, readPermissions, segmentHost, shownPermissions } from "../ipc.ts";
import { localPid } from "../lookup.ts";
import type { RemoteCall } from "../remote-call.ts";
import type { Thread } from "../task.ts";
import { memoryOf } from "./memory.ts";
import { call, type SyscallRow } from "./row.ts";

const segmentsOf = (t: Thread): SharedMemory => t.namespaces.ipc.segments;

function shmget(t: Thread, key: number, size: number, flags: number): number | Block {
  const segments = segmentsOf(t);
  const get = (id?: number) => segments.get(ipcCaller(t), segmentHost(t.kernel), key, size, flags, id);
  const { remote, namespaces } = t.kernel;
  if (remote === null || segments !== namespaces.ipc.segments) return get();
  // Keys and ids are those of all machines.
  if (key !== IPC_PRIVATE && segments.segments.withKey(key) !== null) return get();
  const call = t.saved as RemoteCall | null;
  if (call === null) return remote.call({ op: "segment", key, flags }).wait;
  if (call.answer === undefined) return call.wait;
  const id = call.answer as number;
  const result = id < 0 ? id : get(id);
  if (id >= 0 && result < 0) segments.onDropped?.(id);
  return result;
}

function shmat(t: Thread, id: number, address: number, flags: number): number {
  if (id < 0) return -EINVAL;
  let at = address;
  if (address === 0) {
    if (flags & SHM_REMAP) return -EINVAL;
  } else if (address % PAGE_SIZE !== 0) {
    at -= address % PAGE_SIZE;
    if (!(flags & SHM_RND) || (at === 0 && flags & SHM_REMAP)) return -EINVAL;
  }
  const readOnly = (flags & SHM_RDONLY) !== 0;
  const executable = (flags & SHM_EXEC) !== 0;
  const wanted = S_IRUGO | (readOnly ? 0 : S_IWUGO) | (executable ? S_IXUGO : 0);
  const segment = segmentsOf(t).find(ipcCaller(t), id, wanted);
  if (typeof segment === "number") return segment;
  if (at + segment.size > 2 ** 64) return -EINVAL;
  const memory = memoryOf(t);
  const first = at / PAGE_SIZE;
  if (at !== 0 && !(flags & SHM_REMAP) && memory.areas.overlaps(first, first + segment.size / PAGE_SIZE)) {
    return -EINVAL;
  }
  return map(memory, {
    address: at,
    length: segment.size,
    prot: PROT_READ | (readOnly ? 0 : PROT_WRITE) | (executable ? PROT_EXEC : 0),
    flags: address === 0 ? MAP_SHARED : MAP_SHARED | MAP_FIXED,
    source: segment,
    offset: 0,
    maxProt: PROT_READ | PROT_EXEC | (readOnly ? 0 : PROT_WRITE),
  });
}

/** Unmaps what is left of the attachment that began at `address`, however munmap and mprotect have cut it. */
function shmdt(t: Thread, address: number): number {
  if (!isPageAligned(address)) return -EINVAL;
  const { memory } = t.process;
  const first = address / PAGE_SIZE;
  const segment = attachedAt(memory, first);
  if (segment === null) return -EINVAL;
  const end = first + segment.size / PAGE_SIZE;
  for (const area of memory.areas.items.filter((a) => a.first >= first && a.end <= end)) {
    if (area.source === segment && area.first - first === area.offset) unmapPages(memory, area.first, area.end);
  }
  return 0;
}

/** The segment of the first area from page `first` on that is where it would be if its attachment began there. */
function attachedAt(memory: AddressSpace, first: number): Segment | null {
  for (const { first: page, source, offset } of memory.areas.items) {
    if (page >= first && source instanceof Segment && page - first === offset) return source;
  }
  return null;
}

function shmctl(t: Thread, id: number, command: number, address: number): number {
  if (id < 0 || command < 0) return -EINVAL;
  const segments = segmentsOf(t);
  switch (command) {
    case IPC_INFO:
      t.user.copyOut(address, shminfo(segments));
      return Math.max(segments.segments.maxIndex, 0);
    case SHM_INFO:
      t.user.copyOut(address, usage(segments));
      return Math.max(segments.segments.maxIndex, 0);
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY: {
      const segment = segments.look(ipcCaller(t), id, command !== IPC_STAT, command === SHM_STAT_ANY);
      if (typeof segment === "number") return segment;
      t.user.copyOut(address, shmid(t, segment));
      return command === IPC_STAT ? 0 : segment.permissions.id;
    }
    case IPC_SET:
      return segments.set(ipcCaller(t), id, readPermissions(t, address), ipcTime(t.kernel));
    case IPC_RMID:
      return segments.remove(ipcCaller(t), id);
    case SHM_LOCK:
    case SHM_UNLOCK:
      return lock(t, id, command === SHM_LOCK);
    default:
      return -EINVAL;
  }
}

/** Pages of a segment never leave memory; what SHM_LOCK does is to count them, against RLIMIT_MEMLOCK. */
function lock(t: Thread, id: number, on: boolean): number {
  const segment = segmentsOf(t).segments.get(id);
  if (segment === null) return -EINVAL;
  const { euid, uid } = t.credentials;
  const { permissions } = segment;
  let limit = Number.POSITIVE_INFINITY;
  if (!capable(t.credentials, CAP_IPC_LOCK)) {
    limit = t.process.limits.soft[RLIMIT_MEMLOCK];
    if (euid !== permissions.uid && euid !== permissions.cuid) return -EPERM;
    if (on && limit === 0) return -EPERM;
  }
  return segmentsOf(t).lock(segment, uid, on ? limit : null);
}

/** struct shmid_ds. */
function shmid(t: Thread, segment: Segment): Uint8Array {
  const view = ipcStructure(SHMID_DS_SIZE, shownPermissions(t, segment.permissions));
  setLong(view, 48, segment.length);
  setLong(view, 56, segment.attachTime);
  setLong(view, 64, segment.detachTime);
  setLong(view, 72, segment.changeTime);
  view.setInt32(80, localPid(t.process, segment.creator), true);
  view.setInt32(84, localPid(t.process, segment.lastPid), true);
  setLong(view, 88, segment.attached);
  return new Uint8Array(view.buffer);
}

/** struct shminfo64: limits. */
function shminfo({ limits }: SharedMemory): Uint8Array {
  const longs = new BigUint64Array(9);
  longs[0] = limits.size;
  longs[1] = 1n;
  longs[2] = longs[3] = BigInt(limits.segments);
  longs[4] = limits.pages;
  return new Uint8Array(longs.buffer);
}

/** struct shm_info: what is in use. Nothing is ever swapped. */
function usage({ segments, pages, resident }: SharedMemory): Uint8Array {
  const longs = new BigUint64Array(6);
  longs[0] = BigInt(segments.size);
  longs[1] = BigInt(pages);
  longs[2] = BigInt(resident);
  return new Uint8Array(longs.buffer);
}

export const rows: readonly SyscallRow[] = [
  call(29, "shmget", "int size int", shmget),
  call(30, "shmat", "int ptr int", shmat),
  call(31, "shmctl", "int int ptr", shmctl),
  call(67, "shmdt", "ptr", shmdt),
];
