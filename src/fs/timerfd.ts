/** timerfd_create(2): a timer whose expiries are read (fs/timerfd.c). */
import { EAGAIN, ECANCELED, EFAULT, EINVAL, ENOTTY } from "../abi/errno.ts";
import { O_NONBLOCK, O_RDWR } from "../abi/fcntl.ts";
import { TFD_IOC_SET_TICKS } from "../abi/ioctl.ts";
import { POLLIN } from "../abi/poll.ts";
import type { Transfer, UserMemory } from "../memory/types.ts";
import { type ClockListener, Deadline, type Deadlines, type Expirable } from "../wait/deadlines.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import { isAccessible } from "./transfer.ts";
import type { Caller, Result } from "./types.ts";

/** What a timer needs of its kernel: monotonic nanoseconds, and a place for deadlines. */
export interface TimeBase {
  now(): number;
  readonly deadlines: Deadlines;
  /** To be told when the wall clock is set. */
  readonly listeners: Set<ClockListener>;
}

export class TimerFile extends File implements Expirable, ClockListener {
  /** CLOCK_*: which clock absolute times are of. */
  readonly clock: number;
  readonly #time: TimeBase;
  readonly #deadline = new Deadline(this);
  #interval = 0;
  /** When it expired while an interval is to go on; the next expiry is found when somebody asks. */
  #due = Number.POSITIVE_INFINITY;
  /** Expiries since the last read. */
  #ticks = 0;
  /** TFD_TIMER_* that it was last armed with, for /proc/[pid]/fdinfo. */
  armedWith = 0;
  /** TFD_TIMER_CANCEL_ON_SET was given, and the clock has been set since it was last told. */
  #cancelOnSet = false;
  #cancelled = false;
  readonly #readable = new WaitQueue(POLLIN);

  /** `flags`: O_NONBLOCK or 0. */
  constructor(inode: Inode, flags: number, clock: number, time: TimeBase) {
    super(inode, flags | O_RDWR, null);
    this.clock = clock;
    this.#time = time;
  }

  override get label(): string {
    return "anon_inode:[timerfd]";
  }

  override information(): string {
    // Expiries of an interval are counted when somebody reads.
    this.#settle();
    const value = this.#deadline.armed ? Math.max(this.#deadline.at - this.#time.now(), 1) : 0;
    const time = (nanoseconds: number) => `(${Math.floor(nanoseconds / 1e9)}, ${Math.floor(nanoseconds % 1e9)})`;
    return [
      `clockid: ${this.clock}`,
      `ticks: ${this.#ticks}`,
      `settime flags: 0${this.armedWith.toString(8)}`,
      `it_value: ${time(value)}`,
      `it_interval: ${time(this.#interval)}`,
      "",
    ].join("\n");
  }

  /**
   * Arms it for monotonic time `at` (Infinity disarms), then every `interval` nanoseconds unless that is 0. `wall`: that is a
   * time of CLOCK_REALTIME, which may be set; `cancel`: then reading is to fail with ECANCELED.
   */
  arm(at: number, interval: number, wall = false, cancel = false): void {
    if (wall) this.#time.listeners.add(this);
    else this.#time.listeners.delete(this);
    this.#cancelOnSet = cancel;
    this.#cancelled = false;
    this.#interval = interval;
    this.#due = Number.POSITIVE_INFINITY;
    this.#ticks = 0;
    this.#time.deadlines.set(this.#deadline, at);
  }

  /** Nanoseconds left (0 when disarmed) and interval. */
  get setting(): { value: number; interval: number } {
    this.#advance();
    const value = this.#deadline.armed ? Math.max(this.#deadline.at - this.#time.now(), 1) : 0;
    return { value, interval: this.#interval };
  }

  expire(_now: number, due: number): void {
    this.#ticks++;
    if (this.#interval > 0) this.#due = due;
    this.#readable.wake();
  }

  /** The clock was set since it was armed: the call that arms it again says so (ECANCELED). */
  takeCancelled(): boolean {
    const cancelled = this.#cancelled;
    this.#cancelled = false;
    return cancelled;
  }

  clockSet(step: number): void {
    if (this.#deadline.armed) this.#time.deadlines.set(this.#deadline, this.#deadline.at - step);
    if (!this.#cancelOnSet) return;
    this.#cancelled = true;
    this.#readable.wake();
  }

  /** TFD_IOC_SET_TICKS: as if it had expired that often (ioctl of checkpoint and restore). */
  override ioctl(_caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    if (request !== TFD_IOC_SET_TICKS) return -ENOTTY;
    const ticks = memory.u64(argument);
    if (ticks === 0) return -EINVAL;
    if (this.takeCancelled()) {
      this.#ticks = 0;
      return -ECANCELED;
    }
    this.#ticks = ticks;
    this.#readable.wake();
    return 0;
  }

  override read(_caller: Caller, into: Transfer): Result {
    if (into.remaining < 8) return -EINVAL;
    if (this.takeCancelled()) {
      this.#ticks = 0;
      return -ECANCELED;
    }
    this.#settle();
    if (this.#ticks === 0) return this.flags & O_NONBLOCK ? -EAGAIN : new Block([this.#readable]);
    const accessible = isAccessible(into, 8);
    this.#advance();
    const words = Uint32Array.of(this.#ticks, Math.floor(this.#ticks / 0x1_0000_0000));
    this.#ticks = 0;
    if (!accessible) return -EFAULT;
    into.put(new Uint8Array(words.buffer));
    return 8;
  }

  override poll(): number {
    this.#settle();
    return this.#ticks > 0 || this.#cancelled ? POLLIN : 0;
  }

  /** Accepted without effect (noop_llseek). */
  override seek(): number {
    return this.offset;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.#readable];
  }

  override release(): void {
    this.#time.deadlines.cancel(this.#deadline);
    this.#time.listeners.delete(this);
  }

  /** Expires now what the scheduler has not come to yet. */
  #settle(): void {
    const { at, armed } = this.#deadline;
    const now = this.#time.now();
    if (!armed || at > now) return;
    this.#time.deadlines.cancel(this.#deadline);
    this.expire(now, at);
  }

  /** Counts the intervals that have passed since it expired, and arms it for the next one (hrtimer_forward). */
  #advance(): void {
    this.#settle();
    const due = this.#due;
    if (due === Number.POSITIVE_INFINITY) return;
    const missed = Math.floor((this.#time.now() - due) / this.#interval);
    this.#ticks += missed;
    this.#due = Number.POSITIVE_INFINITY;
    this.#time.deadlines.set(this.#deadline, due + (missed + 1) * this.#interval);
  }
}
