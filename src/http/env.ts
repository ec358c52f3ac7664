import type { DurableEnv } from "../../durable/env.ts";

/** What wrangler.toml binds to the Worker. */
export interface Env extends DurableEnv {
  /** Functions, images and their chunks. */
  readonly OBJECTS: R2Bucket;
  /** Bearer token of the management interface; without it `/_/` answers 503. */
  readonly BINLET_TOKEN?: string;
  /** Resolver that programs' DNS queries go to (RFC 8484). Default: Cloudflare's. */
  readonly DOH_URL?: string;
  /** For development: `host:port=host:port`, where hosts that programs may reach really are. */
  readonly EGRESS_MAP?: string;
}

/** Type argument of hono's `Hono` and `Context`. */
export interface AppEnv {
  Bindings: Env;
}
