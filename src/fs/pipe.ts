/** Pipes (pipe(7)): a buffer with a reading and a writing side, each an open file description or the host. */
import { CAP_SYS_RESOURCE } from "../abi/capability.ts";
import { EAGAIN, EBUSY, EINVAL, ENOTTY, EPERM, EPIPE } from "../abi/errno.ts";
import { O_DIRECT, O_NONBLOCK, PIPE_BUF } from "../abi/fcntl.ts";
import { FIONREAD } from "../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import type { Transfer, UserMemory } from "../memory/types.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { giveRing, takeRing } from "./pipe-rings.ts";
import type { Caller, Result } from "./types.ts";
import type { FsUsage } from "./usage.ts";

export const PIPE_CAPACITY = 65536;
/** /proc/sys/fs/pipe-max-size: what F_SETPIPE_SZ may ask for without privilege. */
export const PIPE_MAX_SIZE = 1 << 20;

const NOTHING = new Uint8Array(0);

interface Part {
  bytes: number;
  readonly packet: boolean;
}

/** How far a read of `limit` bytes goes: to the end of the first packet, and the bytes of it that do not fit. */
function untilPacket(parts: readonly Part[], limit: number): { readable: number; lost: number } {
  let readable = 0;
  for (const { bytes, packet } of parts) {
    if (readable >= limit) return { readable: limit, lost: 0 };
    readable += bytes;
    if (packet) return readable > limit ? { readable: limit, lost: readable - limit } : { readable, lost: 0 };
  }
  return { readable: Number.POSITIVE_INFINITY, lost: 0 };
}

/** A ring of bytes that grows up to its capacity as it is filled. */
export class Pipe {
  capacity: number;
  readonly #usage: FsUsage;
  /** Its capacity is counted in the machine's usage: a side is open. */
  #counted = false;
  /** Open sides. The host counts as one where it holds a side, and so does a FIFO's open that is about to return. */
  readers = 0;
  writers = 0;
  /** How often a side was opened, for FIFO opens that wait for each other. */
  readerOpens = 0;
  writerOpens = 0;
  /** Fires when there is more to read or the last writer went. */
  readonly readable = new WaitQueue(POLLIN | POLLRDNORM);
  /** Fires when there is room again, or the last reader went. */
  readonly writable = new WaitQueue(POLLOUT | POLLWRNORM);
  /** Fires at each read, also when there was room before (O_ASYNC), and when the last reader went. */
  readonly drained = new WaitQueue(POLLOUT | POLLWRNORM);
  /** Parts of what is in the pipe, once a packet is among them (O_DIRECT); a packet takes a page of the capacity. */
  #parts: Part[] | null = null;
  #ring = NOTHING;
  #head = 0;
  #length = 0;

  /** Throws ENFILE when the machine has too many pipes. */
  constructor(usage: FsUsage) {
    this.#usage = usage;
    this.capacity = usage.pipeCapacity(PIPE_CAPACITY, PIPE_BUF);
  }

  /** Bytes in the pipe. */
  get length(): number {
    return this.#length;
  }

  get space(): number {
    if (this.#parts !== null && this.#parts.length >= this.capacity / PIPE_BUF) return 0;
    return this.capacity - this.#length;
  }

  /** A write may have to wait, or poll(2) says so: room is then news (an edge for epoll(7)). */
  get #full(): boolean {
    return this.space < PIPE_BUF;
  }

  openReader(): void {
    this.#count();
    this.readers++;
    this.readerOpens++;
  }

  openWriter(): void {
    this.#count();
    this.writers++;
    this.writerOpens++;
  }

  closeReader(): void {
    if (--this.readers > 0) return;
    this.writable.wake();
    this.drained.wake();
    this.#dropIfUnused();
  }

  closeWriter(): void {
    if (--this.writers > 0) return;
    this.readable.wake();
    this.#dropIfUnused();
  }

  #count(): void {
    if (!this.#counted) this.#usage.pipes += this.capacity;
    this.#counted = true;
  }

  /** What nobody can read any more is gone: a FIFO starts empty at its next open. */
  #dropIfUnused(): void {
    if (this.readers > 0 || this.writers > 0) return;
    this.#usage.pipes -= this.capacity;
    this.#counted = false;
    this.#parts = null;
    this.#length = 0;
    this.rest();
  }

  /** Moves up to `limit` bytes out of the pipe; how many. */
  drain(into: Transfer, limit = Number.POSITIVE_INFINITY): number {
    let moved = 0;
    const full = this.#full;
    const packet = this.#parts === null ? null : untilPacket(this.#parts, Math.min(limit, into.remaining));
    limit = into.prepare(Math.min(limit, this.#length, packet?.readable ?? this.#length));
    while (this.#length > 0 && moved < limit) {
      const run = Math.min(this.#length, this.#ring.length - this.#head, limit - moved);
      const count = into.put(this.#ring.subarray(this.#head, this.#head + run));
      this.#consume(count);
      moved += count;
      if (count < run) break;
    }
    // What is left of a packet that was begun is lost (pipe2(2)).
    if (packet !== null && moved === packet.readable) this.#consume(packet.lost);
    if (moved > 0 && full) this.writable.wake();
    return moved;
  }

  /** Moves up to `limit` bytes into the pipe, as far as there is room; how many. */
  fill(from: Transfer, limit = Number.POSITIVE_INFINITY): number {
    const wanted = from.prepare(Math.min(limit, this.space));
    if (wanted <= 0) return 0;
    this.#reserve(this.#length + wanted);
    let moved = 0;
    while (moved < wanted) {
      const tail = (this.#head + this.#length) % this.#ring.length;
      const run = Math.min(wanted - moved, this.#ring.length - tail);
      const count = from.take(this.#ring.subarray(tail, tail + run));
      this.#length += count;
      moved += count;
      if (count < run) break;
    }
    this.#appended(moved);
    if (moved > 0) this.readable.wake();
    return moved;
  }

  /** Moves a packet of at most PIPE_BUF bytes into the pipe; how many bytes. The caller has seen that there is space. */
  fillPacket(from: Transfer): number {
    // Behind what is no packet, one that is less than a page becomes a part of that (pipe_write).
    const behindPlain = this.#parts === null ? this.#length > 0 : !this.#parts.at(-1)!.packet;
    if (behindPlain && from.remaining < PIPE_BUF) return this.fill(from);
    this.#parts ??= this.#length > 0 ? [{ bytes: this.#length, packet: false }] : [];
    const before = this.#length;
    const parts = this.#parts;
    // As one part, whatever fill makes of it.
    this.#parts = null;
    try {
      return this.fill(from, PIPE_BUF);
    } finally {
      if (this.#length > before) parts.push({ bytes: this.#length - before, packet: true });
      this.#parts = parts.length > 0 ? parts : null;
    }
  }

  /** `count` bytes that are in no packet were appended. */
  #appended(count: number): void {
    if (this.#parts === null || count === 0) return;
    const last = this.#parts.at(-1);
    if (last && !last.packet) last.bytes += count;
    else this.#parts.push({ bytes: count, packet: false });
  }

  /** Appends as much of `bytes` as there is room for; how much. */
  push(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.space);
    if (count === 0) return 0;
    this.#reserve(this.#length + count);
    const tail = (this.#head + this.#length) % this.#ring.length;
    const run = Math.min(count, this.#ring.length - tail);
    this.#ring.set(bytes.subarray(0, run), tail);
    this.#ring.set(bytes.subarray(run, count), 0);
    this.#length += count;
    this.#appended(count);
    this.readable.wake();
    return count;
  }

  /** For a reader outside of the machine: takes up to `limit` bytes; a fresh array, empty when there are none. */
  pull(limit: number): Uint8Array {
    const full = this.#full;
    const bytes = this.peek(limit);
    this.#consume(bytes.length);
    if (bytes.length > 0 && full) this.writable.wake();
    this.rest();
    return bytes;
  }

  /** A copy of the first `limit` bytes, which stay (tee(2)). */
  peek(limit: number): Uint8Array {
    const count = Math.min(limit, this.#length);
    const bytes = new Uint8Array(count);
    if (count === 0) return bytes;
    const run = Math.min(count, this.#ring.length - this.#head);
    bytes.set(this.#ring.subarray(this.#head, this.#head + run));
    bytes.set(this.#ring.subarray(0, count - run), run);
    return bytes;
  }

  /** Changes the capacity; EBUSY when more than that is in the pipe, EPERM when the machine has no room. Returns the new capacity. */
  resize(bytes: number): number {
    let capacity = PIPE_BUF;
    while (capacity < bytes) capacity *= 2;
    if (capacity < this.#length) return -EBUSY;
    const growth = capacity - this.capacity;
    if (growth > 0 && !this.#usage.allowsPipe(growth)) return -EPERM;
    if (this.#counted) this.#usage.pipes += growth;
    this.capacity = capacity;
    if (this.#ring.length > capacity) this.#rebuild(capacity);
    if (growth > 0) this.writable.wake();
    return capacity;
  }

  #consume(count: number): void {
    this.#length -= count;
    for (let left = count; this.#parts !== null && left > 0; ) {
      const first = this.#parts[0];
      const gone = Math.min(left, first.bytes);
      first.bytes -= gone;
      left -= gone;
      if (first.bytes === 0) this.#parts.shift();
      if (this.#parts.length === 0) this.#parts = null;
    }
    this.#head = this.#length === 0 ? 0 : (this.#head + count) % this.#ring.length;
  }

  /** Whoever reads is about to wait for more: an empty pipe needs no ring until then. */
  rest(): void {
    if (this.#length > 0) return;
    giveRing(this.#ring);
    this.#ring = NOTHING;
    this.#head = 0;
  }

  #reserve(length: number): void {
    if (length <= this.#ring.length) return;
    let size = Math.max(this.#ring.length, PIPE_BUF);
    while (size < length) size *= 2;
    this.#rebuild(Math.min(size, this.capacity));
  }

  #rebuild(size: number): void {
    const ring = takeRing(size);
    if (this.#length > 0) ring.set(this.peek(this.#length));
    giveRing(this.#ring);
    this.#ring = ring;
    this.#head = 0;
  }
}

/** The reading, writing or (FIFOs only) both sides of a pipe as an open file description. */
export class PipeFile extends File {
  readonly pipe: Pipe;

  /** The pipe's counts of open sides go up here and down at release. */
  constructor(pipe: Pipe, inode: Inode, flags: number, location: Location | null = null) {
    super(inode, flags, location);
    this.pipe = pipe;
    if (this.readable) pipe.openReader();
    if (this.writable) pipe.openWriter();
  }

  override get label(): string {
    return `pipe:[${this.inode.ino}]`;
  }

  override get takesDirect(): boolean {
    return true;
  }

  override get writesAll(): boolean {
    return true;
  }

  override read(_caller: Caller, into: Transfer): Result {
    const { pipe } = this;
    if (into.remaining === 0) return 0;
    if (pipe.length > 0) {
      const count = pipe.drain(into);
      pipe.drained.wake();
      this.accessed();
      return count;
    }
    if (pipe.writers === 0) return 0;
    pipe.rest();
    return this.flags & O_NONBLOCK ? -EAGAIN : new Block([pipe.readable]);
  }

  override write(_caller: Caller, from: Transfer): Result {
    const { pipe } = this;
    if (from.remaining === 0) return 0;
    if (pipe.readers === 0) return -EPIPE;
    if (this.flags & O_DIRECT) return this.#writePacket(from);
    const needed = from.remaining <= PIPE_BUF ? Math.min(from.remaining, pipe.capacity) : 1;
    if (pipe.space < needed) return this.flags & O_NONBLOCK ? -EAGAIN : new Block([pipe.writable]);
    const count = pipe.fill(from);
    this.inode.modified();
    return count;
  }

  #writePacket(from: Transfer): Result {
    const { pipe } = this;
    if (pipe.space < Math.min(from.remaining, PIPE_BUF)) {
      return this.flags & O_NONBLOCK ? -EAGAIN : new Block([pipe.writable]);
    }
    const count = pipe.fillPacket(from);
    this.inode.modified();
    return count;
  }

  override poll(): number {
    const { pipe } = this;
    let events = 0;
    if (this.readable) {
      if (pipe.length > 0) events |= POLLIN | POLLRDNORM;
      if (pipe.writers === 0 && pipe.writerOpens > 0) events |= POLLHUP;
    }
    if (this.writable) {
      if (pipe.space >= PIPE_BUF) events |= POLLOUT | POLLWRNORM;
      if (pipe.readers === 0) events |= POLLERR;
    }
    return events;
  }

  override get pollQueues(): readonly WaitQueue[] {
    if (!this.writable) return [this.pipe.readable];
    if (!this.readable) return [this.pipe.writable];
    return [this.pipe.readable, this.pipe.writable];
  }

  override get asyncQueues(): readonly WaitQueue[] {
    const { readable, drained } = this.pipe;
    return [...(this.readable ? [readable] : []), ...(this.writable ? [drained] : [])];
  }

  override ioctl(_caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    if (request !== FIONREAD) return -ENOTTY;
    memory.setU32(argument, this.pipe.length);
    return 0;
  }

  override get pipeSize(): number {
    return this.pipe.capacity;
  }

  override resizePipe(caller: Caller, bytes: number): number {
    if (bytes > 2 ** 31) return -EINVAL;
    if (bytes > PIPE_MAX_SIZE && !caller.capable(CAP_SYS_RESOURCE)) return -EPERM;
    return this.pipe.resize(bytes);
  }

  override release(): void {
    if (this.readable) this.pipe.closeReader();
    if (this.writable) this.pipe.closeWriter();
  }
}
