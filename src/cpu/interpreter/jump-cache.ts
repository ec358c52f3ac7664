/** Where a linear address is in the jump cache (memory/layout.ts). The generated code computes the same. */
import { JUMP_CACHE_ENTRIES } from "../../memory/layout.ts";

export const jumpCacheIndex = (rip: number): number => (rip ^ (rip >>> 12)) & (JUMP_CACHE_ENTRIES - 1);
