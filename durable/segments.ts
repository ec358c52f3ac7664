/**
 * Keys and ids of a namespace's shared memory segments. The memory itself is in one machine and goes with it; what is kept here
 * makes ids unique, and lets other machines be refused.
 */
import { EEXIST, ENOENT, ENOSPC, EREMOTE } from "../src/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "../src/abi/ipc.ts";
import { IdTable } from "../src/ipc/id-table.ts";

/** SHMMNI: of all machines together. */
const LIMIT = 4096;

interface Segment {
  readonly permissions: { readonly id: number; readonly key: number };
  readonly machine: number;
}

type Row = Record<string, SqlStorageValue>;

export class Segments {
  readonly #sql: SqlStorage;
  readonly #table = new IdTable<Segment>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS segment (id INTEGER PRIMARY KEY, key INTEGER, machine INTEGER)");
    for (const { id, key, machine } of sql.exec<Row>("SELECT * FROM segment")) {
      this.#table.add({ permissions: { id: id as number, key: key as number }, machine: machine as number });
    }
  }

  /** The id that `machine` is to make a segment under, or a negative errno: EREMOTE when another machine has the key. */
  find(machine: number, key: number, flags: number): number {
    const existing = key === IPC_PRIVATE ? null : this.#table.withKey(key);
    if (existing !== null) {
      if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) return -EEXIST;
      return existing.machine === machine ? existing.permissions.id : -EREMOTE;
    }
    if (key !== IPC_PRIVATE && !(flags & IPC_CREAT)) return -ENOENT;
    if (this.#table.size >= LIMIT) return -ENOSPC;
    const id = this.#table.reserve();
    this.#table.add({ permissions: { id, key }, machine });
    this.#sql.exec("INSERT INTO segment VALUES (?, ?, ?)", id, key, machine);
    return id;
  }

  /** The segment is gone, or was never made. */
  drop(machine: number, id: number): void {
    if (this.#table.get(id)?.machine !== machine) return;
    this.#table.remove(id);
    this.#sql.exec("DELETE FROM segment WHERE id = ?", id);
  }

  /** The machine is gone, and its memory. */
  dropAll(machine: number): void {
    for (const segment of [...this.#table]) if (segment.machine === machine) this.drop(machine, segment.permissions.id);
  }
}
