/**
 * Damaged executables, imported and run by the code that a Worker runs, in Node; test/e2e/isolation.test.ts does it over HTTP.
 * `BINLET_MUTATIONS=10000` is the long run, `BINLET_SEED` repeats one.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestHex, manifestKey, parseManifest } from "../../src/image/format.ts";
import { ImportError, importImage } from "../../src/image/import.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { has } from "../e2e/server.ts";
import { tar } from "../image/make-tar.ts";
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

/** ELF files by their path, the program first; what is imported and run. */
type Files = ReadonlyMap<string, Uint8Array>;

const PROGRAM = "bin/program";

const alone = (program: Uint8Array): Files => new Map([[PROGRAM, program]]);

/** A program with its PT_INTERP, and the libraries that this loads. */
function dynamic(program: Uint8Array, interpreter: string, ...libraries: string[]): Files {
  const read = (path: string) => new Uint8Array(readFileSync(realpathSync(path)));
  return new Map([
    [PROGRAM, program],
    ...[interpreter, ...libraries].map((path) => [path.slice(1), read(path)] as const),
  ]);
}

/** A static program is imported as it is; others in an archive. */
function archive(files: Files): Uint8Array {
  if (files.size === 1) return files.get(PROGRAM)!;
  const entry = ([name, bytes]: [string, Uint8Array]) => ({
    name,
    mode: 0o755,
    content: Buffer.from(bytes).toString("latin1"),
  });
  return tar([...files].map(entry));
}

const MUSL = "/lib/ld-musl-x86_64.so.1";
const GLIBC = "/lib64/ld-linux-x86-64.so.2";
const GLIBC_LIBRARY = "/lib/x86_64-linux-gnu/libc.so.6";

describe.skipIf(!hasCompiler)("a damaged executable", () => {
  const isolate = new Isolate(loadInterpreter());

  /** Imports and runs it; what was printed, or the import's error. */
  async function run(files: Files) {
    const bytes = archive(files);
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
    const machine = new Machine(isolate, { image: manifest, argv: [`/${PROGRAM}`], limits: LIMITS });
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
      const originals = [
        alone(build("static", "gcc", "-static")),
        alone(build("static-pie", "gcc", "-static-pie", "-fPIE")),
      ];
      if (existsSync(GLIBC) && existsSync(GLIBC_LIBRARY))
        originals.push(dynamic(build("dynamic", "gcc"), GLIBC, GLIBC_LIBRARY));
      if (has("musl-gcc")) {
        originals.push(alone(build("musl", "musl-gcc", "-static")));
        // musl's interpreter is its library.
        if (existsSync(MUSL)) originals.push(dynamic(build("musl-dynamic", "musl-gcc"), MUSL));
      }
      const good = { status: { exitCode: 7 }, printed: "hello 1 /bin/program\n" };
      for (const original of originals) expect(await run(original)).toEqual(good);
      const used = () => isolate.frames.used - isolate.images.frames;
      const before = used();
      for (let i = 0; i < MUTATIONS; i++) {
        const number = seed + i;
        const random = new Random(number);
        // Of a dynamic program each file in its turn: the program, its interpreter, a library.
        const original = random.of(originals);
        const [path, sound] = random.of([...original]);
        const files = new Map(original).set(path, mutate(sound, random));
        const began = process.cpuUsage();
        const end = await run(files).catch((error) => {
          throw new Error(`BINLET_SEED=${number}: ${error.stack}`);
        });
        // CPU time, which a computer that is busy with something else does not add to.
        const { user, system } = process.cpuUsage(began);
        expect((user + system) / 1000, `BINLET_SEED=${number}`).toBeLessThan(5 * LIMITS.wallMs);
        expect(used(), `BINLET_SEED=${number}`).toBe(before);
        if (end !== null && end.status.exitCode === undefined) expect(end.status.signal).toBeGreaterThan(0);
        if (i % 25 === 24)
          for (const whole of originals) expect(await run(whole), `BINLET_SEED=${number}`).toEqual(good);
      }
    },
  );
});
