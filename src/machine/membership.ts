/** A machine as a member of a namespace (kernel/namespace-port.ts): its session, what it asks, and how it comes back. */
import { FENCED } from "../ipc/wire.ts";
import type {
  Attachment,
  MachineEvent,
  MachineReply,
  NamespaceAnswer,
  NamespacePort,
  NamespaceRequest,
  NamespaceSession,
  PidBlock,
} from "../kernel/namespace-port.ts";

interface Question {
  readonly request: NamespaceRequest;
  readonly resolve: (answer: NamespaceAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** What a membership needs of its machine. */
export interface Member {
  /** What the namespace asks, but "alive" and "fenced". */
  answer(event: MachineEvent): MachineReply | Promise<MachineReply>;
  /** What it has leased. */
  blocks(): readonly PidBlock[];
  sleep(ms: number): Promise<void>;
  /** It has been given up, or the namespace cannot be reached: its processes must end. */
  expelled(error: Error): void;
}

/** Milliseconds before the second attempt to attach again; doubled for each further one. */
const FIRST_DELAY = 20;
const ATTEMPTS = 8;

/** Answers of these come from objects or other machines, so nothing else is to wait for them. */
const ROUTED = new Set<NamespaceRequest["op"]>([
  ...(["signal", "schedule", "priorities", "process", "processes", "usage", "list"] as const),
  ...(["hold", "claim", "drop", "group", "anchor", "watch", "ended", "limits"] as const),
]);

export class Membership {
  readonly #port: NamespacePort;
  readonly #member: Member;
  #session!: NamespaceSession;
  #attachment!: Attachment;
  /** Asked with the next batch. */
  #questions: Question[] = [];
  #asking = false;
  /** The session is being made anew. */
  #joining: Promise<void> | null = null;
  #over = false;

  private constructor(port: NamespacePort, member: Member) {
    this.#port = port;
    this.#member = member;
  }

  /** Attaches the machine: one round trip. Rejects when there is no way to the namespace. */
  static async join(port: NamespacePort, member: Member): Promise<Membership> {
    const membership = new Membership(port, member);
    await membership.#attach(false);
    return membership;
  }

  get attachment(): Attachment {
    return this.#attachment;
  }

  /** Asks the namespace; what is asked in one turn goes in one batch. Rejects when the machine cannot go on. */
  ask<A extends NamespaceAnswer>(request: NamespaceRequest): Promise<A> {
    const { promise, resolve, reject } = Promise.withResolvers<NamespaceAnswer>();
    if (this.#over) reject(new Error("The machine has left its namespace."));
    else this.#questions.push({ request, resolve, reject });
    if (!this.#asking && !this.#over) {
      this.#asking = true;
      void this.#flush();
    }
    return promise as Promise<A>;
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.abandon();
    this.#member.expelled(error);
  }

  /** Another request than the machine's is the one that runs: nothing may be sent any more. */
  abandon(): void {
    this.#over = true;
    for (const { reject } of this.#questions.splice(0)) reject(new Error("The machine has left its namespace."));
  }

  /** The machine has ended. A namespace that is not there finds out by itself. */
  async leave(): Promise<void> {
    this.#over = true;
    await this.#joining;
    await this.#session.detach().catch(() => {});
  }

  // ---- the session

  async #attach(again: boolean): Promise<void> {
    const { machine, epoch } = this.#attachment ?? {};
    const session = await this.#port.attach(
      async (events) => Promise.all(events.map((event) => this.#event(event))),
      again ? { machine, epoch, pids: this.#member.blocks() } : null,
    );
    this.#session = session;
    this.#attachment = session.attachment;
    if (again) {
      const { shared, limits } = session.attachment;
      void this.#member.answer({ op: "shared", ...shared, fresh: true });
      void this.#member.answer({ op: "limits", limits });
    }
    const broken = () => {
      if (this.#session === session && !this.#over) void this.#rejoin();
    };
    session.closed().then(broken, broken);
  }

  #event(event: MachineEvent): MachineReply | Promise<MachineReply> {
    if (event.op === "alive") return 0;
    if (event.op !== "fenced") return this.#member.answer(event);
    this.fail(new Error(FENCED));
    return 0;
  }

  #rejoin(): Promise<void> {
    this.#joining ??= this.#tryToRejoin().finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  async #tryToRejoin(): Promise<void> {
    let delay = FIRST_DELAY;
    for (let attempt = 1; !this.#over; attempt++) {
      try {
        return await this.#attach(true);
      } catch (error) {
        if (isFenced(error) || attempt === ATTEMPTS) return this.fail(error as Error);
        await this.#member.sleep(delay);
        delay *= 2;
      }
    }
  }

  // ---- asking

  async #flush(): Promise<void> {
    await this.#joining;
    this.#asking = false;
    const questions = this.#questions;
    this.#questions = [];
    const routed = questions.filter(({ request }) => ROUTED.has(request.op));
    if (routed.length > 0) void this.#batch(routed);
    if (routed.length < questions.length) {
      void this.#batch(questions.filter(({ request }) => !ROUTED.has(request.op)));
    }
  }

  /** Asks again when the session is lost meanwhile. */
  async #batch(questions: readonly Question[]): Promise<void> {
    for (;;) {
      const session = this.#session;
      try {
        const answers = await session.request(questions.map(({ request }) => request));
        for (const [i, { resolve }] of questions.entries()) resolve(answers[i]);
        return;
      } catch (error) {
        if (isFenced(error)) this.fail(error as Error);
        else if (!this.#over && this.#session === session) await this.#rejoin();
        if (!this.#over) continue;
        for (const { reject } of questions) reject(error as Error);
        return;
      }
    }
  }
}

const isFenced = (error: unknown): boolean => error instanceof Error && error.message.includes(FENCED);
