/** The resource limits that memory obeys (getrlimit(2)). */
import { PROT_WRITE } from "../abi/mman.ts";
import { RLIMIT_COUNT, RLIMIT_MEMLOCK, RLIMIT_STACK } from "../abi/resource.ts";
import { AREA_GROWSDOWN, AREA_SHARED } from "./areas.ts";

/** Resource limits by RLIMIT_* number, in bytes; Infinity is RLIM_INFINITY. A process's limits are one. */
export interface MemoryLimits {
  readonly soft: readonly number[];
  readonly hard: readonly number[];
}

/** No limit but an 8 MiB stack and 8 MiB of locked memory, Linux's defaults. */
export const defaultLimits = (): MemoryLimits => {
  const soft = new Array<number>(RLIMIT_COUNT).fill(Number.POSITIVE_INFINITY);
  soft[RLIMIT_STACK] = soft[RLIMIT_MEMLOCK] = 8 << 20;
  return { soft, hard: [...soft] };
};

/** Whether RLIMIT_DATA counts it: private, writable, not a stack (mm/mmap.c, is_data_mapping). */
export function isData(prot: number, flags: number): boolean {
  return (prot & PROT_WRITE) !== 0 && (flags & (AREA_SHARED | AREA_GROWSDOWN)) === 0;
}
