/** Where a linear address is in the jump cache (memory/layout.ts). The generated code computes the same. */
import { JUMP_CACHE_ENTRIES } from "../../memory/layout.ts";

/** Address spaces that run the same code, as after fork(2), are at so many entries' distance (a power of two). */
export const TAG_SHIFT = 7;

export const jumpCacheIndex = (rip: number, tag: number): number =>
  (rip ^ (rip >>> 12) ^ (tag << TAG_SHIFT)) & (JUMP_CACHE_ENTRIES - 1);
