/**
 * The layout of the isolate's one WebAssembly memory. Every address is a byte offset into it ("host address").
 *
 * Nothing here depends on a machine: page tables and the current thread's registers belong to whatever thread runs,
 * micro-ops and frames are shared by all machines of the isolate.
 */

/** Bytes in a page of guest memory and in a frame of host memory. */
export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;
export const PAGE_MASK = PAGE_SIZE - 1;

/**
 * Whether a page begins at `address`, any argument of a system call. Beyond 2^53 a Number has lost the low bits: nobody has an
 * address there, but MAP_FAILED is one, which is not aligned, and has become 2^64.
 */
export const isPageAligned = (address: number): boolean => (address & PAGE_MASK) === 0 && address < 2 ** 64;

/** Bytes in a page of WebAssembly memory, the unit in which it grows. */
export const WASM_PAGE = 65536;

/** Guest virtual addresses are below this; an address at or above it faults. */
export const ADDRESS_LIMIT = 2 ** 32;
/** User addresses end here for the processor (TASK_SIZE_MAX), though no mapping comes near. */
export const TASK_SIZE_MAX = 2 ** 47 - 4096;

/** The highest address a mapping in the flat tables may end at: the last 64 KiB stay free, so that address + length never wraps. */
export const USER_LIMIT = 0xffff_0000;
/**
 * The high range: mappings that find no room below USER_LIMIT, of programs that reserve far more than they use. Its pages have no
 * entry in the flat tables but share the slots of HIGH_TABLE, and no code runs there. Page numbers stay below 2^31.
 */
export const HIGH_START = 2 ** 33;
export const HIGH_LIMIT = 2 ** 43 - 2 ** 32;

/** Host address of the current thread's register state (see cpu/state.ts); the first page is never used. */
export const STATE_ADDRESS = 0x1000;
/** Host addresses for the CPU's own scratch: bounce buffers of page-crossing accesses, constants, lookup tables. */
export const SCRATCH_ADDRESS = 0x2000;
export const SCRATCH_END = 0x1_0000;
/** Jump cache: 8192 entries of 16 bytes, { u32 rip, u32 tag, u32 micro-op address, u32 0 }. */
export const JUMP_CACHE = 0x1_0000;
export const JUMP_CACHE_ENTRIES = 8192;
export const JUMP_CACHE_END = JUMP_CACHE + JUMP_CACHE_ENTRIES * 16;

/**
 * Translations of pages of the high range, for the address space that runs: slots of 16 bytes { u32 page or 0, u32 host address of
 * the frame, u32 the same if it may be written, else INVALID_ENTRY, u32 0 }, by the low bits of the page number.
 */
export const HIGH_TABLE = JUMP_CACHE_END;
export const HIGH_TABLE_SLOTS = 4096;

/**
 * The flat page tables of the address space that runs, one u32 an entry for each of the 2^20 virtual pages.
 * A valid entry is `host address of the frame - virtual address of the page` (modulo 2^32), so `entry + address` is the
 * host address; both are page aligned, so its low 12 bits are 0. INVALID_ENTRY has all low 12 bits set.
 */
export const PAGE_TABLE_READ = 0x0040_0000;
export const PAGE_TABLE_WRITE = 0x0080_0000;
export const PAGE_TABLE_ENTRIES = 1 << 20;
export const INVALID_ENTRY = 0xffff_ffff;

/** Decoded blocks (micro-ops of 16 bytes). */
export const MICRO_OPS = 0x00c0_0000;
export const MICRO_OPS_END = 0x0100_0000;

/** Frame 0 is at FRAMES; frame number n is at FRAMES + n * PAGE_SIZE. */
export const FRAMES = 0x0100_0000;
/** Most frames that an isolate hands out: 72 MiB. */
export const MAX_FRAMES = (72 << 20) / PAGE_SIZE;

/** Size of the memory in WebAssembly pages, when it is created and at most. A module that imports it declares both. */
export const MEMORY_INITIAL = FRAMES / WASM_PAGE;
export const MEMORY_MAXIMUM = (FRAMES + MAX_FRAMES * PAGE_SIZE) / WASM_PAGE;
