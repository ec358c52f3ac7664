/** Equal pages of address spaces become one frame (memory/merge.ts). */
import { describe, expect, test } from "vitest";
import * as mman from "../../src/abi/mman.ts";
import { AddressSpace } from "../../src/memory/address-space.ts";
import { PAGE_SIZE } from "../../src/memory/layout.ts";
import { lock } from "../../src/memory/lock.ts";
import { map } from "../../src/memory/mapping.ts";
import { mergePages } from "../../src/memory/merge.ts";
import { Frames } from "../../src/memory/physical.ts";
import { FRAME_SHIFT } from "../../src/memory/present.ts";
import type { PageSource } from "../../src/memory/types.ts";
import { BytesSource, makeOwner } from "./support.ts";

const AT = 0x2000_0000;
const RW = mman.PROT_READ | mman.PROT_WRITE;

/** Two machines, and a file of the isolate. */
function world() {
  const frames = new Frames();
  const source = new BytesSource(frames, makeOwner(), new Uint8Array(2 * PAGE_SIZE).fill(1));
  const machines = [0, 1].map(() => {
    const owner = makeOwner();
    const space = new AddressSpace(frames, owner);
    const mapping = (what: PageSource | null, flags: number) => {
      map(space, {
        address: AT,
        length: 2 * PAGE_SIZE,
        prot: RW,
        flags: flags | mman.MAP_FIXED | (what ? 0 : mman.MAP_ANONYMOUS),
        source: what,
        offset: 0,
      });
    };
    const frame = () => space.present.get(AT / PAGE_SIZE) >>> FRAME_SHIFT;
    return { owner, space, mapping, frame, merge: (domain: string | null = "f") => mergePages(space, domain, 100) };
  });
  return { frames, source, machines };
}

describe("merging pages", () => {
  test("of copies of a file's page, until one is written", () => {
    const { frames, source, machines } = world();
    const [a, b] = machines;
    for (const { mapping, space, merge } of machines) {
      mapping(source, mman.MAP_PRIVATE);
      space.user.setU32(AT, 5);
      merge();
    }
    expect(a.frame()).toBe(b.frame());
    expect([a.owner.frames, b.owner.frames]).toEqual([0, 0]);
    const used = frames.used;
    b.space.user.setU32(AT, 6);
    expect([a.space.user.u32(AT), b.space.user.u32(AT)]).toEqual([5, 6]);
    expect([a.owner.frames, b.owner.frames, frames.used - used]).toEqual([0, 1, 1]);
    // The last who refers to it has it for itself again.
    const frame = a.frame();
    a.space.user.setU32(AT, 7);
    expect([a.frame(), a.owner.frames, frames.isMerged(frame)]).toEqual([frame, 1, false]);
    b.merge();
    expect([a.space.user.u32(AT), b.space.user.u32(AT)]).toEqual([7, 6]);
    for (const { space, owner } of machines) {
      space.release();
      expect(owner.frames).toBe(0);
    }
    source.evict();
    expect(frames.used).toBe(1);
  });

  test("is not done across domains", () => {
    const { frames, source, machines } = world();
    const domains = ["f", "g"];
    for (const [i, { mapping, space, merge }] of machines.entries()) {
      mapping(source, mman.MAP_PRIVATE);
      space.user.setU32(AT, 5);
      merge(domains[i]);
      expect(frames.isMerged(machines[i].frame())).toBe(true);
    }
    expect(machines[0].frame()).not.toBe(machines[1].frame());
    for (const { space } of machines) space.release();
    source.evict();
    expect(frames.used).toBe(1);
    const [{ mapping, space, merge, frame }] = world().machines;
    mapping(null, mman.MAP_PRIVATE);
    space.user.setU32(AT, 5);
    merge(null);
    expect(space.frames.isMerged(frame())).toBe(false);
  });

  test("is nothing that the count of faults tells", () => {
    const { source, machines } = world();
    for (const { mapping, space, merge } of machines) {
      mapping(source, mman.MAP_PRIVATE);
      space.user.setU32(AT, 5);
      merge();
    }
    for (const { space } of machines) {
      space.takeFaults();
      space.user.setU32(AT, 6);
      expect(space.takeFaults()).toBe(0);
    }
  });

  test("that are zero, of anonymous memory", () => {
    const { frames, machines } = world();
    const [{ mapping, space, owner, merge, frame }] = machines;
    mapping(null, mman.MAP_PRIVATE);
    space.activate();
    space.user.setU32(AT, 5);
    space.user.setU32(AT, 0);
    merge();
    expect([frame(), owner.frames]).toEqual([frames.zeroFrame, 0]);
    expect(frames.table.lookup(AT / PAGE_SIZE, true)).toBe(-1);
    space.user.setU32(AT, 6);
    expect([space.user.u32(AT), frames.u32[frames.address(frames.zeroFrame) >>> 2]]).toEqual([6, 0]);
  });

  test("leaves alone what is locked, shared, anonymous or of a machine's own file", () => {
    for (const kind of ["locked", "shared", "anonymous", "own"]) {
      const { frames, source, machines } = world();
      for (const { mapping, space, owner, merge } of machines) {
        const own = new BytesSource(frames, owner, new Uint8Array(2 * PAGE_SIZE));
        const what = kind === "anonymous" ? null : kind === "own" ? own : source;
        mapping(what, kind === "shared" ? mman.MAP_SHARED : mman.MAP_PRIVATE);
        if (kind === "locked") lock(space, AT, PAGE_SIZE, false);
        space.user.setU32(AT, 5);
        merge();
        expect(frames.isMerged(space.present.get(AT / PAGE_SIZE) >>> FRAME_SHIFT), kind).toBe(false);
      }
      expect(machines[0].frame() === machines[1].frame(), kind).toBe(kind === "shared");
    }
  });
});
