/** Blocks of process ids that are leased to machines. A block is used again only after all others. */
import type { PidBlock } from "../src/kernel/namespace-port.ts";

/** Ids are below it: PID_MAX_LIMIT of 64-bit Linux. */
export const PID_LIMIT = 4_194_304;
const BLOCK = 64;
/** Ids up to it are nobody's: 1 is the reaper. */
const RESERVED = 1;

type Row = Record<string, SqlStorageValue>;

export class PidBlocks {
  readonly #sql: SqlStorage;
  /** First id of each leased block, and whose it is. */
  readonly #leased = new Map<number, number>();
  #next = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS pids (first INTEGER PRIMARY KEY, machine INTEGER);
       CREATE TABLE IF NOT EXISTS next_pids (next INTEGER)`,
    );
    for (const row of sql.exec<Row>("SELECT * FROM pids")) this.#leased.set(row.first as number, row.machine as number);
    const next = sql.exec<Row>("SELECT next FROM next_pids").toArray();
    if (next.length === 0) sql.exec("INSERT INTO next_pids VALUES (0)");
    else this.#next = next[0].next as number;
  }

  /** A free block for `machine`; null when there is none. */
  lease(machine: number): PidBlock | null {
    if (this.#leased.size * BLOCK >= PID_LIMIT) return null;
    while (this.#leased.has(this.#next)) this.#next = (this.#next + BLOCK) % PID_LIMIT;
    const first = this.#next;
    this.#next = (first + BLOCK) % PID_LIMIT;
    this.#leased.set(first, machine);
    this.#sql.exec("INSERT INTO pids VALUES (?, ?)", first, machine);
    this.#sql.exec("UPDATE next_pids SET next = ?", this.#next);
    return first === 0 ? { first: RESERVED + 1, count: BLOCK - RESERVED - 1 } : { first, count: BLOCK };
  }

  /** The machine that a pid belongs to; 0 for nobody. */
  owner(pid: number): number {
    return this.#leased.get(pid - (pid % BLOCK)) ?? 0;
  }

  /** `machine` needs the block no more. */
  release(machine: number, block: PidBlock): void {
    const first = block.first - (block.first % BLOCK);
    if (this.#leased.get(first) !== machine) return;
    this.#leased.delete(first);
    this.#sql.exec("DELETE FROM pids WHERE first = ?", first);
  }

  /** The machine is gone. */
  releaseAll(machine: number): void {
    for (const [first, owner] of this.#leased) if (owner === machine) this.#leased.delete(first);
    this.#sql.exec("DELETE FROM pids WHERE machine = ?", machine);
  }
}
