/** A System V semaphore set as a Durable Object. */
import type { LeaseRecord } from "../src/ipc/lease-record.ts";
import type { IpcMessage, MemoryBudget, SemaphoreSetRequest, SemaphoreSetStatus, Ticket } from "../src/ipc/protocol.ts";
import { type SavedSemaphoreSet, SemaphoreSet, sizeOfSet } from "../src/ipc/semaphore-set.ts";
import type { Undo } from "../src/ipc/semaphore-undo.ts";
import type { Operate } from "../src/ipc/semaphore-waiters.ts";
import type { ObjectRequest } from "../src/ipc/wire.ts";
import type { ObjectRecord } from "../src/kernel/namespace-port.ts";
import type { Waiting } from "./ledger.ts";
import { SharedObject } from "./shared-object.ts";
import type { StoredObject } from "./stored-object.ts";

/** Semaphores in one row. */
const ROW = 64;

type Saved = Pick<SavedSemaphoreSet, "permissions" | "values" | "pids" | "operated" | "changed" | "undo">;

export class SemaphoreSetObject extends SharedObject {
  protected readonly kind = "semaphore";

  protected create(sql: SqlStorage, { permissions, count, created }: ObjectRecord): StoredObject {
    sql.exec(
      `CREATE TABLE status (value TEXT);
       INSERT INTO status VALUES ('');
       CREATE TABLE semaphores (first INTEGER PRIMARY KEY, "values" BLOB, pids BLOB);
       CREATE TABLE undo (machine INTEGER, owner INTEGER, adjustments TEXT, PRIMARY KEY (machine, owner)) WITHOUT ROWID;`,
    );
    this.memory.take(sizeOfSet(count));
    return new StoredSet(sql, new SemaphoreSet<Ticket>(permissions, count, created, this.memory), null, this.memory);
  }

  protected load(sql: SqlStorage, waiting: readonly Waiting[]): StoredObject {
    const { value } = sql.exec<{ value: string }>("SELECT value FROM status").one();
    const { count, removed, ...status } = JSON.parse(value) as StatusRow;
    const values = new Uint16Array(count);
    const pids = new Int32Array(count);
    for (const row of sql.exec<Record<string, SqlStorageValue>>("SELECT * FROM semaphores")) {
      values.set(new Uint16Array(row.values as ArrayBuffer), row.first as number);
      pids.set(new Int32Array(row.pids as ArrayBuffer), row.first as number);
    }
    const undo: Undo[] = [];
    for (const row of sql.exec<Record<string, SqlStorageValue>>("SELECT * FROM undo")) {
      const adjustments = new Int16Array(count);
      for (const [index, by] of JSON.parse(row.adjustments as string) as [number, number][]) adjustments[index] = by;
      undo.push({ machine: row.machine as number, owner: row.owner as number, adjustments });
    }
    const saved = { ...status, values, pids, undo };
    const waits = waiting.map(({ ticket, request }) => ({ ticket, request: request as Operate }));
    const set = SemaphoreSet.restore({ ...saved, waiting: waits }, this.memory);
    if (removed) set.remove();
    return new StoredSet(sql, set, saved, this.memory);
  }
}

interface StatusRow extends Pick<Saved, "permissions" | "operated" | "changed"> {
  readonly count: number;
  readonly removed: boolean;
}

class StoredSet implements StoredObject {
  readonly #sql: SqlStorage;
  readonly #memory: MemoryBudget;
  #set: SemaphoreSet;
  /** What SQLite has; null for nothing yet. */
  #stored: Saved | null;
  #status = "";

  constructor(sql: SqlStorage, set: SemaphoreSet, stored: Saved | null, memory: MemoryBudget) {
    this.#sql = sql;
    this.#memory = memory;
    this.#set = set;
    this.#stored = stored;
  }

  get removed(): boolean {
    return this.#set.removed;
  }
  get status(): SemaphoreSetStatus {
    return this.#set.status;
  }
  get completions() {
    return this.#set.completions;
  }
  set completions(list) {
    this.#set.completions = list;
  }

  submit(request: ObjectRequest, now: number, ticket: Ticket) {
    return this.#set.submit(request as SemaphoreSetRequest, now, ticket.machine, () => ticket);
  }

  cancel(ticket: Ticket): void {
    this.#set.cancel(ticket);
  }

  get state(): SavedSemaphoreSet {
    return this.#set.save();
  }

  discard(): void {
    this.#set.discard();
  }

  replace({ state }: Pick<LeaseRecord, "state">): void {
    this.discard();
    this.#set = SemaphoreSet.restore(state as SavedSemaphoreSet, this.#memory);
  }

  forget(machine: number, _unseen: readonly IpcMessage[], now: number): void {
    this.#set.forget(machine, now);
  }

  *machines(): Iterable<number> {
    for (const { machine } of this.#stored?.undo ?? []) yield machine;
  }

  store(): void {
    const sql = this.#sql;
    const saved = this.#set.save();
    const before = this.#stored;
    const { permissions, operated, changed, values, pids } = saved;
    const row: StatusRow = { permissions, operated, changed, count: values.length, removed: this.#set.removed };
    const status = JSON.stringify(row);
    if (status !== this.#status) sql.exec("UPDATE status SET value = ?", status);
    this.#status = status;
    for (let first = 0; first < values.length; first += ROW) {
      const end = Math.min(first + ROW, values.length);
      if (before !== null && same(before.values, values, first, end) && same(before.pids, pids, first, end)) continue;
      sql.exec(
        "INSERT OR REPLACE INTO semaphores VALUES (?, ?, ?)",
        first,
        values.slice(first, end),
        pids.slice(first, end),
      );
    }
    this.#storeUndo(before?.undo ?? [], saved.undo);
    this.#stored = saved;
  }

  #storeUndo(before: readonly Undo[], now: readonly Undo[]): void {
    if (before.length === 0 && now.length === 0) return;
    const name = ({ machine, owner }: Undo) => `${machine}:${owner}`;
    const old = new Map(before.map((undo) => [name(undo), undo]));
    for (const undo of now) {
      const { machine, owner, adjustments } = undo;
      const stored = old.get(name(undo));
      old.delete(name(undo));
      if (stored !== undefined && same(stored.adjustments, adjustments, 0, adjustments.length)) continue;
      const entries: [number, number][] = [];
      for (let i = 0; i < adjustments.length; i++) if (adjustments[i] !== 0) entries.push([i, adjustments[i]]);
      this.#sql.exec("INSERT OR REPLACE INTO undo VALUES (?, ?, ?)", machine, owner, JSON.stringify(entries));
    }
    for (const { machine, owner } of old.values()) {
      this.#sql.exec("DELETE FROM undo WHERE machine = ? AND owner = ?", machine, owner);
    }
  }
}

function same(a: ArrayLike<number>, b: ArrayLike<number>, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}
