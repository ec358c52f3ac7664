/** Where the decoder tests get their bytes: made up from a seed, and from programs of this machine. */
import { existsSync, readFileSync } from "node:fs";

/** xorshift32: the same seed gives the same cases. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }
  /** An integer from 0 to n - 1. */
  below(n: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % n;
  }
  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }
}

const LEGACY_PREFIXES = [0x66, 0xf2, 0xf3, 0x67, 0x64, 0x65, 0x2e, 0xf0];

/** Fills `bytes` with what looks like an instruction: some prefixes, an opcode of any map, and anything after it. */
export function randomInstruction(random: Random, bytes: Uint8Array): void {
  let at = 0;
  while (random.chance(3)) {
    bytes[at++] = random.chance(8) ? 0x40 + random.below(16) : LEGACY_PREFIXES[random.below(LEGACY_PREFIXES.length)];
    if (at > 12 && !random.chance(4)) break;
    if (at === bytes.length - 1) break;
  }
  if (random.chance(3) && at < bytes.length) bytes[at++] = 0x40 + random.below(16);
  const map = random.below(8);
  if (map >= 3 && at < bytes.length) bytes[at++] = 0x0f;
  if (map === 6 && at < bytes.length) bytes[at++] = random.chance(2) ? 0x38 : 0x3a;
  while (at < bytes.length) bytes[at++] = random.below(256);
}

/** The executable segments of an ELF64 file. */
export function codeOf(path: string): Uint8Array[] {
  const file = readFileSync(path);
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2) return [];
  const at = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, i) => at + i * size)
    .filter((header) => file.readUInt32LE(header) === 1 && (file.readUInt32LE(header + 4) & 1) !== 0)
    .map((header) => {
      const offset = Number(file.readBigUInt64LE(header + 8));
      return file.subarray(offset, offset + Number(file.readBigUInt64LE(header + 32)));
    });
}

const PROGRAMS = [
  "/bin/busybox",
  "/bin/bash",
  "/usr/bin/openssl",
  "/usr/bin/perl",
  "/usr/lib/x86_64-linux-gnu/libc.so.6",
];

/** Code of programs that are installed here. */
export const installedCode = (): Uint8Array[] => PROGRAMS.filter(existsSync).flatMap(codeOf);
