/**
 * User memory as system calls see it. While the address space runs, the flat page table answers most accesses in a few
 * loads; what it does not know, and every access to an address space that does not run, asks the address space.
 */
import { EFAULT, ENAMETOOLONG, Errno } from "../abi/errno.ts";
import { NeedPage } from "../wait/queue.ts";
import type { AddressSpace } from "./address-space.ts";
import { ACCESS_READ, ACCESS_WRITE, CAUSE_NEED_PAGE, CAUSE_NONE } from "./fault.ts";
import {
  ADDRESS_LIMIT,
  HIGH_LIMIT,
  PAGE_MASK,
  PAGE_SHIFT,
  PAGE_SIZE,
  PAGE_TABLE_READ,
  PAGE_TABLE_WRITE,
} from "./layout.ts";
import type { Frames } from "./physical.ts";
import { FRAME_SHIFT } from "./present.ts";
import type { UserMemory } from "./types.ts";

const READ = PAGE_TABLE_READ >>> 2;
const WRITE = PAGE_TABLE_WRITE >>> 2;
const TWO32 = 2 ** 32;
/** Bytes, as a power of two, whose copying is worth an instruction unit (Frames.work). */
const COPY_SHIFT = 6;
/** The same for finding the end of a string and keeping it. */
const STRING_SHIFT = 2;
/** What an array of its own for the bytes is worth, in the same. */
const ARRAY_WORK = 60;
/** Bytes of a string that are looked at one by one; a longer one is searched by the engine, which takes a call. */
const SHORT_STRING = 128;
/** What looking up a page is worth, in the same. */
const PROBE_WORK = 16;

/** For values that cross a page, within one access. */
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

export class UserAccess implements UserMemory {
  readonly #space: AddressSpace;
  readonly #frames: Frames;

  constructor(space: AddressSpace) {
    this.#space = space;
    this.#frames = space.frames;
  }

  /**
   * Host address of one byte, present and accessible; what follows in its page is too. Valid until the next call that may
   * allocate a frame or change a mapping. Throws EFAULT, NeedPage or OutOfFrames.
   */
  host(address: number, write: boolean): number {
    if (!(address >= 0 && address < HIGH_LIMIT)) throw new Errno(EFAULT);
    const page = address < ADDRESS_LIMIT ? address >>> PAGE_SHIFT : Math.floor(address / PAGE_SIZE);
    const space = this.#space;
    if (space.active) {
      const found = this.#frames.table.lookup(page, write);
      if (found >= 0) return found + (address & PAGE_MASK);
    }
    const cause = space.resolve(page, write ? ACCESS_WRITE : ACCESS_READ);
    if (cause !== CAUSE_NONE) throw cause === CAUSE_NEED_PAGE ? new NeedPage(space.faultQueue!) : new Errno(EFAULT);
    return this.#frames.address(space.present.get(page) >>> FRAME_SHIFT) + (address & PAGE_MASK);
  }

  read(address: number, length: number): Uint8Array {
    const offset = address & PAGE_MASK;
    this.#frames.work += ARRAY_WORK;
    if (length > 0 && offset + length <= PAGE_SIZE) {
      const host = this.host(address, false);
      return this.#frames.u8.slice(host, host + length);
    }
    if (length > 0) this.#check(address, length);
    const bytes = new Uint8Array(length);
    this.copyIn(address, bytes);
    return bytes;
  }

  copyIn(address: number, into: Uint8Array): void {
    const length = into.length;
    if (length === 0) return;
    this.#check(address, length);
    this.#frames.work += length >>> COPY_SHIFT;
    for (let done = 0; done < length; ) {
      const host = this.host(address + done, false);
      const n = Math.min(length - done, PAGE_SIZE - (host & PAGE_MASK));
      const u8 = this.#frames.u8;
      if (n <= 32) for (let i = 0; i < n; i++) into[done + i] = u8[host + i];
      else into.set(u8.subarray(host, host + n), done);
      done += n;
    }
  }

  copyOut(address: number, from: Uint8Array): void {
    const length = from.length;
    if (length === 0) return;
    this.#check(address, length);
    this.#frames.work += length >>> COPY_SHIFT;
    for (let done = 0; done < length; ) {
      const host = this.host(address + done, true);
      const n = Math.min(length - done, PAGE_SIZE - (host & PAGE_MASK));
      const u8 = this.#frames.u8;
      if (n <= 32) for (let i = 0; i < n; i++) u8[host + i] = from[done + i];
      else u8.set(n === length ? from : from.subarray(done, done + n), host);
      done += n;
    }
  }

  copyToHost(address: number, host: number, length: number): void {
    this.#check(address, length);
    this.#frames.work += length >>> COPY_SHIFT;
    for (let done = 0; done < length; ) {
      const from = this.host(address + done, false);
      const n = Math.min(length - done, PAGE_SIZE - (from & PAGE_MASK));
      this.#frames.u8.copyWithin(host + done, from, from + n);
      done += n;
    }
  }

  copyFromHost(address: number, host: number, length: number): void {
    this.#check(address, length);
    this.#frames.work += length >>> COPY_SHIFT;
    for (let done = 0; done < length; ) {
      const to = this.host(address + done, true);
      const n = Math.min(length - done, PAGE_SIZE - (to & PAGE_MASK));
      this.#frames.u8.copyWithin(to, host + done, host + done + n);
      done += n;
    }
  }

  clear(address: number, length: number): void {
    this.#check(address, length);
    this.#frames.work += length >>> COPY_SHIFT;
    for (let done = 0; done < length; ) {
      const host = this.host(address + done, true);
      const n = Math.min(length - done, PAGE_SIZE - (host & PAGE_MASK));
      this.#frames.u8.fill(0, host, host + n);
      done += n;
    }
  }

  u8(address: number): number {
    return this.#frames.u8[this.host(address, false)];
  }

  u16(address: number): number {
    if (this.#space.active && address >= 0 && address < ADDRESS_LIMIT) {
      const { u16, u32 } = this.#frames;
      const entry = u32[READ + (address >>> PAGE_SHIFT)];
      if (((address | entry) & 1) === 0) return u16[((address + entry) >>> 0) >>> 1];
    }
    if ((address & PAGE_MASK) > PAGE_SIZE - 2) return this.#crossing(address, 2).getUint16(0, true);
    return this.#frames.view.getUint16(this.host(address, false), true);
  }

  u32(address: number): number {
    if (this.#space.active && address >= 0 && address < ADDRESS_LIMIT) {
      const u32 = this.#frames.u32;
      const entry = u32[READ + (address >>> PAGE_SHIFT)];
      if (((address | entry) & 3) === 0) return u32[((address + entry) >>> 0) >>> 2];
    }
    if ((address & PAGE_MASK) > PAGE_SIZE - 4) return this.#crossing(address, 4).getUint32(0, true);
    return this.#frames.view.getUint32(this.host(address, false), true);
  }

  i32(address: number): number {
    return this.u32(address) | 0;
  }

  u64(address: number): number {
    if (this.#space.active && address >= 0 && address < ADDRESS_LIMIT) {
      const u32 = this.#frames.u32;
      const entry = u32[READ + (address >>> PAGE_SHIFT)];
      if (((address | entry) & 7) === 0) {
        const index = ((address + entry) >>> 0) >>> 2;
        return u32[index] + u32[index + 1] * TWO32;
      }
    }
    const view = this.#view8(address);
    const at = view === scratch ? 0 : this.#at;
    return view.getUint32(at, true) + view.getUint32(at + 4, true) * TWO32;
  }

  i64(address: number): number {
    const view = this.#view8(address);
    const at = view === scratch ? 0 : this.#at;
    return view.getUint32(at, true) + view.getInt32(at + 4, true) * TWO32;
  }

  /** Both pages are written, or none, as by one store. */
  #setCrossing(address: number, bytes: number): void {
    this.probe(address, bytes, true);
    this.copyOut(address, scratchBytes.subarray(0, bytes));
  }

  setU8(address: number, v: number): void {
    const host = this.host(address, true);
    this.#frames.u8[host] = v;
  }

  setU16(address: number, v: number): void {
    if ((address & PAGE_MASK) > PAGE_SIZE - 2) {
      scratch.setUint16(0, v, true);
      this.#setCrossing(address, 2);
      return;
    }
    const host = this.host(address, true);
    this.#frames.view.setUint16(host, v, true);
  }

  setU32(address: number, v: number): void {
    if (this.#space.active && address >= 0 && address < ADDRESS_LIMIT) {
      const u32 = this.#frames.u32;
      const entry = u32[WRITE + (address >>> PAGE_SHIFT)];
      if (((address | entry) & 3) === 0) {
        u32[((address + entry) >>> 0) >>> 2] = v;
        return;
      }
    }
    if ((address & PAGE_MASK) > PAGE_SIZE - 4) {
      scratch.setUint32(0, v, true);
      this.#setCrossing(address, 4);
      return;
    }
    const host = this.host(address, true);
    this.#frames.view.setUint32(host, v, true);
  }

  setU64(address: number, v: number): void {
    const high = Math.floor(v / TWO32);
    const low = v - high * TWO32;
    if (this.#space.active && address >= 0 && address < ADDRESS_LIMIT) {
      const u32 = this.#frames.u32;
      const entry = u32[WRITE + (address >>> PAGE_SHIFT)];
      if (((address | entry) & 7) === 0) {
        const index = ((address + entry) >>> 0) >>> 2;
        u32[index] = low;
        u32[index + 1] = high;
        return;
      }
    }
    if ((address & PAGE_MASK) > PAGE_SIZE - 8) {
      scratch.setUint32(0, low, true);
      scratch.setUint32(4, high, true);
      this.#setCrossing(address, 8);
      return;
    }
    const host = this.host(address, true);
    const view = this.#frames.view;
    view.setUint32(host, low, true);
    view.setUint32(host + 4, high, true);
  }

  cstring(address: number, limit: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length <= limit) {
      const host = this.host(address + length, false);
      const n = Math.min(limit + 1 - length, PAGE_SIZE - (host & PAGE_MASK));
      const u8 = this.#frames.u8;
      const near = host + Math.min(n, SHORT_STRING);
      let end = host;
      while (end < near && u8[end] !== 0) end++;
      if (end === near && near < host + n) {
        const found = u8.subarray(near, host + n).indexOf(0);
        end = found < 0 ? host + n : near + found;
      }
      this.#frames.work += (end - host) >>> STRING_SHIFT;
      if (end < host + n) {
        if (parts.length === 0) return u8.slice(host, end);
        parts.push(u8.slice(host, end));
        return join(parts, length + end - host);
      }
      parts.push(u8.slice(host, end));
      length += n;
    }
    throw new Errno(ENAMETOOLONG);
  }

  probe(address: number, length: number, write: boolean): void {
    if (length === 0) return;
    this.#check(address, length);
    const last = Math.floor((address + length - 1) / PAGE_SIZE);
    this.#frames.work += Math.floor(length / PAGE_SIZE) * PROBE_WORK;
    for (let page = Math.floor(address / PAGE_SIZE); page <= last; page++) this.host(page * PAGE_SIZE, write);
  }

  /** Offset in the memory's view of the value that `#view8` found. */
  #at = 0;

  /** A view that holds the 8 bytes at `address`: the scratch at 0, or all of memory at `#at`. */
  #view8(address: number): DataView {
    if ((address & PAGE_MASK) > PAGE_SIZE - 8) return this.#crossing(address, 8);
    this.#at = this.host(address, false);
    return this.#frames.view;
  }

  #crossing(address: number, bytes: number): DataView {
    this.copyIn(address, scratchBytes.subarray(0, bytes));
    return scratch;
  }

  /** EFAULT for a range that leaves the address space (access_ok), or that no machine has the memory for. */
  #check(address: number, length: number): void {
    if (!(address >= 0 && length <= ADDRESS_LIMIT && address + length <= HIGH_LIMIT)) throw new Errno(EFAULT);
  }
}

function join(parts: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
