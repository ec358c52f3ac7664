/** Random operations on address spaces, compared page by page with a model that knows nothing of areas or frames. */
import { describe, expect, test } from "vitest";
import { Errno } from "../../src/abi/errno.ts";
import * as mman from "../../src/abi/mman.ts";
import { AddressSpace } from "../../src/memory/address-space.ts";
import { advise } from "../../src/memory/advise.ts";
import { INVALID_ENTRY, PAGE_SIZE, PAGE_TABLE_READ, PAGE_TABLE_WRITE } from "../../src/memory/layout.ts";
import { lock, unlock } from "../../src/memory/lock.ts";
import { map, protect, unmap } from "../../src/memory/mapping.ts";
import { mergePages } from "../../src/memory/merge.ts";
import { Frames } from "../../src/memory/physical.ts";
import { FRAME_SHIFT } from "../../src/memory/present.ts";
import { remap } from "../../src/memory/remap.ts";
import { BytesSource, makeOwner } from "./support.ts";

const BASE = 0x2000_0000;
const PAGES = 48;
const FILE_PAGES = 16;

/** What a page of shared memory or of a file holds. */
interface Cell {
  value: number;
}

interface ModelPage {
  prot: number;
  shared: boolean;
  /** Null for private anonymous memory. */
  backing: Cell | null;
  /** The private copy. */
  own: Cell | null;
}

type Model = Map<number, ModelPage>;

const generator = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

class World {
  readonly frames = new Frames();
  readonly owner = makeOwner();
  readonly cache = makeOwner();
  readonly random: () => number;
  readonly spaces: { space: AddressSpace; model: Model }[] = [];
  readonly files: { source: BytesSource; cells: Cell[] }[] = [];
  readonly dropped: number[] = [];
  #tag = 0;

  constructor(seed: number) {
    this.random = generator(seed);
    this.frames.attach({ dropFrame: (frame) => this.dropped.push(frame), newJumpTag: () => ++this.#tag });
    for (let i = 0; i < 2; i++) {
      const bytes = new Uint8Array(FILE_PAGES * PAGE_SIZE);
      const cells: Cell[] = [];
      for (let page = 0; page < FILE_PAGES; page++) cells.push({ value: (bytes[page * PAGE_SIZE] = 100 + page + i) });
      this.files.push({ source: new BytesSource(this.frames, this.cache, bytes), cells });
    }
    this.spaces.push({ space: new AddressSpace(this.frames, this.owner), model: new Map() });
  }

  int(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)];
  }

  step(): void {
    const which = this.pick(this.spaces);
    const { space, model } = which;
    const first = this.int(PAGES);
    const count = 1 + this.int(Math.min(8, PAGES - first));
    const address = BASE + first * PAGE_SIZE;
    const length = count * PAGE_SIZE;
    const prot = this.pick([0, 1, 3, 3, 3, 5, 7]);
    switch (this.int(15)) {
      case 0:
      case 1:
        this.mapAnonymous(space, model, first, count, prot);
        break;
      case 2:
      case 3:
        this.mapFile(space, model, first, count, prot);
        break;
      case 4:
        unmap(space, address, length);
        for (let i = 0; i < count; i++) model.delete(first + i);
        break;
      case 5:
        this.protect(space, model, first, count, prot);
        break;
      case 6:
        this.discard(space, model, first, count);
        break;
      case 7:
        this.move(space, model, first, count);
        break;
      case 8:
        if (this.spaces.length < 4) {
          const copy: Model = new Map();
          for (const [page, p] of model) copy.set(page, { ...p, own: p.own && { ...p.own } });
          this.spaces.push({ space: space.fork(), model: copy });
        } else if (this.spaces.length > 1) {
          this.spaces.splice(this.spaces.indexOf(which), 1);
          space.release();
        }
        break;
      case 9:
        space.activate();
        break;
      case 10: {
        const entry = space.present.get(BASE / PAGE_SIZE + first);
        if (entry !== 0) this.frames.onCode(entry >>> FRAME_SHIFT);
        break;
      }
      case 11:
        try {
          if (this.int(2)) lock(space, address, length, true);
          else unlock(space, address, length);
        } catch (error) {
          expect(error).toBeInstanceOf(Errno);
        }
        break;
      case 12:
        mergePages(space, "model", PAGES);
        break;
      default:
        for (let i = 0; i < 6; i++) this.access(space, model, this.int(PAGES), this.int(2) === 1);
    }
  }

  mapAnonymous(space: AddressSpace, model: Model, first: number, count: number, prot: number): void {
    const shared = this.int(3) === 0;
    const flags = mman.MAP_ANONYMOUS | mman.MAP_FIXED | (shared ? mman.MAP_SHARED : mman.MAP_PRIVATE);
    map(space, {
      address: BASE + first * PAGE_SIZE,
      length: count * PAGE_SIZE,
      prot,
      flags,
      source: null,
      offset: 0,
    });
    for (let i = 0; i < count; i++) {
      model.set(first + i, { prot, shared, backing: shared ? { value: 0 } : null, own: null });
    }
  }

  mapFile(space: AddressSpace, model: Model, first: number, count: number, prot: number): void {
    const { source, cells } = this.pick(this.files);
    const shared = this.int(2) === 0;
    const from = this.int(FILE_PAGES - count + 1);
    const flags = mman.MAP_FIXED | (shared ? mman.MAP_SHARED : mman.MAP_PRIVATE);
    const offset = from * PAGE_SIZE;
    map(space, { address: BASE + first * PAGE_SIZE, length: count * PAGE_SIZE, prot, flags, source, offset });
    for (let i = 0; i < count; i++) model.set(first + i, { prot, shared, backing: cells[from + i], own: null });
  }

  protect(space: AddressSpace, model: Model, first: number, count: number, prot: number): void {
    let whole = true;
    for (let i = 0; i < count && whole; i++) {
      const page = model.get(first + i);
      if (page) page.prot = prot;
      else whole = false;
    }
    const run = () => protect(space, BASE + first * PAGE_SIZE, count * PAGE_SIZE, prot);
    if (whole) run();
    else expect(run).toThrow(Errno as never);
  }

  discard(space: AddressSpace, model: Model, first: number, count: number): void {
    const run = () => advise(space, BASE + first * PAGE_SIZE, count * PAGE_SIZE, mman.MADV_DONTNEED);
    const { items } = space.areas;
    const inside = items.filter(
      (area) => area.end > BASE / PAGE_SIZE + first && area.first < BASE / PAGE_SIZE + first + count,
    );
    // The areas before a locked one are done, that one is refused.
    let stop = first + count;
    for (const area of inside) if (area.flags & 8) stop = Math.min(stop, area.first - BASE / PAGE_SIZE);
    let whole = stop === first + count;
    for (let page = first; page < Math.min(stop, first + count); page++) {
      const p = model.get(page);
      if (p) p.own = null;
      else whole = false;
    }
    if (whole) run();
    else expect(run).toThrow(Errno as never);
  }

  move(space: AddressSpace, model: Model, first: number, count: number): void {
    const to = this.int(PAGES - count);
    const flags = mman.MREMAP_FIXED | mman.MREMAP_MAYMOVE;
    const length = count * PAGE_SIZE;
    const run = () => remap(space, BASE + first * PAGE_SIZE, length, length, flags, BASE + to * PAGE_SIZE);
    const area = space.areas.at(BASE / PAGE_SIZE + first);
    const overlap = first < to + count && to < first + count;
    if (overlap || area === null || area.end < BASE / PAGE_SIZE + first + count) {
      expect(run).toThrow(Errno as never);
      return;
    }
    expect(run()).toBe(BASE + to * PAGE_SIZE);
    for (let i = 0; i < count; i++) {
      model.set(to + i, model.get(first + i)!);
      model.delete(first + i);
    }
  }

  /** One load or store, as the CPU or as a system call does it. */
  access(space: AddressSpace, model: Model, index: number, write: boolean): void {
    const address = BASE + index * PAGE_SIZE;
    const page = model.get(index);
    const allowed = page !== undefined && (write ? (page.prot & 2) !== 0 : page.prot !== 0);
    if (!allowed) {
      expect(space.miss(address, 0, 4, write ? 1 : 0)).toBe(1);
      expect(space.faultCause).toBe(page === undefined ? 1 : 2);
      expect(() => space.user.probe(address, 4, write)).toThrow(Errno as never);
      return;
    }
    if (this.int(2)) expect(space.miss(address, 0, 4, write ? 1 : 0)).toBe(0);
    if (write) {
      // Few values, so that pages are merged.
      const value = this.int(3);
      space.user.setU32(address, value);
      if (page.shared) page.backing!.value = value;
      else page.own = { value };
    } else {
      const value = page.own ? page.own.value : page.backing ? page.backing.value : 0;
      expect(space.user.u32(address)).toBe(value);
    }
  }

  check(): void {
    for (const { space, model } of this.spaces) {
      const { items } = space.areas;
      let mapped = 0;
      let locked = 0;
      for (let i = 0; i < items.length; i++) {
        const area = items[i];
        expect(area.first).toBeLessThan(area.end);
        if (i > 0) {
          expect(area.first).toBeGreaterThanOrEqual(items[i - 1].end);
          expect(items[i - 1].continuedBy(area)).toBe(false);
        }
        mapped += area.end - area.first;
        if (area.flags & 8) locked += area.end - area.first;
      }
      expect(space.mappedPages).toBe(mapped);
      expect(space.lockedPages).toBe(locked);
      expect(mapped).toBe(model.size);
      if (space.active) this.checkTable(space);
    }
  }

  /** Every entry of the flat page table is backed by the truth. */
  checkTable(space: AddressSpace): void {
    const { u32, table } = this.frames;
    for (let index = 0; index < PAGES; index++) {
      const page = BASE / PAGE_SIZE + index;
      const area = space.areas.at(page);
      const frame = space.present.get(page) >>> FRAME_SHIFT;
      if (u32[(PAGE_TABLE_READ >>> 2) + page] !== INVALID_ENTRY) {
        expect(area!.prot).not.toBe(0);
        expect(table.lookup(page, false)).toBe(this.frames.address(frame));
      }
      if (u32[(PAGE_TABLE_WRITE >>> 2) + page] !== INVALID_ENTRY) {
        expect(area!.prot & 2).toBe(2);
        expect(table.lookup(page, true)).toBe(this.frames.address(frame));
        expect(this.frames.hasCode(frame)).toBe(false);
        if (!area!.shared) expect(this.frames.references(frame)).toBe(1);
      }
    }
  }

  /** Everything is given back. */
  end(): void {
    for (const { space, model } of this.spaces) {
      for (let index = 0; index < PAGES; index++) this.access(space, model, index, false);
    }
    for (const { space } of this.spaces) space.release();
    expect(this.owner.frames).toBe(0);
    for (const { source } of this.files) {
      expect(source.holds).toBe(0);
      source.evict();
    }
    expect(this.frames.used).toBe(1);
    expect(this.frames.isolate.frames).toBe(1);
    expect(this.frames.table.filled).toBe(0);
  }
}

describe("address spaces against a page-by-page model", () => {
  const seeds = [1, 2, 3, 4, Math.floor(Math.random() * 2 ** 31)];
  test.each(seeds)("seed %i", (seed) => {
    const world = new World(seed);
    for (let i = 0; i < 1500; i++) {
      world.step();
      if (i % 3 === 0) world.check();
    }
    world.end();
  });
});
