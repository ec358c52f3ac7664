/** inotify(7): a queue of events of the inodes that are watched. */
import { EAGAIN, EEXIST, EINVAL, EMFILE, ENOSPC, ENOTTY, Errno } from "../abi/errno.ts";
import { O_NONBLOCK } from "../abi/fcntl.ts";
import {
  IN_ALL_EVENTS,
  IN_EXCL_UNLINK,
  IN_IGNORED,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_ONESHOT,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
  INOTIFY_EVENT_BYTES,
} from "../abi/inotify.ts";
import { FIONREAD } from "../abi/ioctl.ts";
import { POLLIN, POLLRDNORM } from "../abi/poll.ts";
import type { Transfer, UserMemory } from "../memory/types.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import { bytesOf } from "./name.ts";
import type { Mark } from "./notify.ts";
import type { Caller, FsEnvironment, Result } from "./types.ts";

/** What users have of a machine's inotify, and may have (/proc/sys/fs/inotify). */
export class InotifyLimits {
  instances = 128;
  watches = 8192;
  queuedEvents = 16384;
  readonly #users = new Map<number, { instances: number; watches: number }>();

  of(uid: number): { instances: number; watches: number } {
    let user = this.#users.get(uid);
    if (!user) this.#users.set(uid, (user = { instances: 0, watches: 0 }));
    return user;
  }
}

const limits = new WeakMap<FsEnvironment, InotifyLimits>();

/** Those of a machine. */
export function inotifyLimits(environment: FsEnvironment): InotifyLimits {
  let own = limits.get(environment);
  if (!own) limits.set(environment, (own = new InotifyLimits()));
  return own;
}

interface InotifyEvent {
  readonly watch: number;
  readonly mask: number;
  readonly cookie: number;
  readonly name: string | null;
}

/** Bytes that an event takes up: names end in zeroes, to a multiple of 16. */
const sizeOf = ({ name }: InotifyEvent): number =>
  INOTIFY_EVENT_BYTES + (name === null ? 0 : Math.ceil((name.length + 1) / 16) * 16);

/** What a program can ask of a watch, and is shown in fdinfo. */
const ASKED = IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT;

class Watch implements Mark {
  readonly group: InotifyFile;
  readonly descriptor: number;
  readonly inode: Inode;
  mask: number;

  constructor(group: InotifyFile, descriptor: number, inode: Inode, mask: number) {
    this.group = group;
    this.descriptor = descriptor;
    this.inode = inode;
    this.mask = mask;
    inode.marks ??= new Set();
    inode.marks.add(this);
    (inode.fileSystem.marked ??= new Set()).add(inode);
  }

  handle(mask: number, name: string | null, cookie: number): void {
    this.group.push({ watch: this.descriptor, mask, cookie, name });
    if (this.mask & IN_ONESHOT) this.group.remove(this.descriptor);
  }

  end(): void {
    this.group.remove(this.descriptor);
  }
}

export class InotifyFile extends File {
  readonly #limits: InotifyLimits;
  readonly #uid: number;
  /** Most events that wait; what is beyond is one IN_Q_OVERFLOW. */
  readonly #most: number;
  readonly #watches = new Map<number, Watch>();
  readonly #byInode = new Map<Inode, Watch>();
  #lastDescriptor = 0;
  readonly #events: InotifyEvent[] = [];
  #bytes = 0;
  #overflowed = false;
  readonly #readable = new WaitQueue(POLLIN | POLLRDNORM);

  /** `uid`: whom it is charged to. Throws EMFILE. */
  constructor(inode: Inode, flags: number, uid: number) {
    super(inode, flags, null);
    this.#limits = inotifyLimits(inode.fileSystem.environment);
    this.#uid = uid;
    this.#most = this.#limits.queuedEvents;
    const user = this.#limits.of(uid);
    if (user.instances >= this.#limits.instances) throw new Errno(EMFILE);
    user.instances++;
  }

  override get label(): string {
    return "anon_inode:inotify";
  }

  override information(): string {
    let lines = "";
    // The latest first, with what was asked for (inotify_fdinfo).
    for (const { descriptor, inode, mask } of [...this.#watches.values()].reverse()) {
      const asked = (mask & ASKED) >>> 0;
      const [wd, ino, device, events] = [descriptor, inode.ino, inode.device, asked].map((n) => n.toString(16));
      lines += `inotify wd:${wd} ino:${ino} sdev:${device} mask:${events} ignored_mask:0 \n`;
    }
    return lines;
  }

  /** inotify_add_watch(2): the watch descriptor. Throws EEXIST, ENOSPC. */
  add(inode: Inode, asked: number): number {
    const mask = asked & ASKED;
    const old = this.#byInode.get(inode);
    if (old) {
      if (asked & IN_MASK_CREATE) throw new Errno(EEXIST);
      old.mask = IN_UNMOUNT | (asked & IN_MASK_ADD ? old.mask | mask : mask);
      return old.descriptor;
    }
    const user = this.#limits.of(this.#uid);
    if (user.watches >= this.#limits.watches) throw new Errno(ENOSPC);
    user.watches++;
    const watch = new Watch(this, ++this.#lastDescriptor, inode, mask | IN_UNMOUNT);
    this.#watches.set(watch.descriptor, watch);
    this.#byInode.set(inode, watch);
    return watch.descriptor;
  }

  /** inotify_rm_watch(2): 0, or -EINVAL. */
  remove(descriptor: number): number {
    const watch = this.#watches.get(descriptor);
    if (!watch) return -EINVAL;
    this.#drop(watch);
    this.push({ watch: descriptor, mask: IN_IGNORED, cookie: 0, name: null });
    return 0;
  }

  #drop(watch: Watch): void {
    const { inode } = watch;
    this.#watches.delete(watch.descriptor);
    this.#byInode.delete(inode);
    inode.marks?.delete(watch);
    if (inode.marks?.size === 0) inode.marks = null;
    if (inode.marks === null) inode.fileSystem.marked?.delete(inode);
    this.#limits.of(this.#uid).watches--;
  }

  /** Appends an event, unless it is as the last one. */
  push(event: InotifyEvent): void {
    if (this.#events.length >= this.#most) {
      if (this.#overflowed) return;
      this.#overflowed = true;
      event = { watch: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: null };
    } else {
      const last = this.#events.at(-1);
      const same = last?.watch === event.watch && last.mask === event.mask && last.name === event.name;
      if (same && (event.mask & IN_IGNORED) === 0) return;
    }
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    this.#readable.wake();
  }

  /** As many whole events as there is room for; EINVAL when that is none. */
  override read(_caller: Caller, into: Transfer): Result {
    if (this.#events.length === 0) return this.flags & O_NONBLOCK ? -EAGAIN : new Block([this.#readable]);
    let count = 0;
    let bytes = 0;
    for (const event of this.#events) {
      if (bytes + sizeOf(event) > into.remaining) break;
      bytes += sizeOf(event);
      count++;
    }
    if (count === 0) return -EINVAL;
    const encoded = new Uint8Array(bytes);
    const view = new DataView(encoded.buffer);
    let at = 0;
    for (const event of this.#events.slice(0, count)) {
      view.setInt32(at, event.watch, true);
      view.setUint32(at + 4, event.mask, true);
      view.setUint32(at + 8, event.cookie, true);
      view.setUint32(at + 12, sizeOf(event) - INOTIFY_EVENT_BYTES, true);
      if (event.name !== null) encoded.set(bytesOf(event.name), at + INOTIFY_EVENT_BYTES);
      at += sizeOf(event);
    }
    const put = into.put(encoded);
    for (const event of this.#events.splice(0, count)) if (event.mask === IN_Q_OVERFLOW) this.#overflowed = false;
    this.#bytes -= bytes;
    return put;
  }

  override seek(): number {
    return 0;
  }

  override poll(): number {
    return this.#events.length > 0 ? POLLIN | POLLRDNORM : 0;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#readable];
  }

  override ioctl(_caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    if (request !== FIONREAD) return -ENOTTY;
    memory.setU32(argument, this.#bytes);
    return 0;
  }

  override release(): void {
    for (const watch of [...this.#watches.values()]) this.#drop(watch);
    this.#limits.of(this.#uid).instances--;
  }
}
