/** An address space of its own for each test, and what makes mappings in it short to write. */
import { Errno } from "../../src/abi/errno.ts";
import * as mman from "../../src/abi/mman.ts";
import { AddressSpace } from "../../src/memory/address-space.ts";
import { PAGE_SIZE, STATE_ADDRESS } from "../../src/memory/layout.ts";
import { defaultLimits } from "../../src/memory/limits.ts";
import { type MapRequest, map } from "../../src/memory/mapping.ts";
import { Frames } from "../../src/memory/physical.ts";
import type { FrameOwner } from "../../src/memory/types.ts";
import { BytesSource, makeOwner } from "./support.ts";

export const P = PAGE_SIZE;
export const RW = mman.PROT_READ | mman.PROT_WRITE;
export const PRIVATE = mman.MAP_PRIVATE | mman.MAP_ANONYMOUS;
export const SHARED = mman.MAP_SHARED | mman.MAP_ANONYMOUS;

export let frames: Frames;
export let owner: FrameOwner;
export let space: AddressSpace;
export let limits: { soft: number[]; hard: number[] };
/** To be called before each test: new ones of all. */
export function fresh(): void {
  frames = new Frames();
  owner = makeOwner();
  limits = { soft: [...defaultLimits().soft], hard: [...defaultLimits().hard] };
  space = new AddressSpace(frames, owner, limits);
  space.mmapTop = 0x8_0000;
  space.activate();
}

/** An anonymous private mapping, unless `options` say otherwise. */
export const mmap = (length: number, options: Partial<MapRequest> = {}): number =>
  map(space, { address: 0, length, prot: RW, flags: PRIVATE, source: null, offset: 0, ...options });
/** A file whose pages begin with 1, 2, 3 … */
export const file = (pages: number): BytesSource => {
  const bytes = new Uint8Array(pages * P);
  for (let i = 0; i < pages; i++) bytes[i * P] = i + 1;
  return new BytesSource(frames, makeOwner(), bytes);
};
/** The error number that `run` throws, or 0. */
export const code = (run: () => unknown): number => {
  try {
    run();
  } catch (error) {
    if (error instanceof Errno) return error.errno;
    throw error;
  }
  return 0;
};
export const u32State = (offset: number) => frames.u32[(STATE_ADDRESS + offset) >>> 2];
