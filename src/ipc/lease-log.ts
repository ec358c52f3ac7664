/**
 * The logs of all leases of a machine, which go out together, a turn at a time: what was done to one object may depend on what was done
 * to another before, so a turn counts at all of its objects or at none. The next turn goes out when this one is in all of its logs;
 * what changes meanwhile goes together.
 */
import type { LeaseRecord, ObjectName } from "./lease-record.ts";
import { Progress } from "./progress.ts";

/** A link with a lease. */
export interface Logged extends ObjectName {
  /** Sends what has changed; resolves when it is in the object's log. */
  log(turn: Pick<LeaseRecord, "turn" | "others">): Promise<void>;
}

export class LeaseLog {
  readonly #changed = new Set<Logged>();
  #turn = 0;
  /** Changes, which are safe when they are logged. */
  readonly progress = new Progress();
  #running = false;

  /** A number for a record that is not part of a turn. */
  nextTurn(): number {
    return ++this.#turn;
  }

  /** `link` has something for its log. Told once a record: what changes before the record is made is in it. */
  changed(link: Logged): void {
    this.progress.happened++;
    this.#changed.add(link);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Once a turn of the machine's loop.
    await null;
    while (this.#changed.size > 0) {
      const links = [...this.#changed];
      const { happened } = this.progress;
      const turn = this.nextTurn();
      this.#changed.clear();
      const names = links.map(({ kind, id }) => ({ kind, id }));
      await Promise.all(links.map((link, i) => link.log({ turn, others: names.filter((_, j) => j !== i) })));
      this.progress.reached(happened);
    }
    this.#running = false;
  }
}
