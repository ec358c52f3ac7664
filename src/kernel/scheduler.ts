/** Which thread runs next, and what the others wait for. */
import { Deadlines } from "../wait/deadlines.ts";
import type { Block, WaitQueue } from "../wait/queue.ts";
import { BLOCKED, RUNNABLE, STOPPED, type Thread } from "./task.ts";

/** A closure in its place costs: dead machines then outlive minor collections of V8's, and are copied and promoted with all they have. */
export interface SchedulerListener {
  onRunnable(): void;
}

export class Scheduler {
  readonly deadlines = new Deadlines();
  /** Runnable threads in order; the head is at #head. A thread that is not runnable any more is skipped. */
  #queue: Thread[] = [];
  #head = 0;
  /** Who is told when a thread becomes runnable while none was. */
  listener: SchedulerListener | null = null;

  get idle(): boolean {
    return this.#head === this.#queue.length;
  }

  /** Runnable threads. */
  get length(): number {
    return this.#queue.length - this.#head;
  }

  /** Makes a new, woken or preempted thread the last of the runnable ones. */
  enqueue(t: Thread): void {
    if (t.queued) return;
    t.queued = true;
    const idle = this.idle;
    this.#queue.push(t);
    if (idle) this.listener?.onRunnable();
  }

  /** Takes the first runnable thread, or null. */
  next(): Thread | null {
    while (this.#head < this.#queue.length) {
      const t = this.#queue[this.#head++];
      if (this.#head === this.#queue.length) {
        this.#queue.length = this.#head = 0;
      } else if (this.#head >= 256) {
        this.#queue.splice(0, this.#head);
        this.#head = 0;
      }
      t.queued = false;
      if (t.state === RUNNABLE) return t;
    }
    return null;
  }

  /** The thread waits for `block`. */
  block(t: Thread, block: Block): void {
    t.blocked = block;
    t.state = BLOCKED;
    for (const queue of block.queues) queue.add(t);
    if (block.deadline !== Number.POSITIVE_INFINITY) this.deadlines.set(t.timeout, block.deadline);
  }

  /** The thread's wait is over: one of its queues fired, its deadline has passed, or a signal came. */
  wake(t: Thread): void {
    const block = t.blocked;
    if (block === null) return;
    this.#leave(t, block);
    t.saved = block.saved ?? null;
    if (t.state !== BLOCKED) return;
    t.state = RUNNABLE;
    this.enqueue(t);
  }

  /** Job control: it does not run until `resume`, though its wait goes on. */
  stop(t: Thread): void {
    if (t.state === RUNNABLE || t.state === BLOCKED) t.state = STOPPED;
  }

  resume(t: Thread): void {
    if (t.state !== STOPPED) return;
    if (t.blocked !== null) {
      t.state = BLOCKED;
    } else {
      t.state = RUNNABLE;
      this.enqueue(t);
    }
  }

  /** Forgets a thread that has ended. */
  remove(t: Thread): void {
    if (t.blocked !== null) this.#leave(t, t.blocked);
  }

  #leave(t: Thread, block: Block): void {
    t.blocked = null;
    for (const queue of block.queues as readonly WaitQueue[]) queue.delete(t);
    this.deadlines.cancel(t.timeout);
  }
}
