/**
 * A machine as a member of a namespace (namespace-port.ts): it attaches, asks, is asked, attaches again when the namespace was
 * started anew, and leaves. Threads wait for answers as data, in a RemoteCall.
 */
import { ESRCH } from "../abi/errno.ts";
import { FENCED } from "../ipc/wire.ts";
import { Block, ERESTARTNOINTR, WaitQueue } from "../wait/queue.ts";
import { LeasedPids, type PidLessor } from "./leased-pids.ts";
import type {
  Attachment,
  MachineEvent,
  MachineReply,
  NamespaceAnswer,
  NamespacePort,
  NamespaceRequest,
  NamespaceSession,
  PidBlock,
} from "./namespace-port.ts";

/** What a membership needs of its machine. */
export interface MembershipHost {
  /** What the namespace asks, but "alive" and "fenced". */
  answer(event: MachineEvent): MachineReply;
  /** Resolves when what the machine has received can be told to others (the output gate); null when it can be now. */
  settled(): Promise<unknown> | null;
  sleep(ms: number): Promise<void>;
  /** The machine cannot go on. */
  fail(error: Error): void;
}

/** Something asked of the namespace by a thread, which waits for it uninterruptibly, as kill(2) is. */
export class RemoteCall {
  readonly queue = new WaitQueue();
  answer: NamespaceAnswer | undefined;
  /** What the thread's own machine had to say; the two are put together when the answer is there. */
  readonly local: number;

  constructor(local: number) {
    this.local = local;
  }

  /** To be returned by the handler; it runs again with the call in `saved`. */
  get wait(): Block {
    return new Block([this.queue], ERESTARTNOINTR, { saved: this, uninterruptible: true });
  }
}

interface Question {
  readonly request: NamespaceRequest;
  readonly resolve: (answer: NamespaceAnswer) => void;
}

/** Milliseconds before the second attempt; doubled for each further one. */
const FIRST_DELAY = 20;
const ATTEMPTS = 8;

/** Answers of these depend on other machines, so nothing else is to wait for them. */
const ROUTED = new Set<NamespaceRequest["op"]>(["signal", "process", "processes"]);

export class Membership {
  readonly #port: NamespacePort;
  readonly #host: MembershipHost;
  #session: NamespaceSession | null = null;
  #attachment!: Attachment;
  #attaching: Promise<void> | null = null;
  #pids!: LeasedPids;
  readonly #lessor: PidLessor = {
    ask: async (count) => {
      const block = (await this.ask({ op: "pids", count })) as PidBlock | null;
      if (block === null) this.#pids.refused();
      else this.#pids.add(block);
    },
    giveBack: (block) => void this.ask({ op: "returnPids", block }),
  };
  readonly #unsent: Question[] = [];
  #sending = false;
  #over = false;
  #sequence = 0;
  /** Signals that are not answered. */
  readonly #signals = new Set<number>();

  private constructor(port: NamespacePort, host: MembershipHost) {
    this.#port = port;
    this.#host = host;
  }

  /** Rejects when there is no way to the namespace. */
  static async attach(port: NamespacePort, host: MembershipHost): Promise<Membership> {
    const membership = new Membership(port, host);
    await membership.#open();
    return membership;
  }

  get attachment(): Attachment {
    return this.#attachment;
  }

  /** Of the machine's outermost pid namespace. */
  get pids(): LeasedPids {
    return this.#pids;
  }

  /** The answer comes when the machine's loop waits; never, once the machine has left. */
  ask(request: NamespaceRequest): Promise<NamespaceAnswer> {
    return new Promise((resolve) => {
      this.#unsent.push({ request, resolve });
      this.#send();
    });
  }

  /** Asks for a thread. */
  call(request: NamespaceRequest, local = 0): RemoteCall {
    const call = new RemoteCall(local);
    void this.ask(request).then((answer) => {
      call.answer = answer;
      call.queue.wake();
    });
    return call;
  }

  /** Numbers of a signal to be sent, and what is to be called when it is answered. */
  nextSignal(): { readonly sequence: number; readonly settled: number } {
    const sequence = ++this.#sequence;
    this.#signals.add(sequence);
    return { sequence, settled: Math.min(...this.#signals) };
  }

  signalAnswered(sequence: number): void {
    this.#signals.delete(sequence);
  }

  /** The machine has ended in order. */
  async detach(): Promise<void> {
    const session = this.#session;
    if (this.#over) return;
    this.#over = true;
    await session?.detach();
  }

  /** Nothing may be sent any more: another request is the one that runs. */
  abandon(): void {
    this.#over = true;
  }

  // ---- attaching

  #open(): Promise<void> {
    this.#attaching ??= this.#tryToOpen().finally(() => {
      this.#attaching = null;
    });
    return this.#attaching;
  }

  async #tryToOpen(): Promise<void> {
    const before = this.#attachment as Attachment | undefined;
    const again =
      before === undefined ? null : { machine: before.machine, epoch: before.epoch, pids: this.#pids.blocks };
    const session = await this.#port.attach(async (events) => this.#asked(events), again);
    this.#attachment = session.attachment;
    if (again === null) {
      this.#pids = new LeasedPids(session.attachment.pidLimit, this.#lessor);
      this.#pids.add(session.attachment.pids);
    }
    this.#session = session;
    const lost = () => this.#lost(session);
    session.closed().then(lost, lost);
  }

  /** The namespace has gone. It is to know of this machine again soon, whether there is something to ask or not. */
  #lost(session: NamespaceSession): void {
    if (this.#session !== session) return;
    this.#session = null;
    if (!this.#over) void this.#persist(async () => {});
  }

  #asked(events: readonly MachineEvent[]): MachineReply[] {
    return events.map((event) => {
      if (this.#over) return event.op === "process" || event.op === "processes" ? null : -ESRCH;
      if (event.op === "alive") return 0;
      if (event.op !== "fenced") return this.#host.answer(event);
      this.#host.fail(new Error(FENCED));
      return 0;
    });
  }

  // ---- asking

  /** Once a turn: whatever threads ask until the machine waits goes together. */
  #send(): void {
    if (this.#sending || this.#over) return;
    this.#sending = true;
    queueMicrotask(async () => {
      await this.#host.settled();
      this.#sending = false;
      const questions = this.#unsent.splice(0);
      const routed = questions.filter(({ request }) => ROUTED.has(request.op));
      if (routed.length > 0) void this.#batch(routed);
      if (routed.length < questions.length)
        void this.#batch(questions.filter(({ request }) => !ROUTED.has(request.op)));
    });
  }

  #batch(questions: readonly Question[]): Promise<void> {
    return this.#persist(async (session) => {
      const answers = await session.request(questions.map(({ request }) => request));
      for (const [i, { resolve }] of questions.entries()) resolve(answers[i]);
    });
  }

  /** Does `step` with a session, and again with the next if that one is lost meanwhile. */
  async #persist(step: (session: NamespaceSession) => Promise<void>): Promise<void> {
    let delay = FIRST_DELAY;
    for (let attempt = 1; !this.#over; attempt++) {
      const session = this.#session;
      try {
        if (session === null) await this.#open();
        await step(this.#session!);
        return;
      } catch (error) {
        if (this.#over) return;
        if (isFenced(error) || attempt === ATTEMPTS) return this.#host.fail(error as Error);
        if (session !== null && this.#session === session) this.#session = null;
        await this.#host.sleep(delay);
        delay *= 2;
      }
    }
  }
}

const isFenced = (error: unknown): boolean => error instanceof Error && error.message.includes(FENCED);
