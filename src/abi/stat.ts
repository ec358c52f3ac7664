/** File modes, device numbers and struct stat of x86-64 Linux (stat(2), inode(7), arch/x86/include/uapi/asm/stat.h). */

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
/** Read, write and execute permission of the group. */
export const S_IRWXG = 0o070;
export const S_IWGRP = 0o020;
export const S_IXGRP = 0o010;
/** Write permission of others. */
export const S_IWOTH = 0o002;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;

export const isRegular = (mode: number): boolean => (mode & S_IFMT) === S_IFREG;
export const isDirectory = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR;
export const isSymlink = (mode: number): boolean => (mode & S_IFMT) === S_IFLNK;
export const isFifo = (mode: number): boolean => (mode & S_IFMT) === S_IFIFO;
export const isSocket = (mode: number): boolean => (mode & S_IFMT) === S_IFSOCK;
export const isCharacterDevice = (mode: number): boolean => (mode & S_IFMT) === S_IFCHR;
export const isBlockDevice = (mode: number): boolean => (mode & S_IFMT) === S_IFBLK;

/** makedev(3) as user space sees it, for major < 4096 and minor < 2^20 (so that it fits 32 bits). */
export const makeDevice = (major: number, minor: number): number =>
  ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
export const deviceMajor = (device: number): number => (device >>> 8) & 0xfff;
export const deviceMinor = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);

export const STAT_BYTES = 144;
export const STATX_BYTES = 256;

/** What stat(2) reports. Sizes in bytes, `blocks` in units of 512. */
export interface StatFields {
  readonly device: number;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly atime: { readonly sec: number; readonly nsec: number };
  readonly mtime: { readonly sec: number; readonly nsec: number };
  readonly ctime: { readonly sec: number; readonly nsec: number };
}

const setU64 = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32) >>> 0, true);
};

/** The one struct stat that `encodeStat` fills, in words. */
const statWords = new Uint32Array(STAT_BYTES / 4);
const statBytes = new Uint8Array(statWords.buffer);

const setWords = (index: number, value: number): void => {
  statWords[index] = value;
  statWords[index + 1] = Math.floor(value / 2 ** 32);
};

/** struct stat, 144 bytes. Valid until the next call. */
export function encodeStat(s: StatFields): Uint8Array {
  setWords(0, s.device);
  setWords(2, s.ino);
  setWords(4, s.nlink);
  statWords[6] = s.mode;
  statWords[7] = s.uid;
  statWords[8] = s.gid;
  setWords(10, s.rdev);
  setWords(12, s.size);
  setWords(14, s.blockSize);
  setWords(16, s.blocks);
  setWords(18, s.atime.sec);
  setWords(20, s.atime.nsec);
  setWords(22, s.mtime.sec);
  setWords(24, s.mtime.nsec);
  setWords(26, s.ctime.sec);
  setWords(28, s.ctime.nsec);
  return statBytes;
}

export const STATX_BASIC_STATS = 0x7ff;
export const STATX_MNT_ID = 0x1000;
/** The id is asked for that no other mount ever gets (listmount(2)). */
export const STATX_MNT_ID_UNIQUE = 0x4000;
export const STATX_RESERVED = 0x8000_0000;
export const STATX_ATTR_AUTOMOUNT = 0x1000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;
export const STATX_ATTR_DAX = 0x20_0000;

/** struct statx, 256 bytes (statx(2)); the birth time is not kept and its mask bit stays clear. */
export function encodeStatx(s: StatFields, mountId: number, isUnique: boolean, isMountRoot: boolean): Uint8Array {
  const bytes = new Uint8Array(STATX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, STATX_BASIC_STATS | (isUnique ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID), true);
  view.setUint32(4, s.blockSize, true);
  setU64(view, 8, isMountRoot ? STATX_ATTR_MOUNT_ROOT : 0);
  view.setUint32(16, s.nlink, true);
  view.setUint32(20, s.uid, true);
  view.setUint32(24, s.gid, true);
  view.setUint16(28, s.mode, true);
  setU64(view, 32, s.ino);
  setU64(view, 40, s.size);
  setU64(view, 48, s.blocks);
  setU64(view, 56, STATX_ATTR_AUTOMOUNT | STATX_ATTR_MOUNT_ROOT | STATX_ATTR_DAX);
  const timestamp = (at: number, time: { readonly sec: number; readonly nsec: number }) => {
    setU64(view, at, time.sec);
    view.setUint32(at + 8, time.nsec, true);
  };
  timestamp(64, s.atime);
  timestamp(96, s.ctime);
  timestamp(112, s.mtime);
  view.setUint32(128, deviceMajor(s.rdev), true);
  view.setUint32(132, deviceMinor(s.rdev), true);
  view.setUint32(136, deviceMajor(s.device), true);
  view.setUint32(140, deviceMinor(s.device), true);
  setU64(view, 144, mountId);
  return bytes;
}
