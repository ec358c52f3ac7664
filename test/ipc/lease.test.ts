/** Leases of objects (src/ipc/lease.ts) with everything that can go wrong between a machine and an object. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EINTR, ENOMSG } from "../../src/abi/errno.ts";
import { IPC_NOWAIT, IPC_PRIVATE } from "../../src/abi/ipc.ts";
import { Pending } from "../../src/ipc/backend.ts";
import type { IpcMessage, IpcRequest, MessageQueueStatus } from "../../src/ipc/protocol.ts";
import { change, QUEUE, receive, send, status, textOf, value } from "./requests.ts";
import { caller } from "./support.ts";
import { type FakeMachine, World } from "./world.ts";

vi.mock("cloudflare:workers", () => import("./workers.ts"));

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
