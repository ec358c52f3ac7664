/** /proc/[pid]/maps (proc_pid_maps(5)). */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import type { AddressSpace } from "../memory/address-space.ts";
import { AREA_GROWSDOWN, type Area } from "../memory/areas.ts";
import { PAGE_SIZE } from "../memory/layout.ts";

/** The name is in this column. */
const NAME_COLUMN = 73;

/** One line for each area. */
export function mapsText(space: AddressSpace): string {
  return space.areas.items.map((area) => `${line(space, area)}\n`).join("");
}

function line(space: AddressSpace, area: Area): string {
  const { prot, source } = area;
  const rights = [
    prot & PROT_READ ? "r" : "-",
    prot & PROT_WRITE ? "w" : "-",
    prot & PROT_EXEC ? "x" : "-",
    area.shared ? "s" : "p",
  ].join("");
  const offset = source === null ? 0 : area.offset * PAGE_SIZE;
  const device = source?.device ?? 0;
  const major = hex(device >>> 8, 2);
  const minor = hex(device & 0xff, 2);
  const range = `${hex(area.first * PAGE_SIZE, 8)}-${hex(area.end * PAGE_SIZE, 8)}`;
  const text = `${range} ${rights} ${hex(offset, 8)} ${major}:${minor} ${source?.inode ?? 0} `;
  const name = source?.path ?? anonymousName(space, area);
  return name === "" ? text : text.padEnd(NAME_COLUMN) + name;
}

function anonymousName(space: AddressSpace, area: Area): string {
  const start = area.first * PAGE_SIZE;
  const end = area.end * PAGE_SIZE;
  if (area.flags & AREA_GROWSDOWN && space.stackTop > start && space.stackTop <= end) return "[stack]";
  return start < space.breakEnd && end > space.breakStart ? "[heap]" : "";
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");
