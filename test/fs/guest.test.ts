/**
 * C programs that exercise the file system calls, run natively and in Binlet: same output, same exit status. What this
 * machine's Linux does is the oracle, for errors as much as for results.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const sources = join(import.meta.dirname, "guest");
const checkout = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "binlet-fs-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  output: string;
  status: number | string;
}

/** Runs a program with an empty standard input. */
function run(program: string, args: string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, timeout: 50_000 }, (error, stdout) =>
      resolve({ output: stdout, status: error ? (error.code ?? error.signal ?? "failed") : 0 }),
    );
    child.stdin!.end();
  });
}

const hasGcc = (process.env.PATH ?? "").split(delimiter).some((at) => at !== "" && existsSync(join(at, "gcc")));
/** Natively these need root: they change owners and become other users. */
const NEEDS_ROOT = ["permissions"];
const isRoot = process.getuid?.() === 0;

describe.skipIf(!hasGcc)("file system calls as on this machine's Linux", () => {
  const programs = readdirSync(sources).map((name) => name.replace(/\.c$/, ""));

  test.for(programs)("%s", async (name, { skip }) => {
    skip(NEEDS_ROOT.includes(name) && !isRoot, "needs root natively");
    const program = join(folder, name);
    const flags = ["-static", "-O1", "-w", "-o", program, join(sources, `${name}.c`)];
    expect(await run("gcc", flags, folder)).toEqual({ output: "", status: 0 });
    const cwd = join(folder, `${name}.cwd`);
    mkdirSync(cwd);
    const native = await run(program, [], cwd);
    expect(native.status).toBe(0);
    const here = await run(process.execPath, [join(checkout, "tools/run.ts"), "--cwd", cwd, program], checkout);
    expect(here.output.split("\n")).toEqual(native.output.split("\n"));
    expect(here.status).toBe(native.status);
  });
});
