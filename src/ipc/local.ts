/** System V objects of one machine: everything is answered at once, but for what waits for other processes of the machine. */
import { EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC } from "../abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "../abi/ipc.ts";
import { defaultLimits, type IpcBackend, type IpcLimits, Pending } from "./backend.ts";
import { IdTable } from "./id-table.ts";
import { MessageQueue, SIZE_OF_QUEUE, withinUsual } from "./message-queue.ts";
import { createdBy } from "./permission.ts";
import type { Completion, GetRequest, IpcRequest, IpcResult, IpcUsage, MemoryBudget } from "./protocol.ts";
import { SemaphoreSet, sizeOfSet } from "./semaphore-set.ts";

/** Tickets of a machine that is alone. */
const MACHINE = 0;

type SemaphoreRequest = Extract<IpcRequest, { kind: "semaphore" }>;
type MessageRequest = Extract<IpcRequest, { kind: "message" }>;

export class LocalIpc implements IpcBackend {
  readonly limits: IpcLimits = defaultLimits();
  readonly #memory: MemoryBudget;
  readonly #sets = new IdTable<SemaphoreSet<Pending>>();
  readonly #queues = new IdTable<MessageQueue<Pending>>();
  /** Semaphores of all sets. */
  #semaphores = 0;
  #sequence = 0;
  /** The ticket of the operation that has just begun to wait, and for which object one would be made. */
  #pending: Pending | null = null;
  #asked: { readonly kind: IpcRequest["kind"]; readonly id: number } = { kind: "semaphore", id: 0 };
  readonly #makeTicket = (): Pending => {
    const { kind, id } = this.#asked;
    this.#pending = new Pending(this, MACHINE, ++this.#sequence, kind, id);
    return this.#pending;
  };

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  /** The ids of a kind. */
  ids(kind: IpcRequest["kind"]): { wanted: number } {
    return kind === "semaphore" ? this.#sets : this.#queues;
  }

  submit(request: IpcRequest, now: number): IpcResult | Pending {
    return request.kind === "semaphore" ? this.#onSemaphores(request, now) : this.#onMessages(request, now);
  }

  cancel(pending: Pending): void {
    const { kind, id } = pending;
    const object = kind === "semaphore" ? this.#sets.get(id) : this.#queues.get(id);
    if (object === null) return;
    object.cancel(pending);
    complete(object);
  }

  end(): void {
    for (const set of this.#sets) this.#removed(set);
    for (const queue of this.#queues) {
      queue.remove();
      this.#queues.remove(queue.permissions.id);
    }
  }

  #removed(set: SemaphoreSet<Pending>): void {
    if (!set.removed) set.remove();
    this.#sets.remove(set.permissions.id);
    this.#semaphores -= set.count;
  }

  #onSemaphores(request: SemaphoreRequest, now: number): IpcResult | Pending {
    if (request.op === "get") return this.#getSet(request, now);
    if (request.op === "usage") return usage(this.#sets, this.#semaphores, 0);
    if (request.op === "list") return [...this.#sets].map((set) => set.status);
    if (request.op === "end") {
      for (const set of this.#sets) {
        set.submit({ ...request, op: "undo" }, now, MACHINE, noTicket);
        if (set.completions.length > 0) complete(set);
      }
      return 0;
    }
    const { id, byIndex } = request;
    const set = byIndex ? this.#sets.at(id) : this.#sets.get(id);
    if (set === null) return -EINVAL;
    this.#asked = request;
    const result = set.submit(request, now, MACHINE, this.#makeTicket);
    if (set.completions.length > 0) complete(set);
    if (set.removed) this.#removed(set);
    return result ?? this.#pending!;
  }

  #onMessages(request: MessageRequest, now: number): IpcResult | Pending {
    if (request.op === "get") return this.#getQueue(request, now);
    if (request.op === "usage") {
      const all = [...this.#queues].map((queue) => queue.status);
      const sum = (of: (status: (typeof all)[0]) => number) => all.reduce((total, status) => total + of(status), 0);
      return usage(
        this.#queues,
        sum(({ messages }) => messages),
        sum(({ bytes }) => bytes),
      );
    }
    if (request.op === "list") return [...this.#queues].map((queue) => queue.status);
    const { id, byIndex } = request;
    const queue = byIndex ? this.#queues.at(id) : this.#queues.get(id);
    if (queue === null) return -EINVAL;
    const operation = request.op === "set" ? { ...request, ...withinUsual(request, this.limits.queueBytes) } : request;
    this.#asked = request;
    const result = queue.submit(operation, now, this.#makeTicket);
    if (queue.completions.length > 0) complete(queue);
    if (queue.removed) this.#queues.remove(id);
    return result ?? this.#pending!;
  }

  #getSet({ caller, key, flags, count }: GetRequest, now: number): IpcResult {
    const { semaphoresPerSet, semaphores, sets } = this.limits;
    if (count < 0 || count > semaphoresPerSet) return -EINVAL;
    const existing = find(this.#sets, key, flags);
    if (typeof existing === "number") return existing;
    if (existing !== null) return existing.submit({ op: "open", caller, flags, count }, now, MACHINE, noTicket)!;
    if (count === 0) return -EINVAL;
    if (this.#semaphores + count > semaphores || this.#sets.size >= sets) return -ENOSPC;
    if (!this.#memory.take(sizeOfSet(count))) return -ENOMEM;
    const set = new SemaphoreSet<Pending>(
      createdBy(caller, key, this.#sets.reserve(), flags),
      count,
      now,
      this.#memory,
    );
    this.#sets.add(set);
    this.#semaphores += count;
    return set.permissions.id;
  }

  #getQueue({ caller, key, flags }: GetRequest, now: number): IpcResult {
    const existing = find(this.#queues, key, flags);
    if (typeof existing === "number") return existing;
    if (existing !== null) return existing.submit({ op: "open", caller, flags }, now, noTicket)!;
    if (this.#queues.size >= this.limits.queues) return -ENOSPC;
    if (!this.#memory.take(SIZE_OF_QUEUE)) return -ENOMEM;
    const permissions = createdBy(caller, key, this.#queues.reserve(), flags);
    this.#queues.add(new MessageQueue<Pending>(permissions, this.limits.queueBytes, now, this.#memory));
    return permissions.id;
  }
}

function noTicket(): never {
  throw new Error("does not wait");
}

/** The object with `key`; null when one is to be made; or a negative errno (ipcget_public). */
function find<T extends { permissions: { id: number; key: number } }>(
  table: IdTable<T>,
  key: number,
  flags: number,
): T | null | number {
  if (key === IPC_PRIVATE) return null;
  const object = table.withKey(key);
  if (object === null) return flags & IPC_CREAT ? null : -ENOENT;
  return (flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL) ? -EEXIST : object;
}

const usage = (
  table: { readonly size: number; readonly maxIndex: number },
  elements: number,
  bytes: number,
): IpcUsage => ({
  objects: table.size,
  maxIndex: table.maxIndex,
  elements,
  bytes,
});

/** Tells the callers that waited what became of it. */
function complete(object: { completions: Completion<Pending>[] }): void {
  const done = object.completions;
  object.completions = [];
  for (const { ticket, result } of done) ticket.settle(result);
}
