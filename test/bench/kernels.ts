/** The programs that the CPU benchmark runs, and how much each is given to do. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "./peers.ts";

export interface Kernel {
  name: string;
  /** Program in guest/. */
  program: string;
  /** Scale: the same for all peers; about 0.1 s natively, so that the interpreter takes some seconds at most. */
  args: readonly string[];
  what: string;
}

export const kernels: readonly Kernel[] = [
  { name: "fib", program: "fib", args: ["38"], what: "fib(38), recursive" },
  { name: "sieve", program: "sieve", args: ["10000000", "5"], what: "sieve of 10 M bytes, 5 times" },
  { name: "sha256", program: "sha256", args: ["32"], what: "SHA-256 of 32 MiB" },
  { name: "core mix", program: "coremix", args: ["1500"], what: "lists, matrices, states, CRC: 1,500 rounds" },
  { name: "qsort", program: "qsort", args: ["1000000"], what: "quicksort of 1 M ints through a comparator pointer" },
  { name: "nbody", program: "nbody", args: ["1000000"], what: "1 M steps of 5 bodies in doubles" },
  {
    name: "switch",
    program: "switch",
    args: ["50000"],
    what: "an interpreter's switch loop: Collatz steps below 50,000",
  },
];

const sources = join(import.meta.dirname, "guest");
const build = join(import.meta.dirname, "../../build/bench");

/** Compiles a program of guest/ statically; returns its path. Throws when there is no gcc. */
export function compile(program: string): string {
  if (!isInstalled("gcc"))
    throw new Error("gcc (Debian: gcc, libc6-dev) is needed to compile the benchmark's programs");
  mkdirSync(build, { recursive: true });
  const [source, output] = [join(sources, `${program}.c`), join(build, program)];
  if (!existsSync(output) || statSync(output).mtimeMs < statSync(source).mtimeMs) {
    execFileSync("gcc", ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static", "-o", output, source, "-lm"], {
      stdio: "inherit",
    });
  }
  return output;
}
