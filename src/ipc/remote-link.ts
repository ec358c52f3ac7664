/**
 * The machine's end of a link to one object (wire.ts): operations go out in order and in batches, come back in any order, and are
 * sent again when the link broke.
 */
import type { Pending } from "./backend.ts";
import {
  type CompletionCallback,
  FENCED,
  isKept,
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
export interface LinkHost {
  readonly namespace: string;
  readonly machine: number;
  open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject>;
  /** Resolves when nothing is left at objects other than `link` that they do not know this machine has (null: nothing is). */
  othersSettled(link: RemoteLink): Promise<unknown> | null;
  sleep(ms: number): Promise<void>;
  /** The machine cannot go on. */
  fail(error: Error): void;
}

interface Operation {
  readonly sequence: number;
  readonly request: ObjectRequest;
  readonly pending: Pending | null;
  cancelled: boolean;
}

/** Milliseconds before the second attempt to open a link; doubled for each further one. */
const FIRST_DELAY = 20;
const ATTEMPTS = 8;

export class RemoteLink {
  readonly #host: LinkHost;
  readonly kind: ObjectKind;
  readonly id: number;
  #epoch = 0;
  #link: ObjectLink | null = null;
  /** Sent, or to be sent, and not answered, by sequence. */
  readonly #operations = new Map<number, Operation>();
  /** What goes with the next batch. */
  #unsent: ObjectOperation[] = [];
  #acknowledged: number[] = [];
  /** Messages that have been received, as long as the object does not know it: they could go back to it. */
  readonly #provisional = new Set<number>();
  /** A batch is about to be made. */
  #sending: Promise<void> | null = null;
  /** Batches that are not answered. */
  readonly #underWay = new Set<Promise<void>>();
  #settling: Promise<void> | null = null;
  #opening: Promise<void> | null = null;
  #closed = false;

  constructor(host: LinkHost, kind: ObjectKind, id: number) {
    this.#host = host;
    this.kind = kind;
    this.id = id;
  }

  submit(sequence: number, request: ObjectRequest, pending: Pending | null): void {
    const operation = { sequence, request, pending, cancelled: false };
    this.#operations.set(sequence, operation);
    this.#unsent.push({ sequence, request });
    this.#send();
  }

  cancel(sequence: number): void {
    const operation = this.#operations.get(sequence);
    if (operation === undefined) return;
    operation.cancelled = true;
    this.#unsent.push({ sequence, request: null });
    this.#send();
  }

  /** Messages that are in the machine and may go back. */
  get provisional(): boolean {
    return this.#provisional.size > 0;
  }

  /** Resolves when the object knows what this machine has received until now. */
  settle(): Promise<void> {
    this.#settling ??= this.#acknowledge().finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  /** Acknowledgements alone: operations may have to wait for those of other links. */
  async #acknowledge(): Promise<void> {
    while (this.#provisional.size > 0 && !this.#closed) {
      if (this.#link === null) {
        await this.#open();
        continue;
      }
      // Those that went before with others are done by then, too.
      const known = [...this.#provisional];
      if (await this.#submit(this.#link, { acknowledged: this.#takeAcknowledged(), operations: [] })) {
        for (const sequence of known) this.#provisional.delete(sequence);
      }
    }
  }

  /** Sends what is left, waits until it is done, and closes the link. */
  async close(): Promise<void> {
    while (this.#sending !== null || this.#opening !== null || this.#underWay.size > 0) {
      await Promise.all([this.#sending, this.#opening, ...this.#underWay]);
    }
    if (this.#acknowledged.length > 0 && this.#link !== null) await this.#batch();
    this.#closed = true;
    this.#link?.close();
    this.#link = null;
  }

  /** The machine's request has ended, or is not the one that runs: nothing may be sent. */
  abandon(): void {
    this.#closed = true;
  }

  // ---- sending

  /** Once a turn: whatever threads ask of this object until the machine waits goes in one batch. */
  #send(): void {
    if (this.#closed) return;
    this.#sending ??= (async () => {
      await null;
      await this.#opening;
      // What goes to this object must not be known outside before what it may depend on is safe.
      await this.#host.othersSettled(this);
      this.#sending = null;
      const batch = this.#batch().finally(() => this.#underWay.delete(batch));
      this.#underWay.add(batch);
    })();
  }

  #takeAcknowledged(): number[] {
    const acknowledged = this.#acknowledged;
    this.#acknowledged = [];
    return acknowledged;
  }

  #take(): ObjectBatch {
    const operations = this.#unsent;
    this.#unsent = [];
    return { acknowledged: this.#takeAcknowledged(), operations };
  }

  async #batch(): Promise<void> {
    if (this.#closed) return;
    if (this.#link === null) await this.#open();
    else await this.#submit(this.#link, this.#take());
  }

  /** False when the link broke; it has been opened anew then, with all that was not answered. */
  async #submit(link: ObjectLink, batch: ObjectBatch): Promise<boolean> {
    let results: readonly ObjectResult[];
    try {
      results = await link.submit(batch);
    } catch (error) {
      await this.#broken(link, batch, error as Error);
      return false;
    }
    for (const sequence of batch.acknowledged) this.#provisional.delete(sequence);
    this.#receive(results);
    return true;
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
      const { acknowledged } = this.#take();
      const operations: ObjectOperation[] = [];
      for (const { sequence, request, cancelled } of this.#operations.values()) {
        operations.push({ sequence, request });
        if (cancelled) operations.push({ sequence, request: null });
      }
      const batch = { acknowledged, operations };
      const { namespace, machine } = this.#host;
      const hello = { namespace, kind: this.kind, id: this.id, machine, epoch: ++this.#epoch, batch };
      try {
        const { results, link } = await this.#host.open(hello, async (later) => this.#receive(later));
        this.#link = link;
        if (link !== null) this.#watch(link);
        for (const sequence of acknowledged) this.#provisional.delete(sequence);
        this.#receive(results);
        if (this.#unsent.length > 0) this.#send();
        return;
      } catch (error) {
        this.#acknowledged.unshift(...acknowledged);
        if (isFenced(error) || attempt === ATTEMPTS) return this.#host.fail(error as Error);
        await this.#host.sleep(delay);
        delay *= 2;
      }
    }
  }

  /** The object may go while nothing but waiting operations are there. */
  #watch(link: ObjectLink): void {
    const broken = (error?: Error) => this.#broken(link, null, error ?? new Error("The link was refused."));
    link.closed().then(() => broken(), broken);
  }

  async #broken(link: ObjectLink, batch: ObjectBatch | null, error: Error): Promise<void> {
    if (batch !== null) this.#acknowledged.unshift(...batch.acknowledged);
    if (this.#closed) return;
    if (isFenced(error)) return this.#host.fail(error);
    if (this.#link === link) this.#link = null;
    if (this.#link === null && this.#operations.size + this.#acknowledged.length > 0) await this.#open();
  }

  #receive(results: readonly ObjectResult[]): void {
    for (const { sequence, result } of results) {
      const operation = this.#operations.get(sequence);
      if (operation === undefined) continue;
      this.#operations.delete(sequence);
      const { request, pending } = operation;
      if (isKept(request, result) || (typeof result === "number" && result < 0 && mayWait(request))) {
        this.#acknowledged.push(sequence);
        if (request.op === "receive" && typeof result === "object") this.#provisional.add(sequence);
      }
      pending?.settle(result);
    }
  }
}

const mayWait = ({ op }: ObjectRequest): boolean => op === "operate" || op === "send" || op === "receive";

const isFenced = (error: unknown): boolean => error instanceof Error && error.message.includes(FENCED);
