/** What has happened, what of it is safe, and who waits for that: both are counts. */
interface Waiting {
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Progress {
  happened = 0;
  #safe = 0;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;

  get pending(): boolean {
    return this.#safe < this.happened;
  }

  /** Resolves when all that has happened until now is safe. Rejects when it never will be. */
  settle(): Promise<void> {
    if (!this.pending) return Promise.resolve();
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ count: this.happened, resolve, reject });
    return promise;
  }

  /** The first `count` are safe. */
  reached(count: number): void {
    this.#safe = Math.max(this.#safe, count);
    while (this.#waiting.length > 0 && this.#waiting[0].count <= this.#safe) this.#waiting.shift()!.resolve();
  }

  /** What is not safe now never will be. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
