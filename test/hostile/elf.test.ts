/**
 * Damaged executables, imported and run by the code that a Worker runs, in Node; test/e2e/isolation.test.ts does it over HTTP.
 * `BINLET_MUTATIONS=10000` is the long run, `BINLET_SEED` repeats one.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestHex, manifestKey, parseManifest } from "../../src/image/format.ts";
import { ImportError, importImage } from "../../src/image/import.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { has } from "../e2e/server.ts";
import { hasCompiler } from "../machine/support.ts";
import { mutate } from "./mutate-elf.ts";
import { Random, seed } from "./random.ts";

const MUTATIONS = Number(process.env.BINLET_MUTATIONS ?? 300);
const LIMITS = { cpuMs: 100, wallMs: 1000, memoryMiB: 16, processes: 16, files: 64, outputMiB: 1 };
const SOURCE = '#include <stdio.h>\nint main(int c, char **v) { printf("hello %d %s\\n", c, v[0]); return 7; }\n';

function build(name: string, compiler: string, ...flags: string[]): Uint8Array {
  const folder = join(import.meta.dirname, "../../build/test/hostile");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  if (!existsSync(path)) {
    writeFileSync(`${path}.c`, SOURCE);
    execFileSync(compiler, ["-O1", "-s", ...flags, "-o", path, `${path}.c`]);
  }
  return new Uint8Array(readFileSync(path));
}

describe.skipIf(!hasCompiler)("a damaged executable", () => {
  const isolate = new Isolate(loadInterpreter());

  /** Imports and runs it; what was printed, or the import's error. */
  async function run(bytes: Uint8Array) {
    const store = new Map<string, Uint8Array>();
    const put = async (key: string, value: Uint8Array) => void store.set(key, value.slice());
    const imported = await importImage(
      new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
      put,
      async () => false,
    ).catch((error) => {
      expect(error).toBeInstanceOf(ImportError);
      return null;
    });
    if (imported === null) return null;
    const manifest = parseManifest(store.get(manifestKey(digestHex(imported.digest)!))!);
    const machine = new Machine(isolate, { image: manifest, limits: LIMITS });
    machine.stdin.close();
    let printed = "";
    machine.stdout.onData(() => (printed += String.fromCharCode(...machine.stdout.pull())));
    machine.stderr.onData(() => void machine.stderr.pull());
    const host = new NodeHost({ get: async (key) => store.get(key) ?? null }, () => {});
    return { status: await machine.run(host), printed };
  }

  test(
    `${MUTATIONS} of them are an error or a signal (seed ${seed})`,
    { timeout: 30_000 + MUTATIONS * 1200 },
    async () => {
      const originals = [build("static", "gcc", "-static"), build("static-pie", "gcc", "-static-pie", "-fPIE")];
      if (has("musl-gcc")) originals.push(build("musl", "musl-gcc", "-static"));
      const good = { status: { exitCode: 7 }, printed: "hello 1 /bin/program\n" };
      for (const original of originals) expect(await run(original)).toEqual(good);
      const used = () => isolate.frames.used - isolate.images.frames;
      const before = used();
      for (let i = 0; i < MUTATIONS; i++) {
        const number = seed + i;
        const random = new Random(number);
        const bytes = mutate(random.of(originals), random);
        const began = performance.now();
        const end = await run(bytes).catch((error) => {
          throw new Error(`BINLET_SEED=${number}: ${error.stack}`);
        });
        expect(performance.now() - began, `BINLET_SEED=${number}`).toBeLessThan(5 * LIMITS.wallMs);
        expect(used(), `BINLET_SEED=${number}`).toBe(before);
        if (end !== null && end.status.exitCode === undefined) expect(end.status.signal).toBeGreaterThan(0);
        if (i % 25 === 24)
          for (const sound of originals) expect(await run(sound), `BINLET_SEED=${number}`).toEqual(good);
      }
    },
  );
});
