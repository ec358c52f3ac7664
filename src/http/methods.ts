import type { Context } from "hono";
import type { AppEnv } from "./env.ts";
import { methodNotAllowed } from "./errors.ts";

export type Handler = (c: Context<AppEnv>) => Response | Promise<Response>;

/** One handler for a path: by method, HEAD as GET (RFC 9110 9.3.2), 405 with Allow for the others. */
export function methods(handlers: Readonly<Record<string, Handler>>): Handler {
  const allowed = Object.keys(handlers).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return (c) => {
    const method = c.req.method === "HEAD" && !Object.hasOwn(handlers, "HEAD") ? "GET" : c.req.method;
    if (!Object.hasOwn(handlers, method)) throw methodNotAllowed(method, allowed);
    return handlers[method](c);
  };
}
