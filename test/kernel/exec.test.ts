import { beforeEach, describe, expect, test } from "vitest";
import * as elf from "../../src/abi/elf.ts";
import * as errno from "../../src/abi/errno.ts";
import { Errno } from "../../src/abi/errno.ts";
import { byteString, fromText } from "../../src/fs/name.ts";
import type { Program } from "../../src/kernel/exec/executable.ts";
import { DYNAMIC_BASE, STACK_TOP } from "../../src/kernel/exec/layout.ts";
import { type LoadedProgram, load } from "../../src/kernel/exec/load.ts";
import { PAGE_SIZE } from "../../src/memory/layout.ts";
import { defaultLimits } from "../../src/memory/limits.ts";
import { Frames } from "../../src/memory/physical.ts";
import { NeedPage } from "../../src/wait/queue.ts";
import { BytesSource, makeOwner } from "../memory/support.ts";
import { buildElf, type Image, type Segment } from "./exec-image.ts";

class TestProgram implements Program {
  readonly pages: BytesSource;
  running = 0;
  constructor(pages: BytesSource) {
    this.pages = pages;
  }
  hold(): void {
    this.running++;
  }
  drop(): void {
    this.running--;
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let frames: Frames;
const owner = makeOwner();
const cache = makeOwner();
let files: Map<string, TestProgram>;

beforeEach(() => {
  frames = new Frames();
  owner.frames = cache.frames = 0;
  files = new Map();
});

function file(path: string, content: Uint8Array | string): TestProgram {
  const data = typeof content === "string" ? bytes(content) : content;
  const program = new TestProgram(new BytesSource(frames, cache, data, path));
  files.set(path, program);
  return program;
}

function exec(path: string, argv = [path], envp: string[] = []): LoadedProgram<TestProgram> {
  const open = (name: string): TestProgram => {
    const found = files.get(name);
    if (!found) throw new Errno(errno.ENOENT);
    return found;
  };
  return load({
    frames,
    owner,
    limits: defaultLimits(),
    program: open(path),
    path: bytes(path),
    argv: argv.map(bytes),
    envp: envp.map(bytes),
    open,
    identity: () => ({ uid: 1, euid: 2, gid: 3, egid: 4, secure: true }),
    hardware: 0x1789_fbff,
    random: (into) => into.fill(0x5a),
  });
}

/** The error number that exec fails with; everything must have been given back. */
function failure(image: Image | Uint8Array): number {
  file("/bad", image instanceof Uint8Array ? image : buildElf(image));
  try {
    exec("/bad");
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    expect(owner.frames).toBe(0);
    for (const program of files.values()) {
      expect(program.running).toBe(0);
      expect(program.pages.holds).toBe(0);
    }
    return error.errno;
  }
  return 0;
}

const text: Segment = { offset: 0, address: 0x40_0000, fileSize: 0x1800 };
const data: Segment = {
  offset: 0x1800,
  address: 0x40_3800,
  fileSize: 0x100,
  memorySize: 0x2900,
  flags: elf.PF_R | elf.PF_W,
};

describe("segments", () => {
  test("an ET_EXEC program is mapped where it says, with zeroes after its data", () => {
    const image = buildElf({ segments: [text, data] });
    file("/a", image);
    const { space, entry } = exec("/a");
    expect(entry).toBe(0x40_1000);
    expect(space.user.read(0x40_0000, 0x1800)).toEqual(image.slice(0, 0x1800));
    expect(space.user.read(0x40_3800, 0x100)).toEqual(image.slice(0x1800, 0x1900));
    // What comes before the data in its page is the file's, what follows is zero to the end of the bss.
    expect(space.user.read(0x40_3000, 0x800)).toEqual(image.slice(0x1000, 0x1800));
    expect(space.user.read(0x40_3900, 0x2700).every((byte) => byte === 0)).toBe(true);
    expect(() => space.user.u8(0x40_7000)).toThrow(Errno as never);
    expect(() => space.user.setU8(0x40_0000, 1)).toThrow(Errno as never);
    space.user.setU8(0x40_6fff, 1);
    expect(space.breakStart).toBe(0x40_7000);
    space.release();
    expect(owner.frames).toBe(0);
    expect(files.get("/a")!.running).toBe(0);
  });

  test("text is the file's own frame, shared by every program that runs it", () => {
    file("/a", buildElf({ segments: [text, data] }));
    const first = exec("/a").space;
    const second = exec("/a").space;
    expect(first.fetch(0x40_1000)).toBe(second.fetch(0x40_1000));
    expect(first.fetch(0x40_3000)).toBe(-1);
  });

  test("an ET_DYN program is moved to the dynamic base, its interpreter among the mappings", () => {
    const at = (segment: Segment, base: number): Segment => ({ ...segment, address: Number(segment.address) - base });
    const interp: Segment = { type: elf.PT_INTERP, offset: 0x2000, fileSize: 7, flags: elf.PF_R };
    const relative = [at(text, 0x40_0000), at(data, 0x40_0000)];
    const type = elf.ET_DYN;
    const contents = [[0x2000, bytes("/ld.so\0")]] as const;
    file("/a", buildElf({ type, entry: 0x1010, segments: [...relative, interp], contents }));
    file("/ld.so", buildElf({ type, entry: 0x1020, segments: relative }));
    const { space, entry, stackPointer } = exec("/a");
    const auxv = readStack(space.user.read(stackPointer, STACK_TOP - stackPointer), stackPointer).auxv;
    const base = auxv.get(elf.AT_BASE)!;
    expect(base).toBeGreaterThan(0xf000_0000);
    expect(base % PAGE_SIZE).toBe(0);
    expect(entry).toBe(base + 0x1020);
    expect(auxv.get(elf.AT_ENTRY)).toBe(DYNAMIC_BASE + 0x1010);
    expect(auxv.get(elf.AT_PHDR)).toBe(DYNAMIC_BASE + elf.EHDR_SIZE);
    expect(auxv.get(elf.AT_PHNUM)).toBe(3);
    expect(space.user.u8(DYNAMIC_BASE + 0x1010)).toBe(1);
    expect(space.breakStart).toBe(DYNAMIC_BASE + 0x7000);
  });

  test("p_align moves a position-independent program to a multiple of it", () => {
    const segment = { offset: 0, address: 0, fileSize: 0x1800, align: 0x20_0000 };
    file("/a", buildElf({ type: elf.ET_DYN, entry: 0x1000, segments: [segment] }));
    expect(exec("/a").entry).toBe(0x5560_1000);
  });

  test.each([
    [undefined, -1],
    [elf.PF_R | elf.PF_W, -1],
    [elf.PF_R | elf.PF_W | elf.PF_X, 0],
  ])("PT_GNU_STACK with flags %s", (flags, fetched) => {
    const stack: Segment[] = flags === undefined ? [] : [{ type: elf.PT_GNU_STACK, flags, address: 0 }];
    file("/a", buildElf({ segments: [text, ...stack] }));
    const { space, stackPointer } = exec("/a");
    expect(Math.min(space.fetch(stackPointer), 0)).toBe(fetched);
  });

  test("a page that must be fetched interrupts the load and leaves nothing behind", () => {
    const program = file("/a", buildElf({ segments: [text, data] }));
    program.pages.absent = true;
    expect(() => exec("/a")).toThrow(NeedPage as never);
    expect(owner.frames).toBe(0);
    program.pages.absent = false;
    expect(exec("/a").entry).toBe(0x40_1000);
  });
});

describe("hostile files", () => {
  const top = 2n ** 64n;
  const cases: [name: string, image: Image | Uint8Array, error: number][] = [
    ["an empty file", new Uint8Array(0), errno.ENOEXEC],
    ["a short header", buildElf({ segments: [text] }).slice(0, 63), errno.ENOEXEC],
    ["text", bytes("hello"), errno.ENOEXEC],
    ["another magic number", { magic: 0x464c_4580, segments: [text] }, errno.ENOEXEC],
    ["a 32-bit file", { class: 1, segments: [text] }, errno.ENOEXEC],
    ["another machine", { machine: 183, segments: [text] }, errno.ENOEXEC],
    ["a relocatable file", { type: 1, segments: [text] }, errno.ENOEXEC],
    ["a core file", { type: 4, segments: [text] }, errno.ENOEXEC],
    ["no program headers", { segments: [] }, errno.ENOEXEC],
    ["program headers of another size", { entrySize: 32, segments: [text] }, errno.ENOEXEC],
    ["too many program headers", { count: 74, size: 0x10000, segments: [text] }, errno.ENOEXEC],
    ["program headers beyond the end", { headersOffset: 0x2ff0, segments: [text] }, errno.ENOEXEC],
    ["program headers at 2^64 - 1", { headersOffset: top - 1n, segments: [text] }, errno.ENOEXEC],
    ["a segment larger in the file", { segments: [{ ...text, memorySize: 0x10 }] }, errno.EINVAL],
    ["a segment above 4 GiB", { segments: [{ ...text, address: 0x1_0000_0000 }] }, errno.EINVAL],
    ["a segment that wraps", { segments: [{ ...text, address: top - 0x1000n }] }, errno.EINVAL],
    ["a huge memory size", { segments: [{ ...text, memorySize: 2n ** 40n }] }, errno.EINVAL],
    ["a memory size of 2^64 - 1", { segments: [{ ...text, memorySize: top - 1n }] }, errno.EINVAL],
    ["a memory size over everything", { segments: [{ ...text, memorySize: 0xffbe_0000 }] }, errno.EEXIST],
    ["an offset that disagrees with the address", { segments: [{ ...text, offset: 0x10 }] }, errno.EINVAL],
    ["an offset of 2^64 - 4096", { segments: [{ ...text, offset: top - 0x1000n }] }, errno.EINVAL],
    ["page 0", { segments: [{ ...text, address: 0 }] }, errno.EPERM],
    ["an entry beyond the address space", { entry: top - 1n, segments: [text] }, errno.EINVAL],
    ["an empty extent", { segments: [{ fileSize: 0 }] }, errno.EINVAL],
    ["data that is not in the file", { size: 0x1000, segments: [{ ...data, offset: 0x5800 }] }, errno.EFAULT],
    ["an interpreter name of one byte", { segments: [text, { type: elf.PT_INTERP, fileSize: 1 }] }, errno.ENOEXEC],
    ["a long interpreter name", { segments: [text, { type: elf.PT_INTERP, fileSize: 5000 }] }, errno.ENOEXEC],
    [
      "an interpreter name without an end",
      { segments: [text, { type: elf.PT_INTERP, offset: 0x1234, fileSize: 8 }] },
      errno.ENOEXEC,
    ],
    [
      "an interpreter name beyond the end",
      { segments: [text, { type: elf.PT_INTERP, offset: 0x2ffc, fileSize: 8 }] },
      errno.ENOEXEC,
    ],
    [
      "an interpreter that is not there",
      {
        segments: [text, { type: elf.PT_INTERP, offset: 0x2000, fileSize: 6 }],
        contents: [[0x2000, bytes("/none\0")]],
      },
      errno.ENOENT,
    ],
  ];
  test.each(cases)("%s", (_name, image, error) => {
    expect(failure(image)).toBe(error);
  });

  test("an interpreter that is no program", () => {
    file("/ld", "#!/bin/sh\n");
    const image = {
      segments: [text, { type: elf.PT_INTERP, offset: 0x2000, fileSize: 4 }],
      contents: [[0x2000, bytes("/ld\0")]] as const,
    };
    expect(failure(image)).toBe(errno.ELIBBAD);
  });

  test("overlapping segments: the later one is seen", () => {
    const image = buildElf({ segments: [text, { ...text, offset: 0x1000, fileSize: 0x1000 }] });
    file("/a", image);
    expect(exec("/a").space.user.read(0x40_0000, PAGE_SIZE)).toEqual(image.slice(0x1000, 0x2000));
  });

  test("random damage is refused or loaded, and leaves nothing behind", () => {
    const good = buildElf({ segments: [text, data] });
    let seed = 12345;
    for (let i = 0; i < 3000; i++) {
      const image = good.slice();
      for (let n = 0; n < 1 + (i % 4); n++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        image[(seed >>> 8) % 176] = seed >>> 24;
      }
      const program = file("/a", image);
      try {
        exec("/a").space.release();
      } catch (error) {
        expect(error).toBeInstanceOf(Errno);
      }
      expect(owner.frames).toBe(0);
      expect(program.pages.holds).toBe(0);
      program.pages.evict();
    }
    expect(frames.used).toBe(1);
  });
});

interface Stack {
  argv: string[];
  envp: string[];
  auxv: Map<number, number>;
  string(address: number): string;
}

/** Reads the initial stack as a program's start-up code does. */
function readStack(stack: Uint8Array, pointer: number): Stack {
  const view = new DataView(stack.buffer);
  let at = 0;
  const word = () => Number(view.getBigUint64((at += 8) - 8, true));
  const string = (address: number) => {
    const start = address - pointer;
    return byteString(stack.subarray(start, stack.indexOf(0, start)));
  };
  const strings = () => {
    const list: string[] = [];
    for (let address = word(); address !== 0; address = word()) list.push(string(address));
    return list;
  };
  const count = word();
  const argv = strings();
  expect(argv.length).toBe(count);
  const envp = strings();
  const auxv = new Map<number, number>();
  for (let type = word(); type !== elf.AT_NULL; type = word()) auxv.set(type, word());
  return { argv, envp, auxv, string };
}

describe("the initial stack", () => {
  test("arguments, environment and auxiliary vector", () => {
    file("/a", buildElf({ segments: [text, data] }));
    for (let extra = 0; extra < 20; extra++) {
      const argv = ["/a", "", "x".repeat(extra), "äö"];
      const { space, stackPointer } = exec("/a", argv, ["A=1", "B="]);
      expect(stackPointer % 16).toBe(0);
      const bytesOfStack = space.user.read(stackPointer, STACK_TOP - stackPointer);
      const stack = readStack(bytesOfStack, stackPointer);
      expect(stack.argv).toEqual(argv.map(fromText));
      expect(stack.envp).toEqual(["A=1", "B="]);
      const { auxv } = stack;
      expect(stack.string(auxv.get(elf.AT_EXECFN)!)).toBe("/a");
      expect(stack.string(auxv.get(elf.AT_PLATFORM)!)).toBe("x86_64");
      expect(space.user.read(auxv.get(elf.AT_RANDOM)!, 16).every((byte) => byte === 0x5a)).toBe(true);
      const ids = [elf.AT_UID, elf.AT_EUID, elf.AT_GID, elf.AT_EGID, elf.AT_SECURE].map((type) => auxv.get(type));
      expect(ids).toEqual([1, 2, 3, 4, 1]);
      expect(auxv.get(elf.AT_HWCAP)).toBe(0x1789_fbff);
      expect(auxv.get(elf.AT_PAGESZ)).toBe(4096);
      expect(auxv.get(elf.AT_CLKTCK)).toBe(100);
      expect(auxv.get(elf.AT_PHDR)).toBe(0x40_0040);
      expect(auxv.get(elf.AT_PHENT)).toBe(56);
      expect(auxv.get(elf.AT_PHNUM)).toBe(2);
      expect(auxv.get(elf.AT_BASE)).toBe(0);
      expect(auxv.get(elf.AT_FLAGS)).toBe(0);
      expect(auxv.get(elf.AT_ENTRY)).toBe(0x40_1000);
      expect(auxv.has(33)).toBe(false);
      expect(byteString(space.user.read(space.argumentStart, space.argumentEnd - space.argumentStart))).toBe(
        argv.map((argument) => `${fromText(argument)}\0`).join(""),
      );
      space.release();
    }
  });

  test("no arguments become one that is empty", () => {
    file("/a", buildElf({ segments: [text] }));
    const { space, stackPointer } = exec("/a", []);
    expect(readStack(space.user.read(stackPointer, STACK_TOP - stackPointer), stackPointer).argv).toEqual([""]);
  });

  test("too long a list is E2BIG", () => {
    file("/a", buildElf({ segments: [text] }));
    const megabyte = "x".repeat(1 << 20);
    expect(exec("/a", [megabyte]).argv.length).toBe(1);
    expect(() => exec("/a", [megabyte, megabyte])).toThrow(new Errno(errno.E2BIG) as never);
  });

  test("there is room below the stack pointer, and it grows as far as its limit", () => {
    file("/a", buildElf({ segments: [text] }));
    const { space, stackPointer } = exec("/a");
    expect(space.areas.at(Math.floor((stackPointer - 130_000) / PAGE_SIZE))).not.toBe(null);
    space.user.setU8(STACK_TOP - (8 << 20), 1);
    expect(() => space.user.setU8(STACK_TOP - (8 << 20) - 1, 1)).toThrow(Errno as never);
  });
});

/** Outcomes of the same files on Linux 6.18. */
describe("scripts", () => {
  beforeEach(() => file("/bin/echo", buildElf({ segments: [text] })));

  const run = (content: string | Uint8Array): string[] => {
    file("/s", content);
    return exec("/s", ["s", "Z"]).argv.map(byteString);
  };
  const x300 = "x".repeat(300);

  test.each([
    ["#!/bin/echo", ["/bin/echo", "/s", "Z"]],
    ["#!/bin/echo a\0b c\n", ["/bin/echo", "a", "/s", "Z"]],
    ["#!  \t/bin/echo  \t a  b \t \n", ["/bin/echo", "a  b", "/s", "Z"]],
    ["#!/bin/echo\ta\n", ["/bin/echo", "a", "/s", "Z"]],
    [`#!/bin/echo ${x300}\n`, ["/bin/echo", "x".repeat(243), "/s", "Z"]],
    [`#!/bin/echo${" ".repeat(300)}`, ["/bin/echo", "/s", "Z"]],
  ])("%j", (content, argv) => {
    expect(run(content)).toEqual(argv);
  });

  test.each([
    ["#!", errno.EACCES],
    ["#!\0\n", errno.EACCES],
    ["#!\n/bin/echo", errno.ENOEXEC],
    [`#!/${x300}\n`, errno.ENOEXEC],
    [`#! ${" ".repeat(252)}\n`, errno.ENOEXEC],
    ["#!/bin/ec\0ho a\n", errno.ENOENT],
    ["# !/bin/echo\n", errno.ENOEXEC],
  ])("%j fails", (content, error) => {
    expect(failure(bytes(content))).toBe(error);
  });

  test("five interpreters may be scripts, one more is ELOOP", () => {
    file("/s0", "#!/bin/echo\n");
    for (let i = 1; i <= 5; i++) file(`/s${i}`, `#!/s${i - 1}\n`);
    const argv = ["/bin/echo", "/s0", "/s1", "/s2", "/s3", "/s4"];
    const loaded = exec("/s4", ["x"]);
    expect(loaded.argv.map(byteString)).toEqual(argv);
    expect(loaded.program).toBe(files.get("/bin/echo"));
    expect(() => exec("/s5")).toThrow(new Errno(errno.ELOOP) as never);
  });
});
