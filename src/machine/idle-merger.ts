/** When a machine whose threads all wait has its pages merged with those of others (memory/merge.ts). */
import type { Kernel } from "../kernel/kernel.ts";
import { mergePages } from "../memory/merge.ts";

/** Milliseconds that all threads have waited before. */
const MERGE_AFTER = 100;
/** Pages and mappings that are looked at then: 0.2 ms. */
const MERGE_PAGES = 256;

export class IdleMerger {
  readonly #kernel: Kernel;
  readonly #domain: string | null;
  /** CPU time when it was asked last, and when pages were last merged. */
  #idleSince = -1;
  #mergedAt = -1;

  constructor(kernel: Kernel, domain: string | null) {
    this.#kernel = kernel;
    this.#domain = domain;
  }

  /** Merges pages when nothing has run since it was asked last; returns the milliseconds after which to ask again. */
  next(): number {
    const { clock, processes } = this.#kernel;
    if (this.#mergedAt === clock.cpuTime) return Infinity;
    if (this.#idleSince !== clock.cpuTime) {
      this.#idleSince = clock.cpuTime;
      return MERGE_AFTER;
    }
    this.#mergedAt = clock.cpuTime;
    let left = MERGE_PAGES;
    for (const { memory, zombie } of processes.values()) {
      if (!zombie) left = mergePages(memory, this.#domain, left);
      if (left === 0) break;
    }
    return Infinity;
  }
}
