import { beforeEach, describe, expect, test } from "vitest";
import * as errno from "../../src/abi/errno.ts";
import { code, fresh, mmap, P, space } from "./fixture.ts";

beforeEach(fresh);

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
    for (const at of [-1, 0, 2 ** 32 - 4, 2 ** 32, 2 ** 40, 2 ** 47, 2 ** 64, Number.NaN, a + P]) {
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
