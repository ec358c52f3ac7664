/**
 * `npm test`: everything that must hold, in under a quarter of an hour. Arguments are passed on to vitest (file name parts,
 * `--project node`, `--retry=0`). What the machine lacks is named and left out; with CI=true that is a failure. The last line is
 * `N passed, N failed, N skipped`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { offline } from "../src/cli/offline.ts";
import { build, CHECKOUT, requireNode } from "./prepare.ts";

requireNode();

/** Programs that tests need, the Debian package that has each, and what is left out without it. */
const TOOLS: [program: string, debianPackage: string, leftOut: string][] = [
  ["gcc", "gcc", "the CPU against this processor, and the C programs with glibc"],
  ["musl-gcc", "musl-tools", "the C programs with musl"],
  ["apt-get", "apt", "Debian's packages, static busybox among them, which are fetched with it"],
  ["chroot", "coreutils", "Debian's packages, whose native side runs in a root directory of its own"],
  ["unshare", "util-linux", "Debian's packages, whose native side has mounts and pids of its own"],
];

const onPath = (program: string) =>
  `${process.env.PATH}${delimiter}/usr/sbin`
    .split(delimiter)
    .some((folder) => folder !== "" && existsSync(join(folder, program)));
const missing = TOOLS.filter(([program]) => !onPath(program));

build();

const results = join(CHECKOUT, "build/test-results.json");
mkdirSync(join(CHECKOUT, "build"), { recursive: true });
rmSync(results, { force: true });
const vitest = join(CHECKOUT, "node_modules/vitest/vitest.mjs");
const reporters = ["default", "json", join(CHECKOUT, "tools/second-tries.ts")].map((name) => `--reporter=${name}`);
reporters.push(`--outputFile.json=${results}`);
// Most tests race real processes, timers and servers on a loaded machine: one that fails is tried once more, and is named.
const run = spawnSync(process.execPath, [vitest, "run", ...reporters, "--retry=1", ...process.argv.slice(2)], {
  stdio: "inherit",
  cwd: CHECKOUT,
  env: { ...process.env, ...offline(CHECKOUT) },
});

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}
const counted: Results | null = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : null;
const skipped = (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
/** In CI nothing may be left out, unless a part of the tests was asked for. */
const incomplete = process.env.CI === "true" && (missing.length > 0 || (skipped > 0 && process.argv.length === 2));
for (const [program, debianPackage, leftOut] of missing) {
  console.log(`Left out, because ${program} (Debian: ${debianPackage}) is not installed: ${leftOut}.`);
}
if (process.getuid?.() !== 0)
  console.log("Left out, because only root may chroot: Debian's packages, static busybox among them.");
if (incomplete) console.log("With CI=true nothing may be left out.");
if (counted === null) console.log("vitest ended without results.");
/** Files that failed outside of their tests (an import, a beforeAll) count as one failure each. */
const broken = (counted?.testResults ?? []).filter(
  (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
).length;
const passed = counted?.numPassedTests ?? 0;
const failed = (counted?.numFailedTests ?? 0) + broken;
if (run.status !== 0 && failed === 0) console.log("vitest failed outside of any test; see above.");
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = run.status === 0 && counted !== null && !incomplete ? 0 : 1;
