/** time_namespaces(7): what CLOCK_MONOTONIC and CLOCK_BOOTTIME are ahead of the machine's (kernel/time/namespace.c). */
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  NSEC_PER_SEC,
} from "../abi/time.ts";
import type { Namespace } from "./namespaces.ts";

/** Seconds (may be negative) and nanoseconds in [0, 1e9). */
export interface ClockOffset {
  readonly sec: number;
  readonly nsec: number;
}

export const NO_OFFSET: ClockOffset = { sec: 0, nsec: 0 };

export class TimeNamespace implements Namespace {
  readonly kind = "time";
  readonly id: number;
  owner: object | null = null;
  ownerUid = 0;
  monotonic: ClockOffset;
  boottime: ClockOffset;
  /** A process is in it, or has been: its offsets stay. */
  frozen = false;

  /** A new one begins with the offsets of `from`. */
  constructor(id: number, from: TimeNamespace | null = null) {
    this.id = id;
    this.monotonic = from?.monotonic ?? NO_OFFSET;
    this.boottime = from?.boottime ?? NO_OFFSET;
  }

  /** What `clock` is ahead by; null for a clock that namespaces do not have apart, and when it is by nothing. */
  offsetOf(clock: number): ClockOffset | null {
    const offset = this.#of(clock);
    return offset === NO_OFFSET ? null : offset;
  }

  #of(clock: number): ClockOffset {
    switch (clock) {
      case CLOCK_MONOTONIC:
      case CLOCK_MONOTONIC_RAW:
      case CLOCK_MONOTONIC_COARSE:
        return this.monotonic;
      case CLOCK_BOOTTIME:
      case CLOCK_BOOTTIME_ALARM:
        return this.boottime;
      default:
        return NO_OFFSET;
    }
  }

  /** The machine's nanoseconds at `at` nanoseconds of its `clock`; not below 0. */
  toMachine(clock: number, at: number): number {
    const offset = this.#of(clock);
    return offset === NO_OFFSET ? at : Math.max(at - offset.sec * NSEC_PER_SEC - offset.nsec, 0);
  }

  /** The other way round. */
  fromMachine(clock: number, at: number): number {
    const { sec, nsec } = this.#of(clock);
    return at + sec * NSEC_PER_SEC + nsec;
  }
}
