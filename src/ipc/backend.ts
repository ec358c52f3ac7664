/** Where System V semaphore sets and message queues are kept, as the kernel sees it. */
import { WaitQueue } from "../wait/queue.ts";
import type { IpcRequest, IpcResult, Ticket } from "./protocol.ts";

/** An operation that is not answered yet. */
export class Pending implements Ticket {
  readonly backend: IpcBackend;
  readonly machine: number;
  readonly sequence: number;
  /** The object that it waits at. */
  readonly kind: IpcRequest["kind"];
  readonly id: number;
  /** Fires when `result` is there. */
  readonly queue = new WaitQueue();
  result: IpcResult | null = null;
  /** Monotonic nanoseconds at which the caller gives up. */
  deadline = Number.POSITIVE_INFINITY;
  /** Why the caller has given up (EINTR, EAGAIN), or 0; `result` may say that the operation was done all the same. */
  cancelled = 0;

  constructor(backend: IpcBackend, machine: number, sequence: number, kind: IpcRequest["kind"], id: number) {
    this.backend = backend;
    this.machine = machine;
    this.sequence = sequence;
    this.kind = kind;
    this.id = id;
  }

  settle(result: IpcResult): void {
    this.result = result;
    this.queue.wake();
  }
}

/**
 * The objects of an IPC namespace: this machine's own (local.ts), or those that machines of a Binlet namespace share in Durable
 * Objects.
 */
export interface IpcBackend {
  /** Limits, as /proc/sys/kernel shows and changes them. */
  readonly limits: IpcLimits;
  /** Performs `request` at `now` (seconds since the epoch). */
  submit(request: IpcRequest, now: number): IpcResult | Pending;
  /**
   * The caller gives up: `pending` is settled, at once or when the object has answered, with -EINTR if the operation was not
   * done and never will be.
   */
  cancel(pending: Pending): void;
  /** No process of this machine is left in the namespace. */
  end(): void;
}

/** sysctls of System V objects: kernel.sem, kernel.msgmax … (proc_sys_kernel(5)). */
export interface IpcLimits {
  /** SEMMSL, SEMMNS, SEMOPM, SEMMNI. */
  semaphoresPerSet: number;
  semaphores: number;
  operations: number;
  sets: number;
  /** MSGMAX, MSGMNB (bytes), MSGMNI. */
  messageSize: number;
  queueBytes: number;
  queues: number;
}

export const defaultLimits = (): IpcLimits => ({
  semaphoresPerSet: 32000,
  semaphores: 1_024_000_000,
  operations: 500,
  sets: 32000,
  messageSize: 8192,
  queueBytes: 16384,
  queues: 32000,
});
