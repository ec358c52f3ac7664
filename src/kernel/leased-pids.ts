/**
 * Pids of a machine in a namespace of machines: blocks that it has leased, so that fork costs no message. An id is given out once
 * in a lease; a block whose ids have all been given out and are free again goes back, and comes around when the namespace has gone
 * through all others, as pids do on Linux.
 */
import { WaitQueue } from "../wait/queue.ts";
import type { PidBlock } from "./namespace-port.ts";
import type { PidAllocator } from "./pids.ts";

/** With fewer ids left than this, another block is asked for. */
const LOW = 32;
/** Ids of the first block that a machine asks for, and of the largest; each is twice the one before. */
const FIRST = 64;
const LARGEST = 1024;

/** Where blocks come from and go to. */
export interface PidLessor {
  /** Asks for a block of about `count` ids; `add` or `refused` is called some time. */
  ask(count: number): void;
  giveBack(block: PidBlock): void;
  /** Nobody here has an id any more that was borrowed. */
  drop(pid: number): void;
}

class Lease implements PidBlock {
  readonly first: number;
  readonly count: number;
  /** Of those that have not been given out yet, the lowest; `first + count` when there is none. */
  next: number;
  readonly used = new Set<number>();

  constructor({ first, count }: PidBlock) {
    this.first = this.next = first;
    this.count = count;
  }

  get end(): number {
    return this.first + this.count;
  }

  /** An id that has not been given out, or 0. */
  fresh(): number {
    while (this.next < this.end) {
      const pid = this.next++;
      if (!this.used.has(pid)) return pid;
    }
    return 0;
  }

  /** One that has been and is free again, or 0. */
  again(): number {
    for (let pid = this.first; pid < this.end; pid++) if (!this.used.has(pid)) return pid;
    return 0;
  }
}

export class LeasedPids implements PidAllocator {
  readonly limit: number;
  readonly #lessor: PidLessor;
  readonly #leases: Lease[] = [];
  /** Ids of this machine's blocks that other machines use: for groups and sessions, or claimed. */
  readonly #lent = new Set<number>();
  /** Ids of other machines' blocks that this one uses. */
  readonly #borrowed = new Set<number>();
  /** Of those: to be claimed. */
  readonly #granted = new Set<number>();
  readonly #arrived = new WaitQueue();
  /** Ids that have not been given out, of all leases. */
  #left = 0;
  #asked = false;
  /** The namespace had no block the last time. */
  #refused = false;
  #size = FIRST;
  #last = 0;

  constructor(limit: number, lessor: PidLessor) {
    this.limit = limit;
    this.#lessor = lessor;
  }

  get last(): number {
    return this.#last;
  }

  get blocks(): readonly PidBlock[] {
    return this.#leases.map(({ first, count }) => ({ first, count }));
  }

  /** If the id is anybody's, it is known here: it is of one of the machine's blocks, and no other machine uses it. */
  owns(pid: number): boolean {
    return this.#leaseOf(pid) !== undefined && !this.#lent.has(pid);
  }

  /** The id is used here, though it may be of another machine's block. */
  borrow(pid: number): void {
    if (this.#leaseOf(pid) === undefined) this.#borrowed.add(pid);
  }

  /** An id of another machine's block may be claimed. */
  grant(pid: number): void {
    this.#borrowed.add(pid);
    this.#granted.add(pid);
  }

  /** Whether `claim` can decide on the id. */
  decides(pid: number): boolean {
    return this.owns(pid) || this.#granted.has(pid) || pid < 1 || pid >= this.limit;
  }

  /** Gives an id of this machine's blocks to another machine; false when it is in use. */
  lend(pid: number): boolean {
    if (!this.#lent.has(pid) && !this.claim(pid)) return false;
    this.#lent.add(pid);
    return true;
  }

  /** Those of `pids` that are of this machine's blocks are lent, and no others. Returns which have come back. */
  setLent(pids: Iterable<number>): readonly number[] {
    const now = new Set(pids);
    const back = [...this.#lent].filter((pid) => !now.has(pid));
    for (const pid of back) this.#lent.delete(pid);
    for (const pid of now) {
      if (this.#leaseOf(pid) === undefined) continue;
      this.claim(pid);
      this.#lent.add(pid);
    }
    return back;
  }

  get awaited(): WaitQueue | null {
    return this.#left === 0 && this.#asked && !this.#refused ? this.#arrived : null;
  }

  add(block: PidBlock): void {
    this.#leases.push(new Lease(block));
    this.#left += block.count;
    this.#refused = this.#asked = false;
    for (const lease of [...this.#leases]) this.#settle(lease);
    this.#arrived.wake();
  }

  refused(): void {
    this.#refused = true;
    this.#asked = false;
    this.#arrived.wake();
  }

  allocate(): number {
    let pid = 0;
    for (const lease of this.#leases) {
      pid = lease.fresh();
      if (pid !== 0) break;
    }
    if (pid !== 0) this.#left--;
    // No id is left anywhere: what is free here comes around early.
    else for (const lease of this.#leases) pid ||= lease.again();
    if (pid !== 0) {
      this.#leaseOf(pid)!.used.add(pid);
      this.#last = pid;
    }
    if (this.#left < LOW && !this.#asked) {
      this.#asked = true;
      this.#lessor.ask(this.#size);
      this.#size = Math.min(this.#size * 2, LARGEST);
    }
    return pid;
  }

  claim(pid: number): boolean {
    if (this.#granted.delete(pid)) return true;
    const lease = this.#leaseOf(pid);
    if (lease === undefined || lease.used.has(pid)) return false;
    lease.used.add(pid);
    if (pid >= lease.next) this.#left--;
    return true;
  }

  free(pid: number): void {
    if (this.#borrowed.delete(pid)) {
      this.#granted.delete(pid);
      this.#lessor.drop(pid);
    }
    const lease = this.#leaseOf(pid);
    if (this.#lent.has(pid) || lease === undefined || !lease.used.delete(pid)) return;
    // It was claimed before its turn, which is now over.
    if (pid >= lease.next) this.#left++;
    this.#settle(lease);
  }

  /** A block that is used up and empty goes back, unless it is the last. */
  #settle(lease: Lease): void {
    if (lease.used.size > 0 || lease.next < lease.end || this.#leases.length === 1) return;
    this.#leases.splice(this.#leases.indexOf(lease), 1);
    this.#lessor.giveBack({ first: lease.first, count: lease.count });
  }

  #leaseOf(pid: number): Lease | undefined {
    return this.#leases.find((lease) => pid >= lease.first && pid < lease.end);
  }
}
