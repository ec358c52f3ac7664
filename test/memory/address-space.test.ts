import { beforeEach, describe, expect, test } from "vitest";
import * as errno from "../../src/abi/errno.ts";
import { Errno } from "../../src/abi/errno.ts";
import * as mman from "../../src/abi/mman.ts";
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_STACK } from "../../src/abi/resource.ts";
import * as state from "../../src/cpu/state.ts";
import { AddressSpace } from "../../src/memory/address-space.ts";
import { advise, residency, synchronise } from "../../src/memory/advise.ts";
import * as fault from "../../src/memory/fault.ts";
import { PAGE_SIZE, STATE_ADDRESS, USER_LIMIT } from "../../src/memory/layout.ts";
import { defaultLimits } from "../../src/memory/limits.ts";
import { lock, lockAll, unlock } from "../../src/memory/lock.ts";
import { type MapRequest, map, protect, setBreak, startBreak, unmap } from "../../src/memory/mapping.ts";
import { mapsText } from "../../src/memory/maps.ts";
import { Frames } from "../../src/memory/physical.ts";
import { remap } from "../../src/memory/remap.ts";
import { unmapSource } from "../../src/memory/reverse-map.ts";
import type { FrameOwner } from "../../src/memory/types.ts";
import { NeedPage } from "../../src/wait/queue.ts";
import { BytesSource, makeOwner } from "./support.ts";

const P = PAGE_SIZE;
const RW = mman.PROT_READ | mman.PROT_WRITE;
const PRIVATE = mman.MAP_PRIVATE | mman.MAP_ANONYMOUS;
const SHARED = mman.MAP_SHARED | mman.MAP_ANONYMOUS;

let frames: Frames;
let owner: FrameOwner;
let space: AddressSpace;
let limits: { soft: number[] };
beforeEach(() => {
  frames = new Frames();
  owner = makeOwner();
  limits = { soft: [...defaultLimits().soft] };
  space = new AddressSpace(frames, owner, limits);
  space.mmapTop = 0x8_0000;
  space.activate();
});

const mmap = (length: number, options: Partial<MapRequest> = {}): number =>
  map(space, { address: 0, length, prot: RW, flags: PRIVATE, source: null, offset: 0, ...options });
const file = (pages: number): BytesSource => {
  const bytes = new Uint8Array(pages * P);
  for (let i = 0; i < pages; i++) bytes[i * P] = i + 1;
  return new BytesSource(frames, makeOwner(), bytes);
};
const code = (run: () => unknown): number => {
  try {
    run();
  } catch (error) {
    if (error instanceof Errno) return error.errno;
    throw error;
  }
  return 0;
};
const u32State = (offset: number) => frames.u32[(STATE_ADDRESS + offset) >>> 2];

describe("faults", () => {
  test("an untouched page reads as zeroes without a frame, and gets one when it is written", () => {
    const a = mmap(16 * P);
    expect(space.user.u32(a)).toBe(0);
    expect(owner.frames).toBe(0);
    expect(space.residentPages).toBe(0);
    space.user.setU8(a + P, 1);
    expect(owner.frames).toBe(1);
    expect(space.residentPages).toBe(1);
  });

  test("what the CPU is told", () => {
    const a = mmap(2 * P, { prot: mman.PROT_READ });
    expect(space.miss(a, 0, 8, 1)).toBe(1);
    expect(space.faultCause).toBe(fault.CAUSE_ACCERR);
    expect(u32State(state.FAULT_VECTOR)).toBe(state.VECTOR_PF);
    expect(u32State(state.FAULT_CODE)).toBe(6); // not present, write, user
    expect(space.miss(a, 0, 8, 0)).toBe(0);
    expect(space.miss(a + 4, 0, 4, 1)).toBe(1);
    expect(u32State(state.FAULT_CODE)).toBe(7); // now it is present
    expect(u32State(state.FAULT_ADDRESS)).toBe(a + 4);
    expect(space.miss(a + 2 * P - 4, 0, 8, 0)).toBe(1);
    expect(space.faultCause).toBe(fault.CAUSE_MAPERR);
    expect(u32State(state.FAULT_ADDRESS)).toBe(a + 2 * P);
    expect(space.fetch(a)).toBe(-1);
    expect(u32State(state.FAULT_CODE)).toBe(4 | 16 | 1);
  });

  test("addresses above 4 GiB: canonical ones are page faults, others #GP or #SS", () => {
    expect(space.miss(0x10, 1, 8, 1)).toBe(1);
    expect(u32State(state.FAULT_VECTOR)).toBe(state.VECTOR_PF);
    expect(u32State(state.FAULT_ADDRESS)).toBe(0x10);
    expect(u32State(state.FAULT_ADDRESS + 4)).toBe(1);
    expect(space.faultCause).toBe(fault.CAUSE_MAPERR);
    expect(space.miss(0, 0x8000, 8, 0)).toBe(1);
    expect(u32State(state.FAULT_VECTOR)).toBe(state.VECTOR_GP);
    expect(space.faultCause).toBe(fault.CAUSE_NOT_CANONICAL);
    expect(space.miss(0, 0xffff7fff | 0, 8, 2)).toBe(1);
    expect(u32State(state.FAULT_VECTOR)).toBe(state.VECTOR_SS);
    expect(space.miss(0, 0xffff8000 | 0, 8, 0)).toBe(1);
    expect(u32State(state.FAULT_VECTOR)).toBe(state.VECTOR_PF);
  });

  test("a page beyond the end of its file is a bus error, one not yet here a wait", () => {
    const source = file(2);
    const a = mmap(4 * P, { flags: mman.MAP_SHARED, source });
    expect(space.miss(a + 2 * P, 0, 1, 0)).toBe(1);
    expect(space.faultCause).toBe(fault.CAUSE_BUS_ADRERR);
    source.absent = true;
    expect(space.miss(a, 0, 1, 0)).toBe(1);
    expect(space.faultCause).toBe(fault.CAUSE_NEED_PAGE);
    expect(u32State(state.FAULT_CODE) & state.PF_NEED_PAGE).toBe(state.PF_NEED_PAGE);
    expect(space.faultQueue).toBe(source.need());
    expect(() => space.user.u8(a)).toThrow(NeedPage as never);
    source.absent = false;
    expect(space.user.u8(a + P)).toBe(2);
  });

  test("a truncated file takes its pages back, private copies too", () => {
    const source = file(4);
    const shared = mmap(4 * P, { flags: mman.MAP_SHARED, source });
    const own = mmap(4 * P, { flags: mman.MAP_PRIVATE, source });
    for (const a of [shared, own]) for (let i = 0; i < 4; i++) space.user.setU8(a + i * P, 9);
    source.bytes = source.bytes.subarray(0, 2 * P);
    unmapSource(source, 2, 4, true);
    for (const a of [shared, own]) {
      expect(space.user.u8(a + P)).toBe(9);
      expect(code(() => space.user.u8(a + 2 * P))).toBe(errno.EFAULT);
    }
  });

  test("the machine's limit is an outcome of its own, and what is written before it stays", () => {
    const small = new AddressSpace(frames, makeOwner(3));
    small.activate();
    const a = map(small, { address: 0, length: 8 * P, prot: RW, flags: PRIVATE, source: null, offset: 0 });
    for (let i = 0; i < 3; i++) expect(small.miss(a + i * P, 0, 1, 1)).toBe(0);
    expect(small.miss(a + 3 * P, 0, 1, 1)).toBe(1);
    expect(small.faultCause).toBe(fault.CAUSE_OUT_OF_MEMORY);
    expect(small.miss(a + 3 * P, 0, 1, 0)).toBe(0);
    small.release();
  });

  test("a private mapping sees the file's page until it writes, others never see what it wrote", () => {
    const source = file(1);
    const shared = mmap(P, { flags: mman.MAP_SHARED, source });
    const own = mmap(P, { flags: mman.MAP_PRIVATE, source });
    expect(space.user.u8(own)).toBe(1);
    space.user.setU8(shared, 5);
    expect(space.user.u8(own)).toBe(5);
    space.user.setU8(own, 6);
    space.user.setU8(shared, 7);
    expect(space.user.u8(own)).toBe(6);
    expect(source.written).toEqual(new Set([0]));
    expect(owner.frames).toBe(1);
  });
});

describe("code", () => {
  test("a store to a frame with code drops the code, and no write entry exists before", () => {
    const dropped: number[] = [];
    frames.attach({ dropFrame: (frame) => dropped.push(frame), newJumpTag: () => 99 });
    const a = mmap(P, { prot: 7 });
    space.user.setU8(a, 0xc3);
    const frame = space.fetch(a);
    frames.onCode(frame);
    expect(frames.table.lookup(a / P, true)).toBe(-1);
    expect(space.miss(a, 0, 1, 0)).toBe(0);
    expect(frames.table.lookup(a / P, true)).toBe(-1);
    expect(dropped).toEqual([]);
    space.user.setU8(a, 0x90);
    expect(dropped).toEqual([frame]);
    expect(frames.table.lookup(a / P, true)).toBe(frames.address(frame));
  });

  test("the jump tag changes when executable pages do, and not else", () => {
    const tag = () => u32State(state.JUMP_TAG);
    const a = mmap(4 * P, { prot: 5 });
    const before = tag();
    unmap(space, mmap(P), P);
    expect(tag()).toBe(before);
    protect(space, a, P, mman.PROT_READ);
    const narrowed = tag();
    expect(narrowed).not.toBe(before);
    unmap(space, a + P, P);
    const unmapped = tag();
    expect(unmapped).not.toBe(narrowed);
    const child = space.fork();
    child.activate();
    expect(tag()).not.toBe(unmapped);
    space.activate();
    expect(tag()).toBe(unmapped);
  });
});

describe("mmap", () => {
  const fixed = mman.MAP_FIXED | PRIVATE;
  test.each<[string, Partial<MapRequest>, number]>([
    ["no length", { length: 0 }, errno.EINVAL],
    ["neither private nor shared", { flags: mman.MAP_ANONYMOUS }, errno.EINVAL],
    ["more than there is", { length: 2 ** 32 }, errno.ENOMEM],
    ["2^64 - 1 bytes", { length: 2 ** 64 }, errno.ENOMEM],
    ["fixed, not aligned", { address: 0x10_0001, flags: fixed }, errno.EINVAL],
    ["fixed at 0", { address: 0, flags: fixed }, errno.EPERM],
    ["fixed at the top", { address: USER_LIMIT, flags: fixed }, errno.ENOMEM],
    ["fixed above 4 GiB", { address: 0x1_0000_0000, flags: fixed }, errno.ENOMEM],
    ["growing down and shared", { flags: SHARED | mman.MAP_GROWSDOWN }, errno.EINVAL],
  ])("%s", (_name, options, error) => {
    expect(code(() => mmap(P, options))).toBe(error);
  });

  test("places mappings downwards, honours a free hint and ignores a taken one", () => {
    const a = mmap(P);
    expect(a).toBe(0x8_0000 * P - P);
    expect(mmap(2 * P)).toBe(a - 2 * P);
    expect(mmap(P, { address: 0x1234_5678 })).toBe(0x1234_6000);
    expect(mmap(P, { address: 0x1234_5678 })).toBe(a - 3 * P);
    expect(mmap(P, { address: 0xc0_0000_0000 })).toBe(a - 4 * P);
    unmap(space, a, P);
    expect(mmap(P)).toBe(a);
    const low = mmap(P, { flags: PRIVATE | mman.MAP_32BIT });
    expect(low).toBeLessThan(0x8000_0000);
  });

  test("MAP_FIXED_NOREPLACE", () => {
    const a = mmap(2 * P);
    const flags = PRIVATE | mman.MAP_FIXED_NOREPLACE;
    expect(code(() => mmap(P, { address: a + P, flags }))).toBe(errno.EEXIST);
    expect(mmap(P, { address: a - P, flags })).toBe(a - P);
  });

  test("a gigabyte without rights costs nothing", () => {
    const a = mmap(2 ** 30, { prot: 0, flags: PRIVATE | mman.MAP_NORESERVE });
    mmap(P, { address: a + 2 ** 29, flags: fixed });
    space.user.setU8(a + 2 ** 29, 1);
    expect(owner.frames).toBe(1);
    unmap(space, a, 2 ** 30);
    expect(owner.frames).toBe(0);
    expect(space.mappedPages).toBe(0);
  });

  test("MAP_POPULATE", () => {
    mmap(4 * P, { flags: PRIVATE | mman.MAP_POPULATE });
    expect(owner.frames).toBe(4);
  });

  test("RLIMIT_AS and RLIMIT_DATA", () => {
    limits.soft[RLIMIT_AS] = 8 * P;
    const a = mmap(6 * P);
    expect(code(() => mmap(3 * P))).toBe(errno.ENOMEM);
    expect(mmap(6 * P, { address: a, flags: fixed })).toBe(a);
    limits.soft[RLIMIT_DATA] = 6 * P;
    expect(code(() => mmap(P))).toBe(errno.ENOMEM);
    expect(code(() => mmap(P, { prot: mman.PROT_READ }))).toBe(0);
    expect(code(() => protect(space, a - P, P, RW))).toBe(errno.ENOMEM);
  });

  test("anonymous shared memory outlives the mapping that made it", () => {
    const a = mmap(2 * P, { flags: SHARED });
    space.user.setU8(a, 1);
    const child = space.fork();
    child.user.setU8(a, 2);
    expect(space.user.u8(a)).toBe(2);
    unmap(space, a, 2 * P);
    expect(owner.frames).toBe(1);
    expect(child.user.u8(a)).toBe(2);
    child.release();
    expect(owner.frames).toBe(0);
  });
});

describe("areas that grow down", () => {
  const top = 0x7000_0000;
  beforeEach(() => {
    limits.soft[RLIMIT_STACK] = 1 << 20;
    const flags = PRIVATE | mman.MAP_FIXED | mman.MAP_GROWSDOWN;
    mmap(4 * P, { address: top - 4 * P, flags });
  });

  test("up to the limit of the stack", () => {
    space.user.setU8(top - (1 << 20), 1);
    expect(space.mappedPages).toBe(256);
    expect(code(() => space.user.setU8(top - (1 << 20) - 1, 1))).toBe(errno.EFAULT);
  });

  test("not into the gap above another mapping", () => {
    const below = top - (1 << 20) - 200 * P;
    mmap(P, { address: below, flags: PRIVATE | mman.MAP_FIXED });
    expect(code(() => space.user.setU8(below + 256 * P, 1))).toBe(errno.EFAULT);
    expect(code(() => space.user.setU8(below + 257 * P, 1))).toBe(0);
  });

  test("mappings without MAP_FIXED stay away from them", () => {
    space.mmapTop = top / P;
    expect(mmap(P)).toBe(top - 4 * P - 257 * P);
  });
});

describe("fork", () => {
  test("neither side sees what the other writes, and the last one does not copy", () => {
    const a = mmap(2 * P);
    space.user.setU32(a, 1);
    const child = space.fork();
    expect(owner.frames).toBe(1);
    space.user.setU32(a, 2);
    expect(owner.frames).toBe(2);
    expect(child.user.u32(a)).toBe(1);
    child.user.setU32(a, 3);
    expect(owner.frames).toBe(2);
    expect(space.user.u32(a)).toBe(2);
    child.release();
    expect(owner.frames).toBe(1);
  });

  test("MADV_DONTFORK and MADV_WIPEONFORK", () => {
    const a = mmap(3 * P);
    for (let i = 0; i < 3; i++) space.user.setU8(a + i * P, 1);
    advise(space, a, P, mman.MADV_DONTFORK);
    advise(space, a + P, P, mman.MADV_WIPEONFORK);
    const child = space.fork();
    expect(code(() => child.user.u8(a))).toBe(errno.EFAULT);
    expect(child.user.u8(a + P)).toBe(0);
    expect(child.user.u8(a + 2 * P)).toBe(1);
    expect(child.mappedPages).toBe(2);
    expect(code(() => advise(space, mmap(P, { flags: SHARED }), P, mman.MADV_WIPEONFORK))).toBe(errno.EINVAL);
  });
});

describe("brk", () => {
  test("moves up and down, refuses what is taken or too much, and gives pages back", () => {
    startBreak(space, 0x1000_0000);
    expect(setBreak(space, 0)).toBe(0x1000_0000);
    expect(setBreak(space, 0x1000_0123)).toBe(0x1000_0123);
    space.user.setU8(0x1000_0fff, 1);
    expect(setBreak(space, 0x1000_4000)).toBe(0x1000_4000);
    space.user.setU8(0x1000_3fff, 1);
    expect(mapsText(space)).toBe("10000000-10004000 rw-p 00000000 00:00 0                                  [heap]\n");
    expect(setBreak(space, 0x1000_1000)).toBe(0x1000_1000);
    expect(owner.frames).toBe(1);
    expect(code(() => space.user.u8(0x1000_1000))).toBe(errno.EFAULT);
    mmap(P, { address: 0x1000_3000, flags: PRIVATE | mman.MAP_FIXED });
    expect(setBreak(space, 0x1000_4000)).toBe(0x1000_1000);
    limits.soft[RLIMIT_DATA] = 0x1800;
    expect(setBreak(space, 0x1000_2000)).toBe(0x1000_1000);
    expect(setBreak(space, 2 ** 63)).toBe(0x1000_1000);
  });
});

describe("mprotect", () => {
  test("splits and joins, and reports a hole after what came before it", () => {
    const a = mmap(4 * P);
    protect(space, a + P, P, mman.PROT_READ);
    expect(space.areas.items.length).toBe(3);
    protect(space, a + P, P, RW);
    expect(space.areas.items.length).toBe(1);
    unmap(space, a + 2 * P, P);
    expect(code(() => protect(space, a, 4 * P, 0))).toBe(errno.ENOMEM);
    expect(space.areas.at(a / P)!.prot).toBe(0);
    expect(space.areas.at(a / P + 3)!.prot).toBe(RW);
  });

  test("errors", () => {
    const a = mmap(P, { flags: mman.MAP_SHARED, source: file(1), prot: 1, maxProt: 5 });
    expect(code(() => protect(space, a, P, RW))).toBe(errno.EACCES);
    expect(code(() => protect(space, a + 1, P, RW))).toBe(errno.EINVAL);
    expect(code(() => protect(space, a, P, 0x10))).toBe(errno.EINVAL);
    expect(code(() => protect(space, a, P, 1 | mman.PROT_GROWSDOWN))).toBe(errno.EINVAL);
    expect(code(() => protect(space, a, 2 ** 64, 1))).toBe(errno.ENOMEM);
    expect(code(() => protect(space, a, 0, 1))).toBe(0);
  });
});

describe("mremap", () => {
  test("grows in place, moves when it must, and keeps the contents", () => {
    const a = mmap(8 * P, { address: 0x1000_0000 });
    for (let i = 0; i < 8; i++) space.user.setU8(a + i * P, i + 1);
    expect(remap(space, a, 8 * P, 10 * P, 0, 0)).toBe(a);
    expect(space.user.u8(a + 9 * P)).toBe(0);
    mmap(P, { address: a + 10 * P, flags: PRIVATE | mman.MAP_FIXED, prot: 1 });
    expect(code(() => remap(space, a, 10 * P, 12 * P, 0, 0))).toBe(errno.ENOMEM);
    const b = remap(space, a, 10 * P, 12 * P, mman.MREMAP_MAYMOVE, 0);
    expect(b).not.toBe(a);
    for (let i = 0; i < 8; i++) expect(space.user.u8(b + i * P)).toBe(i + 1);
    expect(code(() => space.user.u8(a))).toBe(errno.EFAULT);
    expect(remap(space, b, 12 * P, 4 * P, 0, 0)).toBe(b);
    expect(owner.frames).toBe(4);
  });

  test("duplicates a shared mapping, and leaves the old one with DONTUNMAP", () => {
    const a = mmap(2 * P, { flags: SHARED });
    space.user.setU8(a, 1);
    const b = remap(space, a, 0, 2 * P, mman.MREMAP_MAYMOVE, 0);
    space.user.setU8(b, 2);
    expect(space.user.u8(a)).toBe(2);
    const c = mmap(2 * P);
    space.user.setU8(c, 3);
    const d = remap(space, c, 2 * P, 2 * P, mman.MREMAP_MAYMOVE | mman.MREMAP_DONTUNMAP, 0);
    expect(space.user.u8(d)).toBe(3);
    expect(space.user.u8(c)).toBe(0);
  });

  test("errors", () => {
    const a = mmap(4 * P);
    const may = mman.MREMAP_MAYMOVE;
    expect(code(() => remap(space, a + 1, P, P, 0, 0))).toBe(errno.EINVAL);
    expect(code(() => remap(space, a, P, 0, 0, 0))).toBe(errno.EINVAL);
    expect(code(() => remap(space, a, P, P, 8, 0))).toBe(errno.EINVAL);
    expect(code(() => remap(space, a, P, P, mman.MREMAP_FIXED, 0x1000_0000))).toBe(errno.EINVAL);
    expect(code(() => remap(space, a, 2 * P, 2 * P, may | mman.MREMAP_FIXED, a + P))).toBe(errno.EINVAL);
    expect(code(() => remap(space, 0x1000_0000, P, P, 0, 0))).toBe(errno.EFAULT);
    expect(code(() => remap(space, a, 8 * P, 9 * P, may, 0))).toBe(errno.EFAULT);
    expect(code(() => remap(space, a, 0, P, may, 0))).toBe(errno.EINVAL);
  });
});

describe("advice, residency and locks", () => {
  test("MADV_DONTNEED and MADV_FREE", () => {
    const source = file(1);
    const a = mmap(P, { flags: mman.MAP_PRIVATE, source });
    space.user.setU8(a, 9);
    advise(space, a, P, mman.MADV_DONTNEED);
    expect(space.user.u8(a)).toBe(1);
    expect(code(() => advise(space, a, P, mman.MADV_FREE))).toBe(errno.EINVAL);
    expect(code(() => advise(space, a, 2 * P, mman.MADV_DONTNEED))).toBe(errno.ENOMEM);
    expect(code(() => advise(space, a, P, 99))).toBe(errno.EINVAL);
    expect(code(() => advise(space, a + 1, P, 0))).toBe(errno.EINVAL);
  });

  test("MADV_REMOVE frees the pages of shared memory for everyone", () => {
    const a = mmap(2 * P, { flags: SHARED });
    space.user.setU8(a, 1);
    const child = space.fork();
    expect(child.user.u8(a)).toBe(1);
    advise(space, a, P, mman.MADV_REMOVE);
    expect(owner.frames).toBe(0);
    expect(child.user.u8(a)).toBe(0);
  });

  test("MADV_POPULATE_WRITE", () => {
    const a = mmap(2 * P);
    advise(space, a, 2 * P, mman.MADV_POPULATE_WRITE);
    expect(owner.frames).toBe(2);
    protect(space, a, P, mman.PROT_READ);
    expect(code(() => advise(space, a, P, mman.MADV_POPULATE_WRITE))).toBe(errno.EINVAL);
  });

  test("mincore", () => {
    const a = mmap(3 * P);
    space.user.setU8(a + P, 1);
    expect([...residency(space, a, 3 * P)]).toEqual([0, 1, 0]);
    expect(code(() => residency(space, a, 4 * P + 2 ** 20 * P))).toBe(errno.ENOMEM);
  });

  test("mlock counts, makes present and obeys its limit", () => {
    limits.soft[RLIMIT_MEMLOCK] = 4 * P;
    const a = mmap(8 * P);
    lock(space, a + 1, 2 * P, false);
    expect(space.lockedPages).toBe(3);
    expect(owner.frames).toBe(3);
    lock(space, a, 3 * P, false);
    expect(space.lockedPages).toBe(3);
    expect(code(() => lock(space, a, 5 * P, false))).toBe(errno.ENOMEM);
    expect(code(() => synchronise(space, a, P, mman.MS_INVALIDATE))).toBe(errno.EBUSY);
    expect(code(() => advise(space, a, P, mman.MADV_DONTNEED))).toBe(errno.EINVAL);
    unlock(space, a, 8 * P);
    expect(space.lockedPages).toBe(0);
    limits.soft[RLIMIT_MEMLOCK] = 0;
    expect(code(() => lockAll(space, mman.MCL_CURRENT))).toBe(errno.EPERM);
    space.mayLock = true;
    lockAll(space, mman.MCL_CURRENT | mman.MCL_FUTURE);
    expect(space.lockedPages).toBe(8);
    mmap(P);
    expect(space.lockedPages).toBe(9);
  });
});

describe("user memory", () => {
  test.each([true, false])("values of every size at every place (active: %s)", (active) => {
    if (!active) space.deactivate();
    const a = mmap(3 * P);
    for (let at = a + P - 9; at < a + P + 9; at++) {
      space.user.setU64(at, 0x1_0203_0405_0607);
      expect(space.user.u64(at)).toBe(0x1_0203_0405_0607);
      space.user.setU64(at, -2);
      expect(space.user.i64(at)).toBe(-2);
      space.user.setU32(at, 0x8000_0001);
      expect(space.user.u32(at)).toBe(0x8000_0001);
      expect(space.user.i32(at)).toBe(0x8000_0001 | 0);
      space.user.setU16(at, 0xabcd);
      expect(space.user.u16(at)).toBe(0xabcd);
      space.user.setU8(at, 0xfe);
      expect(space.user.u8(at)).toBe(0xfe);
      expect(space.user.read(at, 2)).toEqual(Uint8Array.of(0xfe, 0xab));
    }
    const bytes = Uint8Array.from({ length: 2 * P }, (_, i) => i * 7);
    space.user.copyOut(a + 100, bytes);
    expect(space.user.read(a + 100, 2 * P)).toEqual(bytes);
    space.user.clear(a + 100, P);
    expect(space.user.read(a + 100, P).every((byte) => byte === 0)).toBe(true);
  });

  test("addresses outside are EFAULT", () => {
    const a = mmap(P);
    for (const at of [-1, 0, 2 ** 32 - 4, 2 ** 32, 2 ** 47, 2 ** 64, Number.NaN, a + P]) {
      expect(code(() => space.user.u32(at))).toBe(errno.EFAULT);
      expect(code(() => space.user.setU64(at, 1))).toBe(errno.EFAULT);
      expect(code(() => space.user.read(at, 8))).toBe(errno.EFAULT);
    }
    expect(code(() => space.user.read(a, 2 ** 40))).toBe(errno.EFAULT);
    expect(code(() => space.user.probe(a, P + 1, true))).toBe(errno.EFAULT);
  });

  test("strings", () => {
    const a = mmap(2 * P);
    space.user.copyOut(a + P - 3, new TextEncoder().encode("hello"));
    expect(space.user.cstring(a + P - 3, 100)).toEqual(new TextEncoder().encode("hello"));
    expect(space.user.cstring(a + P - 3, 5).length).toBe(5);
    expect(code(() => space.user.cstring(a + P - 3, 4))).toBe(errno.ENAMETOOLONG);
    space.user.copyOut(a + 2 * P - 2, Uint8Array.of(1, 1));
    expect(code(() => space.user.cstring(a + 2 * P - 2, 100))).toBe(errno.EFAULT);
  });
});
