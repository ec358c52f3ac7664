/** What of /proc/[pid] can be set: oom_score_adj, coredump_filter, timerslack_ns (proc_pid_oom_score_adj(5) and others). */
import { CAP_SYS_NICE, CAP_SYS_RESOURCE } from "../../abi/capability.ts";
import { EACCES, EINVAL, EPERM, Errno } from "../../abi/errno.ts";
import { type FileNode, file, type Owner } from "./node.ts";
import type { ProcessView, ThreadView } from "./view.ts";

/** The number that was written, in C's notation; throws EINVAL. */
export function parseNumber(text: string): bigint {
  const word = text.replace(/\0.*$/s, "").trim();
  if (!/^[-+]?(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(word)) throw new Errno(EINVAL);
  const digits = word.replace(/^[-+]/, "");
  const octal = /^0[0-7]+$/.test(digits);
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return word.startsWith("-") ? -magnitude : magnitude;
}

function parse(text: string, least: number, most: number): number {
  const value = parseNumber(text);
  if (value < least || value > most) throw new Errno(EINVAL);
  return Number(value);
}

const MOST = 1000;
/** The old scale of oom_adj, whose lowest value never is killed. */
const OLD_NEVER = -17;
const OLD_MOST = 15;

/** Going below what was allowed takes a capability (__set_oom_adj). It stays a number: see docs/quirks.md. */
function adjust(p: ProcessView, capable: boolean, value: number): void {
  const { settings } = p;
  if (value < settings.oomAdjustmentLeast && !capable) throw new Errno(EACCES);
  settings.oomAdjustment = value;
  if (capable) settings.oomAdjustmentLeast = value;
}

export const oomScoreAdjNode = (p: ProcessView, owner: Owner): FileNode =>
  file(
    () => `${p.settings.oomAdjustment}\n`,
    0o644,
    owner,
    (caller, text) => adjust(p, caller.capable(CAP_SYS_RESOURCE), parse(text, -MOST, MOST)),
  );

export const oomAdjNode = (p: ProcessView, owner: Owner): FileNode =>
  file(
    () => {
      const { oomAdjustment: value } = p.settings;
      return `${value === MOST ? OLD_MOST : Math.trunc((value * -OLD_NEVER) / MOST)}\n`;
    },
    0o644,
    owner,
    (caller, text) => {
      const old = parseNumber(text);
      if ((old < -16n || old > OLD_MOST) && old !== BigInt(OLD_NEVER)) throw new Errno(EINVAL);
      const value = old === BigInt(OLD_MOST) ? MOST : Math.trunc((Number(old) * MOST) / -OLD_NEVER);
      if (value < p.settings.oomAdjustment && !caller.capable(CAP_SYS_RESOURCE)) throw new Errno(EACCES);
      adjust(p, caller.capable(CAP_SYS_RESOURCE), value);
    },
  );

/** MMF_DUMP_FILTER_MASK: the kinds of mappings that can be chosen. */
const CORE_FILTER = 0x1ff;

/** Kept, though nothing dumps core. */
export const coreFilterNode = (p: ProcessView, owner: Owner): FileNode =>
  file(
    () => (p.space === null ? "" : `${p.settings.coreFilter.toString(16).padStart(8, "0")}\n`),
    0o644,
    owner,
    (_caller, text) => {
      p.settings.coreFilter = Number(BigInt.asUintN(32, parseNumber(text))) & CORE_FILTER;
    },
  );

const DEFAULT_SLACK = 50_000;

export const timerSlackNode = (p: ProcessView, t: ThreadView, owner: Owner): FileNode => {
  const require = (caller: { pid: number; capable(capability: number): boolean }) => {
    if (caller.pid !== p.number && !caller.capable(CAP_SYS_NICE)) throw new Errno(EPERM);
  };
  return file(
    (caller) => {
      require(caller);
      return `${t.timerSlack}\n`;
    },
    0o666,
    owner,
    (caller, text) => {
      const value = parseNumber(text);
      if (value < 0n || value >= 1n << 64n) throw new Errno(EINVAL);
      require(caller);
      t.timerSlack = value === 0n ? DEFAULT_SLACK : Number(value);
    },
  );
};
