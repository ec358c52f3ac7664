/**
 * How long the turns of threads are. Equal ones lock into the phase of a program's loop: a thread that takes a lock again as soon as
 * it has released it would hold it at the end of each of its turns, and who waits for that lock would never get it.
 */

/** Instruction units of one thread's turn, on average: 4 ms. */
export const QUANTUM = 1_000_000;
/** A turn is up to this much longer or shorter. */
const SPREAD = 1 << 18;

/** The same sequence in each machine, so that a run can be repeated. */
export class Quanta {
  /** Of the Lehmer generator 75^n mod 65537, which takes every value from 1 to 65536 once. */
  #state = 1;

  /** Instruction units of the next turn. */
  next(): number {
    this.#state = (this.#state * 75) % 65537;
    return QUANTUM - SPREAD + (this.#state - 1) * (SPREAD >> 15);
  }
}
