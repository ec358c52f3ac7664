/**
 * Which address spaces map a source, so that a file's owner can withdraw pages: on truncation, and when it moves a page to
 * another frame.
 */
import type { PageSource } from "./types.ts";

/** An address space, as far as withdrawing pages goes. */
export interface SourceMapper {
  withdraw(source: PageSource, first: number, end: number, copies: boolean): void;
  /** One of its shared mappings of the source is writable, or mprotect(2) may make it so. */
  mayWrite(source: PageSource): boolean;
}

const mappers = new WeakMap<PageSource, Map<SourceMapper, number>>();

/** One area more of `mapper` maps `source`. */
export function addMapping(source: PageSource, mapper: SourceMapper): void {
  let counts = mappers.get(source);
  if (counts === undefined) {
    counts = new Map();
    mappers.set(source, counts);
  }
  counts.set(mapper, (counts.get(mapper) ?? 0) + 1);
  source.hold();
}

/** One area less. */
export function removeMapping(source: PageSource, mapper: SourceMapper): void {
  const counts = mappers.get(source);
  const count = counts?.get(mapper) ?? 0;
  if (count > 1) counts!.set(mapper, count - 1);
  else counts?.delete(mapper);
  source.drop();
}

/**
 * Withdraws pages [first, end) of `source` from every address space: the next access asks the source again. With `copies`,
 * private copies go too, as truncation has it (an access then raises SIGBUS).
 */
export function unmapSource(source: PageSource, first: number, end: number, copies: boolean): void {
  const counts = mappers.get(source);
  if (counts !== undefined) for (const mapper of counts.keys()) mapper.withdraw(source, first, end, copies);
}

/** Whether any shared mapping of the source is or could become writable. */
export function isMappedWritable(source: PageSource): boolean {
  for (const mapper of mappers.get(source)?.keys() ?? []) if (mapper.mayWrite(source)) return true;
  return false;
}
