/** ELF executables with something wrong in them. */
import type { Random } from "./random.ts";

/** Values that field checks tend to get wrong. */
const EDGES = [
  0n, 1n, 2n, 0xfffn, 0x1000n, 0x1001n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_f000n, 0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_f000n, 0xffff_ffff_ffff_ffffn,
]; // biome-ignore format: one list

/** Offset and size of the fields of Elf64_Ehdr from e_type on, and of Elf64_Phdr, Elf64_Dyn. */
const EHDR = [[16, 2], [18, 2], [20, 4], [24, 8], [32, 8], [40, 8], [48, 4], [52, 2], [54, 2], [56, 2], [58, 2], [60, 2], [62, 2]] as const; // biome-ignore format: one table
const PHDR = [[0, 4], [4, 4], [8, 8], [16, 8], [24, 8], [32, 8], [40, 8], [48, 8]] as const; // biome-ignore format: one table
const DYN = [
  [0, 8],
  [8, 8],
] as const;
const PT_DYNAMIC = 2;

/** A copy of `original` with one to three mutations. */
export function mutate(original: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let n = 1 + random.below(3); n > 0; n--) bytes = random.of(MUTATIONS)(bytes, original, random);
  return bytes;
}

type Mutation = (bytes: Uint8Array, original: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: Mutation[] = [
  // Bits anywhere, in the headers, and in the first page of code.
  (bytes, _, random) => flip(bytes, 0, bytes.length, 1 + random.below(64), random),
  (bytes, _, random) => flip(bytes, 0, 64 + 56 * 12, 1 + random.below(4), random),
  (bytes, _, random) => flip(bytes, 0x1000, 0x3000, 1 + random.below(16), random),
  (bytes, _, random) => bytes.slice(0, random.below(2) ? random.below(bytes.length) : random.below(1024)),
  (bytes, _, random) => setField(bytes, 0, EHDR, random),
  (bytes, original, random) => setField(bytes, random.of(segments(original)).at, PHDR, random),
  (bytes, original, random) => setField(bytes, random.of(segments(original)).at, PHDR, random),
  // A segment in the place of another.
  (bytes, original, random) => {
    const [from, to] = [random.of(segments(original)).at, random.of(segments(original)).at];
    if (Math.max(from, to) + 56 <= bytes.length) bytes.copyWithin(to, from, from + 56);
    return bytes;
  },
  (bytes, original, random) => {
    const dynamic = segments(original).find(({ type }) => type === PT_DYNAMIC);
    if (dynamic === undefined) return flip(bytes, 0, bytes.length, 8, random);
    return setField(bytes, dynamic.offset + 16 * random.below(dynamic.size / 16), DYN, random);
  },
];

function flip(bytes: Uint8Array, from: number, to: number, count: number, random: Random): Uint8Array {
  const end = Math.min(to, bytes.length);
  for (; count > 0 && end > from; count--) bytes[from + random.below(end - from)] ^= 1 << random.below(8);
  return bytes;
}

function setField(
  bytes: Uint8Array,
  base: number,
  fields: readonly (readonly [number, number])[],
  random: Random,
): Uint8Array {
  const [offset, size] = random.of(fields);
  if (base + offset + size > bytes.length) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + base + offset);
  const old = size === 8 ? view.getBigUint64(0, true) : 0n;
  const value = random.below(3) ? random.of(EDGES) : old + BigInt(random.below(8193) - 4096);
  for (let i = 0; i < size; i++) view.setUint8(i, Number((value >> BigInt(8 * i)) & 0xffn));
  return bytes;
}

function segments(bytes: Uint8Array): { at: number; type: number; offset: number; size: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const table = Number(view.getBigUint64(32, true));
  return Array.from({ length: view.getUint16(56, true) }, (_, i) => {
    const at = table + 56 * i;
    return {
      at,
      type: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      size: Number(view.getBigUint64(at + 32, true)),
    };
  });
}
