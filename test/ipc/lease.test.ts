/** Leases of objects (src/ipc/lease.ts) with everything that can go wrong between a machine and an object. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EINTR, ENOMSG } from "../../src/abi/errno.ts";
import { IPC_NOWAIT, IPC_PRIVATE, SEM_UNDO } from "../../src/abi/ipc.ts";
import { defaultLimits, Pending } from "../../src/ipc/backend.ts";
import { Lease } from "../../src/ipc/lease.ts";
import { MessageQueue } from "../../src/ipc/message-queue.ts";
import type { IpcMessage, IpcRequest, IpcResult, MessageQueueStatus, Ticket } from "../../src/ipc/protocol.ts";
import { Budget, caller, owned } from "./support.ts";
import { type FakeMachine, World } from "./world.ts";

vi.mock("cloudflare:workers", () => ({
  DurableObject: class {
    readonly ctx: unknown;
    readonly env: unknown;
    constructor(ctx: unknown, env: unknown) {
      this.ctx = ctx;
      this.env = env;
    }
  },
  RpcTarget: class {},
}));

const QUEUE = 7;
const SET = 8;
const text = new TextEncoder();
const words = new TextDecoder();

const send = (what: string, type = 1, flags = 0): IpcRequest => ({
  ...{ kind: "message", op: "send", id: QUEUE, caller: caller(100) },
  ...{ type, text: text.encode(what), flags },
});
const receive = (type = 0, flags = 0): IpcRequest => ({
  ...{ kind: "message", op: "receive", id: QUEUE, caller: caller(200) },
  ...{ type, size: 1000, flags },
});
const change = (by: number, undo = 0, flags = 0): IpcRequest => ({
  ...{ kind: "semaphore", op: "operate", id: SET, caller: caller(300), undo },
  operations: [{ index: 0, change: by, flags: flags | (undo === 0 ? 0 : SEM_UNDO) }],
});
const value: IpcRequest = { kind: "semaphore", op: "value", id: SET, caller: caller(1), index: 0 };
const status: IpcRequest = { kind: "message", op: "status", id: QUEUE, caller: caller(1), unchecked: true };
const textOf = (result: IpcResult): string => words.decode((result as IpcMessage).text);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A machine that has the lease of the queue. */
async function holder(world: World): Promise<FakeMachine> {
  const machine = world.machine();
  for (let i = 0; i < 3; i++) {
    await world.finish(machine.ask(send("x")));
    await world.finish(machine.ask(receive()));
  }
  expect(machine.ipc.submit(send("x"), 1)).toBe(0);
  expect(textOf(machine.ipc.submit(receive(), 1) as IpcMessage)).toBe("x");
  await world.finish(machine.settle());
  return machine;
}

describe("a machine that is alone", () => {
  it("asks the object a few times, however much it does", async () => {
    const world = new World(1);
    const machine = await holder(world);
    const before = machine.ipc.traffic.calls;
    for (let i = 0; i < 1000; i++) machine.ipc.submit(send(`${i}`), 1);
    expect(machine.ipc.settle()).not.toBe(null);
    await world.finish(machine.settle());
    expect(machine.ipc.settle()).toBe(null);
    expect(machine.ipc.traffic.calls - before).toBeLessThanOrEqual(2);
    expect(world.failures).toEqual([]);
  });

  it("waits for its own processes without the object", async () => {
    const world = new World(2);
    const machine = await holder(world);
    const before = machine.ipc.traffic.calls;
    const waiting = machine.ipc.submit(receive(9), 1) as Pending;
    expect(waiting).toBeInstanceOf(Pending);
    machine.ipc.submit(send("for nine", 9), 1);
    expect(textOf(waiting.result!)).toBe("for nine");
    const given = machine.ipc.submit(receive(9), 1) as Pending;
    machine.ipc.cancel(given);
    expect(given.result).toBe(-EINTR);
    expect(machine.ipc.traffic.calls).toBe(before);
  });

  it("has the lease of an object without a key from the first operation on", async () => {
    const world = new World(8);
    const machine = world.machine();
    const get = { kind: "message", op: "get", caller: caller(1), key: IPC_PRIVATE, flags: 0o600, count: 0 } as const;
    const id = (await world.finish(machine.ask(get))) as number;
    expect(await world.finish(machine.ask({ ...send("x"), id } as IpcRequest))).toBe(0);
    expect(textOf(machine.ipc.submit({ ...receive(), id } as IpcRequest, 1) as IpcMessage)).toBe("x");
    machine.ipc.submit({ ...send("for others"), id } as IpcRequest, 1);
    await world.finish(machine.ipc.close());
    const other = world.machine();
    expect(textOf(await world.finish(other.ask({ ...receive(), id } as IpcRequest)))).toBe("for others");
  });

  it("gives the lease back when the object grows too large", async () => {
    const world = new World(9);
    const machine = await holder(world);
    const permissions = { uid: 0, gid: 0, mode: 0o600 };
    const set = { kind: "message", op: "set", id: QUEUE, caller: caller(1), permissions, byteLimit: 4 << 20 } as const;
    expect(machine.ipc.submit(set, 1)).toBe(0);
    const large = "x".repeat(8000);
    let here = 0;
    while (machine.ipc.submit(send(large), 1) === 0) here++;
    expect(here).toBeGreaterThan(100);
    expect(here).toBeLessThan(140);
    await world.finish(machine.ask(send("last")));
    const other = world.machine();
    const { messages } = (await world.finish(other.ask(status))) as MessageQueueStatus;
    expect(messages).toBe(here + 2);
  });

  it("does what it did in a turn to all objects or to none", async () => {
    let both = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const world = new World(seed);
      const machine = await holder(world);
      for (let i = 0; i < 4; i++) await world.finish(machine.ask(change(1)));
      await world.finish(machine.settle());
      expect(machine.ipc.submit(send("first"), 1)).toBe(0);
      expect(machine.ipc.submit(change(1), 1)).toBe(0);
      expect(machine.ipc.submit(send("second"), 1)).toBe(0);
      await world.pass(Math.floor(12 * world.random()));
      world.crash(machine);
      const other = world.machine();
      const seen = Number(await world.finish(other.ask(value)));
      const found = [];
      for (let i = 0; i < 2; i++) found.push(await world.finish(other.ask(receive(0, IPC_NOWAIT))));
      if (seen === 5) expect(found.map(textOf)).toEqual(["first", "second"]);
      else expect([seen, ...found]).toEqual([4, -ENOMSG, -ENOMSG]);
      if (seen === 5) both++;
    }
    expect(both).toBeGreaterThan(0);
    expect(both).toBeLessThan(150);
  });
});

describe("a second machine", () => {
  it("never sees what was done after a message that goes back", async () => {
    let back = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed);
      const [first, second] = [world.machine(), world.machine()];
      for (let i = 0; i < 3; i++) await world.finish(first.ask(change(1)));
      await world.finish(first.settle());
      await world.finish(second.ask(send("job")));
      expect(textOf(await world.finish(first.ask(receive())))).toBe("job");
      expect(first.ipc.submit(change(1), 1)).toBeInstanceOf(Pending);
      await world.pass(Math.floor(15 * world.random()));
      world.crash(first);
      await world.pass(5000);
      const result = await world.finish(second.ask(receive(0, IPC_NOWAIT)));
      if (typeof result === "object") {
        expect(await world.finish(second.ask(value))).toBe(3);
        back++;
      }
    }
    expect(back).toBeGreaterThan(0);
    expect(back).toBeLessThan(40);
  });

  it("gets in when the first has not heard that it has the lease", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed);
      const first = world.machine();
      await world.finish(first.ask(send("a")));
      const asked = first.ask(send("b"));
      await world.pass(Math.floor(10 * world.random()));
      world.breakLink(first);
      const second = world.machine();
      expect(textOf(await world.finish(second.ask(receive())))).toBe("a");
      expect(await world.finish(asked)).toBe(0);
      expect(textOf(await world.finish(second.ask(receive())))).toBe("b");
      expect(world.failures).toEqual([]);
    }
  });

  it("gets the lease back from the first, with those who wait", async () => {
    const world = new World(4);
    const first = await holder(world);
    const waiting = first.ask(receive(5));
    first.ipc.submit(send("kept"), 1);
    const second = world.machine();
    expect(await world.finish(second.ask(send("for five", 5)))).toBe(0);
    expect(textOf(await world.finish(waiting))).toBe("for five");
    expect(textOf(await world.finish(second.ask(receive())))).toBe("kept");
    expect(first.ipc.submit(send("x"), 1)).toBeInstanceOf(Pending);
    expect(world.failures).toEqual([]);
  });

  it("does without one that is dead, and gets what that had settled", async () => {
    const world = new World(5);
    const first = await holder(world);
    first.ipc.submit(send("settled"), 1);
    await world.finish(first.settle());
    first.ipc.submit(send("nobody knows"), 1);
    world.crash(first);
    const second = world.machine();
    expect(textOf(await world.finish(second.ask(receive(0, IPC_NOWAIT))))).toBe("settled");
    expect(await world.finish(second.ask(receive(0, IPC_NOWAIT)))).toBe(-ENOMSG);
  });

  it("takes over from one that is cut off, which finds out and ends", async () => {
    const world = new World(10);
    const first = await holder(world);
    for (let i = 0; i < 3; i++) await world.finish(first.ask(change(1)));
    await world.finish(first.settle());
    world.cut(first);
    first.ipc.submit(send("never seen"), 1);
    const unseen = first.settle().then(
      () => "settled",
      () => "refused",
    );
    const second = world.machine();
    expect(await world.finish(second.ask(receive(0, IPC_NOWAIT)))).toBe(-ENOMSG);
    first.cut = false;
    expect(await world.finish(unseen)).toBe("refused");
    expect(world.failures.length).toBeGreaterThan(0);
    await expect(first.ipc.settle()).rejects.toThrow("given up");
    await world.finish(first.ipc.close());
  });

  it("leaves the first alone again, which gets the lease again later", async () => {
    const world = new World(6);
    const first = await holder(world);
    const second = world.machine();
    await world.finish(second.ask(send("hello")));
    await world.finish(second.ipc.close());
    expect(first.ipc.submit(receive(), 1)).toBeInstanceOf(Pending);
    await world.pass(3000);
    for (let i = 0; i < 3; i++) await world.finish(first.ask(send("x")));
    expect(first.ipc.submit(send("y"), 1)).toBe(0);
  });

  it("undoes what a dead holder had to undo", async () => {
    const world = new World(7);
    const first = world.machine();
    for (let i = 0; i < 4; i++) await world.finish(first.ask(change(1)));
    expect(first.ipc.submit(change(-3, 17), 1)).toBe(0);
    await world.finish(first.settle());
    expect(first.ipc.submit(value, 1)).toBe(1);
    world.crash(first);
    const second = world.machine();
    expect(await world.finish(second.ask(value))).toBe(4);
  });
});

describe("links that break at random", () => {
  const SEEDS = Number(process.env.BINLET_SEEDS ?? 25);

  it("lose nothing and double nothing, and keep the order of each sender", async () => {
    const history = new History();
    for (let seed = 1; seed <= SEEDS; seed++) {
      await messages(new World(seed), false, seed);
      history.check();
    }
  }, 120_000);

  it("lose nothing that was settled when machines crash", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await messages(new World(1000 + seed), true, seed);
  }, 120_000);

  it("leave semaphores as they were", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await semaphores(new World(2000 + seed), seed);
  }, 120_000);

  it("keep the order between a queue and a semaphore", async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await ordered(new World(3000 + seed), seed);
  }, 120_000);

  it("keep queue and semaphore in step while leases go from machine to machine", async () => {
    const records = vi.spyOn(Lease.prototype, "record");
    for (let seed = 1; seed <= SEEDS; seed++) await relay(new World(4000 + seed), seed);
    const kinds = records.mock.calls.map(([{ others }, last]) => (last ? "last" : others.length > 0 ? "both" : "one"));
    for (const kind of ["last", "both", "one"]) expect(kinds.filter((k) => k === kind).length).toBeGreaterThan(SEEDS);
  }, 120_000);
});

type Call = (queue: MessageQueue) => IpcResult | boolean | null;

/** Answers of `queue` to those who have waited. */
const completionsOf = (queue: MessageQueue) =>
  queue.completions.map(({ ticket: { machine, sequence }, result }) => ({ machine, sequence, result }));

/**
 * Whatever was done to the queue, in the machines that had its lease and at the object, in the order in which it was done: one queue
 * that does it all answers the same.
 */
class History {
  #calls: { readonly call: Call; readonly answer: unknown; readonly completions: unknown }[] = [];

  constructor() {
    const { submit, cancel } = MessageQueue.prototype;
    const record = (queue: MessageQueue, call: Call) => {
      const answer = call(queue);
      this.#calls.push({ call, ...structuredClone({ answer, completions: completionsOf(queue) }) });
      return answer;
    };
    vi.spyOn(MessageQueue.prototype, "submit").mockImplementation(function (this: MessageQueue, request, now, ticket) {
      let made: Ticket | null = null;
      const same = () => {
        made ??= ticket();
        return made;
      };
      return record(this, (queue) => submit.call(queue, request, now, same)) as IpcResult | null;
    });
    vi.spyOn(MessageQueue.prototype, "cancel").mockImplementation(function (this: MessageQueue, ticket) {
      return record(this, (queue) => cancel.call(queue, ticket)) as boolean;
    });
  }

  check(): void {
    const queue = new MessageQueue({ ...owned(), id: QUEUE }, defaultLimits().queueBytes, 0, new Budget());
    for (const { call, answer, completions } of this.#calls.splice(0)) {
      expect(call(queue)).toEqual(answer);
      expect(completionsOf(queue)).toEqual(completions);
      queue.completions = [];
    }
  }
}

/** Things go wrong until `until` is settled. */
async function trouble(world: World, machines: readonly FakeMachine[], until: Promise<unknown>): Promise<void> {
  let over = false;
  const end = () => {
    over = true;
  };
  until.then(end, end);
  while (!over) {
    await new Promise((resolve) => setTimeout(resolve, 20 + 200 * world.random()));
    const which = world.random();
    if (which < 0.6) world.breakLink(machines[Math.floor(world.random() * machines.length)]);
    else world.evict(which < 0.8 ? "message" : "semaphore", which < 0.8 ? QUEUE : SET);
  }
}

const pause = (world: World, ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, world.random() * ms));

/** Senders and receivers on two or three machines; with `crashes` all but the first end at some moment. */
async function messages(world: World, crashes: boolean, seed: number): Promise<void> {
  const machines = Array.from({ length: 2 + (seed % 2) }, () => world.machine());
  const settled = new Set<string>();
  /** By message: who got it, and whether that may be known outside. */
  const got: { readonly message: string; readonly by: FakeMachine; known: boolean }[] = [];
  const lives: Promise<unknown>[] = [];
  let sending = 0;
  for (const [m, machine] of machines.entries()) {
    const start = world.random() * 300 * m;
    const sender = async (name: string) => {
      await pause(world, start);
      sending++;
      for (let i = 0; i < 12; i++) {
        const message = `${name} ${i}`;
        const result = await machine.ask(send(message, 1 + (i % 2)));
        expect(result).toBe(0);
        if (world.random() < 0.5) {
          await machine.settle();
          for (let j = 0; j <= i; j++) settled.add(`${name} ${j}`);
        }
        await pause(world, 15);
      }
      await machine.settle();
      for (let i = 0; i < 12; i++) settled.add(`${name} ${i}`);
      sending--;
    };
    const receiver = async () => {
      await pause(world, start);
      for (let i = 0; i < 10; i++) {
        const result = await machine.ask(receive(world.random() < 0.5 ? 0 : 1), 100 * world.random());
        if (typeof result === "number") expect(result).toBe(-EINTR);
        else {
          const entry = { message: textOf(result), by: machine, known: false };
          got.push(entry);
          const known = () => {
            entry.known = true;
          };
          void machine.settle().then(known, () => {});
        }
        await pause(world, 10);
      }
    };
    const life = Promise.all([sender(`${m}a`), sender(`${m}b`), receiver(), receiver()]);
    const crash = crashes && m > 0 ? pause(world, 600).then(() => world.crash(machine)) : null;
    lives.push(crash === null ? life : Promise.race([life, crash]));
  }
  const all = Promise.all(lives);
  void trouble(world, machines, all);
  await world.finish(all);
  // What is left, once links are whole again.
  const last = machines[0];
  await world.pass(10_000);
  for (;;) {
    const result = await world.finish(last.ask(receive(0, IPC_NOWAIT)));
    if (typeof result === "number") {
      expect(result).toBe(-ENOMSG);
      break;
    }
    got.push({ message: textOf(result), by: last, known: true });
  }
  await world.finish(last.settle());
  expect(world.failures).toEqual([]);
  const context = `seed ${seed}`;
  const known = got.filter(({ by, known }) => known || !by.dead).map(({ message }) => message);
  expect(new Set(known).size, context).toBe(known.length);
  const seen = new Set(got.map(({ message }) => message));
  expect(
    [...settled].filter((message) => !seen.has(message)),
    context,
  ).toEqual([]);
  if (!crashes) {
    expect(got.length, context).toBe(24 * machines.length);
    expect(sending).toBe(0);
  }
  expect(((await world.finish(last.ask(status))) as MessageQueueStatus).messages, context).toBe(0);
}

/** A lock with SEM_UNDO that at most one has at a time, on machines that may crash while they have it. */
async function semaphores(world: World, seed: number): Promise<void> {
  const machines = Array.from({ length: 3 }, () => world.machine());
  await world.finish(machines[0].ask(change(1)));
  const lives = machines.map((machine, m) => {
    const process = async (undo: number) => {
      await pause(world, 100 * m);
      for (let i = 0; i < 8; i++) {
        const result = await machine.ask(change(-1, undo), 400 * world.random());
        if (result === -EINTR) continue;
        expect(result).toBe(0);
        await pause(world, 20);
        expect(await machine.ask(change(1, undo))).toBe(0);
      }
      await machine.ask({ kind: "semaphore", op: "end", caller: caller(1), undo });
    };
    const life = Promise.all([process(1), process(2)]);
    const crash = m > 0 ? pause(world, 500).then(() => world.crash(machine)) : null;
    return crash === null ? life : Promise.race([life, crash]);
  });
  const all = Promise.all(lives);
  void trouble(world, machines, all);
  await world.finish(all);
  await world.pass(10_000);
  expect(await world.finish(machines[0].ask(value)), `seed ${seed}`).toBe(1);
  expect(world.failures).toEqual([]);
}

/** Who is told by a semaphore that there is a message finds it, also when the sender has crashed. */
async function ordered(world: World, seed: number): Promise<void> {
  const producer = world.machine();
  const consumer = world.machine();
  const produce = async () => {
    for (let i = 0; i < 30; i++) {
      await producer.ask(send(`${i}`));
      await producer.ask(change(1));
      if (world.random() < 0.3) await pause(world, 10);
    }
  };
  let taken = 0;
  const consume = async () => {
    await pause(world, 400);
    for (;;) {
      if ((await consumer.ask(change(-1), 2000)) !== 0) return;
      const result = await consumer.ask(receive(0, IPC_NOWAIT));
      expect(typeof result, `seed ${seed}`).toBe("object");
      expect(textOf(result), `seed ${seed}`).toBe(`${taken++}`);
    }
  };
  const crashed = pause(world, 700).then(() => world.crash(producer));
  const all = Promise.all([Promise.race([produce(), crashed]), consume()]);
  void trouble(world, [producer, consumer], all);
  await world.finish(all);
  expect(world.failures).toEqual([]);
}

/** Machines that come one after another, alone for a while, send and count what they have sent; most end in order, some crash. */
async function relay(world: World, seed: number): Promise<void> {
  const sent: number[] = [];
  const machines: FakeMachine[] = [];
  let crashes = 0;
  const live = async (m: number) => {
    await pause(world, m * 1500);
    const machine = world.machine();
    machines.push(machine);
    sent[machine.number] = 0;
    const work = (async () => {
      for (let i = 0; i < 25; i++) {
        await machine.ask(send(`${machine.number} ${i}`));
        await machine.ask(change(1));
        if (world.random() < 0.2) await machine.settle();
        if (world.random() < 0.2) await machine.settle().then(() => (sent[machine.number] = i + 1));
        if (world.random() < 0.3) await pause(world, 40);
      }
      await machine.settle();
      sent[machine.number] = 25;
      if (world.random() < 0.7) await machine.ipc.close();
    })();
    if (world.random() < 0.6) return work;
    crashes++;
    await Promise.race([work, pause(world, 800).then(() => world.crash(machine))]);
  };
  const all = Promise.all([0, 0, 1, 1, 1].map((m) => live(m)));
  void trouble(world, machines, all);
  await world.finish(all);
  await world.pass(10_000);
  for (const machine of machines) if (!machine.dead) await world.finish(machine.ipc.close());
  const last = world.machine();
  const counted = Number(await world.finish(last.ask(value)));
  const next: number[] = [];
  let found = 0;
  for (; ; found++) {
    const result = await world.finish(last.ask(receive(0, IPC_NOWAIT)));
    if (typeof result === "number") break;
    const [machine, i] = textOf(result).split(" ").map(Number);
    expect(i, `seed ${seed}`).toBe(next[machine] ?? 0);
    next[machine] = i + 1;
  }
  for (const { number } of machines) expect(next[number] ?? 0, `seed ${seed}`).toBeGreaterThanOrEqual(sent[number]);
  // One that crashed may have sent a message and not counted it.
  expect(found - counted, `seed ${seed}`).toBeGreaterThanOrEqual(0);
  expect(found - counted, `seed ${seed}`).toBeLessThanOrEqual(crashes);
  expect(world.failures).toEqual([]);
}
