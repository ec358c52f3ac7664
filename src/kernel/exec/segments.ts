/** Mapping the PT_LOAD segments of an ELF file (Linux's fs/binfmt_elf.c, elf_load). */
import { ET_EXEC, PF_R, PF_W, PF_X, PT_LOAD } from "../../abi/elf.ts";
import { EFAULT, EINVAL, Errno } from "../../abi/errno.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "../../abi/mman.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import { PAGE_MASK, PAGE_SIZE, USER_LIMIT } from "../../memory/layout.ts";
import { map, pagesOf, place } from "../../memory/mapping.ts";
import type { PageSource } from "../../memory/types.ts";
import type { ElfHeader, ProgramHeader } from "./elf-header.ts";
import { DYNAMIC_BASE, pageAlign, pageStart } from "./layout.ts";

/** Where a file's segments are. */
export interface Placement {
  /** What was added to the addresses in the file. */
  bias: number;
  /** Its entry point. */
  entry: number;
  /** Address of the program headers, 0 if no segment holds them. */
  headers: number;
  /** End of the highest segment, in bytes. */
  end: number;
}

/** How an ET_DYN file's place is chosen: as the program, or as its interpreter among the mappings. */
export type Role = "program" | "interpreter";

/**
 * Maps the segments of a file. Throws EINVAL for headers that make no sense, ENOMEM, EEXIST, EFAULT for a truncated file, and
 * NeedPage for a page whose rest is to be zeroed.
 */
export function mapSegments(space: AddressSpace, source: PageSource, file: ElfHeader, role: Role): Placement {
  const segments = file.headers.filter((header) => header.type === PT_LOAD);
  for (const segment of segments) check(segment);
  const bias = file.type === ET_EXEC ? 0 : dynamicBias(space, segments, role);
  let headers = 0;
  let end = 0;
  if (segments.length > 0) reserve(space, segments, bias);
  for (const segment of segments) {
    const address = bias + segment.address;
    if (address + segment.memorySize > USER_LIMIT) throw new Errno(EINVAL);
    mapSegment(space, source, segment, address);
    const delta = file.headersOffset - segment.offset;
    if (delta >= 0 && delta < segment.fileSize) headers = address + delta;
    end = Math.max(end, address + segment.memorySize);
  }
  const entry = bias + file.entry;
  if (entry >= USER_LIMIT) throw new Errno(EINVAL);
  return { bias, entry, headers, end };
}

/** A segment that wraps, or is larger than the address space, is refused before anything is mapped. */
function check(segment: ProgramHeader): void {
  const { address, fileSize, memorySize, offset } = segment;
  if (fileSize > memorySize || memorySize > USER_LIMIT || address > USER_LIMIT - memorySize) throw new Errno(EINVAL);
  if (offset + fileSize >= 2 ** 53) throw new Errno(EINVAL);
}

/** First byte and length of the pages from the first segment to the end of the last (total_mapping_size). */
function extent(segments: readonly ProgramHeader[]): { start: number; length: number } {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { address, memorySize } of segments) {
    start = Math.min(start, pageStart(address));
    end = Math.max(end, address + memorySize);
  }
  return { start, length: end - start };
}

function dynamicBias(space: AddressSpace, segments: readonly ProgramHeader[], role: Role): number {
  if (segments.length === 0) return role === "program" ? DYNAMIC_BASE : 0;
  const { start, length } = extent(segments);
  const align = alignment(segments);
  if (role === "program") {
    const base = Math.ceil(DYNAMIC_BASE / align) * align;
    return base - start;
  }
  const pages = pagesOf(length + align - PAGE_SIZE);
  const first = place(space, 0, pages, 0) * PAGE_SIZE;
  return Math.ceil(first / align) * align - start;
}

/** The largest p_align that is a power of two, at least a page (maximum_alignment). */
function alignment(segments: readonly ProgramHeader[]): number {
  let align = PAGE_SIZE;
  for (const segment of segments) {
    const power = Number.isInteger(Math.log2(segment.align)) && segment.align <= USER_LIMIT;
    if (power && segment.align > align) align = segment.align;
  }
  return align;
}

/** The whole extent must be free: it is mapped first as one piece on Linux, with MAP_FIXED_NOREPLACE. */
function reserve(space: AddressSpace, segments: readonly ProgramHeader[], bias: number): void {
  const { start, length } = extent(segments);
  if (length <= 0 || bias + start < 0 || bias + start + length > USER_LIMIT) throw new Errno(EINVAL);
  place(space, bias + start, pagesOf(length), MAP_FIXED_NOREPLACE);
}

function mapSegment(space: AddressSpace, source: PageSource, segment: ProgramHeader, address: number): void {
  const prot = rights(segment.flags);
  const within = address & PAGE_MASK;
  const start = address - within;
  const fileEnd = address + segment.fileSize;
  const end = pageAlign(address + segment.memorySize);
  let mapped = start;
  if (segment.fileSize > 0) {
    const offset = segment.offset - within;
    if (offset < 0 || offset & PAGE_MASK) throw new Errno(EINVAL);
    mapped = pageAlign(fileEnd);
    const flags = MAP_PRIVATE | MAP_FIXED;
    map(space, { address: start, length: mapped - start, prot, flags, source, offset });
    if (segment.memorySize > segment.fileSize && fileEnd < mapped) zeroRest(space, fileEnd, mapped, prot);
  }
  if (end > mapped) {
    const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
    map(space, { address: mapped, length: end - mapped, prot, flags, source: null, offset: 0 });
  }
}

/** Zeroes what follows the file's bytes in their last page. A segment that is not writable keeps them, as on Linux. */
function zeroRest(space: AddressSpace, from: number, to: number, prot: number): void {
  if ((prot & PROT_WRITE) === 0) return;
  try {
    space.user.clear(from, to - from);
  } catch (error) {
    throw error instanceof Errno ? new Errno(EFAULT) : error;
  }
}

function rights(flags: number): number {
  return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}
