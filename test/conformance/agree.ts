/**
 * What Linux may answer. A program that races with itself, or reads what the kernel only estimates (CPU time that ticks have
 * sampled), has several right outcomes; where it differs from its native run, further native runs say which.
 */
import { isDeepStrictEqual } from "node:util";

/** Native runs in all, before an outcome counts as one that Linux does not have. */
const RUNS = 5;

/** The native outcome to compare `here` with: one that is equal to it if Linux has been seen to give that, else the first. */
export async function nativeFor<T>(
  here: T,
  first: T,
  again: () => Promise<T>,
  equal: (native: T, here: T) => boolean = isDeepStrictEqual,
): Promise<T> {
  let native = first;
  for (let run = 1; !equal(native, here); run++) {
    if (run === RUNS) return first;
    native = await again();
  }
  return native;
}
