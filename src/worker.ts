/** The Worker's entry, and the classes of its Durable Objects. */
export { MessageQueueObject } from "../durable/message-queue.ts";
export { Namespace } from "../durable/namespace.ts";
export { SemaphoreSetObject } from "../durable/semaphore-set.ts";
export { app as default } from "./http/app.ts";
