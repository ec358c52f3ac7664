import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assembledHello } from "../../examples/hello/assembled.ts";
import { dependencies, dynamicInfo, isElf } from "../../src/cli/libraries.ts";

test.skipIf(!existsSync("/usr/bin/ldd"))("the libraries of this machine's programs are those that ldd(1) names", () => {
  for (const program of ["/bin/ls", "/bin/bash", "/usr/bin/ldd", process.execPath].filter(
    (path) => existsSync(path) && isElf(path),
  )) {
    const ldd = execFileSync("ldd", [program], { encoding: "utf8" });
    const expected = [...ldd.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => realpathSync(path));
    expect([...new Set(dependencies(program).map((path) => realpathSync(path)))].sort()).toEqual(expected.sort());
  }
});

test("a static executable needs nothing", () => {
  const path = join(tmpdir(), `binlet-hello-${process.pid}`);
  writeFileSync(path, assembledHello());
  expect(dynamicInfo(path)).toEqual({ interpreter: null, needed: [], searchPath: [] });
  expect(dependencies(path)).toEqual([]);
});

test("what is no x86-64 ELF file is refused", () => {
  expect(() => dynamicInfo(import.meta.filename)).toThrow(/is not an x86-64 ELF file/);
});
