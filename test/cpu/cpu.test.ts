/** What no single instruction shows: blocks, links, fuel, code that changes, pages. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  EXIT_FAULT,
  EXIT_FUEL,
  EXIT_SYSCALL,
  FAULT_ADDRESS,
  FAULT_VECTOR,
  RAX,
  RBX,
  RCX,
  RDI,
  VECTOR_BP,
  VECTOR_PF,
  VECTOR_UD,
} from "../../src/cpu/state.ts";
import { PAGE_SIZE } from "../../src/memory/layout.ts";
import { Bench, CODE } from "./support.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.map(CODE, 4 * PAGE_SIZE);
});

const vector = () => bench.registers.field(FAULT_VECTOR);

describe("fuel", () => {
  const loop = "b9 e8 03 00 00 (mov ecx, 1000)  ff c9 (dec ecx)  75 fc (jnz dec)  cc";

  test("a slice ends at a block boundary and all slices together retire every instruction once", () => {
    bench.load(loop);
    let retired = 0;
    let slices = 0;
    for (;;) {
      const reason = bench.run(100);
      retired += bench.retired;
      if (reason === EXIT_FAULT) break;
      expect(reason).toBe(EXIT_FUEL);
      expect([CODE + 5, CODE + 9]).toContain(bench.rip);
      slices++;
    }
    expect(vector()).toBe(VECTOR_BP);
    expect(bench.register(RCX)).toBe(0n);
    expect(retired).toBe(1 + 2 * 1000);
    expect(slices).toBeGreaterThan(15);
  });

  test("counts what retired before a fault in the middle of a block", () => {
    bench.load("ff c0 (inc eax)  ff c0  ff c0  a1 00 00 00 00 00 00 00 00 (mov eax, [0])  ff c0  cc");
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(vector()).toBe(VECTOR_PF);
    expect(bench.rip).toBe(CODE + 6);
    expect(bench.retired).toBe(3);
    expect(bench.register(RAX)).toBe(3n);
  });

  test("a repeated string instruction can be left between its pages", () => {
    bench.map(0x100_0000, 16 * PAGE_SIZE);
    bench.load(
      "31 c0 (xor eax, eax)  b9 00 00 01 00 (mov ecx, 65536)  bf 00 00 00 01 (mov edi, 16 MiB)  f3 aa (rep stosb)  cc",
    );
    expect(bench.run(6)).toBe(EXIT_FUEL);
    expect(bench.rip).toBe(CODE + 12);
    const left = bench.register(RCX);
    expect(left).toBeGreaterThan(0n);
    expect(left + bench.register(RDI)).toBe(0x101_0000n);
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(bench.register(RCX)).toBe(0n);
    expect(bench.rip).toBe(CODE + 15);
  });
});

describe("flags", () => {
  test("of an instruction whose flags the next one replaces are there at a fault between the two", () => {
    bench.load(
      "b8 ff ff ff ff (mov eax, -1)  83 c0 01 (add eax, 1)  8b 1c 25 00 00 00 00 (mov ebx, [0])  85 c9 (test ecx, ecx)  cc",
    );
    expect(bench.run()).toBe(EXIT_FAULT);
    // CF, PF, AF, ZF, and the bits that are always set.
    expect(bench.registers.flags).toBe(0x257);
  });

  test("are kept for whoever reads them behind a fused branch", () => {
    bench.load("31 c0 (xor eax, eax)  83 f8 01 (cmp eax, 1)  74 00 (je next)  0f 92 c0 (setb al)  cc");
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(bench.register(RAX)).toBe(1n);
  });
});

describe("code that changes", () => {
  test("a store into the block that runs takes effect at the next instruction", () => {
    bench.load("c6 05 01 00 00 00 07 (mov byte [rip + 1], 7)  b8 01 00 00 00 (mov eax, 1)  cc");
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(vector()).toBe(VECTOR_BP);
    expect(bench.register(RAX)).toBe(7n);
    expect(bench.retired).toBe(2);
  });

  test("a loop that rewrites what it calls, in another page, runs what it wrote", () => {
    bench.load("b0 01 (mov al, 1)  c3 (ret)", CODE + PAGE_SIZE);
    bench.registers.rsp = CODE + 4 * PAGE_SIZE;
    // Ten rounds: the function's constant becomes the round, the results are added up.
    bench.load(`b9 0a 00 00 00 (mov ecx, 10)
      88 0d f6 0f 00 00 (mov [CODE + 0x1001], cl)
      e8 f0 0f 00 00 (call CODE + 0x1000)
      01 c3 (add ebx, eax)  ff c9 (dec ecx)  75 ef (jnz mov)  cc`);
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(vector()).toBe(VECTOR_BP);
    expect(bench.register(RBX)).toBe(55n);
  });

  test("an instruction that crosses into the next page is decoded again when that page changes", () => {
    const code = CODE + PAGE_SIZE - 3;
    bench.load("b8 01 00 00 00 (mov eax, 1)  cc", code);
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(bench.register(RAX)).toBe(1n);
    bench.load("c6 05 f9 ff 1f 00 02  cc", CODE + 3 * PAGE_SIZE);
    // mov byte [code + 3], 2: the immediate's third byte, in the second page.
    const next = CODE + 3 * PAGE_SIZE + 7;
    bench.frames.view.setInt32(
      bench.frames.address(bench.space.fetch(CODE + 3 * PAGE_SIZE)) + 2,
      code + 3 - next,
      true,
    );
    expect(bench.run()).toBe(EXIT_FAULT);
    bench.registers.rip = code;
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(bench.register(RAX)).toBe(0x20001n);
  });
});

describe("where code is", () => {
  test("a jump and a branch reach across gigabytes", () => {
    const far = 0x7000_0000;
    bench.map(far, PAGE_SIZE);
    bench.load("ff c0 (inc eax)  74 fe  cc", far);
    const code = new DataView(new ArrayBuffer(9));
    code.setUint16(0, 0x85c9);
    code.setUint16(2, 0x0f84);
    code.setInt32(4, far - (CODE + 8), true);
    code.setUint8(8, 0xcc);
    bench.load(new Uint8Array(code.buffer));
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(bench.register(RAX)).toBe(1n);
    expect(bench.rip).toBe(far + 5);
    code.setUint8(3, 0xe9);
    code.setUint8(2, 0x90);
    bench.load(new Uint8Array(code.buffer));
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(bench.register(RAX)).toBe(2n);
  });

  test("running off the end of the mapping faults at the first byte that is not there", () => {
    const last = CODE + 4 * PAGE_SIZE;
    bench.load("90 90 b8 00", last - 4);
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(vector()).toBe(VECTOR_PF);
    expect(bench.rip).toBe(last - 2);
    expect(bench.registers.field(FAULT_ADDRESS)).toBe(last);
    expect(bench.retired).toBe(2);
  });

  test("what is no instruction raises #UD with RIP there", () => {
    bench.load("90 06 (push es)");
    expect(bench.run()).toBe(EXIT_FAULT);
    expect(vector()).toBe(VECTOR_UD);
    expect(bench.rip).toBe(CODE + 1);
    expect(bench.retired).toBe(1);
  });

  test("more code than the block cache holds", () => {
    const [start, pages] = [0x1000_0000, 100];
    bench.map(start, pages * PAGE_SIZE);
    const sled = new Uint8Array(pages * PAGE_SIZE).fill(0x90);
    sled[sled.length - 1] = 0xcc;
    bench.load(sled, start);
    for (let round = 0; round < 2; round++) {
      bench.registers.rip = start;
      expect(bench.run()).toBe(EXIT_FAULT);
      expect(bench.rip).toBe(start + sled.length);
      expect(bench.retired).toBe(sled.length - 1);
    }
    expect(bench.cpu.statistics.flushes).toBeGreaterThan(0);
  });
});

test("a system call that goes on may change RIP and registers", () => {
  bench.load("0f 05 (syscall)  cc  ff c0 (inc eax)  0f 05");
  let calls = 0;
  bench.syscall = () => {
    if (calls++ > 0) return 1;
    bench.registers.rip = CODE + 3;
    bench.registers.set(RAX, 41);
    return 0;
  };
  expect(bench.run()).toBe(EXIT_SYSCALL);
  expect(bench.register(RAX)).toBe(42n);
  expect(bench.rip).toBe(CODE + 7);
  expect(bench.register(RCX)).toBe(BigInt(CODE + 7));
  expect(bench.retired).toBe(3);
});
