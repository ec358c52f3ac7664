/** Ids of machines' blocks that other machines use: for groups and sessions that go beyond one machine, or claimed for a process. */

/** A machine's use of an id that is not of its own blocks; the owner of the block has one too, while others do. */
interface Share {
  /** It has a member that keeps the group from being orphaned. */
  anchored: boolean;
  /** The id is a process or thread of this machine, and nothing of any other. */
  readonly claimed: boolean;
}

type Row = Record<string, SqlStorageValue>;

export class SharedIds {
  readonly #sql: SqlStorage;
  readonly #shares = new Map<number, Map<number, Share>>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS shared (id INTEGER, machine INTEGER, anchored INTEGER, claimed INTEGER,
         PRIMARY KEY (id, machine)) WITHOUT ROWID`,
    );
    for (const { id, machine, anchored, claimed } of sql.exec<Row>("SELECT * FROM shared")) {
      this.#of(id as number).set(machine as number, { anchored: anchored === 1, claimed: claimed === 1 });
    }
  }

  /** Ids that anybody shares. */
  get ids(): Iterable<number> {
    return this.#shares.keys();
  }

  has(id: number, machine: number): boolean {
    return this.#shares.get(id)?.has(machine) ?? false;
  }

  machines(id: number): number[] {
    return [...(this.#shares.get(id)?.keys() ?? [])];
  }

  /** The machine that has claimed the id for a process, or 0. */
  claimer(id: number): number {
    for (const [machine, { claimed }] of this.#shares.get(id) ?? []) if (claimed) return machine;
    return 0;
  }

  /** Members in other machines than `machine` keep the group from being orphaned. */
  anchored(id: number, machine = 0): boolean {
    for (const [other, { anchored }] of this.#shares.get(id) ?? []) if (anchored && other !== machine) return true;
    return false;
  }

  /** Any of the ids from `first` is in use. */
  within(first: number, count: number): boolean {
    for (const id of this.#shares.keys()) if (id >= first && id < first + count) return true;
    return false;
  }

  add(id: number, machine: number, claimed = false): void {
    if (this.has(id, machine)) return;
    this.#of(id).set(machine, { anchored: false, claimed });
    this.#sql.exec("INSERT INTO shared VALUES (?, ?, 0, ?)", id, machine, claimed ? 1 : 0);
  }

  /** False when it was so before, or nobody shares the id. */
  setAnchored(id: number, machine: number, anchored: boolean): boolean {
    const share = this.#shares.get(id)?.get(machine);
    if (share === undefined || share.anchored === anchored) return false;
    share.anchored = anchored;
    this.#sql.exec("UPDATE shared SET anchored = ? WHERE id = ? AND machine = ?", anchored ? 1 : 0, id, machine);
    return true;
  }

  remove(id: number, machine: number): void {
    const shares = this.#shares.get(id);
    if (!shares?.delete(machine)) return;
    if (shares.size === 0) this.#shares.delete(id);
    this.#sql.exec("DELETE FROM shared WHERE id = ? AND machine = ?", id, machine);
  }

  /** The machine is gone. Returns what it had. */
  removeAll(machine: number): number[] {
    const ids = [...this.#shares].filter(([, shares]) => shares.has(machine)).map(([id]) => id);
    for (const id of ids) this.remove(id, machine);
    return ids;
  }

  #of(id: number): Map<number, Share> {
    let shares = this.#shares.get(id);
    if (shares === undefined) this.#shares.set(id, (shares = new Map()));
    return shares;
  }
}
