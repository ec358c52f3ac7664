/** mremap(2) (Linux's mm/mremap.c). Addresses and lengths are bytes; errors are thrown as Errno. */
import { EAGAIN, EFAULT, EINVAL, ENOMEM, Errno } from "../abi/errno.ts";
import { MAP_FIXED, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_EXEC } from "../abi/mman.ts";
import type { AddressSpace } from "./address-space.ts";
import { AREA_LOCKED, AREA_LOCKONFAULT, type Area } from "./areas.ts";
import { ACCESS_READ } from "./fault.ts";
import { HIGH_LIMIT, isPageAligned, PAGE_SIZE, PAGE_TABLE_ENTRIES, USER_LIMIT } from "./layout.ts";
import { checkLimits, pagesOf, place, requireUnsealed, unmapPages } from "./mapping.ts";

const ALL_FLAGS = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

/** Resizes or moves a mapping; returns its address. */
export function remap(
  space: AddressSpace,
  address: number,
  oldLength: number,
  newLength: number,
  flags: number,
  target: number,
): number {
  if (flags & ~ALL_FLAGS || !isPageAligned(address)) throw new Errno(EINVAL);
  const oldPages = pagesOf(oldLength);
  const newPages = pagesOf(newLength);
  const fixed = (flags & MREMAP_FIXED) !== 0;
  const elsewhere = (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0;
  if (newPages === 0 || newPages * PAGE_SIZE > HIGH_LIMIT) throw new Errno(EINVAL);
  if (elsewhere) checkTarget(address, oldPages, newPages, flags, target);

  const first = Math.floor(address / PAGE_SIZE);
  if (newPages < oldPages && address + oldPages * PAGE_SIZE > HIGH_LIMIT) throw new Errno(EINVAL);
  const area = address < HIGH_LIMIT ? space.areas.at(first) : null;
  if (area === null) throw new Errno(EFAULT);
  requireUnsealed(space, first, first + Math.max(oldPages, 1));
  if (fixed) requireUnsealed(space, target / PAGE_SIZE, target / PAGE_SIZE + newPages);
  if (oldPages === 0 && !area.shared) throw new Errno(EINVAL);
  // What stays where it is may cross areas, what is moved or grows may not.
  const kept = newPages < oldPages ? newPages : oldPages;
  if ((newPages > oldPages || elsewhere) && first + kept > area.end) throw new Errno(EFAULT);
  if (newPages > oldPages || elsewhere) checkGrowth(space, area, newPages - (flags & MREMAP_DONTUNMAP ? 0 : oldPages));

  if (!elsewhere) {
    if (newPages < oldPages) unmapPages(space, first + newPages, first + oldPages);
    if (newPages <= oldPages) return address;
    if (oldPages > 0 && growInPlace(space, area, first + oldPages, newPages - oldPages)) return address;
    if ((flags & MREMAP_MAYMOVE) === 0) throw new Errno(ENOMEM);
  }
  const to = place(space, elsewhere ? target : 0, newPages, fixed ? MAP_FIXED : 0);
  if (area.prot & PROT_EXEC && (to + newPages) * PAGE_SIZE > USER_LIMIT) throw new Errno(ENOMEM); // see layout.ts
  if (to >= PAGE_TABLE_ENTRIES && !space.present.hasRoomToMove(kept)) throw new Errno(ENOMEM);
  if (fixed) unmapPages(space, to, to + newPages);
  if (newPages < oldPages) unmapPages(space, first + newPages, first + oldPages);
  move(space, first, kept, to, newPages, (flags & MREMAP_DONTUNMAP) !== 0);
  return to * PAGE_SIZE;
}

function checkTarget(address: number, oldPages: number, newPages: number, flags: number, target: number): void {
  if ((flags & MREMAP_MAYMOVE) === 0) throw new Errno(EINVAL);
  if (flags & MREMAP_DONTUNMAP && oldPages !== newPages) throw new Errno(EINVAL);
  if (!isPageAligned(target) || target > HIGH_LIMIT - newPages * PAGE_SIZE) throw new Errno(EINVAL);
  if (address + oldPages * PAGE_SIZE > target && target + newPages * PAGE_SIZE > address) throw new Errno(EINVAL);
}

function checkGrowth(space: AddressSpace, area: Area, more: number): void {
  if (more <= 0) return;
  if (area.flags & AREA_LOCKED && (space.lockedPages + more) * PAGE_SIZE > space.lockLimit) throw new Errno(EAGAIN);
  checkLimits(space, more, area.prot, area.flags, 0);
}

/** Extends `area`, which must end at page `end`, if what follows is free. */
function growInPlace(space: AddressSpace, area: Area, end: number, more: number): boolean {
  const limit = end * PAGE_SIZE <= USER_LIMIT ? USER_LIMIT : HIGH_LIMIT;
  if (area.end !== end || (end + more) * PAGE_SIZE > limit) return false;
  if (space.areas.gapBelow(more, end, end + more) !== end) return false;
  space.count(area, -1);
  area.end += more;
  space.count(area, 1);
  space.areas.mergeAt(area.first);
  populateLocked(space, area.flags, end, end + more);
  return true;
}

/** Moves `oldPages` pages at `from` to a free place, as an area of `newPages`. */
function move(space: AddressSpace, from: number, oldPages: number, to: number, newPages: number, keep: boolean): void {
  const { areas } = space;
  const area = areas.at(from)!;
  const moved = area.part(from, from + oldPages);
  if (oldPages > 0 && area.prot & PROT_EXEC) space.executableChanged();
  for (let page = space.present.next(from, from + oldPages); page >= 0; ) {
    space.movePage(page, to + page - from);
    page = space.present.next(page + 1, from + oldPages);
  }
  moved.first = to;
  moved.end = to + newPages;
  moved.source?.hold(); // else unmapping its only area would free it
  if (oldPages > 0 && !keep) unmapPages(space, from, from + oldPages);
  else if (keep) unlock(space, from, from + oldPages);
  space.count(moved, 1);
  areas.insert(moved);
  moved.source?.drop();
  populateLocked(space, moved.flags, to + oldPages, to + newPages);
}

/** The area that MREMAP_DONTUNMAP leaves behind is not locked any more. */
function unlock(space: AddressSpace, first: number, end: number): void {
  const [from, to] = space.areas.carve(first, end);
  for (let i = from; i < to; i++) {
    const area = space.areas.items[i];
    space.count(area, -1);
    area.flags &= ~(AREA_LOCKED | AREA_LOCKONFAULT);
    space.count(area, 1);
  }
  space.areas.merge(from, to);
}

function populateLocked(space: AddressSpace, flags: number, first: number, end: number): void {
  if ((flags & (AREA_LOCKED | AREA_LOCKONFAULT)) === AREA_LOCKED) space.populate(first, end, ACCESS_READ);
}
