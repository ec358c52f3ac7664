/** What is set for whole ranges and only told or guarded afterwards: seals of mseal(2), policies of mbind(2). */
import { EFAULT, EINVAL, ENOMEM, Errno } from "../abi/errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { AREA_SEALED } from "./areas.ts";
import { HIGH_LIMIT, isPageAligned, PAGE_SIZE } from "./layout.ts";
import { pagesOf } from "./mapping.ts";
import type { MemoryPolicy } from "./policy.ts";

/** mseal(2): all of it or, with a hole, nothing. */
export function seal(space: AddressSpace, address: number, length: number, flags: number): void {
  if (flags !== 0 || !isPageAligned(address)) throw new Errno(EINVAL);
  if (length > 0 && pagesOf(length) === 0) throw new Errno(EINVAL);
  const end = address + pagesOf(length) * PAGE_SIZE;
  if (end >= 2 ** 64) throw new Errno(EINVAL);
  if (end === address) return;
  const first = address / PAGE_SIZE;
  const last = end / PAGE_SIZE;
  if (end > HIGH_LIMIT || !space.areas.covers(first, last)) throw new Errno(ENOMEM);
  const [from, to] = space.areas.carve(first, last);
  for (let i = from; i < to; i++) space.areas.items[i].flags |= AREA_SEALED;
  space.areas.merge(from, to);
}

/** mbind(2) for pages [first, end); EFAULT when one is not mapped. */
export function bindPolicy(space: AddressSpace, first: number, end: number, policy: MemoryPolicy | null): void {
  if (!space.areas.covers(first, end)) throw new Errno(EFAULT);
  const [from, to] = space.areas.carve(first, end);
  for (let i = from; i < to; i++) space.areas.items[i].policy = policy;
  space.areas.merge(from, to);
}
