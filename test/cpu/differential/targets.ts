/** Addresses for memory operands and jumps: mostly good ones, and every way to be a bad one. */
import { CODE, CODE_BYTES, DATA, DATA_BYTES, PAGE, READ_ONLY, READ_ONLY_BYTES } from "./cases.ts";
import type { Random } from "./random.ts";

const DATA_END = READ_ONLY + READ_ONLY_BYTES;

const accessWeights = {
  writable: 60,
  pageCrossing: 8,
  readOnly: 6,
  intoReadOnly: 4,
  offTheEnd: 4,
  intoTheStart: 3,
  unmapped: 4,
  nullPage: 2,
  above4GiB: 3,
  kernelHalf: 2,
  notCanonical: 3,
  code: 2,
  under4GiB: 1,
};

/** A linear address at which to access `bytes` bytes, a multiple of `alignment` (a power of two). */
export function dataAddress(r: Random, bytes: number, alignment: number): bigint {
  const address = anyAddress(r, bytes);
  return address & ~BigInt(alignment - 1);
}

/** Two faults in one operand: which one is reported is the processor's own affair for operands this long. */
const longWeights = { ...accessWeights, intoReadOnly: 0, offTheEnd: 0, intoTheStart: 0, code: 0, under4GiB: 0 };

function anyAddress(r: Random, bytes: number): bigint {
  /** An access that begins before `border` and ends after it. */
  const across = (border: number): bigint => BigInt(border - (bytes === 1 ? r.below(2) : r.between(1, bytes - 1)));
  switch (r.weighted(bytes >= 512 ? longWeights : accessWeights)) {
    case "writable":
      return BigInt(DATA + r.below(DATA_BYTES - bytes));
    case "pageCrossing":
      return across(DATA + PAGE);
    case "readOnly":
      return BigInt(READ_ONLY + r.below(READ_ONLY_BYTES - bytes));
    case "intoReadOnly":
      return across(READ_ONLY);
    case "offTheEnd":
      return across(DATA_END);
    case "intoTheStart":
      return across(DATA);
    case "unmapped":
      return BigInt(DATA_END + PAGE + r.below(1 << 20));
    case "nullPage":
      return BigInt(r.below(PAGE));
    case "above4GiB":
      return r.chance(0.5) ? (1n << 32n) + BigInt(r.u32()) * 16n : (1n << 32n) + BigInt(DATA + r.below(DATA_BYTES));
    case "kernelHalf":
      return 0xffff_8000_0000_0000n | (r.u64() & 0x3fff_ffff_ffffn);
    case "notCanonical":
      return notCanonical(r);
    case "code":
      return BigInt(CODE + r.below(CODE_BYTES - bytes));
    case "under4GiB":
      return (1n << 32n) - BigInt(r.between(1, 16));
  }
}

function notCanonical(r: Random): bigint {
  for (;;) {
    const address = r.u64();
    const top = address >> 47n;
    if (top !== 0n && top !== 0x1_ffffn) return address;
  }
}

/** Where the instruction will be: somewhere in `[from, to)`, across `border` if that is not 0. */
export interface Spot {
  from: number;
  to: number;
  border: number;
}

/** Where a jump may go: INT3 in the code pages, or somewhere that cannot be executed; never into the instruction itself. */
export function jumpTarget(r: Random, spot: Spot): bigint {
  switch (r.weighted({ code: 80, data: 5, unmapped: 5, kernelHalf: 3, notCanonical: 4, above4GiB: 3 })) {
    case "code":
      for (;;) {
        const target = CODE + r.below(CODE_BYTES);
        if (target < spot.from || target >= spot.to) return BigInt(target);
      }
    case "data":
      return BigInt(DATA + r.below(DATA_BYTES + READ_ONLY_BYTES));
    case "unmapped":
      return BigInt(DATA_END + r.below(1 << 20));
    case "kernelHalf":
      return 0xffff_8000_0000_0000n | (r.u64() & 0x3fff_ffff_ffffn);
    case "notCanonical":
      return notCanonical(r);
    case "above4GiB":
      return (1n << 32n) + BigInt(r.u32()) * 16n;
  }
}
