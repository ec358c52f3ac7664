/** How an object finds out which of the machines that have something in it, and no link to it, are dead: it asks the namespace. */

/** Between two questions whether a machine without a link still lives (milliseconds). */
const AGAIN = 1000;

/** What it needs of the object. */
export interface Inquirer {
  /** Machines that have something here and no link; a machine may come more than once. */
  unlinked(): Iterable<number>;
  /** Those of `machines` that are dead. */
  gone(machines: readonly number[]): Promise<readonly number[]>;
  /** The machine is dead; it may have a link again. */
  vanished(machine: number): Promise<void>;
}

export class Inquiry {
  readonly #inquirer: Inquirer;
  /** A question is due. */
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(inquirer: Inquirer) {
    this.#inquirer = inquirer;
  }

  /** Asks in `delay` milliseconds, and again as long as there are such machines. With 0 a question that is due later is put now. */
  ask(delay: number): void {
    if (this.#timer !== null && delay > 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      this.#timer = null;
      const machines = [...new Set(this.#inquirer.unlinked())];
      if (machines.length === 0) return;
      for (const machine of await this.#inquirer.gone(machines)) await this.#inquirer.vanished(machine);
      for (const _ of this.#inquirer.unlinked()) return this.ask(AGAIN);
    }, delay);
  }
}
