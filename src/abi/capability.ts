/** Capabilities that the kernel asks for, by bit number, and the versions of capget(2) (capabilities(7)). */

export const CAP_CHOWN = 0;
export const CAP_DAC_OVERRIDE = 1;
export const CAP_DAC_READ_SEARCH = 2;
export const CAP_FOWNER = 3;
export const CAP_FSETID = 4;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_NET_BIND_SERVICE = 10;
export const CAP_NET_ADMIN = 12;
export const CAP_NET_RAW = 13;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_LINUX_IMMUTABLE = 9;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_MKNOD = 27;
export const CAP_LEASE = 28;
export const CAP_AUDIT_CONTROL = 30;
export const CAP_SETFCAP = 31;
export const CAP_MAC_OVERRIDE = 32;
export const CAP_WAKE_ALARM = 35;
export const CAP_CHECKPOINT_RESTORE = 40;
export const CAP_LAST = CAP_CHECKPOINT_RESTORE;

export const CAPABILITY_V1 = 0x1998_0330;
export const CAPABILITY_V2 = 0x2007_1026;
export const CAPABILITY_V3 = 0x2008_0522;

const bit = (capability: number): number => 1 << (capability & 31);

/** Those that a change of the file system user id gives and takes (CAP_FS_SET), low and high word. */
export const CAP_FILE_SYSTEM: readonly [number, number] = [
  bit(CAP_CHOWN) |
    bit(CAP_DAC_OVERRIDE) |
    bit(CAP_DAC_READ_SEARCH) |
    bit(CAP_FOWNER) |
    bit(CAP_FSETID) |
    bit(CAP_LINUX_IMMUTABLE) |
    bit(CAP_MKNOD),
  bit(CAP_MAC_OVERRIDE),
];
