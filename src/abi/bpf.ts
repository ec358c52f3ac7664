/** Classic BPF (include/uapi/linux/bpf_common.h, filter.h). */

/** Bytes of struct sock_filter: u16 code, u8 jt, u8 jf, u32 k; most instructions of a program; words of its memory. */
export const BPF_INSTRUCTION_SIZE = 8;
export const BPF_MAXINSNS = 4096;
export const BPF_MEMWORDS = 16;

/** Loads into A: words, halfwords and bytes at K or at X + K; into X, four times the low half of a byte (a header's length). */
export const BPF_LD_W_ABS = 0x20;
export const BPF_LD_H_ABS = 0x28;
export const BPF_LD_B_ABS = 0x30;
export const BPF_LD_W_IND = 0x40;
export const BPF_LD_H_IND = 0x48;
export const BPF_LD_B_IND = 0x50;
export const BPF_LDX_B_MSH = 0xb1;
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
export const BPF_MOD = 0x94;
export const BPF_XOR = 0xa4;
export const BPF_JEQ = 0x15;
export const BPF_JGT = 0x25;
export const BPF_JGE = 0x35;
export const BPF_JSET = 0x45;

/** Offsets of loads from here on, as u32, ask for what is not in the packet; lower ones down to SKF_LL_OFF for headers before it. */
export const SKF_AD_OFF = 0xffff_f000;
export const SKF_LL_OFF = 0xffe0_0000;
export const SKF_AD_PROTOCOL = 0;
export const SKF_AD_PKTTYPE = 4;
export const SKF_AD_IFINDEX = 8;
export const SKF_AD_CPU = 36;
export const SKF_AD_ALU_XOR_X = 40;
