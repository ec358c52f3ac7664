/** One machine that the fuzzer runs in, and what must hold when it has ended. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Host, ObjectStore } from "../../../src/kernel/host.ts";
import { Isolate } from "../../../src/machine/isolate.ts";
import { Machine } from "../../../src/machine/machine.ts";
import type { ExitStatus } from "../../../src/machine/options.ts";
import { HostTree } from "../../../tools/host-tree.ts";
import { loadInterpreter } from "../../../tools/interpreter.ts";
import { Random } from "../random.ts";
import { CallRecord } from "./record.ts";
import { Counts } from "./statistics.ts";
import { runWorld } from "./world.ts";

/** Guest milliseconds that a machine runs for, and what ends it when it goes on. */
const TIME = 300;
const LIMITS = { cpuMs: 1500, wallMs: 20_000, memoryMiB: 16, processes: 40, files: 64, outputMiB: 1 };
/** Milliseconds of real time that a machine may take: twenty times its CPU time. */
const REAL_MS = 20 * LIMITS.cpuMs;
/** The lines of a trace that are kept. */
const LINES = 400;

/** Runs a garbage collection. */
const collect: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();

/** Time passes when all threads wait, and a budget's worth in each turn; so a seed's machine is the same each time. */
class VirtualHost implements Host {
  readonly objects: ObjectStore;
  readonly errors: string[] = [];
  readonly #random: Random;
  #now = 1_800_000_000_000;

  constructor(objects: ObjectStore, random: Random) {
    this.objects = objects;
    this.#random = random;
  }

  now(): number {
    return this.#now;
  }

  random(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.#random.below(256);
  }

  log(level: "info" | "warn" | "error", message: string): void {
    if (level === "error") this.errors.push(message);
  }

  yield(): Promise<void> {
    this.#now += 20;
    return new Promise((resolve) => setImmediate(resolve));
  }

  async sleep(ms: number, wake: Promise<void>): Promise<void> {
    let woken = false;
    void wake.then(() => {
      woken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    if (!woken) this.#now += ms;
  }
}

export interface Outcome {
  /** What was wrong; empty when nothing was. */
  readonly findings: string[];
  readonly status: ExitStatus | null;
  readonly calls: number;
  readonly milliseconds: number;
  readonly processes: number;
}

/** An isolate in which machines are fuzzed one after the other. */
export class Fuzzer {
  readonly #program: string;
  readonly #isolate = new Isolate(loadInterpreter());
  readonly counts: Counts;

  /** `record`: the name of a file for the last calls. */
  constructor(program: string, record: string) {
    this.#program = program;
    this.counts = new Counts(new CallRecord(record));
  }

  /** Bytes of JavaScript objects after a collection. */
  get heap(): number {
    collect();
    return process.memoryUsage().heapUsed;
  }

  /** Runs the machine of `seed`. `trace` is called with each line of strace. */
  async run(seed: number, trace?: (line: string) => void): Promise<Outcome> {
    const isolate = this.#isolate;
    const used = () => isolate.frames.used - isolate.images.frames;
    const before = used();
    const began = performance.now();
    const tree = new HostTree();
    tree.add(this.#program, "/program");
    const random = new Random(seed);
    const host = new VirtualHost(tree, random);
    const onTerminal = random.below(4) === 0;
    const machine = new Machine(isolate, {
      image: tree.manifest(),
      argv: ["/program", String(seed), String(TIME)],
      limits: LIMITS,
      handlers: this.counts.handlers,
      terminal: onTerminal ? { rows: 24, columns: 80 } : undefined,
      strace: trace,
    });
    for (const reader of [machine.stdout, machine.stderr]) reader.onData(() => reader.pull());
    machine.stdin.push(new Uint8Array(random.below(5000)));
    if (random.below(2)) machine.stdin.close();

    const findings: string[] = [];
    let status: ExitStatus | null = null;
    try {
      status = await machine.run(host);
    } catch (error) {
      findings.push(`the machine broke: ${error instanceof Error ? error.stack : error}`);
    }
    const expect = (what: string, found: unknown, wanted: unknown) => {
      if (found !== wanted) findings.push(`${what}: ${found}, not ${wanted}`);
    };
    expect("errors in the log", host.errors.join("; "), "");
    expect("frames in use", used(), before);
    expect("machines with a lease", isolate.leases.size, 0);
    findings.push(...leftovers(machine));
    expect("pids in use", pidsInUse(machine.kernel.pids.root.allocator), 1);
    machine.stdout.pull();
    machine.stderr.pull();
    // A terminal's master is the host's, as are the ends of both pipes.
    expect("standard input is read by no one", machine.stdin.broken, !onTerminal);
    expect("standard output is written by no one", machine.stdout.ended, !onTerminal);
    expect("standard error is written by no one", machine.stderr.ended, true);
    const milliseconds = performance.now() - began;
    if (milliseconds > REAL_MS) findings.push(`it took ${Math.round(milliseconds)} ms`);
    const { systemCalls: calls, processes } = machine.stats;
    return { findings, status, calls, milliseconds, processes };
  }

  /** Runs the machines of `seed` that share a namespace. */
  async runWorld(seed: number): Promise<Pick<Outcome, "findings" | "calls">> {
    const isolate = this.#isolate;
    const used = () => isolate.frames.used - isolate.images.frames;
    const before = used();
    const { findings, calls } = await runWorld(isolate, this.#program, this.counts.handlers, seed);
    if (used() !== before) findings.push(`frames in use: ${used()}, not ${before}`);
    if (isolate.leases.size !== 0) findings.push(`machines with a lease: ${isolate.leases.size}`);
    return { findings, calls };
  }

  /** Whether the isolate still runs a program that asks for nothing special. */
  async runsHello(): Promise<boolean> {
    const tree = new HostTree();
    tree.add(this.#program, "/program");
    const machine = new Machine(this.#isolate, { image: tree.manifest(), argv: ["/program", "hello"] });
    const status = await machine.run(new VirtualHost(tree, new Random(1)));
    return status.exitCode === 7 && Buffer.from(machine.stdout.pull()).toString() === "hello\n";
  }
}

/** What a machine that has ended still has. */
export function leftovers({ kernel }: Machine): string[] {
  const found: string[] = [];
  const expect = (what: string, value: number, wanted: number) => {
    if (value !== wanted) found.push(`${what}: ${value}, not ${wanted}`);
  };
  expect("processes", kernel.processes.size, 0);
  expect("threads", kernel.threads.size, 0);
  expect("next deadline", kernel.scheduler.deadlines.next, Number.POSITIVE_INFINITY);
  expect("listeners of the clock", kernel.clock.listeners.size, 0);
  return found;
}

/** Ids that are not free, of the first 32768. */
function pidsInUse(pids: { claim(pid: number): boolean; free(pid: number): void }): number {
  let used = 0;
  for (let pid = 1; pid < 32768; pid++) {
    if (pids.claim(pid)) pids.free(pid);
    else used++;
  }
  return used;
}

/** The last lines of a trace. */
export class Tail {
  readonly #lines: string[] = [];
  readonly add = (line: string): void => {
    this.#lines.push(line);
    if (this.#lines.length >= 2 * LINES) this.#lines.splice(0, LINES);
  };

  get text(): string {
    return this.#lines.slice(-LINES).join("\n");
  }
}
