/** Requests to the state machines, as a machine would send them. */
import {
  CAN_ACCESS,
  CAN_ADMINISTER,
  CAN_EXCEED,
  type Completion,
  type IpcCaller,
  type IpcPermissions,
  type IpcResult,
  type MemoryBudget,
  type Ticket,
} from "../../src/ipc/protocol.ts";

/** Process `pid` of user `uid`; root may do everything. */
export const caller = (pid: number, uid = 0): IpcCaller => ({
  pid,
  uid,
  gid: uid,
  fsgid: uid,
  groups: [],
  capabilities: uid === 0 ? CAN_ACCESS | CAN_ADMINISTER | CAN_EXCEED : 0,
});

export const owned = (uid = 0, mode = 0o600): IpcPermissions => ({
  key: 0x1234,
  id: 5,
  uid,
  gid: uid,
  cuid: uid,
  cgid: uid,
  mode,
});

/** Counts what is taken. */
export class Budget implements MemoryBudget {
  used = 0;
  readonly limit: number;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.limit = limit;
  }
  take(bytes: number): boolean {
    if (this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  }
  give(bytes: number): void {
    this.used -= bytes;
  }
}

interface StateMachine {
  completions: Completion<Ticket>[];
  cancel(ticket: Ticket): boolean;
}

/** One object, its clock, and what its callers have got. */
export abstract class Bench<R, S extends StateMachine> {
  readonly object: S;
  now = 1000;
  #sequence = 0;

  constructor(object: S) {
    this.object = object;
  }

  protected abstract submit(request: R, machine: number, ticket: () => Ticket): IpcResult | null;

  /** The answer; or the number of the ticket under which the operation waits, as "#1". */
  ask(request: R, machine = 1): IpcResult | string {
    const sequence = ++this.#sequence;
    const result = this.submit(request, machine, () => ({ machine, sequence }));
    return result ?? `#${sequence}`;
  }

  /** Answers that have come since the last call, by ticket. */
  answers(): Record<string, IpcResult> {
    const { completions } = this.object;
    this.object.completions = [];
    return Object.fromEntries(completions.map(({ ticket, result }) => [`#${ticket.sequence}`, result]));
  }

  /** In the order in which they came. */
  order(): string[] {
    const tickets = this.object.completions.map(({ ticket }) => `#${ticket.sequence}`);
    this.object.completions = [];
    return tickets;
  }

  cancel(ticket: string, machine = 1): boolean {
    return this.object.cancel({ machine, sequence: Number(ticket.slice(1)) });
  }
}
