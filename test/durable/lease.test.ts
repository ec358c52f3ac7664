/** System V objects that one machine alone uses, and what happens when a second one comes: over two Workers. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import type { ExecAnswer, ExecRequest } from "../../src/http/exec-protocol.ts";
import { compile } from "../e2e/server.ts";
import { hasCompiler } from "../machine/support.ts";
import { Pair, sleep } from "./pair.ts";

let pair: Pair;
let image = "";
beforeAll(async () => {
  if (!hasCompiler) return;
  pair = await Pair.start();
  const program = compile(join(import.meta.dirname, "guest/lease.c"), "durable-lease");
  image = (await uploadImage(pair.client, program, "lease", { quiet: true })).digest;
}, 60_000);
afterAll(() => pair?.close());

interface Run {
  readonly lines: readonly string[];
  readonly exit: number | string;
  readonly operations: number;
  readonly calls: number;
}

async function run(namespace: string, args: string, options: Partial<ExecRequest> = {}): Promise<Run> {
  const argv = ["/durable-lease", ...args.split(" ")];
  const body = JSON.stringify({ image, argv, namespace, ...options });
  const response = await pair.request("/_/exec", { method: "POST", body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  const { stdout, reason, signal, exitCode, stats } = JSON.parse(text) as ExecAnswer;
  const lines = atob(stdout).trimEnd().split("\n");
  return { lines, exit: reason ?? signal ?? exitCode!, operations: stats.ipcOperations, calls: stats.ipcCalls };
}

describe.runIf(hasCompiler)("an object of one machine", () => {
  it("is asked a few times for a thousand operations, and has it all in the end", async () => {
    const first = await run("alone", "send 1 500");
    expect(first.exit).toBe(0);
    expect(first.operations).toBeGreaterThan(500);
    expect(first.calls).toBeLessThan(50);
    const second = await run("alone", "receive 1 500");
    expect(second.lines).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
    expect(second.calls).toBeLessThan(50);
    expect((await run("alone", "count 1")).lines).toEqual(["0"]);
  });

  it("carries messages between processes of the machine", async () => {
    const { lines, operations, calls } = await run("within", "echo 1 300");
    expect(lines).toEqual(["44850"]);
    expect(operations).toBeGreaterThan(1200);
    expect(calls).toBeLessThan(operations / 4);
  });

  it("keeps a semaphore's value and gives back what was to be undone", async () => {
    const { lines, calls } = await run("semaphore", "cycle 1 400");
    expect(lines).toEqual(["held 1", "after 0"]);
    expect(calls).toBeLessThan(50);
    expect((await run("semaphore", "value 1")).lines).toEqual(["0"]);
  });
});

describe.runIf(hasCompiler)("a second machine", () => {
  it("gets what the first has done, and the first goes on", async () => {
    await run("join", "send 1 1");
    const first = run("join", "slowly 1 150");
    await sleep(700);
    const second = await run("join", "slowly 1 50");
    expect(second.exit).toBe(0);
    expect((await first).exit).toBe(0);
    expect((await run("join", "receive 1 1")).lines).toEqual(["200"]);
  });

  it("does not wait for one that computes without a pause", async () => {
    const first = run("busy", "spin 1", { limits: { cpuMs: 60_000, wallMs: 20_000 } });
    let lines: readonly string[] = [];
    for (let i = 0; i < 50 && lines[0] !== "3"; i++, await sleep(100)) lines = (await run("busy", "count 1")).lines;
    expect(lines).toEqual(["3"]);
    expect((await run("busy", "stop 1")).exit).toBe(0);
    expect((await first).exit).toBe(0);
  });

  it("takes over from one that was ended", async () => {
    expect((await run("ended", "hold 1", { limits: { wallMs: 1500 } })).exit).toBe("wall");
    expect((await run("ended", "value 1")).lines).toEqual(["0"]);
  });
});
