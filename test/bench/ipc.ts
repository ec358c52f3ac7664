/**
 * `npm run bench:ipc`, or `node test/bench/ipc.ts [ROUNDS]`: System V operations and signals of a namespace as ratios to a call of a
 * Durable Object that does nothing, to one that writes a row in SQLite, and to a null system call, in the same workerd. Rounds take turns;
 * medians.
 *
 *   leased      one machine uses the object
 *   remote      two machines use it, and one of them does the operations
 *   contended   four machines do them at one time
 *
 * What the numbers mean: every answer here, and that of the call that writes, waits for the object's output gate, so until the row is
 * committed (test/durable/gate.test.ts). That wait is most of the time. In a local workerd it is one fsync(2) a transaction, on the thread that
 * all objects of the process share, so many objects are not faster than one; on the platform it is a round trip to other data
 * centres. A call that writes and an operation pay it alike, once. An operation goes over a link that is open already, where a
 * call by a stub starts an event at the object: that is why an operation can be below 1. The rows "over an open link" say what it is worth.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { uploadImage } from "../../src/cli/image.ts";
import { Pair } from "../durable/pair.ts";
import { compile } from "./kernels.ts";
import { median, table } from "./statistics.ts";

const rounds = Number(process.argv[2] ?? 5);
/** Calls of a Durable Object, and signals, a round. */
const CALLS = 50;
const CONTENDERS = 4;
const QUEUES = 20;
/** Messages that throughput is measured with, and how many processes of a machine share them when there are several. */
const MESSAGES = 1000;
const PROCESSES = 5;
/** Rounds of `operations`, how many of each a round, and null system calls: so many that they take a few milliseconds. */
const LEASED = "30 1000 50000";

const pair = await Pair.start();
const image = (await uploadImage(pair.client, compile("ipc"), "bench-ipc", { quiet: true })).digest;

/** Times by name in microseconds, by sample. */
const samples = new Map<string, number[]>();
function add(name: string, microseconds: number): void {
  const list = samples.get(name);
  if (list === undefined) samples.set(name, [microseconds]);
  else list.push(microseconds);
}

/** Runs a work of guest/ipc.c in Worker 0 or 1, and adds the times that it prints under `prefix`. */
async function run(namespace: string, args: string, worker: number, prefix = ""): Promise<void> {
  const argv = ["/ipc", ...args.split(" ")];
  const limits = { wallMs: 600_000, cpuMs: 300_000 };
  const { stdout, exit } = await pair.ipc(namespace, "", { image, argv, limits }, worker);
  if (exit !== 0) throw new Error(`ipc ${args}: ${exit}, ${stdout}`);
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const [name, time] = line.split(" ");
    add(`${prefix}${name}`, Number(time));
  }
}

async function calls(what: string): Promise<void> {
  const response = await pair.request(`/-/${what}?count=${CALLS}`, {}, 0);
  add(what, ((await response.json()) as number) * 1000);
}

/** Somebody else uses both objects meanwhile. */
async function withCompany(namespace: string, key: number, work: () => Promise<void>): Promise<void> {
  const company = run(namespace, `stay ${key} 1`, 1);
  await sleep(500);
  await work();
  await run(namespace, `leave ${key} 1`, 1);
  await company;
}

/** Messages a second through `queues` queues between machines, each with a producer and a consumer of so many processes. */
async function throughput(name: string, queues: number, processes: number): Promise<void> {
  const each = Math.ceil(MESSAGES / queues / processes) * processes;
  const start = performance.now();
  const all = Array.from({ length: queues }, (_, i) => [
    run("throughput", `stream ${i + 1} p ${each} ${processes}`, i),
    run("throughput", `stream ${i + 1} c ${each} ${processes}`, i + 1),
  ]);
  await Promise.all(all.flat());
  add(name, ((performance.now() - start) * 1000) / (queues * each));
}

async function round(number: number): Promise<void> {
  const baseline = async () => {
    for (const what of ["rpc", "write", "link", "link-write"]) await calls(what);
  };
  await baseline();
  await run(`leased-${number}`, `operations 1 1 ${LEASED}`, 0, "leased ");
  const key = number + 2;
  await withCompany("remote", key, () => run("remote", `operations ${key} 1 2 50 0`, 0, "remote "));
  const contenders = Array.from({ length: CONTENDERS }, (_, i) => i);
  await baseline();
  await Promise.all(contenders.map((i) => run("contended", `operations ${key} ${i + 1} 2 20 0`, i, "contended ")));
  await run("contended", `unlock ${key} 0`, 0);
  await Promise.all(contenders.map((i) => run("contended", `lock ${key} 25`, i)));
  const target = run("kill", `target ${key} 0`, 1).catch(() => {});
  await run("kill", `signals ${key} ${CALLS}`, 0);
  await target;
  await throughput("one queue", 1, 1);
  await throughput("one queue, processes", 1, PROCESSES);
  await throughput("queues", QUEUES, 1);
}

await round(-1);
samples.clear(); // that one warmed caches up
for (let i = 0; i < rounds; i++) await round(i);
await pair.close();

/** Ratios are below 1 as well as above 10,000. */
function ratio(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
const time = (name: string): number => median(samples.get(name)!);
const [rpc, write, nothing] = [time("rpc"), time("write"), time("leased null")];
const rows = [["us", "time", "/ call", "/ write", "/ null", "bar", "goal", "of"]];
function row(what: string, name: string, bar = "-", goal = "-", of = "", share = 1): void {
  const us = time(name) / share;
  const cells = [us < 100 ? us.toFixed(2) : us.toFixed(0), ratio(us / rpc), ratio(us / write), ratio(us / nothing)];
  rows.push([what, ...cells, bar, goal, of]);
}
row("call of a Durable Object", "rpc");
row("call that writes a row", "write");
row("call over an open link", "link");
row("call over an open link that writes", "link-write");
row("null system call", "leased null");
for (const name of ["msgsnd", "msgrcv", "semop"]) row(`${name}, leased`, `leased ${name}`, "5", "3", "null");
row("semop, msgsnd, semop, msgrcv, leased", "leased section");
for (const name of ["msgsnd", "msgrcv", "semop"]) row(`${name}, remote`, `remote ${name}`, "2", "1.5", "write");
row("semop, msgsnd, semop, msgrcv, remote", "remote section");
for (const name of ["msgsnd", "msgrcv", "semop"]) row(`${name}, contended`, `contended ${name}`, "-", "-", "");
row("lock handed over, contended", "lock", "-", "-", "", CONTENDERS);
row("kill, until it is queued", "queued", "2", "1.5", "call");
row("kill, until the handler runs", "handled", "5", "3", "call");
console.log(table(rows));
const perSecond = (name: string): string => (1e6 / time(name)).toFixed(0);
console.log(`
messages a second, machine to machine: ${perSecond("one queue")} through one queue, ${perSecond("one queue, processes")} with ${PROCESSES} processes at each end,
${perSecond("queues")} through ${QUEUES} queues at one time.
medians of ${rounds} rounds; semop has SEM_UNDO; "contended" is ${CONTENDERS} machines at one time, the time of one operation for each of them.`);
process.exit(0);
