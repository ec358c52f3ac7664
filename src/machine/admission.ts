/**
 * When a machine may start. The machines of an isolate share its memory, and when that is short the largest of them is ended
 * (leases.ts). So only as many start at a time as should fit, by what earlier runs of the same program have needed; the others wait,
 * in order, for these to end, as long as any of them computes: those that wait themselves may do so for long.
 *
 * For a program that has not run here START is kept back, until it has ended or waits: what it has had by then
 * is what the next one is expected to need.
 */
import type { ImageCache } from "../fs/image/cache.ts";
import type { Host } from "../kernel/host.ts";
import type { Frames } from "../memory/physical.ts";
import type { Leases, Tenant } from "./leases.ts";

/** Frames that a program is expected to need of which nothing is known, at most: 24 MiB. */
const START = 6144;
/** Milliseconds of waiting after which a machine counts as one that waits; of computing, after which one that has not grown will not. */
const WINDOW = 250;
/** Milliseconds between two looks of one that waits; the end of a machine wakes the first of them before. */
const ROUND = 100;
/** Milliseconds that a machine waits at most. */
const PATIENCE = 10_000;
/** Programs whose needs are remembered. */
const REMEMBERED = 1024;

/** Milliseconds without a look after which one that waits is taken for dead, as its request is. */
const STALE = 20 * ROUND;

/** Room that is kept for a machine. */
export interface Admitted {
  /** The machine is there, and registered with the leases. */
  begun(tenant: Tenant): void;
  /** It has ended, or will not be. Not called when its request was ended. */
  ended(): void;
}

interface Running {
  readonly program: string;
  /** Frames that it is expected to have at most. */
  readonly expected: number;
  /** Null before it has begun. */
  tenant: Tenant | null;
  /** What it had when it was seen last, and the nanoseconds that it had computed when it was first seen with that. */
  frames: number;
  cpuTime: number;
  /** When it was last seen otherwise than waiting. */
  since: number;
}

interface Waiter {
  /** Time of its last look. */
  seen: number;
  wake(): void;
}

export class Admission {
  readonly #memory: Frames;
  readonly #images: ImageCache;
  readonly #leases: Leases;
  /** Frames that a program needs, as far as its runs have shown. */
  readonly #needs = new Map<string, number>();
  readonly #running = new Set<Running>();
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();

  constructor(memory: Frames, images: ImageCache, leases: Leases) {
    this.#memory = memory;
    this.#images = images;
    this.#leases = leases;
  }

  /** Resolves when a machine of `program` that may have up to `limit` frames should fit, or after PATIENCE. */
  async enter(host: Pick<Host, "now" | "sleep">, program: string, limit: number): Promise<Admitted> {
    const expected = () => Math.min(limit, this.#needs.get(program) ?? START);
    const now = host.now();
    if (this.#first(now) !== null || !this.#mayStart(expected(), now)) await this.#wait(host, expected);
    const running: Running = { program, expected: expected(), tenant: null, frames: 0, cpuTime: 0, since: host.now() };
    this.#running.add(running);
    // There may be room for the next, too.
    this.#first(running.since)?.wake();
    return {
      begun: (tenant) => {
        running.tenant = tenant;
      },
      ended: () => {
        if (!this.#running.delete(running)) return;
        if (running.tenant !== null) this.#learn(program, running.tenant.owner.peakFrames);
        this.#first(host.now())?.wake();
      },
    };
  }

  async #wait(host: Pick<Host, "now" | "sleep">, expected: () => number): Promise<void> {
    const waiter: Waiter = { seen: host.now(), wake: () => {} };
    const end = waiter.seen + PATIENCE;
    this.#waiting.add(waiter);
    try {
      do {
        await host.sleep(ROUND, new Promise((resolve) => (waiter.wake = resolve)));
        waiter.seen = host.now();
        if (this.#first(waiter.seen) === waiter && this.#mayStart(expected(), waiter.seen)) return;
      } while (waiter.seen < end);
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  /** The first of those that wait and still look. */
  #first(now: number): Waiter | null {
    for (const waiter of this.#waiting) {
      if (now - waiter.seen <= STALE) return waiter;
      if (now - waiter.seen > 2 * PATIENCE) this.#waiting.delete(waiter);
    }
    return null;
  }

  /** Whether `frames` more should be there when all machines have what they are expected to need; or all of them wait. */
  #mayStart(frames: number, now: number): boolean {
    let wanted = frames;
    let busy = false;
    for (const running of this.#running) {
      const { tenant } = running;
      if (tenant === null ? now - running.since > STALE : !this.#leases.has(tenant)) this.#running.delete(running);
      else if (tenant === null || !this.#waits(running, tenant, now)) {
        busy = true;
        wanted += outstanding(running);
      }
    }
    const { available } = this.#memory;
    return !busy || available >= wanted || available + this.#images.reclaimable >= wanted;
  }

  /** Looks at a machine: whether it has been waiting for some time. */
  #waits(running: Running, tenant: Tenant, now: number): boolean {
    const { frames } = tenant.owner;
    if (frames !== running.frames) running.cpuTime = tenant.cpuTime;
    if (frames !== running.frames || tenant.waitsUntil <= now) running.since = now;
    running.frames = frames;
    if (now - running.since < WINDOW) return false;
    if (!this.#needs.has(running.program)) this.#learn(running.program, frames);
    return true;
  }

  /** What a run has needed: more counts at once, less little by little. */
  #learn(program: string, frames: number): void {
    const known = this.#needs.get(program) ?? 0;
    this.#needs.delete(program);
    if (this.#needs.size >= REMEMBERED) this.#needs.delete(this.#needs.keys().next().value!);
    this.#needs.set(program, frames >= known ? frames : known - ((known - frames) >> 3));
  }
}

/** Frames that a machine that computes has yet to ask for. */
function outstanding({ tenant, expected, frames, cpuTime }: Running): number {
  if (tenant !== null && tenant.cpuTime - cpuTime >= WINDOW * 1e6) return 0;
  return Math.max(0, expected - frames);
}
