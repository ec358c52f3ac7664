/**
 * System V shared memory (shmget(2), shmat(2), shmctl(2)): segments are objects that areas of address spaces map. They stay in
 * their machine, as MAP_SHARED memory does.
 */
import { EACCES, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, EPERM } from "../abi/errno.ts";
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_PRIVATE,
  S_IRUGO,
  SHM_DEST,
  SHM_HUGETLB,
  SHM_LOCKED,
  SHM_NORESERVE,
} from "../abi/ipc.ts";
import { PAGE_SIZE } from "../memory/layout.ts";
import type { Frames } from "../memory/physical.ts";
import { SharedAnonymous } from "../memory/shared-anonymous.ts";
import type { FrameOwner, PageSource } from "../memory/types.ts";
import type { WaitQueue } from "../wait/queue.ts";
import { IdTable } from "./id-table.ts";
import { changed, createdBy, owns, permits } from "./permission.ts";
import type { IpcCaller, IpcPermissions, MemoryBudget, NewPermissions } from "./protocol.ts";

/** What segments need of their machine. */
export interface SegmentHost {
  readonly frames: Frames;
  readonly owner: FrameOwner;
  /** Seconds since the epoch. */
  now(): number;
  /** Of the process that runs. */
  pid(): number;
}

/** What a segment takes up beside its frames (bytes). */
const SIZE_OF_SEGMENT = 1024;

export class Segment implements PageSource {
  readonly device = 1;
  readonly apart = true;
  permissions: IpcPermissions;
  /** Bytes as asked for, and in whole pages. */
  readonly length: number;
  readonly size: number;
  readonly creator: number;
  /** Areas that map it. */
  attached = 0;
  /** Who attached or detached it last, and when each was done; 0 for never. */
  lastPid = 0;
  attachTime = 0;
  detachTime = 0;
  changeTime: number;
  /** User id that its locked pages count for (SHM_LOCK), -1 when they are not locked. */
  lockedBy = -1;
  readonly #host: SegmentHost;
  readonly #pages: SharedAnonymous;
  readonly #table: SharedMemory;

  constructor(table: SharedMemory, host: SegmentHost, permissions: IpcPermissions, length: number) {
    this.#table = table;
    this.#host = host;
    this.permissions = permissions;
    this.length = length;
    this.size = Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
    this.creator = host.pid();
    this.changeTime = host.now();
    this.#pages = new SharedAnonymous(host.frames, host.owner, this.size / PAGE_SIZE);
    this.#pages.hold();
  }

  get inode(): number {
    return this.permissions.id;
  }
  get path(): string {
    return `/SYSV${(this.permissions.key >>> 0).toString(16).padStart(8, "0")} (deleted)`;
  }
  /** Pages that have a frame. */
  get resident(): number {
    return this.#pages.resident;
  }

  frame(index: number): number {
    return this.#pages.frame(index);
  }
  need(): WaitQueue {
    return this.#pages.need();
  }
  punch(first: number, end: number): void {
    this.#pages.punch(first, end);
  }

  hold(): void {
    this.attached++;
    this.lastPid = this.#host.pid();
    this.attachTime = this.#host.now();
  }

  drop(): void {
    this.attached--;
    this.lastPid = this.#host.pid();
    this.detachTime = this.#host.now();
    this.#table.detached(this);
  }

  /** Frees its frames. */
  free(): void {
    this.#pages.drop();
  }
}

/** sysctls: kernel.shmmax (bytes), kernel.shmall (pages), kernel.shmmni, kernel.shm_rmid_forced. */
export interface SegmentLimits {
  size: bigint;
  pages: bigint;
  segments: number;
  /** A segment goes with its last attachment even if nobody removes it. */
  removeForced: boolean;
}

/** ULONG_MAX - 2^24. */
const UNLIMITED = 0xffff_ffff_feff_ffffn;

/** The segments of an IPC namespace. */
export class SharedMemory {
  readonly limits: SegmentLimits = { size: UNLIMITED, pages: UNLIMITED, segments: 4096, removeForced: false };
  readonly segments = new IdTable<Segment>();
  /** Of all segments. */
  pages = 0;
  /** Told of ids that are nobody's any more. */
  onDropped: ((id: number) => void) | null = null;
  readonly #memory: MemoryBudget;
  /** Locked bytes by user. */
  readonly #locked = new Map<number, number>();

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** Pages of all segments that have a frame. */
  get resident(): number {
    let sum = 0;
    for (const segment of this.segments) sum += segment.resident;
    return sum;
  }

  /** shmget(2): an id or a negative errno. `id`: the one that a new segment is to have, when it is not free to choose. */
  get(caller: IpcCaller, host: SegmentHost, key: number, length: number, flags: number, id?: number): number {
    const existing = key === IPC_PRIVATE ? null : this.segments.withKey(key);
    if (existing !== null) {
      if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) return -EEXIST;
      if (existing.length < length) return -EINVAL;
      return permits(existing.permissions, caller, flags) ? existing.permissions.id : -EACCES;
    }
    if (key !== IPC_PRIVATE && !(flags & IPC_CREAT)) return -ENOENT;
    return this.#create(caller, host, key, length, flags, id);
  }

  #create(caller: IpcCaller, host: SegmentHost, key: number, length: number, flags: number, id?: number): number {
    if (length < 1 || BigInt(length) > this.limits.size) return -EINVAL;
    const pages = Math.ceil(length / PAGE_SIZE);
    if (BigInt(this.pages + pages) > this.limits.pages) return -ENOSPC;
    // There are no huge pages, and no more memory than the machine has.
    if (flags & SHM_HUGETLB) return -ENOMEM;
    if (pages > host.owner.frameLimit && !(flags & SHM_NORESERVE)) return -ENOMEM;
    if (this.segments.size >= this.limits.segments) return -ENOSPC;
    if (!this.#memory.take(SIZE_OF_SEGMENT)) return -ENOMEM;
    const segment = new Segment(this, host, createdBy(caller, key, id ?? this.segments.reserve(), flags), length);
    this.segments.add(segment);
    this.pages += pages;
    return segment.permissions.id;
  }

  /** The segment with an id, for whoever may attach it with the rights `wanted`; or a negative errno. */
  find(caller: IpcCaller, id: number, wanted: number): Segment | number {
    const segment = this.segments.get(id);
    if (segment === null) return -EINVAL;
    return permits(segment.permissions, caller, wanted) ? segment : -EACCES;
  }

  /** For IPC_STAT and its kin, which find it by id or by index. */
  look(caller: IpcCaller, id: number, byIndex: boolean, unchecked: boolean): Segment | number {
    const segment = byIndex ? this.segments.at(id) : this.segments.get(id);
    if (segment === null) return -EINVAL;
    return unchecked || permits(segment.permissions, caller, S_IRUGO) ? segment : -EACCES;
  }

  /** IPC_SET. */
  set(caller: IpcCaller, id: number, wanted: NewPermissions, now: number): number {
    const segment = this.#owned(caller, id);
    if (typeof segment === "number") return segment;
    const permissions = changed(segment.permissions, wanted);
    if (permissions === null) return -EINVAL;
    segment.permissions = permissions;
    segment.changeTime = now;
    return 0;
  }

  /** IPC_RMID: the segment goes when nobody has it attached; until then it has no key. */
  remove(caller: IpcCaller, id: number): number {
    const segment = this.#owned(caller, id);
    if (typeof segment === "number") return segment;
    this.#remove(segment);
    return 0;
  }

  #remove(segment: Segment): void {
    const { permissions } = segment;
    if (segment.attached === 0) this.#destroy(segment);
    else {
      this.segments.forgetKey(permissions.key);
      this.onDropped?.(permissions.id);
      segment.permissions = { ...permissions, key: IPC_PRIVATE, mode: permissions.mode | SHM_DEST };
    }
  }

  /** SHM_LOCK for user `uid`, who may lock `limit` bytes, and with `limit` null SHM_UNLOCK. */
  lock(segment: Segment, uid: number, limit: number | null): number {
    const { permissions, size } = segment;
    const locked = (permissions.mode & SHM_LOCKED) !== 0;
    if (limit === null) {
      if (locked) this.#unlock(segment);
      return 0;
    }
    if (locked) return 0;
    const total = (this.#locked.get(uid) ?? 0) + size;
    if (total > limit) return -ENOMEM;
    this.#locked.set(uid, total);
    segment.lockedBy = uid;
    segment.permissions = { ...permissions, mode: permissions.mode | SHM_LOCKED };
    return 0;
  }

  /** An area that mapped it is gone. */
  detached(segment: Segment): void {
    if (segment.attached === 0 && (segment.permissions.mode & SHM_DEST || this.limits.removeForced)) {
      this.#destroy(segment);
    }
  }

  /** kernel.shm_rmid_forced: what nobody has attached and whose creator has ended goes now, and from now on. */
  forceRemoval(on: boolean, isAlive: (pid: number) => boolean): void {
    this.limits.removeForced = on;
    if (on) for (const segment of this.segments) if (!isAlive(segment.creator)) this.detached(segment);
  }

  /** A process has ended that may have created segments. */
  creatorEnded(pid: number): void {
    if (!this.limits.removeForced) return;
    for (const segment of this.segments) if (segment.creator === pid) this.detached(segment);
  }

  /** Nobody is left in the namespace: what is still attached goes when that ends. */
  end(): void {
    for (const segment of this.segments) this.#remove(segment);
  }

  #owned(caller: IpcCaller, id: number): Segment | number {
    const segment = this.segments.get(id);
    if (segment === null) return -EINVAL;
    return owns(segment.permissions, caller) ? segment : -EPERM;
  }

  #unlock(segment: Segment): void {
    const left = this.#locked.get(segment.lockedBy)! - segment.size;
    if (left === 0) this.#locked.delete(segment.lockedBy);
    else this.#locked.set(segment.lockedBy, left);
    segment.lockedBy = -1;
    segment.permissions = { ...segment.permissions, mode: segment.permissions.mode & ~SHM_LOCKED };
  }

  #destroy(segment: Segment): void {
    if (segment.permissions.mode & SHM_LOCKED) this.#unlock(segment);
    this.segments.remove(segment.permissions.id);
    this.onDropped?.(segment.permissions.id);
    this.pages -= segment.size / PAGE_SIZE;
    this.#memory.give(SIZE_OF_SEGMENT);
    segment.free();
  }
}
