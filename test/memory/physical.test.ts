import { beforeEach, describe, expect, test } from "vitest";
import { MMU_EPOCH } from "../../src/cpu/state.ts";
import {
  FRAMES,
  INVALID_ENTRY,
  PAGE_SIZE,
  PAGE_TABLE_ENTRIES,
  PAGE_TABLE_READ,
  STATE_ADDRESS,
} from "../../src/memory/layout.ts";
import { Frames } from "../../src/memory/physical.ts";
import { type FrameOwner, OutOfFrames } from "../../src/memory/types.ts";
import { makeOwner } from "./support.ts";

let frames: Frames;
let owner: FrameOwner;
beforeEach(() => {
  frames = new Frames(1000);
  owner = makeOwner(600);
});

describe("frames", () => {
  test("are zeroed when handed out, also for the second time", () => {
    const frame = frames.allocate(owner);
    frames.u8.fill(0xff, frames.address(frame), frames.address(frame) + PAGE_SIZE);
    frames.release(frame);
    const again = frames.allocate(owner);
    expect(again).toBe(frame);
    const contents = frames.u8.subarray(frames.address(again), frames.address(again) + PAGE_SIZE);
    expect(contents.every((byte) => byte === 0)).toBe(true);
  });

  test("memory grows as they are handed out, and their contents stay", () => {
    const before = frames.wasm.buffer.byteLength;
    const held = Array.from({ length: 600 }, () => frames.allocate(owner));
    for (const frame of held) frames.u32[frames.address(frame) >>> 2] = frame;
    expect(frames.wasm.buffer.byteLength).toBeGreaterThan(before);
    expect(frames.u8.byteLength).toBe(frames.wasm.buffer.byteLength);
    for (const frame of held) expect(frames.u32[frames.address(frame) >>> 2]).toBe(frame);
    expect(Math.min(...held.map((frame) => frames.address(frame)))).toBeGreaterThanOrEqual(FRAMES);
  });

  test("an owner pays once whatever the references, until the last goes", () => {
    const frame = frames.allocate(owner);
    frames.retain(frame);
    expect(owner.frames).toBe(1);
    frames.release(frame);
    expect(owner.frames).toBe(1);
    frames.release(frame);
    expect(owner.frames).toBe(0);
    expect(owner.peakFrames).toBe(1);
  });

  test("releasing once too often is a bug that is told", () => {
    const frame = frames.allocate(owner);
    frames.release(frame);
    expect(() => frames.release(frame)).toThrow();
  });

  test("an owner's limit, then the isolate's", () => {
    for (let i = 0; i < 600; i++) frames.allocate(owner);
    expect(() => frames.allocate(owner)).toThrow(OutOfFrames);
    const other = makeOwner();
    for (let i = 0; i < 399; i++) frames.allocate(other);
    expect(() => frames.allocate(other)).toThrow(OutOfFrames);
  });

  test("under pressure caches are asked before anyone is refused", () => {
    const cache = makeOwner();
    const cached = Array.from({ length: 500 }, () => frames.allocate(cache));
    const asked: number[] = [];
    frames.onPressure((wanted) => {
      asked.push(wanted);
      const given = cached.splice(0, wanted);
      for (const frame of given) frames.release(frame);
      return given.length;
    });
    for (let i = 0; i < 600; i++) frames.allocate(owner);
    expect(asked.length).toBeGreaterThan(0);
    expect(cache.frames).toBe(cached.length);
  });

  test("code is dropped when its frame is freed, and only then", () => {
    const dropped: number[] = [];
    frames.attach({ dropFrame: (frame) => dropped.push(frame), newJumpTag: () => 1 });
    const frame = frames.allocate(owner);
    frames.onCode(frame);
    frames.retain(frame);
    frames.release(frame);
    expect(dropped).toEqual([]);
    frames.release(frame);
    expect(dropped).toEqual([frame]);
    frames.release(frames.allocate(owner));
    expect(dropped).toEqual([frame]);
  });
});

describe("the flat page table", () => {
  const epoch = () => frames.i32[(STATE_ADDRESS + MMU_EPOCH) >>> 2];

  test("is invalid to begin with", () => {
    const entries = frames.u32.subarray(PAGE_TABLE_READ >>> 2, (PAGE_TABLE_READ >>> 2) + PAGE_TABLE_ENTRIES);
    expect(entries.every((entry) => entry === INVALID_ENTRY)).toBe(true);
  });

  test("an entry plus an address is the host address", () => {
    const frame = frames.allocate(owner);
    for (const page of [0, 1, 0x7ffff, 0x80000, 0xfffff]) {
      frames.table.fill(page, frame, false);
      const entry = frames.u32[(PAGE_TABLE_READ >>> 2) + page];
      expect(entry & 0xfff).toBe(0);
      expect((entry + page * PAGE_SIZE + 123) >>> 0).toBe(frames.address(frame) + 123);
      expect(frames.table.lookup(page, true)).toBe(-1);
    }
  });

  test("withdrawing or narrowing an entry raises the epoch, filling one does not", () => {
    const frame = frames.allocate(owner);
    const before = epoch();
    frames.table.fill(7, frame, false);
    frames.table.fill(7, frame, true);
    expect(epoch()).toBe(before);
    frames.table.fill(7, frame, false);
    expect(epoch()).toBe(before + 1);
    frames.table.clear(7);
    expect(epoch()).toBe(before + 2);
    frames.table.clear(7);
    expect(epoch()).toBe(before + 2);
  });

  test("code takes write entries away under every alias", () => {
    const [code, other] = [frames.allocate(owner), frames.allocate(owner)];
    for (const page of [10, 20, 30]) frames.table.fill(page, code, true);
    frames.table.fill(40, other, true);
    frames.onCode(code);
    for (const page of [10, 20, 30]) {
      expect(frames.table.lookup(page, true)).toBe(-1);
      expect(frames.table.lookup(page, false)).toBe(frames.address(code));
    }
    expect(frames.table.lookup(40, true)).toBe(frames.address(other));
  });

  test("ranges are cleared whether they are shorter or longer than what is filled", () => {
    const frame = frames.allocate(owner);
    for (let page = 0; page < 100; page++) frames.table.fill(page * 100, frame, true);
    frames.table.clearRange(0, 50);
    frames.table.clearRange(1000, 5001);
    const left = Array.from({ length: 100 }, (_, i) => i * 100).filter((page) => frames.table.lookup(page, false) >= 0);
    expect(left[0]).toBe(100);
    expect(left.length).toBe(100 - 1 - 41);
    frames.table.clearAll();
    expect(frames.table.filled).toBe(0);
    expect(left.some((page) => frames.table.lookup(page, false) >= 0)).toBe(false);
  });

  test("pages that come and go do not pile up", () => {
    const frame = frames.allocate(owner);
    for (let round = 0; round < 50; round++) {
      for (let page = 0; page < 64; page++) frames.table.fill(page + (round % 2) * 1000, frame, true);
      frames.table.clearRange(0, PAGE_TABLE_ENTRIES);
      frames.table.clearWrites();
    }
    expect(frames.table.filled).toBe(0);
  });
});
