/**
 * `npm run bench`, or `node test/bench/cpu.ts [ROUNDS] [KERNEL…]`: the CPU kernels natively, under qemu-x86_64 and in Binlet in workerd, in
 * alternating rounds. Prints ratios of medians; what a program that does nothing takes is taken off each peer's times.
 */
import { kernels as allKernels, compile } from "./kernels.ts";
import { isInstalled, type Peer, processPeer, type Run } from "./peers.ts";
import { startBinlet } from "./server.ts";
import { geometricMean, median, ratio, table } from "./statistics.ts";

const rounds = Number(process.argv[2] ?? 5);
const chosen = process.argv.slice(3);
const kernels = allKernels.filter((kernel) => chosen.length === 0 || chosen.includes(kernel.name));

const server = await startBinlet();
const native = processPeer("native");
const peers: Peer[] = [native, server.peer];
const hasQemu = isInstalled("qemu-x86_64");
if (hasQemu) peers.splice(1, 0, processPeer("qemu", "qemu-x86_64"));
else console.log("qemu-x86_64 (Debian: qemu-user) is not installed: its columns are left out.");

interface Result {
  milliseconds: number;
  instructions: number;
}

/** Medians by peer; every peer must print what the first one prints. */
async function measure(program: string, args: readonly string[]): Promise<Map<Peer, Result>> {
  const path = compile(program);
  const runs = new Map<Peer, Run[]>(peers.map((peer) => [peer, []]));
  let expected: string | undefined;
  for (let round = -1; round < rounds; round++) {
    for (const peer of peers) {
      const run = await peer.run(path, args);
      expected ??= run.stdout;
      if (run.stdout !== expected) throw new Error(`${peer.name}: ${program} prints ${run.stdout} not ${expected}`);
      if (round >= 0) runs.get(peer)!.push(run); // the first round warms caches up
    }
  }
  return new Map(
    [...runs].map(([peer, list]) => [
      peer,
      {
        milliseconds: median(list.map((run) => run.milliseconds)),
        instructions: median(list.map((run) => run.instructions ?? 0)),
      },
    ]),
  );
}

try {
  const nothing = await measure("null", []);
  const rows = [["time / native", ...peers.slice(1).map((p) => p.name), "Binlet / qemu", "ns / instruction"]];
  const columns: number[][] = rows[0].slice(1).map(() => []);
  for (const { name, program, args } of kernels) {
    const results = await measure(program, args);
    const time = (peer: Peer): number => results.get(peer)!.milliseconds - nothing.get(peer)!.milliseconds;
    const instructions = results.get(server.peer)!.instructions - nothing.get(server.peer)!.instructions;
    const values = [
      ...peers.slice(1).map((peer) => time(peer) / time(native)),
      hasQemu ? time(server.peer) / time(peers[1]) : Number.NaN,
      (time(server.peer) * 1e6) / instructions,
    ];
    for (const [i, value] of values.entries()) columns[i].push(value);
    rows.push([name, ...values.map(ratio)]);
    console.log(`${name}: ${peers.map((p) => `${p.name} ${results.get(p)!.milliseconds.toFixed(0)} ms`).join(", ")}`);
  }
  rows.push(["geometric mean", ...columns.map((column) => ratio(geometricMean(column)))]);
  console.log(`\n${table(rows)}\n`);
  for (const kernel of kernels) console.log(`${kernel.name}: ${kernel.what}`);
  console.log(`medians of ${rounds} alternating rounds; Binlet's in workerd, through POST /_/exec`);
} finally {
  await server.close();
}
