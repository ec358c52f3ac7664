/** The process in which campaign.ts has machines run. */
import { writeSync } from "node:fs";
import type { Message, Order } from "./campaign.ts";
import { Fuzzer, type Outcome, Tail } from "./machine.ts";

/** Machines in one isolate, after which its heap is measured. */
const ROUND = 50;
/** Of so many seeds one is of machines that share a namespace. */
const WORLDS = 20;
/** Bytes that the heap may have grown by between the first round and the last. */
const GROWTH = 8 << 20;

const order: Order = JSON.parse(process.argv[2]);
const say = (message: Message) => process.send!(message);
const summary = (text: string) => say({ kind: "summary", text });

if (order.last === null) await untraced();
else await traced(order.last);
process.disconnect();

function isWorld(seed: number): boolean {
  return seed % WORLDS === 0;
}

async function run(
  fuzzer: Fuzzer,
  seed: number,
  trace?: (line: string) => void,
): Promise<Omit<Outcome, "milliseconds">> {
  return isWorld(seed) ? { ...(await fuzzer.runWorld(seed)), status: null, processes: 0 } : fuzzer.run(seed, trace);
}

async function untraced(): Promise<void> {
  const end = performance.now() + order.seconds * 1000;
  const fuzzer = new Fuzzer(order.program, order.record);
  const ends = new Map<string, number>();
  let seed = order.first;
  let heap = 0;
  let broken = 0;
  for (; performance.now() < end && broken < 20; seed++) {
    say({ kind: "start", seed });
    const { findings, status, calls } = await run(fuzzer, seed);
    const how = String(status?.reason ?? status?.signal ?? status?.exitCode ?? (isWorld(seed) ? "world" : "broken"));
    ends.set(how, (ends.get(how) ?? 0) + 1);
    const count = seed + 1 - order.first;
    if (count % 10 === 0 && !(await fuzzer.runsHello())) findings.push("the next machine does not run");
    if (count === ROUND) heap = fuzzer.heap;
    if (count > ROUND && count % ROUND === 0 && fuzzer.heap > heap + GROWTH)
      findings.push(`the heap grew from ${heap} to ${fuzzer.heap} bytes in ${count} machines`);
    if (findings.length > 0) broken++;
    say({ kind: "end", seed, findings, calls });
  }
  summary(`ended by ${JSON.stringify(Object.fromEntries(ends))}`);
  say({ kind: "statistics", calls: fuzzer.counts.all });
}

/** The last lines of the trace go to standard error; with BINLET_FUZZ_TRACE=all every one does, at once, for a machine that hangs. */
async function traced(last: number): Promise<void> {
  const tail = new Tail();
  const everything = process.env.BINLET_FUZZ_TRACE === "all";
  const fuzzer = new Fuzzer(order.program, order.record);
  const line = (text: string) => (everything ? void writeSync(2, `${text}\n`) : tail.add(text));
  for (let seed = order.first; seed < last; seed++) await run(fuzzer, seed);
  const outcome = await run(fuzzer, last, line);
  if (!everything) writeSync(2, `${tail.text}\n`);
  summary(JSON.stringify(outcome.status));
  say({ kind: "end", seed: last, findings: outcome.findings, calls: outcome.calls });
}
