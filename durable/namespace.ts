/** A namespace as a Durable Object: machines, blocks of pids, and which System V objects there are. */
import { DurableObject } from "cloudflare:workers";
import { defaultLimits, type IpcLimits } from "../src/ipc/backend.ts";
import type { IpcUsage, MessageQueueStatus, SemaphoreSetStatus } from "../src/ipc/protocol.ts";
import type { ObjectKind } from "../src/ipc/wire.ts";
import type {
  Attachment,
  MachineCallback,
  NamespaceAnswer,
  NamespaceRequest,
  ObjectRecord,
  ProcessReport,
  Rejoin,
} from "../src/kernel/namespace-port.ts";
import { type DurableEnv, objectName } from "./env.ts";
import { Groups } from "./groups.ts";
import type { Watch } from "./link.ts";
import { Machines, type Session, type SessionOwner } from "./machines.ts";
import { ObjectIds } from "./object-ids.ts";
import { PID_LIMIT, PidBlocks } from "./pid-blocks.ts";
import { Processes } from "./processes.ts";
import { Segments } from "./segments.ts";
import { SharedIds } from "./shared-ids.ts";
import { Watches } from "./watches.ts";

export interface AttachReply {
  readonly attachment: Attachment;
  readonly session: Session;
  readonly watch: Watch;
}

type Status = SemaphoreSetStatus | MessageQueueStatus;

export class Namespace extends DurableObject<DurableEnv> implements SessionOwner {
  readonly #machines: Machines;
  readonly #pids: PidBlocks;
  readonly #processes: Processes;
  readonly #groups: Groups;
  readonly #objects: Record<ObjectKind, ObjectIds>;
  readonly #segments: Segments;
  readonly #limits = defaultLimits();

  constructor(state: DurableObjectState, env: DurableEnv) {
    super(state, env);
    const { sql } = state.storage;
    const shared = new SharedIds(sql);
    this.#pids = new PidBlocks(sql, (first, count) => shared.within(first, count));
    this.#segments = new Segments(sql);
    sql.exec("CREATE TABLE IF NOT EXISTS limits (one INTEGER PRIMARY KEY, limits TEXT)");
    for (const { limits } of sql.exec("SELECT limits FROM limits"))
      Object.assign(this.#limits, JSON.parse(limits as string));
    this.#machines = new Machines(sql, (machine) => {
      this.#groups.reaped(machine);
      this.#pids.releaseAll(machine);
      this.#segments.dropAll(machine);
    });
    this.#processes = new Processes(this.#machines, this.#pids, shared);
    this.#groups = new Groups(this.#processes, this.#pids, shared, new Watches(sql));
    this.#objects = {
      semaphore: new ObjectIds(sql, "semaphore", this.#limits),
      message: new ObjectIds(sql, "message", this.#limits),
    };
  }

  // ---- called by machines

  /** A machine joins, or comes back. */
  attach(callback: MachineCallback, again: Rejoin | null): AttachReply {
    const session = this.#machines.attach(this, callback, again);
    const { machine, epoch } = session;
    if (again !== null) this.#pids.keep(machine, again.pids);
    const pids = again?.pids[0] ?? this.#pids.lease(machine);
    if (pids === null) throw new Error("The namespace has no process ids left.");
    const attachment = {
      machine,
      epoch,
      pids,
      pidLimit: PID_LIMIT,
      limits: this.#limits,
      shared: this.#groups.listFor(machine),
    };
    return { attachment, session, watch: session.watch };
  }

  async request(session: Session, requests: readonly NamespaceRequest[]): Promise<readonly NamespaceAnswer[]> {
    // Those that are done here are done at once and in order; what must ask objects answers later.
    return Promise.all(requests.map((request) => this.#answer(session.machine, request)));
  }

  #answer(machine: number, request: NamespaceRequest): NamespaceAnswer | Promise<NamespaceAnswer> {
    switch (request.op) {
      case "get":
        return this.#objects[request.kind].find(machine, request, Math.floor(Date.now() / 1000));
      case "at":
        return this.#objects[request.kind].at(request.index);
      case "list":
        return this.#statuses(request.kind) as Promise<readonly SemaphoreSetStatus[]>;
      case "usage":
        return this.#usage(request.kind);
      case "pids":
        return this.#pids.lease(machine, request.count);
      case "returnPids":
        this.#pids.release(machine, request.block);
        return 0;
      case "segment":
        return this.#segments.find(machine, request.key, request.flags);
      case "dropSegment":
        this.#segments.drop(machine, request.id);
        return 0;
      case "signal":
        return this.#processes.signal(machine, request);
      case "schedule":
        return this.#processes.schedule(machine, request);
      case "priorities":
        return this.#processes.priorities(machine, request.target);
      case "hold":
        return this.#groups.hold(machine, request.id, request.sid);
      case "claim":
        return this.#groups.claim(machine, request.id);
      case "drop":
        return this.#groups.drop(machine, request.id).then(() => 0);
      case "group":
        return this.#groups.find(machine, request.id);
      case "anchor":
        return this.#groups.anchor(machine, request.id, request.anchored).then(() => 0);
      case "watch":
        return this.#groups.watch(machine, request.id);
      case "ended":
        return this.#groups.ended(request).then(() => 0);
      case "limits":
        return this.#changeLimits(machine, request.limits);
      case "process":
        return this.#processes.find(request.id);
      case "processes":
        return this.#processes.list(machine);
    }
  }

  /** A machine has written to /proc/sys; those that are attached learn of it, others when they come back. */
  async #changeLimits(from: number, changed: Partial<IpcLimits>): Promise<number> {
    Object.assign(this.#limits, changed);
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO limits VALUES (1, ?)", JSON.stringify(this.#limits));
    const others = this.#machines.attached.filter((machine) => machine !== from);
    await this.#processes.askAll(others, () => ({ op: "limits", limits: this.#limits }) as const);
    return 0;
  }

  // ---- called by the management interface

  processes(): Promise<ProcessReport[]> {
    return this.#processes.list(0);
  }

  /** Sends to a process, or with a negative number to a group, as root would: 0 or a negative errno. */
  kill(pid: number, signal: number, code: number): Promise<number> {
    const target = pid < 0 ? ({ type: "group", id: -pid } as const) : ({ type: "process", id: pid } as const);
    const info = { signal, code, errno: 0, layout: "kill", pid: 0, uid: 0 } as const;
    const sender = { uid: 0, euid: 0, sid: 0, privileged: true };
    return this.#processes.signal(0, { op: "signal", sequence: 0, settled: 0, target, signal, info, sender });
  }

  async ipc(): Promise<{ semaphores: SemaphoreSetStatus[]; queues: MessageQueueStatus[] }> {
    const [semaphores, queues] = await Promise.all([this.#statuses("semaphore"), this.#statuses("message")]);
    return { semaphores: semaphores as SemaphoreSetStatus[], queues: queues as MessageQueueStatus[] };
  }

  /** Removes an object as root would; false when there is none. */
  async removeObject(kind: ObjectKind, id: number): Promise<boolean> {
    if (this.#objects[kind].record(id) === null) return false;
    const name = this.ctx.id.name!;
    const binding = kind === "semaphore" ? this.env.SEMAPHORE_SETS : this.env.MESSAGE_QUEUES;
    return binding.getByName(objectName(name, id)).destroy(name, id);
  }

  // ---- called by objects

  /** What the object with this id is to be; null when there is none. */
  record(kind: ObjectKind, id: number): ObjectRecord | null {
    return this.#objects[kind].record(id);
  }

  removed(kind: ObjectKind, id: number): void {
    this.#objects[kind].remove(id);
  }

  /** Those of `machines` that are dead. */
  gone(machines: readonly number[]): Promise<number[]> {
    return this.#machines.gone(machines);
  }

  // ---- all objects

  async #statuses(kind: ObjectKind): Promise<Status[]> {
    const name = this.ctx.id.name!;
    const binding = kind === "semaphore" ? this.env.SEMAPHORE_SETS : this.env.MESSAGE_QUEUES;
    const all = [...this.#objects[kind]].map(
      ({ permissions: { id } }) => binding.getByName(objectName(name, id)).status(name, id) as Promise<Status | null>,
    );
    return (await Promise.all(all)).filter((status) => status !== null);
  }

  async #usage(kind: ObjectKind): Promise<IpcUsage> {
    const ids = this.#objects[kind];
    const { size: objects, maxIndex } = ids;
    if (kind === "semaphore") return { objects, maxIndex, elements: ids.semaphores, bytes: 0 };
    let elements = 0;
    let total = 0;
    for (const { messages, bytes } of (await this.#statuses(kind)) as MessageQueueStatus[]) {
      elements += messages;
      total += bytes;
    }
    return { objects, maxIndex, elements, bytes: total };
  }
}
