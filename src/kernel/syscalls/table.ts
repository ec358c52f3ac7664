/** The system call table: the rows of all families by number. */
import { syscallNumbers } from "./names.ts";
import type { SyscallRow } from "./row.ts";

const FAMILIES: readonly (readonly SyscallRow[])[] = [];

/** By number; a hole is a call that the kernel lacks (ENOSYS). */
export const table: readonly (SyscallRow | undefined)[] = join(FAMILIES);

function join(families: readonly (readonly SyscallRow[])[]): (SyscallRow | undefined)[] {
  const rows = new Array<SyscallRow | undefined>(Math.max(...syscallNumbers()) + 1).fill(undefined);
  for (const row of families.flat()) {
    if (rows[row.number])
      throw new Error(`two rows for system call ${row.number}: ${rows[row.number]!.name}, ${row.name}`);
    rows[row.number] = row;
  }
  return rows;
}
