/**
 * An address space: areas (what may be accessed and what is behind it) and present pages (which frame each touched page
 * has). This is the truth; the flat page table is a cache of it for the address space that runs.
 *
 * A page comes in when it is first accessed. A read of untouched anonymous memory maps the one frame of zeroes, a write
 * allocates. Pages of a source map the source's own frames, so that an executable's text is in memory once however many
 * machines run it; a private mapping copies a page when it is first written. After fork both sides share frames, and the
 * reference count tells the last holder that it need not copy.
 */
import { ENOMEM, Errno } from "../abi/errno.ts";
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { RLIMIT_AS, RLIMIT_MEMLOCK, RLIMIT_STACK } from "../abi/resource.ts";
import { PF_FETCH, PF_NEED_PAGE, PF_WRITE, VECTOR_GP, VECTOR_PF, VECTOR_SS } from "../cpu/state.ts";
import type { WaitQueue } from "../wait/queue.ts";
import {
  AREA_DONTFORK,
  AREA_GROWSDOWN,
  AREA_LOCKED,
  AREA_LOCKONFAULT,
  AREA_SHARED,
  AREA_WIPEONFORK,
  type Area,
  AreaList,
  GUARD_GAP,
  type SourceUsers,
} from "./areas.ts";
import {
  ACCESS_EXEC,
  ACCESS_READ,
  ACCESS_WRITE,
  type Access,
  CAUSE_ACCERR,
  CAUSE_BUS_ADRERR,
  CAUSE_MAPERR,
  CAUSE_NEED_PAGE,
  CAUSE_NONE,
  CAUSE_NOT_CANONICAL,
  CAUSE_OUT_OF_MEMORY,
  type Cause,
  PF_PRESENT,
  PF_USER,
  recordFault,
} from "./fault.ts";
import { ADDRESS_LIMIT, HIGH_LIMIT, PAGE_SHIFT, PAGE_SIZE, PAGE_TABLE_ENTRIES, USER_LIMIT } from "./layout.ts";
import { defaultLimits, isData, type MemoryLimits } from "./limits.ts";
import { Pages } from "./pages.ts";
import type { Frames } from "./physical.ts";
import { FRAME_SHIFT, OWN, PRESENT, SHARED, WRITABLE } from "./present.ts";
import { addMapping, removeMapping, type SourceMapper } from "./reverse-map.ts";
import { type FrameOwner, OutOfFrames, type PageSource } from "./types.ts";
import { UserAccess } from "./user.ts";

/** The file that an address space runs (Linux's mm->exe_file), kept from being written while one does. */
export interface RunningFile {
  hold(): void;
  drop(): void;
}

/** First page that mappings without MAP_FIXED may use, and others may not go below (vm.mmap_min_addr). */
export const MINIMUM_PAGE = 16;
/** The page after the last that a mapping may have. */
export const LIMIT_PAGE = USER_LIMIT / PAGE_SIZE;

export class AddressSpace extends Pages implements SourceMapper, SourceUsers {
  limits: MemoryLimits;
  readonly areas: AreaList;
  /** This address space as system calls see it. */
  readonly user: UserAccess;

  /** Mappings are placed below this page, downwards. */
  mmapTop = LIMIT_PAGE;
  /** The program break, and where it began (bytes). */
  breakStart = 0;
  breakEnd = 0;
  /** The ranges of arguments and environment on the initial stack, and its top (bytes), for /proc. */
  argumentStart = 0;
  argumentEnd = 0;
  environmentStart = 0;
  environmentEnd = 0;
  stackTop = 0;
  /** The stack pointer that the program began with. */
  stackStart = 0;
  /** The auxiliary vector as it was passed, for /proc/self/auxv. */
  auxv: Uint8Array = new Uint8Array(0);
  /** AREA_LOCKED and AREA_LOCKONFAULT for mappings to come (MCL_FUTURE). */
  lockFuture = 0;

  /** The process may lock any amount (CAP_IPC_LOCK); set by the calls that lock. */
  mayLock = false;
  /** Whether what is readable becomes executable too (READ_IMPLIES_EXEC of personality(2)), as the last caller of mmap has it. */
  readImpliesExec = false;

  /** Pages mapped (and the most so far), those among them that RLIMIT_DATA counts, and locked ones. */
  mappedPages = 0;
  peakMapped = 0;
  dataPages = 0;
  lockedPages = 0;

  /** What the last failed access wants: why it failed, and for CAUSE_NEED_PAGE the queue. */
  faultCause: Cause = CAUSE_NONE;
  faultQueue: WaitQueue | null = null;

  /** Commands of membarrier(2) that were registered. A copy keeps them. */
  barriers = 0;

  /** What exec put here. */
  executable: RunningFile | null = null;

  #users = 1;
  #faults = 0;

  constructor(frames: Frames, owner: FrameOwner, limits: MemoryLimits = defaultLimits()) {
    super(frames, owner);
    this.limits = limits;
    this.areas = new AreaList(this);
    this.user = new UserAccess(this);
  }

  // ---- life

  /** One user more (CLONE_VM). */
  share(): this {
    this.#users++;
    return this;
  }

  /** Users: processes that run in it. */
  get users(): number {
    return this.#users;
  }

  /** One user less; the last one frees everything. */
  release(): void {
    if (--this.#users > 0) return;
    this.deactivate();
    this.dropAll();
    this.areas.remove(0, this.areas.items.length);
    this.mappedPages = this.dataPages = this.lockedPages = 0;
    this.executable?.drop();
    this.executable = null;
  }

  /** Says which file runs in it; held until the address space is freed. */
  run(file: RunningFile): void {
    file.hold();
    this.executable = file;
  }

  /** A copy for fork(2): private pages are shared until one side writes them. Throws ENOMEM. */
  fork(): AddressSpace {
    if (!this.present.hasRoomToFork) throw new Errno(ENOMEM);
    const child = new AddressSpace(this.frames, this.owner, this.limits);
    for (const area of this.areas.items) {
      const copy = area.part(area.first, area.end);
      copy.flags &= ~(AREA_LOCKED | AREA_LOCKONFAULT);
      child.areas.items.push(copy);
      if (copy.source) child.mapped(copy.source);
    }
    this.forkPages(child);
    child.mappedPages = child.peakMapped = this.mappedPages;
    child.dataPages = this.dataPages;
    child.mmapTop = this.mmapTop;
    child.breakStart = this.breakStart;
    child.breakEnd = this.breakEnd;
    child.argumentStart = this.argumentStart;
    child.argumentEnd = this.argumentEnd;
    child.environmentStart = this.environmentStart;
    child.environmentEnd = this.environmentEnd;
    child.stackTop = this.stackTop;
    child.stackStart = this.stackStart;
    child.mayLock = this.mayLock;
    child.auxv = this.auxv;
    child.barriers = this.barriers;
    if (this.executable !== null) child.run(this.executable);
    for (let i = child.areas.items.length - 1; i >= 0; i--) {
      const area = child.areas.items[i];
      if (area.flags & (AREA_DONTFORK | AREA_WIPEONFORK)) child.dropPages(area.first, area.end);
      if (area.flags & AREA_DONTFORK) {
        child.count(area, -1);
        child.areas.remove(i, i + 1);
      }
    }
    child.areas.merge(0, child.areas.items.length); // what only a lock told apart
    return child;
  }

  // ---- accounting

  /** Pages brought in or copied since it was asked last, for getrusage(2). */
  takeFaults(): number {
    const faults = this.#faults;
    this.#faults = 0;
    return faults;
  }

  /** Bytes that may be locked. */
  get lockLimit(): number {
    return this.mayLock ? Number.POSITIVE_INFINITY : this.limits.soft[RLIMIT_MEMLOCK];
  }

  /** Adds an area to the totals, or with -1 takes it off. */
  count(area: Area, sign: 1 | -1): void {
    const pages = sign * (area.end - area.first);
    this.mappedPages += pages;
    if (this.mappedPages > this.peakMapped) this.peakMapped = this.mappedPages;
    if (isData(area.prot, area.flags)) this.dataPages += pages;
    if (area.flags & AREA_LOCKED) this.lockedPages += pages;
    if (this.sharesCode && area.prot & PROT_EXEC) this.executableChanged();
  }

  /**
   * Shares what the jump cache knows with all address spaces that have the same code at the same addresses, where all of it is of
   * files as an image has them. To be called when a program is loaded: whatever changes code later ends it.
   */
  shareCode(): void {
    let layout = "";
    for (const { prot, source, first, end, offset } of this.areas.items) {
      if ((prot & PROT_EXEC) === 0) continue;
      const original = source?.original ?? null;
      if (original === null) return;
      layout += `${identityOf(original)} ${first} ${end} ${offset}\n`;
    }
    this.shareJumpTag(layout);
  }

  mapped(source: PageSource): void {
    addMapping(source, this);
  }

  unmapped(source: PageSource): void {
    removeMapping(source, this);
  }

  // ---- faults

  /**
   * The CPU found no entry for `bytes` bytes at a linear address. Returns 0 when they are accessible now (then the page
   * table is filled), else 1 with FAULT_VECTOR, FAULT_CODE and FAULT_ADDRESS set, and `faultCause`.
   * Bit 0 of `access`: a write; bit 1: through the stack segment.
   */
  miss(low: number, high: number, bytes: number, access: number): number {
    low >>>= 0;
    const kind = access & 1 ? ACCESS_WRITE : ACCESS_READ;
    if (high !== 0) {
      if (high < 0 || high >= HIGH_LIMIT / ADDRESS_LIMIT) return this.#beyond(low, high, access);
      const page = high * PAGE_TABLE_ENTRIES + (low >>> PAGE_SHIFT);
      const cause = this.#attempt(page, kind);
      return cause === CAUSE_NONE ? 0 : this.#fault(cause, high * ADDRESS_LIMIT + low, kind);
    }
    const cause = this.#attempt(low >>> PAGE_SHIFT, kind);
    if (cause !== CAUSE_NONE) return this.#fault(cause, low, kind);
    const end = low + bytes - 1;
    const last = Math.floor(end / PAGE_SIZE);
    if (last === low >>> PAGE_SHIFT) return 0;
    if (last >= PAGE_TABLE_ENTRIES) return this.#beyond(0, 1, access);
    const second = this.#attempt(last, kind);
    return second === CAUSE_NONE ? 0 : this.#fault(second, last * PAGE_SIZE, kind);
  }

  /** The frame of the executable page at a linear address, or -1 with the fault recorded as in `miss`. */
  fetch(address: number): number {
    if (address >= USER_LIMIT) {
      const cause = this.areas.at(Math.floor(address / PAGE_SIZE)) === null ? CAUSE_MAPERR : CAUSE_ACCERR;
      this.#fault(cause, address, ACCESS_EXEC);
      return -1;
    }
    const page = address >>> PAGE_SHIFT;
    const cause = this.#attempt(page, ACCESS_EXEC);
    if (cause === CAUSE_NONE) return this.present.get(page) >>> FRAME_SHIFT;
    this.#fault(cause, address >>> 0, ACCESS_EXEC);
    return -1;
  }

  /**
   * Makes a page present for an access, and fills the flat page table if this address space is active. Throws OutOfFrames.
   * For CAUSE_NEED_PAGE `faultQueue` is set.
   */
  resolve(page: number, access: Access): Cause {
    this.frames.work += RESOLVE_WORK;
    const area = this.areas.at(page) ?? this.#growStack(page);
    if (area === null) return CAUSE_MAPERR;
    if ((area.prot & NEEDED[access]) === 0) return CAUSE_ACCERR;
    let entry = this.present.get(page);
    if (entry === 0 || (access === ACCESS_WRITE && (entry & WRITABLE) === 0)) {
      const cause = this.#bringIn(area, page, entry, access === ACCESS_WRITE);
      if (cause !== CAUSE_NONE) return cause;
      entry = this.present.get(page);
    }
    const frame = entry >>> FRAME_SHIFT;
    let writable = (entry & WRITABLE) !== 0 && (area.prot & PROT_WRITE) !== 0;
    if (writable && this.frames.hasCode(frame)) {
      if (access === ACCESS_WRITE) this.frames.dropCode(frame);
      else writable = false;
    }
    if (this.active) this.frames.table.fill(page, frame, writable);
    return CAUSE_NONE;
  }

  /** Makes every page of [first, end) present as far as it goes; errors are left for the access to find. */
  populate(first: number, end: number, access: Access): Cause {
    for (let page = first; page < end; page++) {
      const cause = this.#attempt(page, access);
      if (cause !== CAUSE_NONE) return cause;
    }
    return CAUSE_NONE;
  }

  // ---- withdrawing pages

  /** The source takes pages back (see unmapSource). */
  withdraw(source: PageSource, first: number, end: number, copies: boolean): void {
    for (const area of this.areas.items) {
      if (area.source !== source) continue;
      const from = Math.max(area.first, area.first + first - area.offset);
      const to = Math.min(area.end, area.first + end - area.offset);
      if (this.sharesCode && area.prot & PROT_EXEC) this.executableChanged();
      for (let page = this.present.next(from, to); page >= 0; page = this.present.next(page + 1, to)) {
        if (!copies && this.present.get(page) & OWN) continue;
        if (this.active) this.frames.table.clear(page);
        if (area.prot & PROT_EXEC) this.executableChanged();
        this.delete(page);
      }
    }
  }

  mayWrite(source: PageSource): boolean {
    return this.areas.items.some((area) => area.source === source && area.shared && area.maxProt & PROT_WRITE);
  }

  // ---- how a page comes in

  /** Makes an absent page present, or a present one writable. */
  #bringIn(area: Area, page: number, entry: number, write: boolean): Cause {
    const shared = (area.flags & AREA_SHARED) !== 0;
    if (entry === 0 && !this.present.hasRoom(page)) throw new OutOfFrames(this.owner);
    // That a page was merged is nothing that a program is told (merge.ts).
    if (entry === 0 || !this.frames.isMerged(entry >>> FRAME_SHIFT)) this.#faults++;
    if (entry !== 0 && !shared) {
      this.ownPage(area.prot, page, entry, entry >>> FRAME_SHIFT);
      return CAUSE_NONE;
    }
    if (area.source !== null) return this.#fromSource(area, area.source, page, entry, write);
    const zero = this.frames.zeroFrame;
    // In the high range what is only read has a frame too, so that the leaves of its entries are paid for.
    if (write || page >= PAGE_TABLE_ENTRIES) this.ownPage(area.prot, page, 0, zero);
    else {
      this.frames.retain(zero);
      this.set(page, (zero << FRAME_SHIFT) | PRESENT);
    }
    return CAUSE_NONE;
  }

  /** A page of a source: its own frame, or for a write to a private mapping a copy. */
  #fromSource(area: Area, source: PageSource, page: number, entry: number, write: boolean): Cause {
    const index = area.index(page);
    if (index * PAGE_SIZE >= source.size) return CAUSE_BUS_ADRERR;
    const shared = (area.flags & AREA_SHARED) !== 0;
    const frame = source.frame(index, write && shared);
    if (frame < 0) {
      this.faultQueue = source.need(index);
      return CAUSE_NEED_PAGE;
    }
    this.frames.retain(frame);
    // Asked for a page to write, the source may have moved it and withdrawn the old one.
    entry = this.present.get(page);
    if (write && !shared) {
      try {
        this.ownPage(area.prot, page, entry, frame);
      } finally {
        this.frames.release(frame);
      }
      return CAUSE_NONE;
    }
    if (entry !== 0) {
      if (entry >>> FRAME_SHIFT !== frame && area.prot & PROT_EXEC) this.executableChanged();
      this.delete(page);
    }
    this.set(page, (frame << FRAME_SHIFT) | PRESENT | (shared ? SHARED : 0) | (write ? WRITABLE : 0));
    return CAUSE_NONE;
  }

  /** An access below an area that grows down: the area that now holds the page, or null (mm/mmap.c, expand_downwards). */
  #growStack(page: number): Area | null {
    const items = this.areas.items;
    const i = this.areas.position(page);
    const area = items[i];
    if (area === undefined || (area.flags & AREA_GROWSDOWN) === 0 || page < MINIMUM_PAGE) return null;
    if (page < PAGE_TABLE_ENTRIES && area.end > LIMIT_PAGE) return null;
    const grown = area.first - page;
    if ((area.end - page) * PAGE_SIZE > this.limits.soft[RLIMIT_STACK]) return null;
    if ((this.mappedPages + grown) * PAGE_SIZE > this.limits.soft[RLIMIT_AS]) return null;
    if (area.flags & AREA_LOCKED && (this.lockedPages + grown) * PAGE_SIZE > this.lockLimit) return null;
    const below = items[i - 1];
    if (below !== undefined && (below.flags & AREA_GROWSDOWN) === 0 && below.prot & ANY_RIGHT) {
      if (page - below.end < GUARD_GAP) return null;
    }
    this.count(area, -1);
    area.first = page;
    this.count(area, 1);
    return area;
  }

  // ---- how a fault is told

  #attempt(page: number, access: Access): Cause {
    try {
      return this.resolve(page, access);
    } catch (error) {
      if (error instanceof OutOfFrames) return CAUSE_OUT_OF_MEMORY;
      throw error;
    }
  }

  #fault(cause: Cause, address: number, access: Access): 1 {
    let code = PF_USER;
    if (access === ACCESS_WRITE) code |= PF_WRITE;
    if (access === ACCESS_EXEC) code |= PF_FETCH;
    if (cause === CAUSE_ACCERR && this.#hasEntry(Math.floor(address / PAGE_SIZE))) code |= PF_PRESENT;
    if (cause === CAUSE_NEED_PAGE) code |= PF_NEED_PAGE;
    return this.#record(VECTOR_PF, code, address >>> 0, Math.floor(address / ADDRESS_LIMIT), cause);
  }

  /** Whether the processor would find a present page-table entry (Linux leaves none accessible under PROT_NONE). */
  #hasEntry(page: number): boolean {
    const area = this.areas.at(page);
    return area !== null && (area.prot & ANY_RIGHT) !== 0 && this.present.get(page) !== 0;
  }

  /** An address beyond the high range: not canonical is #GP or #SS (SDM Vol. 1, 3.3.7.1), else nothing is mapped there. */
  #beyond(low: number, high: number, access: number): 1 {
    const top = high >> 15;
    if (top !== 0 && top !== -1) {
      return this.#record(access & 2 ? VECTOR_SS : VECTOR_GP, 0, 0, 0, CAUSE_NOT_CANONICAL);
    }
    const present = top === -1 ? PF_PRESENT : 0;
    return this.#record(VECTOR_PF, PF_USER | (access & 1 ? PF_WRITE : 0) | present, low, high, CAUSE_MAPERR);
  }

  #record(vector: number, code: number, low: number, high: number, cause: Cause): 1 {
    recordFault(this.frames, vector, code, low, high);
    this.faultCause = cause;
    return 1;
  }
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** A number that no other object has, or will have. */
function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined) identities.set(object, (identity = ++lastIdentity));
  return identity;
}

/** What finding a page is worth, in instruction units (Frames.work). */
const RESOLVE_WORK = 60;
const ANY_RIGHT = PROT_READ | PROT_WRITE | PROT_EXEC;
/** The right that each kind of access needs; x86-64 page tables make whatever is accessible readable. */
const NEEDED = [ANY_RIGHT, PROT_WRITE, PROT_EXEC] as const;
