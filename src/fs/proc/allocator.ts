/** /proc/buddyinfo, zoneinfo and slabinfo: one node, one zone, and frames that are given out one at a time (proc(5)). */
import { PAGE_SIZE } from "../../memory/layout.ts";
import type { SystemView } from "./view.ts";

/** Orders of blocks that Linux tells of (MAX_PAGE_ORDER + 1). */
const ORDERS = 11;
const ZONE = "Node 0, zone   Normal";

const pages = (bytes: number): number => Math.floor(bytes / PAGE_SIZE);

/** Free blocks by order: no frame is joined with its neighbours. */
export function buddyText({ memory }: SystemView): string {
  const counts = [pages(memory.free), ...new Array<number>(ORDERS - 1).fill(0)];
  return `${ZONE} ${counts.map((count) => `${String(count).padStart(6)} `).join("")}\n`;
}

/** Nothing is reclaimed at a watermark, so that these are 0. */
export function zoneText({ memory }: SystemView): string {
  const { total, free } = memory;
  const counts: [string, number][] = [
    ["boost", 0],
    ["min", 0],
    ["low", 0],
    ["high", 0],
    ["spanned", pages(total)],
    ["present", pages(total)],
    ["managed", pages(total)],
  ];
  const rows = counts.map(([name, count]) => `        ${name.padEnd(8)} ${count}\n`).join("");
  return `${ZONE}\n  pages free     ${pages(free)}\n${rows}      nr_free_pages ${pages(free)}\n`;
}

/** There are no slabs. */
export const slabText = (): string =>
  "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> " +
  ": tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
