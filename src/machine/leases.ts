/**
 * The machines of an isolate, and which of them still live. A request that the platform ends outright (its CPU time is spent,
 * its client has gone) never runs again, and neither does its machine's own end: somebody else must give its frames back.
 *
 * A live machine renews its lease in every turn of its loop, and while all its threads wait, by a timer of its own request,
 * every HEARTBEAT; the platform ends such timers with the request. A lease that has run out proves nothing yet: the isolate may have been
 * busy, or the computer asleep. So the machine becomes a suspect, and is given up only when other requests' timers have gone off
 * in ROUNDS later turns of the event loop, over GRACE: a live machine's timer is overdue by then, and overdue timers go first.
 */
import type { FrameOwner } from "../memory/types.ts";

/** Longest time between two signs of life of a machine, in milliseconds. */
export const HEARTBEAT = 1000;
/** A machine without a sign of life for so long becomes a suspect, in milliseconds. */
const LEASE = 10 * HEARTBEAT;
/** Turns of the event loop, and milliseconds, in which a suspect may still answer. */
const ROUNDS = 4;
const GRACE = 1000;
/** Milliseconds between two looks at all leases. */
export const ROUND = GRACE / ROUNDS;

/** A machine, as its isolate sees it. */
export interface Tenant {
  /** What it holds. */
  readonly owner: FrameOwner;
  /** Nanoseconds that its threads have computed. */
  readonly cpuTime: number;
  /** All its threads wait, and none for a time before this, in milliseconds; 0 when one would run. */
  readonly waitsUntil: number;
  /** One of its threads is on the CPU. */
  readonly running: boolean;
  /** Gives all back at once. Called from another request, so it calls nothing of its own request's. */
  evict(reason: "memory" | "abandoned"): void;
}

interface Lease {
  /** Time of the last sign of life, in milliseconds. */
  seen: number;
  /** When it became a suspect, and how often it has been looked at since; 0 while it is none. */
  suspectSince: number;
  rounds: number;
}

export class Leases {
  readonly #leases = new Map<Tenant, Lease>();
  #lastRound = 0;
  #evicting = false;

  /** Machines that are registered. */
  get size(): number {
    return this.#leases.size;
  }

  has(tenant: Tenant): boolean {
    return this.#leases.has(tenant);
  }

  register(tenant: Tenant, now: number): void {
    this.#leases.set(tenant, { seen: now, suspectSince: 0, rounds: 0 });
  }

  release(tenant: Tenant): void {
    this.#leases.delete(tenant);
  }

  /** A sign of life, from the tenant's own request; also the occasion to look at the others. */
  renew(tenant: Tenant, now: number): void {
    const lease = this.#leases.get(tenant);
    if (lease === undefined) return;
    lease.seen = now;
    lease.rounds = 0;
    if (now - this.#lastRound >= ROUND) this.sweep(now);
  }

  /** Looks at all leases, at most once a ROUND, and evicts who is dead. Returns how many suspects are left. */
  sweep(now: number): number {
    const counts = now - this.#lastRound >= ROUND;
    if (counts) this.#lastRound = now;
    let suspects = 0;
    for (const [tenant, lease] of [...this.#leases]) {
      if (now - lease.seen <= LEASE) continue;
      if (lease.rounds === 0) lease.suspectSince = now;
      if (counts || lease.rounds === 0) lease.rounds++;
      if (lease.rounds > ROUNDS && now - lease.suspectSince >= GRACE) this.#evict(tenant, "abandoned");
      else suspects++;
    }
    return suspects;
  }

  /** No frame is left for `asker`: ends the largest machine. False when that is the asker's own. */
  evictLargest(asker: FrameOwner): boolean {
    if (this.#evicting) return false;
    let largest: Tenant | null = null;
    for (const tenant of this.#leases.keys()) {
      if (largest === null || tenant.owner.frames > largest.owner.frames) largest = tenant;
    }
    if (largest === null || largest.owner === asker || largest.owner.frames === 0 || largest.running) return false;
    this.#evict(largest, "memory");
    return true;
  }

  #evict(tenant: Tenant, reason: "memory" | "abandoned"): void {
    this.#leases.delete(tenant);
    this.#evicting = true;
    try {
      tenant.evict(reason);
    } finally {
      this.#evicting = false;
    }
  }
}
