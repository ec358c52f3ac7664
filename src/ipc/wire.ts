/**
 * What goes between a machine and a System V object in a Durable Object: batches of operations one way, results the other.
 *
 * An operation is named by (machine, epoch, sequence). `machine` is given out by the namespace and never again. `sequence` counts
 * the machine's operations on all objects. `epoch` counts the machine's links to this object: whoever holds an older link is refused, so
 * that what was delayed on a broken one is never done after it was sent again on the next. The object keeps a result until
 * it is acknowledged; an operation that comes again is answered from there, or goes on waiting in its old place.
 */
import { MSG_COPY } from "../abi/ipc.ts";
import type { LeaseRecord, ObjectState } from "./lease-record.ts";
import type { IpcRequest, IpcResult, MessageQueueRequest, SemaphoreSetRequest } from "./protocol.ts";

export type ObjectKind = IpcRequest["kind"];
export type ObjectRequest = SemaphoreSetRequest | MessageQueueRequest;

export interface ObjectOperation {
  readonly sequence: number;
  /** Null: the caller of what was sent under this number has given up. It is answered: -EINTR, or what was done before. */
  readonly request: ObjectRequest | null;
}

/** Results are dropped, the record is taken over, then operations are done, begin to wait, or are given up, in their order. */
export interface ObjectBatch {
  /** Results that have arrived and will not be asked for again. */
  readonly acknowledged: readonly number[];
  /** What the holder of the object's lease has done since its last record (lease.ts); null when there is nothing of that. */
  readonly record: LeaseRecord | null;
  readonly operations: readonly ObjectOperation[];
  /** The machine would like the lease, and sends nothing before it has the answer. */
  readonly wantsLease: boolean;
}

export interface ObjectResult {
  readonly sequence: number;
  readonly result: IpcResult;
}

/** Durable before it is sent. */
export interface ObjectAnswer {
  /** Of what did not wait; those of the others come through the link's callback. */
  readonly results: readonly ObjectResult[];
  /** The lease would be granted: no other machine has anything to do with the object. */
  readonly alone: boolean;
  /** The lease is granted with this state, in which those who wait are the machine's own. */
  readonly grant: ObjectState | null;
}

/**
 * How a machine makes itself known to an object. `batch.operations` has all that it has no result of, but what waits within its
 * lease; `batch.record` the record of which it does not know whether it was logged.
 */
export interface ObjectHello {
  readonly namespace: string;
  readonly kind: ObjectKind;
  readonly id: number;
  readonly machine: number;
  readonly epoch: number;
  /** The machine has the lease, or has just ended it. */
  readonly holdsLease: boolean;
  readonly batch: ObjectBatch;
}

/**
 * Answers to operations that waited; the machine has them when it resolves, which is no acknowledgement. `recall`: another machine
 * has come, and the lease is to be given back.
 */
export type CompletionCallback = (results: readonly ObjectResult[], recall: boolean) => Promise<void>;

/** A machine's link to an object. Batches arrive in order. */
export interface ObjectLink {
  submit(batch: ObjectBatch): Promise<ObjectAnswer>;
  /** Rejects when the object is not there any more (evicted, restarted), resolves when it has refused the link. Never settles else. */
  closed(): Promise<void>;
  /** The machine needs it no more. */
  close(): void;
}

export interface OpenedObject {
  readonly answer: ObjectAnswer;
  /** Null when there is no such object. */
  readonly link: ObjectLink | null;
}

/** An object that takes up more memory (bytes) is not leased. */
export const MOST_LEASED = 1 << 20;

/** The object has taken this machine for dead, and what it did has been undone: it must end. */
export const FENCED = "binlet: this machine was given up";

/** Whether an operation may change an object. */
export function hasEffect({ op }: ObjectRequest): boolean {
  switch (op) {
    case "operate":
    case "send":
    case "receive":
    case "undo":
    case "setValue":
    case "setValues":
    case "set":
    case "remove":
      return true;
    default:
      return false;
  }
}

/**
 * Whether an object keeps the result of an operation that did not wait until it is acknowledged: it did something, so it must not be
 * done again. What has waited is always kept.
 */
export function isKept(request: ObjectRequest, result: IpcResult): boolean {
  if ((typeof result === "number" && result < 0) || !hasEffect(request)) return false;
  return !(request.op === "receive" && request.flags & MSG_COPY);
}
