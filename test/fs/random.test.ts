/**
 * Random operations, natively on a tmpfs and in Binlet: on a tree of files (random/tree.c), on a tmpfs and on an image under
 * one, and on a single file (random/fsx.c). BINLET_FS_OPERATIONS says how many, BINLET_FS_SEED which; a run of a million is
 *
 *   BINLET_FS_OPERATIONS=1000000 npx vitest run --project node test/fs/random.test.ts
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { manifestKey } from "../../src/image/format.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { MemoryStore } from "./environment.ts";

const SOURCES = join(import.meta.dirname, "random");
const BUILD = join(import.meta.dirname, "../../build/test/fs");
const operations = Number(process.env.BINLET_FS_OPERATIONS ?? 4000);
const seed = process.env.BINLET_FS_SEED ?? "20261123";
/** Owners and locks of others need root; a tmpfs is where every Linux has one. */
const possible = spawnSync("gcc", ["--version"]).status === 0 && process.getuid?.() === 0;

/** Statically linked, because the image has nothing else. */
function compile(name: string): string {
  mkdirSync(BUILD, { recursive: true });
  const program = join(BUILD, name);
  execFileSync("gcc", ["-O2", "-static", "-w", "-o", program, join(SOURCES, `${name}.c`)]);
  return program;
}

const folders: string[] = [];
/** A new folder on the host's tmpfs. */
function folder(mode: number): string {
  const path = mkdtempSync("/dev/shm/binlet-");
  chmodSync(path, mode);
  folders.push(path);
  return path;
}

function native(program: string, args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 });
}

/** Runs `program` in a machine whose image is that of a tar archive with it. */
async function inBinlet(archive: Uint8Array, argv: string[]): Promise<string> {
  const store = new MemoryStore();
  const { digest } = await store.import(archive);
  const bytes = await store.get(manifestKey(digest.slice("sha256:".length)));
  const isolate = new Isolate(loadInterpreter());
  const image = JSON.parse(new TextDecoder().decode(bytes!));
  const machine = new Machine(isolate, { image, argv, cwd: "/" });
  const parts: Uint8Array[] = [];
  const take = () => {
    if (machine.stdout.available > 0) parts.push(machine.stdout.pull());
  };
  machine.stdout.onData(take);
  machine.stdin.close();
  const status = await machine.run(new NodeHost(store, () => {}));
  take();
  const output = Buffer.concat(parts).toString();
  expect(status.exitCode, output).toBe(0);
  return output;
}

/** The program, and what `root` holds. */
function archiveOf(program: string, root = folder(0o755)): Uint8Array {
  copyFileSync(program, join(root, "program"));
  const tar = join(BUILD, "archive.tar");
  execFileSync("tar", ["--format=pax", "--numeric-owner", "-C", root, "-cf", tar, "."]);
  return readFileSync(tar);
}

describe.skipIf(!possible)("random operations on files", () => {
  afterAll(() => {
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });
  const every = String(Math.max(1000, Math.floor(operations / 100)));
  const timeout = 60_000 + operations * 10;

  test(
    "a tree on a tmpfs",
    async () => {
      const program = compile("tree");
      const args = [seed, String(operations), every];
      const here = await inBinlet(archiveOf(program), ["/program", "/dev/shm", ...args]);
      expect(here).toBe(native(program, [folder(0o1777), ...args]));
    },
    timeout,
  );

  test(
    "a tree over an image",
    async () => {
      const program = compile("tree");
      const made = folder(0o755);
      mkdirSync(join(made, "files"), { mode: 0o755 });
      native(program, [join(made, "files"), seed, "0", "1"]);
      const archive = archiveOf(program, made);
      const extracted = folder(0o755);
      execFileSync("tar", ["-C", extracted, "--same-owner", "-xpf", "-"], { input: archive });
      const args = [seed, String(operations), every];
      const here = await inBinlet(archive, ["/program", "/files", ...args]);
      expect(here).toBe(native(program, [join(extracted, "files"), ...args]));
    },
    timeout,
  );

  test(
    "one file",
    async () => {
      const program = compile("fsx");
      const args = [seed, String(operations * 3)];
      const here = await inBinlet(archiveOf(program), ["/program", "/dev/shm/file", ...args]);
      expect(here).toBe(native(program, [join(folder(0o755), "file"), ...args]));
    },
    timeout,
  );
});
