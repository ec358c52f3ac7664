/** Machine after machine with other seeds, in a child process; what was found wrong. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { compileFuzzer } from "./program.ts";
import { readRecord } from "./record.ts";
import { add, type CallStatistics, format, missed } from "./statistics.ts";

/** Milliseconds without a word of the child after which its machine hangs. */
const SILENCE = 60_000;

/** MiB of JavaScript objects with which the child fails. */
const HEAP = 512;

/** What the child says (child.ts). */
export type Message =
  | { readonly kind: "start"; readonly seed: number }
  | { readonly kind: "end"; readonly seed: number; readonly findings: string[]; readonly calls: number }
  | { readonly kind: "statistics"; readonly calls: CallStatistics[] }
  | { readonly kind: "summary"; readonly text: string };

/** What it is to run in one isolate: the seeds from `first` on, for some seconds or to `last`, which is traced. */
export interface Order {
  readonly program: string;
  /** File for its last calls (record.ts). */
  readonly record: string;
  readonly first: number;
  readonly seconds: number;
  readonly last: number | null;
}

interface Campaign {
  readonly seconds: number;
  readonly first?: number;
  /** Reports what came of each call. */
  readonly statistics?: boolean;
  readonly report: (line: string) => void;
}

/** Runs machines for `seconds`; the findings, each with its seed. */
export async function fuzz({
  seconds,
  first = Math.floor(Date.now() / 1000) % 1e8,
  statistics = false,
  report,
}: Campaign): Promise<string[]> {
  const program = compileFuzzer();
  const end = performance.now() + seconds * 1000;
  const findings: string[] = [];
  let next = first;
  let calls = 0;
  let byCall: CallStatistics[] = [];
  const found = (finding: string) => {
    findings.push(finding);
    report(finding);
  };
  report(`first seed ${first}`);
  while (performance.now() < end && findings.length < 20) {
    const begun = next;
    const left = (end - performance.now()) / 1000;
    const hung = await watch(
      { program, record: `${program}.calls`, first: next, seconds: left, last: null },
      (message) => {
        if (message.kind === "summary") report(message.text);
        if (message.kind === "statistics") byCall = add(byCall, message.calls);
        if (message.kind !== "end") return;
        next = message.seed + 1;
        calls += message.calls;
        for (const finding of message.findings) found(`seeds ${begun}..${message.seed}: ${finding}`);
      },
    );
    if (hung === null) break;
    found(hung);
    next++;
  }
  report(`${next - first} machines, ${calls} system calls`);
  if (statistics) report(format(byCall));
  const { unmade, undone } = missed(byCall);
  report(`never called: ${unmade.join(" ") || "none"}; always failed: ${undone.join(" ") || "none"}`);
  return findings;
}

/** Runs the machines of seeds `first` to `last` in one isolate, the last with a trace: how long code takes depends on what has run. */
export async function replay(first: number, last: number, report: (line: string) => void): Promise<string[]> {
  const findings: string[] = [];
  const program = compileFuzzer();
  const order = { program, record: `${program}.calls`, first, seconds: 0, last };
  const hung = await watch(order, (message) => {
    if (message.kind === "summary") report(message.text);
    if (message.kind === "end") findings.push(...message.findings);
  });
  return hung === null ? findings : [...findings, hung];
}

/** Lets a child run until it has done what was ordered; how it ended otherwise, or null. */
function watch(order: Order, on: (message: Message) => void): Promise<string | null> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork(join(import.meta.dirname, "child.ts"), [JSON.stringify(order)], {
      execArgv: [`--max-old-space-size=${HEAP}`],
    });
    let seed = order.first;
    let silent = false;
    let timer = setTimeout(silence, SILENCE);
    function silence() {
      silent = true;
      child.kill("SIGKILL");
    }
    child.on("message", (message: Message) => {
      clearTimeout(timer);
      timer = setTimeout(silence, SILENCE);
      if (message.kind === "start") seed = message.seed;
      on(message);
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(null);
      const how = silent ? "it hangs" : `the process ended with ${signal ?? code}`;
      resolve(`seeds ${order.first}..${seed}: ${how} after\n${readRecord(order.record).join("\n")}`);
    });
  });
}
