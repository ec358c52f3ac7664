/**
 * Where exec puts things in the 4 GiB address space. It is the layout of Linux without randomisation, scaled down:
 *
 *     0x0001_0000   lowest mapping (vm.mmap_min_addr)
 *     0x0040_0000   ET_EXEC programs, where they are linked; their break follows
 *     0x5555_5000   ET_DYN programs (PIE, static-pie, ld.so run by hand); their break follows
 *          ...      mappings, from the gap below the stack downwards: ld.so, libraries, mmap(NULL)
 *     0xf7ef_0000   highest end of such a mapping with the usual stack limit
 *     0xffff_0000   top of the main stack, which grows down as far as RLIMIT_STACK
 *
 * The break has about 1.3 GiB in front of an ET_EXEC program and 2.6 GiB in front of an ET_DYN one: more than the frames of
 * an isolate, so that it never is what a program runs out of.
 */
import { PAGE_MASK, PAGE_SIZE, USER_LIMIT } from "../../memory/layout.ts";

/** The byte after the main stack. */
export const STACK_TOP = USER_LIMIT;
/** Load base of a position-independent program (ELF_ET_DYN_BASE: two thirds of the address space on Linux, here a third). */
export const DYNAMIC_BASE = 0x5555_5000;
/** What the main stack has below its contents when the program starts (setup_arg_pages). */
export const STACK_HEADROOM = 128 << 10;

/** Least distance of mappings from the stack's top, and the most, however large RLIMIT_STACK is (mmap_base). */
const MINIMUM_GAP = 128 << 20;
const MAXIMUM_GAP = Math.floor(USER_LIMIT / 6) * 5;
/** The stack's guard gap, 256 pages. */
const GUARD = 256 * PAGE_SIZE;

/** Address below which mappings are placed, for a soft RLIMIT_STACK in bytes. */
export function mmapBase(stackLimit: number): number {
  const gap = Math.min(Math.max(stackLimit + GUARD, MINIMUM_GAP + GUARD), MAXIMUM_GAP);
  return Math.floor((STACK_TOP - gap) / PAGE_SIZE) * PAGE_SIZE;
}

/** `address` rounded up to a page. */
export const pageAlign = (address: number): number => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;
/** `address` rounded down to a page. */
export const pageStart = (address: number): number => address - (address & PAGE_MASK);
