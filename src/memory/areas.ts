/**
 * Virtual memory areas: the mappings of an address space, as page ranges that do not overlap, sorted by address.
 * Neighbours that agree in everything are one area, as in /proc/self/maps.
 */
import type { MemoryPolicy } from "./policy.ts";
import type { PageSource } from "./types.ts";

/** Area flag: MAP_SHARED. */
export const AREA_SHARED = 1;
/** Area flag: grows downwards on access below it. */
export const AREA_GROWSDOWN = 2;
/** Area flag: MAP_NORESERVE. */
export const AREA_NORESERVE = 4;
/** Area flags of mlock(2) and mlock2(2). */
export const AREA_LOCKED = 8;
export const AREA_LOCKONFAULT = 16;
/** Area flags of madvise(2). */
export const AREA_DONTFORK = 32;
export const AREA_WIPEONFORK = 64;
export const AREA_DONTDUMP = 128;
/** Area flag of mseal(2): it stays where and as it is. */
export const AREA_SEALED = 256;

/** Pages kept free below an area that grows down (stack_guard_gap). */
export const GUARD_GAP = 256;

export class Area {
  /** First page, and the page after the last. */
  first: number;
  end: number;
  /** PROT_* now, and the PROT_* that mprotect may give it. */
  prot: number;
  readonly maxProt: number;
  /** AREA_*. */
  flags: number;
  /** What is mapped, or null for private anonymous memory. */
  readonly source: PageSource | null;
  /** Page index in `source` of the first page; 0 for anonymous memory. */
  offset: number;
  /** Of mbind(2); null for the thread's. */
  policy: MemoryPolicy | null = null;

  constructor(
    first: number,
    end: number,
    prot: number,
    maxProt: number,
    flags: number,
    source: PageSource | null,
    offset: number,
  ) {
    this.first = first;
    this.end = end;
    this.prot = prot;
    this.maxProt = maxProt;
    this.flags = flags;
    this.source = source;
    this.offset = source === null ? 0 : offset;
  }

  get shared(): boolean {
    return (this.flags & AREA_SHARED) !== 0;
  }

  /** Index in `source` of a page of the area. */
  index(page: number): number {
    return this.offset + page - this.first;
  }

  /** A copy that covers [first, end), which lies in the area. */
  part(first: number, end: number): Area {
    const offset = this.source === null ? 0 : this.index(first);
    const part = new Area(first, end, this.prot, this.maxProt, this.flags, this.source, offset);
    part.policy = this.policy;
    return part;
  }

  /** `next` begins where this one ends and continues it. */
  continuedBy(next: Area): boolean {
    return (
      this.end === next.first &&
      this.prot === next.prot &&
      this.maxProt === next.maxProt &&
      this.flags === next.flags &&
      this.policy === next.policy &&
      this.source === next.source &&
      this.source?.apart !== true &&
      (this.source === null || this.index(this.end) === next.offset)
    );
  }
}

/** Told when an area that maps a source comes or goes, so that sources can be kept alive and found from. */
export interface SourceUsers {
  mapped(source: PageSource): void;
  unmapped(source: PageSource): void;
}

export class AreaList {
  readonly items: Area[] = [];
  readonly #users: SourceUsers;
  /** Position of the area found last. */
  #last = 0;
  /** What gapBelow has seen: no gap of `pages` pages or more in [from, high). */
  #full = { pages: 0, from: 0, high: -1 };

  constructor(users: SourceUsers) {
    this.#users = users;
  }

  /** Position of the first area that ends after `page`; `items.length` when there is none. */
  position(page: number): number {
    const items = this.items;
    const last = this.#last;
    if (last < items.length && page < items[last].end && (page >= items[last].first || last === 0)) return last;
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (items[middle].end > page) high = middle;
      else low = middle + 1;
    }
    this.#last = low;
    return low;
  }

  /** The area that holds `page`, or null. */
  at(page: number): Area | null {
    const i = this.position(page);
    if (i === this.items.length) return null;
    const area = this.items[i];
    return area.first <= page ? area : null;
  }

  /** Whether areas cover all of [first, end). */
  covers(first: number, end: number): boolean {
    for (let i = this.position(first); first < end; i++) {
      if (i === this.items.length || this.items[i].first > first) return false;
      first = this.items[i].end;
    }
    return true;
  }

  /** Whether an area overlaps [first, end). */
  overlaps(first: number, end: number): boolean {
    const i = this.position(first);
    return i < this.items.length && this.items[i].first < end;
  }

  /** Whether an area that overlaps [first, end) has the flag. */
  any(first: number, end: number, flag: number): boolean {
    for (let i = this.position(first); i < this.items.length && this.items[i].first < end; i++) {
      if (this.items[i].flags & flag) return true;
    }
    return false;
  }

  /** Pages of [first, end) that are mapped. */
  mappedIn(first: number, end: number): number {
    let pages = 0;
    for (let i = this.position(first); i < this.items.length && this.items[i].first < end; i++) {
      pages += Math.min(this.items[i].end, end) - Math.max(this.items[i].first, first);
    }
    return pages;
  }

  /** Adds an area where there is none, and joins it with its neighbours. */
  insert(area: Area): void {
    const i = this.position(area.first);
    this.items.splice(i, 0, area);
    if (area.source) this.#users.mapped(area.source);
    this.merge(i, i + 1);
  }

  /** Splits areas at both ends of [first, end); returns the positions [from, to) of those inside it. */
  carve(first: number, end: number): [from: number, to: number] {
    const from = this.#splitAt(first);
    return [from, this.#splitAt(end)];
  }

  /** Removes the areas at positions [from, to). */
  remove(from: number, to: number): Area[] {
    const gone = this.#drop(from, to);
    if (gone.length > 0 && gone[gone.length - 1].end > this.#full.from)
      this.#full.from = Math.min(this.#full.high, this.items[from]?.first ?? this.#full.high);
    return gone;
  }

  #drop(from: number, to: number): Area[] {
    const gone = this.items.splice(from, to - from);
    for (const area of gone) if (area.source) this.#users.unmapped(area.source);
    return gone;
  }

  /** Joins what can be joined among positions [from, to) and with the neighbours. */
  merge(from: number, to: number): void {
    const items = this.items;
    for (let i = Math.min(to, items.length - 1); i > 0 && i >= from; i--) {
      if (!items[i - 1].continuedBy(items[i])) continue;
      items[i - 1].end = items[i].end;
      this.#drop(i, i + 1);
    }
  }

  /** Joins the area that holds `page` with its neighbours. */
  mergeAt(page: number): void {
    const i = this.position(page);
    this.merge(i, i + 1);
  }

  /**
   * The highest free range of `pages` pages in [low, high); returns its first page or -1. Stays GUARD_GAP away from areas
   * that grow down.
   */
  gapBelow(pages: number, low: number, high: number): number {
    const items = this.items;
    const full = this.#full;
    const known = full.high === high && full.pages <= pages && full.from > low;
    for (let i = this.position(known ? full.from : high - 1); i >= 0; i--) {
      let top = high;
      if (i < items.length) {
        const area = items[i];
        top = Math.min(high, (area.flags & AREA_GROWSDOWN) !== 0 ? area.first - GUARD_GAP : area.first);
      }
      const bottom = i === 0 ? low : Math.max(low, items[i - 1].end);
      if (top - bottom >= pages) {
        // A question about one place would only displace what is known.
        if (high - low > pages) this.#full = { pages, from: top, high };
        return top - pages;
      }
      if (bottom <= low) return -1;
    }
    return -1;
  }

  /** Makes `page` a boundary; returns the position of the first area at or after it. */
  #splitAt(page: number): number {
    const i = this.position(page);
    const area = this.items[i];
    if (area === undefined || area.first >= page) return i;
    const rest = area.part(page, area.end);
    area.end = page;
    this.items.splice(i + 1, 0, rest);
    if (rest.source) this.#users.mapped(rest.source);
    return i + 1;
  }
}
