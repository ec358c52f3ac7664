/**
 * The log of a lease (lease.ts), as it goes from the machine that holds it to the object. A record says what a turn of the machine's
 * loop has changed, not what was asked: a message that was sent and received within the turn is not in it, a thousand operations on a
 * semaphore are one value, and nothing depends on the object doing again exactly what the machine did.
 */
import type { PlacedMessage, SavedMessageQueue } from "./message-queue.ts";
import type { SavedSemaphoreSet } from "./semaphore-set.ts";
import type { ObjectKind } from "./wire.ts";

/** An object as `save` of its state machine gives it. */
export type ObjectState = SavedSemaphoreSet | SavedMessageQueue;

/** An object of the same namespace. */
export interface ObjectName {
  readonly kind: ObjectKind;
  readonly id: number;
}

export interface LeaseRecord {
  /** Counts the records of the machine, of all its leases: all earlier turns are logged everywhere. */
  readonly turn: number;
  /** Other objects that this turn has a record for: the turn counts when all of them have theirs. */
  readonly others: readonly ObjectName[];
  /** Of a queue, `messages` are those that came since the last record. Who waits is only in the record that ends the lease. */
  readonly state: ObjectState;
  /** Places of a queue's messages that are gone since the last record. */
  readonly gone: readonly number[];
  /** The lease ends with it. */
  readonly last: boolean;
}

/** A queue's messages after a record; all lists are in the order of places. */
export function messagesAfter(
  before: readonly PlacedMessage[],
  messages: readonly PlacedMessage[],
  gone: readonly number[],
): PlacedMessage[] {
  const after: PlacedMessage[] = [];
  let at = 0;
  for (const message of before) {
    if (at < gone.length && gone[at] === message.place) at++;
    else after.push(message);
  }
  after.push(...messages);
  return after;
}

/** What has come and gone since the log had the messages at `before`; new ones have higher places. */
export function messagesBetween(
  before: readonly number[],
  now: readonly PlacedMessage[],
): { messages: PlacedMessage[]; gone: number[] } {
  const messages: PlacedMessage[] = [];
  const gone: number[] = [];
  let at = 0;
  for (const message of now) {
    while (at < before.length && before[at] < message.place) gone.push(before[at++]);
    if (at < before.length && before[at] === message.place) at++;
    else messages.push(message);
  }
  while (at < before.length) gone.push(before[at++]);
  return { messages, gone };
}
