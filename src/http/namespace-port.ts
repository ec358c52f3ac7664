/** A machine's way to its namespace's Durable Objects (kernel/namespace-port.ts), within one request. */
import { objectName } from "../../durable/env.ts";
import type { Namespace } from "../../durable/namespace.ts";
import type { CompletionCallback, ObjectHello, ObjectLink, OpenedObject } from "../ipc/wire.ts";
import type { Attachment, MachineCallback, NamespacePort, NamespaceSession, Rejoin } from "../kernel/namespace-port.ts";
import type { Env } from "./env.ts";

/** What comes by RPC holds the objects on the other side until it is disposed of. */
type Remote<T> = T & Partial<Disposable>;

interface Watch {
  closed(): Promise<void>;
}

/** The classes as they are called: the types of RPC stubs do not express functions as arguments well. */
interface NamespaceStub {
  attach(
    callback: MachineCallback,
    again: Rejoin | null,
  ): Promise<
    Remote<{ attachment: Attachment; session: Omit<NamespaceSession, "attachment" | "closed">; watch: Watch }>
  >;
}
interface ObjectStub {
  open(
    hello: ObjectHello,
    complete: CompletionCallback,
  ): Promise<Remote<{ answer: OpenedObject["answer"]; link: ObjectLink | null; watch: Watch | null }>>;
}

export class WorkersNamespace implements NamespacePort {
  readonly name: string;
  readonly #env: Env;

  constructor(env: Env, name: string) {
    this.name = name;
    this.#env = env;
  }

  async attach(callback: MachineCallback, again: Rejoin | null): Promise<NamespaceSession> {
    const stub: DurableObjectStub<Namespace> = this.#env.NAMESPACES.getByName(this.name);
    const reply = await (stub as unknown as NamespaceStub).attach(callback, again);
    const { attachment, session, watch } = reply;
    return {
      attachment,
      request: (requests) => session.request(requests),
      closed: () => watch.closed(),
      async detach() {
        await session.detach();
        reply[Symbol.dispose]?.();
      },
    };
  }

  async open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject> {
    const { SEMAPHORE_SETS, MESSAGE_QUEUES } = this.#env;
    const name = objectName(this.name, hello.id);
    const stub = hello.kind === "semaphore" ? SEMAPHORE_SETS.getByName(name) : MESSAGE_QUEUES.getByName(name);
    const reply = await (stub as unknown as ObjectStub).open(hello, complete);
    const { answer, link, watch } = reply;
    if (link === null || watch === null) return { answer, link: null };
    return {
      answer,
      link: {
        submit: (batch) => link.submit(batch),
        closed: () => watch.closed(),
        close: () => reply[Symbol.dispose]?.(),
      },
    };
  }
}
