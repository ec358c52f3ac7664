/** Process ids. A namespace leases blocks of them to machines (DESIGN.md); a machine alone counts by itself. */

export interface PidAllocator {
  /** Ids are below it (/proc/sys/kernel/pid_max), and the one given out last. */
  readonly limit: number;
  readonly last: number;
  /** An unused id, or 0 when there is none (EAGAIN). The number serves as pid, tid, and perhaps pgid and sid. */
  allocate(): number;
  /** The id may be given again: no process, thread, group or session has it. */
  free(pid: number): void;
}

/** Ids from 2 up to `limit`, each used again only after all others (kernel.pid_max). */
export class LocalPids implements PidAllocator {
  readonly limit: number;
  readonly #used = new Set<number>([1]);
  #last = 1;

  constructor(limit = 32768) {
    this.limit = limit;
  }

  get last(): number {
    return this.#last;
  }

  allocate(): number {
    if (this.#used.size >= this.limit - 1) return 0;
    do this.#last = this.#last + 1 >= this.limit ? 2 : this.#last + 1;
    while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  free(pid: number): void {
    this.#used.delete(pid);
  }
}
