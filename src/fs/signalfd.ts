/** signalfd(2): signals that are read (fs/signalfd.c). Whoever reads or polls gets its own signals, not the creator's. */
import { SIGNALFD_SIGINFO_SIZE } from "../abi/epoll.ts";
import { EAGAIN, EFAULT, EINVAL } from "../abi/errno.ts";
import { O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { POLLIN } from "../abi/poll.ts";
import type { Transfer } from "../memory/types.ts";
import { Block, type WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import { isAccessible } from "./transfer.ts";
import type { Caller, Result } from "./types.ts";

/** Signals 1 to 32 and 33 to 64, as two words. */
export interface SignalMask {
  readonly low: number;
  readonly high: number;
}

/** Pending signals of the thread that runs. */
export interface SignalSource {
  /** Whether one of `mask` is pending. */
  pending(mask: SignalMask): boolean;
  /** Takes the next one of `mask` as a struct signalfd_siginfo; null when there is none. */
  take(mask: SignalMask): Uint8Array | null;
  /** Fires when a signal becomes pending for its process. */
  readonly queue: WaitQueue;
}

export class SignalFile extends File {
  mask: SignalMask;
  readonly #source: SignalSource;

  /** `flags`: O_NONBLOCK or 0. */
  constructor(inode: Inode, flags: number, mask: SignalMask, source: SignalSource) {
    super(inode, flags | O_RDWR, null);
    this.mask = mask;
    this.#source = source;
  }

  override get label(): string {
    return "anon_inode:[signalfd]";
  }

  override information(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return `sigmask:\t${hex(this.mask.high)}${hex(this.mask.low)}\n`;
  }

  override read(_caller: Caller, into: Transfer): Result {
    let done = 0;
    if (into.remaining < SIGNALFD_SIGINFO_SIZE) return -EINVAL;
    while (into.remaining >= SIGNALFD_SIGINFO_SIZE && this.#source.pending(this.mask)) {
      const accessible = isAccessible(into, SIGNALFD_SIGINFO_SIZE);
      const info = this.#source.take(this.mask)!;
      if (!accessible) return done > 0 ? done : -EFAULT;
      into.put(info);
      done += SIGNALFD_SIGINFO_SIZE;
    }
    if (done > 0) return done;
    return this.flags & O_NONBLOCK ? -EAGAIN : new Block([this.#source.queue]);
  }

  override poll(): number {
    return this.#source.pending(this.mask) ? POLLIN : 0;
  }

  /** Accepted without effect (noop_llseek). */
  override seek(): number {
    return this.offset;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#source.queue];
  }
}
