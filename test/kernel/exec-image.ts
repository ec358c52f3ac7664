/** ELF files for the loader's tests, made header by header so that any field can lie. */
import * as elf from "../../src/abi/elf.ts";

export interface Segment {
  type?: number;
  flags?: number;
  offset?: number | bigint;
  address?: number | bigint;
  fileSize?: number | bigint;
  memorySize?: number | bigint;
  align?: number | bigint;
}

export interface Image {
  type?: number;
  machine?: number;
  entry?: number | bigint;
  headersOffset?: number | bigint;
  entrySize?: number;
  count?: number;
  class?: number;
  magic?: number;
  segments: readonly Segment[];
  /** Bytes of the file; what the headers do not fill counts up from 0. */
  size?: number;
  /** Bytes at file offsets. */
  contents?: readonly (readonly [offset: number, bytes: Uint8Array])[];
}

export function buildElf(image: Image): Uint8Array {
  const size = image.size ?? 0x3000;
  const bytes = new Uint8Array(Math.max(size, elf.EHDR_SIZE + image.segments.length * elf.PHDR_SIZE));
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i >>> 4) & 0xff;
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number | bigint) => view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  view.setUint32(0, image.magic ?? elf.ELF_MAGIC, true);
  bytes[elf.EI_CLASS] = image.class ?? elf.ELFCLASS64;
  view.setUint16(elf.E_TYPE, image.type ?? elf.ET_EXEC, true);
  view.setUint16(elf.E_MACHINE, image.machine ?? elf.EM_X86_64, true);
  u64(elf.E_ENTRY, image.entry ?? 0x40_1000);
  u64(elf.E_PHOFF, image.headersOffset ?? elf.EHDR_SIZE);
  view.setUint16(elf.E_PHENTSIZE, image.entrySize ?? elf.PHDR_SIZE, true);
  view.setUint16(elf.E_PHNUM, image.count ?? image.segments.length, true);
  image.segments.forEach((segment, i) => {
    const at = elf.EHDR_SIZE + i * elf.PHDR_SIZE;
    view.setUint32(at + elf.P_TYPE, segment.type ?? elf.PT_LOAD, true);
    view.setUint32(at + elf.P_FLAGS, segment.flags ?? elf.PF_R | elf.PF_X, true);
    u64(at + elf.P_OFFSET, segment.offset ?? 0);
    u64(at + elf.P_VADDR, segment.address ?? 0x40_0000);
    u64(at + elf.P_FILESZ, segment.fileSize ?? 0);
    u64(at + elf.P_MEMSZ, segment.memorySize ?? segment.fileSize ?? 0);
    u64(at + elf.P_ALIGN, segment.align ?? 0x1000);
  });
  for (const [offset, content] of image.contents ?? []) bytes.set(content, offset);
  return bytes.subarray(0, size);
}
