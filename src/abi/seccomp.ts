/** seccomp(2) (include/uapi/linux/seccomp.h). */

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
