/** Programs that do one thing without end: each ends at the limit that is meant for it, and the isolate is as before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitSentence } from "../../src/http/exit.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import type { EndReason, RefusedLimit } from "../../src/machine/options.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { compile, hasCompiler, start } from "../machine/support.ts";

const LIMITS = { cpuMs: 150, wallMs: 500, memoryMiB: 16, processes: 32, files: 64, outputMiB: 4 };

/** What may end each: more than one reason where it depends on the speed of the computer. */
const ENDLESS: [what: string, ends: EndReason[], reached?: RefusedLimit][] = [
  ["fork", ["cpu"], "processes"],
  ["fork-sleep", ["cpu"], "processes"],
  ["fork-exit", ["cpu"], "processes"],
  ["vfork", ["cpu"], "processes"],
  ["threads", ["cpu"], "processes"],
  ["spinners", ["cpu"], "processes"],
  ["map", ["cpu", "wall"]],
  ["map-apart", ["cpu", "wall"]],
  ["touch", ["memory"]],
  ["touch-child", ["memory"]],
  ["touch-shared", ["memory"]],
  ["brk", ["memory"]],
  ["open", ["cpu", "wall"], "files"],
  ["pipe", ["cpu", "wall"], "files"],
  ["epoll", ["cpu", "wall"], "files"],
  ["memfd", ["cpu", "wall"], "files"],
  ["print", ["output"]],
  ["complain", ["output"]],
  ["file", ["cpu", "wall", "memory"]],
  ["files", ["cpu", "wall"]],
  ["directories", ["cpu", "wall"]],
  ["fill-pipe", ["wall"]],
  ["spin", ["cpu"]],
  ["calls", ["cpu"]],
  ["sleep", ["wall"]],
  ["naps", ["wall"]],
  ["exec", ["cpu", "wall"]],
  ["exec-large", ["cpu", "wall"]],
  ["signals", ["cpu", "wall"]],
  ["queue", ["cpu", "wall"]],
  ["timers", ["cpu", "wall"]],
  ["faults", ["cpu", "wall"]],
  ["code", ["cpu", "wall"]],
];

describe.skipIf(!hasCompiler)("a program that does without end", () => {
  const isolate = new Isolate(loadInterpreter());
  const used = () => isolate.frames.used - isolate.images.frames;
  const program = () => compile(readFileSync(join(import.meta.dirname, "guest/endless.c"), "utf8"));
  const run = async (what: string, wallMs = LIMITS.wallMs) => {
    const before = used();
    const began = process.cpuUsage();
    const { finished, machine } = start(isolate, program(), [what], { limits: { ...LIMITS, wallMs }, keepOpen: true });
    const end = await finished;
    expect(used()).toBe(before);
    expect(isolate.leases.size).toBe(0);
    // Twenty times the limit, of CPU time, which neighbours on the computer do not add to: no turn was so long that those in the isolate
    // would have noticed.
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(20 * wallMs);
    return { ...end, stats: machine.stats };
  };

  test.for(ENDLESS)("%s", async ([what, ends, reached]) => {
    // On a computer that is busy, what CPU time alone is to end takes its time.
    const { status, log } = await run(what, ends.includes("wall") ? LIMITS.wallMs : 10 * LIMITS.wallMs);
    expect(status.signal).toBe(9);
    expect(ends).toContain(status.reason);
    expect(status.reached).toEqual(reached && [reached]);
    expect(log.join("\n")).toContain(`machine ended: ${status.reason}`);
    if (reached) expect(exitSentence(status)).toContain(`limit ${reached}`);
  });

  /** Least guest time that a call of theirs is charged with, in microseconds: what the kernel does for it, or in vain. */
  const CHARGES: [what: string, microseconds: number][] = [
    ["open", 0.7],
    ["memfd", 0.7],
    ["map", 0.7],
    ["map-apart", 5],
    ["directories", 0.6],
    ["queue", 0.25],
    ["file", 2],
    ["exec-large", 20],
    ["touch", 20],
  ];

  test.for(CHARGES)("%s is charged %d microseconds a call or more", async ([what, microseconds]) => {
    const { stats } = await run(what, 10 * LIMITS.wallMs);
    expect((stats.cpuMs * 1000) / stats.systemCalls).toBeGreaterThan(microseconds);
  });

  test("recursion ends with SIGSEGV at RLIMIT_STACK", async () => {
    const { status } = await run("stack");
    expect(status).toEqual({ signal: 11 });
    expect(exitSentence(status)).toBe("The program was killed by signal 11 (SIGSEGV).");
  });

  test("is told errno at the limits that calls report", async () => {
    expect(await run("fork-stop")).toMatchObject({ stdout: "31: Resource temporarily unavailable\n" });
    const opens = await run("open-stop");
    expect(opens.stdout).toBe(`${LIMITS.files - 3}: Too many open files\n`);
    expect(opens.status).toEqual({ exitCode: 1, reached: ["files"] });
    expect(exitSentence(opens.status)).toMatch(/^The program exited with status 1\. It had reached its limit files:/);
  });
});
