/** What the Durable Object classes find bound (wrangler.toml). */
import type { MessageQueueObject } from "./message-queue.ts";
import type { Namespace } from "./namespace.ts";
import type { SemaphoreSetObject } from "./semaphore-set.ts";

export interface DurableEnv {
  readonly NAMESPACES: DurableObjectNamespace<Namespace>;
  readonly SEMAPHORE_SETS: DurableObjectNamespace<SemaphoreSetObject>;
  readonly MESSAGE_QUEUES: DurableObjectNamespace<MessageQueueObject>;
}

/** The name of an object's Durable Object. A namespace's name has no slash. */
export const objectName = (namespace: string, id: number): string => `${namespace}/${id}`;

/** A machine that does not come back within this time after its object was started anew is asked about (milliseconds). */
export const GRACE = 3000;
