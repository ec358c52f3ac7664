/**
 * The Durable Objects of semaphore sets and queues (durable/), on SQLite in memory, and machines that use them through RemoteIpc, over
 * links that delay, break, lose answers and deliver what was sent before they broke. All in virtual time, all from one seed.
 */
import { DatabaseSync } from "node:sqlite";
import { vi } from "vitest";
import { MessageQueueObject } from "../../durable/message-queue.ts";
import { SemaphoreSetObject } from "../../durable/semaphore-set.ts";
import type { OpenReply } from "../../durable/shared-object.ts";
import { defaultLimits, Pending } from "../../src/ipc/backend.ts";
import type { IpcRequest, IpcResult } from "../../src/ipc/protocol.ts";
import { RemoteIpc } from "../../src/ipc/remote.ts";
import type { CompletionCallback, ObjectHello, ObjectKind, OpenedObject } from "../../src/ipc/wire.ts";
import type { ObjectRecord } from "../../src/kernel/namespace-port.ts";
import { storage } from "./sql-storage.ts";
import { Budget, owned } from "./support.ts";

/** Numbers from 0 to 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Instance = MessageQueueObject | SemaphoreSetObject;

class StoredInstance {
  readonly kind: ObjectKind;
  readonly database = new DatabaseSync(":memory:");
  instance: Instance | null = null;
  readonly wires = new Set<Wire>();

  constructor(kind: ObjectKind) {
    this.kind = kind;
  }
}

/** A link's way, both directions in order. */
class Wire {
  readonly #world: World;
  readonly #machine: FakeMachine;
  readonly #object: StoredInstance;
  readonly #instance: Instance;
  #broken = false;
  readonly #closed = Promise.withResolvers<never>();
  #opened: OpenReply | null = null;
  #arrival = { there: 0, back: 0 };

  constructor(world: World, machine: FakeMachine, object: StoredInstance, instance: Instance) {
    this.#world = world;
    this.#machine = machine;
    this.#object = object;
    this.#instance = instance;
    object.wires.add(this);
    machine.wires.add(this);
    this.#closed.promise.catch(() => {});
  }

  /** What it takes: not before what went the same way. */
  async #travel(way: "there" | "back"): Promise<void> {
    const at = Math.max(Date.now() + this.#world.delay(), this.#arrival[way]);
    this.#arrival[way] = at;
    await after(at - Date.now());
  }

  /** A call of the object. What was sent before the link broke may arrive all the same, and so may the answer. */
  async #call<T>(what: () => Promise<T>): Promise<T> {
    await this.#travel("there");
    const world = this.#world;
    if (this.#broken && world.random() < 0.5) throw new Error("The link broke.");
    if (this.#object.instance !== this.#instance) throw new Error("The object has gone.");
    const answer = structuredClone(await Promise.race([what(), this.#closed.promise]));
    await this.#travel("back");
    if (this.#machine.dead || (this.#broken && world.random() < 0.7)) throw new Error("The link broke.");
    return answer;
  }

  async open(hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject> {
    const sent = structuredClone(hello);
    let reply: OpenReply | undefined;
    const answer = await this.#call(async () => {
      reply = (await this.#instance.open(sent, async (results, recall) => {
        const copy = structuredClone(results);
        await this.#travel("back");
        if (!this.#broken && !this.#machine.dead) await complete(copy, recall);
      })) as OpenReply;
      this.#opened = reply;
      if (this.#broken) this.#leave();
      return reply.answer;
    });
    const { link, watch } = reply!;
    if (link === null) return { answer, link: null };
    watch!.closed().then(() => {
      if (!this.#broken) this.break();
    });
    return {
      answer,
      link: {
        submit: (batch) => {
          const copy = structuredClone(batch);
          return this.#call(() => link.submit(copy));
        },
        closed: () => this.#closed.promise,
        close: () => this.#leave(),
      },
    };
  }

  #leave(): void {
    this.#object.wires.delete(this);
    this.#machine.wires.delete(this);
    const opened = this.#opened;
    if (opened?.link) setTimeout(() => opened.link?.[Symbol.dispose](), this.#world.delay());
  }

  break(): void {
    this.#broken = true;
    setTimeout(() => this.#closed.reject(new Error("The link broke.")), this.#world.delay());
    this.#leave();
  }
}

/** A machine; its processes are whatever the test does with it. */
export class FakeMachine {
  readonly number: number;
  readonly ipc: RemoteIpc;
  readonly wires = new Set<Wire>();
  dead = false;
  /** It reaches nothing, and the namespace takes it for dead. */
  cut = false;

  constructor(world: World, number: number) {
    this.number = number;
    this.ipc = new RemoteIpc({
      namespace: "test",
      machine: number,
      limits: defaultLimits(),
      memory: new Budget(),
      ask: async (question) => {
        if (question.op !== "get") throw new Error("nothing else is asked here");
        await after(world.delay());
        return { id: world.nextId(), fresh: true };
      },
      open: (hello, complete) => world.open(this, hello, complete),
      sleep: after,
      fail: (error) => world.failures.push(error),
    });
  }

  /** The answer to a request. With `patience` it is given up after so many milliseconds. */
  async ask(request: IpcRequest, patience = Number.POSITIVE_INFINITY): Promise<IpcResult> {
    if (this.dead) await new Promise(() => {});
    const outcome = this.ipc.submit(request, Math.floor(Date.now() / 1000));
    if (!(outcome instanceof Pending)) return outcome;
    if (patience < Number.POSITIVE_INFINITY) {
      setTimeout(() => {
        if (outcome.result === null && !this.dead) this.ipc.cancel(outcome);
      }, patience);
    }
    if (outcome.result === null) await new Promise<void>((resolve) => outcome.queue.add({ wake: () => resolve() }));
    // A thread of a machine that is not there any more does not go on.
    if (this.dead) await new Promise(() => {});
    return outcome.result!;
  }

  /** What the machine has done may be seen outside. */
  async settle(): Promise<void> {
    try {
      await this.ipc.settle();
    } catch (error) {
      if (!this.dead) throw error;
    }
    if (this.dead) await new Promise(() => {});
  }
}

export class World {
  readonly random: () => number;
  readonly failures: Error[] = [];
  readonly #objects = new Map<string, StoredInstance>();
  readonly #machines: FakeMachine[] = [];
  #lastId = 100;
  /** Most milliseconds of a way. */
  distance = 5;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  /** Of a new object. */
  nextId(): number {
    return ++this.#lastId;
  }

  delay(): number {
    return Math.floor(this.random() * (this.distance + 1));
  }

  machine(): FakeMachine {
    const machine = new FakeMachine(this, this.#machines.length + 1);
    this.#machines.push(machine);
    return machine;
  }

  async open(machine: FakeMachine, hello: ObjectHello, complete: CompletionCallback): Promise<OpenedObject> {
    if (machine.dead || machine.cut) throw new Error("There is no way.");
    const object = this.#object(hello.kind, hello.id);
    object.instance ??= this.#start(object);
    return new Wire(this, machine, object, object.instance).open(hello, complete);
  }

  #object(kind: ObjectKind, id: number): StoredInstance {
    const key = `${kind}:${id}`;
    let object = this.#objects.get(key);
    if (object === undefined) {
      object = new StoredInstance(kind);
      this.#objects.set(key, object);
    }
    return object;
  }

  #start(object: StoredInstance): Instance {
    const ifThere = async <T>(what: () => T): Promise<T> => {
      await after(this.delay());
      // An instance that was ended does nothing more.
      if (object.instance !== instance) await new Promise(() => {});
      return what();
    };
    const record = (kind: ObjectKind, id: number): ObjectRecord => ({
      kind,
      permissions: { ...owned(), id },
      count: kind === "semaphore" ? 2 : 0,
      byteLimit: defaultLimits().queueBytes,
      created: 0,
    });
    const namespace = {
      record: (kind: ObjectKind, id: number) => ifThere(() => record(kind, id)),
      removed: () => ifThere(() => undefined),
      gone: (machines: readonly number[]) => ifThere(() => machines.filter((n) => this.isGone(n))),
    };
    const state = { storage: { sql: storage(object.database), setAlarm: async () => {}, deleteAlarm: async () => {} } };
    const Class = object.kind === "semaphore" ? SemaphoreSetObject : MessageQueueObject;
    const instance: Instance = new Class(
      state as unknown as DurableObjectState,
      {
        NAMESPACES: { getByName: () => namespace },
        SEMAPHORE_SETS: { getByName: (name: string) => this.#other("semaphore", name) },
        MESSAGE_QUEUES: { getByName: (name: string) => this.#other("message", name) },
      } as never,
    );
    return instance;
  }

  /** An object, as another calls it. */
  #other(kind: ObjectKind, name: string) {
    return {
      hasTurn: async (...args: Parameters<Instance["hasTurn"]>) => {
        await after(this.delay());
        const object = this.#object(kind, Number(name.split("/")[1]));
        object.instance ??= this.#start(object);
        const answer = await object.instance.hasTurn(...args);
        await after(this.delay());
        return answer;
      },
    };
  }

  isGone(number: number): boolean {
    const { dead, cut } = this.#machines[number - 1];
    return dead || cut;
  }

  // ---- what can go wrong

  /** The machine reaches nothing for a while, and is taken for dead if somebody asks. */
  cut(machine: FakeMachine): void {
    machine.cut = true;
    for (const wire of [...machine.wires]) wire.break();
  }

  /** A link of the machine breaks. */
  breakLink(machine: FakeMachine): void {
    const wires = [...machine.wires];
    wires[Math.floor(this.random() * wires.length)]?.break();
  }

  /** An object is ended, with all its links, and started anew from what it has stored when it is next called. */
  evict(kind: ObjectKind, id: number): void {
    const object = this.#object(kind, id);
    object.instance = null;
    for (const wire of [...object.wires]) wire.break();
  }

  /** The machine is gone from one moment to the next. */
  crash(machine: FakeMachine): void {
    machine.dead = true;
    machine.ipc.abandon();
    for (const wire of [...machine.wires]) wire.break();
  }

  /** Lets `ms` milliseconds pass. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  /** Lets time pass until `done`, a minute at most. */
  async finish<T>(done: Promise<T>): Promise<T> {
    let settled = false;
    const over = () => {
      settled = true;
    };
    done.then(over, over);
    for (let i = 0; i < 6000 && !settled; i++) await this.pass(10);
    if (!settled) throw new Error("It does not end.");
    return done;
  }
}
