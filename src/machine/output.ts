/** The host's end of standard output or standard error, which counts what was written. */
import { HostReader } from "../fs/host-pipe.ts";
import type { Pipe } from "../fs/pipe.ts";

/** What the streams of a machine have in common. */
export interface OutputTotal {
  bytes: number;
  /** Bytes; `exceeded` is called when there are more, perhaps from within the guest's write. */
  readonly limit: number;
  readonly exceeded: () => void;
}

export class CountingReader extends HostReader {
  readonly #total: OutputTotal;

  constructor(pipe: Pipe, total: OutputTotal) {
    super(pipe);
    this.#total = total;
  }

  override pull(limit?: number): Uint8Array {
    const bytes = super.pull(limit);
    this.#total.bytes += bytes.length;
    if (this.#total.bytes > this.#total.limit) this.#total.exceeded();
    return bytes;
  }
}
