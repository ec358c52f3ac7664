/** A machine's link to an object, as the object holds it. */
import { RpcTarget } from "cloudflare:workers";
import type { CompletionCallback, ObjectAnswer, ObjectBatch, ObjectResult } from "../src/ipc/wire.ts";

/** What a link needs of its object. */
export interface LinkOwner {
  submit(link: Link, batch: ObjectBatch): Promise<ObjectAnswer>;
  /** It is closed, in order or because its machine has gone. */
  left(link: Link): void;
}

/** A function that came by RPC. */
export type Stub<F> = F & Partial<Disposable> & { dup?(): Stub<F> };

/** The runtime disposes of it when the machine's request has ended, however it ended. */
export class Link extends RpcTarget {
  readonly #owner: LinkOwner;
  readonly machine: number;
  readonly epoch: number;
  readonly watch = new Watch();
  readonly #complete: Stub<CompletionCallback>;
  #over = false;

  constructor(owner: LinkOwner, machine: number, epoch: number, complete: Stub<CompletionCallback>) {
    super();
    this.#owner = owner;
    this.machine = machine;
    this.epoch = epoch;
    this.#complete = complete.dup?.() ?? complete;
  }

  submit(batch: ObjectBatch): Promise<ObjectAnswer> {
    return this.#owner.submit(this, batch);
  }

  /** Sends results of what has waited; they are kept, so it does not matter whether they arrive. */
  deliver(results: readonly ObjectResult[]): void {
    this.#call(results, false);
  }

  /** Asks for the lease back. */
  recall(): void {
    this.#call([], true);
  }

  #call(results: readonly ObjectResult[], recall: boolean): void {
    if (!this.#over) void Promise.resolve(this.#complete(results, recall)).catch(() => {});
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    Watch.end(this.watch);
    this.#owner.left(this);
    this.#complete[Symbol.dispose]?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A call of `closed` that is left open tells the machine when the Durable Object has gone. It is a target of its own, because an open
 * call keeps its target from being disposed of.
 */
export class Watch extends RpcTarget {
  readonly #closed = Promise.withResolvers<void>();

  closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Ends the calls, which would keep the Durable Object in memory. */
  static end(watch: Watch): void {
    watch.#closed.resolve();
  }
}
