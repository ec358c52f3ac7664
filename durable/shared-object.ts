/**
 * What Durable Objects of semaphore sets and of message queues have in common: links to machines, operations that are done once, and
 * machines that vanish. What the object *is*, its subclass knows.
 *
 * Everything that a batch changes is written before the first `await` after it, so it is one transaction; the platform holds
 * back answers and callbacks until that is durable.
 */
import { DurableObject } from "cloudflare:workers";
import { EINVAL } from "../src/abi/errno.ts";
import type { LeaseRecord, ObjectState } from "../src/ipc/lease-record.ts";
import type { SavedMessageQueue } from "../src/ipc/message-queue.ts";
import { CAN_ACCESS, CAN_ADMINISTER, type MessageQueueStatus, type SemaphoreSetStatus } from "../src/ipc/protocol.ts";
import type { SavedSemaphoreSet } from "../src/ipc/semaphore-set.ts";
import {
  type CompletionCallback,
  FENCED,
  isKept,
  MOST_LEASED,
  type ObjectAnswer,
  type ObjectBatch,
  type ObjectHello,
  type ObjectKind,
  type ObjectResult,
} from "../src/ipc/wire.ts";
import type { ObjectRecord } from "../src/kernel/namespace-port.ts";
import { type DurableEnv, GRACE, objectName } from "./env.ts";
import { Inquiry } from "./inquiry.ts";
import { Ledger, type Waiting } from "./ledger.ts";
import { Link, type LinkOwner, type Watch } from "./link.ts";
import { ObjectMemory } from "./object-memory.ts";
import { Recall } from "./recall.ts";
import type { StoredObject } from "./stored-object.ts";

/** Results of a removed object are kept for so long, then its storage is emptied (milliseconds). */
const KEPT_AFTER_REMOVAL = 60_000;

export interface OpenReply {
  readonly answer: ObjectAnswer;
  /** Null when there is no such object. */
  readonly link: Link | null;
  readonly watch: Watch | null;
}

const seconds = (): number => Math.floor(Date.now() / 1000);

export abstract class SharedObject extends DurableObject<DurableEnv> implements LinkOwner {
  readonly #links = new Map<number, Link>();
  readonly #sql: SqlStorage;
  #ledger!: Ledger;
  #object: StoredObject | null = null;
  /** Which it is; known when `#object` is. */
  #namespace = "";
  #id = 0;
  /** It was removed, and the namespace may not know. */
  #untold = false;
  readonly #recall: Recall;
  readonly #inquiry: Inquiry;
  protected readonly memory = new ObjectMemory();

  constructor(state: DurableObjectState, env: DurableEnv) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#recall = new Recall({ askHolder: () => this.#askHolder(), checkHolder: () => this.#checkHolder() });
    this.#inquiry = new Inquiry({
      unlinked: () => this.#unlinked(),
      gone: (machines) => this.#gone(machines),
      vanished: (machine) => this.#vanished(machine),
    });
    const tables = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'identity'").toArray();
    if (tables.length > 0) this.#load();
  }

  protected abstract readonly kind: ObjectKind;
  protected abstract create(sql: SqlStorage, record: ObjectRecord): StoredObject;
  protected abstract load(sql: SqlStorage, waiting: readonly Waiting[]): StoredObject;

  #load(): void {
    const { namespace, id } = this.#sql.exec<{ namespace: string; id: number }>("SELECT * FROM identity").one();
    this.#namespace = namespace;
    this.#id = id;
    this.#ledger = new Ledger(this.#sql);
    this.#object = this.load(this.#sql, this.#ledger.waiting);
    this.#untold = this.#object.removed;
    const { prepared } = this.#ledger;
    if (prepared !== null) this.#object.replace(prepared);
    // Machines that were here have to come again.
    if (!this.#unlinked().next().done) this.#inquiry.ask(GRACE);
  }

  /** Makes the object what its namespace says it is; null when there is none with this id. */
  async #find(namespace: string, id: number): Promise<StoredObject | null> {
    if (this.#untold) await this.#remove();
    if (this.#object !== null) return this.#object;
    const record = await this.env.NAMESPACES.getByName(namespace).record(this.kind, id);
    if (record === null || this.#object !== null) return this.#object;
    this.#sql.exec("CREATE TABLE identity (namespace TEXT, id INTEGER)");
    this.#sql.exec("INSERT INTO identity VALUES (?, ?)", namespace, id);
    Ledger.create(this.#sql);
    this.#ledger = new Ledger(this.#sql);
    this.#namespace = namespace;
    this.#id = id;
    this.#object = this.create(this.#sql, record);
    this.#object.store();
    return this.#object;
  }

  // ---- called by machines

  /** Opens a link for a machine, and does its first batch. */
  async open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenReply> {
    const { namespace, id, machine, epoch, holdsLease, batch } = hello;
    if ((await this.#find(namespace, id)) === null) return nothing(batch);
    while (this.#ledger.holder !== 0 && this.#ledger.holder !== machine) await this.#recall.done();
    if (this.#object === null) return nothing(batch);
    if (this.#ledger.isGone(machine)) throw new Error(FENCED);
    const before = this.#links.get(machine);
    if (before !== undefined && before.epoch >= epoch) throw new Error("There is a newer link of this machine.");
    const link = new Link(this, machine, epoch, complete);
    this.#links.set(machine, link);
    before?.close();
    // It has not heard of the lease.
    if (this.#ledger.holder === machine && !holdsLease) this.#leaseEnded();
    if (this.#ledger.holder !== machine && holdsLease && batch.record?.last !== true) throw new Error(FENCED);
    const answer = await this.submit(link, batch);
    if (this.#recall.underWay) this.#recall.ask();
    return { answer, link, watch: link.watch };
  }

  async submit(link: Link, batch: ObjectBatch): Promise<ObjectAnswer> {
    const { machine } = link;
    if (this.#links.get(machine) !== link) throw new Error("There is a newer link of this machine.");
    const object = this.#object!;
    const existed = !object.removed;
    if (batch.record !== null) this.#log(machine, batch.record);
    const results = this.#perform(link, batch);
    const alone = this.#isAlone(machine);
    const grant = alone && batch.wantsLease ? this.#grant(machine) : null;
    if (existed && object.removed) await this.#remove();
    return { results, alone, grant };
  }

  left(link: Link): void {
    if (this.#links.get(link.machine) !== link) return;
    this.#links.delete(link.machine);
    this.#recall.left();
    if ([...this.#unlinked()].includes(link.machine)) this.#inquiry.ask(0);
  }

  // ---- the lease

  /** No other machine has anything to do with the object, so that this one could have the lease. */
  #isAlone(machine: number): boolean {
    const object = this.#object!;
    if (object.removed || this.#ledger.holder !== 0 || this.#recall.paused) return false;
    if (this.#links.size > 1 || this.memory.used > MOST_LEASED) return false;
    for (const other of this.#ledger.machines()) if (other !== machine) return false;
    for (const other of object.machines()) if (other !== machine) return false;
    return true;
  }

  /** The machine's own operations wait with it from now on. */
  #grant(machine: number): ObjectState {
    const object = this.#object!;
    const { state } = object;
    this.#ledger.holder = machine;
    this.#ledger.stopWaiting();
    const same = "messages" in state ? { messages: [] } : {};
    object.replace({ state: { ...state, ...NOBODY, ...same }, gone: [] });
    return state;
  }

  /** The holder has done something, in a turn that counts when it is logged at all of its objects. */
  #log(machine: number, record: LeaseRecord): void {
    const ledger = this.#ledger;
    if (ledger.holder !== machine) {
      // It gave the lease back before, and has not heard the answer.
      if (record.last) return;
      throw new Error(FENCED);
    }
    const { turn, others, state, gone, last } = record;
    if (turn <= ledger.turn) return;
    this.#commit();
    this.#object!.replace({ state, gone });
    ledger.turn = turn;
    if (others.length > 0) ledger.prepared = record;
    if (!last) return;
    const waiting = "waiting" in state ? state.waiting : [...state.senders, ...state.receivers];
    for (const { ticket, request } of waiting) ledger.wait(ticket, request);
    this.#leaseEnded();
  }

  /** The record that was last logged counts. */
  #commit(): void {
    if (this.#ledger.prepared === null) return;
    this.#ledger.prepared = null;
    this.#object!.store();
  }

  /** The holder is dead: whether its last turn counts, its other objects know. */
  async #decide(machine: number): Promise<void> {
    const { holder, turn, prepared } = this.#ledger;
    if (holder !== machine || prepared === null) return;
    const { SEMAPHORE_SETS, MESSAGE_QUEUES } = this.env;
    const answers = prepared.others.map(({ kind, id }) =>
      (kind === "semaphore" ? SEMAPHORE_SETS : MESSAGE_QUEUES)
        .getByName(objectName(this.#namespace, id))
        .hasTurn(this.#namespace, id, machine, turn),
    );
    const logged = (await Promise.all(answers)).every((has) => has);
    if (this.#ledger.prepared !== prepared) return;
    if (logged) return this.#commit();
    this.#ledger.prepared = null;
    this.#object!.discard();
    this.#object = this.load(this.#sql, []);
  }

  /** For another object, which has it from the namespace that the machine is dead: a turn that is not here never will be. */
  async hasTurn(namespace: string, id: number, machine: number, turn: number): Promise<boolean> {
    if ((await this.#find(namespace, id)) === null) return true;
    const has = this.#ledger.hasTurn(machine, turn);
    if (has || this.#ledger.holder !== machine) return has;
    this.#commit();
    this.#links.get(machine)?.close();
    this.#forget(machine);
    return false;
  }

  #leaseEnded(): void {
    this.#ledger.holder = 0;
    this.#recall.ended();
  }

  #askHolder(): void {
    const link = this.#links.get(this.#ledger.holder);
    if (link === undefined) this.#inquiry.ask(0);
    else link.recall();
  }

  async #checkHolder(): Promise<void> {
    const { holder } = this.#ledger;
    if (!this.#links.has(holder)) return;
    const gone = await this.#gone([holder]);
    if (gone.includes(holder)) this.#links.get(holder)?.close();
  }

  // ---- called by the namespace

  async status(namespace: string, id: number): Promise<SemaphoreSetStatus | MessageQueueStatus | null> {
    const object = await this.#find(namespace, id);
    return object === null || object.removed ? null : object.status;
  }

  /** Removes the object, whoever's it is; false when there is none. */
  async destroy(namespace: string, id: number): Promise<boolean> {
    let object = await this.#find(namespace, id);
    while (object !== null && this.#ledger.holder !== 0) {
      await this.#recall.done();
      object = this.#object;
    }
    if (object === null || object.removed) return false;
    const caller = { pid: 0, uid: 0, gid: 0, fsgid: 0, groups: [], capabilities: CAN_ACCESS | CAN_ADMINISTER };
    object.submit({ op: "remove", caller }, seconds(), { machine: 0, sequence: 0 });
    const others = new Map<number, ObjectResult[]>();
    this.#collect(others);
    object.store();
    this.#deliver(others);
    await this.#remove();
    return true;
  }

  // ---- operations

  #perform(link: Link, { acknowledged, operations }: ObjectBatch): ObjectResult[] {
    const object = this.#object!;
    const ledger = this.#ledger;
    const { machine } = link;
    const now = seconds();
    const answers: ObjectResult[] = [];
    const others = new Map<number, ObjectResult[]>();
    ledger.acknowledge(machine, acknowledged);
    for (const { sequence, request } of operations) {
      const ticket = { machine, sequence };
      if (request === null) {
        object.cancel(ticket);
        this.#collect(others);
        continue;
      }
      const kept = ledger.result(ticket);
      if (kept !== undefined) answers.push({ sequence, result: kept });
      if (kept !== undefined || ledger.waits(ticket)) continue;
      const result = object.removed ? -EINVAL : object.submit(request, now, ticket);
      if (result === null) ledger.wait(ticket, request);
      else {
        answers.push({ sequence, result });
        if (isKept(request, result)) ledger.keep(ticket, result);
      }
      this.#collect(others);
    }
    if (ledger.prepared === null) object.store();
    answers.push(...(others.get(machine) ?? []));
    others.delete(machine);
    this.#deliver(others);
    return answers;
  }

  /** Those that have waited long enough: their results are kept, and go to their machines. */
  #collect(results: Map<number, ObjectResult[]>): void {
    const object = this.#object!;
    for (const { ticket, result } of object.completions) {
      this.#ledger.complete(ticket, result);
      const { machine, sequence } = ticket;
      const others = results.get(machine);
      if (others === undefined) results.set(machine, [{ sequence, result }]);
      else others.push({ sequence, result });
    }
    object.completions = [];
  }

  #deliver(results: ReadonlyMap<number, readonly ObjectResult[]>): void {
    for (const [machine, list] of results) this.#links.get(machine)?.deliver(list);
  }

  /** The namespace must not find it any more before anybody is told that it is gone. */
  async #remove(): Promise<void> {
    await this.env.NAMESPACES.getByName(this.#namespace).removed(this.kind, this.#id);
    this.#untold = false;
    await this.ctx.storage.setAlarm(Date.now() + KEPT_AFTER_REMOVAL);
  }

  override async alarm(): Promise<void> {
    if (this.#object?.removed !== true) return;
    await this.#remove();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#object = null;
    for (const link of [...this.#links.values()]) link.close();
  }

  // ---- machines that vanish

  /** Machines that have something here and no link. */
  *#unlinked(): Generator<number> {
    for (const machine of this.#ledger.machines()) if (!this.#links.has(machine)) yield machine;
    for (const machine of this.#object!.machines()) if (!this.#links.has(machine)) yield machine;
    const { holder } = this.#ledger;
    if (holder !== 0 && !this.#links.has(holder)) yield holder;
  }

  /** Those of `machines` that are dead. */
  #gone(machines: readonly number[]): Promise<number[]> {
    return this.env.NAMESPACES.getByName(this.#namespace)
      .gone(machines)
      .catch(() => []);
  }

  async #vanished(machine: number): Promise<void> {
    if (this.#links.has(machine)) return;
    try {
      await this.#decide(machine);
    } catch {
      // It is asked about again.
      return;
    }
    if (!this.#ledger.isGone(machine)) this.#forget(machine);
  }

  #forget(machine: number): void {
    const object = this.#object!;
    const others = new Map<number, ObjectResult[]>();
    const held = this.#ledger.holder === machine;
    object.forget(machine, this.#ledger.forget(machine, Date.now()), seconds());
    this.#collect(others);
    object.store();
    if (held) this.#leaseEnded();
    this.#deliver(others);
  }
}

/** There is no such object. */
const nothing = ({ operations }: ObjectBatch): OpenReply => ({
  answer: {
    results: operations.map(({ sequence }) => ({ sequence, result: -EINVAL })),
    alone: false,
    grant: null,
  },
  link: null,
  watch: null,
});

/** Added to a state: who waits does so elsewhere. */
const NOBODY: Pick<SavedSemaphoreSet, "waiting"> & Pick<SavedMessageQueue, "senders" | "receivers"> = {
  waiting: [],
  senders: [],
  receivers: [],
};
