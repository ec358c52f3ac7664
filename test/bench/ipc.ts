/**
 * System V operations of a namespace as ratios to a call of a Durable Object that does nothing, and to one that writes a row, in the
 * same workerd: `node test/bench/ipc.ts [ROUNDS]`. The median of the rounds, which take turns.
 */
import { Pair } from "../durable/pair.ts";

const rounds = Number(process.argv[2] ?? 7);
const COUNT = 100;
const QUEUES = 20;

const median = (list: number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1];

const pair = await Pair.start();
const call = async (what: string) => (await (await pair.request(`/-/${what}?count=${COUNT}`)).json()) as number;
const rpc: number[] = [];
const write: number[] = [];
const message: number[] = [];
const semop: number[] = [];
for (let i = 0; i < rounds; i++) {
  rpc.push(await call("rpc"));
  write.push(await call("write"));
  const { stdout } = await pair.ipc("bench", `time 1 ${COUNT}`);
  const [first, second] = stdout.split(", ").map((part) => Number.parseInt(part, 10) / 1000);
  message.push(first);
  semop.push(second);
}

/** Messages a second through `queues` queues, each with a producer and a consumer. */
async function throughput(queues: number): Promise<number> {
  const each = Math.ceil(400 / queues);
  const start = Date.now();
  const all = Array.from({ length: queues }, (_, i) => [
    pair.ipc("throughput", `produce ${i + 1} 1 ${each} 1`),
    pair.ipc("throughput", `receive ${i + 1} 0 ${each}`),
  ]);
  await Promise.all(all.flat());
  return (queues * each * 1000) / (Date.now() - start);
}

const [base, written] = [median(rpc), median(write)];
const row = (name: string, list: number[]) => {
  const ms = median(list);
  console.log(
    `${name.padEnd(34)} ${ms.toFixed(2).padStart(7)} ms ${(ms / base).toFixed(2).padStart(6)} ${(ms / written).toFixed(2).padStart(6)}`,
  );
};
console.log(`${"".padEnd(34)} ${"".padStart(10)} ${"/ rpc".padStart(6)} ${"/ write".padStart(6)}`);
row("call of a Durable Object", rpc);
row("call that writes a row", write);
row("msgsnd, msgrcv, remote", message);
row("semop with SEM_UNDO, remote", semop);
for (const queues of [1, QUEUES]) {
  console.log(
    `${`messages a second, ${queues} queue(s)`.padEnd(34)} ${(await throughput(queues)).toFixed(0).padStart(7)}`,
  );
}
await pair.close();
process.exit(0);
