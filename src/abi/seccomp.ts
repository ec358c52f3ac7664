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
export const SYS_USER_DISPATCH = 2;

// ---- user notifications (seccomp_unotify(2))

export const SECCOMP_GET_NOTIF_SIZES = 3;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
export const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;

/** Requests of ioctl(2) on a listener. */
export const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100;
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101;
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102;
/** As it was first defined, with the wrong direction. */
export const SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR = 0x8008_2102;
export const SECCOMP_IOCTL_NOTIF_ADDFD = 0x4018_2103;
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x4008_2104;

/** Bytes of struct seccomp_notif and struct seccomp_notif_resp. */
export const SECCOMP_NOTIF_SIZE = 80;
export const SECCOMP_NOTIF_RESP_SIZE = 24;
/** The system call is to be made after all. */
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
/** A hint about scheduling. */
export const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;
/** Flags of struct seccomp_notif_addfd: put it at a number; and answer with that. */
export const SECCOMP_ADDFD_FLAG_SETFD = 1;
export const SECCOMP_ADDFD_FLAG_SEND = 2;
