/** eventfd(2): a counter of 64 bits, kept as two words. */
import { EAGAIN, EFAULT, EINVAL } from "../abi/errno.ts";
import { O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { POLLERR, POLLIN, POLLOUT } from "../abi/poll.ts";
import type { Transfer } from "../memory/types.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import { isAccessible } from "./transfer.ts";
import type { Caller, Result } from "./types.ts";

const MOST = 0xffff_ffff;
const WORD = 0x1_0000_0000;

export class EventFile extends File {
  #low: number;
  #high = 0;
  readonly #semaphore: boolean;
  /** Fire when the counter grows, and when it shrinks. */
  readonly #readable = new WaitQueue(POLLIN);
  readonly #writable = new WaitQueue(POLLOUT);

  /** `flags`: O_NONBLOCK or 0. */
  constructor(inode: Inode, flags: number, initial: number, semaphore: boolean) {
    super(inode, flags | O_RDWR, null);
    this.#low = initial;
    this.#semaphore = semaphore;
  }

  override get label(): string {
    return "anon_inode:[eventfd]";
  }

  override information(): string {
    const count = (BigInt(this.#high) << 32n) | BigInt(this.#low);
    return `eventfd-count: ${count.toString(16).padStart(16)}\neventfd-id: ${this.inode.ino}\neventfd-semaphore: ${this.#semaphore ? 1 : 0}\n`;
  }

  override read(_caller: Caller, into: Transfer): Result {
    if (into.remaining < 8) return -EINVAL;
    if (this.#low === 0 && this.#high === 0) return this.flags & O_NONBLOCK ? -EAGAIN : new Block([this.#readable]);
    const accessible = isAccessible(into, 8);
    const words = this.#semaphore ? Uint32Array.of(1, 0) : Uint32Array.of(this.#low, this.#high);
    if (!this.#semaphore) this.#low = this.#high = 0;
    else if (this.#low > 0) this.#low--;
    else {
      this.#low = MOST;
      this.#high--;
    }
    this.#writable.wake();
    if (!accessible) return -EFAULT;
    into.put(new Uint8Array(words.buffer));
    return 8;
  }

  override write(_caller: Caller, from: Transfer): Result {
    // Each element of a writev(2) list is a write of its own here.
    if (from.segmentRemaining !== 8) return -EINVAL;
    if (from.prepare(8) < 8) return -EINVAL;
    const words = this.#peek(from);
    if (words[0] === MOST && words[1] === MOST) return -EINVAL;
    const low = this.#low + words[0];
    const high = this.#high + words[1] + (low >= WORD ? 1 : 0);
    // The largest value that the counter holds is 2^64 - 2.
    if (high > MOST || (high === MOST && low % WORD === MOST)) {
      return this.flags & O_NONBLOCK ? -EAGAIN : new Block([this.#writable]);
    }
    this.#low = low % WORD;
    this.#high = high;
    this.#readable.wake();
    return 8;
  }

  override poll(): number {
    let events = 0;
    if (this.#low > 0 || this.#high > 0) events |= POLLIN;
    if (this.#high === MOST && this.#low === MOST) events |= POLLERR;
    if (this.#high < MOST || this.#low < MOST - 1) events |= POLLOUT;
    return events;
  }

  /** Accepted without effect (noop_llseek). */
  override seek(): number {
    return this.offset;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#readable, this.#writable];
  }

  #peek(from: Transfer): Uint32Array {
    const bytes = new Uint8Array(8);
    from.take(bytes);
    return new Uint32Array(bytes.buffer);
  }
}
