/**
 * The other machines of a namespace (namespace-port.ts), as the kernel reaches them: pids are leased from there, and threads wait
 * for answers as data, in a RemoteCall.
 */
import { Block, ERESTARTNOINTR, WaitQueue } from "../wait/queue.ts";
import { LeasedPids } from "./leased-pids.ts";
import type { Attachment, NamespaceAnswer, NamespaceRequest, PidBlock } from "./namespace-port.ts";

/** The machine's membership: answers come when its loop waits. */
export interface RemoteHost {
  readonly attachment: Attachment;
  /** Rejects when the machine cannot go on. */
  ask<A extends NamespaceAnswer>(request: NamespaceRequest): Promise<A>;
  /** Resolves when what the machine has received may be told to others (the output gate); null when it may now. */
  settled(): Promise<unknown> | null;
}

/** Something asked of the namespace by a thread, which waits for it uninterruptibly, as Linux does in kill(2). */
export class RemoteCall {
  readonly queue = new WaitQueue();
  answer: NamespaceAnswer | undefined;
  /** What came of it in the thread's own machine. */
  readonly local: number;

  constructor(local: number) {
    this.local = local;
  }

  /** To be returned by the handler; it runs again with the call in `saved`. */
  get wait(): Block {
    return new Block([this.queue], ERESTARTNOINTR, { saved: this, uninterruptible: true });
  }
}

export class Remote {
  readonly #host: RemoteHost;
  /** Of the outermost pid namespace. */
  readonly pids: LeasedPids;
  #sequence = 0;
  /** Signals that are not answered yet. */
  readonly #signals = new Set<number>();

  constructor(host: RemoteHost) {
    const { pidLimit, pids } = host.attachment;
    this.#host = host;
    this.pids = new LeasedPids(pidLimit, {
      ask: (count) => void this.#lease(count),
      giveBack: (block) => void host.ask({ op: "returnPids", block }).catch(() => {}),
    });
    this.pids.add(pids);
  }

  /** Asks for a thread. */
  call(request: NamespaceRequest, local = 0): RemoteCall {
    const call = new RemoteCall(local);
    void this.#ask(request, call);
    return call;
  }

  /** Asks to send a signal. */
  signal(request: SignalWithoutNumbers, local: number): RemoteCall {
    const sequence = ++this.#sequence;
    this.#signals.add(sequence);
    const call = this.call({ ...request, sequence, settled: Math.min(...this.#signals) }, local);
    const answered = { wake: () => this.#signals.delete(sequence) };
    call.queue.add(answered);
    return call;
  }

  async #ask(request: NamespaceRequest, call: RemoteCall): Promise<void> {
    // What is received and not acknowledged could be taken back; a signal could not.
    const settled = this.#host.settled();
    try {
      if (settled !== null) await settled;
      call.answer = await this.#host.ask(request);
      call.queue.wake();
    } catch {
      // The machine is being ended, the thread with it.
    }
  }

  async #lease(count: number): Promise<void> {
    try {
      const block = await this.#host.ask<PidBlock | null>({ op: "pids", count });
      if (block === null) this.pids.refused();
      else this.pids.add(block);
    } catch {
      this.pids.refused();
    }
  }
}

type SignalWithoutNumbers = Omit<Extract<NamespaceRequest, { op: "signal" }>, "sequence" | "settled">;
