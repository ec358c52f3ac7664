import { beforeEach, describe, expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { compile, hasCompiler, start } from "./support.ts";

const SPIN = "int main(void) { for (volatile long i = 0;; i++); }";
const GREEDY =
  "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }";
const WRITER = 'int main(void) { for (;;) write(1, "0123456789abcdef", 16); }';
const ECHO = "int main(void) { char b[64]; int n; while ((n = read(0, b, 64)) > 0) write(1, b, n); return 4; }";
const FORKS = `#include <errno.h>
int main(void) { int n = 0; while (fork() > 0) n++; if (errno != EAGAIN) pause(); char b = '0' + n; write(1, &b, 1); return 0; }`;

describe.skipIf(!hasCompiler)("a machine", () => {
  let isolate: Isolate;
  let before: number;
  const used = () => isolate.frames.used - isolate.images.frames;
  beforeEach(() => {
    isolate ??= new Isolate(loadInterpreter());
    before = used();
  });

  test("ends when its CPU time is spent", async () => {
    const { finished, machine } = start(isolate, compile(SPIN), [], { limits: { cpuMs: 50 } });
    expect((await finished).status).toEqual({ signal: 9, reason: "cpu" });
    expect(machine.stats.cpuMs).toBeGreaterThan(50);
    expect(machine.stats.cpuMs).toBeLessThan(60);
    expect(used()).toBe(before);
  });

  test("ends when its time is over, awake or asleep", async () => {
    const spinning = start(isolate, compile(SPIN), [], { limits: { wallMs: 60 } });
    const sleeping = start(isolate, compile(ECHO), [], { limits: { wallMs: 60 }, keepOpen: true });
    expect((await spinning.finished).status).toEqual({ signal: 9, reason: "wall" });
    expect((await sleeping.finished).status).toEqual({ signal: 9, reason: "wall" });
    expect(used()).toBe(before);
  });

  test("is killed when its memory is used up, and gives it back", async () => {
    const { finished, machine } = start(isolate, compile(GREEDY), [], { limits: { memoryMiB: 8 } });
    const { status, log } = await finished;
    expect(status).toEqual({ signal: 9, reason: "memory" });
    expect(log.join()).toContain("out of memory");
    expect(machine.stats.peakFrames).toBe(2048);
    expect(used()).toBe(before);
  });

  test("ends when it has written too much", async () => {
    const { finished } = start(isolate, compile(WRITER), [], { limits: { outputMiB: 1 } });
    expect((await finished).status).toEqual({ signal: 9, reason: "output" });
    expect(used()).toBe(before);
  });

  test("has at most so many processes, and takes them with it", async () => {
    const { finished } = start(isolate, compile(FORKS), [], { limits: { processes: 6 } });
    expect(await finished).toMatchObject({ status: { exitCode: 0 }, stdout: "5" });
    expect(used()).toBe(before);
  });

  test("gets its standard input as it comes, and signals", async () => {
    const { finished, machine } = start(isolate, compile(ECHO), [], { keepOpen: true, input: "one " });
    await new Promise((resolve) => setTimeout(resolve, 20));
    machine.stdin.push(new TextEncoder().encode("two"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    machine.signal(15);
    expect(await finished).toMatchObject({ status: { signal: 15 }, stdout: "one two" });
    expect(used()).toBe(before);
  });

  test("can be killed while it computes", async () => {
    const { finished, machine } = start(isolate, compile(SPIN));
    setTimeout(() => machine.kill(), 30);
    expect((await finished).status).toEqual({ signal: 9, reason: "killed" });
    expect(used()).toBe(before);
  });

  test("shares the isolate with others, turn by turn", async () => {
    const count = `#include <stdio.h>
int main(int c, char **v) { long s = 0; for (long i = 0; i < 3000000; i++) s += i * *v[1]; printf("%ld\\n", s); return *v[1] - '0'; }`;
    const program = compile(count);
    const machines = [1, 2, 3, 4].map((n) => start(isolate, program, [String(n)]));
    const order: number[] = [];
    await Promise.all(machines.map(({ finished }, i) => finished.then(() => order.push(i))));
    for (const [i, { finished }] of machines.entries()) {
      const sum = (BigInt(49 + i) * 3000000n * 2999999n) / 2n;
      expect(await finished).toMatchObject({ status: { exitCode: i + 1 }, stdout: `${sum}\n` });
    }
    expect(used()).toBe(before);
  });

  test("says why a command cannot be started", async () => {
    const { finished } = start(isolate, compile(ECHO), [], { argv: ["/nothing"] });
    expect(await finished).toMatchObject({
      status: { exitCode: 127 },
      stderr: "/nothing: ENOENT (No such file or directory)\n",
    });
    const directory = start(isolate, compile(ECHO), [], { argv: ["/tmp"] });
    expect((await directory.finished).status).toEqual({ exitCode: 126 });
    expect(used()).toBe(before);
  });
});
