/** Processes that wait for each other in every way, with slices of random length: where a thread is interrupted, no wake-up is lost. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Kernel } from "../../src/kernel/kernel.ts";
import type { Thread } from "../../src/kernel/task.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";

const random = vi.hoisted(() => ({
  seed: 1,
  /** In [0, 1). */
  next(): number {
    this.seed = (this.seed * 48271) % 0x7fffffff;
    return this.seed / 0x7fffffff;
  },
}));

vi.mock("../../src/kernel/slice.ts", async (original) => {
  const slice = await original<typeof import("../../src/kernel/slice.ts")>();
  // 20 to 20000 instructions, short ones as often as long ones.
  const runSlice = (kernel: Kernel, t: Thread) => slice.runSlice(kernel, t, Math.floor(20 * 1000 ** random.next()));
  return { ...slice, runSlice };
});

const SOURCE = join(import.meta.dirname, "exchange.c");
const BUILD = join(import.meta.dirname, "../../build/test/kernel");
const hasCompiler = spawnSync("gcc", ["--version"]).status === 0;

test.skipIf(!hasCompiler).for([1, 2, 3])("exchange, seed %i", async (seed) => {
  mkdirSync(BUILD, { recursive: true });
  const program = join(BUILD, `exchange-${seed}`);
  execFileSync("gcc", ["-O1", "-static", "-w", "-pthread", "-o", program, SOURCE]);
  const tree = new HostTree();
  tree.add(program, "/exchange");
  random.seed = seed;
  const machine = new Machine(new Isolate(loadInterpreter()), {
    image: tree.manifest(),
    argv: ["/exchange", String(seed)],
    limits: { wallMs: 50_000 },
  });
  let output = "";
  machine.stdout.onData(() => {
    output += Buffer.from(machine.stdout.pull()).toString();
  });
  machine.stdin.close();
  const status = await machine.run(new NodeHost(tree, () => {}));
  expect({ output, ...status }).toEqual({
    output: [
      "pipes done",
      "sockets done",
      "poll done",
      "edges done",
      "futex done",
      "threads 300",
      "signals done",
      "children 60",
      "openings done",
      "broken pipes",
      "",
    ].join("\n"),
    exitCode: 0,
  });
});
