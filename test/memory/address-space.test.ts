import { beforeEach, describe, expect, test } from "vitest";
import * as errno from "../../src/abi/errno.ts";
import * as mman from "../../src/abi/mman.ts";
import { RLIMIT_STACK } from "../../src/abi/resource.ts";
import * as state from "../../src/cpu/state.ts";
import { AddressSpace } from "../../src/memory/address-space.ts";
import { advise } from "../../src/memory/advise.ts";
import * as fault from "../../src/memory/fault.ts";
import { map, protect, unmap } from "../../src/memory/mapping.ts";
import { unmapSource } from "../../src/memory/reverse-map.ts";
import { NeedPage } from "../../src/wait/queue.ts";
import { code, file, frames, fresh, limits, mmap, owner, P, PRIVATE, RW, SHARED, space, u32State } from "./fixture.ts";
import { makeOwner } from "./support.ts";

beforeEach(fresh);

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
