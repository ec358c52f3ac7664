/** What `/_/namespaces/<ns>` answers with. */
import type { MessageQueueStatus, SemaphoreSetStatus } from "../ipc/protocol.ts";

/** `GET /_/namespaces/<ns>/processes`: `{"processes": [...]}`. */
export interface NamespaceProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly uid: number;
  readonly gid: number;
  readonly nice: number;
  /** As ps(1) has it: R, S, D, T, Z. */
  readonly state: string;
  /** ISO 8601. */
  readonly started: string;
  readonly cpuMs: number;
  readonly residentKiB: number;
  readonly comm: string;
  /** Empty for a process that has ended or has no arguments. */
  readonly command: readonly string[];
}

/** `GET /_/namespaces/<ns>/ipc`. Times are seconds since the epoch, 0 for never. */
export interface IpcListing {
  readonly semaphores: readonly SemaphoreSetStatus[];
  readonly queues: readonly MessageQueueStatus[];
}
