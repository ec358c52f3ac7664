/**
 * mlock and its kin (Linux's mm/mlock.c). Frames are never taken from under a mapping here, so a lock does what it promises by
 * making pages present; the accounting and the limits are Linux's.
 */
import { EAGAIN, EINVAL, ENOMEM, EPERM, Errno } from "../abi/errno.ts";
import { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, PROT_WRITE } from "../abi/mman.ts";
import { NeedPage } from "../wait/queue.ts";
import type { AddressSpace } from "./address-space.ts";
import { AREA_LOCKED, AREA_LOCKONFAULT, type Area } from "./areas.ts";
import { ACCESS_READ, ACCESS_WRITE, CAUSE_NEED_PAGE, CAUSE_NONE, CAUSE_OUT_OF_MEMORY } from "./fault.ts";
import { HIGH_LIMIT, PAGE_MASK, PAGE_SIZE } from "./layout.ts";
import { pagesOf } from "./mapping.ts";

const LOCK_FLAGS = AREA_LOCKED | AREA_LOCKONFAULT;

/** mlock2(2): `onFault` is MLOCK_ONFAULT. Throws NeedPage. */
export function lock(space: AddressSpace, address: number, length: number, onFault: boolean): void {
  if (space.lockLimit === 0) throw new Errno(EPERM);
  const [first, end] = range(address, length);
  if (first === end) return;
  const already = lockedIn(space, first, end);
  if ((space.lockedPages + end - first - already) * PAGE_SIZE > space.lockLimit) throw new Errno(ENOMEM);
  apply(space, first, end, AREA_LOCKED | (onFault ? AREA_LOCKONFAULT : 0));
  if (!onFault) populate(space, first, end);
}

/** munlock(2). */
export function unlock(space: AddressSpace, address: number, length: number): void {
  const [first, end] = range(address, length);
  if (first !== end) apply(space, first, end, 0);
}

/** mlockall(2). */
export function lockAll(space: AddressSpace, flags: number): void {
  if (flags === 0 || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags === MCL_ONFAULT) {
    throw new Errno(EINVAL);
  }
  if (space.lockLimit === 0) throw new Errno(EPERM);
  if (flags & MCL_CURRENT && space.mappedPages * PAGE_SIZE > space.lockLimit) throw new Errno(ENOMEM);
  const areaFlags = AREA_LOCKED | (flags & MCL_ONFAULT ? AREA_LOCKONFAULT : 0);
  space.lockFuture = flags & MCL_FUTURE ? areaFlags : 0;
  if ((flags & MCL_CURRENT) === 0) return;
  const { items } = space.areas;
  for (let i = items.length - 1; i >= 0; i--) relabel(space, items[i], areaFlags);
  space.areas.merge(0, items.length);
  if (flags & MCL_ONFAULT) return;
  for (const area of [...items]) populateArea(space, area, area.first, area.end);
}

/** munlockall(2). */
export function unlockAll(space: AddressSpace): void {
  space.lockFuture = 0;
  const { items } = space.areas;
  for (const area of items) relabel(space, area, 0);
  space.areas.merge(0, items.length);
}

/** Pages [first, end) that a range of bytes touches. */
function range(address: number, length: number): [first: number, end: number] {
  const within = address & PAGE_MASK;
  const start = address - within;
  const end = start + pagesOf(length + within) * PAGE_SIZE;
  if (end >= 2 ** 64) throw new Errno(EINVAL);
  if (end > HIGH_LIMIT) throw new Errno(ENOMEM);
  return [start / PAGE_SIZE, end / PAGE_SIZE];
}

function lockedIn(space: AddressSpace, first: number, end: number): number {
  const { items } = space.areas;
  let pages = 0;
  for (let i = space.areas.position(first); i < items.length && items[i].first < end; i++) {
    if (items[i].flags & AREA_LOCKED) pages += Math.min(items[i].end, end) - Math.max(items[i].first, first);
  }
  return pages;
}

/** Sets the lock flags of areas up to the first hole; then ENOMEM. */
function apply(space: AddressSpace, first: number, end: number, flags: number): void {
  const { areas } = space;
  let stop = first;
  for (let i = areas.position(first); stop < end && i < areas.items.length && areas.items[i].first <= stop; i++) {
    stop = Math.min(end, areas.items[i].end);
  }
  if (stop > first) {
    const [from, to] = areas.carve(first, stop);
    for (let i = from; i < to; i++) relabel(space, areas.items[i], flags);
    areas.merge(from, to);
  }
  if (stop < end) throw new Errno(ENOMEM);
}

function relabel(space: AddressSpace, area: Area, flags: number): void {
  space.count(area, -1);
  area.flags = (area.flags & ~LOCK_FLAGS) | flags;
  space.count(area, 1);
}

function populate(space: AddressSpace, first: number, end: number): void {
  const { areas } = space;
  for (let page = first; page < end; ) {
    const area = areas.at(page)!;
    const stop = Math.min(end, area.end);
    const cause = populateArea(space, area, page, stop);
    if (cause === CAUSE_NEED_PAGE) throw new NeedPage(space.faultQueue!);
    if (cause !== CAUSE_NONE) throw new Errno(cause === CAUSE_OUT_OF_MEMORY ? EAGAIN : ENOMEM);
    page = stop;
  }
}

/** Private writable pages are copied now, so that a later write does not need a frame. */
function populateArea(space: AddressSpace, area: Area, first: number, end: number): number {
  return space.populate(first, end, !area.shared && area.prot & PROT_WRITE ? ACCESS_WRITE : ACCESS_READ);
}
