/**
 * `npm run bench:kernel`, or `node test/bench/kernel.ts [ROUNDS] [WORK…]`: system calls natively, under qemu-x86_64 and in Binlet in
 * workerd, in alternating rounds. Times are host wall time for one operation: a run of many less a run of none, medians.
 */
import { compile } from "./kernels.ts";
import { isInstalled, type Peer, processPeer } from "./peers.ts";
import { startBinlet } from "./server.ts";
import { geometricMean, median, ratio, table } from "./statistics.ts";

interface Work {
  /** Its name in guest/system.c. */
  name: string;
  /** Operations: the same for all peers; 30 to 150 ms natively. */
  count: number;
  what: string;
  /** Most and aimed-at time in Binlet divided by native time, where there is such a promise. */
  bar?: number;
  goal?: number;
}

const works: readonly Work[] = [
  { name: "null-call", count: 400_000, what: "getppid", bar: 2, goal: 1 },
  { name: "pipe-byte", count: 50_000, what: "1 byte through a pipe", bar: 3, goal: 1 },
  { name: "pipe-bulk", count: 5_000, what: "64 KiB through a pipe", bar: 3, goal: 1 },
  { name: "pipe-switch", count: 15_000, what: "round trip over pipes, two processes", bar: 3, goal: 1 },
  { name: "fork-1", count: 500, what: "fork+exit+wait, 1 MiB resident", bar: 3, goal: 1 },
  { name: "fork-32", count: 100, what: "fork+exit+wait, 32 MiB resident", bar: 3, goal: 1 },
  { name: "fork-exec", count: 150, what: "fork+exec+exit+wait", bar: 3, goal: 1 },
  { name: "signal", count: 50_000, what: "signal to oneself, handler included", bar: 3, goal: 1 },
  { name: "futex", count: 15_000, what: "futex round trip, two threads", bar: 3, goal: 1 },
  { name: "map", count: 5_000, what: "mmap, touch 16 pages, munmap" },
  { name: "poll", count: 1_500, what: "poll of 1,000 descriptors" },
  { name: "epoll", count: 100_000, what: "epoll_wait over 1,000 descriptors" },
  { name: "open-close", count: 40_000, what: "open+close" },
  { name: "stat", count: 50_000, what: "stat" },
  { name: "write-page", count: 50_000, what: "pwrite of 4 KiB, tmpfs" },
  { name: "read-page", count: 50_000, what: "pread of 4 KiB, tmpfs" },
  { name: "write-small", count: 50_000, what: "write of 64 bytes, tmpfs" },
  { name: "write-bulk", count: 500, what: "pwrite of 1 MiB, tmpfs" },
  { name: "read-bulk", count: 500, what: "pread of 1 MiB, tmpfs" },
  { name: "readdir", count: 100, what: "readdir of 10,000 names" },
  { name: "sem", count: 50_000, what: "semop up and down" },
  { name: "sem-switch", count: 15_000, what: "round trip by semop, two processes" },
  { name: "msg", count: 50_000, what: "msgsnd+msgrcv of 64 bytes" },
  { name: "msg-switch", count: 15_000, what: "round trip of messages, two processes" },
  { name: "unix-switch", count: 15_000, what: "round trip over AF_UNIX, two processes" },
  { name: "unix-bulk", count: 4_000, what: "64 KiB through AF_UNIX" },
  { name: "tcp-switch", count: 8_000, what: "round trip over loopback TCP, two processes" },
  { name: "tcp-bulk", count: 3_000, what: "64 KiB through loopback TCP" },
];

const rounds = Number(process.argv[2] ?? 5);
const names = process.argv.slice(3);
const chosen = works.filter((work) => names.length === 0 || names.includes(work.name));

const server = await startBinlet();
const native = processPeer("native");
const hasQemu = isInstalled("qemu-x86_64");
const qemu = processPeer("qemu", "qemu-x86_64");
const peers: readonly Peer[] = hasQemu ? [native, qemu, server.peer] : [native, server.peer];
if (!hasQemu) console.log("qemu-x86_64 (Debian: qemu-user) is not installed: its columns are left out.");

const program = compile("system");

/** Microseconds for one operation, by peer. */
async function measure({ name, count }: Work): Promise<Map<Peer, number>> {
  const times = new Map(peers.map((peer) => [peer, { none: [] as number[], all: [] as number[] }]));
  const run = async (peer: Peer, n: number): Promise<number> => {
    const { stdout, milliseconds } = await peer.run(program, [name, String(n)]);
    if (stdout !== `${name} ${n}\n`) throw new Error(`${peer.name}: ${name} prints ${stdout}`);
    return milliseconds;
  };
  for (let round = -1; round < rounds; round++) {
    for (const peer of peers) {
      const none = await run(peer, 0);
      const all = await run(peer, count);
      if (round < 0) continue; // the first round warms caches up
      times.get(peer)!.none.push(none);
      times.get(peer)!.all.push(all);
    }
  }
  return new Map(
    [...times].map(([peer, { none, all }]) => [peer, (Math.max(median(all) - median(none), 0) * 1000) / count]),
  );
}

const microseconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));

try {
  const header = ["us", ...peers.map((peer) => peer.name), "Binlet / native"];
  const rows = [hasQemu ? [...header, "Binlet / qemu", "bar", "goal"] : [...header, "bar", "goal"]];
  const ratios: { native: number; qemu: number }[] = [];
  for (const work of chosen) {
    const results = await measure(work);
    const binlet = results.get(server.peer)!;
    const ours = { native: binlet / results.get(native)!, qemu: hasQemu ? binlet / results.get(qemu)! : Number.NaN };
    ratios.push(ours);
    const row = [work.what, ...peers.map((peer) => microseconds(results.get(peer)!)), ratio(ours.native)];
    if (hasQemu) row.push(ratio(ours.qemu));
    rows.push([...row, work.bar?.toFixed(1) ?? "-", work.goal?.toFixed(1) ?? "-"]);
  }
  const mean = ["geometric mean", ...peers.map(() => ""), ratio(geometricMean(ratios.map((r) => r.native)))];
  if (hasQemu) mean.push(ratio(geometricMean(ratios.map((r) => r.qemu))));
  rows.push([...mean, "", ""]);
  console.log(table(rows));
  console.log(
    `\nmedians of ${rounds} alternating rounds; Binlet's in workerd, through POST /_/exec; bars and goals are against`,
  );
  console.log("native. Round trips stay on one CPU. What qemu-x86_64 executes anew runs natively from there.");
} finally {
  await server.close();
}
