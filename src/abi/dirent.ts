/** getdents64(2) and getdents(2) records. */
import { S_IFMT } from "./stat.ts";

/** DT_* of a mode (include/linux/fs_types.h). */
export const direntType = (mode: number): number => (mode & S_IFMT) >>> 12;

/** Bytes of struct linux_dirent64 up to the name: u64 ino, s64 off, u16 reclen, u8 type. */
export const DIRENT64_NAME = 19;
/** Bytes of struct linux_dirent up to the name: u64 ino, u64 off, u16 reclen; the type is the record's last byte. */
export const DIRENT_NAME = 18;

/** Length of a record for a name of `length` bytes: NUL (and the type byte of the old form), padded to 8. */
export const direntBytes = (length: number, old: boolean): number =>
  ((old ? DIRENT_NAME + length + 2 : DIRENT64_NAME + length + 1) + 7) & ~7;

/** Writes one record at `at` of `view`; `name` is a byte string. */
export function encodeDirent(
  view: DataView,
  at: number,
  ino: number,
  next: number,
  mode: number,
  name: string,
  old: boolean,
): number {
  const bytes = direntBytes(name.length, old);
  view.setUint32(at, ino >>> 0, true);
  view.setUint32(at + 4, Math.floor(ino / 2 ** 32), true);
  view.setUint32(at + 8, next >>> 0, true);
  view.setUint32(at + 12, Math.floor(next / 2 ** 32), true);
  view.setUint16(at + 16, bytes, true);
  const start = at + (old ? DIRENT_NAME : DIRENT64_NAME);
  for (let i = start; i < at + bytes; i++) view.setUint8(i, 0);
  for (let i = 0; i < name.length; i++) view.setUint8(start + i, name.charCodeAt(i));
  view.setUint8(old ? at + bytes - 1 : at + 18, direntType(mode));
  return bytes;
}
