/**
 * One System V message queue (msgsnd(2), msgrcv(2), msgctl(2)) as a state machine: requests in, answers and completions out, no
 * time and no waiting of its own, so that the same code runs in a machine and in a Durable Object.
 *
 * A message that is sent goes to the receiver that has waited longest and wants it, without touching the queue; else to the end
 * of the queue. Senders wait while the queue is full, and go on in the order of their arrival as far as their messages fit
 * (ipc/msg.c).
 */
import { E2BIG, EACCES, EAGAIN, EIDRM, EINTR, EINVAL, ENOMEM, ENOMSG, EPERM } from "../abi/errno.ts";
import { IPC_NOWAIT, MSG_COPY, MSG_EXCEPT, MSG_NOERROR, S_IRUGO, S_IWUGO } from "../abi/ipc.ts";
import { changed, owns, permits } from "./permission.ts";
import {
  CAN_EXCEED,
  type Completion,
  type IpcMessage,
  type IpcPermissions,
  type IpcResult,
  type MemoryBudget,
  type MessageQueueRequest,
  type MessageQueueStatus,
  type MessageType,
  type Ticket,
  WAITS,
} from "./protocol.ts";

type SetRequest = Extract<MessageQueueRequest, { op: "set" }>;
type Send = Extract<MessageQueueRequest, { op: "send" }>;
type Receive = Extract<MessageQueueRequest, { op: "receive" }>;

interface Waiting<R, T extends Ticket> {
  readonly request: R;
  readonly ticket: T;
}

/** A message with its place in the order in which messages were sent, by which it can be stored, and put back. */
export interface PlacedMessage extends IpcMessage {
  readonly place: number;
}

/** A queue as plain data, to be stored; those who wait in the order of their arrival. */
export interface SavedMessageQueue {
  readonly status: MessageQueueStatus;
  readonly messages: readonly PlacedMessage[];
  /** Place of the message that was sent last. */
  readonly lastPlace: number;
  readonly senders: readonly Waiting<Send, Ticket>[];
  readonly receivers: readonly Waiting<Receive, Ticket>[];
}

/** What a message of `length` bytes takes up in memory (bytes), and what a queue does by itself. */
const sizeOfMessage = (length: number): number => 192 + length;
export const SIZE_OF_QUEUE = 1024;
/** So many messages that have been received may have their places in the list before it is made shorter. */
const MOST_TAKEN = 64;

export class MessageQueue<T extends Ticket = Ticket> {
  permissions: IpcPermissions;
  /** From `#first` on; what is before has been received, and is dropped a batch at a time. */
  #messages: (PlacedMessage | null)[] = [];
  #first = 0;
  #lastPlace = 0;
  #bytes = 0;
  #byteLimit: number;
  #sender = 0;
  #receiver = 0;
  #sent = 0;
  #received = 0;
  #changed: number;
  readonly #senders: Waiting<Send, T>[] = [];
  readonly #receivers: Waiting<Receive, T>[] = [];
  readonly #memory: MemoryBudget;
  removed = false;
  /** Answers to operations that had waited, in order; whoever runs the queue takes them after each call. */
  completions: Completion<T>[] = [];

  /** A new queue for `byteLimit` bytes, made at `now` (seconds since the epoch). SIZE_OF_QUEUE has been taken. */
  constructor(permissions: IpcPermissions, byteLimit: number, now: number, memory: MemoryBudget) {
    this.permissions = permissions;
    this.#byteLimit = byteLimit;
    this.#changed = now;
    this.#memory = memory;
  }

  /** Takes the memory for it, whatever the budget has. */
  static restore(
    { status, messages, lastPlace, senders, receivers }: SavedMessageQueue,
    memory: MemoryBudget,
  ): MessageQueue {
    const queue = new MessageQueue(status.permissions, status.byteLimit, status.changed, memory);
    let size = SIZE_OF_QUEUE;
    for (const { text } of messages) size += sizeOfMessage(text.length);
    for (const { request } of senders) size += sizeOfMessage(request.text.length);
    memory.give(-size);
    queue.#messages = [...messages];
    queue.#lastPlace = lastPlace;
    queue.#bytes = status.bytes;
    queue.#sender = status.sender;
    queue.#receiver = status.receiver;
    queue.#sent = status.sent;
    queue.#received = status.received;
    queue.#senders.push(...senders);
    queue.#receivers.push(...receivers);
    return queue;
  }

  save(): SavedMessageQueue {
    const plain = <R>({ request, ticket: { machine, sequence } }: Waiting<R, T>) => ({
      request,
      ticket: { machine, sequence },
    });
    return {
      status: this.status,
      messages: this.messages.slice(),
      lastPlace: this.#lastPlace,
      senders: this.#senders.map(plain),
      receivers: this.#receivers.map(plain),
    };
  }

  /** Messages that wait to be received, in order. */
  get messages(): readonly PlacedMessage[] {
    return this.#compact();
  }
  get lastPlace(): number {
    return this.#lastPlace;
  }

  get status(): MessageQueueStatus {
    return {
      permissions: this.permissions,
      bytes: this.#bytes,
      messages: this.#messages.length - this.#first,
      byteLimit: this.#byteLimit,
      sender: this.#sender,
      receiver: this.#receiver,
      sent: this.#sent,
      received: this.#received,
      changed: this.#changed,
    };
  }

  /**
   * Does what is asked at `now` (seconds since the epoch). What cannot be done now waits under a ticket, and the answer is
   * WAITS; `ticket` is only called for then.
   */
  submit(request: MessageQueueRequest, now: number, ticket: () => T): IpcResult | typeof WAITS {
    if (this.removed) return -EIDRM;
    switch (request.op) {
      case "send":
        return this.#send(request, now, ticket);
      case "receive":
        return this.#receive(request, now, ticket);
      case "open":
        return permits(this.permissions, request.caller, request.flags) ? this.permissions.id : -EACCES;
      case "status":
        return request.unchecked || permits(this.permissions, request.caller, S_IRUGO) ? this.status : -EACCES;
      case "set":
        return this.#set(request, now);
      case "remove":
        if (!owns(this.permissions, request.caller)) return -EPERM;
        this.remove();
        return 0;
    }
  }

  /** Gives back its memory: another is used in its place. */
  discard(): void {
    let size = SIZE_OF_QUEUE;
    for (const { text } of this.messages) size += sizeOfMessage(text.length);
    for (const { request } of this.#senders) size += sizeOfMessage(request.text.length);
    this.#memory.give(size);
  }

  /** Everybody who waits gets EIDRM. */
  remove(): void {
    this.removed = true;
    this.discard();
    this.#messages = [];
    this.#first = 0;
    for (const { ticket } of this.#receivers.splice(0)) this.completions.push({ ticket, result: -EIDRM });
    for (const { ticket } of this.#senders.splice(0)) this.completions.push({ ticket, result: -EIDRM });
  }

  /** The operation under a ticket is given up; false when it had been answered before. */
  cancel(ticket: Ticket): boolean {
    const isIt = ({ ticket: { machine, sequence } }: { ticket: T }) =>
      machine === ticket.machine && sequence === ticket.sequence;
    const receiver = this.#receivers.findIndex(isIt);
    if (receiver >= 0) {
      const [gone] = this.#receivers.splice(receiver, 1);
      this.completions.push({ ticket: gone.ticket, result: -EINTR });
      return true;
    }
    const sender = this.#senders.findIndex(isIt);
    if (sender < 0) return false;
    const [gone] = this.#senders.splice(sender, 1);
    this.#memory.give(sizeOfMessage(gone.request.text.length));
    this.completions.push({ ticket: gone.ticket, result: -EINTR });
    return true;
  }

  /** A machine is gone: it waits no more. */
  forget(machine: number): void {
    for (const waiting of [...this.#receivers, ...this.#senders]) {
      if (waiting.ticket.machine === machine) this.cancel(waiting.ticket);
    }
    this.completions = this.completions.filter(({ ticket }) => ticket.machine !== machine);
  }

  /** A message did not get to who had received it: it is where it was, or goes to somebody who waits for it. */
  putBack(message: PlacedMessage, now: number): void {
    if (this.removed) return;
    this.#memory.give(-sizeOfMessage(message.text.length));
    if (this.#deliver(message, now)) return;
    const messages = this.#compact();
    const at = messages.findIndex(({ place }) => place > message.place);
    messages.splice(at < 0 ? messages.length : at, 0, message);
    this.#bytes += message.text.length;
  }

  // ---- sending

  #send(request: Send, now: number, ticket: () => T): number | typeof WAITS {
    if (!permits(this.permissions, request.caller, S_IWUGO)) return -EACCES;
    const { length } = request.text;
    const fits = this.#fits(length);
    if (!fits && request.flags & IPC_NOWAIT) return -EAGAIN;
    if (!this.#memory.take(sizeOfMessage(length))) return -ENOMEM;
    if (fits) {
      this.#accept(request, now);
      return 0;
    }
    this.#senders.push({ request, ticket: ticket() });
    return WAITS;
  }

  #fits(length: number): boolean {
    return this.#bytes + length <= this.#byteLimit && this.#messages.length - this.#first + 1 <= this.#byteLimit;
  }

  /** The message goes to a receiver that waits for it, or to the end of the queue. */
  #accept({ caller, type, text }: Send, now: number): void {
    this.#sender = caller.pid;
    this.#sent = now;
    const message = { type, text, place: ++this.#lastPlace };
    if (this.#deliver(message, now)) return;
    this.#messages.push(message);
    this.#bytes += text.length;
  }

  /** Gives the message to the receiver that has waited longest of those that want it; false when there is none. */
  #deliver(message: PlacedMessage, now: number): boolean {
    const { length } = message.text;
    for (let i = 0; i < this.#receivers.length; ) {
      const { request, ticket } = this.#receivers[i];
      if (!wants(request, message.type)) {
        i++;
        continue;
      }
      this.#receivers.splice(i, 1);
      if (length > request.size && (request.flags & MSG_NOERROR) === 0) {
        this.completions.push({ ticket, result: -E2BIG });
        continue;
      }
      this.#receiver = request.caller.pid;
      this.#received = now;
      this.#memory.give(sizeOfMessage(length));
      this.completions.push({ ticket, result: message });
      return true;
    }
    return false;
  }

  /** There is room: senders go on, in order, as far as they fit. */
  #admit(now: number): void {
    for (let i = 0; i < this.#senders.length; ) {
      const { request, ticket } = this.#senders[i];
      if (!this.#fits(request.text.length)) {
        i++;
        continue;
      }
      this.#senders.splice(i, 1);
      const allowed = permits(this.permissions, request.caller, S_IWUGO);
      if (allowed) this.#accept(request, now);
      else this.#memory.give(sizeOfMessage(request.text.length));
      this.completions.push({ ticket, result: allowed ? 0 : -EACCES });
    }
  }

  // ---- receiving

  #receive(request: Receive, now: number, ticket: () => T): number | IpcMessage | typeof WAITS {
    if (!permits(this.permissions, request.caller, S_IRUGO)) return -EACCES;
    const { flags, size } = request;
    const at = this.#find(request);
    if (at < 0) {
      if (flags & IPC_NOWAIT) return -ENOMSG;
      this.#receivers.push({ request, ticket: ticket() });
      return WAITS;
    }
    const message = this.#messages[at]!;
    if (message.text.length > size && (flags & MSG_NOERROR) === 0) return -E2BIG;
    if (flags & MSG_COPY) return message.text.length > size ? -EINVAL : message;
    this.#take(at);
    this.#bytes -= message.text.length;
    this.#memory.give(sizeOfMessage(message.text.length));
    this.#receiver = request.caller.pid;
    this.#received = now;
    if (this.#senders.length > 0) this.#admit(now);
    return message;
  }

  /** Where in `#messages` the message is that is asked for, or -1 (find_msg). */
  #find(request: Receive): number {
    const { type, flags } = request;
    const messages = this.#messages;
    if (flags & MSG_COPY) return type >= 0 && type < messages.length - this.#first ? this.#first + Number(type) : -1;
    let least = -1;
    for (let i = this.#first; i < messages.length; i++) {
      const candidate = messages[i]!.type;
      if (!wants(request, candidate)) continue;
      if (type >= 0) return i;
      if (least < 0 || candidate < messages[least]!.type) least = i;
    }
    return least;
  }

  /**
   * Takes a message out. Array.shift of a long array and a new length cost a call out of compiled code: the first ones go together,
   * and a message that is alone leaves its room to the next.
   */
  #take(at: number): void {
    const messages = this.#messages;
    if (at === messages.length - 1 && this.#first === 0) {
      messages.pop();
      return;
    }
    if (at !== this.#first) {
      messages.splice(at, 1);
      return;
    }
    messages[at] = null;
    this.#first++;
    if (this.#first === messages.length) {
      messages.length = 0;
      this.#first = 0;
    } else if (this.#first >= MOST_TAKEN && 2 * this.#first > messages.length) this.#compact();
  }

  #compact(): PlacedMessage[] {
    if (this.#first > 0) this.#messages.splice(0, this.#first);
    this.#first = 0;
    return this.#messages as PlacedMessage[];
  }

  #set({ caller, permissions, byteLimit }: SetRequest, now: number): number {
    if (!owns(this.permissions, caller) || byteLimit < 0) return -EPERM;
    const next = changed(this.permissions, permissions);
    if (next === null) return -EINVAL;
    this.permissions = next;
    this.#byteLimit = byteLimit;
    this.#changed = now;
    for (const waiting of [...this.#receivers]) {
      if (permits(next, waiting.request.caller, S_IRUGO)) continue;
      this.#receivers.splice(this.#receivers.indexOf(waiting), 1);
      this.completions.push({ ticket: waiting.ticket, result: -EACCES });
    }
    this.#admit(now);
    return 0;
  }
}

/** Whether msgrcv(2) with these arguments takes a message of type `type`. */
function wants({ type: wanted, flags }: Receive, type: MessageType): boolean {
  if (wanted === 0) return true;
  // -LONG_MIN, which has no negative, includes every type.
  if (wanted < 0) return type <= -wanted;
  return flags & MSG_EXCEPT ? type !== wanted : type === wanted;
}

/** A request whose limit on a queue's bytes is -1, which the queue refuses, when it is above `usual` and the caller may not (msgctl(2)). */
export const withinUsual = (request: SetRequest, usual: number): SetRequest =>
  request.byteLimit <= usual || (request.caller.capabilities & CAN_EXCEED) !== 0
    ? request
    : { ...request, byteLimit: -1 };
