/** The machines of a namespace: who is attached, who is dead. */
import { RpcTarget } from "cloudflare:workers";
import { FENCED } from "../src/ipc/wire.ts";
import type {
  MachineCallback,
  MachineEvent,
  MachineReply,
  NamespaceAnswer,
  NamespaceRequest,
  Rejoin,
} from "../src/kernel/namespace-port.ts";
import { GRACE } from "./env.ts";
import { type Stub, Watch } from "./link.ts";

/** What a session needs of its namespace. */
export interface SessionOwner {
  request(session: Session, requests: readonly NamespaceRequest[]): Promise<readonly NamespaceAnswer[]>;
}

/** A machine's session: the runtime disposes of it when the machine's request has ended, however it ended. */
export class Session extends RpcTarget {
  readonly #machines: Machines;
  readonly #owner: SessionOwner;
  readonly machine: number;
  readonly epoch: number;
  readonly watch = new Watch();
  readonly #callback: Stub<MachineCallback>;

  constructor(
    machines: Machines,
    owner: SessionOwner,
    machine: number,
    epoch: number,
    callback: Stub<MachineCallback>,
  ) {
    super();
    this.#machines = machines;
    this.#owner = owner;
    this.machine = machine;
    this.epoch = epoch;
    this.#callback = callback.dup?.() ?? callback;
  }

  request(requests: readonly NamespaceRequest[]): Promise<readonly NamespaceAnswer[]> {
    if (!this.#machines.isCurrent(this)) throw new Error(FENCED);
    return this.#owner.request(this, requests);
  }

  detach(): void {
    this.#machines.detached(this);
  }

  [Symbol.dispose](): void {
    Watch.end(this.watch);
    void this.#machines.lost(this);
    this.#callback[Symbol.dispose]?.();
  }

  static ask(session: Session, events: readonly MachineEvent[]): Promise<readonly MachineReply[]> {
    return session.#callback(events);
  }
}

type Row = Record<string, SqlStorageValue>;

export class Machines {
  readonly #sql: SqlStorage;
  /** Epochs of all that are attached, or may come back. */
  readonly #epochs = new Map<number, number>();
  readonly #sessions = new Map<number, Session>();
  /** The machine is not there any more; its rows are gone. */
  readonly #reaped: (machine: number) => void;

  /** Those that were attached before have GRACE to come back. */
  constructor(sql: SqlStorage, reaped: (machine: number) => void) {
    this.#sql = sql;
    this.#reaped = reaped;
    sql.exec("CREATE TABLE IF NOT EXISTS machine (machine INTEGER PRIMARY KEY AUTOINCREMENT, epoch INTEGER)");
    for (const row of sql.exec<Row>("SELECT * FROM machine")) {
      this.#epochs.set(row.machine as number, row.epoch as number);
      this.#expect(row.machine as number);
    }
  }

  /** Numbers of all that are attached, or may come back. */
  get members(): number[] {
    return [...this.#epochs.keys()];
  }

  /** Numbers of those that are attached. */
  get attached(): number[] {
    return [...this.#sessions.keys()];
  }

  isCurrent(session: Session): boolean {
    return this.#sessions.get(session.machine) === session;
  }

  attach(owner: SessionOwner, callback: Stub<MachineCallback>, again: Rejoin | null): Session {
    let machine: number;
    let epoch = 1;
    if (again === null) {
      machine = this.#sql.exec<Row>("INSERT INTO machine (epoch) VALUES (1) RETURNING machine").one().machine as number;
    } else {
      machine = again.machine;
      const last = this.#epochs.get(machine);
      if (last === undefined || again.epoch < last) throw new Error(FENCED);
      epoch = again.epoch + 1;
      this.#sql.exec("UPDATE machine SET epoch = ? WHERE machine = ?", epoch, machine);
    }
    const session = new Session(this, owner, machine, epoch, callback);
    this.#epochs.set(machine, epoch);
    this.#sessions.set(machine, session);
    return session;
  }

  /** Asks a machine; rejects when it is not there. */
  ask(machine: number, events: readonly MachineEvent[]): Promise<readonly MachineReply[]> {
    const session = this.#sessions.get(machine);
    if (session === undefined) return Promise.reject(new Error(`Machine ${machine} is not attached.`));
    return Session.ask(session, events);
  }

  detached(session: Session): void {
    if (this.isCurrent(session)) this.#reap(session.machine);
  }

  /** The session was disposed of: the machine's request has ended, or the machine attaches anew. */
  async lost(session: Session): Promise<void> {
    if (this.isCurrent(session) && !(await this.#answers(session))) this.#reap(session.machine);
    else if (this.isCurrent(session)) {
      this.#sessions.delete(session.machine);
      this.#expect(session.machine);
    }
  }

  /** Those of `machines` that are dead for certain. */
  async gone(machines: readonly number[]): Promise<number[]> {
    await Promise.all(
      machines.map(async (machine) => {
        const session = this.#sessions.get(machine);
        if (session !== undefined && !(await this.#answers(session)) && this.isCurrent(session)) this.#reap(machine);
      }),
    );
    return machines.filter((machine) => !this.#epochs.has(machine));
  }

  async #answers(session: Session): Promise<boolean> {
    try {
      await Session.ask(session, [{ op: "alive" }]);
      return true;
    } catch {
      return false;
    }
  }

  /** The machine comes back within GRACE, or is given up. */
  #expect(machine: number): void {
    setTimeout(() => {
      if (!this.#sessions.has(machine) && this.#epochs.has(machine)) this.#reap(machine);
    }, GRACE);
  }

  #reap(machine: number): void {
    this.#sessions.delete(machine);
    this.#epochs.delete(machine);
    this.#sql.exec("DELETE FROM machine WHERE machine = ?", machine);
    this.#reaped(machine);
  }
}
