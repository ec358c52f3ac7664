/** /proc/[pid]/maps of an address space (proc_pid_maps(5); Linux's fs/proc/task_mmu.c, show_map_vma). */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import type { AddressSpace } from "./address-space.ts";
import type { Area } from "./areas.ts";
import { PAGE_SIZE } from "./layout.ts";

/** Column at which names begin. */
const NAME_COLUMN = 73;

const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");

/** A byte string, one line an area. */
export function mapsText(space: AddressSpace): string {
  return space.areas.items.map((area) => mapLine(space, area)).join("");
}

/** The line of one area. */
export function mapLine(space: AddressSpace, area: Area): string {
  const { first, end, prot, source } = area;
  const range = `${hex(first * PAGE_SIZE, 8)}-${hex(end * PAGE_SIZE, 8)}`;
  const rights = `${prot & PROT_READ ? "r" : "-"}${prot & PROT_WRITE ? "w" : "-"}${prot & PROT_EXEC ? "x" : "-"}`;
  const device = source?.device ?? 0;
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xff00);
  const offset = hex(area.offset * PAGE_SIZE, 8);
  const text = `${range} ${rights}${area.shared ? "s" : "p"} ${offset} ${hex(major, 2)}:${hex(minor, 2)} ${source?.inode ?? 0} `;
  const name = source === null ? anonymousName(space, area) : source.path.replaceAll("\n", "\\012");
  return name === "" ? `${text}\n` : `${text.padEnd(NAME_COLUMN)}${name}\n`;
}

/** The heap and the main stack have names. */
export function anonymousName(space: AddressSpace, { first, end }: Area): string {
  if (first * PAGE_SIZE < space.breakEnd && end * PAGE_SIZE > space.breakStart) return "[heap]";
  if (first * PAGE_SIZE <= space.stackTop - 1 && end * PAGE_SIZE >= space.stackTop) return "[stack]";
  return "";
}
