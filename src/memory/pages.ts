/**
 * The present pages of an address space, and what goes with each: a reference to its frame, its entry in the flat page table
 * while the address space is active, and the counts. What may be accessed is not decided here.
 */
import { PROT_EXEC } from "../abi/mman.ts";
import type { Frames } from "./physical.ts";
import { FRAME_SHIFT, OWN, PRESENT, PresentPages, WRITABLE } from "./present.ts";
import type { FrameOwner } from "./types.ts";

export class Pages {
  readonly frames: Frames;
  /** Who pays for private frames. */
  readonly owner: FrameOwner;
  readonly present: PresentPages;
  /** Whether the flat page table is this address space's. */
  active = false;
  /** Most pages that were resident at a time. */
  peakResident = 0;

  #jumpTag: number;
  /** Other address spaces have the same jump tag, since they have the same code (`shareCode`). */
  sharesCode = false;
  /** Present pages that are the frame of zeroes. */
  #zeroPages = 0;

  constructor(frames: Frames, owner: FrameOwner) {
    this.frames = frames;
    this.owner = owner;
    this.present = new PresentPages(owner);
    this.#jumpTag = frames.newJumpTag();
  }

  /** Pages that have a frame of their own or of a file (RSS). */
  get residentPages(): number {
    return this.present.count - this.#zeroPages;
  }

  /**
   * Makes the flat page table this address space's, and writes JUMP_TAG and MMU_EPOCH into the current thread's state. To be
   * called whenever a thread's registers have been copied in; it is cheap when the address space is active already.
   */
  activate(): void {
    const table = this.frames.table;
    if (table.owner !== this) {
      (table.owner as Pages | null)?.deactivate();
      table.owner = this;
      this.active = true;
    }
    table.loadState(this.#jumpTag);
  }

  /** Empties the flat page table if it is this address space's. */
  deactivate(): void {
    if (!this.active) return;
    this.frames.table.clearAll();
    this.frames.table.owner = null;
    this.active = false;
  }

  /** Forgets the present pages of [first, end); the areas stay. */
  dropPages(first: number, end: number): void {
    if (this.active) this.frames.table.clearRange(first, end);
    for (let page = this.present.next(first, end); page >= 0; page = this.present.next(page + 1, end)) {
      this.delete(page);
    }
  }

  /** Forgets all of them, when the address space is freed. It is not active. */
  dropAll(): void {
    this.present.clear(this.frames);
    this.#zeroPages = 0;
  }

  /** Moves a present page to another address; nothing is present there. Its references go with it. */
  movePage(from: number, to: number): void {
    const entry = this.present.delete(from);
    if (entry === 0) return;
    this.present.set(to, entry);
    if (this.active) this.frames.table.clear(from);
  }

  /** An executable mapping changed: what the jump cache knows of this address space is void. */
  executableChanged(): void {
    this.sharesCode = false;
    this.#setJumpTag(this.frames.newJumpTag());
  }

  /** From now on, until `executableChanged`, the jump cache's entries are those of all that have the same `layout` of code. */
  protected shareJumpTag(layout: string): void {
    this.sharesCode = true;
    this.#setJumpTag(this.frames.sharedJumpTag(layout));
  }

  #setJumpTag(tag: number): void {
    this.#jumpTag = tag;
    if (this.active) this.frames.table.loadState(tag);
  }

  /**
   * Gives a private page a frame that only it refers to: the one it has if nobody else does, else a new one with the contents
   * of `from`.
   */
  ownPage(prot: number, page: number, entry: number, from: number): void {
    const frames = this.frames;
    if (entry & OWN && frames.references(from) === 1) {
      if (frames.isMerged(from)) frames.takeMerged(from, this.owner);
      this.present.set(page, entry | WRITABLE);
      return;
    }
    const frame = from === frames.zeroFrame ? frames.allocate(this.owner) : frames.allocateCopy(this.owner, from);
    if (entry !== 0) this.delete(page);
    // Shared entries of the jump cache may lead to a page that is not here.
    if (prot & PROT_EXEC && (entry !== 0 || this.sharesCode)) this.executableChanged();
    this.set(page, (frame << FRAME_SHIFT) | PRESENT | OWN | WRITABLE);
  }

  /** `frame`, which has the same contents, takes the place of a private page's own. */
  exchangePage(page: number, frame: number): void {
    const { frames } = this;
    frames.retain(frame);
    this.delete(page);
    this.set(page, (frame << FRAME_SHIFT) | PRESENT | (frame === frames.zeroFrame ? 0 : OWN));
    if (this.active) frames.table.clear(page);
  }

  /** The next store to a private page looks whether its frame is this address space's alone. */
  protectPage(page: number): void {
    this.present.set(page, this.present.get(page) & ~WRITABLE);
    if (this.active) this.frames.table.clear(page);
  }

  /** Gives an empty `child` the same pages: private ones are shared until one side writes them. */
  forkPages(child: Pages): void {
    this.present.fork(child.present, this.frames);
    child.#zeroPages = this.#zeroPages;
    child.peakResident = child.residentPages;
    if (this.active) this.frames.table.clearWrites();
  }

  set(page: number, entry: number): void {
    this.present.set(page, entry);
    if (entry >>> FRAME_SHIFT === this.frames.zeroFrame) this.#zeroPages++;
    else if (this.residentPages > this.peakResident) this.peakResident = this.residentPages;
  }

  delete(page: number): void {
    const frame = this.present.delete(page) >>> FRAME_SHIFT;
    if (frame === this.frames.zeroFrame) this.#zeroPages--;
    this.frames.release(frame);
  }
}
