/**
 * Load averages (proc_loadavg(5)). Nobody samples the queue of runnable threads every five seconds, since nothing runs here
 * while the machine sleeps: the averages are of the share of time that the processor was busy, found when they are asked for.
 */
import type { Kernel } from "./kernel.ts";

const MINUTES = [1, 5, 15] as const;

export class LoadAverages {
  readonly values: [number, number, number] = [0, 0, 0];
  #time = 0;
  #busy = 0;

  /** `time` and `busy`: nanoseconds since boot, and those of them that programs ran. */
  update(time: number, busy: number): void {
    const elapsed = time - this.#time;
    if (elapsed <= 0) return;
    const share = Math.min((busy - this.#busy) / elapsed, 1);
    MINUTES.forEach((minutes, i) => {
      const kept = Math.exp(-elapsed / (minutes * 60e9));
      this.values[i] = this.values[i] * kept + share * (1 - kept);
    });
    this.#time = time;
    this.#busy = busy;
  }
}

/** Over 1, 5 and 15 minutes. */
export function loadAverages(kernel: Kernel): readonly [number, number, number] {
  kernel.load.update(kernel.clock.now(), kernel.clock.cpuTime);
  return kernel.load.values;
}
