/** examples/hello without a compiler does what hello.c does, run by this machine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assembledHello } from "../../examples/hello/assembled.ts";

describe.skipIf(process.platform !== "linux" || process.arch !== "x64")("the assembled hello", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "binlet-hello-"));
    writeFileSync(join(folder, "hello"), assembledHello(), { mode: 0o755 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    [{}, "world"],
    [{ A: "1", PATH_INF: "/x", PATH_INFO: "/" }, "world"],
    [{ PATH_INFO: "/you", B: "2" }, "you"],
    [{ SHORT: "", PATH_INFO: "/a longer name/é" }, "a longer name/é"],
  ])("with the environment %o greets %s", (env, name) => {
    const output = execFileSync(join(folder, "hello"), { env: env as Record<string, string>, encoding: "utf8" });
    expect(output).toBe(`Content-Type: text/plain; charset=utf-8\n\nHello, ${name}!\n`);
  });
});
