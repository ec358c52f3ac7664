/** The programs that the CPU benchmark runs, and how much each is given to do. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Kernel {
  name: string;
  /** Program in guest/. */
  program: string;
  /** Scale: the same for all peers, and such that the interpreter takes some seconds at most. */
  argument: string;
  what: string;
}

export const kernels: readonly Kernel[] = [
  { name: "fib", program: "fib", argument: "35", what: "fib(35), recursive" },
  { name: "sieve", program: "sieve", argument: "10000000", what: "sieve of 10 M bytes" },
  { name: "sha256", program: "sha256", argument: "16", what: "SHA-256 of 16 MiB" },
  { name: "core mix", program: "coremix", argument: "1000", what: "lists, matrices, states, CRC: 1,000 rounds" },
  { name: "qsort", program: "qsort", argument: "1000000", what: "quicksort of 1 M ints through a pointer" },
  { name: "nbody", program: "nbody", argument: "300000", what: "300,000 steps of 5 bodies in doubles" },
  { name: "switch", program: "switch", argument: "30000", what: "stack machine, Collatz steps below 30,000" },
];

const sources = join(import.meta.dirname, "guest");
const build = join(import.meta.dirname, "../../build/bench");

/** Compiles a program of guest/ statically; returns its path. */
export function compile(program: string): string {
  mkdirSync(build, { recursive: true });
  const [source, output] = [join(sources, `${program}.c`), join(build, program)];
  if (!existsSync(output) || statSync(output).mtimeMs < statSync(source).mtimeMs) {
    execFileSync("gcc", ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static", "-o", output, source, "-lm"], {
      stdio: "inherit",
    });
  }
  return output;
}
