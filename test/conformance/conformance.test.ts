/**
 * A slice of `npm run conformance`: ten rows, chosen anew each time, whose handlers are replaced, and a folder of programs.
 * All of it: `npm run conformance -- --mutate`.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { syscallName } from "../../src/kernel/syscalls/names.ts";
import { buildRoot, hasCommand } from "../guest/programs.ts";
import { readGuards } from "./guards.ts";
import { guestPrograms } from "./guest.ts";
import { MutationRun } from "./mutation.ts";
import { Pool } from "./pool.ts";
import { listed, rows } from "./rows.ts";
import { survey } from "./survey.ts";

const CHOSEN = 10;
const hasCompilers = (await hasCommand("gcc")) && (await hasCommand("g++"));
const checkout = join(import.meta.dirname, "../..");

test("the rows name calls by their numbers", () => {
  const misnamed = listed.filter(({ name, numbers }) => name.split(":")[0] !== syscallName(numbers[0]));
  const known = ["pselect", "seteuid", "setegid", "ioctl", "symbolic links", "unix bind cross-process"];
  expect(misnamed.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

describe.skipIf(!hasCompilers)("programs", () => {
  test("fail when a handler is replaced", async () => {
    const guards = readGuards();
    const guarded = [...rows.keys()].filter((i) => guards[rows[i].name]?.ENOSYS && guards[rows[i].name]?.zero);
    const chosen = Array.from({ length: CHOSEN }, () => guarded[Math.floor(Math.random() * guarded.length)]);
    const names = new Set(chosen.flatMap((i) => Object.values(guards[rows[i].name])));
    const root = await buildRoot("glibc", "root-conformance-test");
    const pool = new Pool(root);
    try {
      const wanted = guestPrograms("glibc").filter(({ cases }) => cases.some(({ name }) => names.has(name)));
      const programs = await survey(pool, root, wanted);
      expect(programs.filter(({ passedHere }) => !passedHere).map(({ name }) => name)).toEqual([]);
      const verdicts = await new MutationRun(pool, programs, guards).run(chosen);
      const open = verdicts.filter(({ guard }) => guard === null);
      expect(open.map(({ row, mutation }) => `${rows[row].name}: ${mutation}`)).toEqual([]);
    } finally {
      await pool.close();
    }
  });
});

describe("a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "binlet-conformance-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  function conformance(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, ["tools/conformance.ts", ...args], { cwd: checkout }, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }

  test.skipIf(!hasCompilers)("of static programs, judged by their exit status", async () => {
    const programs = {
      good: `#include <unistd.h>\nint main(void) { return access("/proc/self/exe", R_OK); }`,
      bad: `#include <stdio.h>\nint main(void) { puts("not so"); return 3; }`,
      endless: "int main(void) { for (;;); }",
    };
    for (const [name, source] of Object.entries(programs)) {
      writeFileSync(join(folder, `${name}.c`), source);
      execFileSync("gcc", ["-static", "-o", join(folder, name), join(folder, `${name}.c`)]);
    }
    execFileSync("gcc", ["-o", join(folder, "shared"), join(folder, "good.c")]);
    const { status, stdout } = await conformance("--dir", folder, "--native", "--timeout", "2");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^skip {2}shared: dynamically linked$/m);
    expect(stdout).toMatch(/^pass {2}good +exit status 0 .*natively exit status 0/m);
    expect(stdout).toMatch(/^FAIL {2}bad +exit status 3 .*natively exit status 3/m);
    expect(stdout).toMatch(/^ +\| not so$/m);
    expect(stdout).toMatch(/^FAIL {2}endless +time limit .*natively time limit/m);
    expect(stdout.trimEnd()).toMatch(/\nconformance: 3 programs, 1 passed natively, 1 passed here$/);
  });

  test.for([
    [["--dir", "none"], "no such directory"],
    [["--dir", "empty"], "no static x86-64 executables"],
    [["--dir", ".", "--timeout", "soon"], "seconds are wanted"],
    [["--mutate", "no_such_call"], "no such row: no_such_call"],
    [["read"], "only --mutate takes"],
    [["--native"], "goes with --dir"],
    [["--what"], "--what"],
  ] as const)("or what is not one: %s", async ([args, message]) => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    const { status, stderr } = await conformance(...args.map((arg) => (arg === "empty" ? join(folder, arg) : arg)));
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
