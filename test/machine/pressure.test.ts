/** Many machines in an isolate that is short of frames: the order of DESIGN.md (Memory), and machines whose request is gone. */
import { describe, expect, test } from "vitest";
import type { NamespacePort } from "../../src/kernel/namespace-port.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { compile, hasCompiler, start } from "./support.ts";

/** Takes as many KiB as its argument says, says so, waits for input, and touches all of it again. */
const HOLDER = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int c, char **v) {
  long n = atol(v[1]) << 10;
  char *p = malloc(n), b;
  memset(p, 1, n);
  puts("holds"), fflush(stdout);
  read(0, &b, 1);
  long sum = 0;
  for (long i = 0; i < n; i++) sum += p[i];
  printf("%ld\\n", sum >> 10);
}`;

/** A host whose request has gone: no timer of it goes off any more from some time on. */
class MortalHost extends NodeHost {
  dead = false;
  override async yield(): Promise<void> {
    await super.yield();
    if (this.dead) await new Promise(() => {});
  }
  override async sleep(ms: number, wake: Promise<void>): Promise<void> {
    await super.sleep(ms, wake);
    if (this.dead) await new Promise(() => {});
  }
}

/** Time runs as fast as the test wants. */
class FastHost extends NodeHost {
  static ahead = 0;
  override now(): number {
    return super.now() + FastHost.ahead;
  }
  override async sleep(ms: number, wake: Promise<void>): Promise<void> {
    await super.sleep(Math.min(ms, 2), wake);
    FastHost.ahead += ms;
  }
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await later(10);
  expect(condition()).toBe(true);
}

describe.skipIf(!hasCompiler)("an isolate that is short of memory", () => {
  const holder = () => compile(HOLDER);
  const hold = (isolate: Isolate, kib: number) =>
    start(isolate, holder(), [String(kib)], { keepOpen: true, limits: { wallMs: 60_000 } });

  test("ends the largest machine, whose caller is told, and no other", async () => {
    const isolate = new Isolate(loadInterpreter(), 3000);
    const large = hold(isolate, 6000);
    const small = hold(isolate, 1000);
    await until(() => large.machine.owner.frames > 1500 && small.machine.owner.frames > 250);
    const newcomer = hold(isolate, 5500);
    expect((await large.finished).status).toEqual({ signal: 9, reason: "memory" });
    expect(large.machine.owner.frames).toBe(0);
    for (const { machine } of [small, newcomer]) machine.stdin.close();
    expect(await small.finished).toMatchObject({ status: { exitCode: 0 }, stdout: "holds\n1000\n" });
    expect(await newcomer.finished).toMatchObject({ status: { exitCode: 0 }, stdout: "holds\n5500\n" });
    expect(isolate.frames.used - isolate.images.frames).toBe(1);
  });

  test("ends the one that asks, when that is the largest", async () => {
    const isolate = new Isolate(loadInterpreter(), 2000);
    const small = hold(isolate, 1000);
    await until(() => small.machine.owner.frames > 250);
    expect((await hold(isolate, 20_000).finished).status).toEqual({ signal: 9, reason: "memory" });
    small.machine.stdin.close();
    expect((await small.finished).status).toEqual({ exitCode: 0 });
  });

  test("gives up clean pages of images first, and reads them again", async () => {
    const isolate = new Isolate(loadInterpreter(), 1250);
    await start(isolate, holder(), ["1"]).finished;
    const clean = isolate.images.frames;
    expect(clean).toBeGreaterThan(100);
    const { machine, finished } = hold(isolate, 4400);
    await until(() => machine.stdout.available > 0 || machine.owner.frames > 1090);
    machine.stdin.close();
    expect(await finished).toMatchObject({ status: { exitCode: 0 }, stdout: "holds\n4400\n" });
    expect(isolate.images.frames).toBeLessThan(clean);
  });

  test("never shows a guest EIO for the want of frames", async () => {
    // Others hold nearly everything while the program's own pages arrive.
    const isolate = new Isolate(loadInterpreter(), 1000);
    const large = hold(isolate, 3000);
    await until(() => large.machine.owner.frames > 750);
    const others = [hold(isolate, 100), hold(isolate, 100)];
    for (const { machine } of others) machine.stdin.close();
    for (const { finished } of others) expect((await finished).status).toEqual({ exitCode: 0 });
    large.machine.kill();
    await large.finished;
  });

  test("has a fixed space for decoded blocks, which drop themselves while machines run", async () => {
    // A byte of NOPs is a micro-op of 16: each round decodes twice what the space holds, and so drops what the other runs.
    const sled = `#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(void) {
  enum { SIZE = 1 << 19 };
  char *code = mmap(0, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(code, 0x90, SIZE), code[SIZE - 1] = (char)0xc3;
  for (int round = 0; round < 3; round++) ((void (*)(void))code)();
  puts("through");
}`;
    const sum = `#include <stdio.h>
int main(void) {
  volatile unsigned s = 0;
  for (unsigned i = 0; i < 3000000; i++) s += i & 7 ? i : 1;
  printf("%u\\n", s);
}`;
    let expected = 0;
    for (let i = 0; i < 3_000_000; i++) expected = (expected + (i & 7 ? i : 1)) >>> 0;
    const isolate = new Isolate(loadInterpreter(), 1000);
    const runs = [sled, sum, sled].map((source) => start(isolate, compile(source)));
    const ends = await Promise.all(runs.map(({ finished }) => finished));
    expect(ends.map(({ stdout }) => stdout)).toEqual(["through\n", `${expected}\n`, "through\n"]);
    expect(isolate.cpu.statistics.flushes).toBeGreaterThan(5);
    // Frames begin behind that space: blocks have taken none.
    expect(isolate.frames.used - isolate.images.frames).toBe(1);
  });

  test("refuses new machines before it is full", async () => {
    const isolate = new Isolate(loadInterpreter(), 1000);
    const host = new NodeHost({ get: async () => null });
    expect(await isolate.admit(host, "program", 100)).not.toBe(null);
    const large = hold(isolate, 3100);
    await until(() => large.machine.owner.frames > 770);
    expect(await isolate.admit(host, "program", 100)).toBe(null);
    large.machine.stdin.close();
    await large.finished;
    expect(await isolate.admit(host, "program", 100)).not.toBe(null);
  });

  test("starts as many at a time as should fit, by what earlier ones have needed", async () => {
    // Each has 4 MiB for several turns of the loop; 3 fit.
    const source = `#include <stdlib.h>
#include <string.h>
int main(void) {
  volatile char *p = malloc(4 << 20);
  memset((char *)p, 1, 4 << 20);
  for (int i = 0; i < 8000000; i++) p[i & 4095]++;
  return p[4096] != 1;
}`;
    const isolate = new Isolate(loadInterpreter(), 4000);
    const host = new NodeHost({ get: async () => null });
    let running = 0;
    let most = 0;
    const one = async () => {
      const admitted = await isolate.admit(host, "program", 12_000);
      const { machine, finished } = start(isolate, compile(source));
      admitted!.begun(machine);
      most = Math.max(most, ++running);
      const { status } = await finished;
      running--;
      admitted!.ended();
      return status;
    };
    expect(await Promise.all(Array.from({ length: 12 }, one))).toEqual(Array(12).fill({ exitCode: 0 }));
    expect(most).toBeGreaterThan(1);
  });

  test("does not wait for machines that wait", async () => {
    const isolate = new Isolate(loadInterpreter(), 4000);
    const host = new NodeHost({ get: async () => null });
    const begin = async () => {
      const admitted = await isolate.admit(host, "program", 12_000);
      const started = hold(isolate, 2000);
      admitted!.begun(started.machine);
      return { ...started, admitted: admitted! };
    };
    // The first runs alone, until it waits; then it is known that there is room for all of them.
    const all = await Promise.all(Array.from({ length: 5 }, begin));
    await until(() => all.every(({ machine }) => machine.owner.frames > 500));
    for (const { machine, finished, admitted } of all) {
      machine.stdin.close();
      expect((await finished).status).toEqual({ exitCode: 0 });
      admitted.ended();
    }
  });
});

describe.skipIf(!hasCompiler)("a machine whose request is gone", () => {
  const WAITS = "int main(void) { char b; return read(0, &b, 1); }";
  const SPINS = 'int main(void) { for (;;) __asm__ volatile(""); }';

  test("is given up after other requests' timers have gone off, and a live one is not", async () => {
    const isolate = new Isolate(loadInterpreter());
    FastHost.ahead = 0;
    const hosts: MortalHost[] = [];
    const mortal = (source: string) =>
      start(isolate, compile(source), [], {
        keepOpen: true,
        limits: { wallMs: 1e6 },
        host: (objects) => {
          const host = new MortalHost(objects, () => {});
          hosts.push(host);
          return host;
        },
      });
    const dead = [mortal(WAITS), mortal(SPINS)];
    await until(() => dead.every(({ machine }) => machine.owner.frames > 0));
    for (const host of hosts) host.dead = true;
    const sleeper = start(isolate, compile(WAITS), [], {
      keepOpen: true,
      limits: { wallMs: 1e6 },
      host: (objects) => new FastHost(objects, () => {}),
    });
    await until(() => dead.every(({ machine }) => machine.owner.frames === 0));
    await until(() => FastHost.ahead > 60_000);
    expect(sleeper.machine.owner.frames).toBeGreaterThan(0);
    expect(isolate.leases.size).toBe(1);
    sleeper.machine.stdin.close();
    expect((await sleeper.finished).status).toEqual({ exitCode: 0 });
    expect(isolate.frames.used - isolate.images.frames).toBe(1);
  });

  test("is given up for one that needs its memory", async () => {
    const isolate = new Isolate(loadInterpreter(), 500);
    let host!: MortalHost;
    const { machine } = start(isolate, compile(HOLDER), ["1000"], {
      keepOpen: true,
      host: (objects) => (host = new MortalHost(objects, () => {})),
    });
    await until(() => machine.owner.frames > 250);
    host.dead = true;
    expect(isolate.leases.size).toBe(1);
    FastHost.ahead = 30_000;
    expect(await isolate.admit(new FastHost({ get: async () => null }), "program", 100)).not.toBe(null);
    expect(isolate.leases.size).toBe(0);
    expect(machine.owner.frames).toBe(0);
  });

  test("lives on when the whole computer was asleep", async () => {
    const isolate = new Isolate(loadInterpreter());
    FastHost.ahead = 0;
    const sleeper = () =>
      start(isolate, compile(WAITS), [], {
        keepOpen: true,
        limits: { wallMs: 1e9 },
        host: (objects) => new FastHost(objects, () => {}),
      });
    const both = [sleeper(), sleeper()];
    for (let i = 0; i < 5; i++) {
      await later(20);
      FastHost.ahead += 1e6;
    }
    await later(100);
    for (const { machine } of both) machine.stdin.close();
    for (const { finished } of both) expect((await finished).status).toEqual({ exitCode: 0 });
  });

  test("lives on while it joins a namespace", async () => {
    const isolate = new Isolate(loadInterpreter());
    FastHost.ahead = 0;
    const attached = Promise.withResolvers<never>();
    const run = (namespace?: NamespacePort) =>
      start(isolate, compile(WAITS), [], {
        keepOpen: true,
        limits: { wallMs: 1e9 },
        host: (objects) => Object.assign(new FastHost(objects, () => {}), namespace && { namespace }),
      });
    const sleeper = run();
    const { finished } = run({ name: "busy", attach: () => attached.promise, open: () => attached.promise });
    await until(() => FastHost.ahead > 60_000);
    expect(isolate.leases.size).toBe(2);
    attached.reject(new Error("There is no way to it."));
    await expect(finished).rejects.toThrow("no way");
    sleeper.machine.stdin.close();
    expect((await sleeper.finished).status).toEqual({ exitCode: 0 });
  });
});
