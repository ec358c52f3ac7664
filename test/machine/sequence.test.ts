/** Machines one after the other in one isolate leave nothing behind. `BINLET_MACHINES=10000` is the long run. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { compile, hasCompiler, start } from "./support.ts";

const MACHINES = Number(process.env.BINLET_MACHINES ?? 1000);
const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }';

test.skipIf(!hasCompiler)(
  `${MACHINES} machines leave the memory as it was`,
  { timeout: 30_000 + 30 * MACHINES },
  async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const isolate = new Isolate(loadInterpreter());
    const program = compile(HELLO);
    const hello = async () => {
      const { finished, machine } = start(isolate, program);
      const { status, stdout } = await finished;
      // Not by `expect`, which remembers each call. 32 frames are 128 KiB.
      if (status.exitCode !== 0 || stdout !== "hello\n" || machine.stats.peakFrames > 32)
        throw new Error(JSON.stringify(status));
    };
    // What one collection leaves, timers that are due and finalisers may still hold: the least of several, with turns between.
    const size = async () => {
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 8; round++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        collect();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        least = Math.min(least, heapUsed + arrayBuffers);
      }
      return least;
    };
    for (let i = 0; i < 200; i++) await hello();
    const before = { size: await size(), frames: isolate.frames.used, bytes: isolate.frames.wasm.buffer.byteLength };
    for (let i = 0; i < MACHINES; i++) await hello();
    expect(isolate.frames.used).toBe(before.frames);
    expect(isolate.frames.wasm.buffer.byteLength).toBe(before.bytes);
    expect(isolate.leases.size).toBe(0);
    // The engine itself still warms up by a megabyte; 200 bytes for each of 10,000 machines would be a leak.
    expect((await size()) - before.size).toBeLessThan(2 << 20);
  },
);
