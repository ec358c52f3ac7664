/** Capabilities that the kernel asks for, by bit number, and the versions of capget(2) (capabilities(7)). */

export const CAP_DAC_READ_SEARCH = 2;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_NET_BIND_SERVICE = 10;
export const CAP_NET_ADMIN = 12;
export const CAP_NET_RAW = 13;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_CHECKPOINT_RESTORE = 40;
export const CAP_LAST = CAP_CHECKPOINT_RESTORE;

export const CAPABILITY_V1 = 0x1998_0330;
export const CAPABILITY_V2 = 0x2007_1026;
export const CAPABILITY_V3 = 0x2008_0522;
