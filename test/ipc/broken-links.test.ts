/** Machines whose links to objects break, and that crash, at random moments: whatever the seed, nothing is lost, doubled or disordered. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EINTR, ENOMSG } from "../../src/abi/errno.ts";
import { IPC_NOWAIT } from "../../src/abi/ipc.ts";
import { defaultLimits } from "../../src/ipc/backend.ts";
import { Lease } from "../../src/ipc/lease.ts";
import { MessageQueue } from "../../src/ipc/message-queue.ts";
import type { IpcResult, MessageQueueStatus, Ticket } from "../../src/ipc/protocol.ts";
import { change, QUEUE, receive, SET, send, status, textOf, value } from "./requests.ts";
import { Budget, caller, owned } from "./support.ts";
import { type FakeMachine, World } from "./world.ts";

vi.mock("cloudflare:workers", () => import("./workers.ts"));

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
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
