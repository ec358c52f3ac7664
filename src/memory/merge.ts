/**
 * Merging of equal private pages of machines that wait, as Linux's KSM does it (Documentation/admin-guide/mm/ksm.rst). Programs
 * that began alike have mostly the same data: relocated pointers, tables, a heap that is zero. One frame then stands for all, and
 * the next store to it makes a copy.
 *
 * Only copies of the same page of a file are compared. So how long a store takes tells a program no more about others than that
 * they run the same file, which it has as well.
 */
import { PROT_EXEC } from "../abi/mman.ts";
import type { AddressSpace } from "./address-space.ts";
import { AREA_LOCKED, AREA_SHARED, type Area } from "./areas.ts";
import { PAGE_SIZE } from "./layout.ts";
import type { Frames } from "./physical.ts";
import { FRAME_SHIFT, OWN } from "./present.ts";
import type { PageSource } from "./types.ts";

/** Different copies of one page that are kept to compare with. */
const COPIES = 4;

/** Frames that may stand for the pages of several machines. None of them pays. */
export class MergedFrames {
  /** By the frame of a file's page: those that hold copies of it that were written. */
  readonly #copies = new Map<number, number[]>();
  /** The other way round. */
  readonly #originals = new Map<number, number>();

  copiesOf(original: number): readonly number[] {
    return this.#copies.get(original) ?? [];
  }

  add(frame: number, original: number): void {
    const copies = this.#copies.get(original);
    if (copies === undefined) this.#copies.set(original, [frame]);
    else copies.push(frame);
    this.#originals.set(frame, original);
  }

  /** Returns the frame that it is a copy of. */
  delete(frame: number): number {
    const original = this.#originals.get(frame)!;
    this.#originals.delete(frame);
    const copies = this.#copies.get(original)!;
    copies.splice(copies.indexOf(frame), 1);
    if (copies.length === 0) this.#copies.delete(original);
    return original;
  }
}

/** Looks at up to `limit` private pages of an address space whose threads all wait. */
export function mergePages(space: AddressSpace, limit: number): void {
  const { frames, present } = space;
  for (const area of space.areas.items) {
    if (area.flags & (AREA_SHARED | AREA_LOCKED) || area.prot & PROT_EXEC) continue;
    for (let page = present.next(area.first, area.end); page >= 0; page = present.next(page + 1, area.end)) {
      const entry = present.get(page);
      const frame = entry >>> FRAME_SHIFT;
      if ((entry & OWN) === 0 || frames.references(frame) !== 1 || frames.hasCode(frame) || frames.isMerged(frame))
        continue;
      if (--limit < 0) return;
      if (area.source !== null) mergeCopy(space, area, area.source, page, frame);
      else if (isEqual(frames, frame, frames.zeroFrame)) space.exchangePage(page, frames.zeroFrame);
    }
  }
}

function mergeCopy(space: AddressSpace, area: Area, source: PageSource, page: number, frame: number): void {
  const { frames } = space;
  const index = area.index(page);
  if (index * PAGE_SIZE >= source.size) return;
  const original = source.frame(index, false);
  // What a machine pays for is its own file.
  if (original < 0 || original === frames.zeroFrame || frames.owner(original) === space.owner) return;
  const copies = frames.merged.copiesOf(original);
  for (const copy of copies) {
    if (!isEqual(frames, frame, copy)) continue;
    space.exchangePage(page, copy);
    return;
  }
  if (copies.length === COPIES) return;
  frames.shareMerged(frame, original);
  space.protectPage(page);
}

/** Whether two frames have the same contents. */
function isEqual(frames: Frames, a: number, b: number): boolean {
  const { u32 } = frames;
  const from = frames.address(a) >>> 2;
  const to = frames.address(b) >>> 2;
  for (let i = 0; i < PAGE_SIZE / 4; i++) if (u32[from + i] !== u32[to + i]) return false;
  return true;
}
