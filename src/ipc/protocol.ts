/**
 * What is asked of System V semaphore sets and message queues, and what they answer: plain data that can be structured-cloned,
 * so that an object may live in this machine (local.ts) or in a Durable Object. A machine's own kernel, its host and durable/
 * share these types and the two state machines, semaphore-set.ts and message-queue.ts, which are their meaning.
 *
 * An operation is submitted once. It is answered at once, or waits at the object, in order, under a ticket; the answer then comes
 * by that ticket. A caller that gives up (a signal, a timeout, its end) cancels the ticket, and the object says which came first:
 * the operation was done and its answer counts, or it was not and never will be.
 */

/** Who asks, as far as objects care. */
export interface IpcCaller {
  readonly pid: number;
  /** Effective user and group, which a new object belongs to. */
  readonly uid: number;
  readonly gid: number;
  /** File system group and supplementary groups: those that permission goes by. */
  readonly fsgid: number;
  readonly groups: readonly number[];
  /** CAN_*. */
  readonly capabilities: number;
}

/** CAP_IPC_OWNER: modes do not matter. */
export const CAN_ACCESS = 1;
/** CAP_SYS_ADMIN: objects of others can be changed and removed. */
export const CAN_ADMINISTER = 2;
/** CAP_SYS_RESOURCE: queues can be made larger than the limit. */
export const CAN_EXCEED = 4;

/** What makes an operation that waits unique: the machine it came from, and its number there. */
export interface Ticket {
  readonly machine: number;
  readonly sequence: number;
}

/** One element of semop(2): struct sembuf. */
export interface SemaphoreOperation {
  readonly index: number;
  readonly change: number;
  /** IPC_NOWAIT, SEM_UNDO. */
  readonly flags: number;
}

/** A message's type. All 63 bits count: a Number up to 2^53, a bigint above. */
export type MessageType = number | bigint;

export interface IpcMessage {
  readonly type: MessageType;
  readonly text: Uint8Array;
}

/** Owner and rights of an object, as IPC_STAT shows them. */
export interface IpcPermissions {
  readonly key: number;
  readonly id: number;
  readonly uid: number;
  readonly gid: number;
  readonly cuid: number;
  readonly cgid: number;
  readonly mode: number;
}

/** Times are seconds since the epoch, 0 for never. */
export interface SemaphoreSetStatus {
  readonly permissions: IpcPermissions;
  readonly count: number;
  readonly operated: number;
  readonly changed: number;
}

export interface MessageQueueStatus {
  readonly permissions: IpcPermissions;
  readonly bytes: number;
  readonly messages: number;
  readonly byteLimit: number;
  readonly sender: number;
  readonly receiver: number;
  readonly sent: number;
  readonly received: number;
  readonly changed: number;
}

/** What the INFO commands and `ipcs -u` tell of all objects of a kind. */
export interface IpcUsage {
  readonly objects: number;
  /** Highest index in use, -1 for none. */
  readonly maxIndex: number;
  /** Semaphores, or messages. */
  readonly elements: number;
  /** Bytes of messages. */
  readonly bytes: number;
}

/** IPC_SET. */
export interface NewPermissions {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** What one set does by itself. */
export type SemaphoreSetRequest =
  | { readonly op: "open"; readonly caller: IpcCaller; readonly flags: number; readonly count: number }
  /** `undo` names who keeps what is to be undone: a number of the caller's machine, 0 without SEM_UNDO. */
  | {
      readonly op: "operate";
      readonly caller: IpcCaller;
      readonly operations: readonly SemaphoreOperation[];
      readonly undo: number;
    }
  /** The owner `undo` has ended: what it had to give back is given back. */
  | { readonly op: "undo"; readonly caller: IpcCaller; readonly undo: number }
  | { readonly op: "value" | "pid" | "decreasers" | "zeroers"; readonly caller: IpcCaller; readonly index: number }
  | { readonly op: "values"; readonly caller: IpcCaller }
  | { readonly op: "setValue"; readonly caller: IpcCaller; readonly index: number; readonly value: number }
  | { readonly op: "setValues"; readonly caller: IpcCaller; readonly values: Uint16Array }
  /** `unchecked`: whoever asks (SEM_STAT_ANY, /proc). */
  | { readonly op: "status"; readonly caller: IpcCaller; readonly unchecked: boolean }
  | { readonly op: "set"; readonly caller: IpcCaller; readonly permissions: NewPermissions }
  | { readonly op: "remove"; readonly caller: IpcCaller };

/** What one queue does by itself. */
export type MessageQueueRequest =
  | { readonly op: "open"; readonly caller: IpcCaller; readonly flags: number }
  | {
      readonly op: "send";
      readonly caller: IpcCaller;
      readonly type: MessageType;
      readonly text: Uint8Array;
      /** IPC_NOWAIT. */
      readonly flags: number;
    }
  | {
      readonly op: "receive";
      readonly caller: IpcCaller;
      readonly type: MessageType;
      /** Most bytes of text. */
      readonly size: number;
      /** IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT, MSG_COPY. */
      readonly flags: number;
    }
  | { readonly op: "status"; readonly caller: IpcCaller; readonly unchecked: boolean }
  | {
      readonly op: "set";
      readonly caller: IpcCaller;
      readonly permissions: NewPermissions;
      /** Negative: more than the caller may set (EPERM). */
      readonly byteLimit: number;
    }
  | { readonly op: "remove"; readonly caller: IpcCaller };

/** semget(2), msgget(2): `count` semaphores, 0 for a queue. Answered by an id. */
export interface GetRequest {
  readonly op: "get";
  readonly caller: IpcCaller;
  readonly key: number;
  readonly flags: number;
  readonly count: number;
}

/** Who `undo` names has ended: what it has to undo is undone in all sets. */
interface EndRequest {
  readonly op: "end";
  readonly caller: IpcCaller;
  readonly undo: number;
}

/** Which object: its id, or with `byIndex` the index that the STAT commands with an index go through. */
interface At {
  readonly id: number;
  readonly byIndex?: boolean;
}

/** What a machine asks: `kind` says of which objects. "list" is answered for all, whoever asks. */
export type IpcRequest =
  | ({ readonly kind: "semaphore" } & (GetRequest | { readonly op: "usage" } | { readonly op: "list" } | EndRequest))
  | ({ readonly kind: "semaphore" } & At & SemaphoreSetRequest)
  | ({ readonly kind: "message" } & (GetRequest | { readonly op: "usage" } | { readonly op: "list" }))
  | ({ readonly kind: "message" } & At & MessageQueueRequest);

/** A value, 0 or a negative errno; or what was asked for. */
export type IpcResult =
  | number
  | Uint16Array
  | IpcMessage
  | IpcUsage
  | SemaphoreSetStatus
  | MessageQueueStatus
  | readonly SemaphoreSetStatus[]
  | readonly MessageQueueStatus[];

/** What an object answers for now to an operation that has to wait. */
export const WAITS = null;

/** An operation that waited has its answer. */
export interface Completion<T extends Ticket> {
  readonly ticket: T;
  readonly result: IpcResult;
}

/** What objects take up: bytes of an isolate, or of a Durable Object. */
export interface MemoryBudget {
  /** Takes `bytes`; false when there is no room for them. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}
