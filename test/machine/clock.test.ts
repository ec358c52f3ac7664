/** Guest time on a host whose clock stands still while it computes, as a Worker's does. */
import { expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { compile, hasCompiler, start } from "./support.ts";

class FrozenHost extends NodeHost {
  #now = super.now();
  /** Times that the clock was read since it last moved. */
  turns = 0;

  override now(): number {
    return this.#now;
  }
  override async yield(): Promise<void> {
    await super.yield();
    this.#thaw();
  }
  override async sleep(ms: number, wake: Promise<void>): Promise<void> {
    await super.sleep(ms, wake);
    this.#thaw();
  }
  #thaw(): void {
    this.#now = Math.floor(super.now());
    this.turns++;
  }
}

const SOURCE = `#include <stdio.h>
#include <time.h>
static long now(int clock) { struct timespec t; clock_gettime(clock, &t); return t.tv_sec * 1000000000L + t.tv_nsec; }
int main(void) {
  long start = now(CLOCK_MONOTONIC), last = start, back = 0, n, real = now(CLOCK_REALTIME);
  for (n = 0; last - start < 100000000; n++) { long t = now(CLOCK_MONOTONIC); back += t < last; last = t; }
  printf("back %ld, read %d\\n", back, n > 1000);
  struct timespec nap = {0, 30000000};
  long before = now(CLOCK_MONOTONIC);
  nanosleep(&nap, 0);
  long slept = now(CLOCK_MONOTONIC) - before;
  printf("slept %d\\n", slept >= 30000000 && slept < 2000000000);
  long both = (now(CLOCK_REALTIME) - real) - (now(CLOCK_MONOTONIC) - start);
  printf("clocks agree %d\\n", both > -1000000 && both < 1000000);
  struct timespec cpu;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  printf("cpu %d\\n", cpu.tv_sec == 0 && cpu.tv_nsec > 5000000);
}`;

test.skipIf(!hasCompiler)("clocks go forward while the host's stands still", async () => {
  const { finished } = start(new Isolate(loadInterpreter()), compile(SOURCE), [], {
    host: (objects) => new FrozenHost(objects, () => {}),
  });
  expect((await finished).stdout).toBe("back 0, read 1\nslept 1\nclocks agree 1\ncpu 1\n");
});
