/**
 * Where the current thread's registers are, as byte offsets from STATE_ADDRESS (memory/layout.ts). A thread that does
 * not run keeps a copy of these STATE_SIZE bytes.
 *
 * General registers and a few pseudo-registers form one file of 64-bit slots; a micro-op names a register by its byte
 * offset in that file, one byte, so that AH is `RAX * 8 + 1`.
 */

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;
export const R8 = 8;
export const R9 = 9;
export const R10 = 10;
export const R11 = 11;
export const R12 = 12;
export const R13 = 13;
export const R14 = 14;
export const R15 = 15;

/** Pseudo-register: always 0; stands for an absent base or index. */
export const R_ZERO = 16;
/** Pseudo-register: linear address of the page that holds the code being executed (RIP with the low 12 bits clear). */
export const R_PAGE = 17;
/** Pseudo-registers: the FS and GS segment bases. */
export const R_FS = 18;
export const R_GS = 19;
/** Pseudo-register: an effective address computed by an earlier micro-op of the same instruction. */
export const R_EA = 20;

/** Byte offset of general or pseudo-register `n`. */
export const reg = (n: number): number => n * 8;

/**
 * Arithmetic flags, kept apart so that each can be written alone (SDM Vol. 1, 3.4.3.1):
 * ZF is `zeroResult == 0`; SF is `signResult < 0`; PF is set when the low byte of parityResult has an even number of ones;
 * CF is `carry` (0 or 1); OF is bit 31 of `overflow`; AF is bit 4 of `adjust`.
 */
export const ZERO_RESULT = 192; // i64
export const SIGN_RESULT = 200; // i64
export const PARITY_RESULT = 208; // i32
export const CARRY = 212; // i32
export const OVERFLOW = 216; // i32
export const ADJUST = 220; // i32
/** DF, ID, AC, NT and TF as in RFLAGS; the reserved bit 1 and IF are added when RFLAGS is read. */
export const OTHER_FLAGS = 224; // i32

export const MXCSR = 228; // i32, initially 0x1f80
/** Address of the next instruction; of the faulting one after EXIT_FAULT. Up to date only outside `run`. */
export const RIP = 232; // i64
/** XMM0 to XMM15, 16 bytes each, aligned. */
export const XMM = 256;
/**
 * x87 and MMX state, in the layout of the first 160 bytes of FXSAVE64 (SDM Vol. 1, table 10-2) but for the order of the
 * registers: R0 to R7 here, so that MM0 to MM7 are at constant addresses, and ST(0) to ST(7) in the image. ST(i) is
 * R((TOP + i) mod 8); `fx-image.ts` converts. TOP is in FSW. Bits above the 80 of a register are 0.
 */
export const X87 = 512;
/** Control word and status word, u16 each; tags, one bit a register (R0 in bit 0), 1 when it is not empty. */
export const X87_CONTROL = X87;
export const X87_STATUS = X87 + 2;
export const X87_TAGS = X87 + 4;
/** Opcode (u16), address, and operand address (i64) of the last x87 instruction that was not a control instruction. */
export const X87_OPCODE = X87 + 6;
export const X87_INSTRUCTION = X87 + 8;
export const X87_OPERAND = X87 + 16;
/** 16 bytes each: the significand (i64), then sign and exponent (u16). */
export const X87_REGISTERS = X87 + 32;

/** Instructions left in this slice (i32); `run` leaves with EXIT_FUEL when it would go below 0. */
export const FUEL = 672;
/** Instructions that `run` was given at the start of the slice (i32); FUEL_START - FUEL have retired. */
export const FUEL_START = 676;
/** The time-stamp counter at the start of the slice (i64); RDTSC adds what has retired since. */
export const TSC_BASE = 680;
/** Tag that a jump cache entry must carry to be valid (i32). Replaced when executable mappings change. */
export const JUMP_TAG = 688;
/** Raised when a valid page-table entry is invalidated or narrowed (i32). */
export const MMU_EPOCH = 692;
/** Non-zero when the running code must leave its block at the next instruction boundary (its block was dropped). */
export const LEAVE_BLOCK = 696;

/** What EXIT_FAULT reports: the vector (i32, see VECTOR_*), the error code (i32), the linear address (i64). */
export const FAULT_VECTOR = 704;
export const FAULT_CODE = 708;
export const FAULT_ADDRESS = 712;
/** After EXIT_LOOKUP by a direct jump: address of the micro-op field to link to the target, or 0 (i32). */
export const LINK_SLOT = 720;
/** Address of the micro-op at which `run` left a block in its middle, or 0 when it left at a block's end (i32). */
export const EXIT_MICRO_OP = 724;
/** Address of the micro-op that is being run in its careful form (i32): what `miss` is about. */
export const CAREFUL_MICRO_OP = 728;

/**
 * What the magnitude of a float result must be below to need no more attention: +infinity in all lanes (two doubles, then four
 * singles) while MXCSR is known to be in its default mode, else 0, so that one comparison tells both. Whoever writes MXCSR
 * clears these bytes; the CPU finds out by itself (isa/float-modes.ts).
 */
export const FLOAT_LIMITS = 736;
export const FLOAT_LIMITS_SIZE = 32;

export const STATE_SIZE = 768;

/** Exceptions (SDM Vol. 3, table 6-1). */
export const VECTOR_DE = 0;
export const VECTOR_DB = 1;
export const VECTOR_BP = 3;
export const VECTOR_OF = 4;
export const VECTOR_UD = 6;
export const VECTOR_SS = 12;
export const VECTOR_GP = 13;
export const VECTOR_PF = 14;
export const VECTOR_MF = 16;
export const VECTOR_AC = 17;
export const VECTOR_XM = 19;

/** Page-fault error code bits (SDM Vol. 3, 4.7): the access was a write; it was an instruction fetch. */
export const PF_WRITE = 2;
export const PF_FETCH = 16;
/** FAULT_CODE bit of our own: nothing is wrong, the page must first be fetched; the kernel knows which. */
export const PF_NEED_PAGE = 0x1000;

/** Why `run` returned. */
export const EXIT_LOOKUP = 1; // no block is known for RIP
export const EXIT_FUEL = 2; // the slice is over
export const EXIT_SYSCALL = 3; // the system call asked to leave (it blocked, exited, or a signal is pending)
export const EXIT_FAULT = 4; // FAULT_VECTOR, FAULT_CODE, FAULT_ADDRESS
