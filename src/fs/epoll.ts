/**
 * epoll instances (epoll(7); fs/eventpoll.c). A watch sleeps on the queues of its file for as long as it exists; a wake puts
 * it on the ready list, and whoever asks for events polls the files on that list again. Level-triggered watches stay on the
 * list while their file is ready, edge-triggered ones leave it when they are reported.
 */

import { EPOLL_MAX_NESTS, EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLWAKEUP } from "../abi/epoll.ts";
import { EEXIST, EINVAL, ELOOP, ENOENT, Errno } from "../abi/errno.ts";
import { O_RDWR } from "../abi/fcntl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM } from "../abi/poll.ts";
import { type Waiter, WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";

/** Bits that are no events: what is left of a watch that EPOLLONESHOT has disarmed. */
const PRIVATE_BITS = (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE) >>> 0;
/** Those that may accompany EPOLLEXCLUSIVE. */
const EXCLUSIVE_BITS = (POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE) >>> 0;

/** What is watched: a descriptor, told apart by its number and its description. */
class Watch implements Waiter {
  readonly epoll: EpollFile;
  readonly file: File;
  readonly fd: number;
  events: number;
  /** The caller's own 64 bits. */
  readonly data: Uint8Array;
  readonly exclusive: boolean;
  /** On the ready list of its instance. */
  ready = false;
  readonly #queues: readonly WaitQueue[];

  constructor(epoll: EpollFile, file: File, fd: number, events: number, data: Uint8Array) {
    this.epoll = epoll;
    this.file = file;
    this.fd = fd;
    this.events = events;
    this.data = data.slice();
    this.exclusive = (events & EPOLLEXCLUSIVE) !== 0;
    this.#queues = file.pollQueues;
    for (const queue of this.#queues) queue.add(this);
  }

  /** Events of the file that count now. */
  poll(depth: number): number {
    const events = this.file instanceof EpollFile ? this.file.pollNested(depth + 1) : this.file.poll();
    return events & this.events;
  }

  /** Whether somebody waits at the instance, which is what an exclusive wake goes to. */
  wake(queue: WaitQueue): boolean {
    queue.add(this);
    if ((this.events & ~PRIVATE_BITS) === 0) return false;
    if (queue.events !== 0 && !(queue.events & this.events) && !(this.file.poll() & (POLLERR | POLLHUP))) return false;
    return this.epoll.notify(this);
  }

  detach(): void {
    for (const queue of this.#queues) queue.delete(this);
    this.file.watches?.delete(this);
  }

  /** The watched description goes. */
  closed(): void {
    this.epoll.remove(this.file, this.fd);
  }
}

/** A place for events that were found: false when it cannot be written, and then the event stays. */
export type EventSink = (events: number, data: Uint8Array) => boolean;

export class EpollFile extends File {
  readonly #watches = new Map<File, Map<number, Watch>>();
  /** Watches whose files may be ready, in order. */
  readonly #ready = new Set<Watch>();
  /** Fires when the ready list grows. */
  readonly #changed = new WaitQueue();

  constructor(inode: Inode) {
    super(inode, O_RDWR, null);
  }

  override get label(): string {
    return "anon_inode:[eventpoll]";
  }

  override information(): string {
    const all = [...this.#watches.values()].flatMap((watches) => [...watches.values()]);
    const hex = (number: number) => (number >>> 0).toString(16);
    return all
      .map(({ fd, events, data, file }) => {
        const words = new DataView(data.buffer, data.byteOffset);
        const value = words.getBigUint64(0, true).toString(16).padStart(16);
        const { ino, device } = file.inode;
        const place = `pos:${file.offset} ino:${hex(ino)} sdev:${hex(device)}`;
        return `tfd: ${String(fd).padStart(8)} events: ${hex(events).padStart(8)} data: ${value}  ${place}\n`;
      })
      .join("");
  }

  /** Accepted without effect (noop_llseek). */
  /** EINVAL for requests that it does not know (ep_eventpoll_ioctl). */
  override ioctl(): number {
    return -EINVAL;
  }

  override seek(): number {
    return this.offset;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#changed];
  }

  override poll(): number {
    return this.pollNested(0);
  }

  /** Ready when a watched file is. `depth` instances are being asked already. */
  pollNested(depth: number): number {
    if (depth > EPOLL_MAX_NESTS) return 0;
    for (const watch of this.#ready) {
      if (watch.poll(depth) !== 0) return POLLIN | POLLRDNORM;
      this.#leaveReady(watch);
    }
    return 0;
  }

  /** EPOLL_CTL_ADD. Throws EEXIST, EINVAL, ELOOP. */
  add(file: File, fd: number, events: number, data: Uint8Array): void {
    const exclusive = (events & EPOLLEXCLUSIVE) !== 0;
    if (exclusive && ((events & ~EXCLUSIVE_BITS) !== 0 || file instanceof EpollFile)) throw new Errno(EINVAL);
    if (file instanceof EpollFile && (file.#reaches(this, 0) || this.#above(0) + file.#below(0) >= EPOLL_MAX_NESTS)) {
      throw new Errno(ELOOP);
    }
    let watches = this.#watches.get(file);
    if (watches?.has(fd)) throw new Errno(EEXIST);
    if (!watches) this.#watches.set(file, (watches = new Map()));
    const watch = new Watch(this, file, fd, withErrors(events), data);
    watches.set(fd, watch);
    file.watches ??= new Set();
    file.watches.add(watch);
    if (watch.poll(0) !== 0) this.notify(watch);
  }

  /** EPOLL_CTL_MOD. Throws ENOENT, EINVAL. */
  modify(file: File, fd: number, events: number, data: Uint8Array): void {
    if (events & EPOLLEXCLUSIVE) throw new Errno(EINVAL);
    const watch = this.#find(file, fd);
    if (watch.exclusive) throw new Errno(EINVAL);
    watch.events = withErrors(events);
    watch.data.set(data);
    if (watch.poll(0) !== 0) this.notify(watch);
  }

  /** EPOLL_CTL_DEL. Throws ENOENT. */
  delete(file: File, fd: number): void {
    this.#find(file, fd);
    this.remove(file, fd);
  }

  remove(file: File, fd: number): void {
    const watches = this.#watches.get(file);
    const watch = watches?.get(fd);
    if (!watches || !watch) return;
    watch.detach();
    this.#leaveReady(watch);
    watches.delete(fd);
    if (watches.size === 0) this.#watches.delete(file);
  }

  /** The file of the watch number `n` (from 0) among those of descriptor `fd` (KCMP_EPOLL_TFD). Throws ENOENT. */
  watched(fd: number, n: number): File {
    for (const [file, watches] of this.#watches) {
      if (watches.has(fd) && n-- === 0) return file;
    }
    throw new Errno(ENOENT);
  }

  /** Gives up to `limit` events to `sink`; how many. */
  collect(limit: number, sink: EventSink): number {
    let count = 0;
    const again: Watch[] = [];
    for (const watch of this.#ready) {
      if (count >= limit) break;
      const events = watch.poll(0);
      if (events !== 0) {
        if (!sink(events, watch.data)) break;
        count++;
        if (watch.events & EPOLLONESHOT) watch.events = (watch.events & PRIVATE_BITS) >>> 0;
        else if (!(watch.events & EPOLLET)) again.push(watch);
      }
      this.#leaveReady(watch);
    }
    // Behind those that had no turn, so that a small `limit` starves nobody.
    for (const watch of again) this.#enterReady(watch);
    return count;
  }

  /** The file of `watch` may be ready. Whether anybody waits here. */
  notify(watch: Watch): boolean {
    this.#enterReady(watch);
    return this.#changed.wake() > 0;
  }

  override release(): void {
    for (const watches of this.#watches.values()) for (const watch of watches.values()) watch.detach();
    this.#watches.clear();
    this.#ready.clear();
  }

  #find(file: File, fd: number): Watch {
    const watch = this.#watches.get(file)?.get(fd);
    if (!watch) throw new Errno(ENOENT);
    return watch;
  }

  #enterReady(watch: Watch): void {
    watch.ready = true;
    this.#ready.add(watch);
  }

  #leaveReady(watch: Watch): void {
    watch.ready = false;
    this.#ready.delete(watch);
  }

  /** Whether this instance is `other` or watches it, over others or not. */
  #reaches(other: EpollFile, depth: number): boolean {
    if (this === other || depth > EPOLL_MAX_NESTS) return true;
    for (const file of this.#watches.keys()) {
      if (file instanceof EpollFile && file.#reaches(other, depth + 1)) return true;
    }
    return false;
  }

  /** How many instances are below this one in the longest row, and above it. */
  #below(depth: number): number {
    let most = 0;
    if (depth > EPOLL_MAX_NESTS) return most;
    for (const file of this.#watches.keys()) {
      if (file instanceof EpollFile) most = Math.max(most, 1 + file.#below(depth + 1));
    }
    return most;
  }

  #above(depth: number): number {
    let most = 0;
    if (depth > EPOLL_MAX_NESTS || !this.watches) return most;
    for (const watch of this.watches) most = Math.max(most, 1 + (watch as Watch).epoll.#above(depth + 1));
    return most;
  }
}

/** Errors and hang-ups are always told. */
const withErrors = (events: number): number => (events | POLLERR | POLLHUP) >>> 0;
