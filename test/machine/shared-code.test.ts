/**
 * Machines of one image share what the CPU knows of its code (AddressSpace.shareCode), the header of its program and the table of /dev:
 * what one of them changes no other sees, before or after.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Manifest } from "../../src/image/format.ts";
import type { ObjectStore } from "../../src/kernel/host.ts";
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { compile, hasCompiler } from "./support.ts";

const SOURCE = `
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Alone in its page: whatever comes after it in the file begins another. */
__attribute__((noinline, aligned(4096))) int answer(void) { return 42; }

static const unsigned char RETURN_7[] = {0xb8, 7, 0, 0, 0, 0xc3};

__attribute__((noinline, aligned(4096))) void call(void *code) { printf("%d", ((int (*)(void))code)()); }

__attribute__((aligned(4096))) int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    unsigned char *page = (unsigned char *)(uintptr_t)answer;
    if (!strcmp(argv[i], "call")) call(page);
    else if (!strcmp(argv[i], "protect")) mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    else if (!strcmp(argv[i], "patch")) memcpy(page, RETURN_7, sizeof RETURN_7);
    else if (!strcmp(argv[i], "discard")) madvise(page, 4096, MADV_DONTNEED);
    else if (!strcmp(argv[i], "unmap")) munmap(page, 4096);
    else if (!strcmp(argv[i], "remap")) {
      mmap(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
      memcpy(page, RETURN_7, sizeof RETURN_7);
    } else if (!strcmp(argv[i], "fork")) {
      fflush(stdout);
      if (fork()) {
        int status;
        wait(&status);
        printf(" %d ", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
        fflush(stdout);
      }
    } else if (!strncmp(argv[i], "map", 3)) { /* code at an address where others have other code */
      unsigned char *code = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
      memcpy(code, RETURN_7, sizeof RETURN_7);
      code[1] = atoi(argv[i] + 3);
      call(code);
    } else if (!strncmp(argv[i], "lib", 3)) { /* a page of a file, at the same address in all */
      int fd = open(argv[i], O_RDWR);
      void *code = mmap((void *)0x20000000, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
      call(code);
    } else if (!strncmp(argv[i], "write-lib", 9)) { /* while it is mapped and has run */
      int fd = open(argv[i] + 6, O_RDWR);
      unsigned char value = 99;
      pwrite(fd, &value, 1, 1);
      call((void *)0x20000000);
    } else if (!strcmp(argv[i], "dev")) {
      struct stat status;
      printf("%d", stat("/dev/null", &status) ? 0 : (int)(status.st_mode & 0777));
    } else if (!strcmp(argv[i], "spoil-dev")) {
      chmod("/dev/null", 0600);
      unlink("/dev/zero");
      rename("/dev/full", "/dev/null2");
      printf("%d%d", access("/dev/zero", F_OK), access("/dev/full", F_OK));
    } else if (!strcmp(argv[i], "has-dev")) printf("%d%d%d", access("/dev/zero", F_OK), access("/dev/full", F_OK), access("/dev/null2", F_OK));
  }
  fflush(stdout);
  return 0;
}`;

/** Makes the segment with code writable from the start, so that nothing but the write itself changes it. */
function withWritableText(elf: Buffer): Buffer {
  const bytes = Buffer.from(elf);
  const table = Number(bytes.readBigUInt64LE(32));
  for (let i = 0; i < bytes.readUInt16LE(56); i++) {
    const at = table + i * 56;
    if (bytes.readUInt32LE(at) === 1 && bytes.readUInt32LE(at + 4) & 1) bytes.writeUInt32LE(7, at + 4);
  }
  return bytes;
}

const S_IFREG = 0o100000;

/** The program, the same with a writable text, and two libraries of one instruction each, in one image. */
function makeImage(): { image: Manifest; store: ObjectStore } {
  const program = compile(SOURCE);
  const tree = new HostTree();
  tree.add(program, "/program");
  const image = tree.manifest();
  const inodes = [...image.inodes];
  const chunks = [...image.chunks];
  const extra = new Map<string, Uint8Array>();
  const entries = [...inodes[0].entries!];
  const addFile = (name: string, bytes: Uint8Array) => {
    const own: number[] = [];
    for (let offset = 0; offset < bytes.length; offset += image.chunkSize) {
      const hex = `${name}-${offset}`;
      extra.set(hex, bytes.subarray(offset, offset + image.chunkSize));
      own.push(chunks.push(hex) - 1);
    }
    entries.push(name, inodes.push({ mode: S_IFREG | 0o755, size: bytes.length, chunks: own, page: 0 }) - 1);
  };
  addFile("writable", withWritableText(readFileSync(program)));
  addFile("lib1", Uint8Array.of(0xb8, 1, 0, 0, 0, 0xc3));
  addFile("lib2", Uint8Array.of(0xb8, 2, 0, 0, 0, 0xc3));
  inodes[0] = { ...inodes[0], entries };
  return { image: { ...image, inodes, chunks }, store: { get: async (key) => tree.get(key) ?? null, ...{ extra } } };
}

describe.skipIf(!hasCompiler)("machines of one image", async () => {
  const isolate = new Isolate(loadInterpreter());
  const { image, store } = makeImage();
  for (const [hex, bytes] of (store as unknown as { extra: Map<string, Uint8Array> }).extra)
    isolate.images.insert(hex, bytes);

  async function run(program: string, ...args: string[]): Promise<string> {
    const machine = new Machine(isolate, { image, argv: [program, ...args] });
    let output = "";
    machine.stdin.close();
    machine.stdout.onData(() => {
      if (machine.stdout.available > 0) output += new TextDecoder().decode(machine.stdout.pull());
    });
    await machine.run(new NodeHost(store, () => {}));
    return output;
  }

  const cases: [string, string[], string][] = [
    ["code that is called", ["call"], "42"],
    ["code that is patched before it is called", ["protect", "patch", "call"], "7"],
    ["code that is patched when it has run", ["call", "protect", "patch", "call"], "427"],
    ["what was patched is thrown away", ["protect", "patch", "call", "discard", "call"], "742"],
    ["other code in its place", ["call", "remap", "call"], "427"],
    ["a child changes its copy", ["call", "fork", "protect", "patch", "call"], "427 0 7"],
    ["code that is gone", ["call", "fork", "unmap", "call"], "42 11 "],
    ["code at an address of its own", ["map3"], "3"],
    ["other code at that address", ["map4"], "4"],
    ["a file", ["lib1"], "1"],
    ["another file in its place", ["lib2", "lib1"], "21"],
    ["a file that is written while it is mapped", ["lib1", "write-lib1"], "199"],
    ["devices", ["dev", "has-dev"], "43800-1"],
    ["devices that are changed", ["spoil-dev", "dev"], "-1-1384"],
  ];

  for (const program of ["/program", "/writable"]) {
    test(`${program}: each machine has its own`, async () => {
      // Each once more, and in the other order, when all have run.
      for (const [name, args, output] of [...cases, ...cases, ...cases.toReversed()]) {
        expect.soft(await run(program, ...args), `${program}: ${name}`).toBe(output);
      }
    });
  }

  test("code that is writable from the start", async () => {
    for (let i = 0; i < 3; i++) {
      expect(await run("/writable", "call")).toBe("42");
      expect(await run("/writable", "call", "patch", "call")).toBe("427");
      expect(await run("/writable", "patch", "call")).toBe("7");
    }
  });

  test("the second machine finds the blocks of the first", async () => {
    await run("/program", "call");
    const { lookups, blocks } = isolate.cpu.statistics;
    await run("/program", "call");
    expect(isolate.cpu.statistics.blocks).toBe(blocks);
    expect(isolate.cpu.statistics.lookups - lookups).toBeLessThan(60);
  });
});
