/**
 * madvise, msync and mincore (Linux's mm/madvise.c, mm/msync.c, mm/mincore.c). Addresses and lengths are bytes; errors are
 * thrown as Errno. As on Linux a hole in the range is reported (ENOMEM) after the rest has been done.
 */
import { EACCES, EBUSY, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, Errno } from "../abi/errno.ts";
import * as mman from "../abi/mman.ts";
import { NeedPage } from "../wait/queue.ts";
import type { AddressSpace } from "./address-space.ts";
import { AREA_DONTDUMP, AREA_DONTFORK, AREA_LOCKED, AREA_SEALED, AREA_WIPEONFORK, type Area } from "./areas.ts";
import {
  ACCESS_READ,
  ACCESS_WRITE,
  type Access,
  CAUSE_ACCERR,
  CAUSE_BUS_ADRERR,
  CAUSE_NEED_PAGE,
  CAUSE_NONE,
} from "./fault.ts";
import { HIGH_LIMIT, isPageAligned, PAGE_SIZE, USER_LIMIT } from "./layout.ts";
import { pagesOf } from "./mapping.ts";
import { unmapSource } from "./reverse-map.ts";

/** What is done to each area of a range, cut to the range. */
type Action = (space: AddressSpace, area: Area) => void;

/**
 * Advice that changes nothing a program can observe here: how a mapping is read ahead, whether huge pages back it, and what
 * to swap out (there is no swap, and pages have one size).
 */
const HINTS: ReadonlySet<number> = new Set([
  mman.MADV_NORMAL,
  mman.MADV_RANDOM,
  mman.MADV_SEQUENTIAL,
  mman.MADV_WILLNEED,
  mman.MADV_HUGEPAGE,
  mman.MADV_NOHUGEPAGE,
]);

/** Advice that takes away what pages hold: a seal forbids it where the program could not write (can_madvise_modify). */
const DISCARDS: ReadonlySet<number> = new Set([
  mman.MADV_DONTNEED,
  mman.MADV_DONTNEED_LOCKED,
  mman.MADV_FREE,
  mman.MADV_REMOVE,
  mman.MADV_DONTFORK,
  mman.MADV_WIPEONFORK,
]);

/** Advice that is kept with the mapping. */
const RELABELS: ReadonlySet<number> = new Set([
  mman.MADV_DONTFORK,
  mman.MADV_DOFORK,
  mman.MADV_WIPEONFORK,
  mman.MADV_KEEPONFORK,
  mman.MADV_DONTDUMP,
  mman.MADV_DODUMP,
]);

/** There is no swap, so nothing is reclaimed; what is locked could not be. */
const reclaim: Action = () => {};

const setFlag =
  (flag: number): Action =>
  (_space, area) => {
    area.flags |= flag;
  };
const clearFlag =
  (flag: number): Action =>
  (_space, area) => {
    area.flags &= ~flag;
  };

const ACTIONS: ReadonlyMap<number, Action> = new Map<number, Action>([
  [mman.MADV_DONTNEED, refuseLocked(discard)],
  [mman.MADV_DONTNEED_LOCKED, discard],
  [mman.MADV_FREE, refuseLocked(free)],
  [mman.MADV_REMOVE, refuseLocked(punch)],
  [mman.MADV_COLD, refuseLocked(reclaim)],
  [mman.MADV_PAGEOUT, refuseLocked(reclaim)],
  [mman.MADV_DONTFORK, setFlag(AREA_DONTFORK)],
  [mman.MADV_DOFORK, clearFlag(AREA_DONTFORK)],
  [mman.MADV_DONTDUMP, setFlag(AREA_DONTDUMP)],
  [mman.MADV_DODUMP, clearFlag(AREA_DONTDUMP)],
  [mman.MADV_WIPEONFORK, wipeOnFork],
  [mman.MADV_KEEPONFORK, clearFlag(AREA_WIPEONFORK)],
  [mman.MADV_POPULATE_READ, (space, area) => populate(space, area, ACCESS_READ)],
  [mman.MADV_POPULATE_WRITE, (space, area) => populate(space, area, ACCESS_WRITE)],
]);

/** madvise(2). Throws NeedPage for the populating kinds. */
export function advise(space: AddressSpace, address: number, length: number, advice: number): void {
  const action = ACTIONS.get(advice);
  if (action === undefined && !HINTS.has(advice)) throw new Errno(EINVAL);
  if (!isPageAligned(address)) throw new Errno(EINVAL);
  const end = address + pagesOf(length) * PAGE_SIZE;
  if (end >= 2 ** 64 || (length > 0 && end === address)) throw new Errno(EINVAL);
  // What is done to all that is mapped comes upon mappings of Linux's own ([vvar]) that refuse it.
  if (action !== undefined && address < 2 ** 47 && end > 2 ** 47) throw new Errno(EINVAL);
  if (end === address) return;
  if (address >= HIGH_LIMIT) throw new Errno(ENOMEM);
  const first = address / PAGE_SIZE;
  const last = Math.min(end, HIGH_LIMIT) / PAGE_SIZE;
  if (DISCARDS.has(advice) && sealedFrom(space, first, last)) throw new Errno(EPERM);
  if (RELABELS.has(advice)) relabelAreas(space, first, last, action!);
  else if (action !== undefined) forAreas(space, first, last, action);
  if (end > HIGH_LIMIT || !space.areas.covers(first, last)) throw new Errno(ENOMEM);
}

function sealedFrom({ areas }: AddressSpace, first: number, end: number): boolean {
  for (let i = areas.position(first); i < areas.items.length && areas.items[i].first < end; i++) {
    const { flags, prot, shared } = areas.items[i];
    if (flags & AREA_SEALED && !shared && (prot & mman.PROT_WRITE) === 0) return true;
  }
  return false;
}

/** Applies `action` to what the areas have in pages [first, end). */
function forAreas(space: AddressSpace, first: number, end: number, action: Action): void {
  const { areas } = space;
  for (let i = areas.position(first); i < areas.items.length && areas.items[i].first < end; i++) {
    const area = areas.items[i];
    const inside = area.first >= first && area.end <= end;
    action(space, inside ? area : area.part(Math.max(area.first, first), Math.min(area.end, end)));
  }
}

/** The same for what sets flags of areas: these are split where the range begins and ends. */
function relabelAreas(space: AddressSpace, first: number, end: number, action: Action): void {
  const { areas } = space;
  const [from, to] = areas.carve(first, end);
  try {
    for (let i = from; i < to; i++) action(space, areas.items[i]);
  } finally {
    areas.merge(from, to);
  }
}

function refuseLocked(action: Action): Action {
  return (space, area) => {
    if (area.flags & AREA_LOCKED) throw new Errno(EINVAL);
    action(space, area);
  };
}

/** Pages read as the mapping's first contents again: zeroes, or the source's. */
function discard(space: AddressSpace, area: Area): void {
  if (area.prot & mman.PROT_EXEC) space.executableChanged();
  space.dropPages(area.first, area.end);
}

/** Linux frees the pages when it needs them, at once if it likes: so do we. */
function free(space: AddressSpace, area: Area): void {
  if (area.source !== null || area.shared) throw new Errno(EINVAL);
  discard(space, area);
}

function punch(space: AddressSpace, area: Area): void {
  const { source } = area;
  if (source === null) throw new Errno(EINVAL);
  if (!area.shared || (area.maxProt & mman.PROT_WRITE) === 0) throw new Errno(EACCES);
  if (source.punch === undefined) throw new Errno(EOPNOTSUPP);
  const end = area.index(area.end);
  unmapSource(source, area.offset, end, false);
  source.punch(area.offset, end);
  if (area.prot & mman.PROT_EXEC) space.executableChanged();
}

function wipeOnFork(_space: AddressSpace, area: Area): void {
  if (area.source !== null || area.shared) throw new Errno(EINVAL);
  area.flags |= AREA_WIPEONFORK;
}

function populate(space: AddressSpace, area: Area, access: Access): void {
  switch (space.populate(area.first, area.end, access)) {
    case CAUSE_NONE:
      return;
    case CAUSE_ACCERR:
      throw new Errno(EINVAL);
    case CAUSE_BUS_ADRERR:
      throw new Errno(EFAULT);
    case CAUSE_NEED_PAGE:
      throw new NeedPage(space.faultQueue!);
    default:
      throw new Errno(ENOMEM);
  }
}

/**
 * msync(2). A shared mapping's frames are the file's own pages: what is stored through it is in the file at once, and there
 * is nothing to bring into agreement.
 */
export function synchronise(space: AddressSpace, address: number, length: number, flags: number): void {
  if (flags & ~(mman.MS_ASYNC | mman.MS_INVALIDATE | mman.MS_SYNC) || !isPageAligned(address)) throw new Errno(EINVAL);
  if (flags & mman.MS_ASYNC && flags & mman.MS_SYNC) throw new Errno(EINVAL);
  const end = address + pagesOf(length) * PAGE_SIZE;
  if (end > 2 ** 64) throw new Errno(ENOMEM);
  if (end === address) return;
  if (address >= HIGH_LIMIT) throw new Errno(ENOMEM);
  const first = address / PAGE_SIZE;
  const last = Math.min(end, HIGH_LIMIT) / PAGE_SIZE;
  const { items } = space.areas;
  for (let i = space.areas.position(first); i < items.length && items[i].first < last; i++) {
    if (flags & mman.MS_INVALIDATE && items[i].flags & AREA_LOCKED) throw new Errno(EBUSY);
  }
  if (end > HIGH_LIMIT || !space.areas.covers(first, last)) throw new Errno(ENOMEM);
}

/** mincore(2): one byte a page, 1 when it is in memory. */
export function residency(space: AddressSpace, address: number, length: number): Uint8Array {
  if (!isPageAligned(address)) throw new Errno(EINVAL);
  if (length > USER_LIMIT || address + length > HIGH_LIMIT) throw new Errno(ENOMEM);
  const first = address / PAGE_SIZE;
  const pages = pagesOf(length);
  if (!space.areas.covers(first, first + pages)) throw new Errno(ENOMEM);
  const vector = new Uint8Array(pages);
  for (let i = 0; i < pages; i++) {
    const page = first + i;
    const area = space.areas.at(page)!;
    const present = space.present.get(page) !== 0;
    vector[i] = present || isCached(area, page) ? 1 : 0;
  }
  return vector;
}

/** Whether the page of a mapped file is in memory though the address space has not touched it. */
function isCached({ source, offset, first }: Area, page: number): boolean {
  return source?.cached?.(offset + page - first) ?? false;
}
