/** Worker threads that run machines, one for each processor; one that hangs is replaced. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Answer, Job } from "./worker.ts";

/** Machines at a time in a thread: most of them sleep. */
const SLOTS = 2;
/** How much later than its machine's time limit a job must be done, in milliseconds. */
const GRACE = 20_000;

interface Member {
  worker: Worker;
  readonly jobs: Map<number, (answer: Answer) => void>;
}

export class Pool {
  readonly #files: { directory: string; at: string };
  readonly #members: Member[];
  readonly #waiting: (() => void)[] = [];
  #lastId = 0;

  /** The files of `directory` are at `at` in every machine. */
  constructor(directory: string, at = "/") {
    this.#files = { directory, at };
    this.#members = Array.from({ length: availableParallelism() }, () => this.#start());
  }

  /** Jobs that run at a time. */
  get width(): number {
    return this.#members.length * SLOTS;
  }

  async run(job: Job): Promise<Answer> {
    const member = await this.#free();
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    member.jobs.set(id, resolve);
    const timer = setTimeout(() => this.#replace(member, "broken: the host hangs"), job.wallMs + GRACE);
    member.worker.postMessage({ id, job });
    const answer = await promise;
    clearTimeout(timer);
    member.jobs.delete(id);
    this.#waiting.shift()?.();
    return answer;
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  async #free(): Promise<Member> {
    for (;;) {
      const [member] = this.#members.toSorted((a, b) => a.jobs.size - b.jobs.size);
      if (member.jobs.size < SLOTS) return member;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #start(): Member {
    const member: Member = { worker: null!, jobs: new Map() };
    this.#spawn(member);
    return member;
  }

  #spawn(member: Member): void {
    const worker = new Worker(join(import.meta.dirname, "worker.ts"), { workerData: this.#files });
    worker.on("message", ({ id, answer }: { id: number; answer: Answer }) => member.jobs.get(id)?.(answer));
    worker.on("error", (error) => this.#replace(member, `broken: ${error}`));
    member.worker = worker;
  }

  #replace(member: Member, ended: string): void {
    void member.worker.terminate();
    this.#spawn(member);
    for (const finish of member.jobs.values()) finish({ outcome: { stdout: "", stderr: "", ended, ms: 0 } });
  }
}
