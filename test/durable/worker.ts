/**
 * The Worker with Durable Objects that a test can end, as the platform does when it needs the machine or has new code, and with
 * `/-/rpc` and `/-/write`, which tell what calls of a Durable Object take that do nothing and that write a row.
 */
import { MessageQueueObject as MessageQueue } from "../../durable/message-queue.ts";
import { Namespace as NamespaceOfMachines } from "../../durable/namespace.ts";
import { SemaphoreSetObject as SemaphoreSet } from "../../durable/semaphore-set.ts";

import type { Env } from "../../src/http/env.ts";
import app from "../../src/worker.ts";

export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith("/-/")) return app.fetch(request, env, context);
    return time(env, pathname === "/-/write", Number(searchParams.get("count")));
  },
};

/** Milliseconds a call, of `count` one after the other. */
async function time(env: Env, write: boolean, count: number): Promise<Response> {
  const namespace = env.NAMESPACES as unknown as DurableObjectNamespace<Namespace>;
  const stub = namespace.getByName("-bench-");
  const start = Date.now();
  for (let i = 0; i < count; i++) await (write ? stub.write() : stub.nothing());
  return Response.json((Date.now() - start) / count);
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
