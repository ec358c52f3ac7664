/** Signals that were sent and not yet delivered, to a thread or to a process. */
import { SIGRTMIN, type SignalInfo } from "../../abi/signal.ts";
import type { QueuePlace } from "./quota.ts";
import { SignalSet } from "./set.ts";

interface Entry {
  readonly info: SignalInfo;
  /** Given back when it leaves the queue; null for what has no place of its own (a timer's has the timer's). */
  readonly place: QueuePlace | null;
}

export class PendingSignals {
  readonly set = new SignalSet();
  /** In order of arrival. A standard signal is there at most once, a real-time signal as often as it was sent. */
  readonly #queue: Entry[] = [];

  /** A standard signal that is pending already is lost, as signal(7) says. */
  merges(signal: number): boolean {
    return signal < SIGRTMIN && this.set.has(signal);
  }

  /** Adds an entry of its own, even for a standard signal that is pending (timers). */
  add(info: SignalInfo, place: QueuePlace | null = null): void {
    this.set.add(info.signal);
    this.#queue.push({ info, place });
  }

  contains(info: SignalInfo): boolean {
    return this.#queue.some((entry) => entry.info === info);
  }

  /** Undoes `take`. */
  putBack(info: SignalInfo): void {
    this.set.add(info.signal);
    this.#queue.unshift({ info, place: null });
  }

  /** Removes and returns the oldest entry of `signal`, or null. */
  take(signal: number): SignalInfo | null {
    const at = this.#queue.findIndex(({ info }) => info.signal === signal);
    if (at < 0) return null;
    const [{ info, place }] = this.#queue.splice(at, 1);
    if (!this.#queue.some((other) => other.info.signal === signal)) this.set.delete(signal);
    place?.release();
    info.delivered?.(info);
    return info;
  }

  /** Drops all entries of the signals in `set` (SIGCONT drops stop signals, SIG_IGN drops its own). */
  flush(set: SignalSet): void {
    if (this.set.intersection(set).empty) return;
    for (let i = this.#queue.length - 1; i >= 0; i--) {
      if (!set.has(this.#queue[i].info.signal)) continue;
      this.#queue[i].place?.release();
      this.#queue.splice(i, 1);
    }
    this.set.low &= ~set.low;
    this.set.high &= ~set.high;
  }

  /** Drops everything: the thread or process has ended. */
  clear(): void {
    for (const { place } of this.#queue) place?.release();
    this.#queue.length = 0;
    this.set.low = this.set.high = 0;
  }
}
