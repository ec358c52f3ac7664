/**
 * The way from a machine to its namespace (DESIGN.md, "What machines share"): plain data, asynchronous, in batches. Behind it are
 * Durable Objects: one `Namespace` (machines, blocks of pids, keys and ids of System V objects), and one object for each semaphore
 * set and message queue, which the machine talks to directly (ipc/wire.ts).
 */
import type { IpcLimits } from "../ipc/backend.ts";
import type { IpcCaller, IpcPermissions, IpcUsage, MessageQueueStatus, SemaphoreSetStatus } from "../ipc/protocol.ts";
import type { CompletionCallback, ObjectHello, ObjectKind, OpenedObject } from "../ipc/wire.ts";

/** Ids `first` to `first + count - 1`. */
export interface PidBlock {
  readonly first: number;
  readonly count: number;
}

/** What a machine learns when it joins. */
export interface Attachment {
  /** Its number, which no other machine of the namespace ever has. */
  readonly machine: number;
  /** Counts how often this machine has attached: requests that carry an older one are refused. */
  readonly epoch: number;
  readonly pids: PidBlock;
  /** Ids are below it (kernel.pid_max). */
  readonly pidLimit: number;
  readonly limits: IpcLimits;
}

/** semget(2), msgget(2). Answered by `Found`, or a negative errno. `sequence` makes it unique should it come again. */
export interface FindObject {
  readonly op: "get";
  readonly kind: ObjectKind;
  readonly sequence: number;
  readonly caller: IpcCaller;
  readonly key: number;
  readonly flags: number;
  readonly count: number;
}

/** `fresh`: it was made for this request, with the caller's rights; else the object itself must be asked ("open"). */
export interface Found {
  readonly id: number;
  readonly fresh: boolean;
}

/** What a machine asks of the namespace. Answers are in the order of the requests. */
export type NamespaceRequest =
  | FindObject
  /** The id at an index (SEM_STAT, MSG_STAT), or -EINVAL. */
  | { readonly op: "at"; readonly kind: ObjectKind; readonly index: number }
  | { readonly op: "usage"; readonly kind: ObjectKind }
  | { readonly op: "list"; readonly kind: ObjectKind }
  /** Another block of ids, answered by a PidBlock, or null when there is none (EAGAIN). */
  | { readonly op: "pids" }
  /** A block that no process, group or session has an id of any more. */
  | { readonly op: "returnPids"; readonly block: PidBlock };

export type NamespaceAnswer =
  | number
  | null
  | PidBlock
  | Found
  | IpcUsage
  | readonly SemaphoreSetStatus[]
  | readonly MessageQueueStatus[];

/** What the namespace asks of a machine. */
export type MachineEvent =
  /** Are you there? 0. */
  | { readonly op: "alive" }
  /** The namespace has taken the machine for dead and reaped it: it ends. 0. */
  | { readonly op: "fenced" };

export type MachineReply = number;

/** Reaches a machine while it lives; rejects when it does not. Replies are in the order of the events. */
export type MachineCallback = (events: readonly MachineEvent[]) => Promise<readonly MachineReply[]>;

export interface NamespaceSession {
  readonly attachment: Attachment;
  /** Batches are done in order. */
  request(requests: readonly NamespaceRequest[]): Promise<readonly NamespaceAnswer[]>;
  /** Rejects when the namespace is not there any more; attach again then. */
  closed(): Promise<void>;
  /** The machine has ended in order: nothing is left to be reaped but what its objects know. */
  detach(): Promise<void>;
}

/** A machine that attaches again says who it was. */
export interface Rejoin {
  readonly machine: number;
  readonly epoch: number;
  readonly pids: readonly PidBlock[];
}

export interface NamespacePort {
  /** The namespace's name. */
  readonly name: string;
  attach(callback: MachineCallback, again: Rejoin | null): Promise<NamespaceSession>;
  /** A link to an object, with the first batch's results. */
  open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject>;
}

/** What a new object is made from, as the namespace knows it. */
export interface ObjectRecord {
  readonly kind: ObjectKind;
  readonly permissions: IpcPermissions;
  /** Semaphores; 0 for a queue. */
  readonly count: number;
  /** Bytes that a queue may hold. */
  readonly byteLimit: number;
  /** Seconds since the epoch. */
  readonly created: number;
}
