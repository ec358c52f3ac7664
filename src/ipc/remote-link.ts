/**
 * The machine's end of a link to one object (wire.ts): operations go out in order and in batches, come back in any order, and are
 * sent again when the link broke. When the object is leased, operations are done here (lease.ts), and its log goes out instead.
 */
import { EIDRM } from "../abi/errno.ts";
import type { Pending } from "./backend.ts";
import { Lease, type LeaseHost, type Operation } from "./lease.ts";
import type { LeaseLog, Logged } from "./lease-log.ts";
import type { LeaseRecord, ObjectState } from "./lease-record.ts";
import { Progress } from "./progress.ts";
import type { IpcResult } from "./protocol.ts";
import {
  type CompletionCallback,
  FENCED,
  hasEffect,
  isKept,
  type ObjectAnswer,
  type ObjectBatch,
  type ObjectHello,
  type ObjectKind,
  type ObjectLink,
  type ObjectOperation,
  type ObjectRequest,
  type ObjectResult,
  type OpenedObject,
} from "./wire.ts";

/** What a link needs of the machine. */
export interface LinkHost extends LeaseHost {
  readonly namespace: string;
  /** Links with messages that are not acknowledged; they put themselves in and take themselves out. */
  readonly unsettled: Set<RemoteLink>;
  readonly log: LeaseLog;
  open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject>;
  /** Resolves when nothing is left at objects other than `link` that they do not know this machine has (null: nothing is). */
  othersSettled(link: RemoteLink): Promise<unknown> | null;
  sleep(ms: number): Promise<void>;
  /** The machine cannot go on. */
  fail(error: Error): void;
}

/** Milliseconds before the second attempt to open a link; doubled for each further one. */
const FIRST_DELAY = 20;
const ATTEMPTS = 8;

export class RemoteLink implements Logged {
  readonly #host: LinkHost;
  readonly kind: ObjectKind;
  readonly id: number;
  #epoch = 0;
  #link: ObjectLink | null = null;
  /** Sent, or to be sent, and not answered, by sequence; without those that wait within the lease. */
  readonly #operations = new Map<number, Operation>();
  /** What goes with the next batch, or is done here if there is a lease by then. */
  #unsent: ObjectOperation[] = [];
  /** Acknowledgements: to be sent, and sent without an answer. */
  #acknowledged: number[] = [];
  readonly #confirming = new Set<number>();
  /** Messages that have been received: safe when the object knows that they are here, and so cannot go back. */
  readonly #received = new Progress();
  /** Those whose acknowledgements have been sent. */
  #sent = 0;

  #lease: Lease | null = null;
  /** What goes into the object's log, until it is there. */
  #record: LeaseRecord | null = null;
  /** The lease is being given back: nothing is changed here any more. */
  #returning: Promise<void> | null = null;
  /** The object would grant the lease. */
  #alone = false;
  /** The lease has been asked for and nothing is sent before the answer. */
  #leasing: Promise<void> | null = null;
  /** It has been asked back before it was there. */
  #recalled = false;

  /** A batch is about to be made. */
  #sending: Promise<void> | null = null;
  #acknowledging: Promise<void> | null = null;
  /** Batches that are not answered. */
  readonly #underWay = new Set<Promise<void>>();
  #opening: Promise<void> | null = null;
  #closed = false;
  /** The undo list of the last operation that had one: it is known to have something here. 0 for none. */
  lastUndo = 0;
  /** The lease is asked for with the first operation. */
  #eager = false;
  /** Calls of the object. */
  calls = 0;

  /** `own`: nobody else knows of the object yet. */
  constructor(host: LinkHost, kind: ObjectKind, id: number, own: boolean) {
    this.#host = host;
    this.kind = kind;
    this.id = id;
    this.#eager = own;
  }

  /** Does an operation here; undefined when it must be submitted. */
  perform(request: ObjectRequest, now: number): IpcResult | Pending | undefined {
    const lease = this.#lease;
    if (lease === null || this.#unsent.length > 0 || this.#returning !== null) return undefined;
    // The namespace has to know of a removal, so the object does it.
    if (request.op === "remove") return undefined;
    // What is done here is as good as known at the object, so a message that it may depend on must not go back to another.
    const { unsettled } = this.#host;
    if (unsettled.size > 0 && (unsettled.size > 1 || !unsettled.has(this)) && hasEffect(request)) return undefined;
    const known = lease.changed;
    const result = lease.perform(request, now);
    if (lease.changed) this.#changed(lease, known);
    return result;
  }

  submit(sequence: number, request: ObjectRequest, pending: Pending | null, now: number): void {
    this.#operations.set(sequence, { sequence, request, pending, now, cancelled: false });
    this.#unsent.push({ sequence, request });
    this.#send();
  }

  cancel(sequence: number): void {
    if (this.#lease?.cancel(sequence)) return;
    const operation = this.#operations.get(sequence);
    if (operation === undefined) return;
    operation.cancelled = true;
    this.#unsent.push({ sequence, request: null });
    this.#send();
  }

  // ---- what the object has to know

  /** Resolves when what this machine has received until now cannot go back. Rejects when it always may. */
  settle(): Promise<void> {
    if (this.#received.pending) this.#acknowledge();
    return this.#received.settle();
  }

  /** Sends acknowledgements alone: operations may have to wait for those of other links. */
  #acknowledge(): void {
    this.#acknowledging ??= (async () => {
      await null;
      await this.#opening;
      this.#acknowledging = null;
      if (this.#closed || this.#sent === this.#received.happened) return;
      if (this.#link === null) await this.#open();
      else this.#track(this.#submit(this.#link, this.#batch([], null)));
    })();
  }

  /** Resolves also when the machine cannot go on. */
  async log(turn: Pick<LeaseRecord, "turn" | "others">): Promise<void> {
    if (this.#lease === null) return;
    const record = this.#lease.record(turn, false);
    this.#record = record;
    while (this.#record === record && !this.#closed) {
      await this.#opening;
      if (this.#record !== record) break;
      if (this.#link === null) await this.#open();
      else await this.#submit(this.#link, this.#batch([], record));
    }
    if (this.#record === record) await new Promise(() => {});
  }

  // ---- the end

  /** Gives the lease back, sends what is left, waits until it is done, and closes the link. */
  async close(): Promise<void> {
    while (!this.#closed) {
      // It may have been granted only now.
      this.#giveBack();
      const busy = [
        this.#sending,
        this.#acknowledging,
        this.#opening,
        this.#leasing,
        this.#returning,
        ...this.#underWay,
      ];
      if (busy.some((one) => one !== null)) await Promise.all(busy);
      else if (this.#acknowledged.length === 0) break;
      else if (this.#link === null) await this.#open();
      else await this.#submit(this.#link, this.#batch([], null));
    }
    this.#closed = true;
    this.#link?.close();
    this.#link = null;
  }

  /** The machine's request has ended, or is not the one that runs: nothing may be sent. */
  abandon(error: Error): void {
    this.#closed = true;
    this.#received.fail(error);
  }

  #fail(error: Error): void {
    this.abandon(error);
    this.#host.log.progress.fail(error);
    this.#host.fail(error);
  }

  // ---- sending

  #track(batch: Promise<void>): void {
    const tracked = batch.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** Once a turn: whatever threads ask of this object until the machine waits goes in one batch. */
  #send(): void {
    if (!this.#closed) this.#sending ??= this.#sendSoon();
  }

  async #sendSoon(): Promise<void> {
    await null;
    await this.#opening;
    await this.#leasing;
    await this.#returning;
    try {
      // What goes to this object must not be known outside before what it may depend on is safe.
      if (this.#unsent.length > 0) await this.#host.othersSettled(this);
    } catch {
      // The machine cannot go on.
    }
    this.#sending = null;
    this.#track(this.#sendNow());
  }

  async #sendNow(): Promise<void> {
    if (this.#closed) return;
    if (this.#returning !== null) return this.#send();
    if (this.#lease !== null) return this.#performUnsent();
    const record = this.#record;
    if (this.#unsent.length === 0 && record === null) return;
    if (this.#link === null) return this.#open();
    const wantsLease = this.#alone && record === null && this.#underWay.size === 0;
    const operations = this.#unsent;
    this.#unsent = [];
    const batch = this.#submit(this.#link, this.#batch(operations, record, wantsLease));
    if (!wantsLease) return batch;
    this.#leasing = batch;
    await batch;
    this.#leasing = null;
    this.#recalled = false;
  }

  /** With all acknowledgements. */
  #batch(operations: readonly ObjectOperation[], record: LeaseRecord | null, wantsLease = false): ObjectBatch {
    this.#sent = this.#received.happened;
    const acknowledged = this.#acknowledged;
    this.#acknowledged = [];
    for (const sequence of acknowledged) this.#confirming.add(sequence);
    return { acknowledged, record, operations, wantsLease };
  }

  /** When the link broke it has been opened anew, with all that was not answered. */
  async #submit(link: ObjectLink, batch: ObjectBatch): Promise<void> {
    const received = this.#sent;
    let answer: ObjectAnswer;
    try {
      this.calls++;
      answer = await link.submit(batch);
    } catch (error) {
      return this.#broken(link, error as Error);
    }
    // When the link has been opened anew in the meantime, the object takes the grant for lost.
    if (this.#link !== link) answer = { ...answer, grant: null };
    this.#answered(answer, batch, received);
  }

  /** Opens the link with all that has no answer; again and again, a while. */
  #open(): Promise<void> {
    this.#opening ??= this.#tryToOpen().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #tryToOpen(): Promise<void> {
    let delay = FIRST_DELAY;
    for (let attempt = 1; !this.#closed; attempt++) {
      this.#batch([], null);
      const acknowledged = [...this.#confirming];
      const [record, operations] = [this.#record, this.#unanswered()];
      const holdsLease = this.#lease !== null || record !== null;
      const batch = { acknowledged, record, operations, wantsLease: this.#eager && !holdsLease };
      const received = this.#sent;
      const { namespace, machine } = this.#host;
      const epoch = ++this.#epoch;
      const hello = { namespace, kind: this.kind, id: this.id, machine, epoch, holdsLease, batch };
      try {
        this.calls++;
        const { answer, link } = await this.#host.open(hello, async (results, recall) => {
          this.#receive(results);
          if (recall) this.#recall();
        });
        this.#link = link;
        if (link !== null) this.#watch(link);
        else this.#objectGone();
        this.#answered(answer, batch, received);
        this.#recalled = false;
        if (this.#unsent.length > 0) this.#send();
        return;
      } catch (error) {
        if (isFenced(error) || attempt === ATTEMPTS) return this.#fail(error as Error);
        await this.#host.sleep(delay);
        delay *= 2;
      }
    }
  }

  /** What the object is asked when a link is opened; with a lease, what is unsent stays here. */
  #unanswered(): ObjectOperation[] {
    const unsent = new Set<number>();
    if (this.#lease === null) this.#unsent = [];
    else for (const { sequence } of this.#unsent) unsent.add(sequence);
    const operations: ObjectOperation[] = [];
    for (const { sequence, request, cancelled } of this.#operations.values()) {
      if (unsent.has(sequence)) continue;
      operations.push({ sequence, request });
      if (cancelled) operations.push({ sequence, request: null });
    }
    return operations;
  }

  /** The object may go while nothing but waiting operations are there. */
  #watch(link: ObjectLink): void {
    const broken = (error?: Error) => this.#broken(link, error ?? new Error("The link was refused."));
    link.closed().then(() => broken(), broken);
  }

  async #broken(link: ObjectLink, error: Error): Promise<void> {
    if (this.#closed) return;
    if (isFenced(error)) return this.#fail(error);
    if (this.#link === link) this.#link = null;
    if (this.#link !== null) return;
    const acknowledged = this.#acknowledged.length + this.#confirming.size;
    const has = this.#operations.size + acknowledged > 0 || this.#received.pending;
    if (has || this.#lease !== null || this.#record !== null) await this.#open();
  }

  // ---- answers

  #answered({ results, alone, grant }: ObjectAnswer, { acknowledged, record }: ObjectBatch, received: number): void {
    if (record === this.#record) this.#record = null;
    for (const sequence of acknowledged) this.#confirming.delete(sequence);
    this.#receive(results);
    this.#received.reached(received);
    if (!this.#received.pending) this.#host.unsettled.delete(this);
    this.#alone = alone;
    if (grant !== null) this.#begin(grant);
  }

  #receive(results: readonly ObjectResult[]): void {
    // A message that comes after the end goes back to its queue.
    if (this.#closed) return;
    for (const { sequence, result } of results) {
      const operation = this.#operations.get(sequence);
      if (operation === undefined) continue;
      this.#operations.delete(sequence);
      const { request, pending } = operation;
      if (isKept(request, result) || (typeof result === "number" && result < 0 && mayWait(request))) {
        this.#acknowledged.push(sequence);
        // A message could go back to its queue as long as the object does not know that it is here.
        if (request.op === "receive" && typeof result === "object") {
          this.#received.happened++;
          this.#host.unsettled.add(this);
        }
      }
      pending?.settle(result);
    }
  }

  // ---- the lease

  #begin(state: ObjectState): void {
    this.#lease = new Lease(this.#host, this.kind, this.id, state, this.#operations);
    for (const { sequence } of this.#lease.waiting) this.#operations.delete(sequence);
    if (this.#recalled) this.#giveBack();
    else if (this.#unsent.length > 0) this.#send();
  }

  /** The object asks for the lease: another machine has come. */
  #recall(): void {
    if (this.#lease !== null) this.#giveBack();
    else if (this.#leasing !== null || this.#opening !== null) this.#recalled = true;
  }

  #giveBack(): void {
    if (this.#lease === null) return;
    this.#returning ??= this.#endLease().finally(() => {
      this.#returning = null;
    });
  }

  /** What waits here waits at the object from now on, and what is unsent goes there. */
  async #endLease(): Promise<void> {
    try {
      // What others did in the same turn must be logged before anybody sees what was done here.
      await this.#host.log.progress.settle();
    } catch (error) {
      return this.abandon(error as Error);
    }
    const lease = this.#lease;
    if (lease === null || this.#closed) return;
    for (const operation of lease.waiting) this.#operations.set(operation.sequence, operation);
    this.#record = lease.record({ turn: this.#host.log.nextTurn(), others: [] }, true);
    lease.end();
    this.#lease = null;
    this.#alone = this.#eager = false;
    this.#send();
  }

  /** There is no such object, and so no lease of it. */
  #objectGone(): void {
    const lease = this.#lease;
    this.#lease = null;
    this.#record = null;
    for (const { pending } of lease?.waiting ?? []) pending?.settle(-EIDRM);
    lease?.end();
  }

  #performUnsent(): void {
    const lease = this.#lease!;
    const known = lease.changed;
    while (this.#unsent.length > 0) {
      const { sequence, request } = this.#unsent[0];
      if (request?.op === "remove") {
        this.#giveBack();
        this.#send();
        break;
      }
      this.#unsent.shift();
      if (request === null) lease.cancel(sequence);
      else {
        const operation = this.#operations.get(sequence)!;
        this.#operations.delete(sequence);
        lease.resume(operation);
      }
    }
    if (lease.changed) this.#changed(lease, known);
  }

  /** `known`: the log has been told since its last record. */
  #changed(lease: Lease, known: boolean): void {
    if (!known) this.#host.log.changed(this);
    if (lease.large) this.#giveBack();
  }
}

const mayWait = ({ op }: ObjectRequest): boolean => op === "operate" || op === "send" || op === "receive";

const isFenced = (error: unknown): boolean => error instanceof Error && error.message.includes(FENCED);
