/**
 * What an object keeps beside its state, so that operations of machines are done once: who waits, results that have not been
 * acknowledged, who holds the lease, and machines that were given up. In memory as in SQLite; each change is written where it is made, and all changes of one
 * turn are one transaction.
 */
import type { LeaseRecord } from "../src/ipc/lease-record.ts";
import type { IpcMessage, IpcResult, Ticket } from "../src/ipc/protocol.ts";
import type { ObjectRequest } from "../src/ipc/wire.ts";
import { pack, unpack } from "./packing.ts";

export interface Waiting {
  readonly ticket: Ticket;
  readonly request: ObjectRequest;
}

type Row = Record<string, SqlStorageValue>;

/** A machine that was given up may still be running for this long (ms): twice the largest wall limit. */
const REMEMBERED = 2 * 3_600_000;

export class Ledger {
  readonly #sql: SqlStorage;
  /** By machine and sequence. */
  readonly #waiting = new Map<string, { readonly place: number; readonly waiting: Waiting }>();
  readonly #results = new Map<number, Map<number, IpcResult>>();
  readonly #gone = new Set<number>();
  #lastPlace = 0;
  #holder = 0;
  #turn = 0;
  #prepared: LeaseRecord | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS lease (machine INTEGER, turn INTEGER);
       CREATE TABLE IF NOT EXISTS prepared (record TEXT, bytes BLOB);
       CREATE TABLE IF NOT EXISTS last_turn (machine INTEGER PRIMARY KEY, turn INTEGER);`,
    );
    for (const { machine, turn } of sql.exec<Row>("SELECT * FROM lease")) {
      this.#holder = machine as number;
      this.#turn = turn as number;
    }
    for (const { record, bytes } of sql.exec<Row>("SELECT * FROM prepared")) {
      this.#prepared = unpack<LeaseRecord>(record as string, bytes as ArrayBuffer);
    }
    for (const row of sql.exec<Row>("SELECT * FROM waiting ORDER BY place")) {
      const ticket = { machine: row.machine as number, sequence: row.sequence as number };
      const request = unpack<ObjectRequest>(row.request as string, row.bytes as ArrayBuffer);
      this.#lastPlace = row.place as number;
      this.#waiting.set(key(ticket), { place: this.#lastPlace, waiting: { ticket, request } });
    }
    for (const row of sql.exec<Row>("SELECT * FROM result")) {
      const value = unpack<IpcResult>(row.value as string, row.bytes as ArrayBuffer);
      this.#resultsOf(row.machine as number).set(row.sequence as number, value);
    }
    for (const row of sql.exec<Row>("SELECT machine FROM gone")) this.#gone.add(row.machine as number);
  }

  static create(sql: SqlStorage): void {
    sql.exec(
      `CREATE TABLE waiting (place INTEGER PRIMARY KEY, machine INTEGER, sequence INTEGER, request TEXT, bytes BLOB);
       CREATE TABLE result (machine INTEGER, sequence INTEGER, value TEXT, bytes BLOB,
         PRIMARY KEY (machine, sequence)) WITHOUT ROWID;
       CREATE TABLE gone (machine INTEGER PRIMARY KEY, since INTEGER);`,
    );
  }

  /** In the order of their arrival. */
  get waiting(): Waiting[] {
    return [...this.#waiting.values()].map(({ waiting }) => waiting);
  }

  /** The machine that the object is leased to; 0 for none. */
  get holder(): number {
    return this.#holder;
  }
  set holder(machine: number) {
    if (this.#holder !== 0) this.#sql.exec("DELETE FROM lease");
    if (machine !== 0) this.#sql.exec("INSERT INTO lease VALUES (?, 0)", machine);
    this.#holder = machine;
    this.#turn = 0;
  }

  /** The last turn of the holder that is logged here. */
  get turn(): number {
    return this.#turn;
  }
  set turn(turn: number) {
    this.#turn = turn;
    this.#sql.exec("UPDATE lease SET turn = ?", turn);
  }

  /** That turn's record, as long as it may not count. */
  get prepared(): LeaseRecord | null {
    return this.#prepared;
  }
  set prepared(record: LeaseRecord | null) {
    if (this.#prepared !== null) this.#sql.exec("DELETE FROM prepared");
    this.#prepared = record;
    if (record === null) return;
    const { json, bytes } = pack(record);
    this.#sql.exec("INSERT INTO prepared VALUES (?, ?)", json, bytes);
  }

  /** Whether a turn of a machine that has or had the lease was logged here. */
  hasTurn(machine: number, turn: number): boolean {
    if (machine === this.#holder) return this.#turn >= turn;
    for (const row of this.#sql.exec<Row>("SELECT turn FROM last_turn WHERE machine = ?", machine)) {
      return (row.turn as number) >= turn;
    }
    // A lease is given back when all turns that the object has part in are logged everywhere.
    return true;
  }

  /** Machines that wait here, or have results that they have not acknowledged. */
  *machines(): Iterable<number> {
    for (const { waiting } of this.#waiting.values()) yield waiting.ticket.machine;
    yield* this.#results.keys();
  }

  waits(ticket: Ticket): boolean {
    return this.#waiting.has(key(ticket));
  }

  wait(ticket: Ticket, request: ObjectRequest): void {
    const place = ++this.#lastPlace;
    this.#waiting.set(key(ticket), { place, waiting: { ticket, request } });
    const { json, bytes } = pack(request);
    this.#sql.exec("INSERT INTO waiting VALUES (?, ?, ?, ?, ?)", place, ticket.machine, ticket.sequence, json, bytes);
  }

  /** Nobody waits any more: those who did go on within a lease. */
  stopWaiting(): void {
    if (this.#waiting.size > 0) this.#sql.exec("DELETE FROM waiting");
    this.#waiting.clear();
  }

  /** It waits no more, and this is its result. */
  complete(ticket: Ticket, result: IpcResult): void {
    const { place } = this.#waiting.get(key(ticket))!;
    this.#waiting.delete(key(ticket));
    this.#sql.exec("DELETE FROM waiting WHERE place = ?", place);
    this.keep(ticket, result);
  }

  result({ machine, sequence }: Ticket): IpcResult | undefined {
    return this.#results.get(machine)?.get(sequence);
  }

  keep({ machine, sequence }: Ticket, result: IpcResult): void {
    this.#resultsOf(machine).set(sequence, result);
    const { json, bytes } = pack(result);
    this.#sql.exec("INSERT INTO result VALUES (?, ?, ?, ?)", machine, sequence, json, bytes);
  }

  acknowledge(machine: number, sequences: readonly number[]): void {
    const results = this.#results.get(machine);
    if (results === undefined) return;
    for (const sequence of sequences) {
      if (!results.delete(sequence)) continue;
      this.#sql.exec("DELETE FROM result WHERE machine = ? AND sequence = ?", machine, sequence);
    }
    if (results.size === 0) this.#results.delete(machine);
  }

  isGone(machine: number): boolean {
    return this.#gone.has(machine);
  }

  /** The machine is gone. Returns the messages that it had received and not acknowledged. */
  forget(machine: number, now: number): IpcMessage[] {
    const messages: IpcMessage[] = [];
    for (const result of this.#results.get(machine)?.values() ?? []) {
      if (typeof result === "object" && "text" in result) messages.push(result);
    }
    this.#results.delete(machine);
    for (const [name, { waiting }] of this.#waiting) if (waiting.ticket.machine === machine) this.#waiting.delete(name);
    this.#gone.add(machine);
    const sql = this.#sql;
    if (this.#holder === machine) {
      sql.exec("INSERT OR REPLACE INTO last_turn VALUES (?, ?)", machine, this.#turn);
      this.holder = 0;
    }
    sql.exec("DELETE FROM waiting WHERE machine = ?", machine);
    sql.exec("DELETE FROM result WHERE machine = ?", machine);
    sql.exec("INSERT OR REPLACE INTO gone VALUES (?, ?)", machine, now);
    for (const row of sql.exec<Row>("DELETE FROM gone WHERE since < ? RETURNING machine", now - REMEMBERED)) {
      this.#gone.delete(row.machine as number);
      sql.exec("DELETE FROM last_turn WHERE machine = ?", row.machine);
    }
    return messages;
  }

  #resultsOf(machine: number): Map<number, IpcResult> {
    let results = this.#results.get(machine);
    if (results === undefined) {
      results = new Map();
      this.#results.set(machine, results);
    }
    return results;
  }
}

const key = ({ machine, sequence }: Ticket): string => `${machine}:${sequence}`;
