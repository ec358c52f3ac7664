/** What a thread asks of its namespace of machines, as data to wait on. */
import { Block, ERESTARTNOINTR, WaitQueue } from "../wait/queue.ts";
import type { NamespaceAnswer } from "./namespace-port.ts";

/** Something asked of the namespace by a thread, which waits for it uninterruptibly, as Linux does in kill(2). */
export class RemoteCall {
  readonly queue = new WaitQueue();
  answer: NamespaceAnswer | undefined;
  /** What came of it in the thread's own machine. */
  readonly local: number;

  constructor(local: number) {
    this.local = local;
  }

  /** To be returned by the handler; it runs again with the call in `saved`. */
  get wait(): Block {
    return new Block([this.queue], ERESTARTNOINTR, { saved: this, uninterruptible: true });
  }
}
