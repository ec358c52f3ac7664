/**
 * User namespaces (user_namespaces(7), kernel/user_namespace.c): ids and capabilities of one's own. Inside the kernel every
 * user and group id is that of the initial namespace; identity maps apply where ids come from or go to a program.
 */
import { EINVAL, ENOSPC, EPERM, Errno } from "../abi/errno.ts";
import type { Namespace } from "./namespaces.ts";

/** `count` ids from `first` on are those from `lower` on in the initial namespace. */
export interface IdRange {
  readonly first: number;
  readonly lower: number;
  readonly count: number;
}

export type IdMap = readonly IdRange[];

/** What an id is that has none in a namespace (fs.overflowuid). */
export const OVERFLOW_ID = 65534;
/** (uid_t) -1, which is no id. */
const NO_ID = 0xffff_ffff;
const EVERYTHING: IdMap = [{ first: 0, lower: 0, count: NO_ID }];
const MAX_LEVEL = 32;
const MAX_RANGES = 340;

export class UserNamespace implements Namespace {
  readonly kind = "user";
  readonly id: number;
  owner: object | null;
  readonly parent: UserNamespace | null;
  readonly level: number;
  /** Effective ids of who made it. */
  readonly ownerUid: number;
  readonly ownerGid: number;
  /** Null until they have been written. */
  uids: IdMap | null = null;
  gids: IdMap | null = null;
  /** setgroups(2) is allowed, as far as the group map is there. */
  setgroups: boolean;

  /** Throws ENOSPC when there are too many levels. */
  constructor(id: number, parent: UserNamespace | null, ownerUid = 0, ownerGid = 0) {
    this.id = id;
    this.parent = this.owner = parent;
    this.level = parent === null ? 0 : parent.level + 1;
    this.ownerUid = ownerUid;
    this.ownerGid = ownerGid;
    this.setgroups = parent?.setgroups ?? true;
    if (this.level > MAX_LEVEL) throw new Errno(ENOSPC);
    if (parent === null) this.uids = this.gids = EVERYTHING;
  }

  /** `other` is this one or inside it. */
  contains(other: UserNamespace): boolean {
    let at: UserNamespace | null = other;
    while (at !== null && at.level > this.level) at = at.parent;
    return at === this;
  }
}

/** That of every machine's first process: its id is Linux's (PROC_USER_INIT_INO). Data that never changes. */
export const INITIAL_USER_NAMESPACE = new UserNamespace(0xefff_fffd, null);

/** The id in the initial namespace of what is `id` by `map`; -1 when it is none. */
export function toKernel(map: IdMap | null, id: number): number {
  if (map === EVERYTHING) return id === NO_ID ? -1 : id;
  for (const { first, lower, count } of map ?? []) if (id >= first && id - first < count) return lower + (id - first);
  return -1;
}

/** What the initial namespace's `id` is by `map`; -1 when it is none. */
export function fromKernel(map: IdMap | null, id: number): number {
  if (map === EVERYTHING) return id;
  for (const { first, lower, count } of map ?? []) if (id >= lower && id - lower < count) return first + (id - lower);
  return -1;
}

/** The same for what is shown: unknown ids are all one. */
export function shown(map: IdMap | null, id: number): number {
  if (map === EVERYTHING) return id;
  const found = fromKernel(map, id);
  return found < 0 ? OVERFLOW_ID : found;
}

/**
 * Lines of uid_map or gid_map: first id inside, first id outside, count. `parent` is the map by which the outer ids are
 * meant. Throws EINVAL for what is malformed or overlaps, EPERM for ids that are not there outside.
 */
export function parseIdMap(text: string, parent: IdMap | null): { map: IdMap; outer: readonly number[] } {
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length > MAX_RANGES) throw new Errno(EINVAL);
  const map: IdRange[] = [];
  const outer: number[] = [];
  for (const line of lines) {
    const words = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line);
    if (words === null) throw new Errno(EINVAL);
    const [first, below, count] = words.slice(1).map(Number);
    if (count === 0 || first + count > NO_ID || below + count > NO_ID) throw new Errno(EINVAL);
    if (
      map.some(
        (range, i) => overlap(range.first, first, range.count, count) || overlap(outer[i], below, range.count, count),
      )
    )
      throw new Errno(EINVAL);
    map.push({ first, lower: below, count });
    outer.push(below);
  }
  const mapped = map.map(({ first, lower: below, count }) => {
    const lower = toKernel(parent, below);
    if (lower < 0 || toKernel(parent, below + count - 1) !== lower + count - 1) throw new Errno(EPERM);
    return { first, lower, count };
  });
  return { map: mapped, outer };
}

const overlap = (a: number, b: number, countA: number, countB: number): boolean => a < b + countB && b < a + countA;

/** As the files show it to one whose own map is `viewer`. */
export function idMapText(map: IdMap | null, viewer: IdMap | null): string {
  const column = (value: number) => String(value).padStart(10);
  return (map ?? [])
    .map(({ first, lower, count }) => {
      const outer = fromKernel(viewer, lower);
      return `${column(first)} ${column(outer < 0 ? NO_ID : outer)} ${column(count)}\n`;
    })
    .join("");
}
