/** /proc/[pid]/numa_maps (proc_pid_numa_maps(5); fs/proc/task_mmu.c, show_numa_map): policies, and where pages are: on node 0. */
import {
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
  MPOL_LOCAL,
  MPOL_MODE_FLAGS,
  MPOL_PREFERRED,
} from "../../abi/numa.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import type { Area } from "../../memory/areas.ts";
import { PageCounts } from "../../memory/inspect.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import { anonymousName } from "../../memory/maps.ts";
import type { MemoryPolicy } from "../../memory/policy.ts";

/** By MPOL_*. */
const MODES = ["default", "prefer", "bind", "interleave", "local", "prefer (many)", "weighted interleave"];

function policyText(policy: MemoryPolicy | null): string {
  if (policy === null) return MODES[0];
  const mode = policy.mode & ~MPOL_MODE_FLAGS;
  const isLocal = mode === MPOL_LOCAL || (mode === MPOL_PREFERRED && policy.nodes === 0);
  let text = isLocal ? MODES[MPOL_LOCAL] : MODES[mode];
  if (policy.mode & MPOL_F_STATIC_NODES) text += "=static";
  else if (policy.mode & MPOL_F_RELATIVE_NODES) text += "=relative";
  return policy.nodes === 0 ? text : `${text}:0`;
}

/** What would end a field, in octal. */
const escaped = (path: string): string =>
  path.replace(/[\n\t= ]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);

function name(space: AddressSpace, area: Area): string {
  if (area.source !== null) return ` file=${escaped(area.source.path)}`;
  return { "[heap]": " heap", "[stack]": " stack" }[anonymousName(space, area)] ?? "";
}

/** Pages are on no list of active ones (meminfo). */
function pagesText(space: AddressSpace, area: Area): string {
  const counts = new PageCounts();
  counts.add(space, area);
  const { resident, anonymous, mostUsers } = counts;
  if (resident === 0) return "";
  const dirty = counts.sharedDirty + counts.privateDirty;
  const fields = [
    anonymous > 0 && `anon=${anonymous}`,
    dirty > 0 && `dirty=${dirty}`,
    resident !== anonymous && resident !== dirty && `mapped=${resident}`,
    mostUsers > 1 && `mapmax=${mostUsers}`,
    `active=0 N0=${resident} kernelpagesize_kB=${PAGE_SIZE / 1024}`,
  ];
  return ` ${fields.filter(Boolean).join(" ")}`;
}

/** `policy` is the thread's, which areas without one of their own follow. */
export const numaMapsText = (space: AddressSpace, policy: MemoryPolicy | null): string =>
  space.areas.items
    .map((area) => {
      const start = (area.first * PAGE_SIZE).toString(16).padStart(8, "0");
      return `${start} ${policyText(area.policy ?? policy)}${name(space, area)}${pagesText(space, area)}\n`;
    })
    .join("");
