/** Options of a mount of proc (proc(5)): who sees whose processes, and whether there is more than processes. */
import { EINVAL, Errno } from "../../abi/errno.ts";
import { inGroup } from "../permission.ts";
import type { Caller } from "../types.ts";
import type { ProcessView } from "./view.ts";

/** Values of hidepid. */
const OFF = 0;
const NO_ACCESS = 1;
const INVISIBLE = 2;
const PTRACEABLE = 4;
const HIDE_NAMES: Record<string, number> = {
  off: OFF,
  noaccess: NO_ACCESS,
  invisible: INVISIBLE,
  ptraceable: PTRACEABLE,
};

export interface ProcOptions {
  /** hidepid: processes that the caller may not look into. */
  readonly hide: number;
  /** Those of this group see all, unless `hide` says that only what they may trace is there. */
  readonly gid: number;
  /** subset=pid. */
  readonly processesOnly: boolean;
}

export const DEFAULT_OPTIONS: ProcOptions = { hide: OFF, gid: 0, processesOnly: false };

/** `given` over `before`; throws EINVAL. */
export function parseProcOptions(given: ReadonlyMap<string, string>, before = DEFAULT_OPTIONS): ProcOptions {
  let { hide, gid, processesOnly } = before;
  for (const [name, value] of given) {
    if (name === "hidepid") hide = hideOf(value);
    else if (name === "gid" && /^[0-9]{1,10}$/.test(value)) gid = Number(value);
    else if (name === "subset" && value === "pid") processesOnly = true;
    else throw new Errno(EINVAL);
  }
  return { hide, gid, processesOnly };
}

function hideOf(word: string): number {
  const value = /^[0-9]+$/.test(word) ? Number(word) : HIDE_NAMES[word];
  if (!Object.values(HIDE_NAMES).includes(value)) throw new Errno(EINVAL);
  return value;
}

/** As /proc/mounts has them, each after a comma. */
export function optionsText({ hide, gid, processesOnly }: ProcOptions): string {
  const name = Object.keys(HIDE_NAMES).find((word) => HIDE_NAMES[word] === hide);
  return `${gid === 0 ? "" : `,gid=${gid}`}${hide === OFF ? "" : `,hidepid=${name}`}${processesOnly ? ",subset=pid" : ""}`;
}

/** Below `least` nothing is hidden (has_pid_permissions). */
function sees({ hide, gid }: ProcOptions, p: ProcessView, caller: Caller, least: number): boolean {
  if (hide === PTRACEABLE) return p.mayRead(caller);
  return hide < least || inGroup(caller, gid) || p.mayRead(caller);
}

/** The process is listed and found. */
export const isVisible = (options: ProcOptions, p: ProcessView, caller: Caller): boolean =>
  sees(options, p, caller, INVISIBLE);

/** Its directory can be opened and searched. */
export const mayEnter = (options: ProcOptions, p: ProcessView, caller: Caller): boolean =>
  sees(options, p, caller, NO_ACCESS);
