/** The processor as /proc/cpuinfo and /sys show it: what CPUID says (arch/x86/kernel/cpu/proc.c, cacheinfo.c). */
import type { CacheView } from "../fs/proc/view.ts";
import { type CpuidLeaf, cpuidLeaves } from "../isa/cpuid.ts";
import { INSTRUCTION_NS } from "./clock.ts";

type Register = "eax" | "ebx" | "ecx" | "edx";

const EXTENDED = 0x8000_0001;

/** Linux's names of feature bits, in its order. */
const FLAGS: readonly [leaf: number, register: Register, names: Readonly<Record<number, string>>][] = [
  [1, "edx", { 0: "fpu", 4: "tsc", 8: "cx8", 15: "cmov", 19: "clflush", 23: "mmx", 24: "fxsr", 25: "sse", 26: "sse2" }],
  [EXTENDED, "edx", { 11: "syscall", 20: "nx", 27: "rdtscp", 29: "lm" }],
  [1, "ecx", { 0: "pni", 9: "ssse3", 13: "cx16", 19: "sse4_1", 20: "sse4_2", 23: "popcnt" }],
  [EXTENDED, "ecx", { 0: "lahf_lm", 8: "3dnowprefetch" }],
  [7, "ebx", { 9: "erms" }],
];

const leafOf = (leaves: readonly CpuidLeaf[], leaf: number): CpuidLeaf =>
  leaves.find((one) => one.leaf === leaf) ?? { leaf, eax: 0, ebx: 0, ecx: 0, edx: 0 };

/** Registers as the bytes they hold. */
const characters = (words: readonly number[]): string =>
  words.flatMap((word) => [0, 8, 16, 24].map((shift) => String.fromCharCode((word >>> shift) & 0xff))).join("");

function flagsOf(leaves: readonly CpuidLeaf[]): string[] {
  return FLAGS.flatMap(([leaf, register, names]) => {
    const word = leafOf(leaves, leaf)[register];
    return Object.entries(names).flatMap(([bit, name]) => ((word >>> Number(bit)) & 1 ? [name] : []));
  });
}

/** Lines of /proc/cpuinfo. */
export function cpuInfoText(): string {
  const leaves = cpuidLeaves();
  const { eax: highest, ebx, ecx, edx } = leafOf(leaves, 0);
  const signature = leafOf(leaves, 1).eax;
  const family = (signature >>> 8) & 0xf;
  const model = ((signature >>> 4) & 0xf) | (((signature >>> 16) & 0xf) << 4);
  const brand = [2, 3, 4]
    .map((n) => leafOf(leaves, 0x8000_0000 + n))
    .flatMap((one) => [one.eax, one.ebx, one.ecx, one.edx]);
  const sizes = leafOf(leaves, 0x8000_0008).eax;
  const caches = cachesOf();
  const line = ((leafOf(leaves, 1).ebx >>> 8) & 0xff) * 8;
  return `${[
    "processor\t: 0",
    `vendor_id\t: ${characters([ebx, edx, ecx])}`,
    `cpu family\t: ${family}`,
    `model\t\t: ${model}`,
    `model name\t: ${characters(brand).replace(/\0.*$/s, "")}`,
    `stepping\t: ${signature & 0xf}`,
    `cpu MHz\t\t: ${(1000 / INSTRUCTION_NS).toFixed(3)}`,
    `cache size\t: ${caches[caches.length - 1].size / 1024} KB`,
    "physical id\t: 0",
    "siblings\t: 1",
    "core id\t\t: 0",
    "cpu cores\t: 1",
    "apicid\t\t: 0",
    "initial apicid\t: 0",
    "fpu\t\t: yes",
    "fpu_exception\t: yes",
    `cpuid level\t: ${highest}`,
    "wp\t\t: yes",
    `flags\t\t: ${flagsOf(leaves).join(" ")}`,
    "bugs\t\t:",
    `bogomips\t: ${(2000 / INSTRUCTION_NS).toFixed(2)}`,
    `clflush size\t: ${line}`,
    `cache_alignment\t: ${line}`,
    `address sizes\t: ${sizes & 0xff} bits physical, ${(sizes >>> 8) & 0xff} bits virtual`,
    "power management:",
  ].join("\n")}\n\n`;
}

const CACHE_TYPES = ["", "Data", "Instruction", "Unified"];

/** Leaf 4, in its order. */
export function cachesOf(): CacheView[] {
  return cpuidLeaves()
    .filter(({ leaf }) => leaf === 4)
    .map(({ eax, ebx, ecx }) => {
      const ways = (ebx >>> 22) + 1;
      const partitions = ((ebx >>> 12) & 0x3ff) + 1;
      const line = (ebx & 0xfff) + 1;
      const sets = ecx + 1;
      const size = ways * partitions * line * sets;
      return { type: CACHE_TYPES[eax & 0x1f], level: (eax >>> 5) & 7, ways, partitions, line, sets, size };
    });
}
