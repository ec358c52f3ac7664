/** /proc/cpuinfo: the processor that CPUID describes (isa/cpuid.ts). */
import { PROMISED } from "../isa/cpuid.ts";
import { INSTRUCTION_NS } from "./clock.ts";

/** Names of Linux's /proc/cpuinfo where they differ from the table's. */
const FLAG_NAMES: Record<string, string> = {
  base: "fpu",
  sse3: "pni",
  "sse4.1": "sse4_1",
  "sse4.2": "sse4_2",
  lahf: "lahf_lm",
};

export const CPU_INFO = `${[
  "processor\t: 0",
  "vendor_id\t: GenuineIntel",
  "cpu family\t: 6",
  "model\t\t: 15",
  "model name\t: Binlet",
  "stepping\t: 1",
  `cpu MHz\t\t: ${(1000 / INSTRUCTION_NS).toFixed(3)}`,
  "cache size\t: 2048 KB",
  "physical id\t: 0",
  "siblings\t: 1",
  "core id\t\t: 0",
  "cpu cores\t: 1",
  "fpu\t\t: yes",
  "fpu_exception\t: yes",
  "cpuid level\t: 7",
  "wp\t\t: yes",
  `flags\t\t: ${PROMISED.map((feature) => FLAG_NAMES[feature] ?? feature).join(" ")} lm`,
  `bogomips\t: ${(2000 / INSTRUCTION_NS).toFixed(2)}`,
  "clflush size\t: 64",
  "cache_alignment\t: 64",
  "address sizes\t: 40 bits physical, 48 bits virtual",
].join("\n")}\n\n`;
