/** How an object takes a lease back when another machine comes, and how long it is not given out again. */

/** Between two calls of the holder (milliseconds). */
const AGAIN = 1000;
/**
 * An object whose lease was taken back is not leased again until its machine has been alone for so long (milliseconds), doubled each
 * time: taking it back costs the next machine that comes a round trip.
 */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 64_000;

/** What it needs of the object. */
export interface Lender {
  /** Asks the holder for the lease. */
  askHolder(): void;
  /** The holder has not answered for a while: whether it lives is found out. */
  checkHolder(): Promise<void>;
}

export class Recall {
  readonly #lender: Lender;
  #over: PromiseWithResolvers<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #count = 0;
  /** Milliseconds since the epoch. */
  #notBefore = 0;

  constructor(lender: Lender) {
    this.#lender = lender;
  }

  get underWay(): boolean {
    return this.#over !== null;
  }

  /** The lease may be given out. */
  get paused(): boolean {
    return this.underWay || Date.now() < this.#notBefore;
  }

  /** Resolves when the lease is over. */
  done(): Promise<void> {
    if (this.#over === null) {
      this.#over = Promise.withResolvers<void>();
      this.ask();
    }
    return this.#over.promise;
  }

  /** Asks the holder, now and from time to time. */
  ask(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#lender.askHolder();
    this.#timer = setTimeout(async () => {
      this.#timer = null;
      await this.#lender.checkHolder();
      if (this.underWay && this.#timer === null) this.ask();
    }, AGAIN);
  }

  /** The lease is over, whoever ended it. */
  ended(): void {
    if (this.#over === null) return;
    this.#count++;
    this.left();
    this.#over.resolve();
    this.#over = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Another machine has gone. */
  left(): void {
    if (this.#count > 0) this.#notBefore = Date.now() + Math.min(FIRST_PAUSE * 2 ** (this.#count - 1), LONGEST_PAUSE);
  }
}
