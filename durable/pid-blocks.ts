/** Blocks of process ids that are leased to machines. An id is used again only after all others. */
import type { PidBlock } from "../src/kernel/namespace-port.ts";

/** Ids are below it: PID_MAX_LIMIT of 64-bit Linux. */
export const PID_LIMIT = 4_194_304;
/** A block is so many ids, or a multiple of it. */
const UNIT = 64;
const LARGEST = 16 * UNIT;
/** Ids up to it are nobody's: 1 is the reaper. */
const RESERVED = 1;

type Row = Record<string, SqlStorageValue>;

interface Lease {
  /** Multiples of UNIT. */
  readonly first: number;
  readonly count: number;
  /** 0: the machine is gone, and others use ids of the block. */
  readonly machine: number;
}

export class PidBlocks {
  readonly #sql: SqlStorage;
  /** By the first id of each of its units. */
  readonly #leased = new Map<number, Lease>();
  #next = 0;
  /** Whether others than the machine that has leased them use any of `count` ids. */
  readonly #isShared: (first: number, count: number) => boolean;

  constructor(sql: SqlStorage, isShared = (_first: number, _count: number) => false) {
    this.#sql = sql;
    this.#isShared = isShared;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS pids (first INTEGER PRIMARY KEY, count INTEGER, machine INTEGER);
       CREATE TABLE IF NOT EXISTS next_pids (next INTEGER)`,
    );
    for (const row of sql.exec<Row>("SELECT * FROM pids")) this.#add(row as unknown as Lease);
    const next = sql.exec<Row>("SELECT next FROM next_pids").toArray();
    if (next.length === 0) sql.exec("INSERT INTO next_pids VALUES (0)");
    else this.#next = next[0].next as number;
  }

  /** A free block of about `wanted` ids for `machine`; null when there is none. */
  lease(machine: number, wanted = UNIT): PidBlock | null {
    const count = Math.min(Math.ceil(wanted / UNIT) * UNIT, LARGEST);
    const first = this.#free(count);
    if (first < 0) return count === UNIT ? null : this.lease(machine);
    this.#next = (first + count) % PID_LIMIT;
    this.#sql.exec("UPDATE next_pids SET next = ?", this.#next);
    return this.#give({ first, count, machine });
  }

  /** The block that `pid` is in; null when it is leased. */
  leaseAround(machine: number, pid: number): PidBlock | null {
    const first = unitOf(pid);
    return this.#leased.has(first) ? null : this.#give({ first, count: UNIT, machine });
  }

  /** The machine whose block a pid is in; 0 for nobody. */
  owner(pid: number): number {
    return this.#leased.get(unitOf(pid))?.machine ?? 0;
  }

  /** `machine` needs the block no more. */
  release(machine: number, block: PidBlock): void {
    const lease = this.#leased.get(unitOf(block.first));
    if (lease?.machine === machine) this.#release(lease);
  }

  /** A machine has come back with these blocks: those that it never learnt of are free. */
  keep(machine: number, blocks: readonly PidBlock[]): void {
    const known = new Set(blocks.map(({ first }) => unitOf(first)));
    for (const lease of this.#of(machine)) if (!known.has(lease.first)) this.#release(lease);
  }

  /** The machine is gone. */
  releaseAll(machine: number): void {
    for (const lease of this.#of(machine)) this.#release(lease);
  }

  /** Nobody uses `pid` besides the machine that has leased it, if there is one. */
  settle(pid: number): void {
    const lease = this.#leased.get(unitOf(pid));
    if (lease?.machine === 0) this.#release(lease);
  }

  /** Blocks that are leased. */
  get size(): number {
    return new Set(this.#leased.values()).size;
  }

  /** The first of `count` free ids, looked for from where the last search ended; -1 when there is no such run. */
  #free(count: number): number {
    let run = 0;
    for (let seen = 0, at = this.#next; seen < PID_LIMIT + count; seen += UNIT, at += UNIT) {
      if (at >= PID_LIMIT) at = run = 0;
      run = this.#leased.has(at) ? 0 : run + UNIT;
      if (run === count) return at + UNIT - count;
    }
    return -1;
  }

  #add(lease: Lease): void {
    for (let at = 0; at < lease.count; at += UNIT) this.#leased.set(lease.first + at, lease);
  }

  #give(lease: Lease): PidBlock {
    const { first, count, machine } = lease;
    this.#add(lease);
    this.#sql.exec("INSERT INTO pids VALUES (?, ?, ?)", first, count, machine);
    return first === 0 ? { first: RESERVED + 1, count: count - RESERVED - 1 } : { first, count };
  }

  /** The block is free, unless others use ids of it: then when they do no more. */
  #release(lease: Lease): void {
    const { first, count } = lease;
    if (this.#isShared(first, count)) {
      this.#add({ first, count, machine: 0 });
      this.#sql.exec("UPDATE pids SET machine = 0 WHERE first = ?", first);
      return;
    }
    for (let at = 0; at < lease.count; at += UNIT) this.#leased.delete(lease.first + at);
    this.#sql.exec("DELETE FROM pids WHERE first = ?", lease.first);
  }

  #of(machine: number): Lease[] {
    return [...new Set(this.#leased.values())].filter((lease) => lease.machine === machine);
  }
}

const unitOf = (pid: number): number => pid - (pid % UNIT);
