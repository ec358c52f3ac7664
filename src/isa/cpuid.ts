/**
 * What CPUID says (SDM Vol. 2, CPUID): the features whose rows are in the table (`test/isa/cpuid.test.ts` holds the two
 * together).
 *
 * The vendor is GenuineIntel, because programs ask the leaves they then read (2 and 4 for caches) of a vendor they know:
 * glibc sizes its memcpy thresholds with them, and falls to tiny defaults otherwise. The model is Nehalem, the first with all of
 * x86-64-v2: glibc knows that unaligned copies are fast on it. Of a model it does not know it takes SSSE3 for a reason to copy
 * 16 bytes at a time by PALIGNR rather than by REP MOVSB. There is no hypervisor bit.
 */
import type { Feature } from "./types.ts";

/** Features that the table implements and CPUID promises. */
export const PROMISED: readonly Feature[] = [
  "base",
  "cmov",
  "cx8",
  "cx16",
  "fxsr",
  "sse",
  "sse2",
  "sse3",
  "ssse3",
  "sse4.1",
  "sse4.2",
  "popcnt",
  "tsc",
  "rdtscp",
  "clflush",
  "syscall",
  "lahf",
  "prefetch",
  "cet-nop",
  "x87",
  "mmx",
];

/** Where a feature's bit is. */
const FEATURE_BITS: Partial<Record<Feature, readonly [leaf: number, register: "ecx" | "edx", bit: number]>> = {
  x87: [1, "edx", 0],
  tsc: [1, "edx", 4],
  cx8: [1, "edx", 8],
  cmov: [1, "edx", 15],
  clflush: [1, "edx", 19],
  mmx: [1, "edx", 23],
  fxsr: [1, "edx", 24],
  sse: [1, "edx", 25],
  sse2: [1, "edx", 26],
  sse3: [1, "ecx", 0],
  ssse3: [1, "ecx", 9],
  cx16: [1, "ecx", 13],
  "sse4.1": [1, "ecx", 19],
  "sse4.2": [1, "ecx", 20],
  popcnt: [1, "ecx", 23],
  lahf: [0x8000_0001, "ecx", 0],
  prefetch: [0x8000_0001, "ecx", 8],
  syscall: [0x8000_0001, "edx", 11],
  rdtscp: [0x8000_0001, "edx", 27],
};

/** 64-bit mode itself, and the paging that comes with it: NX and LM. */
const LONG_MODE = (1 << 20) | (1 << 29);

function featureBits(leaf: number, register: "ecx" | "edx", features: readonly Feature[]): number {
  let word = 0;
  for (const feature of features) {
    const at = FEATURE_BITS[feature];
    if (at && at[0] === leaf && at[1] === register) word |= 1 << at[2];
  }
  return word;
}

export interface CpuidLeaf {
  leaf: number;
  /** Only where the leaf has subleaves. */
  subleaf?: number;
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
}

/** Four characters as a little-endian word. */
const word = (text: string): number =>
  text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);

const BRAND = "Binlet x86-64 in WebAssembly".padEnd(48, "\0");
const brandLeaf = (leaf: number): CpuidLeaf => {
  const [eax, ebx, ecx, edx] = [0, 4, 8, 12].map((at) => word(BRAND.slice((leaf - 0x8000_0002) * 16 + at)));
  return { leaf, eax, ebx, ecx, edx };
};

/** Leaf 4: a cache of `ways` x `sets` lines of 64 bytes, for one core. */
const cacheLeaf = (subleaf: number, type: 1 | 2 | 3, level: number, ways: number, sets: number): CpuidLeaf => ({
  leaf: 4,
  subleaf,
  eax: type | (level << 5) | (1 << 8),
  ebx: 63 | ((ways - 1) << 22),
  ecx: sets - 1,
  edx: 0,
});

/**
 * ERMS: REP MOVSB and REP STOSB are the fastest way to copy and fill; here they are `memory.copy` and `memory.fill`. glibc then
 * uses them from 2 KiB on, up to three quarters of the last cache's size: hence the large third cache below.
 */
const FAST_REPEATED_STRINGS = 1 << 9;

const HIGHEST_BASIC = 7;
const HIGHEST_EXTENDED = 0x8000_0008;
/** Family 6, model 26, stepping 5. */
const SIGNATURE = 0x0001_06a5;

/** All leaves that are not zero, for a set of features. */
export function cpuidLeaves(features: readonly Feature[] = PROMISED): CpuidLeaf[] {
  const bits = (leaf: number, register: "ecx" | "edx"): number => featureBits(leaf, register, features);
  return [
    { leaf: 0, eax: HIGHEST_BASIC, ebx: word("Genu"), edx: word("ineI"), ecx: word("ntel") },
    // CLFLUSH flushes 8 quadwords; one logical processor, APIC number 0.
    { leaf: 1, eax: SIGNATURE, ebx: (8 << 8) | (1 << 16), ecx: bits(1, "ecx"), edx: bits(1, "edx") },
    // "Ask leaf 4" (descriptor FFh), prefetches of 64 bytes (F0h).
    { leaf: 2, eax: 0x00f0_ff01, ebx: 0, ecx: 0, edx: 0 },
    cacheLeaf(0, 1, 1, 8, 64),
    cacheLeaf(1, 2, 1, 8, 64),
    cacheLeaf(2, 3, 2, 16, 2048),
    cacheLeaf(3, 3, 3, 16, 32768),
    { leaf: 7, eax: 0, ebx: FAST_REPEATED_STRINGS, ecx: 0, edx: 0 },
    { leaf: 0x8000_0000, eax: HIGHEST_EXTENDED, ebx: 0, ecx: 0, edx: 0 },
    {
      leaf: 0x8000_0001,
      eax: 0,
      ebx: 0,
      ecx: bits(0x8000_0001, "ecx"),
      edx: bits(0x8000_0001, "edx") | LONG_MODE,
    },
    brandLeaf(0x8000_0002),
    brandLeaf(0x8000_0003),
    brandLeaf(0x8000_0004),
    // 40 physical and 48 linear address bits, as programs expect of a 64-bit processor.
    { leaf: 0x8000_0008, eax: 0x3028, ebx: 0, ecx: 0, edx: 0 },
  ];
}
