import { beforeEach, describe, expect, test } from "vitest";
import * as errno from "../../src/abi/errno.ts";
import * as mman from "../../src/abi/mman.ts";
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK } from "../../src/abi/resource.ts";
import { advise, residency, synchronise } from "../../src/memory/advise.ts";
import { HIGH_LIMIT, HIGH_START, USER_LIMIT } from "../../src/memory/layout.ts";
import { lock, lockAll, unlock } from "../../src/memory/lock.ts";
import { type MapRequest, protect, setBreak, startBreak, unmap } from "../../src/memory/mapping.ts";
import { mapsText } from "../../src/memory/maps.ts";
import { remap } from "../../src/memory/remap.ts";
import { code, file, fresh, limits, mmap, owner, P, PRIVATE, RW, SHARED, space } from "./fixture.ts";

beforeEach(fresh);

describe("mmap", () => {
  const fixed = mman.MAP_FIXED | PRIVATE;
  test.each<[string, Partial<MapRequest>, number]>([
    ["no length", { length: 0 }, errno.EINVAL],
    ["neither private nor shared", { flags: mman.MAP_ANONYMOUS }, errno.EINVAL],
    ["more than there is", { length: HIGH_LIMIT }, errno.ENOMEM],
    ["2^64 - 1 bytes", { length: 2 ** 64 }, errno.ENOMEM],
    ["fixed, not aligned", { address: 0x10_0001, flags: fixed }, errno.EINVAL],
    ["fixed at 0", { address: 0, flags: fixed }, errno.EPERM],
    ["fixed at the top", { address: USER_LIMIT, flags: fixed }, errno.ENOMEM],
    ["fixed above the high range", { address: HIGH_LIMIT, flags: fixed }, errno.ENOMEM],
    ["growing down and shared", { flags: SHARED | mman.MAP_GROWSDOWN }, errno.EINVAL],
  ])("%s", (_name, options, error) => {
    expect(code(() => mmap(P, options))).toBe(error);
  });

  test("places mappings downwards, honours a free hint and ignores a taken one", () => {
    const a = mmap(P);
    expect(a).toBe(0x8_0000 * P - P);
    expect(mmap(2 * P)).toBe(a - 2 * P);
    expect(mmap(P, { address: 0x1234_5678 })).toBe(0x1234_5000);
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

  test("what has no room below 4 GiB goes above, not for code", () => {
    const reserve = { prot: 0, flags: PRIVATE | mman.MAP_NORESERVE };
    const a = mmap(2 ** 40, { ...reserve, address: 0x42_0000_0000 });
    expect(a).toBe(0x42_0000_0000);
    const b = mmap(2 ** 40, { ...reserve, address: a });
    expect(b).toBe(HIGH_LIMIT - 2 ** 40);
    protect(space, a + 2 ** 33, 2 * P, RW);
    expect(code(() => protect(space, a, P, mman.PROT_EXEC))).toBe(errno.EACCES);
    expect(code(() => mmap(2 ** 33, { prot: mman.PROT_EXEC }))).toBe(errno.ENOMEM);
    expect(code(() => mmap(P, { address: 2 ** 32 - P, flags: fixed }))).toBe(errno.ENOMEM);
    expect(mmap(P, { address: HIGH_START, flags: fixed })).toBe(HIGH_START);
    space.user.setU64(a + 2 ** 33 + P - 4, 2 ** 40 + 5);
    expect(space.user.u64(a + 2 ** 33 + P - 4)).toBe(2 ** 40 + 5);
    expect(code(() => space.user.u8(a))).toBe(errno.EFAULT);
    expect(owner.frames).toBe(2);
    unmap(space, a, 2 ** 40);
    expect(owner.frames).toBe(0);
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

  test("the only mapping of an object keeps it when it moves", () => {
    const a = mmap(P, { flags: SHARED });
    space.user.setU8(a, 2);
    advise(space, a, P, mman.MADV_DONTNEED);
    const b = remap(space, a, P, P, mman.MREMAP_MAYMOVE | mman.MREMAP_FIXED, 0x1000_0000);
    expect(space.user.u8(b)).toBe(2);
    unmap(space, b, P);
    expect(owner.frames).toBe(0);
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
