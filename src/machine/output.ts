/** The host's end of standard output or standard error, which counts what was written. */
import { HostReader } from "../fs/host-pipe.ts";
import type { Pipe } from "../fs/pipe.ts";

export class CountingReader extends HostReader {
  readonly #total: { bytes: number };

  /** `total` is common to the streams of a machine. */
  constructor(pipe: Pipe, total: { bytes: number }) {
    super(pipe);
    this.#total = total;
  }

  override pull(limit?: number): Uint8Array {
    const bytes = super.pull(limit);
    this.#total.bytes += bytes.length;
    return bytes;
  }
}
