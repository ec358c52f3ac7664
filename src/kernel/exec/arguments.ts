/** Reading argument and environment lists out of the calling program, within the limits of execve(2). */
import { E2BIG, ENAMETOOLONG, Errno } from "../../abi/errno.ts";
import type { UserMemory } from "../../memory/types.ts";

/** Most bytes of one string, its NUL included (MAX_ARG_STRLEN). */
export const STRING_LIMIT = 32 * 4096;

/**
 * Most bytes that strings and pointers may take, for a soft RLIMIT_STACK: a quarter of it, at least 128 KiB (ARG_MAX) and at
 * most 6 MiB (bprm_stack_limits).
 */
export const argumentLimit = (stackLimit: number): number => Math.max(131072, Math.min(6 << 20, stackLimit / 4));

/**
 * The strings of a NULL-terminated array of pointers, without their NULs; an empty list for a null `address`. `room` is what is
 * left of the limit. Throws EFAULT, E2BIG, NeedPage.
 */
export function readStrings(user: UserMemory, address: number, room: number): Uint8Array[] {
  const strings: Uint8Array[] = [];
  if (address === 0) return strings;
  for (let at = address; ; at += 8) {
    const pointer = user.u64(at);
    if (pointer === 0) return strings;
    const string = readString(user, pointer);
    room -= string.length + 1 + 8;
    if (room < 0) throw new Errno(E2BIG);
    strings.push(string);
  }
}

function readString(user: UserMemory, address: number): Uint8Array {
  try {
    return user.cstring(address, STRING_LIMIT - 1);
  } catch (error) {
    throw error instanceof Errno && error.errno === ENAMETOOLONG ? new Errno(E2BIG) : error;
  }
}

/** Bytes that strings take on the stack, with their NULs and pointers. */
export function sizeOf(strings: readonly Uint8Array[]): number {
  let size = 0;
  for (const string of strings) size += string.length + 1 + 8;
  return size;
}
