/** The machine that runs in an isolate's start-up ends well, does what the same executable does natively, and leaves nothing behind. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { rehearse } from "../../src/machine/rehearsal.ts";
import { rehearsalProgram } from "../../src/machine/rehearsal-program.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";

const OUTPUT = "/proc/self/exe";

test("the rehearsal", async () => {
  const isolate = new Isolate(loadInterpreter());
  const used = () => isolate.frames.used - isolate.images.frames;
  const before = used();
  expect(await rehearse(isolate)).toEqual({ exitCode: 0, output: OUTPUT });
  expect(used()).toBe(before);
  expect(isolate.leases.size).toBe(0);
  // Hundreds of blocks, as in the start of a program of the C library.
  expect(isolate.cpu.statistics.blocks).toBeGreaterThan(700);
});

test.skipIf(process.platform !== "linux" || process.arch !== "x64")("its program natively", () => {
  const folder = join(import.meta.dirname, "../../build/test/machine");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "rehearsal");
  writeFileSync(path, rehearsalProgram(), { mode: 0o755 });
  expect(execFileSync(path, { input: "", encoding: "utf8" })).toBe(OUTPUT);
});
