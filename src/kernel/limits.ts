/** Resource limits of a process (getrlimit(2)). */
import { RLIMIT_COUNT, RLIMIT_FSIZE, RLIMIT_NOFILE, UNLIMITED } from "../abi/resource.ts";

/** Indexed by RLIMIT_*. Values are bytes, seconds or counts; UNLIMITED is Infinity. */
export class ResourceLimits {
  readonly soft: number[];
  readonly hard: number[];

  constructor(soft: readonly number[], hard: readonly number[]) {
    this.soft = [...soft];
    this.hard = [...hard];
  }

  /** What Linux gives init (include/asm-generic/resource.h), with `overrides` for both values. */
  static defaults(overrides: Readonly<Record<number, number>> = {}): ResourceLimits {
    const soft = new Array<number>(RLIMIT_COUNT).fill(UNLIMITED);
    const hard = new Array<number>(RLIMIT_COUNT).fill(UNLIMITED);
    const set = (resource: number, s: number, h: number) => {
      soft[resource] = s;
      hard[resource] = h;
    };
    set(3, 8 << 20, UNLIMITED); // STACK
    set(4, 0, UNLIMITED); // CORE: nothing is dumped
    set(6, 4096, 4096); // NPROC
    set(RLIMIT_NOFILE, 1024, 4096);
    set(8, 8 << 20, 8 << 20); // MEMLOCK
    set(11, 4096, 4096); // SIGPENDING
    set(12, 819200, 819200); // MSGQUEUE
    set(13, 0, 0); // NICE
    set(14, 0, 0); // RTPRIO
    for (const [resource, value] of Object.entries(overrides)) set(Number(resource), value, value);
    return new ResourceLimits(soft, hard);
  }

  clone(): ResourceLimits {
    return new ResourceLimits(this.soft, this.hard);
  }

  /** RLIMIT_FSIZE in bytes. */
  get fileSize(): number {
    return this.soft[RLIMIT_FSIZE];
  }
  /** RLIMIT_NOFILE: one above the highest descriptor number. */
  get openFiles(): number {
    return this.soft[RLIMIT_NOFILE];
  }
}
