/** Machines that wait share the pages in which they are alike (memory/merge.ts). */
import { setTimeout as later } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { compile, hasCompiler, start } from "./support.ts";

/** Pages of its initialised data. */
const PAGES = 64;

/** Changes its data at each line of its input as that says, and prints the sum of it. */
const PROGRAM = `
#include <stdio.h>
static struct { int values[1024]; } pages[${PAGES}] = {{{1}}};
int main(void) {
  char line[64];
  for (int i = 0; i < ${PAGES}; i++) pages[i].values[7] = i;
  while (fgets(line, sizeof line, stdin)) {
    int page, value;
    if (sscanf(line, "%d %d", &page, &value) == 2) pages[page].values[9] = value;
    long sum = 0;
    for (int i = 0; i < ${PAGES}; i++) sum += pages[i].values[7] + pages[i].values[9];
    printf("%ld\\n", sum), fflush(stdout);
  }
}`;

const SUM = (PAGES * (PAGES - 1)) / 2;

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !what(); i++) await later(20);
  expect(what()).toBe(true);
}

describe.skipIf(!hasCompiler)("machines that wait", () => {
  test("have equal pages once, until one writes", async () => {
    const isolate = new Isolate(loadInterpreter());
    const program = compile(PROGRAM);
    const run = () => start(isolate, program, [], { input: "0 0\n", keepOpen: true, mergeDomain: "sums" });
    // Nobody pays for merged pages.
    const merged = ({ machine }: typeof first) => {
      const { frames, peakFrames } = machine.kernel.owner;
      return peakFrames > PAGES && frames < PAGES / 2;
    };
    const first = run();
    await until(() => merged(first));
    const before = isolate.frames.used;
    const others = [run(), run(), run()];
    await until(() => others.every(merged));
    expect(isolate.frames.used - before).toBeLessThan((others.length * PAGES) / 2);
    const say = ({ machine }: typeof first, line: string) => machine.stdin.push(new TextEncoder().encode(line));
    const all = [first, ...others];
    for (const [i, started] of all.entries()) say(started, `${i} ${1000 * i}\n`);
    await later(300);
    for (const [i, started] of all.entries()) say(started, `${PAGES - 1 - i} ${i}\n`);
    await later(300);
    for (const { machine } of all) machine.stdin.close();
    for (const [i, { finished }] of all.entries()) {
      const { stdout, status } = await finished;
      expect(stdout).toBe(`${SUM}\n${SUM + 1000 * i}\n${SUM + 1001 * i}\n`);
      expect(status).toEqual({ exitCode: 0 });
    }
    expect(isolate.frames.isolate.frames).toBe(1);
    for (const { machine } of all) expect(machine.kernel.owner.frames).toBe(0);
  });
});
