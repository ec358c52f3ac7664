/** A thread of the pool: machines in an isolate of its own, as many at a time as it is asked for. */
import { parentPort, workerData } from "node:worker_threads";
import { Machines } from "./machine.ts";
import type { Case, Outcome } from "./outcome.ts";
import { count, type Mutation, mutate, rows } from "./rows.ts";

export interface Job {
  readonly program: Case;
  /** Limits of the machine, in milliseconds of real time and of guest CPU time. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Whether calls are to be counted. */
  readonly count?: boolean;
  /** The row, by its index in `rows`, whose handler is replaced. */
  readonly mutant?: { readonly row: number; readonly mutation: Mutation };
}

export interface Answer {
  readonly outcome: Outcome;
  /** How often each row was called, by its index in `rows`. */
  readonly counts?: Uint32Array;
}

async function run(machines: Machines, { program, wallMs, cpuMs, mutant, ...job }: Job): Promise<Answer> {
  const counts = job.count ? new Uint32Array(rows.length) : undefined;
  const handlers = counts ? count(counts) : mutant && mutate(rows[mutant.row], mutant.mutation);
  try {
    return { outcome: await machines.run(program, { wallMs, cpuMs }, handlers), counts };
  } catch (error) {
    const ended = `broken: ${error instanceof Error ? error.stack : error}`;
    return { outcome: { stdout: "", stderr: "", ended, ms: 0 } };
  }
}

const { directory, at } = workerData as { directory: string; at: string };
const machines = new Machines(directory, at);
parentPort!.on("message", async ({ id, job }: { id: number; job: Job }) => {
  parentPort!.postMessage({ id, answer: await run(machines, job) });
});
