/** Signals that were sent and not yet delivered, to a thread or to a process. */
import { SIGRTMIN, type SignalInfo } from "../../abi/signal.ts";
import { SignalSet } from "./set.ts";

export class PendingSignals {
  readonly set = new SignalSet();
  /** In order of arrival. A standard signal is there at most once, a real-time signal as often as it was sent. */
  readonly #queue: SignalInfo[] = [];

  /** Signals waiting, for RLIMIT_SIGPENDING. */
  get length(): number {
    return this.#queue.length;
  }

  /** False when a standard signal was pending already and this one is lost, as signal(7) says. */
  add(info: SignalInfo): boolean {
    if (info.signal < SIGRTMIN && this.set.has(info.signal)) return false;
    this.set.add(info.signal);
    this.#queue.push(info);
    return true;
  }

  /** Adds an entry of its own even for a standard signal that is pending (timers). */
  addAlways(info: SignalInfo): void {
    this.set.add(info.signal);
    this.#queue.push(info);
  }

  contains(info: SignalInfo): boolean {
    return this.#queue.includes(info);
  }

  /** Undoes `take`. */
  putBack(info: SignalInfo): void {
    this.set.add(info.signal);
    this.#queue.unshift(info);
  }

  /** Removes and returns the oldest entry of `signal`, or null. */
  take(signal: number): SignalInfo | null {
    const at = this.#queue.findIndex((info) => info.signal === signal);
    if (at < 0) return null;
    const [info] = this.#queue.splice(at, 1);
    if (!this.#queue.some((other) => other.signal === signal)) this.set.delete(signal);
    info.delivered?.(info);
    return info;
  }

  /** Drops all entries of the signals in `set` (SIGCONT drops stop signals, SIG_IGN drops its own). */
  flush(set: SignalSet): void {
    if (this.set.intersection(set).empty) return;
    for (let i = this.#queue.length - 1; i >= 0; i--) if (set.has(this.#queue[i].signal)) this.#queue.splice(i, 1);
    this.set.low &= ~set.low;
    this.set.high &= ~set.high;
  }
}
