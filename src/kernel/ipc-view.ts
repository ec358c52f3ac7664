/** An IPC namespace as /proc shows it (fs/proc/ipc.ts): that of the process which reads. */
import { EINVAL, Errno } from "../abi/errno.ts";
import type { QueueLimits } from "../fs/mqueue.ts";
import type { IpcKind, IpcView } from "../fs/proc/ipc.ts";
import type { IpcLimits } from "../ipc/backend.ts";
import { Pending } from "../ipc/backend.ts";
import { LocalIpc } from "../ipc/local.ts";
import type { IpcPermissions, IpcRequest, IpcResult, MessageQueueStatus, SemaphoreSetStatus } from "../ipc/protocol.ts";
import type { Segment, SegmentLimits } from "../ipc/shared-memory.ts";
import { NeedPage } from "../wait/queue.ts";
import { ipcTime, shownPermissions } from "./ipc.ts";
import type { Kernel } from "./kernel.ts";
import { queuesOf } from "./mqueue.ts";
import type { IpcNamespace } from "./namespaces.ts";
import type { PidNamespace } from "./pids.ts";
import type { RemoteCall } from "./remote-call.ts";

export class KernelIpcView implements IpcView {
  readonly #kernel: Kernel;
  readonly #pids: PidNamespace;
  /** What has been asked of objects outside the machine, until the reader comes again. */
  readonly #asked = new Map<string, Pending>();

  /** Changes of limits that other machines are being told of, until the writer comes again. */
  readonly #told = new Map<string, RemoteCall>();

  constructor(kernel: Kernel, pids: PidNamespace) {
    this.#kernel = kernel;
    this.#pids = pids;
  }

  semaphoreSets(): readonly SemaphoreSetStatus[] {
    return this.#list({ kind: "semaphore", op: "list" }) as readonly SemaphoreSetStatus[];
  }
  messageQueues(): readonly MessageQueueStatus[] {
    return this.#list({ kind: "message", op: "list" }) as readonly MessageQueueStatus[];
  }
  segments(): Iterable<Segment> {
    return this.#namespace.segments.segments;
  }
  shown(permissions: IpcPermissions): IpcPermissions {
    const { current } = this.#kernel;
    return current === null ? permissions : shownPermissions(current, permissions);
  }
  pid(pid: number): number {
    return this.#kernel.pids.numberIn(this.#pids, pid);
  }
  get limits(): IpcLimits {
    return this.#namespace.objects.limits;
  }
  setLimits(limits: Partial<IpcLimits>): void {
    const { remote, namespaces } = this.#kernel;
    const { objects } = this.#namespace;
    if (remote !== null && objects === namespaces.ipc.objects) {
      const change = JSON.stringify(limits);
      const call = this.#told.get(change) ?? remote.call({ op: "limits", limits });
      this.#told.set(change, call);
      if (call.answer === undefined) throw new NeedPage(call.queue);
      this.#told.delete(change);
    }
    Object.assign(objects.limits, limits);
  }
  get segmentLimits(): SegmentLimits {
    return this.#namespace.segments.limits;
  }
  get queueLimits(): QueueLimits {
    return queuesOf(this.#kernel, this.#namespace).limits;
  }

  nextId(kind: IpcKind): number {
    return this.#ids(kind)?.wanted ?? -1;
  }
  setNextId(kind: IpcKind, id: number): void {
    const ids = this.#ids(kind);
    if (ids === null) throw new Errno(EINVAL);
    ids.wanted = id;
  }

  /** Null for those that are not this machine's own. */
  #ids(kind: IpcKind): { wanted: number } | null {
    const { objects, segments } = this.#namespace;
    if (!(objects instanceof LocalIpc)) return null;
    return kind === "segment" ? segments.segments : objects.ids(kind);
  }

  forceRemoval(on: boolean): void {
    const { processes } = this.#kernel;
    this.#namespace.segments.forceRemoval(on, (pid) => processes.get(pid)?.zombie === false);
  }

  get #namespace(): IpcNamespace {
    const { current, namespaces } = this.#kernel;
    return (current?.namespaces ?? namespaces).ipc;
  }

  /** Waits as for a page when the objects are not in the machine. */
  #list(request: Extract<IpcRequest, { op: "list" }>): IpcResult {
    const asked = this.#asked.get(request.kind);
    if (asked !== undefined && asked.result !== null) {
      this.#asked.delete(request.kind);
      return asked.result;
    }
    const outcome = asked ?? this.#namespace.objects.submit(request, ipcTime(this.#kernel));
    if (!(outcome instanceof Pending)) return outcome;
    this.#asked.set(request.kind, outcome);
    throw new NeedPage(outcome.queue);
  }
}
