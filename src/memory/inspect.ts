/**
 * An address space seen from outside: what its pages are, and its bytes whatever the rights of its mappings, as a debugger
 * has them (Linux's mm/gup.c, FOLL_FORCE, and fs/proc/task_mmu.c).
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { NeedPage } from "../wait/queue.ts";
import type { AddressSpace } from "./address-space.ts";
import type { Area } from "./areas.ts";
import { ACCESS_READ, ACCESS_WRITE, CAUSE_NEED_PAGE, CAUSE_NONE } from "./fault.ts";
import { HIGH_LIMIT, PAGE_MASK, PAGE_SIZE } from "./layout.ts";
import type { Frames } from "./physical.ts";
import { FRAME_SHIFT, OWN, WRITABLE } from "./present.ts";

/**
 * Host address of the byte at `address`, or -1 where nothing is mapped, or a shared mapping is read-only. What follows in its
 * page is accessible too. Valid until the next call that may allocate a frame. Throws NeedPage, OutOfFrames.
 */
export function forcedHost(space: AddressSpace, address: number, write: boolean): number {
  if (!(address >= 0 && address < HIGH_LIMIT)) return -1;
  const page = Math.floor(address / PAGE_SIZE);
  const area = space.areas.at(page);
  if (area === null) return -1;
  if (write && (area.prot & PROT_WRITE) === 0 && area.shared) return -1;
  const { prot } = area;
  area.prot = prot | (write ? PROT_WRITE : 0) | PROT_READ;
  try {
    const cause = space.resolve(page, write ? ACCESS_WRITE : ACCESS_READ);
    if (cause === CAUSE_NEED_PAGE) throw new NeedPage(space.faultQueue!);
    if (cause !== CAUSE_NONE) return -1;
  } finally {
    area.prot = prot;
    // The entry that this has made says more than the mapping allows.
    if (space.active) space.frames.table.clear(page);
  }
  return space.frames.address(space.present.get(page) >>> FRAME_SHIFT) + (address & PAGE_MASK);
}

/** Who maps a page's frame. Nobody is told that others have the same contents (merge.ts), and a file's cache does not count. */
export function usersOf(frames: Frames, frame: number, own: boolean): number {
  if (frames.isMerged(frame)) return 1;
  return Math.max(own ? frames.references(frame) : frames.references(frame) - 1, 1);
}

/** What is present of a mapping, in pages. Those of the frame of zeroes do not count. */
export class PageCounts {
  /** Private pages; those of files; those of shared memory and of files that are in memory only. */
  anonymous = 0;
  file = 0;
  shared = 0;
  /** Pages by the number of those that map them, each counted as a part of one. */
  proportional = 0;
  proportionalDirty = 0;
  proportionalAnonymous = 0;
  proportionalFile = 0;
  proportionalShared = 0;
  sharedClean = 0;
  sharedDirty = 0;
  privateClean = 0;
  privateDirty = 0;
  /** How many map the page that most do. */
  mostUsers = 0;

  get resident(): number {
    return this.anonymous + this.file + this.shared;
  }

  add(space: AddressSpace, area: Area): void {
    const { present } = space;
    for (let page = present.next(area.first, area.end); page >= 0; page = present.next(page + 1, area.end)) {
      this.#count(space, present.get(page));
    }
  }

  #count({ frames, owner }: AddressSpace, entry: number): void {
    const frame = entry >>> FRAME_SHIFT;
    if (frame === frames.zeroFrame) return;
    const own = (entry & OWN) !== 0;
    const users = usersOf(frames, frame, own);
    this.mostUsers = Math.max(this.mostUsers, users);
    const dirty = own || (entry & WRITABLE) !== 0;
    const part = 1 / users;
    this.proportional += part;
    if (dirty) this.proportionalDirty += part;
    if (users > 1) dirty ? this.sharedDirty++ : this.sharedClean++;
    else dirty ? this.privateDirty++ : this.privateClean++;
    if (own) {
      this.anonymous++;
      this.proportionalAnonymous += part;
    } else if (frames.owner(frame) !== owner) {
      this.file++;
      this.proportionalFile += part;
    } else {
      this.shared++;
      this.proportionalShared += part;
    }
  }
}

/** Of all of an address space. */
export function countPages(space: AddressSpace): PageCounts {
  const counts = new PageCounts();
  for (const area of space.areas.items) counts.add(space, area);
  return counts;
}

/** Where the code and the data of the program are (bytes), and pages of all executable mappings. */
export interface ProgramLayout {
  codeStart: number;
  codeEnd: number;
  dataStart: number;
  dataEnd: number;
  executablePages: number;
  stackPages: number;
}

/** `device` and `inode` are the program's file. */
export function programLayout(space: AddressSpace, device: number, inode: number): ProgramLayout {
  const layout = { codeStart: 0, codeEnd: 0, dataStart: 0, dataEnd: 0, executablePages: 0, stackPages: 0 };
  for (const { first, end, prot, source } of space.areas.items) {
    if (prot & PROT_EXEC) layout.executablePages += end - first;
    if (end * PAGE_SIZE === space.stackTop) layout.stackPages = end - first;
    if (source === null || source.inode !== inode || source.device !== device) continue;
    if (prot & PROT_EXEC) {
      layout.codeStart ||= first * PAGE_SIZE;
      layout.codeEnd = end * PAGE_SIZE;
    } else if (prot & PROT_WRITE) {
      layout.dataStart ||= first * PAGE_SIZE;
      layout.dataEnd = end * PAGE_SIZE;
    }
  }
  return layout;
}
