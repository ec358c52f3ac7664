/** The kernel with objects that are not in the machine: guest programs must not notice. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { hasCompiler, start } from "../machine/support.ts";
import { DelayedIpc } from "./delayed.ts";

const PROGRAMS = ["sysv_sem", "sysv_sem_undo", "sysv_sem_order", "sysv_msg", "sysv_msg_waits", "sysv_threads"];
const GUEST = join(import.meta.dirname, "../guest");
const BUILD = join(import.meta.dirname, "../../build/test/ipc");

const isolate = new Isolate(loadInterpreter());

it.runIf(hasCompiler).each(PROGRAMS)("%s", async (name) => {
  mkdirSync(BUILD, { recursive: true });
  const program = join(BUILD, name);
  execFileSync("gcc", ["-O2", "-static", "-w", "-pthread", "-I", GUEST, "-o", program, join(GUEST, `${name}.c`)]);
  const native = execFileSync(program, { encoding: "utf8" });
  const { machine, finished } = start(isolate, program);
  const { ipc } = machine.kernel.namespaces;
  Object.assign(ipc, { objects: new DelayedIpc(ipc.memory) });
  const { stdout, status } = await finished;
  expect(stdout).toBe(native);
  expect(status.exitCode).toBe(0);
});
