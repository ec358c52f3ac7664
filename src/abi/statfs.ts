/** statfs(2): file system magic numbers (include/uapi/linux/magic.h), mount flags and struct statfs. */

export const TMPFS_MAGIC = 0x01021994;
export const PROC_SUPER_MAGIC = 0x9fa0;
export const DEVPTS_SUPER_MAGIC = 0x1cd1;
export const PIPEFS_MAGIC = 0x50495045;
export const SOCKFS_MAGIC = 0x534f434b;
export const OVERLAYFS_SUPER_MAGIC = 0x794c7630;
export const NSFS_MAGIC = 0x6e736673;
export const ANON_INODE_FS_MAGIC = 0x09041934;

/** mount(2) flags. */
export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_SYNCHRONOUS = 16;
export const MS_REMOUNT = 32;
export const MS_NOSYMFOLLOW = 256;
export const MS_NOATIME = 1024;
export const MS_NODIRATIME = 2048;
export const MS_BIND = 4096;
export const MS_MOVE = 8192;
export const MS_REC = 16384;
export const MS_SILENT = 32768;
export const MS_UNBINDABLE = 1 << 17;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;
export const MS_RELATIME = 1 << 21;
export const MS_STRICTATIME = 1 << 24;

/** umount2(2) flags. */
export const MNT_FORCE = 1;
export const MNT_DETACH = 2;
export const MNT_EXPIRE = 4;
export const UMOUNT_NOFOLLOW = 8;

/** statfs f_flags (ST_*). */
export const ST_RDONLY = 1;
export const ST_NOSUID = 2;
export const ST_NODEV = 4;
export const ST_NOEXEC = 8;
export const ST_VALID = 0x20;
export const ST_NOATIME = 0x400;
export const ST_NODIRATIME = 0x800;
export const ST_RELATIME = 0x1000;
export const ST_NOSYMFOLLOW = 0x2000;

export const STATFS_BYTES = 120;

/** `blocks` and what follows in units of `blockSize` bytes. */
export interface StatFsFields {
  readonly type: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly free: number;
  readonly files: number;
  readonly filesFree: number;
  readonly nameLength: number;
}

/** struct statfs, 120 bytes. */
export function encodeStatFs(s: StatFsFields, device: number, flags: number): Uint8Array {
  const bytes = new Uint8Array(STATFS_BYTES);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number) => {
    view.setUint32(at, value >>> 0, true);
    view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  };
  u64(0, s.type);
  u64(8, s.blockSize);
  u64(16, s.blocks);
  u64(24, s.free);
  u64(32, s.free);
  u64(40, s.files);
  u64(48, s.filesFree);
  u64(56, device);
  u64(64, s.nameLength);
  u64(72, s.blockSize);
  u64(80, flags | ST_VALID);
  return bytes;
}
