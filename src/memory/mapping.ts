/**
 * mmap, munmap, mprotect and brk over an address space, with the checks and errors of Linux's mm/mmap.c and mm/mprotect.c.
 * Addresses and lengths are bytes. Errors are thrown as Errno.
 */
import { EACCES, EAGAIN, EEXIST, EINVAL, ENOMEM, EPERM, Errno } from "../abi/errno.ts";
import {
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_TYPE,
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_READ,
  PROT_SEM,
  PROT_WRITE,
} from "../abi/mman.ts";
import { RLIMIT_AS, RLIMIT_DATA } from "../abi/resource.ts";
import { type AddressSpace, LIMIT_PAGE, MINIMUM_PAGE } from "./address-space.ts";
import {
  AREA_GROWSDOWN,
  AREA_LOCKED,
  AREA_LOCKONFAULT,
  AREA_NORESERVE,
  AREA_SEALED,
  AREA_SHARED,
  Area,
} from "./areas.ts";
import { ACCESS_READ, ACCESS_WRITE } from "./fault.ts";
import {
  HIGH_LIMIT,
  HIGH_START,
  isPageAligned,
  PAGE_SIZE,
  PAGE_TABLE_ENTRIES,
  TASK_SIZE_MAX,
  USER_LIMIT,
} from "./layout.ts";
import { isData } from "./limits.ts";
import { SharedAnonymous } from "./shared-anonymous.ts";
import type { PageSource } from "./types.ts";

const ALL_RIGHTS = PROT_READ | PROT_WRITE | PROT_EXEC;
/** What looking for room in the high range too is worth, in instruction units (Frames.work). */
const SECOND_SEARCH_WORK = 150;
/** Pages of the high range. */
const HIGH_FIRST = HIGH_START / PAGE_SIZE;
const HIGH_END = HIGH_LIMIT / PAGE_SIZE;
/** Pages that MAP_32BIT may use: the second GiB (arch/x86/kernel/sys_x86_64.c, find_start_end). */
const LOW_RANGE = { first: 0x4_0000, end: 0x8_0000 };
const WRAP = 2 ** 64 - PAGE_SIZE;
/** vm.max_map_count. */
const MAXIMUM_AREAS = 65530;

/** Pages that `length` bytes need; 0 within a page of 2^64, where Linux's PAGE_ALIGN wraps. */
export const pagesOf = (length: number): number => (length > WRAP ? 0 : Math.ceil(length / PAGE_SIZE));

export interface MapRequest {
  address: number;
  length: number;
  /** PROT_* and MAP_* of abi/mman.ts. */
  prot: number;
  flags: number;
  /** What is mapped; null with MAP_ANONYMOUS. */
  source: PageSource | null;
  /** Byte offset in `source`, a multiple of the page size. */
  offset: number;
  /** PROT_* that mprotect may give it later (a shared mapping of a file that is open read-only: no PROT_WRITE). */
  maxProt?: number;
}

/** The rights that are given when `prot` is asked for: READ_IMPLIES_EXEC adds PROT_EXEC where the mapping may have it. */
const impliedProt = (space: AddressSpace, prot: number, maxProt: number): number =>
  space.readImpliesExec && prot & PROT_READ ? prot | (maxProt & PROT_EXEC) : prot;

/** mmap(2). Returns the address. */
export function map(space: AddressSpace, request: MapRequest): number {
  const { flags, length, source } = request;
  const maxProt = request.maxProt ?? ALL_RIGHTS;
  const prot = impliedProt(space, request.prot & ALL_RIGHTS, maxProt);
  if (length <= 0) throw new Errno(EINVAL);
  const pages = pagesOf(length);
  if (pages === 0 || pages > HIGH_END) throw new Errno(ENOMEM);
  if (space.areas.items.length > MAXIMUM_AREAS) throw new Errno(ENOMEM);
  // The search for a gap, twice if there is none, and the list that moves.
  space.frames.work += space.areas.items.length;
  const first = place(space, request.address, pages, flags);
  requireUnsealed(space, first, first + pages);
  if (prot & PROT_EXEC && first + pages > LIMIT_PAGE) throw new Errno(ENOMEM); // see layout.ts
  const type = flags & MAP_TYPE;
  const shared = type === MAP_SHARED || (type === MAP_SHARED_VALIDATE && source !== null);
  if (!shared && type !== MAP_PRIVATE) throw new Errno(EINVAL);
  if (flags & MAP_GROWSDOWN && (shared || source !== null)) throw new Errno(EINVAL);

  let areaFlags = space.lockFuture;
  if (shared) areaFlags |= AREA_SHARED;
  if (flags & MAP_GROWSDOWN) areaFlags |= AREA_GROWSDOWN;
  if (flags & MAP_NORESERVE) areaFlags |= AREA_NORESERVE;
  if (flags & MAP_LOCKED) areaFlags |= AREA_LOCKED;
  if (areaFlags & AREA_LOCKED && (space.lockedPages + pages) * PAGE_SIZE > space.lockLimit) {
    throw new Errno(EAGAIN);
  }
  checkLimits(space, pages, prot, areaFlags, space.areas.mappedIn(first, first + pages));

  // What is replaced may be the only mapping of the same source, which unmapping would free.
  const held = source !== null && space.areas.overlaps(first, first + pages) ? source : null;
  held?.hold();
  unmapPages(space, first, first + pages);
  const anonymous = (flags & MAP_ANONYMOUS) !== 0 || source === null;
  const object = anonymous && shared ? new SharedAnonymous(space.frames, space.owner, pages) : source;
  const offset = anonymous ? 0 : request.offset / PAGE_SIZE;
  const area = new Area(first, first + pages, prot, maxProt, areaFlags, object, offset);
  space.count(area, 1);
  space.areas.insert(area);
  held?.drop();

  const populate = (flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE;
  const locked = (areaFlags & (AREA_LOCKED | AREA_LOCKONFAULT)) === AREA_LOCKED;
  if (populate || locked)
    space.populate(first, first + pages, !shared && prot & PROT_WRITE ? ACCESS_WRITE : ACCESS_READ);
  return first * PAGE_SIZE;
}

/** Where a mapping goes: its first page (get_unmapped_area). */
export function place(space: AddressSpace, address: number, pages: number, flags: number): number {
  if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
    if (address > HIGH_LIMIT - pages * PAGE_SIZE) throw new Errno(ENOMEM);
    if (!isPageAligned(address)) throw new Errno(EINVAL);
    const first = address / PAGE_SIZE;
    if (first < MINIMUM_PAGE) throw new Errno(EPERM);
    if (first < PAGE_TABLE_ENTRIES && first + pages > LIMIT_PAGE) throw new Errno(ENOMEM);
    if (flags & MAP_FIXED_NOREPLACE && space.areas.overlaps(first, first + pages)) throw new Errno(EEXIST);
    return first;
  }
  const hint = Math.max(MINIMUM_PAGE, Math.floor(address / PAGE_SIZE));
  if (address !== 0 && hint + pages <= LIMIT_PAGE && isFree(space, hint, pages)) return hint;
  let first = -1;
  if (flags & MAP_32BIT) first = space.areas.gapBelow(pages, LOW_RANGE.first, LOW_RANGE.end);
  else first = space.areas.gapBelow(pages, MINIMUM_PAGE, space.mmapTop);
  if (first < 0 && (flags & MAP_32BIT) === 0) first = space.areas.gapBelow(pages, MINIMUM_PAGE, LIMIT_PAGE);
  if (first >= 0) return first;
  if (flags & MAP_32BIT) throw new Errno(ENOMEM);
  return placeHigh(space, hint, pages);
}

/** Accesses to the high range cost more, so that what is placed there is what has no room elsewhere. */
function placeHigh(space: AddressSpace, hint: number, pages: number): number {
  space.frames.work += SECOND_SEARCH_WORK;
  if (hint >= HIGH_FIRST && hint + pages <= HIGH_END && isFree(space, hint, pages)) return hint;
  const first = space.areas.gapBelow(pages, HIGH_FIRST, HIGH_END);
  if (first < 0) throw new Errno(ENOMEM);
  return first;
}

/** Whether `pages` pages are free, the gap below an area that grows down included. */
function isFree(space: AddressSpace, first: number, pages: number): boolean {
  return space.areas.gapBelow(pages, first, first + pages) === first;
}

/** ENOMEM if `pages` more pages exceed RLIMIT_AS or RLIMIT_DATA; `replaced` pages go at the same time (may_expand_vm). */
export function checkLimits(
  space: AddressSpace,
  pages: number,
  prot: number,
  areaFlags: number,
  replaced: number,
): void {
  const { soft } = space.limits;
  if ((space.mappedPages + pages - replaced) * PAGE_SIZE > soft[RLIMIT_AS]) throw new Errno(ENOMEM);
  if (pages > PAGE_TABLE_ENTRIES && isObviousOvercommit(prot, areaFlags)) throw new Errno(ENOMEM);
  if (isData(prot, areaFlags) && (space.dataPages + pages) * PAGE_SIZE > dataLimit(space)) throw new Errno(ENOMEM);
}

/**
 * Whether memory is promised that no machine has, of a mapping above 4 GiB in size: malloc(3) of it is to fail, and programs that
 * only reserve say so (Linux's __vm_enough_memory with OVERCOMMIT_GUESS).
 */
function isObviousOvercommit(prot: number, areaFlags: number): boolean {
  return (prot & PROT_WRITE) !== 0 && (areaFlags & (AREA_SHARED | AREA_NORESERVE)) === 0;
}

/** Bytes of private writable memory. A soft limit of 0 bounds only the break: then the hard one counts (may_expand_vm). */
function dataLimit({ limits: { soft, hard } }: AddressSpace): number {
  return soft[RLIMIT_DATA] === 0 ? hard[RLIMIT_DATA] : soft[RLIMIT_DATA];
}

/** munmap(2). */
export function unmap(space: AddressSpace, address: number, length: number): void {
  if (!isPageAligned(address) || length <= 0 || address > TASK_SIZE_MAX || length > TASK_SIZE_MAX - address) {
    throw new Errno(EINVAL);
  }
  const first = address / PAGE_SIZE;
  const end = Math.min(first + pagesOf(length), HIGH_END);
  if (first >= end) return;
  requireUnsealed(space, first, end);
  unmapPages(space, first, end);
}

/** EPERM when mseal(2) keeps a page of [first, end) from being unmapped, moved or changed. */
export function requireUnsealed(space: AddressSpace, first: number, end: number): void {
  if (space.areas.any(first, end, AREA_SEALED)) throw new Errno(EPERM);
}

/** Removes what is mapped in pages [first, end). */
export function unmapPages(space: AddressSpace, first: number, end: number): void {
  const { areas } = space;
  if (!areas.overlaps(first, end)) return;
  const [from, to] = areas.carve(first, end);
  let executable = false;
  for (let i = from; i < to; i++) {
    if (areas.items[i].prot & PROT_EXEC) executable = true;
    space.count(areas.items[i], -1);
  }
  space.dropPages(first, end);
  areas.remove(from, to);
  if (executable) space.executableChanged();
}

/** mprotect(2). As on Linux, areas before the first hole or refusal keep the new rights. */
export function protect(space: AddressSpace, address: number, length: number, prot: number): void {
  const grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP) || !isPageAligned(address)) throw new Errno(EINVAL);
  if (length === 0) return;
  const end = address + pagesOf(length) * PAGE_SIZE;
  if (end <= address || end >= 2 ** 64) throw new Errno(ENOMEM);
  if (prot & ~(ALL_RIGHTS | PROT_SEM | grows)) throw new Errno(EINVAL);
  if (address >= HIGH_LIMIT) throw new Errno(ENOMEM);
  let first = address / PAGE_SIZE;
  if (grows !== 0) {
    const area = space.areas.at(first);
    if (area === null) throw new Errno(ENOMEM);
    if (grows === PROT_GROWSUP || (area.flags & AREA_GROWSDOWN) === 0) throw new Errno(EINVAL);
    first = area.first;
  }
  protectPages(space, first, Math.min(end, HIGH_LIMIT) / PAGE_SIZE, prot & ALL_RIGHTS);
  if (end > HIGH_LIMIT) throw new Errno(ENOMEM);
}

function protectPages(space: AddressSpace, first: number, end: number, asked: number): void {
  const { areas } = space;
  let page = first;
  while (page < end) {
    const area = areas.at(page);
    if (area === null) throw new Errno(ENOMEM);
    const stop = Math.min(area.end, end);
    const prot = stop > LIMIT_PAGE ? asked : impliedProt(space, asked, area.maxProt);
    if (prot & ~area.maxProt || (prot & PROT_EXEC && stop > LIMIT_PAGE)) throw new Errno(EACCES); // see layout.ts
    if (area.flags & AREA_SEALED) throw new Errno(EPERM);
    if (area.prot !== prot) {
      const becomesData = isData(prot, area.flags) && !isData(area.prot, area.flags);
      if (stop - page > PAGE_TABLE_ENTRIES && !(area.prot & PROT_WRITE) && isObviousOvercommit(prot, area.flags)) {
        throw new Errno(ENOMEM);
      }
      if (becomesData && (space.dataPages + stop - page) * PAGE_SIZE > dataLimit(space)) throw new Errno(ENOMEM);
      const [from, to] = areas.carve(page, stop);
      const inner = areas.items[from];
      if (inner.prot & PROT_EXEC) space.executableChanged();
      space.count(inner, -1);
      inner.prot = prot;
      space.count(inner, 1);
      if (space.active) space.frames.table.clearRange(page, stop);
      areas.merge(from, to);
    }
    page = stop;
  }
}

/** Sets where the program break starts (exec). */
export function startBreak(space: AddressSpace, address: number): void {
  space.breakStart = space.breakEnd = address;
}

/** brk(2), the system call: moves the break if it can, and returns where it is then. */
export function setBreak(space: AddressSpace, address: number): number {
  const old = space.breakEnd;
  if (address < space.breakStart || address > USER_LIMIT) return old;
  if (address - space.breakStart > space.limits.soft[RLIMIT_DATA]) return old;
  const oldPage = pagesOf(old);
  const newPage = pagesOf(address);
  if (newPage < oldPage && space.areas.any(newPage, oldPage, AREA_SEALED)) return old;
  if (newPage < oldPage) unmapPages(space, newPage, oldPage);
  else if (newPage > oldPage) {
    const pages = newPage - oldPage;
    const prot = impliedProt(space, PROT_READ | PROT_WRITE, ALL_RIGHTS);
    if (newPage > LIMIT_PAGE || !isFree(space, oldPage, pages)) return old;
    if (space.lockFuture && (space.lockedPages + pages) * PAGE_SIZE > space.lockLimit) return old;
    try {
      checkLimits(space, pages, prot, 0, 0);
    } catch (error) {
      if (error instanceof Errno) return old;
      throw error;
    }
    const area = new Area(oldPage, newPage, prot, ALL_RIGHTS, space.lockFuture, null, 0);
    space.count(area, 1);
    space.areas.insert(area);
    if (space.lockFuture === AREA_LOCKED) space.populate(oldPage, newPage, ACCESS_WRITE);
  }
  space.breakEnd = address;
  return address;
}
