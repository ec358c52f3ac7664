/**
 * An object that one machine alone uses is leased to it: the machine runs the object's state machine itself, answers at once, and logs
 * what has changed (lease-record.ts) at the object without waiting. What is observable outside of the machine waits for the log instead
 * (the output gate, `RemoteIpc.settle`). Whoever waits for another process of the machine waits here; when the lease ends, at the object.
 */
import type { Pending } from "./backend.ts";
import { type LeaseRecord, messagesBetween, type ObjectState } from "./lease-record.ts";
import { MessageQueue, type SavedMessageQueue } from "./message-queue.ts";
import type { IpcResult, MemoryBudget, MessageQueueRequest, SemaphoreSetRequest, Ticket } from "./protocol.ts";
import { type SavedSemaphoreSet, SemaphoreSet } from "./semaphore-set.ts";
import { isKept, MOST_LEASED, type ObjectKind, type ObjectRequest } from "./wire.ts";

/** What the machine has asked of an object, as long as it has no answer. */
export interface Operation {
  readonly sequence: number;
  readonly request: ObjectRequest;
  /** Null when nobody waits for the answer. */
  readonly pending: Pending | null;
  /** Seconds since the epoch at which it was asked. */
  readonly now: number;
  cancelled: boolean;
}

/** What a lease needs of the machine. */
export interface LeaseHost {
  readonly machine: number;
  /** What the copies of leased objects take up. */
  readonly memory: MemoryBudget;
  ticket(kind: ObjectKind, id: number): Pending;
}

/** Counts what one object takes, so that all of it can be given back. */
class Share implements MemoryBudget {
  readonly #of: MemoryBudget;
  used = 0;

  constructor(of: MemoryBudget) {
    this.#of = of;
  }
  take(bytes: number): boolean {
    if (!this.#of.take(bytes)) return false;
    this.used += bytes;
    return true;
  }
  give(bytes: number): void {
    this.#of.give(bytes);
    this.used -= bytes;
  }
  giveAll(): void {
    this.give(this.used);
  }
}

export class Lease {
  readonly #host: LeaseHost;
  readonly #kind: ObjectKind;
  readonly #object: SemaphoreSet | MessageQueue;
  readonly #memory: Share;
  /** Operations that wait here, by sequence. */
  readonly #waiting = new Map<number, Operation>();
  /** Places of the messages that the log has. */
  #logged: readonly number[] = [];
  /** The ticket of the operation that has just begun to wait. */
  #ticket: Pending | null = null;
  readonly #makeTicket: () => Ticket;
  /** Something has changed that is not in a record; whoever makes the record sets it back. */
  changed = false;

  /** `state` is what the object granted; those who wait in it are among `operations`, by sequence. */
  constructor(
    host: LeaseHost,
    kind: ObjectKind,
    id: number,
    state: ObjectState,
    operations: ReadonlyMap<number, Operation>,
  ) {
    this.#host = host;
    this.#kind = kind;
    this.#memory = new Share(host.memory);
    let waiting: readonly { readonly ticket: Ticket }[];
    if (kind === "semaphore") {
      const saved = state as SavedSemaphoreSet;
      this.#object = SemaphoreSet.restore(saved, this.#memory);
      waiting = saved.waiting;
    } else {
      const saved = state as SavedMessageQueue;
      this.#object = MessageQueue.restore(saved, this.#memory);
      this.#logged = saved.messages.map(({ place }) => place);
      waiting = [...saved.senders, ...saved.receivers];
    }
    for (const { ticket } of waiting) {
      const operation = operations.get(ticket.sequence);
      if (operation !== undefined) this.#waiting.set(ticket.sequence, operation);
    }
    this.#makeTicket = () => {
      this.#ticket = host.ticket(kind, id);
      return this.#ticket;
    };
  }

  /** It has become too large to be leased. */
  get large(): boolean {
    return this.#memory.used > MOST_LEASED;
  }

  /** Operations that wait, in the order of their arrival. */
  get waiting(): Iterable<Operation> {
    return this.#waiting.values();
  }

  /** Does what a thread asks; a Pending when it has to wait for another. */
  perform(request: ObjectRequest, now: number): IpcResult | Pending {
    const result = this.#submit(request, now, this.#makeTicket);
    if (result !== null) return result;
    const pending = this.#ticket!;
    this.#waiting.set(pending.sequence, { sequence: pending.sequence, request, pending, now, cancelled: false });
    return pending;
  }

  /** Does what had a number before; true when it has been answered, false when it waits. */
  resume(operation: Operation): boolean {
    const { sequence, request, pending, now } = operation;
    const result = this.#submit(request, now, () => ({ machine: this.#host.machine, sequence }));
    if (result === null) this.#waiting.set(sequence, operation);
    else pending?.settle(result);
    return result !== null;
  }

  /** False when nothing waits under this number. */
  cancel(sequence: number): boolean {
    if (!this.#waiting.has(sequence)) return false;
    this.#object.cancel({ machine: this.#host.machine, sequence });
    this.#complete();
    return true;
  }

  #submit(request: ObjectRequest, now: number, ticket: () => Ticket): IpcResult | null {
    const object = this.#object;
    const result =
      object instanceof MessageQueue
        ? object.submit(request as MessageQueueRequest, now, ticket)
        : object.submit(request as SemaphoreSetRequest, now, this.#host.machine, ticket);
    if (result !== null && isKept(request, result)) this.changed = true;
    if (object.completions.length > 0) {
      this.changed = true;
      this.#complete();
    }
    return result;
  }

  /** Tells those that waited what became of it. */
  #complete(): void {
    const done = this.#object.completions;
    this.#object.completions = [];
    for (const { ticket, result } of done) {
      const operation = this.#waiting.get(ticket.sequence)!;
      this.#waiting.delete(ticket.sequence);
      operation.pending?.settle(result);
    }
  }

  /** What the log is to have next. */
  record({ turn, others }: Pick<LeaseRecord, "turn" | "others">, last: boolean): LeaseRecord {
    this.changed = false;
    if (this.#kind === "semaphore") {
      const state = (this.#object as SemaphoreSet).save();
      return { turn, others, state: last ? state : { ...state, waiting: [] }, gone: [], last };
    }
    const state = (this.#object as MessageQueue).save();
    const { messages, gone } = messagesBetween(this.#logged, state.messages);
    this.#logged = state.messages.map(({ place }) => place);
    const waits = last ? {} : { senders: [], receivers: [] };
    return { turn, others, state: { ...state, ...waits, messages }, gone, last };
  }

  /** It is over; nothing is done here any more. */
  end(): void {
    this.#memory.giveAll();
  }
}
