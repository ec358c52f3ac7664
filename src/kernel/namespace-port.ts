/**
 * The way from a machine to its namespace (DESIGN.md, "What machines share"): plain data, asynchronous, in batches. Behind it are
 * Durable Objects: one `Namespace` (machines, blocks of pids, keys and ids of System V objects), and one object for each semaphore
 * set and message queue, which the machine talks to directly (ipc/wire.ts).
 */
import type { SignalInfo } from "../abi/signal.ts";
import type { IpcLimits } from "../ipc/backend.ts";
import type { IpcCaller, IpcPermissions, IpcUsage, MessageQueueStatus, SemaphoreSetStatus } from "../ipc/protocol.ts";
import type { CompletionCallback, ObjectHello, ObjectKind, OpenedObject } from "../ipc/wire.ts";
import type { SchedulingActor, SchedulingChange } from "./scheduling.ts";

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
  readonly shared: SharedIds;
}

/**
 * Ids of this machine's processes, groups and sessions that other machines have members of, or that they have borrowed from its
 * blocks. The whole list, of which a later version replaces an earlier one, and one that is `fresh`, after attaching anew, all before.
 */
export interface SharedIds {
  readonly version: number;
  readonly ids: readonly SharedId[];
}

export interface SharedId {
  readonly id: number;
  /** Members elsewhere keep the group from being orphaned. */
  readonly anchored: boolean;
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

/** Who sends a signal, as far as permission goes (kill(2)). Ids are those of the initial user namespace. */
export interface SignalSender {
  readonly uid: number;
  readonly euid: number;
  readonly sid: number;
  /** CAP_KILL in the initial user namespace. */
  readonly privileged: boolean;
}

/** Pids and tids are those of the outermost pid namespace. */
export type SignalTarget =
  | { readonly type: "process"; readonly id: number }
  /** `process`: which it must belong to, 0 for any. */
  | { readonly type: "thread"; readonly id: number; readonly process: number }
  | { readonly type: "group"; readonly id: number }
  /** kill(-1): all that the sender may signal. */
  | { readonly type: "all" };

/** kill(2) and its kin. (machine, sequence) makes it unique; the target's machine remembers what it answered. */
export interface SignalRequest {
  readonly op: "signal";
  readonly sequence: number;
  /** All before this one have been answered. */
  readonly settled: number;
  readonly target: SignalTarget;
  /** 0: only whether it could be sent. */
  readonly signal: number;
  readonly info: SignalInfo;
  readonly sender: SignalSender;
}

/** Threads that setpriority(2) and ioprio_set(2) mean. */
export type ThreadSet =
  | { readonly type: "thread"; readonly id: number }
  | { readonly type: "group"; readonly id: number }
  | { readonly type: "user"; readonly uid: number };

/** setpriority(2), sched_setscheduler(2) and their kin. Done again it does the same. */
export interface SchedulingRequest {
  readonly op: "schedule";
  readonly target: ThreadSet;
  readonly actor: SchedulingActor;
  readonly change: SchedulingChange;
}

/** getpriority(2), ioprio_get(2): of those threads. */
export interface Priorities {
  /** The lowest nice value. */
  readonly nice: number;
  /** The highest I/O priority that is set, 0 for none. */
  readonly io: number;
}

/** What one machine, or several together, know of a process group. */
export interface GroupRecord {
  /** The session that its members are in; 0 when it has none. */
  readonly sid: number;
  /** One of them is stopped. */
  readonly stopped: boolean;
}

/** What getpgid(2), sched_getscheduler(2) and their kin tell of a process or thread. */
export interface ProcessRecord {
  readonly pid: number;
  readonly tid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly uid: number;
  readonly euid: number;
  /** sched(7). */
  readonly nice: number;
  readonly policy: number;
  readonly priority: number;
  readonly resetOnFork: boolean;
}

/** A process as /proc shows it: files of /proc/[pid] in full. */
export interface ProcessReport extends ProcessRecord {
  readonly gid: number;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** R, S, D, T, Z. */
  readonly state: string;
  /** Nanoseconds of CPU time. */
  readonly cpuTime: number;
  /** Bytes. */
  readonly resident: number;
  readonly comm: string;
  readonly cmdline: Uint8Array;
  readonly stat: string;
  readonly status: string;
}

/** What a machine asks of the namespace. Answers are in the order of the requests. */
export type NamespaceRequest =
  | FindObject
  /** The id at an index (SEM_STAT, MSG_STAT), or -EINVAL. */
  | { readonly op: "at"; readonly kind: ObjectKind; readonly index: number }
  | { readonly op: "usage"; readonly kind: ObjectKind }
  | { readonly op: "list"; readonly kind: ObjectKind }
  /** Another block of about `count` ids, answered by a PidBlock, or null when there is none (EAGAIN). */
  | { readonly op: "pids"; readonly count: number }
  /** A block that no process, group or session has an id of any more. */
  | { readonly op: "returnPids"; readonly block: PidBlock }
  /** shmget(2): the id to make a segment under, or a negative errno; EREMOTE when the key's segment is in another machine. */
  | { readonly op: "segment"; readonly key: number; readonly flags: number }
  | { readonly op: "dropSegment"; readonly id: number }
  /** Answered by 0 or a negative errno. */
  | SignalRequest
  /** Answered by 0 or a negative errno. */
  | SchedulingRequest
  /** Answered by Priorities, or null when there is no such thread in other machines. */
  | { readonly op: "priorities"; readonly target: ThreadSet }
  /**
   * The machine is to have members of a group, or of a session, whose id is not of its blocks: 0, then the id is nobody else's until
   * "drop". `sid`: as setpgid(2) has it, the group must be there and of this session (EPERM); null: whatever there is (ESRCH).
   */
  | { readonly op: "hold"; readonly id: number; readonly sid: number | null }
  /** clone3(2) with set_tid: an id for a process or thread. 0, or EEXIST when it is in use; or a block that it is in. */
  | { readonly op: "claim"; readonly id: number }
  /** Nobody of this machine has the id that it has held or claimed. */
  | { readonly op: "drop"; readonly id: number }
  /** A group as other machines know it: a GroupRecord. */
  | { readonly op: "group"; readonly id: number }
  /** Whether a shared group has a member here that keeps it from being orphaned has changed. */
  | { readonly op: "anchor"; readonly id: number; readonly anchored: boolean }
  /** Tell when a process of another machine ends: 0, or -ESRCH when there is none. */
  | { readonly op: "watch"; readonly id: number }
  /** A process of this machine that others watch has ended, and was perhaps waited for. */
  | EndNotice
  /** What a program has written to /proc/sys: 0. */
  | { readonly op: "limits"; readonly limits: Partial<IpcLimits> }
  /** A process or thread of another machine: a ProcessRecord, or null when there is none. */
  | { readonly op: "process"; readonly id: number }
  /** All processes of other machines: a ProcessReport each. */
  | { readonly op: "processes" };

/** Of a process that is watched (pidfd_open(2)). */
export interface EndNotice {
  readonly op: "ended";
  readonly id: number;
  /** It has been waited for. */
  readonly reaped: boolean;
}

export type NamespaceAnswer =
  | number
  | null
  | GroupRecord
  | Priorities
  | PidBlock
  | Found
  | ProcessRecord
  | readonly ProcessReport[]
  | IpcUsage
  | readonly SemaphoreSetStatus[]
  | readonly MessageQueueStatus[];

/** What the namespace asks of a machine. */
export type MachineEvent =
  /** Are you there? 0. */
  | { readonly op: "alive" }
  /** The namespace has taken the machine for dead and reaped it: it ends. 0. */
  | { readonly op: "fenced" }
  /** Deliver a signal, sent by machine `from`: 0 or a negative errno. */
  | (SignalRequest & { readonly from: number })
  | SchedulingRequest
  | { readonly op: "priorities"; readonly target: ThreadSet }
  | { readonly op: "process"; readonly id: number }
  | { readonly op: "processes" }
  | { readonly op: "group"; readonly id: number }
  /** Another machine wants an id of this one's blocks: 0, or EEXIST when it is in use. */
  | { readonly op: "claim"; readonly id: number }
  /** 0. */
  | ({ readonly op: "shared" } & SharedIds & { readonly fresh?: boolean })
  /** Other machines want to know when the process ends: 0, or -ESRCH when it has. */
  | { readonly op: "watch"; readonly id: number }
  /** Of a process of another machine: 0. */
  | EndNotice
  /** Limits of System V objects have changed: 0. */
  | { readonly op: "limits"; readonly limits: IpcLimits };

export type MachineReply = number | null | GroupRecord | Priorities | ProcessRecord | readonly ProcessReport[];

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
