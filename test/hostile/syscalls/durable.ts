/**
 * The Durable Objects of a namespace (durable/), on SQLite in memory in this process, and ways to them that take turns of the event loop
 * and can be cut. What a Worker's runtime does is here: arguments are copied, what came by RPC is disposed of with its request.
 */
import { registerHooks } from "node:module";
import { DatabaseSync } from "node:sqlite";
import type { MessageQueueObject } from "../../../durable/message-queue.ts";
import type { Namespace } from "../../../durable/namespace.ts";
import type { SemaphoreSetObject } from "../../../durable/semaphore-set.ts";
import type { OpenReply } from "../../../durable/shared-object.ts";
import type { CompletionCallback, ObjectHello, OpenedObject } from "../../../src/ipc/wire.ts";
import type { MachineCallback, NamespacePort, NamespaceSession, Rejoin } from "../../../src/kernel/namespace-port.ts";
import { storage } from "../../ipc/sql-storage.ts";
import type { Random } from "../random.ts";

const MODULE = `
  export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }
  export class RpcTarget {}
`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: `data:text/javascript,${encodeURIComponent(MODULE)}`, shortCircuit: true }
      : next(specifier, context),
});
const folder = "../../../durable";
const classes = {
  namespace: (await import(`${folder}/namespace.ts`)).Namespace as typeof Namespace,
  semaphore: (await import(`${folder}/semaphore-set.ts`)).SemaphoreSetObject as typeof SemaphoreSetObject,
  message: (await import(`${folder}/message-queue.ts`)).MessageQueueObject as typeof MessageQueueObject,
};
type Kind = keyof typeof classes;

export const NAME = "fuzz";
/** What calls fail with when a machine's request has ended. */
export const OVER = "The request is over.";

/** Tables of a namespace that say what it has given out before, not what there is. */
const LASTING = new Set(["limits", "next_pids", "ids", "sqlite_sequence"]);

interface Stored {
  readonly kind: Kind;
  readonly database: DatabaseSync;
  readonly instance: Namespace | SemaphoreSetObject | MessageQueueObject;
}

export class Platform {
  readonly #random: Random;
  /** Some calls are much later than others. */
  readonly #uneven: boolean;
  readonly #objects = new Map<string, Stored>();

  constructor(random: Random) {
    this.#random = random;
    this.#uneven = random.below(3) === 0;
  }

  /** A call's way: some turns of the event loop, or some milliseconds. */
  async travel(): Promise<void> {
    if (this.#uneven && this.#random.below(12) === 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#random.below(40)));
    }
    for (let turns = this.#random.below(4); turns >= 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  }

  /** A machine's way. */
  port(): CuttablePort {
    return new CuttablePort(this);
  }

  get namespace(): Namespace {
    return this.object("namespace", NAME) as Namespace;
  }

  object(kind: Kind, name: string): Stored["instance"] {
    const key = `${kind} ${name}`;
    let stored = this.#objects.get(key);
    if (stored === undefined) {
      const database = new DatabaseSync(":memory:");
      const binding = (of: Kind) => ({ getByName: (other: string) => this.#stub(of, other) });
      const env = {
        NAMESPACES: binding("namespace"),
        SEMAPHORE_SETS: binding("semaphore"),
        MESSAGE_QUEUES: binding("message"),
      };
      const state = {
        id: { name },
        storage: {
          sql: storage(database),
          setAlarm: async () => {},
          deleteAlarm: async () => {},
          deleteAll: async () => deleteAll(database),
        },
      };
      stored = { kind, database, instance: new classes[kind](state as never, env as never) };
      this.#objects.set(key, stored);
    }
    return stored.instance;
  }

  /** An object, as others call it. */
  #stub(kind: Kind, name: string): unknown {
    const call = async (method: string, args: unknown[]) => {
      await this.travel();
      const instance = this.object(kind, name) as unknown as Record<string, (...args: unknown[]) => unknown>;
      const answer = structuredClone(await instance[method](...structuredClone(args)));
      await this.travel();
      return answer;
    };
    return new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: unknown[]) =>
            call(method as string, args),
      },
    );
  }

  /** What is left of machines and objects: tables that have rows. Objects that were removed empty their storage first. */
  async left(): Promise<string[]> {
    for (const { kind, instance } of this.#objects.values()) {
      if (kind !== "namespace") await (instance as MessageQueueObject).alarm();
    }
    const found: string[] = [];
    for (const [name, { database }] of this.#objects) {
      for (const table of tablesOf(database)) {
        const rows = database.prepare(`SELECT * FROM "${table}"`).all();
        if (rows.length > 0 && !LASTING.has(table)) found.push(`${name}: ${table} has ${JSON.stringify(rows[0])}`);
      }
    }
    return found;
  }
}

const tablesOf = (database: DatabaseSync): string[] =>
  database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => name as string);

function deleteAll(database: DatabaseSync): void {
  for (const table of tablesOf(database)) if (!table.startsWith("sqlite_")) database.exec(`DROP TABLE "${table}"`);
}

/** Of calls of one target: they arrive in the order in which they were made, and so do their answers. */
class Way {
  readonly #platform: Platform;
  readonly #last = { there: Promise.resolve(), back: Promise.resolve() };

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  travel(to: "there" | "back"): Promise<void> {
    const arrived = Promise.all([this.#last[to], this.#platform.travel()]).then(() => {});
    this.#last[to] = arrived;
    return arrived;
  }
}

/** What a machine has of the platform: from its request, which can end at any time. */
export class CuttablePort implements NamespacePort {
  readonly name = NAME;
  readonly #platform: Platform;
  /** What the runtime disposes of with the request. */
  readonly #held = new Set<Disposable>();
  #cut = false;
  readonly #broken = Promise.withResolvers<never>();

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#broken.promise.catch(() => {});
  }

  /** The machine's request is over from one moment to the next. */
  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#broken.reject(new Error(OVER));
    for (const held of this.#held) held[Symbol.dispose]();
    this.#held.clear();
  }

  #check(): void {
    if (this.#cut) throw new Error(OVER);
  }

  async #call<T>(way: Way, what: () => T | Promise<T>): Promise<T> {
    this.#check();
    await way.travel("there");
    this.#check();
    const answer = await Promise.race([what(), this.#broken.promise]);
    await way.travel("back");
    this.#check();
    return answer;
  }

  async attach(callback: MachineCallback, again: Rejoin | null): Promise<NamespaceSession> {
    const [way, callbacks] = [new Way(this.#platform), new Way(this.#platform)];
    const guarded: MachineCallback = (events) =>
      this.#call(callbacks, async () => structuredClone(await callback(structuredClone(events))));
    const { attachment, session, watch } = await this.#call(way, () => {
      const reply = this.#platform.namespace.attach(guarded, structuredClone(again));
      this.#held.add(reply.session);
      return reply;
    });
    return {
      attachment: structuredClone(attachment),
      request: async (requests) => {
        const copy = structuredClone(requests);
        return structuredClone(await this.#call(way, () => session.request(copy)));
      },
      closed: () => Promise.race([watch.closed(), this.#broken.promise]),
      detach: async () => {
        await this.#call(way, () => session.detach());
        this.#held.delete(session);
        session[Symbol.dispose]();
      },
    };
  }

  async open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject> {
    const sent = structuredClone(hello);
    const object = this.#platform.object(hello.kind, `${NAME}/${hello.id}`) as MessageQueueObject;
    const [way, callbacks] = [new Way(this.#platform), new Way(this.#platform)];
    const guarded = (async (results, recall) => {
      const copy = structuredClone(results);
      await this.#call(callbacks, () => complete(copy, recall));
    }) as CompletionCallback;
    const { answer, link, watch } = await this.#call(way, async () => {
      const reply: OpenReply = await object.open(sent, guarded);
      if (reply.link !== null && this.#cut) reply.link[Symbol.dispose]();
      else if (reply.link !== null) this.#held.add(reply.link);
      return reply;
    });
    if (link === null || watch === null) return { answer: structuredClone(answer), link: null };
    return {
      answer: structuredClone(answer),
      link: {
        submit: async (batch) => {
          const copy = structuredClone(batch);
          return structuredClone(await this.#call(way, () => link.submit(copy)));
        },
        closed: () => Promise.race([watch.closed(), this.#broken.promise]),
        close: () => {
          this.#held.delete(link);
          link[Symbol.dispose]();
        },
      },
    };
  }
}
