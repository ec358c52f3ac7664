/**
 * One POSIX message queue (mq_overview(7)): messages by priority, and those who wait for one or for room. A message that is sent
 * goes straight to a receiver that waits, and a message that is taken makes room for the sender that has waited longest, or has
 * the highest scheduling priority.
 */
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { WaitQueue } from "../wait/queue.ts";
import type { MemoryBudget } from "./protocol.ts";

export interface PosixMessage {
  readonly priority: number;
  readonly text: Uint8Array;
}

/** mq_notify(3): who is told when a message comes to the empty queue, once. */
export interface QueueNotification {
  /** SIGEV_*. */
  readonly kind: number;
  readonly signal: number;
  readonly pid: number;
  /** The process has ended. */
  readonly gone: boolean;
  tell(): void;
  /** It was taken back. */
  withdrawn(): void;
}

/** A call that waits. */
export class QueueWait {
  /** Fires when it is served. */
  readonly queue = new WaitQueue();
  served = false;
  /** What is to be sent, or has been received. */
  message: PosixMessage | null;
  /** Scheduling priority: higher ones are served first. */
  readonly rank: number;
  readonly #list: QueueWait[];
  readonly #owner: PosixQueue;

  constructor(owner: PosixQueue, list: QueueWait[], message: PosixMessage | null, rank: number) {
    this.#owner = owner;
    this.#list = list;
    this.message = message;
    this.rank = rank;
    const before = list.findIndex((other) => other.rank < rank);
    list.splice(before < 0 ? list.length : before, 0, this);
  }

  serve(message: PosixMessage | null): void {
    this.message = message;
    this.served = true;
    this.queue.wake();
  }

  /** The caller gives up. */
  cancel(): void {
    const at = this.#list.indexOf(this);
    if (at < 0) return;
    this.#list.splice(at, 1);
    if (this.message !== null) this.#owner.forget(this.message);
  }
}

/** What a message takes up in memory (bytes). */
const sizeOf = (message: PosixMessage): number => 128 + message.text.length;

export class PosixQueue {
  readonly maxMessages: number;
  /** Most bytes of a message. */
  readonly messageSize: number;
  count = 0;
  /** Of all messages. */
  bytes = 0;
  notification: QueueNotification | null = null;
  readonly readable = new WaitQueue(POLLIN | POLLRDNORM);
  readonly writable = new WaitQueue(POLLOUT | POLLWRNORM);
  readonly #memory: MemoryBudget;
  /** Messages of one priority in order of arrival; lists by priority, the highest last. */
  readonly #lists: { readonly priority: number; readonly messages: PosixMessage[] }[] = [];
  readonly #senders: QueueWait[] = [];
  readonly #receivers: QueueWait[] = [];

  constructor(maxMessages: number, messageSize: number, memory: MemoryBudget) {
    this.maxMessages = maxMessages;
    this.messageSize = messageSize;
    this.#memory = memory;
  }

  get full(): boolean {
    return this.count >= this.maxMessages;
  }

  /** Makes room in memory for a message; false when there is none. */
  reserve(message: PosixMessage): boolean {
    return this.#memory.take(sizeOf(message));
  }

  /** A message is not in the queue any more, or will not be. */
  forget(message: PosixMessage): void {
    this.#memory.give(sizeOf(message));
  }

  /** Takes a message for which room was reserved; the queue is not full. */
  send(message: PosixMessage): void {
    const receiver = this.#receivers.shift();
    if (receiver !== undefined) {
      this.forget(message);
      receiver.serve(message);
      return;
    }
    this.#insert(message);
    if (this.count === 1) this.#notify();
    this.readable.wake();
  }

  /** Waits for room in a queue that is full. */
  waitToSend(message: PosixMessage, rank: number): QueueWait {
    return new QueueWait(this, this.#senders, message, rank);
  }

  /** The oldest message of the highest priority; null when there is none. */
  receive(): PosixMessage | null {
    const list = this.#lists.at(-1);
    if (list === undefined) return null;
    const message = list.messages.shift()!;
    if (list.messages.length === 0) this.#lists.pop();
    this.count--;
    this.bytes -= message.text.length;
    this.forget(message);
    const sender = this.#senders.shift();
    if (sender === undefined) this.writable.wake();
    else {
      this.#insert(sender.message!);
      sender.serve(null);
    }
    return message;
  }

  waitToReceive(rank: number): QueueWait {
    return new QueueWait(this, this.#receivers, null, rank);
  }

  /** The process that is to be told, unless it has ended. */
  get notified(): QueueNotification | null {
    return this.notification === null || this.notification.gone ? null : this.notification;
  }

  /** The process `pid` is not to be told any more; false if it was not to be. */
  withdraw(pid: number): boolean {
    const from = this.notified;
    if (from === null || from.pid !== pid) return false;
    this.notification = null;
    from.withdrawn();
    return true;
  }

  /** Nobody can reach it any more. */
  clear(): void {
    for (const { messages } of this.#lists.splice(0)) for (const message of messages) this.forget(message);
    this.count = this.bytes = 0;
  }

  #insert(message: PosixMessage): void {
    const lists = this.#lists;
    let at = lists.length;
    while (at > 0 && lists[at - 1].priority > message.priority) at--;
    if (at > 0 && lists[at - 1].priority === message.priority) lists[at - 1].messages.push(message);
    else lists.splice(at, 0, { priority: message.priority, messages: [message] });
    this.count++;
    this.bytes += message.text.length;
  }

  #notify(): void {
    const to = this.notified;
    this.notification = null;
    to?.tell();
  }
}
