/** The Worker with Durable Objects that a test can end, as the platform does when it needs the machine or has new code. */
import { MessageQueueObject as MessageQueue } from "../../durable/message-queue.ts";
import { Namespace as NamespaceOfMachines } from "../../durable/namespace.ts";
import { SemaphoreSetObject as SemaphoreSet } from "../../durable/semaphore-set.ts";

export { default } from "../../src/worker.ts";

export class Namespace extends NamespaceOfMachines {
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
