/** Process groups and sessions with members in several machines, in two Workers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram, withLibraries } from "../../src/cli/host-program.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { has } from "../e2e/server.ts";
import { NamespaceClient, until } from "./namespace-client.ts";
import { Pair } from "./pair.ts";

describe.skipIf(!has("gcc"))("groups", () => {
  let pair: Pair;
  let ns: NamespaceClient;
  beforeAll(async () => {
    pair = await Pair.start();
    ns = await NamespaceClient.of(pair, "groups");
  }, 120_000);
  afterAll(() => pair?.close());

  test("kill(-pgid) reaches members in other machines, each once", async () => {
    const one = ns.in("two-members");
    const leader = one.run("wait 2");
    const pgid = await one.waiting("wait 2");
    const other = one.runIn({ pgid, sid: pgid }, "wait 2");
    const seen = await until(async () => {
      const all = await one.processes();
      return all.length === 2 && all.every(({ state }) => state === "S") ? all : undefined;
    });
    expect(seen.map((p) => [p.pgid, p.sid])).toEqual([
      [pgid, pgid],
      [pgid, pgid],
    ]);
    expect((await one.run(`kill ${-pgid} 10`)).stdout).toMatch(/= 0/);
    expect((await one.run(`kill ${-pgid} 12`)).stdout).toMatch(/= 0/);
    for (const { stdout } of [await leader, await other]) {
      expect(stdout.split("\n").map((line) => line.slice(0, 21))).toEqual([
        "User defined signal 1",
        "User defined signal 2",
        "",
      ]);
    }
    expect((await one.run(`kill ${-pgid} 0`)).stdout).toMatch(/= -1 ESRCH/);
    expect(await one.leasedBlocks()).toBe(0);
  });

  test.skipIf(!has("ps"))("ps shows them", async () => {
    const one = ns.in("shown");
    const leader = one.run("wait 1");
    const pgid = await one.waiting("wait 1");
    const other = one.runIn({ pgid, sid: pgid }, "sleep 60");
    const pid = await one.waiting("sleep 60");
    const { source, program } = withLibraries(findProgram("ps"));
    const { digest } = await uploadImage(pair.client, source, "ps", { quiet: true, path: program });
    const { stdout } = await one.run("", { image: digest, argv: [program, "-e", "-o", "pid,pgid,sid"] });
    const lines = stdout.split("\n").map((line) => line.trim().split(/ +/).join(" "));
    expect(lines).toContain(`${pgid} ${pgid} ${pgid}`);
    expect(lines).toContain(`${pid} ${pgid} ${pgid}`);
    // To its own group, from the machine that has joined it.
    await one.run(`kill ${-pgid} 15`);
    expect(await other).toMatchObject({ signal: 15 });
    expect((await leader).stdout).toMatch(/^Terminated/);
  });

  test("setpgid joins a group of the same session, and of no other", async () => {
    const one = ns.in("joined");
    const leader = one.run("wait 1");
    const pgid = await one.waiting("wait 1");
    expect((await one.runIn({ sid: pgid }, `join ${pgid}`)).stdout.split("\n")).toEqual([
      "setpgid(0, number) = 0",
      "getpgrp() == number = 1",
      "setpgid(0, 0) = 0",
      "getpgrp() == getpid() = 1",
      "",
    ]);
    expect((await one.run(`join ${pgid}`)).stdout).toMatch(/^setpgid\(0, number\) = -1 EPERM\n/);
    expect((await one.runIn({ sid: pgid }, "join 4000000")).stdout).toMatch(/^setpgid\(0, number\) = -1 EPERM\n/);
    await one.signal(pgid, "TERM");
    await leader;
    expect(await one.leasedBlocks()).toBe(0);
  });

  test("a member waits for its children and changes its group's priorities", async () => {
    const one = ns.in("member");
    const leader = one.run("wait 1");
    const pgid = await one.waiting("wait 1");
    const { stdout } = await one.runIn({ pgid, sid: pgid }, `member ${pgid}`);
    expect(stdout.split("\n")).toEqual([
      `1 ${pgid} 1`,
      "waitid(P_PGID, group, &info, WEXITED) = 0",
      "1 7",
      "waitid(P_PGID, group, &info, WEXITED) = -1 ECHILD",
      "setpriority(PRIO_PGRP, 0, 3) = 0",
      "getpriority(PRIO_PGRP, group) = 3",
      "syscall(SYS_ioprio_set, 2, group, (2 << 13) | 5) = 0",
      "syscall(SYS_ioprio_get, 2, 0) = 16389",
      "",
    ]);
    expect((await one.process("wait 1")).nice).toBe(3);
    await one.signal(pgid, "TERM");
    await leader;
  });

  test("setsid is refused while another machine has members of the caller's old group", async () => {
    const one = ns.in("session");
    const parent = one.run("leaves-group");
    const child = await until(async () => {
      const all = await one.processes();
      return all.find(({ ppid, pgid, pid, state }) => ppid > 1 && pgid === pid && state === "S");
    });
    const other = one.runIn({ pgid: child.pid, sid: child.sid }, "sleep 60");
    const pid = await one.waiting("sleep 60");
    expect((await one.run(`kill ${child.pid} 10`)).stdout).toMatch(/= 0/);
    await until(async () =>
      (await one.processes()).find((p) => p.pid === child.pid)?.pgid !== child.pid ? true : undefined,
    );
    await one.waiting("sleep 60");
    expect((await one.run(`kill ${-child.pid} 9`)).stdout).toMatch(/= 0/);
    expect(await other).toMatchObject({ signal: 9 });
    expect((await one.run(`kill ${pid} 0`)).stdout).toMatch(/ESRCH/);
    await one.waiting("leaves-group");
    expect((await one.run(`kill ${child.pid} 10`)).stdout).toMatch(/= 0/);
    expect((await parent).stdout.split("\n")).toEqual([
      "setpgid(0, getppid()) = 0",
      "setsid() == getpid() = 0",
      "setsid() == getpid() = 1",
      "",
    ]);
  });

  test("a stopped member is continued and hung up when the group is orphaned by another machine", async () => {
    const one = ns.in("orphaned");
    const parent = one.run("two-groups");
    const child = await until(async () =>
      (await one.processes()).find(({ ppid, pgid, pid }) => ppid > 1 && pgid === pid),
    );
    const other = one.runIn({ pgid: child.pid, sid: child.sid }, "sleep 60");
    const pid = await one.waiting("sleep 60");
    // Its own parent is the kernel; the one in the other machine keeps its group from being orphaned.
    expect((await one.run(`kill ${pid} 20`)).stdout).toMatch(/= 0/);
    await one.process("sleep 60", ({ state }) => state === "T");
    expect(await one.signal(child.ppid, "KILL")).toBe(204);
    expect(await parent).toMatchObject({ signal: 9 });
    expect(await other).toMatchObject({ signal: 1 });
    await until(async () => ((await one.leasedBlocks()) === 0 ? true : undefined));
  });

  test("a group whose leader's machine is gone keeps its number", async () => {
    const one = ns.in("left");
    const leader = one.run("wait 1");
    const pgid = await one.waiting("wait 1");
    const others = [one.runIn({ pgid, sid: pgid }, "wait 1"), one.runIn({ pgid, sid: pgid }, "wait 1")];
    await until(async () =>
      (await one.processes()).filter(({ state }) => state === "S").length === 3 ? true : undefined,
    );
    expect(await one.signal(pgid, "TERM")).toBe(204);
    await leader;
    await pair.evict("NAMESPACES", "left");
    expect((await one.run(`kill ${pgid} 0`)).stdout).toMatch(/ESRCH/);
    expect((await one.run(`kill ${-pgid} 10`)).stdout).toMatch(/= 0/);
    for (const other of others) expect((await other).stdout).toMatch(/^User defined signal 1.*\n$/);
    await until(async () => ((await one.leasedBlocks()) === 0 ? true : undefined));
  });
});
