/** One line on standard error that changes while something goes on; where that is no terminal, only its last form. */
export class Progress {
  readonly #label: string;
  readonly #quiet: boolean;

  constructor(label: string, quiet = false) {
    this.#label = label;
    this.#quiet = quiet;
  }

  update(text: string): void {
    if (!this.#quiet && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${this.#label}: ${text}`);
  }

  done(text: string): void {
    if (!this.#quiet) process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${this.#label}: ${text}\n`);
  }
}
