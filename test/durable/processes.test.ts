/** Processes of machines in one namespace, in two Workers: their pids, and who sees them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT } from "../../src/cli/client.ts";
import { findProgram, withLibraries } from "../../src/cli/host-program.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { has } from "../e2e/server.ts";
import { NamespaceClient, until } from "./namespace-client.ts";
import { Pair } from "./pair.ts";

/** Machines, and processes of each; BINLET_CROWD=full is what issue 6 asks for. */
const [MACHINES, PROCESSES] = process.env.BINLET_CROWD === "full" ? [20, 50] : [6, 20];
const run = promisify(execFile);
/** More than the first blocks of pids. */
const CHURN = 400;

describe.skipIf(!has("gcc"))("processes", () => {
  let pair: Pair;
  let ns: NamespaceClient;
  beforeAll(async () => {
    pair = await Pair.start();
    ns = await NamespaceClient.of(pair, "processes");
  }, 120_000);
  afterAll(() => pair?.close());

  test("of many machines at once have pids of their own, which are seen and come back", async () => {
    const crowd = ns.in("crowd");
    const all = Array.from({ length: MACHINES }, () => crowd.run(`crowd ${PROCESSES} 1000`));
    const total = MACHINES * PROCESSES;
    const seen = await until(async () => {
      const now = await crowd.processes();
      return now.length === total && now.every(({ state }) => state === "S") ? now : undefined;
    });
    expect(new Set(seen.map(({ pid }) => pid)).size).toBe(total);
    expect((await crowd.run("kill -1 9")).stdout).toMatch(/= 0/);
    const printed: number[] = [];
    for (const answer of await Promise.all(all)) {
      expect(answer.signal).toBe(9);
      printed.push(...answer.stdout.trim().split("\n").map(Number));
    }
    expect(printed.sort((a, b) => a - b)).toEqual(seen.map(({ pid }) => pid));
    expect(await crowd.processes()).toEqual([]);
    // No pid is given out again so soon.
    const next = Number((await crowd.run("pid")).stdout);
    expect(next).toBeGreaterThan(Math.max(...printed));
    expect(await crowd.leasedBlocks()).toBe(0);
  });

  test("of one machine use up blocks of pids, and give them back", async () => {
    const churn = ns.in("churn");
    const { stdout } = await churn.run(`churn ${CHURN}`, { limits: { wallMs: 60_000 } });
    const [first, last] = stdout.split(" ").map(Number);
    expect(last).toBeGreaterThanOrEqual(first + CHURN - 1);
    expect(await churn.leasedBlocks()).toBe(0);
  });

  test("of another machine answer getpgid and its kin", async () => {
    const sleeper = ns.run("sleep 60");
    const pid = await ns.waiting("sleep 60");
    const { stdout } = await ns.run(`ask ${pid}`);
    expect(stdout.trimEnd().split("\n")).toEqual([
      "getpgid(pid) == pid = 1",
      "getsid(pid) == pid = 1",
      "getpriority(PRIO_PROCESS, pid) = 0",
      "sched_getscheduler(pid) = 0",
      "sched_getparam(pid, &param) = 0",
      "setpgid(pid, 0) = -1 ESRCH",
      "setpgid(0, pid) = -1 EPERM",
    ]);
    expect((await ns.run(`renice ${pid} 5`)).stdout.trimEnd().split("\n")).toEqual([
      "setpriority(PRIO_PROCESS, number, second) = 0",
      "getpriority(PRIO_PROCESS, number) = 5",
      "sched_setscheduler(number, SCHED_FIFO, &param) = 0",
      "sched_getscheduler(number) = 1",
    ]);
    expect((await ns.run(`user 1000 renice ${pid} 5`)).stdout).toMatch(/-1 EPERM\n.* = 5\n.*-1 EPERM\n.* = 1\n/);
    expect((await ns.process("sleep 60")).nice).toBe(5);
    expect(await ns.signal(pid, "TERM")).toBe(204);
    expect(await sleeper).toMatchObject({ signal: 15 });
    expect((await ns.run(`ask ${pid}`)).stdout).toMatch(/sched_getscheduler\(pid\) = -1 ESRCH/);
  });

  test("of a machine whose client has gone are gone for all", async () => {
    const gone = ns.in("gone");
    await gone.putFunction("streams", "chatter");
    const client = new AbortController();
    const { body } = await gone.request("/streams", { signal: client.signal });
    await body!.getReader().read();
    const { pid } = await gone.process("chatter");
    client.abort();
    await until(async () => ((await gone.processes()).length === 0 ? true : undefined));
    expect((await gone.run(`kill ${pid} 0`)).stdout).toMatch(/= -1 ESRCH/);
    expect(await gone.leasedBlocks()).toBe(0);
  });

  test.skipIf(!has("ps"))("are seen by stock ps, and by binlet ps", async () => {
    const seen = ns.in("seen");
    const { source, program } = withLibraries(findProgram("ps"));
    const { digest } = await uploadImage(pair.client, source, "ps", { quiet: true, path: program });
    const sleepers = [seen.run("sleep 61"), seen.run("sleep 62", { user: "1000:1000" })];
    const [first, second] = [await seen.waiting("sleep 61"), await seen.waiting("sleep 62")];
    const request = { image: digest, argv: [program, "-e", "-o", "pid,ppid,uid,stat,comm,args"] };
    const answer = await seen.run("", request);
    expect(answer.stderr).toBe("");
    const lines = answer.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().split(/ +/).join(" "));
    expect(lines[0]).toBe("PID PPID UID STAT COMMAND COMMAND");
    expect(lines).toContain(`${first} 1 0 Ss durable-process /durable-processes sleep 61`);
    expect(lines).toContain(`${second} 1 1000 Ss durable-process /durable-processes sleep 62`);
    expect(lines.some((line) => line.includes(" R"))).toBe(true);

    const { url, token } = pair.connection;
    const binlet = (...args: string[]) =>
      run(process.execPath, [
        join(CHECKOUT, "src/cli/binlet.mjs"),
        ...args,
        "--namespace",
        "seen",
        "--url",
        url,
        "--token",
        token,
      ]);
    expect((await binlet("ps")).stdout).toMatch(
      new RegExp(`^ +0 +${first} +1 +${first} S .* /durable-processes sleep 61$`, "m"),
    );
    await binlet("kill", String(first), String(second));
    for (const sleeper of sleepers) expect(await sleeper).toMatchObject({ signal: 15 });
    await expect(binlet("kill", "-s", "0", String(first))).rejects.toMatchObject({
      code: 125,
      stderr: `binlet: There is no process ${first}.\n`,
    });
  });

  test("System V objects are listed and removed by binlet", async () => {
    await pair.ipc("objects", "send 1 3 text");
    const { url, token } = pair.connection;
    const binlet = (...args: string[]) =>
      run(process.execPath, [
        join(CHECKOUT, "src/cli/binlet.mjs"),
        ...args,
        "--namespace",
        "objects",
        "--url",
        url,
        "--token",
        token,
      ]);
    const { stdout } = await binlet("ipcs");
    const [, id] = /^0x00000001 +(\d+) +0 6\d\d +\d+ +1 /m.exec(stdout)!;
    expect(stdout).toMatch(/^Semaphore sets\nKEY +SEMID UID PERMS NSEMS$/m);
    await binlet("ipcrm", "-q", id);
    expect((await binlet("ipcs")).stdout).not.toMatch(/^0x/m);
    await expect(binlet("ipcrm", "-q", id)).rejects.toMatchObject({ code: 125 });
  });

  test("a pidfd tells of the end of a process of another machine", async () => {
    const watched = ns.in("watched");
    const before = [
      "poll(&poll_fd, 1, 0) = 0",
      "waitid(P_PIDFD, fd, &info, WEXITED) = -1 ECHILD",
      "syscall(SYS_pidfd_getfd, fd, 0, 0) = -1 EPERM",
    ];
    const after = ["0x1 9", "syscall(SYS_pidfd_send_signal, fd, 0, 0, 0) = -1 ESRCH", ""];
    const sleeper = watched.run("sleep 60");
    const pid = await watched.waiting("sleep 60");
    const watchers = [watched.run(`watch ${pid}`), watched.run(`watch ${pid}`)];
    await until(async () =>
      (await watched.processes()).filter(({ state }) => state === "S").length === 3 ? true : undefined,
    );
    await pair.evict("NAMESPACES", "watched");
    expect(await watched.signal(pid, "TERM")).toBe(204);
    expect(await sleeper).toMatchObject({ signal: 15 });
    for (const watcher of watchers) expect((await watcher).stdout.split("\n")).toEqual([...before, ...after]);

    // Its machine vanishes.
    await watched.putFunction("watched", "chatter");
    const client = new AbortController();
    const { body } = await watched.request("/watched", { signal: client.signal });
    await body!.getReader().read();
    const gone = await watched.process("chatter", ({ ppid }) => ppid !== 1);
    const watcher = watched.run(`watch ${gone.pid}`);
    await watched.waiting(`watch ${gone.pid}`);
    client.abort();
    expect((await watcher).stdout.split("\n")).toEqual([...before, ...after]);
  });

  test("have the pid that clone3 asks for, whosever block it is in", async () => {
    const claimed = ns.in("claimed");
    const sleeper = claimed.run("sleep 60");
    const pid = await claimed.waiting("sleep 60");
    expect((await claimed.run(`set-tid ${pid}`)).stdout).toBe("clone3 EEXIST\n");
    // Of the sleeper's block, and of nobody's.
    for (const wanted of [pid + 20, 4_000_000]) {
      const holder = claimed.run(`set-tid ${wanted} 60`);
      const child = await until(async () => (await claimed.processes()).find((p) => p.pid === wanted));
      expect((await claimed.run(`set-tid ${wanted}`)).stdout).toBe("clone3 EEXIST\n");
      expect((await claimed.run(`kill ${wanted} 0`)).stdout).toMatch(/= 0/);
      expect((await claimed.run(`kill ${wanted} 15`)).stdout).toMatch(/= 0/);
      expect((await holder).stdout).toBe("child 1\n");
      expect((await claimed.run(`kill ${child.pid} 0`)).stdout).toMatch(/ESRCH/);
      expect((await claimed.run(`set-tid ${wanted} 0`)).stdout).toBe("child 1\n");
    }
    expect(await claimed.signal(pid, "TERM")).toBe(204);
    await sleeper;
    await until(async () => ((await claimed.leasedBlocks()) === 0 ? true : undefined));
  });

  test("limits of System V objects are the namespace's", async () => {
    const limited = ns.in("limited");
    const sleeper = limited.run("sleep 60");
    const pid = await limited.waiting("sleep 60");
    await limited.prints("sysctl msgmni 2", /^write\(.* = 1\n2\n$/);
    await limited.prints("sysctl sem 100", /= 1\n100\t1024000000\t500\t32000\n$/);
    await pair.evict("NAMESPACES", "limited");
    await limited.prints("sysctl msgmni", /^2\n$/);
    await limited.prints("sysctl sem", /^100\t1024000000\t500\t32000\n$/);
    await limited.prints("user 1001 qbytes 20000", /= -1 EPERM\n$/);
    await limited.prints("qbytes 20000", /= 0\n$/);
    await limited.prints("sysctl msgmnb 30000", /\n30000\n$/);
    await limited.prints("user 1001 qbytes 20000", /= 0\n$/);
    await limited.prints("msgget 3", /= 0\n.* = 0\n.* = -1 ENOSPC\n$/);
    expect(await limited.signal(pid, "TERM")).toBe(204);
    await sleeper;
  });

  test("live on when the namespace is evicted", async () => {
    const lasting = ns.in("lasting");
    const waiter = lasting.run("wait 1");
    const pid = await lasting.waiting("wait 1");
    await pair.evict("NAMESPACES", "lasting");
    expect((await lasting.run(`kill ${pid} 10`)).stdout).toMatch(/= 0/);
    expect((await waiter).stdout).toMatch(/^User defined signal 1/);
    await until(async () => ((await lasting.leasedBlocks()) === 0 ? true : undefined));
  });
});
