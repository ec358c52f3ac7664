/**
 * A number in a message, under a semaphore with SEM_UNDO, while requests that hold the semaphore are ended in all ways there are.
 * With BINLET_FULL 50 requests add 100 times each.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SIGKILL } from "../../src/abi/signal.ts";
import type { NamespaceProcess } from "../../src/http/namespaces-protocol.ts";
import { hasCompiler } from "../machine/support.ts";
import { Pair, sleep } from "./pair.ts";

const FULL = process.env.BINLET_FULL !== undefined;
const [ADDERS, EACH] = FULL ? [50, 100] : [8, 10];
const TIMEOUT = FULL ? 1_800_000 : 120_000;
const NAMESPACE = "endings";

let pair: Pair;
beforeAll(async () => {
  if (hasCompiler) pair = await Pair.start();
}, 120_000);
afterAll(() => pair?.close());

const random = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from));

async function pidOf(args: string): Promise<number> {
  for (;;) {
    const response = await pair.request(`/_/namespaces/${NAMESPACE}/processes`);
    const { processes } = (await response.json()) as { processes: NamespaceProcess[] };
    const found = processes.find(({ command }) => command.slice(1).join(" ") === args);
    if (found !== undefined) return found.pid;
    await sleep(20);
  }
}

/** How a request that holds the semaphore, or waits for it, is ended; true when it held it. */
const CAUSES = {
  async "kill -9 from another request"(number: number) {
    const args = `hold 1 sleep ${number}`;
    const holder = pair.ipc(NAMESPACE, args, { limits: { wallMs: 60_000 } });
    const pid = await pidOf(args);
    await sleep(random(0, 500));
    const init = { method: "POST", body: JSON.stringify({ signal: "KILL" }) };
    expect((await pair.request(`/_/namespaces/${NAMESPACE}/processes/${pid}/signal`, init)).status).toBe(204);
    const { stdout, exit } = await holder;
    expect(exit).toBe(SIGKILL);
    return stdout === "held";
  },
  async "the wall limit"() {
    const { stdout, exit } = await pair.ipc(NAMESPACE, "hold 1 sleep", { limits: { wallMs: random(300, 1500) } });
    expect(exit).toBe("wall");
    return stdout === "held";
  },
  async "the CPU limit"() {
    const { stdout, exit } = await pair.ipc(NAMESPACE, "hold 1 spin", { limits: { cpuMs: random(30, 200) } });
    expect(exit).toBe("cpu");
    return stdout === "held";
  },
  async "an exception in the host"() {
    await expect(pair.ipc(NAMESPACE, "hold 1 fault")).rejects.toThrow(/^500 /);
    return true;
  },
  async "a client that has gone"() {
    await pair.drop(NAMESPACE, "hold 1 print", random(0, 300));
    return true;
  },
} satisfies Record<string, (number: number) => Promise<boolean>>;

async function until(args: string, wanted: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await pair.ipc(NAMESPACE, args)).stdout === wanted) return;
    await sleep(100);
  }
  throw new Error(`${args} does not print ${wanted}`);
}

describe.runIf(hasCompiler)("a number under a semaphore", () => {
  it(
    "is right while holders are ended at random",
    async () => {
      await pair.ipc(NAMESPACE, "semaphore 1");
      await pair.ipc(NAMESPACE, "send 2 1 0");
      const causes = Object.entries(CAUSES);
      const held = new Map(causes.map(([cause]) => [cause, 0]));
      let adding = true;
      // Each cause at least once with the semaphore held, and over and over as long as somebody adds.
      const end = async ([cause, meet]: (typeof causes)[number]) => {
        for (let i = 0; adding || held.get(cause) === 0; i++) {
          if (await meet(i)) held.set(cause, held.get(cause)! + 1);
          await sleep(random(0, 500));
        }
      };
      const limits = { wallMs: TIMEOUT };
      const adders = Array.from({ length: ADDERS }, () => pair.ipc(NAMESPACE, `add 1 ${EACH}`, { limits }));
      const added = Promise.all(adders).finally(() => {
        adding = false;
      });
      const [results] = await Promise.all([added, ...causes.map(end)]);
      for (const { stdout, exit } of results) expect([stdout, exit]).toEqual(["added", 0]);
      if (FULL) console.log(Object.fromEntries(held));
      expect((await pair.ipc(NAMESPACE, "receive 2 0")).stdout).toBe(`1 ${ADDERS * EACH}`);
      await until("value 1", "1");
      expect((await pair.ipc(NAMESPACE, "waiters 1")).stdout).toBe("0");
    },
    TIMEOUT,
  );
});
