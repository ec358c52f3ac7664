/**
 * The logs of all leases of a machine, which go out together, a turn at a time: what was done to one object may depend on what was done
 * to another before, so a turn counts at all of its objects or at none. The next turn goes out when this one is in all of its logs;
 * what changes meanwhile goes together.
 */
import type { LeaseRecord, ObjectName } from "./lease-record.ts";

/** A link with a lease. */
export interface Logged extends ObjectName {
  /** Sends what has changed; resolves when it is in the object's log. */
  log(turn: Pick<LeaseRecord, "turn" | "others">): Promise<void>;
}

interface Waiting {
  readonly version: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class LeaseLog {
  readonly #changed = new Set<Logged>();
  #turn = 0;
  /** Changes so far, and those that are logged. */
  #version = 0;
  #logged = 0;
  #running = false;
  readonly #waiting: Waiting[] = [];

  /** Something has changed that is not logged. */
  get pending(): boolean {
    return this.#logged < this.#version;
  }

  /** A number for a record that is not part of a turn. */
  nextTurn(): number {
    return ++this.#turn;
  }

  changed(link: Logged): void {
    this.#version++;
    this.#changed.add(link);
    if (!this.#running) void this.#run();
  }

  /** Resolves when all that has changed until now is logged. Rejects when it never will be. */
  settle(): Promise<void> {
    if (!this.pending) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ version: this.#version, resolve, reject });
    return promise;
  }

  /** The machine cannot go on. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Once a turn of the machine's loop.
    await null;
    while (this.#changed.size > 0) {
      const links = [...this.#changed];
      const version = this.#version;
      const turn = this.nextTurn();
      this.#changed.clear();
      const names = links.map(({ kind, id }) => ({ kind, id }));
      await Promise.all(links.map((link, i) => link.log({ turn, others: names.filter((_, j) => j !== i) })));
      this.#logged = version;
      while (this.#waiting.length > 0 && this.#waiting[0].version <= version) this.#waiting.shift()!.resolve();
    }
    this.#running = false;
  }
}
