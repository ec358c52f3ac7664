/** Keys and ids of a namespace's System V objects of one kind. What an object is, it knows itself. */
import { EEXIST, EINVAL, ENOENT, ENOSPC } from "../src/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "../src/abi/ipc.ts";
import type { IpcLimits } from "../src/ipc/backend.ts";
import { type IdPosition, IdTable } from "../src/ipc/id-table.ts";
import { createdBy } from "../src/ipc/permission.ts";
import type { ObjectKind } from "../src/ipc/wire.ts";
import type { FindObject, Found, ObjectRecord } from "../src/kernel/namespace-port.ts";

type Row = Record<string, SqlStorageValue>;

export class ObjectIds {
  readonly #sql: SqlStorage;
  readonly #kind: ObjectKind;
  readonly #limits: IpcLimits;
  readonly #table = new IdTable<ObjectRecord>();
  /** What machines have made, by machine and sequence, for requests that come again. */
  readonly #made = new Map<string, number>();
  #semaphores = 0;

  constructor(sql: SqlStorage, kind: ObjectKind, limits: IpcLimits) {
    this.#sql = sql;
    this.#kind = kind;
    this.#limits = limits;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS object (kind TEXT, id INTEGER, record TEXT, maker TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS ids (kind TEXT PRIMARY KEY, position TEXT)`,
    );
    for (const row of sql.exec<Row>("SELECT * FROM object WHERE kind = ?", kind)) {
      const record = JSON.parse(row.record as string) as ObjectRecord;
      this.#table.add(record);
      this.#made.set(row.maker as string, record.permissions.id);
      this.#semaphores += record.count;
    }
    for (const row of sql.exec<Row>("SELECT position FROM ids WHERE kind = ?", kind)) {
      this.#table.position = JSON.parse(row.position as string) as IdPosition;
    }
  }

  get size(): number {
    return this.#table.size;
  }
  get maxIndex(): number {
    return this.#table.maxIndex;
  }
  /** Of all sets. */
  get semaphores(): number {
    return this.#semaphores;
  }

  [Symbol.iterator](): Iterator<ObjectRecord> {
    return this.#table[Symbol.iterator]();
  }

  record(id: number): ObjectRecord | null {
    return this.#table.get(id);
  }

  /** The id at an index, or -EINVAL. */
  at(index: number): number {
    return this.#table.at(index)?.permissions.id ?? -EINVAL;
  }

  /** semget(2), msgget(2), but for the rights of an object that is there. */
  find(machine: number, request: FindObject, now: number): Found | number {
    const { key, flags, count, sequence } = request;
    const maker = `${machine}:${sequence}`;
    const made = this.#made.get(maker);
    if (made !== undefined) return { id: made, fresh: true };
    const isSet = this.#kind === "semaphore";
    const { semaphoresPerSet, semaphores, sets, queues } = this.#limits;
    if (isSet && (count < 0 || count > semaphoresPerSet)) return -EINVAL;
    const existing = key === IPC_PRIVATE ? null : this.#table.withKey(key);
    if (existing !== null) {
      if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) return -EEXIST;
      return count > existing.count ? -EINVAL : { id: existing.permissions.id, fresh: false };
    }
    if (key !== IPC_PRIVATE && !(flags & IPC_CREAT)) return -ENOENT;
    if (isSet && count === 0) return -EINVAL;
    if (this.#table.size >= (isSet ? sets : queues) || this.#semaphores + count > semaphores) return -ENOSPC;
    return this.#make(maker, request, now);
  }

  #make(maker: string, { caller, key, flags, count }: FindObject, now: number): Found {
    const record: ObjectRecord = {
      kind: this.#kind,
      permissions: createdBy(caller, key, this.#table.reserve(), flags),
      count,
      byteLimit: this.#limits.queueBytes,
      created: now,
    };
    const { id } = record.permissions;
    this.#table.add(record);
    this.#made.set(maker, id);
    this.#semaphores += count;
    this.#sql.exec("INSERT INTO object VALUES (?, ?, ?, ?)", this.#kind, id, JSON.stringify(record), maker);
    const position = JSON.stringify(this.#table.position);
    this.#sql.exec("INSERT OR REPLACE INTO ids VALUES (?, ?)", this.#kind, position);
    return { id, fresh: true };
  }

  remove(id: number): void {
    const record = this.#table.get(id);
    if (record === null) return;
    this.#table.remove(id);
    this.#semaphores -= record.count;
    for (const [maker, made] of this.#made) if (made === id) this.#made.delete(maker);
    this.#sql.exec("DELETE FROM object WHERE kind = ? AND id = ?", this.#kind, id);
  }
}
