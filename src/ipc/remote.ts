/**
 * System V objects that machines share: each in a Durable Object, which operations go to directly (remote-link.ts); keys and ids
 * are the namespace's.
 */
import { EIDRM, EINVAL } from "../abi/errno.ts";
import { IPC_PRIVATE } from "../abi/ipc.ts";
import { type IpcBackend, type IpcLimits, Pending } from "./backend.ts";
import { LeaseLog } from "./lease-log.ts";
import { withinUsual } from "./message-queue.ts";
import type {
  GetRequest,
  IpcRequest,
  IpcResult,
  MemoryBudget,
  MessageQueueRequest,
  SemaphoreSetRequest,
} from "./protocol.ts";
import { type LinkHost, RemoteLink } from "./remote-link.ts";
import type { CompletionCallback, ObjectHello, ObjectKind, OpenedObject } from "./wire.ts";

/** The namespace's answer to semget or msgget: `fresh` objects are the caller's own, others must be asked for their rights. */
export interface Found {
  readonly id: number;
  readonly fresh: boolean;
}

/** What only the namespace knows. */
export type Question =
  | (GetRequest & { readonly kind: ObjectKind; readonly sequence: number })
  | { readonly op: "at"; readonly kind: ObjectKind; readonly index: number }
  | { readonly op: "usage" | "list"; readonly kind: ObjectKind };

/** What it needs of the machine. */
export interface RemoteIpcHost {
  /** The namespace's name. */
  readonly namespace: string;
  /** This machine's number there. */
  readonly machine: number;
  readonly limits: IpcLimits;
  /** What objects that are leased to this machine take up. */
  readonly memory: MemoryBudget;
  /** Asks the namespace. Rejects when the machine cannot go on. */
  ask(question: Question): Promise<IpcResult | Found>;
  open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject>;
  sleep(ms: number): Promise<void>;
  /** The machine cannot go on. */
  fail(error: Error): void;
}

/** How often an object may be removed between the namespace's answer and its own. */
const TRIES = 10;

export class RemoteIpc implements IpcBackend, LinkHost {
  readonly #host: RemoteIpcHost;
  readonly limits: IpcLimits;
  /** By kind and id. */
  readonly #links = new Map<number, RemoteLink>();
  /** The one that was used last: most often it is asked for again. */
  #lastLink: RemoteLink | null = null;
  /** Sets in which an undo list may have something. */
  readonly #undo = new Map<number, Set<RemoteLink>>();
  /** Questions to the namespace that are not answered. */
  readonly #asked = new Set<Promise<void>>();
  readonly unsettled = new Set<RemoteLink>();
  readonly log = new LeaseLog();
  #sequence = 0;
  #over = false;
  /** The machine cannot go on, and what has been asked may have no answer. */
  readonly #failed = Promise.withResolvers<void>();
  /** What threads have asked. */
  #operations = 0;
  /** Questions to the namespace. */
  #questions = 0;

  constructor(host: RemoteIpcHost) {
    this.#host = host;
    this.limits = { ...host.limits };
  }

  submit(request: IpcRequest, now: number): IpcResult | Pending {
    this.#operations++;
    switch (request.op) {
      case "get":
      case "usage":
      case "list":
        return this.#asking(request.kind, -1, (pending) => this.#askNamespace(request, pending, now));
      case "end":
        return this.#endUndo(request.undo, request, now);
      default:
        if (request.byIndex) return this.#asking(request.kind, request.id, () => this.#atIndex(request, now));
        return this.#operate(request, now);
    }
  }

  cancel(pending: Pending): void {
    this.#links.get(number(pending.kind, pending.id))?.cancel(pending.sequence);
  }

  /** Operations that threads have asked for, and calls that were made for them. */
  get traffic(): { readonly operations: number; readonly calls: number } {
    let calls = this.#questions;
    for (const link of this.#links.values()) calls += link.calls;
    return { operations: this.#operations, calls };
  }

  /** Shared objects outlive the processes of a machine. */
  end(): void {}

  // ---- the output gate

  /**
   * Resolves when all that this machine has received and done at objects is safe there, whatever happens to the machine; null when
   * that is so now. Rejects when it cannot be any more.
   */
  settle(): Promise<unknown> | null {
    return this.#settled(null);
  }

  othersSettled(link: RemoteLink): Promise<unknown> | null {
    return this.#settled(link);
  }

  #settled(but: RemoteLink | null): Promise<unknown> | null {
    let waits: Promise<void>[] | null = this.log.progress.pending ? [this.log.progress.settle()] : null;
    for (const link of this.unsettled) if (link !== but) (waits ??= []).push(link.settle());
    return waits && Promise.all(waits);
  }

  // ---- the end

  /** All processes have ended: what they left to undo is undone, what they have received is theirs. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await Promise.race([Promise.all(this.#asked), this.#failed.promise]);
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  /** Nothing may be sent any more: another request is the one that runs. */
  abandon(): void {
    this.#over = true;
    const error = new Error("The machine was given up.");
    this.log.progress.fail(error);
    for (const link of this.#links.values()) link.abandon(error);
    this.#failed.resolve();
  }

  // ---- as the links' host

  get namespace(): string {
    return this.#host.namespace;
  }
  get machine(): number {
    return this.#host.machine;
  }
  get memory(): MemoryBudget {
    return this.#host.memory;
  }
  ticket(kind: ObjectKind, id: number): Pending {
    return new Pending(this, this.machine, ++this.#sequence, kind, id);
  }
  open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject> {
    return this.#host.open(hello, complete);
  }
  sleep(ms: number): Promise<void> {
    return this.#host.sleep(ms);
  }
  fail(error: Error): void {
    this.#failed.resolve();
    if (!this.#over) this.#host.fail(error);
  }

  // ---- requests

  #operate(request: Extract<IpcRequest, { id: number }>, now: number): IpcResult | Pending {
    const link = this.#link(request.kind, request.id);
    if (request.kind === "message" && request.op === "set") {
      request = { ...request, ...withinUsual(request, this.limits.queueBytes) };
    }
    if (request.op === "operate" && request.undo !== 0 && link.lastUndo !== request.undo) {
      link.lastUndo = request.undo;
      const links = this.#undo.get(request.undo);
      if (links === undefined) this.#undo.set(request.undo, new Set([link]));
      else links.add(link);
    }
    const done = link.perform(request, now);
    if (done !== undefined) return done;
    const { kind, id, byIndex: _, ...operation } = request;
    const pending = this.ticket(kind, id);
    link.submit(pending.sequence, operation as SemaphoreSetRequest | MessageQueueRequest, pending, now);
    return pending;
  }

  #endUndo(undo: number, { caller }: { caller: GetRequest["caller"] }, now: number): number {
    const request = { op: "undo", caller, undo } as const;
    for (const link of this.#undo.get(undo) ?? []) {
      if (link.lastUndo === undo) link.lastUndo = 0;
      if (link.perform(request, now) === undefined) link.submit(++this.#sequence, request, null, now);
    }
    this.#undo.delete(undo);
    return 0;
  }

  #asking(kind: ObjectKind, id: number, answer: (pending: Pending) => Promise<IpcResult>): Pending {
    const pending = this.ticket(kind, id);
    const asked = answer(pending)
      .then((result) => pending.settle(result))
      .catch((error) => this.fail(error))
      .finally(() => this.#asked.delete(asked));
    this.#asked.add(asked);
    return pending;
  }

  async #askNamespace(
    request: Extract<IpcRequest, { op: "get" | "usage" | "list" }>,
    pending: Pending,
    now: number,
  ): Promise<IpcResult> {
    // What was received could go back; what the namespace is told could not.
    await this.settle();
    this.#questions++;
    if (request.op !== "get") return (await this.#host.ask({ op: request.op, kind: request.kind })) as IpcResult;
    const { kind, caller, key, flags, count } = request;
    let { sequence } = pending;
    for (let i = 0; i < TRIES; i++) {
      const found = await this.#host.ask({ op: "get", kind, sequence, caller, key, flags, count });
      if (typeof found === "number") return found;
      const { id, fresh } = found as Found;
      if (fresh) {
        if (key === IPC_PRIVATE) this.#link(kind, id, true);
        return id;
      }
      const opened = await this.#ask(kind, id, { op: "open", caller, flags, count: 0 }, now);
      // It was removed in the meantime.
      if (opened !== -EINVAL && opened !== -EIDRM) return opened;
      sequence = ++this.#sequence;
    }
    return -EIDRM;
  }

  async #atIndex(request: Extract<IpcRequest, { id: number }>, now: number): Promise<IpcResult> {
    const { kind, id: index, byIndex: _, ...operation } = request;
    this.#questions++;
    const id = (await this.#host.ask({ op: "at", kind, index })) as number;
    return id < 0 ? id : this.#ask(kind, id, operation as SemaphoreSetRequest | MessageQueueRequest, now);
  }

  /** Asks an object something that does not wait. */
  #ask(
    kind: ObjectKind,
    id: number,
    request: SemaphoreSetRequest | MessageQueueRequest,
    now: number,
  ): Promise<IpcResult> {
    const link = this.#link(kind, id);
    const done = link.perform(request, now);
    if (done !== undefined) return Promise.resolve(done as IpcResult);
    const pending = this.ticket(kind, id);
    return new Promise((resolve) => {
      pending.queue.add({ wake: () => resolve(pending.result!) });
      link.submit(pending.sequence, request, pending, now);
    });
  }

  /** `own`: nobody else knows of the object yet. */
  #link(kind: ObjectKind, id: number, own = false): RemoteLink {
    const last = this.#lastLink;
    if (last !== null && last.id === id && last.kind === kind) return last;
    const key = number(kind, id);
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new RemoteLink(this, kind, id, own);
      this.#links.set(key, link);
    }
    this.#lastLink = link;
    return link;
  }
}

const number = (kind: ObjectKind, id: number): number => 2 * id + (kind === "message" ? 1 : 0);
