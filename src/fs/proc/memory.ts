/** The files of /proc/[pid] about its memory: maps, smaps, mem, pagemap and their kin (fs/proc/task_mmu.c, fs/proc/base.c). */
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EACCES, EINVAL, ENOENT, EPERM, Errno } from "../../abi/errno.ts";
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/mman.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import * as areas from "../../memory/areas.ts";
import { PageCounts } from "../../memory/inspect.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import { mapLine, mapsText } from "../../memory/maps.ts";
import { Location } from "../mount.ts";
import { FilePages } from "../tmpfs/pages.ts";
import type { Caller } from "../types.ts";
import type { Vfs } from "../vfs.ts";
import { PageMapFile, ProcessMemoryFile } from "./memory-file.ts";
import { type DirectoryNode, type FileNode, file, link, type Owner, type ProcNode } from "./node.ts";
import type { ProcessView } from "./view.ts";

/** Kilobytes of a number of pages. */
const kilobytes = (pages: number): number => Math.floor((pages * PAGE_SIZE) / 1024);

/** A file that only those may open who may look into the process. */
export const guarded = (p: ProcessView, text: FileNode["text"], mode: number, owner: Owner): FileNode =>
  file(text, mode, owner, undefined, { check: (caller) => requireRead(p, caller) });

/** EACCES unless `caller` may look into the process. */
export function requireRead(p: ProcessView, caller: Caller): void {
  if (!p.mayRead(caller)) throw new Errno(EACCES);
}

export const mapsNode = (p: ProcessView, owner: Owner): ProcNode =>
  guarded(p, () => (p.space === null ? "" : mapsText(p.space)), 0o444, owner);

export const smapsNode = (p: ProcessView, owner: Owner): ProcNode =>
  guarded(p, () => (p.space === null ? "" : smapsText(p.space)), 0o444, owner);

export const rollupNode = (p: ProcessView, owner: Owner): ProcNode =>
  guarded(p, () => (p.space === null ? "" : rollupText(p.space)), 0o444, owner);

function smapsText(space: AddressSpace): string {
  return space.areas.items
    .map((area) => {
      const counts = new PageCounts();
      counts.add(space, area);
      const size = kilobytes(area.end - area.first);
      const head: [string, number][] = [
        ["Size", size],
        ["KernelPageSize", PAGE_SIZE / 1024],
        ["MMUPageSize", PAGE_SIZE / 1024],
      ];
      const locked = area.flags & areas.AREA_LOCKED ? counts.proportional : 0;
      return `${mapLine(space, area)}${rows([...head, ...countRows(counts, locked)])}THPeligible:           0\nVmFlags: ${flagsText(area)}\n`;
    })
    .join("");
}

function rollupText(space: AddressSpace): string {
  const { items } = space.areas;
  if (items.length === 0) return "";
  const counts = new PageCounts();
  let locked = 0;
  for (const area of items) {
    const before = counts.proportional;
    counts.add(space, area);
    if (area.flags & areas.AREA_LOCKED) locked += counts.proportional - before;
  }
  const hex = (page: number) => (page * PAGE_SIZE).toString(16).padStart(8, "0");
  const range = `${hex(items[0].first)}-${hex(items[items.length - 1].end)} ---p 00000000 00:00 0 `;
  const [rss, pss, dirty, ...others] = countRows(counts, locked);
  const kinds: [string, number][] = [
    ["Pss_Anon", kilobytes(counts.proportionalAnonymous)],
    ["Pss_File", kilobytes(counts.proportionalFile)],
    ["Pss_Shmem", kilobytes(counts.proportionalShared)],
  ];
  return `${range.padEnd(73)}[rollup]\n${rows([rss, pss, dirty, ...kinds, ...others])}`;
}

/** The processor's accessed bits are not kept: what is resident counts as referenced. */
function countRows(counts: PageCounts, locked: number): [string, number][] {
  const none = (...names: string[]) => names.map((name): [string, number] => [name, 0]);
  return [
    ["Rss", kilobytes(counts.resident)],
    ["Pss", kilobytes(counts.proportional)],
    ["Pss_Dirty", kilobytes(counts.proportionalDirty)],
    ["Shared_Clean", kilobytes(counts.sharedClean)],
    ["Shared_Dirty", kilobytes(counts.sharedDirty)],
    ["Private_Clean", kilobytes(counts.privateClean)],
    ["Private_Dirty", kilobytes(counts.privateDirty)],
    ["Referenced", kilobytes(counts.resident)],
    ["Anonymous", kilobytes(counts.anonymous)],
    ...none("KSM", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped"),
    ...none("Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss"),
    ["Locked", kilobytes(locked)],
  ];
}

const rows = (values: readonly [string, number][]): string =>
  values.map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB\n`).join("");

/** Mnemonics of VmFlags (proc_pid_smaps(5)), in Linux's order. */
function flagsText(area: areas.Area): string {
  const { prot, maxProt, flags } = area;
  const accounted = !area.shared && prot & PROT_WRITE && !(flags & areas.AREA_NORESERVE);
  const known: [string, unknown][] = [
    ["rd", prot & PROT_READ],
    ["wr", prot & PROT_WRITE],
    ["ex", prot & PROT_EXEC],
    ["sh", area.shared],
    ["mr", maxProt & PROT_READ],
    ["mw", maxProt & PROT_WRITE],
    ["me", maxProt & PROT_EXEC],
    ["ms", area.shared],
    ["gd", flags & areas.AREA_GROWSDOWN],
    ["lo", flags & areas.AREA_LOCKED],
    ["dc", flags & areas.AREA_DONTFORK],
    ["lf", flags & areas.AREA_LOCKONFAULT],
    ["ac", accounted],
    ["nr", flags & areas.AREA_NORESERVE],
    ["wf", flags & areas.AREA_WIPEONFORK],
    ["dd", flags & areas.AREA_DONTDUMP],
    ["sl", flags & areas.AREA_SEALED],
  ];
  return known.map(([name, set]) => (set ? `${name} ` : "")).join("");
}

/** Reads and writes whatever the rights of mappings are; only for those who may trace the process. */
export const memoryNode = (p: ProcessView, owner: Owner): ProcNode =>
  file(() => "", 0o600, owner, undefined, {
    open(inode, flags, location, caller) {
      if (!p.mayAttach(caller)) throw new Errno(EACCES);
      return new ProcessMemoryFile(inode, flags, location, p.space);
    },
  });

export const pageMapNode = (p: ProcessView, owner: Owner): ProcNode =>
  file(() => "", 0o400, owner, undefined, {
    open(inode, flags, location, caller) {
      requireRead(p, caller);
      return new PageMapFile(inode, flags, location, p.space);
    },
  });

/** /proc/[pid]/clear_refs: 5 sets the peak of the resident set anew. There are no accessed and soft-dirty bits to clear. */
export const clearRefsNode = (p: ProcessView, owner: Owner): ProcNode =>
  file(
    () => "",
    0o200,
    owner,
    (_caller, text) => {
      if (text.trim() !== "5") throw new Errno(EINVAL);
      if (p.space !== null) p.space.peakResident = p.space.residentPages;
    },
  );

/** A link for each mapping of a file. */
export function mapFilesNode(vfs: Vfs, p: ProcessView, owner: Owner): DirectoryNode {
  const name = ({ first, end }: areas.Area) => `${(first * PAGE_SIZE).toString(16)}-${(end * PAGE_SIZE).toString(16)}`;
  return {
    kind: "directory",
    mode: 0o500,
    owner,
    own: ({ pid }) => pid === p.number,
    find(wanted, caller) {
      requireRead(p, caller);
      const area = p.space?.areas.items.find((one) => one.source !== null && name(one) === wanted);
      if (!area) return null;
      const mode = (area.prot & PROT_READ ? 0o400 : 0) | (area.shared && area.prot & PROT_WRITE ? 0o200 : 0);
      const target = () => area.source!.path;
      const follow = (caller: Caller) => {
        if (!caller.capable(CAP_SYS_ADMIN) && !caller.capable(CAP_CHECKPOINT_RESTORE)) throw new Errno(EPERM);
        const { source } = area;
        if (source instanceof FilePages) return source.location ?? new Location(vfs.hidden, source.owner);
        throw new Errno(ENOENT);
      };
      return { ...link(target, follow, owner, mode), size: 64 };
    },
    list(caller) {
      requireRead(p, caller);
      return p.space?.areas.items.filter(({ source }) => source !== null).map(name) ?? [];
    },
  };
}
