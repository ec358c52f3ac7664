/**
 * Sequences of system calls, natively and in Binlet: results, and what calls fill, are to be the same (guest/differential.c).
 * Needs the right to make namespaces.
 */
import { spawnSync } from "node:child_process";
import { release } from "node:os";
import { Isolate } from "../../../src/machine/isolate.ts";
import { Machine } from "../../../src/machine/machine.ts";
import { HostTree } from "../../../tools/host-tree.ts";
import { loadInterpreter } from "../../../tools/interpreter.ts";
import { NodeHost } from "../../../tools/node-host.ts";
import { compileFuzzer } from "./program.ts";

/** Seeds of one process. */
const BATCH = 10;
/** Calls of a sequence. */
const CALLS = 200;
/** Lines that are shown before one that differs. */
const CONTEXT = 14;
const LIMITS = { cpuMs: 60_000, wallMs: 60_000, memoryMiB: 48, processes: 64, files: 1024, outputMiB: 64 };

/** Whether this computer lets the program make its namespaces, and has the Linux that the comparison was made with. */
export const mayCompare = (): boolean =>
  release().startsWith("6.18.") && spawnSync("unshare", ["-mipnu", "true"]).status === 0;

/** The lines of each seed. */
function bySeed(output: string): string[][] {
  return output
    .split(/^seed .*\n/m)
    .slice(1)
    .map((text) => text.trimEnd().split("\n"));
}

function runNatively(program: string, args: readonly string[]): string {
  const { stdout, status, error } = spawnSync(program, args, {
    encoding: "latin1",
    maxBuffer: 256 << 20,
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: status ${status} ${error ?? ""}`);
  return stdout;
}

async function runHere(isolate: Isolate, program: string, args: readonly string[]): Promise<string> {
  const tree = new HostTree();
  tree.add(program, "/program");
  const machine = new Machine(isolate, {
    image: tree.manifest(),
    argv: ["/program", ...args],
    limits: LIMITS,
  });
  const parts: Buffer[] = [];
  machine.stdin.close();
  const take = () => void parts.push(Buffer.from(machine.stdout.pull()));
  machine.stdout.onData(take);
  machine.stderr.onData(() => machine.stderr.pull());
  const status = await machine.run(new NodeHost(tree, () => {}));
  take();
  const output = Buffer.concat(parts).toString("latin1");
  return status.exitCode === 0 ? output : `${output}\nended by ${JSON.stringify(status)}\n`;
}

/** Where two lists differ first, with what came before; null where they are the same. */
function difference(native: readonly string[], here: readonly string[]): string | null {
  const length = Math.max(native.length, here.length);
  for (let i = 0; i < length; i++) {
    if (native[i] === here[i]) continue;
    const before = native.slice(Math.max(i - CONTEXT, 0), i).map((line) => `    ${line}`);
    return [...before, `  - ${native[i]}`, `  + ${here[i]}`].join("\n");
  }
  return null;
}

export interface Comparison {
  /** The sequences of these seeds; for as long as `seconds` when there is no last one. */
  readonly first: number;
  readonly last?: number;
  /** Seeds that are passed over: they meet a difference that is known. */
  readonly except?: readonly number[];
  readonly seconds?: number;
  /** What calls point to is above 4 GiB. */
  readonly high?: boolean;
  readonly report: (line: string) => void;
}

/** Compares sequences; where each differs first ("-" natively, "+" here). */
export async function compare({
  first,
  last,
  except = [],
  seconds = 0,
  high = false,
  report,
}: Comparison): Promise<string[]> {
  const program = compileFuzzer("differential");
  const isolate = new Isolate(loadInterpreter());
  const end = performance.now() + seconds * 1000;
  const findings: string[] = [];
  let seed = first;
  for (; last === undefined ? performance.now() < end : seed <= last; seed += BATCH) {
    const until = Math.min(seed + BATCH - 1, last ?? Number.MAX_SAFE_INTEGER);
    const args = [seed, until, CALLS, ...(high ? ["high"] : [])].map(String);
    const native = bySeed(runNatively(program, args));
    const here = bySeed(await runHere(isolate, program, args));
    native.forEach((lines, i) => {
      const found = difference(lines, here[i] ?? []);
      if (found === null || except.includes(seed + i)) return;
      findings.push(`seed ${seed + i}:\n${found}`);
      report(findings.at(-1)!);
    });
  }
  report(`${seed - first} sequences of ${CALLS} calls`);
  return findings;
}
