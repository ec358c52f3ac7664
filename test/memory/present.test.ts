/** The sparse map of present pages: far from each other, in any order, and how much of it there may be. */
import { describe, expect, test } from "vitest";
import { HIGH_START, PAGE_SIZE } from "../../src/memory/layout.ts";
import { PRESENT, PresentPages } from "../../src/memory/present.ts";

const FIRST = HIGH_START / PAGE_SIZE;
const END = 2 ** 31 - 2 ** 20;
const LEAF = 256;

const makeOwner = () => ({ frames: 0, peakFrames: 0, frameLimit: 100, highLeaves: 0 });

describe("present pages", () => {
  test("are found in order, whatever came and went between", () => {
    const present = new PresentPages(makeOwner());
    const model = new Set<number>();
    let state = 1;
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (let i = 0; i < 3000; i++) {
      const page = FIRST + random(200) * 1_000_003 + random(2);
      if (random(3) === 0) {
        present.delete(page);
        model.delete(page);
      } else {
        present.set(page, PRESENT);
        model.add(page);
      }
      if (i % 50 !== 0) continue;
      const found: number[] = [];
      for (let at = present.next(0, END); at >= 0; at = present.next(at + 1, END)) found.push(at);
      expect(found).toEqual([...model].sort((a, b) => a - b));
    }
  });

  test("of the high range are limited by their leaves, of all address spaces of an owner", () => {
    const owner = makeOwner();
    const present = new PresentPages(owner);
    const other = new PresentPages(owner);
    let leaves = 0;
    while (present.hasRoom(FIRST + leaves * LEAF)) present.set(FIRST + leaves++ * LEAF, PRESENT);
    expect(leaves).toBe(owner.highLeaves);
    expect([present.hasRoom(FIRST + 1), present.hasRoom(5), other.hasRoom(FIRST)]).toEqual([true, true, false]);
    expect([present.hasRoomToFork, other.hasRoomToFork]).toEqual([false, true]);
    for (let i = 0; i < leaves; i++) present.delete(FIRST + i * LEAF);
    expect([owner.highLeaves, other.hasRoom(FIRST)]).toEqual([0, true]);
  });
});
