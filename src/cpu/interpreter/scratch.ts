/** The CPU's scratch memory: one bounce buffer for each memory operand of an instruction, for accesses that cross a page. */
import { SCRATCH_ADDRESS, SCRATCH_END } from "../../memory/layout.ts";

export const BOUNCE_SLOTS = 8;
/** Bytes a slot takes; its data begins at BOUNCE_DATA and holds up to 512 bytes. */
export const BOUNCE_SIZE = 1024;
export const BOUNCE_DATA = 64;
/** Offsets in a slot: host addresses of the two parts, and their sizes in bytes. */
export const BOUNCE_FIRST = 0;
export const BOUNCE_SECOND = 4;
export const BOUNCE_FIRST_BYTES = 8;
export const BOUNCE_SECOND_BYTES = 12;

export const BOUNCE_ADDRESS = SCRATCH_ADDRESS;
/** A host address below this is a bounce buffer: no frame is there. */
export const SCRATCH_LIMIT = SCRATCH_END;

/** In an interpreter generated with `profile`: how often each handler was run, u32s. */
export const PROFILE_ADDRESS = BOUNCE_ADDRESS + BOUNCE_SLOTS * BOUNCE_SIZE;

/** The second argument of the function `translate`: bytes, bounce slot, and whether the access writes. */
export const translateSpec = (bytes: number, slot: number, write: boolean): number =>
  bytes | (slot << 10) | (write ? 1 << 16 : 0);
