/**
 * The guest programs: C sources of this folder, each built as static glibc, static-pie and static musl, to be run natively
 * and in Binlet with the same arguments, environment and standard input.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export const guestFolder = import.meta.dirname;
const outputFolder = join(guestFolder, "../../build/guest");

export const variants = {
  glibc: { compiler: "gcc", flags: ["-static"] },
  "static-pie": { compiler: "gcc", flags: ["-static-pie", "-fPIE"] },
  musl: { compiler: "musl-gcc", flags: ["-static"] },
} as const;
export type Variant = keyof typeof variants;

/** How a program is run, where it takes more than its name. */
export interface Invocation {
  args?: string[];
  env?: Record<string, string>;
  stdin?: Uint8Array;
}

const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 131 + (i >> 8) * 17) & 0xff);

const invocations: Record<string, Invocation[]> = {
  arguments: [{}, { args: ["one", "two words", "", "--flag=ü"], env: { GUEST: "set = yes" } }],
  cat: [{ stdin: new Uint8Array() }, { stdin: new TextEncoder().encode("a line\nno end") }, { stdin: bytes(300_001) }],
  sha256: [{ stdin: new Uint8Array() }, { stdin: bytes(55) }, { stdin: bytes(100_000) }],
};

export const programs: string[] = readdirSync(guestFolder)
  .filter((f) => f.endsWith(".c"))
  .map((f) => f.slice(0, -2))
  .sort();

export const invocationsOf = (program: string): Invocation[] => invocations[program] ?? [{}];

/** Whether a command answers, to say what is left out where a compiler is missing. */
export async function hasCommand(command: string): Promise<boolean> {
  try {
    await run(command, ["--version"]);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

/** Compiles a program unless that was done before from the same source; returns the executable's path. */
export async function compile(program: string, variant: Variant): Promise<string> {
  const { compiler, flags } = variants[variant];
  const source = join(guestFolder, `${program}.c`);
  const hash = createHash("sha256")
    .update(readFileSync(source))
    .update(readFileSync(join(guestFolder, "guest.h")))
    .update(flags.join(" "))
    .digest("hex")
    .slice(0, 12);
  const folder = join(outputFolder, variant, hash);
  const path = join(folder, program);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    await run(compiler, ["-O2", "-w", ...flags, "-o", `${path}.tmp`, source, "-lm"]);
    renameSync(`${path}.tmp`, path);
  }
  return path;
}
