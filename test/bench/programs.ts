/**
 * `npm run bench`, or `node test/bench/programs.ts [ROUNDS] [NAME…]`: real programs, unmodified, from exec to exit on a generated input:
 * natively, under qemu-x86_64 and in Binlet (tier 0) in workerd, in alternating rounds. Binlet's are functions with `"invoke": "exec"`: the
 * request's body is the input and the answer's the output, which must be the same everywhere. Prints ratios of medians of whole runs.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setup as setUpBusybox } from "../../examples/busybox/setup.ts";
import { setup as setUpEsbuild } from "../../examples/esbuild/setup.ts";
import { request } from "./http.ts";
import { noise, prose, typescript } from "./inputs.ts";
import { isInstalled } from "./peers.ts";
import { type BinletServer, startBinlet } from "./server.ts";
import { geometricMean, median, ratio, table } from "./statistics.ts";

const MIB = 1 << 20;

interface Work {
  name: string;
  program: "busybox" | "esbuild";
  args: readonly string[];
  /** Standard input: 50 to 200 ms of work natively. */
  input: () => Uint8Array;
  what: string;
}

const COUNT_WORDS =
  "{ sum += $2; for (i = 1; i <= NF; i++) count[$i]++ } END { n = 0; for (w in count) if (count[w] > 9) n++; print sum, n }";

const works: readonly Work[] = [
  {
    name: "sha256sum",
    program: "busybox",
    args: ["sha256sum"],
    input: () => noise(16 * MIB),
    what: "16 MiB (natively with the processor's SHA instructions, if it has them)",
  },
  { name: "sort", program: "busybox", args: ["sort"], input: () => prose(4 * MIB), what: "4 MiB of lines" },
  {
    name: "sort -n",
    program: "busybox",
    args: ["sort", "-n", "-k2"],
    input: () => prose(MIB),
    what: "1 MiB, by a number",
  },
  { name: "awk", program: "busybox", args: ["awk", COUNT_WORDS], input: () => prose(MIB), what: "words of 1 MiB" },
  { name: "gzip", program: "busybox", args: ["gzip", "-c"], input: () => prose(2 * MIB), what: "2 MiB of text" },
  {
    name: "esbuild",
    program: "esbuild",
    args: ["--loader=ts", "--minify", "--log-level=error"],
    input: () => typescript(MIB / 4),
    what: "256 KiB of TypeScript, minified (Go: several threads natively)",
  },
];

/** Where each program's file is, or null after saying why it is missing. */
function find(name: string, setUp: () => string): string | null {
  try {
    return setUp();
  } catch (error) {
    console.log(`${name} is left out: ${(error as Error).message.split("\n")[0]}`);
    return null;
  }
}

type Runner = (work: Work, input: Uint8Array) => Promise<Uint8Array>;

function processRunner(...prefix: string[]): Runner {
  return async ({ name, program, args }, input) => {
    const [command, ...rest] = [...prefix, paths[program]!, ...args];
    const { stdout, stderr, status, signal } = spawnSync(command, rest, { input, maxBuffer: 256 * MIB });
    if (status !== 0) throw new Error(`${command}: ${name} ended with ${signal ?? status}\n${stderr}`);
    return stdout;
  };
}

function binletRunner(server: BinletServer): Runner {
  const functions = new Map<string, string>();
  return async ({ name, program, args }, input) => {
    const path = functions.get(name) ?? `f${functions.size}`;
    if (!functions.has(name)) {
      const { image, entrypoint } = await server.upload(paths[program]!);
      const limits = { cpuMs: 300_000, wallMs: 600_000 };
      const config = { image, invoke: "exec", command: [...entrypoint, ...args], limits };
      await server.client.json("PUT", `functions/${path}`, config);
      functions.set(name, path);
    }
    const { status, body } = await request(server.url, `/${path}`, { method: "POST", body: input });
    if (status !== 200) throw new Error(`Binlet: ${name} is answered with ${status}\n${body}`);
    return body;
  };
}

const rounds = Number(process.argv[2] ?? 5);
const names = process.argv.slice(3);
const busybox = find("busybox", setUpBusybox);
const paths = {
  busybox: busybox && join(busybox, "../rootfs/bin/busybox"),
  esbuild: find("esbuild", setUpEsbuild),
};
const chosen = works.filter(({ name, program }) => paths[program] && (names.length === 0 || names.includes(name)));

const server = await startBinlet();
const hasQemu = isInstalled("qemu-x86_64");
if (!hasQemu) console.log("qemu-x86_64 (Debian: qemu-user) is not installed: its columns are left out.");
const peers = new Map<string, Runner>([["native", processRunner()]]);
if (hasQemu) peers.set("qemu", processRunner("qemu-x86_64"));
peers.set("Binlet", binletRunner(server));

/** Median milliseconds by peer. */
async function measure(work: Work): Promise<Map<string, number>> {
  const input = work.input();
  const times = new Map([...peers.keys()].map((peer) => [peer, [] as number[]]));
  let expected: Uint8Array | undefined;
  for (let round = -1; round < rounds; round++) {
    for (const [peer, run] of peers) {
      const start = performance.now();
      const output = await run(work, input);
      const milliseconds = performance.now() - start;
      expected ??= output;
      if (Buffer.compare(output, expected) !== 0) throw new Error(`${peer}: ${work.name} prints something else`);
      if (round >= 0) times.get(peer)!.push(milliseconds); // the first round warms caches up
    }
  }
  return new Map([...times].map(([peer, list]) => [peer, median(list)]));
}

try {
  const rows = [["time / native", ...[...peers.keys()].slice(1), "Binlet / qemu"]];
  const columns: number[][] = rows[0].slice(1).map(() => []);
  for (const work of chosen) {
    const times = await measure(work);
    const [native, ...others] = [...times.values()];
    const binlet = times.get("Binlet")!;
    const values = [...others.map((time) => time / native), hasQemu ? binlet / times.get("qemu")! : Number.NaN];
    for (const [i, value] of values.entries()) columns[i].push(value);
    rows.push([work.name, ...values.map(ratio)]);
    console.log(`${work.name}: ${[...times].map(([peer, time]) => `${peer} ${time.toFixed(0)} ms`).join(", ")}`);
  }
  rows.push(["geometric mean", ...columns.map((column) => ratio(geometricMean(column)))]);
  console.log(`\n${table(rows)}\n`);
  for (const { name, program, what } of chosen) console.log(`${name} (${program}): ${what}`);
  console.log(`medians of ${rounds} alternating rounds, exec to exit; Binlet's over HTTP, in workerd, tier 0`);
} finally {
  await server.close();
}
