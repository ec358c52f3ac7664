/**
 * Executables that npm packages ship, natively and in Binlet over POST /_/exec: Go (buf, lefthook), and Rust (lightningcss,
 * Biome) with glibc and its ld.so.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import { dependencies } from "../../src/cli/libraries.ts";
import { compile, has, TestServer } from "./server.ts";

const CHECKOUT = join(import.meta.dirname, "../..");
const SOURCE = join(CHECKOUT, "test/programs");
const FOLDER = join(CHECKOUT, "build/programs");
const ROOT = join(FOLDER, "root");
const EXECUTABLES = [
  join(FOLDER, "node_modules/@bufbuild/buf-linux-x64/bin/buf"),
  join(FOLDER, "node_modules/lefthook-linux-x64/bin/lefthook"),
  join(FOLDER, "node_modules/lightningcss-cli-linux-x64-gnu/lightningcss"),
  join(CHECKOUT, "node_modules/@biomejs/cli-linux-x64/biome"),
];

/** Installs the packages, by their lock file's versions and digests, unless that was done. */
function install(): void {
  const stamp = join(FOLDER, "package-lock.json");
  const lock = readFileSync(join(SOURCE, "package-lock.json"));
  if (EXECUTABLES.every((path) => existsSync(path)) && existsSync(stamp) && readFileSync(stamp).equals(lock)) return;
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(SOURCE, file), join(FOLDER, file));
  execFileSync("npm", ["ci", "--prefix", FOLDER, "--ignore-scripts", "--no-audit"], { cwd: FOLDER, stdio: "pipe" });
}

/** Puts the executables and what they load into a root directory, with the files that they work on in /work. */
function makeRoot(): void {
  rmSync(ROOT, { recursive: true, force: true });
  mkdirSync(join(ROOT, "bin"), { recursive: true });
  mkdirSync(join(ROOT, "work/.git"), { recursive: true });
  // Their names here end in .txt, so that formatters leave them alone.
  for (const file of readdirSync(join(SOURCE, "files"))) {
    copyFileSync(join(SOURCE, "files", file), join(ROOT, "work", basename(file, ".txt")));
  }
  for (const path of [...EXECUTABLES, compile(join(SOURCE, "git.c"), "git")]) {
    linkSync(path, join(ROOT, "bin", basename(path)));
    for (const library of dependencies(path)) {
      mkdirSync(dirname(ROOT + library), { recursive: true });
      if (!existsSync(ROOT + library)) copyFileSync(library, ROOT + library);
    }
  }
}

function natively(program: string, args: string[], input: string) {
  const { stdout, stderr, status } = spawnSync(join(ROOT, "bin", program), args, {
    cwd: join(ROOT, "work"),
    env: { HOME: "/tmp", PATH: join(ROOT, "bin") },
    input,
    encoding: "latin1",
  });
  return { stdout, stderr, exitCode: status };
}

const untidy = readFileSync(join(SOURCE, "files/untidy.ts.txt"), "latin1");
const CASES: [program: string, args: string[], input?: string][] = [
  ["buf", ["--version"]],
  ["buf", ["build", "person.proto", "-o", "-#format=json"]],
  ["buf", ["lint", "person.proto"]],
  ["lefthook", ["version"]],
  ["lefthook", ["dump", "--format", "json"]],
  ["lightningcss", ["--version"]],
  ["lightningcss", ["--minify", "--targets", ">= 0.25%", "style.css"]],
  ["lightningcss", ["no-such-file.css"]],
  ["biome", ["--version"]],
  ["biome", ["format", "--stdin-file-path=untidy.ts"], untidy],
  ["biome", ["check", "--stdin-file-path=untidy.ts", "--write"], untidy],
];

describe.skipIf(process.platform !== "linux" || process.arch !== "x64" || !has("gcc"))(
  "programs of npm packages",
  () => {
    let server: TestServer;
    beforeAll(async () => {
      install();
      makeRoot();
      server = await TestServer.start();
      await uploadImage(server.client, { directory: ROOT }, "programs", { quiet: true });
    });
    afterAll(() => server?.close());

    test.each(CASES)("%s %j", async (program, args, input = "") => {
      const native = natively(program, args, input);
      const { stdout, stderr, exitCode, signal } = await server.exec({
        image: "programs",
        argv: [`/bin/${program}`, ...args],
        env: { HOME: "/tmp", PATH: "/bin" },
        cwd: "/work",
        stdin: btoa(input),
      });
      expect({ stdout, stderr, exitCode, signal }).toEqual({ ...native, signal: undefined });
    });
  },
);
