/** Durable Objects that end while callers wait, and are started anew from what they have stored: the callers go on. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCompiler } from "../machine/support.ts";
import { Pair, sleep } from "./pair.ts";

/** Longest that machines are expected to take to come back. */
const TIMEOUT = 90_000;
/** Time for a caller to begin to wait. */
const SOON = 400;

let pair: Pair;
beforeAll(async () => {
  if (hasCompiler) pair = await Pair.start();
}, 120_000);
afterAll(() => pair?.close());

const OBJECTS = ["NAMESPACES", "SEMAPHORE_SETS", "MESSAGE_QUEUES"] as const;

/** Ends one of a namespace's objects: of sets and queues the first. */
const evict = (binding: (typeof OBJECTS)[number], namespace: string) =>
  pair.evict(binding, binding === "NAMESPACES" ? namespace : `${namespace}/0`);

async function until(namespace: string, args: string, wanted: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await pair.ipc(namespace, args)).stdout === wanted) return;
    await sleep(50);
  }
  throw new Error(`${args} does not print ${wanted}`);
}

describe.runIf(hasCompiler)("after an eviction", () => {
  it(
    "receivers and senders of a queue go on",
    async () => {
      const ipc = (args: string) => pair.ipc("queue", args);
      await ipc("limit 1 11");
      await ipc("send 1 1 kept");
      const receiver = ipc("receive 1 9");
      await sleep(SOON);
      const sender = ipc("send 1 2 too-long");
      await sleep(SOON);
      for (const binding of ["MESSAGE_QUEUES", "NAMESPACES", "MESSAGE_QUEUES"] as const) await evict(binding, "queue");
      expect((await ipc("messages 1")).stdout).toBe("1");
      expect((await ipc("receive 1 1")).stdout).toBe("1 kept");
      expect(await sender).toEqual({ stdout: "sent", exit: 0 });
      await evict("MESSAGE_QUEUES", "queue");
      await ipc("send 1 9 x");
      expect(await receiver).toEqual({ stdout: "9 x", exit: 0 });
      expect((await ipc("receive 1 0")).stdout).toBe("2 too-long");
    },
    TIMEOUT,
  );

  it(
    "those who wait for a semaphore go on, in their order",
    async () => {
      const ipc = (args: string) => pair.ipc("set", args);
      await ipc("down 1");
      const order: string[] = [];
      const waiters = [];
      for (const [i, name] of ["first", "second"].entries()) {
        waiters.push(
          ipc("down 1").then((result) => {
            order.push(name);
            return result;
          }),
        );
        await until("set", "waiters 1", `${i + 1}`);
      }
      for (const binding of ["SEMAPHORE_SETS", "NAMESPACES", "SEMAPHORE_SETS"] as const) await evict(binding, "set");
      await until("set", "waiters 1", "2");
      await ipc("up 1");
      expect(await waiters[0]).toEqual({ stdout: "down", exit: 0 });
      await evict("SEMAPHORE_SETS", "set");
      await ipc("up 1");
      expect(await waiters[1]).toEqual({ stdout: "down", exit: 0 });
      expect(order).toEqual(["first", "second"]);
      await ipc("up 1");
      const zero = ipc("zero 1");
      await sleep(SOON);
      await evict("SEMAPHORE_SETS", "set");
      await ipc("down 1");
      expect(await zero).toEqual({ stdout: "zero", exit: 0 });
    },
    TIMEOUT,
  );

  it(
    "what a machine has to undo is undone",
    async () => {
      const limits = { wallMs: 3000 };
      const holder = pair.ipc("undo", "hold 1 sleep", { limits });
      await until("undo", "value 1", "0");
      const waiter = pair.ipc("undo", "down 1");
      await sleep(SOON);
      for (const binding of ["SEMAPHORE_SETS", "NAMESPACES"] as const) await evict(binding, "undo");
      expect((await holder).exit).toBe("wall");
      await evict("NAMESPACES", "undo");
      expect(await waiter).toEqual({ stdout: "down", exit: 0 });
      await evict("SEMAPHORE_SETS", "undo");
      expect((await pair.ipc("undo", "value 1")).stdout).toBe("0");
    },
    TIMEOUT,
  );

  it(
    "and again and again under load, nothing is lost or doubled",
    async () => {
      const [MACHINES, EACH] = [4, 40];
      const ipc = (args: string) => pair.ipc("load", args, { limits: { wallMs: TIMEOUT } });
      await ipc("semaphore 1");
      await ipc("send 2 1 0");
      await ipc("messages 3");
      const all = Promise.all([
        ...Array.from({ length: MACHINES }, () => ipc(`add 1 ${EACH}`)),
        ...Array.from({ length: MACHINES }, (_, i) => ipc(`produce 3 ${i} ${EACH} 3`)),
        ...Array.from({ length: MACHINES }, () => ipc(`receive 3 0 ${EACH}`)),
      ]);
      let working = true;
      void all
        .catch(() => {})
        .then(() => {
          working = false;
        });
      // The second queue is the one of messages.
      const victims = ["load", "load/0", "load/0", "load/1"];
      const bindings = ["NAMESPACES", "SEMAPHORE_SETS", "MESSAGE_QUEUES", "MESSAGE_QUEUES"] as const;
      for (let i = 0; working; i++) {
        await sleep(200 + Math.random() * 300);
        await pair.evict(bindings[i % 4], victims[i % 4]);
      }
      const results = await all;
      expect(results.map(({ exit }) => exit)).toEqual(results.map(() => 0));
      expect((await ipc("receive 2 0")).stdout).toBe(`1 ${MACHINES * EACH}`);
      const received = results.slice(-MACHINES).flatMap(({ stdout }) => stdout.split("\n"));
      expect(new Set(received).size).toBe(MACHINES * EACH);
      expect(received.length).toBe(MACHINES * EACH);
      expect((await ipc("value 1")).stdout).toBe("1");
    },
    TIMEOUT,
  );
});
