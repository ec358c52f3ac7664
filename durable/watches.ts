/** Which machines are to be told of the end of which processes of others (pidfd_open(2)). */

type Row = Record<string, SqlStorageValue>;

export class Watches {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS watch (pid INTEGER, machine INTEGER, PRIMARY KEY (pid, machine)) WITHOUT ROWID",
    );
  }

  add(pid: number, machine: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO watch VALUES (?, ?)", pid, machine);
  }

  /** Machines that watch the process. */
  of(pid: number): number[] {
    const rows = this.#sql.exec<Row>("SELECT machine FROM watch WHERE pid = ?", pid).toArray();
    return rows.map(({ machine }) => machine as number);
  }

  /** Processes that are watched. */
  get pids(): number[] {
    const rows = this.#sql.exec<Row>("SELECT DISTINCT pid FROM watch").toArray();
    return rows.map(({ pid }) => pid as number);
  }

  /** There is nothing more to be told of the process. */
  remove(pid: number): void {
    this.#sql.exec("DELETE FROM watch WHERE pid = ?", pid);
  }

  /** The machine is gone. */
  removeAll(machine: number): void {
    this.#sql.exec("DELETE FROM watch WHERE machine = ?", machine);
  }
}
