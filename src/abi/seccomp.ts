/** seccomp(2) and classic BPF (include/uapi/linux/seccomp.h, bpf_common.h). */

export const SECCOMP_MODE_STRICT = 1;
export const SECCOMP_MODE_FILTER = 2;

/** Operations of seccomp(2). */
export const SECCOMP_SET_MODE_STRICT = 0;
export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_GET_ACTION_AVAIL = 2;

export const SECCOMP_FILTER_FLAG_TSYNC = 1;
export const SECCOMP_FILTER_FLAG_LOG = 2;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
export const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;

/** What a filter returns: an action, the lowest of which as a signed number counts, and 16 bits that go with it. */
export const SECCOMP_RET_KILL_PROCESS = 0x8000_0000 | 0;
export const SECCOMP_RET_KILL_THREAD = 0;
export const SECCOMP_RET_TRAP = 0x0003_0000;
export const SECCOMP_RET_ERRNO = 0x0005_0000;
export const SECCOMP_RET_TRACE = 0x7ff0_0000;
export const SECCOMP_RET_LOG = 0x7ffc_0000;
export const SECCOMP_RET_ALLOW = 0x7fff_0000;
export const SECCOMP_RET_ACTION = 0xffff_0000 | 0;
export const SECCOMP_RET_DATA = 0xffff;

/** Bytes of struct seccomp_data: number, architecture, instruction pointer, six arguments. */
export const SECCOMP_DATA_SIZE = 64;
export const AUDIT_ARCH_X86_64 = 0xc000_003e;
/** si_code of SIGSYS. */
export const SYS_SECCOMP = 1;

/** Bytes of struct sock_filter: u16 code, u8 jt, u8 jf, u32 k; most instructions of a program; words of its memory. */
export const BPF_INSTRUCTION_SIZE = 8;
export const BPF_MAXINSNS = 4096;
export const BPF_MEMWORDS = 16;

export const BPF_LD_W_ABS = 0x20;
export const BPF_LD_W_LEN = 0x80;
export const BPF_LDX_W_LEN = 0x81;
export const BPF_LD_IMM = 0x00;
export const BPF_LDX_IMM = 0x01;
export const BPF_LD_MEM = 0x60;
export const BPF_LDX_MEM = 0x61;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_RET_K = 0x06;
export const BPF_RET_A = 0x16;
export const BPF_TAX = 0x07;
export const BPF_TXA = 0x87;
export const BPF_JA = 0x05;
export const BPF_NEG = 0x84;
/** Bit of ALU and jump codes: the operand is X, not K. */
export const BPF_X = 0x08;
export const BPF_ADD = 0x04;
export const BPF_SUB = 0x14;
export const BPF_MUL = 0x24;
export const BPF_DIV = 0x34;
export const BPF_OR = 0x44;
export const BPF_AND = 0x54;
export const BPF_LSH = 0x64;
export const BPF_RSH = 0x74;
export const BPF_XOR = 0xa4;
export const BPF_JEQ = 0x15;
export const BPF_JGT = 0x25;
export const BPF_JGE = 0x35;
export const BPF_JSET = 0x45;
