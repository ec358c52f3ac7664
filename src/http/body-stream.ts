/**
 * A response's body that is written while it is sent. It is a stream of JavaScript's, because one of the platform's own
 * (IdentityTransformStream) holds some 46 KiB of buffers from its first byte to its last, and most responses wait for a program.
 */

type Resolvers = PromiseWithResolvers<void>;

export class BodyStream {
  readonly readable: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** What was written and has not been asked for, and the write of it. */
  #chunks: Uint8Array[] = [];
  #written: Resolvers | null = null;
  /** The stream asks for more than was written. */
  #wanted: Resolvers | null = null;
  /** Nothing can be written any more, and there is something left to be read. */
  #closing = false;
  #over = false;

  constructor() {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: (reason) => this.#end(reason),
      },
      { highWaterMark: 0 },
    );
  }

  /** Resolves when `chunk`, which is not empty and is kept, is taken; null: it is. Rejects when nobody reads any more. */
  write(chunk: Uint8Array): Promise<void> | null {
    if (this.#over || this.#closing) return Promise.reject(new TypeError("Nobody reads the body any more."));
    if (this.#wanted !== null) {
      this.#controller.enqueue(chunk);
      this.#wanted.resolve();
      this.#wanted = null;
      return null;
    }
    this.#chunks.push(chunk);
    this.#written ??= Promise.withResolvers();
    return this.#written.promise;
  }

  /** What was written is all. */
  async close(): Promise<void> {
    if (this.#over) return;
    if (this.#chunks.length > 0) {
      this.#closing = true;
      return this.#written!.promise;
    }
    this.#controller.close();
    this.#end(undefined);
  }

  /** Who reads sees a broken body. */
  async abort(error: unknown): Promise<void> {
    if (!this.#over) this.#controller.error(error);
    this.#end(error);
  }

  #pull(): Promise<void> | undefined {
    if (this.#chunks.length === 0) {
      this.#wanted = Promise.withResolvers();
      return this.#wanted.promise;
    }
    for (const chunk of this.#chunks.splice(0)) this.#controller.enqueue(chunk);
    this.#written!.resolve();
    this.#written = null;
    if (this.#closing) {
      this.#controller.close();
      this.#over = true;
    }
  }

  /** Nothing is to be read any more. */
  #end(reason: unknown): void {
    this.#over = true;
    this.#chunks.length = 0;
    this.#written?.reject(reason);
    this.#wanted?.resolve();
    this.#written = this.#wanted = null;
  }
}
