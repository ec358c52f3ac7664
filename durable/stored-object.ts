/** A semaphore set or a message queue with its storage, as what both have in common (shared-object.ts) uses it. */
import type { LeaseRecord, ObjectState } from "../src/ipc/lease-record.ts";
import type {
  Completion,
  IpcMessage,
  IpcResult,
  MessageQueueStatus,
  SemaphoreSetStatus,
  Ticket,
} from "../src/ipc/protocol.ts";
import type { ObjectRequest } from "../src/ipc/wire.ts";

export interface StoredObject {
  readonly removed: boolean;
  readonly status: SemaphoreSetStatus | MessageQueueStatus;
  completions: Completion<Ticket>[];
  submit(request: ObjectRequest, now: number, ticket: Ticket): IpcResult | null;
  cancel(ticket: Ticket): void;
  readonly state: ObjectState;
  /** It is used no more. */
  discard(): void;
  /** Takes over what the holder of the lease has made of it. */
  replace(record: Pick<LeaseRecord, "state" | "gone">): void;
  /** The machine is gone, with messages that it had received and nobody has seen. */
  forget(machine: number, unseen: readonly IpcMessage[], now: number): void;
  /** Machines that something has to be undone for. */
  machines(): Iterable<number>;
  /** Writes what has changed since it was last called. */
  store(): void;
}
