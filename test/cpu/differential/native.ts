/** The host's side: builds native.c and runs cases on this machine's processor. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { type Case, decodeOutcomes, encodeCases, type Outcome, type Region } from "./cases.ts";

const source = join(import.meta.dirname, "native.c");
const build = join(import.meta.dirname, "../../../build/test/cpu");
const program = join(build, "native");

/** Why the host cannot be the oracle, or undefined when it can. Builds the native program if need be. */
export function unavailable(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the host is not x86-64 Linux";
  try {
    buildNative();
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    return code === "ENOENT" ? "gcc is not installed" : `gcc cannot build ${source}: ${stderr ?? error}`;
  }
  return undefined;
}

/** Builds the native program unless it is newer than its source. */
function buildNative(): void {
  mkdirSync(build, { recursive: true });
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return;
  // A static PIE lies far above 4 GiB, out of reach of stray cases; no stack protector, because cases change the FS base.
  const flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static-pie", "-fno-stack-protector"];
  // Several test files may build it at once.
  const output = `${program}.${process.pid}.${threadId}`;
  execFileSync("gcc", [...flags, "-o", output, source], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  renameSync(output, program);
}

let runs = 0;

/** The outcome of each case on the host's processor. Throws when the native program fails. */
export function runNative(regions: readonly Region[], cases: readonly Case[]): Outcome[] {
  const input = join(build, `cases-${process.pid}-${threadId}-${runs}`);
  const output = join(build, `results-${process.pid}-${threadId}-${runs++}`);
  writeFileSync(input, encodeCases(regions, cases));
  try {
    execFileSync(program, [input, output], { stdio: ["ignore", "inherit", "inherit"], timeout: 300_000 });
    return decodeOutcomes(readFileSync(output));
  } finally {
    rmSync(input, { force: true });
    rmSync(output, { force: true });
  }
}

/** What the host's processor can do, as Linux names it in /proc/cpuinfo. */
export function hostFeatures(): Set<string> {
  const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
  return new Set(flags ? flags[1].split(" ") : []);
}
