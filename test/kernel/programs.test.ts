/** Programs that run natively and in a machine, with equal output and exit status. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";

const SOURCES = join(import.meta.dirname, "programs");
const BUILD = join(import.meta.dirname, "../../build/test/kernel");
const hasCompiler = spawnSync("gcc", ["--version"]).status === 0;

function compile(name: string): string {
  mkdirSync(BUILD, { recursive: true });
  const program = join(BUILD, name);
  execFileSync("gcc", ["-O1", "-static", "-w", "-pthread", "-o", program, join(SOURCES, `${name}.c`)]);
  return program;
}

/** Collects what a stream of the machine gives. */
function collect(machine: Machine): () => string {
  const parts: Uint8Array[] = [];
  const { stdout } = machine;
  const take = () => {
    if (stdout.available > 0) parts.push(stdout.pull());
  };
  stdout.onData(take);
  return () => {
    take();
    return Buffer.concat(parts).toString();
  };
}

describe.skipIf(!hasCompiler)("programs that run natively and here", () => {
  const isolate = hasCompiler ? new Isolate(loadInterpreter()) : null!;
  for (const file of readdirSync(SOURCES).filter((name) => name.endsWith(".c"))) {
    const name = file.slice(0, -2);
    test(name, async () => {
      const program = compile(name);
      const native = spawnSync(program, { input: "", encoding: "utf8", cwd: "/" });
      const tree = new HostTree();
      tree.add(program, program);
      const before = isolate.frames.used - isolate.images.frames;
      const machine = new Machine(isolate, { image: tree.manifest(), argv: [program] });
      const output = collect(machine);
      machine.stdin.close();
      const status = await machine.run(new NodeHost(tree, () => {}));
      expect(output()).toBe(native.stdout);
      expect(status).toEqual(native.status === null ? expect.objectContaining({}) : { exitCode: native.status });
      // Every frame of the machine is free again.
      expect(isolate.frames.used - isolate.images.frames).toBe(before);
    });
  }
});
