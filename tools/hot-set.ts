/**
 * Measures which handlers real programs execute, and writes src/cpu/interpreter/hot-set.ts. To be run when rows have been
 * added or the handlers' variants have changed: `node tools/hot-set.ts`. Needs gcc and busybox.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { generateInterpreter } from "../src/cpu/interpreter/generate.ts";
import { PROFILE_ADDRESS } from "../src/cpu/interpreter/scratch.ts";
import { FIXED_HANDLERS } from "../src/cpu/microop.ts";
import { rows } from "../src/isa/table.ts";
import { Isolate } from "../src/machine/isolate.ts";
import { Machine } from "../src/machine/machine.ts";
import { compile } from "../test/bench/kernels.ts";
import { HostTree } from "./host-tree.ts";
import { NodeHost } from "./node-host.ts";

// The optimising compiler runs out of memory on a loop of thousands of handlers.
setFlagsFromString("--no-wasm-tier-up");
setFlagsFromString("--no-wasm-dynamic-tiering");

const OUTPUT = join(import.meta.dirname, "../src/cpu/interpreter/hot-set.ts");
/** More variants than the hot set will ever hold: all that programs may choose from. */
const ALL_HOT = 4000;
/** Names that are kept. The generator takes as many of them as the hot set holds. */
const KEPT = 520;

interface Program {
  file: string;
  argv: string[];
  /** Path of its standard input; default: package-lock.json. */
  input?: string;
}

const kernel = (name: string, ...args: string[]): Program => ({ file: compile(name), argv: [name, ...args] });
const busybox = (...argv: string[]): Program => ({
  file: execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim(),
  argv: ["busybox", ...argv],
});

const programs: Program[] = [
  kernel("fib", "25"),
  kernel("sieve", "1000000"),
  kernel("sha256", "1"),
  kernel("coremix", "20"),
  kernel("qsort", "100000"),
  kernel("nbody", "3000"),
  kernel("switch", "1000"),
  ...[
    "sha256sum",
    "md5sum",
    "sort",
    "gzip -c",
    "bzip2 -c",
    "tr a-z A-Z",
    "cut -c3-7",
    "wc",
    "uniq -c",
    "od -x",
    "base64",
  ].map((command) => busybox(...command.split(" "))),
  busybox("grep", "-E", "x86|arm[0-9]+"),
  busybox("sed", "s/[a-z]*:/<&>/g"),
  busybox("awk", "{ n[length($0)]++; t += NF } END { for (k in n) print k, n[k] / t }"),
  busybox(
    "sh",
    "-c",
    "i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); case $i in *7) x=$x.;; esac; done; echo $x | wc -c",
  ),
  // A Go program.
  {
    file: join(import.meta.dirname, "../node_modules/@esbuild/linux-x64/bin/esbuild"),
    argv: ["esbuild", "--loader=ts"],
    input: join(import.meta.dirname, "../src/cpu/cpu.ts"),
  },
];
const INPUT = join(import.meta.dirname, "../package-lock.json");
/** What fits into a pipe at once. */
const INPUT_SIZE = 1 << 16;

const { wasm, names } = generateInterpreter(rows, { hot: ALL_HOT, profile: true });
// The types are the Workers', where modules are never compiled from bytes.
const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;
const isolate = new Isolate(new Module(wasm));

/** Runs a program; returns how often it ran each handler. */
async function profile({ file, argv, input = INPUT }: Program): Promise<Uint32Array> {
  const counters = () => isolate.frames.u32.subarray(PROFILE_ADDRESS >> 2, (PROFILE_ADDRESS >> 2) + names.length);
  counters().fill(0);
  const tree = new HostTree();
  tree.add(file, `/bin/${argv[0]}`);
  const machine = new Machine(isolate, { image: tree.manifest(), argv: [`/bin/${argv[0]}`, ...argv.slice(1)] });
  machine.stdout.onData(() => void machine.stdout.pull());
  machine.stderr.onData(() => void process.stderr.write(machine.stderr.pull()));
  machine.stdin.push(readFileSync(input).subarray(0, INPUT_SIZE));
  machine.stdin.close();
  const status = await machine.run(new NodeHost(tree, console.error));
  const counts = counters().slice();
  console.log(
    argv.join(" "),
    status,
    counts.reduce((sum, n) => sum + n, 0),
  );
  return counts;
}

/** The mean share of each handler. Programs count alike, however long they run. */
const shares = new Float64Array(names.length);
for (const program of programs) {
  const counts = await profile(program);
  const total = counts.reduce((sum, n) => sum + n, 0);
  counts.forEach((n, i) => {
    shares[i] += n / total / programs.length;
  });
}
const ranked = [...names.keys()]
  .filter((i) => i >= FIXED_HANDLERS && shares[i] > 0)
  .sort((a, b) => shares[b] - shares[a]);
for (const size of [256, 320, 384, 448, 512]) {
  const outside = ranked.slice(size).reduce((sum, i) => sum + shares[i], 0);
  console.log(`hot set of ${size}: ${(outside * 100).toFixed(3)} % of instructions are cold`);
}

const lines: string[] = [""];
for (const i of ranked.slice(0, KEPT)) {
  if (lines[lines.length - 1].length + names[i].length > 112) lines.push("");
  lines[lines.length - 1] += ` ${names[i]} |`;
}
writeFileSync(
  OUTPUT,
  `/**
 * Names of handlers (handlers.ts), most executed first: the mean share of instructions over the programs that
 * tools/hot-set.ts runs, which writes this file. The hot set is the front of this list.
 */
const MEASURED = \`
${lines
  .map((line) => ` ${line}`)
  .join("\n")
  .replace(/ \|$/, "")}
\`;

export const HOT_SET: readonly string[] = MEASURED.split("|").map((name) => name.trim());
`,
);
