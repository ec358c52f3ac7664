/** The end of what a program wrote to its standard error, for the answer that says that it failed. */

const TAIL_BYTES = 4096;
const TAIL_LINES = 20;

export class StderrTail {
  #bytes = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    const kept = Math.max(0, Math.min(this.#bytes.length, TAIL_BYTES - chunk.length));
    const bytes = new Uint8Array(kept + Math.min(chunk.length, TAIL_BYTES));
    bytes.set(this.#bytes.subarray(this.#bytes.length - kept));
    bytes.set(chunk.subarray(Math.max(0, chunk.length - TAIL_BYTES)), kept);
    this.#bytes = bytes;
  }

  /** At most 20 whole lines; a longer text begins with "…". */
  get text(): string {
    if (this.#bytes.length === 0) return "";
    const text = new TextDecoder().decode(this.#bytes).trimEnd();
    const lines = text.split("\n");
    const cut = this.#bytes.length === TAIL_BYTES;
    if (cut) lines.shift();
    if (!cut && lines.length <= TAIL_LINES) return text;
    return ["…", ...lines.slice(-TAIL_LINES)].join("\n");
  }
}
