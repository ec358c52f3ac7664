/** ELF64 constants and structure layouts (System V gABI chapters 4 and 5; elf.h), and the auxiliary vector (getauxval(3)). */

/** e_ident: "\x7fELF" as a little-endian u32. */
export const ELF_MAGIC = 0x464c_457f;
export const EI_CLASS = 4;
export const ELFCLASS64 = 2;

export const ET_EXEC = 2;
export const ET_DYN = 3;
export const EM_X86_64 = 62;

/** Elf64_Ehdr: size and byte offsets. */
export const EHDR_SIZE = 64;
export const E_TYPE = 16; // u16
export const E_MACHINE = 18; // u16
export const E_ENTRY = 24; // u64
export const E_PHOFF = 32; // u64
export const E_PHENTSIZE = 54; // u16
export const E_PHNUM = 56; // u16

/** Elf64_Phdr: size and byte offsets. */
export const PHDR_SIZE = 56;
export const P_TYPE = 0; // u32
export const P_FLAGS = 4; // u32
export const P_OFFSET = 8; // u64
export const P_VADDR = 16; // u64
export const P_FILESZ = 32; // u64
export const P_MEMSZ = 40; // u64
export const P_ALIGN = 48; // u64

export const PT_LOAD = 1;
export const PT_INTERP = 3;
export const PT_GNU_STACK = 0x6474_e551;

export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export const AT_NULL = 0;
export const AT_PHDR = 3;
export const AT_PHENT = 4;
export const AT_PHNUM = 5;
export const AT_PAGESZ = 6;
export const AT_BASE = 7;
export const AT_FLAGS = 8;
export const AT_ENTRY = 9;
export const AT_UID = 11;
export const AT_EUID = 12;
export const AT_GID = 13;
export const AT_EGID = 14;
export const AT_PLATFORM = 15;
export const AT_HWCAP = 16;
export const AT_CLKTCK = 17;
export const AT_SECURE = 23;
export const AT_RANDOM = 25;
export const AT_HWCAP2 = 26;
export const AT_EXECFN = 31;
