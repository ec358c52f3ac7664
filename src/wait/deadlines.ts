/** Deadlines in order of time: a binary heap whose entries know their place, so that cancelling costs O(log n). */

export interface Expirable {
  /** The deadline `due` has passed; it is no longer in the heap. */
  expire(now: number, due: number): void;
}

/** Told when the wall clock is set: absolute times of it are another distance away now. */
export interface ClockListener {
  /** The clock went forward by `step` nanoseconds (back if that is negative). */
  clockSet(step: number): void;
}

/** One deadline of `target`; armed or not. Times are monotonic nanoseconds. */
export class Deadline {
  readonly target: Expirable;
  at = Number.POSITIVE_INFINITY;
  /** Place in the heap, or -1. */
  index = -1;

  constructor(target: Expirable) {
    this.target = target;
  }

  get armed(): boolean {
    return this.index >= 0;
  }
}

export class Deadlines {
  readonly #heap: Deadline[] = [];

  /** The earliest, or Infinity. */
  get next(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0].at;
  }

  /** Arms `deadline`, or moves it; Infinity disarms. */
  set(deadline: Deadline, at: number): void {
    this.cancel(deadline);
    if (at === Number.POSITIVE_INFINITY) return;
    deadline.at = at;
    deadline.index = this.#heap.push(deadline) - 1;
    this.#up(deadline);
  }

  cancel(deadline: Deadline): void {
    const { index } = deadline;
    if (index < 0) return;
    deadline.index = -1;
    deadline.at = Number.POSITIVE_INFINITY;
    const last = this.#heap.pop()!;
    if (last === deadline) return;
    this.#place(last, index);
    this.#up(last);
    this.#down(last);
  }

  /** Expires all that are due at `now`; returns how many. */
  expire(now: number): number {
    let count = 0;
    while (this.#heap.length > 0 && this.#heap[0].at <= now) {
      const deadline = this.#heap[0];
      const due = deadline.at;
      this.cancel(deadline);
      count++;
      deadline.target.expire(now, due);
    }
    return count;
  }

  #place(deadline: Deadline, index: number): void {
    this.#heap[index] = deadline;
    deadline.index = index;
  }

  #up(deadline: Deadline): void {
    while (deadline.index > 0) {
      const parent = this.#heap[(deadline.index - 1) >> 1];
      if (parent.at <= deadline.at) return;
      this.#swap(parent, deadline);
    }
  }

  #down(deadline: Deadline): void {
    for (;;) {
      const left = 2 * deadline.index + 1;
      if (left >= this.#heap.length) return;
      let child = this.#heap[left];
      if (left + 1 < this.#heap.length && this.#heap[left + 1].at < child.at) child = this.#heap[left + 1];
      if (deadline.at <= child.at) return;
      this.#swap(deadline, child);
    }
  }

  #swap(a: Deadline, b: Deadline): void {
    const { index } = a;
    this.#place(a, b.index);
    this.#place(b, index);
  }
}
