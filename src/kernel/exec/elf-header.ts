/** Reading an ELF header and its program headers, with the checks of Linux's load_elf_binary and load_elf_phdrs. */
import * as elf from "../../abi/elf.ts";
import { ENOEXEC, Errno } from "../../abi/errno.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { PageSource, PhysicalMemory } from "../../memory/types.ts";
import { readSource } from "./executable.ts";

export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  /** Bytes. u64 as Numbers: rounded above 2^53, where every use is refused anyway. */
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

export interface ElfHeader {
  readonly type: number;
  readonly entry: number;
  /** File offset of the program headers. */
  readonly headersOffset: number;
  readonly headers: readonly ProgramHeader[];
}

/** Those of files of images, which do not change: by PageSource.original. */
const known = new WeakMap<object, ElfHeader>();

/** What `readElf` has found in `source` before, if it is still that. */
export const knownElf = ({ original }: PageSource): ElfHeader | undefined =>
  original ? known.get(original) : undefined;

/** Throws `Errno(error)` when the file is not an x86-64 ELF64 program with usable program headers; NeedPage. */
export function readElf(memory: PhysicalMemory, source: PageSource, error: number = ENOEXEC): ElfHeader {
  const before = knownElf(source);
  if (before !== undefined) return before;
  const bytes = readSource(memory, source, 0, elf.EHDR_SIZE);
  if (bytes.length < elf.EHDR_SIZE) throw new Errno(error);
  const view = new DataView(bytes.buffer);
  const type = view.getUint16(elf.E_TYPE, true);
  const count = view.getUint16(elf.E_PHNUM, true);
  const usable =
    view.getUint32(0, true) === elf.ELF_MAGIC &&
    bytes[elf.EI_CLASS] === elf.ELFCLASS64 &&
    (type === elf.ET_EXEC || type === elf.ET_DYN) &&
    view.getUint16(elf.E_MACHINE, true) === elf.EM_X86_64 &&
    view.getUint16(elf.E_PHENTSIZE, true) === elf.PHDR_SIZE &&
    count > 0 &&
    count * elf.PHDR_SIZE <= PAGE_SIZE;
  if (!usable) throw new Errno(error);
  const headersOffset = u64(view, elf.E_PHOFF);
  const table = readSource(memory, source, headersOffset, count * elf.PHDR_SIZE);
  if (table.length < count * elf.PHDR_SIZE) throw new Errno(error);
  const header = { type, entry: u64(view, elf.E_ENTRY), headersOffset, headers: programHeaders(table, count) };
  if (source.original) known.set(source.original, header);
  return header;
}

function programHeaders(table: Uint8Array, count: number): ProgramHeader[] {
  const view = new DataView(table.buffer);
  const headers: ProgramHeader[] = [];
  for (let i = 0; i < count; i++) {
    const at = i * elf.PHDR_SIZE;
    headers.push({
      type: view.getUint32(at + elf.P_TYPE, true),
      flags: view.getUint32(at + elf.P_FLAGS, true),
      offset: u64(view, at + elf.P_OFFSET),
      address: u64(view, at + elf.P_VADDR),
      fileSize: u64(view, at + elf.P_FILESZ),
      memorySize: u64(view, at + elf.P_MEMSZ),
      align: u64(view, at + elf.P_ALIGN),
    });
  }
  return headers;
}

const u64 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
