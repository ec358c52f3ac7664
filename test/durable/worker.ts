/**
 * The Worker with Durable Objects that a test can end, as the platform does when it needs the machine or has new code, and with
 * `/-/rpc`, `/-/write`, `/-/link` and `/-/link-write`, which tell what calls of a Durable Object take that do nothing and that write a
 * row: by its stub, and by an object of its that is held open. `/-/gate` tells what becomes of answers whose writes cannot be committed.
 * A guest that asks getrandom(2) for FAULT bytes meets a host that throws; CLOCK bytes begin with the host's time in milliseconds, a
 * double, which the guest's own clock follows only from one turn of the event loop to the next.
 */
import { RpcTarget } from "cloudflare:workers";
import { MessageQueueObject as MessageQueue } from "../../durable/message-queue.ts";
import { Namespace as NamespaceOfMachines } from "../../durable/namespace.ts";
import { SemaphoreSetObject as SemaphoreSet } from "../../durable/semaphore-set.ts";

import type { Env } from "../../src/http/env.ts";
import app from "../../src/worker.ts";
import { runMember } from "./member.ts";

const FAULT = 31337;
const CLOCK = 31338;
const fill = crypto.getRandomValues.bind(crypto);
crypto.getRandomValues = <T extends ArrayBufferView | null>(into: T): T => {
  if (into?.byteLength === FAULT) throw new Error("a fault injected by a test");
  if (into?.byteLength === CLOCK) {
    new DataView(into.buffer, into.byteOffset).setFloat64(0, Date.now(), true);
    return into;
  }
  return fill(into as never) as T;
};

export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith("/-/")) return app.fetch(request, env, context);
    if (pathname === "/-/gate") return gate(env);
    if (pathname === "/-/member") return runMember(request, env);
    return time(env, pathname.slice("/-/".length), Number(searchParams.get("count")));
  },
};

/** Milliseconds a call, of `count` one after the other. */
async function time(env: Env, what: string, count: number): Promise<Response> {
  const namespace = env.NAMESPACES as unknown as DurableObjectNamespace<Namespace>;
  const stub = namespace.getByName("-bench-");
  const target = what.startsWith("link") ? await stub.target() : stub;
  const write = what.endsWith("write");
  const start = Date.now();
  for (let i = 0; i < count; i++) await (write ? target.write() : target.nothing());
  return Response.json((Date.now() - start) / count);
}

/** Whether what is said after a write that cannot be committed arrives: by an answer of the stub or of a link, by a callback. */
async function gate(env: Env): Promise<Response> {
  const object = () => (env.NAMESPACES as unknown as DurableObjectNamespace<Namespace>).getByName("-gate-");
  const arrives = (answer: Promise<unknown>): Promise<boolean> =>
    answer.then(
      () => true,
      () => false,
    );
  const stub = await arrives(object().doomed());
  const link = await arrives((await object().target()).doomed());
  const calls = async (doomed: boolean): Promise<boolean> => {
    let called = false;
    const callback = () => {
      called = true;
    };
    await arrives((await object().target()).call(callback, doomed));
    return called;
  };
  return Response.json({ stub, link, callback: await calls(true), sound: await calls(false) });
}

/** What is held open: as a machine's link to its object. */
class Target extends RpcTarget {
  readonly #object: Namespace;
  constructor(object: Namespace) {
    super();
    this.#object = object;
  }
  nothing(): number {
    return 0;
  }
  write(): number {
    return this.#object.write();
  }
  doomed(): number {
    return this.#object.doomed();
  }
  /** Writes and calls back; it does not answer before that would have come. */
  async call(callback: () => void, doomed: boolean): Promise<void> {
    if (doomed) this.#object.doomed();
    else this.#object.write();
    void Promise.resolve(callback()).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export class Namespace extends NamespaceOfMachines {
  nothing(): number {
    return 0;
  }
  write(): number {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS bench (id INTEGER PRIMARY KEY, value TEXT)");
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO bench VALUES (1, ?)", crypto.randomUUID());
    return 0;
  }
  /** Writes what SQLite finds out only when it commits: a row whose foreign key leads nowhere. */
  doomed(): number {
    this.ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS parent (id INTEGER PRIMARY KEY);
       CREATE TABLE IF NOT EXISTS child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
       INSERT INTO child VALUES (1);`,
    );
    return 0;
  }
  target(): Target {
    return new Target(this);
  }
  abort(): void {
    this.ctx.abort("evicted by a test");
  }
}
export class MessageQueueObject extends MessageQueue {
  abort(): void {
    this.ctx.abort("evicted by a test");
  }
}
export class SemaphoreSetObject extends SemaphoreSet {
  abort(): void {
    this.ctx.abort("evicted by a test");
  }
}
