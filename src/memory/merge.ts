/**
 * Merging of equal private pages of machines that wait, as Linux's KSM does it (Documentation/admin-guide/mm/ksm.rst). Programs
 * that began alike have mostly the same data: relocated pointers, tables, a heap that is zero. One frame then stands for all, and
 * the next store to it makes a copy.
 *
 * The time that a store takes can tell that another machine has the same in this place, so only machines of one domain, a
 * function, are compared, and of these only copies of the same page of a file. Nothing that the kernel counts tells.
 */
import { PROT_EXEC } from "../abi/mman.ts";
import type { AddressSpace } from "./address-space.ts";
import { AREA_LOCKED, AREA_SHARED, type Area } from "./areas.ts";
import { PAGE_SIZE, PAGE_TABLE_ENTRIES } from "./layout.ts";
import type { Frames } from "./physical.ts";
import { FRAME_SHIFT, OWN } from "./present.ts";
import type { PageSource } from "./types.ts";

/** Different copies of one page that are kept to compare with. */
const COPIES = 4;
/** Nobody pays for merged frames, so there are not more of them: 4 MiB. */
const MAX_MERGED = 1024;

interface Merged {
  /** The frame of the file's page that it is a copy of. */
  readonly original: number;
  readonly domain: string;
}

/** Frames that may stand for the pages of several machines. */
export class MergedFrames {
  readonly #frames = new Map<number, Merged>();
  /** By original: the frames that hold copies of it. */
  readonly #copies = new Map<number, number[]>();

  get full(): boolean {
    return this.#frames.size >= MAX_MERGED;
  }

  copiesOf(original: number, domain: string): readonly number[] {
    return this.#copies.get(original)?.filter((frame) => this.#frames.get(frame)!.domain === domain) ?? [];
  }

  add(frame: number, original: number, domain: string): void {
    const copies = this.#copies.get(original);
    if (copies === undefined) this.#copies.set(original, [frame]);
    else copies.push(frame);
    this.#frames.set(frame, { original, domain });
  }

  /** Returns the frame that it is a copy of. */
  delete(frame: number): number {
    const { original } = this.#frames.get(frame)!;
    this.#frames.delete(frame);
    const copies = this.#copies.get(original)!;
    copies.splice(copies.indexOf(frame), 1);
    if (copies.length === 0) this.#copies.delete(original);
    return original;
  }
}

/**
 * Looks at private pages of an address space whose threads all wait, at `limit` pages and mappings at most. Without a domain
 * only pages of zeroes go back. Returns what is left of the limit.
 */
export function mergePages(space: AddressSpace, domain: string | null, limit: number): number {
  const { frames, present } = space;
  for (const area of space.areas.items) {
    if (--limit < 0 || area.first >= PAGE_TABLE_ENTRIES) break;
    if (area.flags & (AREA_SHARED | AREA_LOCKED) || area.prot & PROT_EXEC) continue;
    for (let page = present.next(area.first, area.end); page >= 0; page = present.next(page + 1, area.end)) {
      const entry = present.get(page);
      const frame = entry >>> FRAME_SHIFT;
      if ((entry & OWN) === 0 || frames.references(frame) !== 1 || frames.hasCode(frame) || frames.isMerged(frame))
        continue;
      if (--limit < 0) return 0;
      if (area.source === null) {
        if (isEqual(frames, frame, frames.zeroFrame)) space.exchangePage(page, frames.zeroFrame);
      } else if (domain !== null) mergeCopy(space, area, area.source, page, frame, domain);
    }
  }
  return Math.max(limit, 0);
}

function mergeCopy(
  space: AddressSpace,
  area: Area,
  source: PageSource,
  page: number,
  frame: number,
  domain: string,
): void {
  const { frames } = space;
  const index = area.index(page);
  if (index * PAGE_SIZE >= source.size) return;
  const original = source.frame(index, false);
  // What a machine pays for is its own file.
  if (original < 0 || original === frames.zeroFrame || frames.owner(original) === space.owner) return;
  const copies = frames.merged.copiesOf(original, domain);
  for (const copy of copies) {
    if (!isEqual(frames, frame, copy)) continue;
    space.exchangePage(page, copy);
    return;
  }
  if (copies.length === COPIES || frames.merged.full) return;
  frames.shareMerged(frame, original, domain);
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
