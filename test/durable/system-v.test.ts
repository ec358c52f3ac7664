/** System V objects that machines of different requests and isolates share. With BINLET_FULL there are many more of them. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { IpcListing, NamespaceProcess } from "../../src/http/namespaces-protocol.ts";
import { hasCompiler } from "../machine/support.ts";
import { Pair, sleep } from "./pair.ts";

const FULL = process.env.BINLET_FULL !== undefined;
const FULL_TIMEOUT = FULL ? 1_800_000 : 60_000;
/** Most time for a request: with many, those that wait wait long. */
const limits = { wallMs: FULL_TIMEOUT };
const WAIT = { timeout: 30_000 };

let pair: Pair;
beforeAll(async () => {
  if (hasCompiler) pair = await Pair.start();
}, 120_000);
afterAll(() => pair?.close());

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** Waits until `ipc ARGUMENTS` prints `wanted`. */
async function until(namespace: string, args: string, wanted: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await pair.ipc(namespace, args)).stdout === wanted) return;
    await sleep(50);
  }
  throw new Error(`${args} does not print ${wanted}`);
}

const listing = async <T>(path: string): Promise<T> =>
  (await pair.request(`/_/namespaces/${path}`)).json() as Promise<T>;

/** Waits until the namespace has so many queues. */
const queues = (namespace: string, count: number): Promise<boolean> =>
  vi.waitUntil(async () => (await listing<IpcListing>(`${namespace}/ipc`)).queues.length === count, WAIT);

/** The pid of `ipc shared`, once it sleeps and has its segment. */
async function sharing(namespace: string): Promise<number> {
  const look = async () =>
    (await listing<{ processes: NamespaceProcess[] }>(`${namespace}/processes`)).processes.find(
      ({ comm, state }) => comm === "shares" && state === "S",
    );
  return (await vi.waitUntil(look, WAIT)).pid;
}

describe.runIf(hasCompiler)("queues", () => {
  it("hand what a later request sends to one that waits", async () => {
    const waiting = pair.ipc("waits", "receive 1 7");
    await sleep(200);
    expect(await pair.ipc("waits", "send 1 3 other")).toEqual({ stdout: "sent", exit: 0 });
    expect(await pair.ipc("waits", "send 1 7 there")).toEqual({ stdout: "sent", exit: 0 });
    expect(await waiting).toEqual({ stdout: "7 there", exit: 0 });
    expect(await pair.ipc("waits", "messages 1")).toEqual({ stdout: "1", exit: 0 });
  });

  it("are those of their namespace", async () => {
    await pair.ipc("here", "send 1 1 x");
    expect((await pair.ipc("there", "messages 1")).stdout).toBe("0");
    expect((await pair.ipc("here", "messages 1")).stdout).toBe("1");
  });

  it(
    "lose nothing and double nothing between many producers and consumers",
    async () => {
      // Some consumers take messages of type 1, the others all but these.
      const [PRODUCERS, TYPED, OTHERS, EACH] = FULL ? [200, 10, 40, 100] : [16, 1, 3, 24];
      const TYPES = 4;
      const share = (PRODUCERS * EACH) / TYPES;
      const consume = (count: number, what: string) =>
        Array.from({ length: count }, () => pair.ipc("many", what, { limits }));
      const consumers = [
        ...consume(TYPED, `receive 1 1 ${share / TYPED}`),
        ...consume(OTHERS, `receive 1 1 ${(share * (TYPES - 1)) / OTHERS} except`),
      ];
      const producers = Array.from({ length: PRODUCERS }, (_, i) =>
        pair.ipc("many", `produce 1 ${i} ${EACH} ${TYPES}`, { limits }),
      );
      for (const { stdout, exit } of await Promise.all(producers)) expect([stdout, exit]).toEqual(["produced", 0]);
      const outputs = (await Promise.all(consumers)).map(({ stdout }) => lines(stdout));
      const all = outputs.flat().map((line) => line.split(" ").slice(1).join(" "));
      expect(new Set(all).size).toBe(PRODUCERS * EACH);
      expect(all.length).toBe(PRODUCERS * EACH);
      // What one consumer got of one sender is in the order in which it was sent.
      for (const output of outputs) {
        const last = new Map<string, number>();
        for (const line of output) {
          const [, sender, number] = line.split(" ").map(Number);
          expect(number).toBeGreaterThan(last.get(String(sender)) ?? -1);
          last.set(String(sender), number);
        }
      }
    },
    FULL_TIMEOUT,
  );

  it("are not touched by a receiver that a signal interrupts", async () => {
    expect(await pair.ipc("signal", "interrupted 1")).toEqual({ stdout: "Interrupted system call", exit: 0 });
    await pair.ipc("signal", "send 1 1 whole");
    expect((await pair.ipc("signal", "receive 1 0")).stdout).toBe("1 whole");
  });

  it("without a key are found by their id", async () => {
    const { stdout } = await pair.ipc("private", "private 0");
    const [child, id] = lines(stdout);
    expect(child).toBe("from the child");
    expect((await pair.ipc("private", `byid ${id}`)).stdout).toBe("for others");
  });

  it("that are removed wake those who wait", async () => {
    const waiting = pair.ipc("removed", "receive 1 0");
    await queues("removed", 1);
    await sleep(300);
    expect((await pair.ipc("removed", "remove 1")).stdout).toBe("removed");
    expect(await waiting).toEqual({ stdout: "msgrcv: Identifier removed", exit: 1 });
    expect((await pair.ipc("removed", "messages 1")).stdout).toBe("0");
  });
});

describe.runIf(hasCompiler)("shared memory", () => {
  it("is a machine's own: others are refused", async () => {
    const first = pair.ipc("memory", "shared 1 50", { limits: { wallMs: 60_000 } });
    const pid = await sharing("memory");
    expect(await pair.ipc("memory", "shared 1 0")).toEqual({ stdout: "shmget: Object is remote", exit: 1 });
    const second = await pair.ipc("memory", "shared 2 0");
    const end = { method: "POST", body: JSON.stringify({ signal: "USR1" }) };
    expect((await pair.request(`/_/namespaces/memory/processes/${pid}/signal`, end)).status).toBe(204);
    const [value, id] = lines((await first).stdout);
    expect(value).toBe("42");
    expect(lines(second.stdout)[1]).not.toBe(id);
    expect((await pair.ipc("memory", `attach ${id}`)).stdout).toBe("shmat: Invalid argument");
    // It has gone, with its key.
    expect((await pair.ipc("memory", "shared 1 0")).exit).toBe(0);
  });
});

describe.runIf(hasCompiler)("semaphores", () => {
  it("give up after a timeout", async () => {
    const holder = pair.ipc("timed", "hold 1 sleep", { limits: { wallMs: 1500 } });
    await until("timed", "value 1", "0");
    expect((await pair.ipc("timed", "timed 1 100")).stdout).toBe("Resource temporarily unavailable");
    expect((await holder).exit).toBe("wall");
    await until("timed", "value 1", "1");
  });
});
