/** Signals between machines of one namespace, in two Workers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { has } from "../e2e/server.ts";
import { NamespaceClient, until } from "./namespace-client.ts";
import { Pair } from "./pair.ts";

describe.skipIf(!has("gcc"))("signals", () => {
  let pair: Pair;
  let ns: NamespaceClient;
  beforeAll(async () => {
    pair = await Pair.start();
    ns = await NamespaceClient.of(pair, "signals");
  }, 120_000);
  afterAll(() => pair?.close());

  test("kill reaches a process of another request, with the sender's pid and uid", async () => {
    const waiter = ns.run("wait 1");
    const pid = await ns.waiting("wait 1");
    const { stdout } = await ns.run(`kill ${pid} 10`);
    const [result, sender] = stdout.split("\n");
    expect(result).toBe("kill(number, second) = 0");
    expect((await waiter).stdout).toBe(`User defined signal 1 code 0 pid ${sender} uid 0 value 0\n`);
    expect((await ns.run(`kill ${pid} 0`)).stdout).toMatch(/= -1 ESRCH/);
  });

  test("tgkill, tkill, sigqueue and pidfd_send_signal do so too", async () => {
    const waiter = ns.run("wait 4");
    const pid = await ns.waiting("wait 4");
    for (const call of ["tgkill", "tkill", "queue", "pidfd"]) {
      expect((await ns.run(`${call} ${pid} 12`)).stdout).toMatch(/ = 0\n$/);
    }
    const lines = (await waiter).stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/pid \d+/, "pid n"))).toEqual([
      "User defined signal 2 code 0 pid n uid 0 value 0",
      "User defined signal 2 code 0 pid n uid 0 value 0",
      "User defined signal 2 code -1 pid n uid 0 value 42",
      "User defined signal 2 code 0 pid n uid 0 value 0",
    ]);
  });

  test("takes permission", async () => {
    const waiter = ns.run("wait 1", { user: "1000:1000" });
    const pid = await ns.waiting("wait 1");
    expect((await ns.run(`user 1001 kill ${pid} 15`)).stdout).toMatch(/= -1 EPERM/);
    expect((await ns.run(`user 1001 kill ${pid} 0`)).stdout).toMatch(/= -1 EPERM/);
    expect((await ns.run(`user 1001 kill ${-pid} 15`)).stdout).toMatch(/= -1 EPERM/);
    expect((await ns.run(`user 1000 kill ${-pid} 15`)).stdout).toMatch(/= 0/);
    expect((await waiter).stdout).toMatch(/^Terminated code 0 pid \d+ uid 1000 /);
  });

  test("SIGCONT may come from anybody of the session", async () => {
    const session = ns.in("session");
    const waiter = session.run("wait 1");
    const sid = await session.waiting("wait 1");
    expect((await session.runIn({ sid }, `user 1001 kill ${sid} 17`)).stdout).toMatch(/= -1 EPERM/);
    expect((await session.run(`user 1001 kill ${sid} 18`)).stdout).toMatch(/= -1 EPERM/);
    expect((await session.runIn({ sid }, `user 1001 kill ${sid} 18`)).stdout).toMatch(/= 0/);
    expect((await waiter).stdout).toMatch(/^Continued code 0 pid \d+ uid 1001 /);
  });

  test("no such signal, and no room for another", async () => {
    const full = ns.in("full");
    const receiver = full.run("full 3");
    const pid = await full.waiting("full 3");
    expect((await full.run(`kill ${pid} 99`)).stdout).toMatch(/= -1 EINVAL/);
    expect((await full.run(`kill ${-pid} 99`)).stdout).toMatch(/= -1 EINVAL/);
    expect((await full.run(`tgkill ${pid} 99`)).stdout).toMatch(/= -1 EINVAL/);
    expect((await full.run("kill 4000000 99")).stdout).toMatch(/= -1 ESRCH/);
    expect((await full.run(`user 1001 kill -1 15`)).stdout).toMatch(/= 0/);
    expect((await full.run(`burst ${pid} 5`)).stdout).toBe("0\n0\n0\nEAGAIN\nEAGAIN\n");
    // A standard signal comes all the same.
    expect((await full.run(`kill ${pid} 15`)).stdout).toMatch(/= 0/);
    expect(await receiver).toMatchObject({ signal: 15 });
  });

  test("nobody is there", async () => {
    for (const pid of [4_000_000, 99_999]) {
      expect((await ns.run(`kill ${pid} 0`)).stdout).toMatch(/= -1 ESRCH/);
      expect((await ns.run(`kill ${-pid} 9`)).stdout).toMatch(/= -1 ESRCH/);
      expect((await ns.run(`tgkill ${pid} 9`)).stdout).toMatch(/= -1 ESRCH/);
      expect((await ns.run(`queue ${pid} 9`)).stdout).toMatch(/= -1 ESRCH/);
    }
    expect(await ns.signal(99_999, 0)).toBe(404);
  });

  test("kill(-1) reaches all machines of the namespace, and no other", async () => {
    const all = ns.in("signals-all");
    const waiters = [all.run("wait 1"), all.run("wait 1"), ns.run("wait 1")];
    await until(async () =>
      (await all.processes()).filter(({ state }) => state === "S").length === 2 ? true : undefined,
    );
    const other = await ns.waiting("wait 1");
    expect((await all.run("kill -1 10")).stdout).toMatch(/= 0/);
    for (const waiter of waiters.slice(0, 2)) expect((await waiter).stdout).toMatch(/^User defined signal 1/);
    expect(await ns.signal(other, "SIGINT")).toBe(204);
    expect((await waiters[2]).stdout).toMatch(/^Interrupt code 0 pid 0 uid 0/);
  });

  test("queued signals arrive once and in order while the namespace is evicted", async () => {
    const flooded = ns.in("flooded");
    const [senders, each] = [3, 300];
    const receiver = flooded.run(`collect ${senders * each}`);
    const pid = await flooded.waiting(`collect ${senders * each}`);
    let sending = true;
    const floods = Promise.all(Array.from({ length: senders }, () => flooded.run(`flood ${pid} ${each}`))).finally(
      () => {
        sending = false;
      },
    );
    let evictions = 0;
    while (sending) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      await pair.evict("NAMESPACES", "flooded");
      evictions++;
    }
    expect(evictions).toBeGreaterThan(1);
    for (const { stdout, exitCode } of await floods) expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    expect((await receiver).stdout).toBe("0 twice, 0 out of order, 0 more\n");
  });

  test("stop and continue", async () => {
    const sleeper = ns.run("sleep 1");
    const { pid } = await ns.process("sleep 1");
    expect(await ns.signal(pid, "STOP")).toBe(204);
    expect((await ns.process("sleep 1", ({ state }) => state === "T")).pid).toBe(pid);
    // It answers, and its sleep does not end.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await ns.process("sleep 1")).state).toBe("T");
    expect((await ns.run(`kill ${pid} 18`)).stdout).toMatch(/= 0/);
    expect(await sleeper).toMatchObject({ exitCode: 0 });
  });

  test("a process that computes is reached", async () => {
    const spinner = ns.run("spin", { limits: { cpuMs: 20_000 } });
    const { pid } = await ns.process("spin");
    expect((await ns.run(`kill ${pid} 15`)).stdout).toMatch(/= 0/);
    expect(await spinner).toMatchObject({ signal: 15 });
  });

  test("who calls a function that another request kills gets the 502 that says so", async () => {
    await ns.putFunction("victim", "sleep 77");
    const response = ns.request("/victim");
    const { pid } = await ns.process("sleep 77");
    expect((await ns.run(`kill ${pid} 9`)).stdout).toMatch(/= 0/);
    expect((await response).status).toBe(502);
    expect(await (await response).text()).toMatch(/killed by signal 9 \(SIGKILL\)/);
    expect((await ns.run(`kill ${pid} 0`)).stdout).toMatch(/= -1 ESRCH/);
  });

  test("a prefork server gets SIGHUP from another request and reloads", async () => {
    const server = ns.run("prefork 3");
    const count = (n: number) =>
      until(async () => {
        const all = (await ns.processes()).filter((p) => p.command.slice(1).join(" ") === "prefork 3");
        return all.length === n && all.every(({ state }) => state === "S") ? all : undefined;
      });
    const first = await count(4);
    const [{ pid }] = first;
    expect((await ns.run(`kill ${pid} 1`)).stdout).toMatch(/= 0/);
    const second = await until(async () => {
      const now = await count(4);
      return now.some((p) => p.pid !== pid && first.some((old) => old.pid === p.pid)) ? undefined : now;
    });
    expect(second.map((p) => p.ppid)).toEqual([1, pid, pid, pid]);
    expect((await ns.run(`kill ${pid} 15`)).stdout).toMatch(/= 0/);
    expect((await server).stdout).toBe("generation 1\ngeneration 2\nreloaded 1 times\n");
  });
});
