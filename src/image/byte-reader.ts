import { ImportError } from "./error.ts";

/** Reads a stream of chunks by byte counts, holding no more than was asked for and what the last chunk had over. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk = new Uint8Array(0);
  #at = 0;
  /** Bytes taken so far. */
  position = 0;

  /** Most bytes that may come out of the stream. */
  readonly #limit: number;

  /** Reading more than `limit` bytes, or from a stream that fails, throws ImportError. */
  constructor(stream: ReadableStream<Uint8Array>, limit = Number.POSITIVE_INFINITY) {
    this.#reader = stream.getReader();
    this.#limit = limit;
  }

  /** Fills as much of `into` as the stream has; how much. */
  async fill(into: Uint8Array): Promise<number> {
    let done = 0;
    while (done < into.length) {
      if (this.#at === this.#chunk.length && !(await this.#next())) break;
      const count = Math.min(into.length - done, this.#chunk.length - this.#at);
      into.set(this.#chunk.subarray(this.#at, this.#at + count), done);
      this.#at += count;
      done += count;
    }
    this.position += done;
    return done;
  }

  /** Passes over `count` bytes; false when the stream ends before. */
  async skip(count: number): Promise<boolean> {
    while (count > 0) {
      if (this.#at === this.#chunk.length && !(await this.#next())) return false;
      const run = Math.min(count, this.#chunk.length - this.#at);
      this.#at += run;
      this.position += run;
      count -= run;
    }
    return true;
  }

  /** The first `count` bytes that are left, which stay; fewer at the end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#chunk.length - this.#at < count) {
      const value = await this.#read();
      if (value === null) break;
      const joined = new Uint8Array(this.#chunk.length - this.#at + value.length);
      joined.set(this.#chunk.subarray(this.#at));
      joined.set(value, this.#chunk.length - this.#at);
      this.#chunk = joined;
      this.#at = 0;
    }
    return this.#chunk.subarray(this.#at, this.#at + count);
  }

  /** What is left as a stream; the reader is not to be used afterwards. */
  rest(): ReadableStream<Uint8Array> {
    const first = this.#chunk.subarray(this.#at);
    const reader = this.#reader;
    let sentFirst = false;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (!sentFirst) {
          sentFirst = true;
          if (first.length > 0) return controller.enqueue(first);
        }
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }

  async cancel(reason: unknown): Promise<void> {
    await this.#reader.cancel(reason).catch(() => {});
  }

  /** The stream's next chunk, or null at its end. */
  async #read(): Promise<Uint8Array | null> {
    if (this.position > this.#limit) throw new ImportError(`the source is longer than ${this.#limit} bytes`);
    try {
      const { done, value } = await this.#reader.read();
      return done ? null : value;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ImportError(`the source cannot be read to its end: ${reason}`);
    }
  }

  async #next(): Promise<boolean> {
    for (;;) {
      const value = await this.#read();
      if (value === null) return false;
      if (value.length === 0) continue;
      this.#chunk = value as Uint8Array<ArrayBuffer>;
      this.#at = 0;
      return true;
    }
  }
}
