/** Memory policies and page placement (numa(7); mm/mempolicy.c, mm/migrate.c) on a machine of one node, number 0. */

import { CAP_SYS_NICE } from "../../abi/capability.ts";
import { EFAULT, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import {
  MPOL_BIND,
  MPOL_DEFAULT,
  MPOL_F_NUMA_BALANCING,
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
  MPOL_INTERLEAVE,
  MPOL_LOCAL,
  MPOL_MAX,
  MPOL_MODE_FLAGS,
  MPOL_PREFERRED,
  MPOL_PREFERRED_MANY,
} from "../../abi/numa.ts";
import { HIGH_LIMIT, isPageAligned, PAGE_SIZE } from "../../memory/layout.ts";
import { pagesOf } from "../../memory/mapping.ts";
import type { MemoryPolicy } from "../../memory/policy.ts";
import { bindPolicy } from "../../memory/seal.ts";
import { capable } from "../capabilities.ts";
import { threadOf } from "../lookup.ts";
import { mayInspect } from "../ptrace-access.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

/** Of get_mempolicy(2). */
const MPOL_F_NODE = 1;
const MPOL_F_ADDR = 2;
const MPOL_F_MEMS_ALLOWED = 4;
/** Of mbind(2) and move_pages(2). */
const MPOL_MF_STRICT = 1;
const MPOL_MF_MOVE = 2;
const MPOL_MF_MOVE_ALL = 4;

const NODES = 1;
/** Most bits of a node mask: a page of them. */
const MAX_BITS = PAGE_SIZE * 8;

/** Nodes of a mask of which `maxnode - 1` bits count; EINVAL for one that is not there. */
function readNodes(t: Thread, address: number, maxnode: number): number {
  const bits = maxnode - 1;
  if (bits <= 0 || address === 0) return 0;
  if (bits > MAX_BITS) throw new Errno(EINVAL);
  const bytes = t.user.read(address, Math.ceil(bits / 64) * 8);
  for (let bit = 1; bit < bits; bit++) if (bytes[bit >> 3] & (1 << (bit & 7))) throw new Errno(EINVAL);
  return bytes[0] & NODES;
}

/** The policy that is asked for, null for the default (mpol_new). */
function policyOf(mode: number, nodes: number): MemoryPolicy | null {
  const plain = mode & ~MPOL_MODE_FLAGS;
  if (plain < 0 || plain >= MPOL_MAX) throw new Errno(EINVAL);
  const both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  if ((mode & both) === both) throw new Errno(EINVAL);
  if (mode & MPOL_F_NUMA_BALANCING && plain !== MPOL_BIND) throw new Errno(EINVAL);
  if (plain === MPOL_DEFAULT || plain === MPOL_LOCAL) {
    if (nodes !== 0 || mode & both) throw new Errno(EINVAL);
    return plain === MPOL_DEFAULT ? null : { mode, nodes: 0 };
  }
  if (nodes === 0) {
    // Preferring no node is to prefer the local one.
    if (plain === MPOL_PREFERRED && (mode & both) === 0) return { mode: MPOL_LOCAL, nodes: 0 };
    throw new Errno(EINVAL);
  }
  return { mode, nodes };
}

function setMempolicy(t: Thread, mode: number, mask: number, maxnode: number): number {
  t.memoryPolicy = policyOf(mode, readNodes(t, mask, maxnode));
  return 0;
}

function getMempolicy(t: Thread, mode: number, mask: number, maxnode: number, address: number, flags: number): number {
  if (mask !== 0 && maxnode < NODES) return -EINVAL;
  if (flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) return -EINVAL;
  let result = 0;
  let nodes = 0;
  if (flags & MPOL_F_MEMS_ALLOWED) {
    if (flags & (MPOL_F_NODE | MPOL_F_ADDR)) return -EINVAL;
    nodes = NODES;
  } else {
    let policy = t.memoryPolicy;
    if (flags & MPOL_F_ADDR) {
      const area = address < HIGH_LIMIT ? t.process.memory.areas.at(Math.floor(address / PAGE_SIZE)) : null;
      if (area === null) return -EFAULT;
      policy = area.policy ?? policy;
      if (flags & MPOL_F_NODE) t.user.u8(address); // brings the page in
    } else if (address !== 0) return -EINVAL;
    else if (flags & MPOL_F_NODE && ((policy?.mode ?? 0) & ~MPOL_MODE_FLAGS) !== MPOL_INTERLEAVE) return -EINVAL;
    result = flags & MPOL_F_NODE ? 0 : (policy?.mode ?? MPOL_DEFAULT);
    nodes = policy?.nodes ?? 0;
  }
  if (mode !== 0) t.user.setU32(mode, result);
  if (mask !== 0) {
    const size = Math.ceil(Math.min(maxnode, MAX_BITS) / 64) * 8;
    t.user.clear(mask, size);
    t.user.setU32(mask, nodes);
  }
  return 0;
}

function mbind(t: Thread, start: number, length: number, mode: number, mask: number, maxnode: number, flags: number) {
  const nodes = readNodes(t, mask, maxnode);
  if (flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) return -EINVAL;
  if (flags & MPOL_MF_MOVE_ALL && !capable(t.credentials, CAP_SYS_NICE)) return -EPERM;
  if (!isPageAligned(start)) return -EINVAL;
  const end = start + pagesOf(length) * PAGE_SIZE;
  if (end >= 2 ** 64) return -EINVAL;
  if (end === start) return 0;
  const policy = policyOf(mode, nodes);
  if (end > HIGH_LIMIT) return -EFAULT;
  bindPolicy(t.process.memory, start / PAGE_SIZE, end / PAGE_SIZE, policy);
  return 0;
}

function setHomeNode(t: Thread, start: number, length: number, node: number, flags: number): number {
  if (!isPageAligned(start) || flags !== 0 || node !== 0) return -EINVAL;
  const end = start + pagesOf(length) * PAGE_SIZE;
  if (end >= 2 ** 64) return -EINVAL;
  if (end === start) return 0;
  const { areas } = t.process.memory;
  // Only with BIND or PREFERRED_MANY is there one to set; areas without a policy do not count.
  let result = -ENOENT;
  for (let i = areas.position(start / PAGE_SIZE); i < areas.items.length; i++) {
    const { first, policy } = areas.items[i];
    if (first >= end / PAGE_SIZE) break;
    if (!policy) continue;
    const mode = policy.mode & ~MPOL_MODE_FLAGS;
    if (mode !== MPOL_BIND && mode !== MPOL_PREFERRED_MANY) return -EOPNOTSUPP;
    result = 0;
  }
  return result;
}

/** Whom migrate_pages(2) and move_pages(2) name; throws ESRCH, EPERM. */
function target(t: Thread, pid: number): Thread {
  const found = pid === 0 ? t : threadOf(t, pid);
  if (found === undefined) throw new Errno(ESRCH);
  if (!mayInspect(t, found.process)) throw new Errno(EPERM);
  return found;
}

/** Nothing has to move; the result is the pages that did not. */
function migratePages(t: Thread, pid: number, maxnode: number, from: number, to: number): number {
  readNodes(t, from, maxnode);
  const nodes = readNodes(t, to, maxnode);
  target(t, pid);
  return nodes === 0 ? -EINVAL : 0;
}

function movePages(
  t: Thread,
  pid: number,
  count: number,
  pages: number,
  nodes: number,
  status: number,
  flags: number,
): number {
  if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) return -EINVAL;
  if (flags & MPOL_MF_MOVE_ALL && !capable(t.credentials, CAP_SYS_NICE)) return -EPERM;
  const { memory } = target(t, pid).process;
  for (let i = 0; i < count; i++) {
    const address = t.user.u64(pages + i * 8);
    if (nodes !== 0 && t.user.i32(nodes + i * 4) !== 0) return t.user.i32(nodes + i * 4) < 0 ? -ENOENT : -ENODEV;
    const page = Math.floor(address / PAGE_SIZE);
    const area = address < HIGH_LIMIT ? memory.areas.at(page) : null;
    const found = area === null ? -EFAULT : memory.present.get(page) === 0 ? -ENOENT : 0;
    t.user.setU32(status + i * 4, found);
  }
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(237, "mbind", "ptr size int ptr ulong uint", mbind),
  call(238, "set_mempolicy", "int ptr ulong", setMempolicy),
  call(239, "get_mempolicy", "int-out ptr ulong ptr ulong", getMempolicy),
  call(256, "migrate_pages", "pid ulong ptr ptr", migratePages),
  call(279, "move_pages", "pid ulong ptr ptr ptr int", movePages),
  call(450, "set_mempolicy_home_node", "ptr size ulong ulong", setHomeNode),
];
