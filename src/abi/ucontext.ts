/**
 * The frame that Linux pushes for a signal handler on x86-64 (struct rt_sigframe, arch/x86/include/asm/sigframe.h), as byte
 * offsets from its start: the restorer's address, ucontext, siginfo. The FXSAVE image lies above it.
 */
export const FRAME_RESTORER = 0;
export const FRAME_UCONTEXT = 8;
export const FRAME_SIGINFO = 312;
export const FRAME_SIZE = 440;

// struct ucontext, from FRAME_UCONTEXT
export const UC_FLAGS = 0;
export const UC_LINK = 8;
export const UC_STACK = 16;
export const UC_MCONTEXT = 40;
export const UC_SIGMASK = 296;
export const UCONTEXT_SIZE = 304;

/** uc_flags: SS is saved and restored strictly; no UC_FP_XSTATE, as CPUID has no XSAVE. */
export const UC_SIGCONTEXT_SS = 2;
export const UC_STRICT_RESTORE_SS = 4;

/** struct sigcontext, from UC_MCONTEXT. The general registers are in the order of SIGCONTEXT_REGISTERS, 8 bytes each. */
export const SC_RIP = 128;
export const SC_EFLAGS = 136;
export const SC_CS = 144;
export const SC_SS = 150;
export const SC_ERR = 152;
export const SC_TRAPNO = 160;
export const SC_OLDMASK = 168;
export const SC_CR2 = 176;
export const SC_FPSTATE = 184;

/** Numbers of cpu/state.ts: r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp. */
export const SIGCONTEXT_REGISTERS = [8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 3, 2, 0, 1, 4] as const;

export const USER_CS = 0x33;
export const USER_SS = 0x2b;

/** FXSAVE64 image (SDM Vol. 1, table 10-2). */
export const FXSAVE_SIZE = 512;
export const FXSAVE_MXCSR = 24;
export const FXSAVE_MXCSR_MASK = 28;
export const FXSAVE_XMM = 160;
/** Bits of MXCSR that exist with SSE2 (DAZ included). */
export const MXCSR_MASK = 0xffff;

/** Below RSP, 128 bytes belong to the function that runs (System V ABI, 3.2.2). */
export const RED_ZONE = 128;
