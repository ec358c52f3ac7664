/**
 * What there is to conform to: the rows of rows.tsv, which name system calls and parts of them (a command of fcntl, a flag of
 * clone), and beyond that list every further call of the kernel's table and every command of its multiplexed calls.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as clone from "../../src/abi/clone.ts";
import { ENOSYS, Errno } from "../../src/abi/errno.ts";
import * as fcntl from "../../src/abi/fcntl.ts";
import { FIONREAD } from "../../src/abi/ioctl.ts";
import { handlers } from "../../src/kernel/dispatch.ts";
import { constants } from "../../src/kernel/strace/constants.ts";
import type { ArgumentType, Handler, HandlerTable } from "../../src/kernel/syscalls/row.ts";
import { table } from "../../src/kernel/syscalls/table.ts";
import type { Thread } from "../../src/kernel/task.ts";

type Arguments = readonly [number, number, number, number, number, number];

export interface Row {
  readonly name: string;
  /** The system calls that it is about. */
  readonly numbers: readonly number[];
  /** What Linux does. */
  readonly text: string;
  /** The calls of those numbers that are meant, when it is not all of them. */
  readonly when?: (args: Arguments, t: Thread) => boolean;
  /** For a flag of a call: the arguments without it. */
  readonly without?: (args: Arguments) => Arguments;
}

/** IPC_RMID, and the bit that says the 64-bit structures are meant, which means nothing on x86-64. */
const IPC_RMID = 0;
const IPC_64 = 0x100;
const AF_UNIX = 1;
const UNCHANGED = 0xffff_ffff;

const flag = (bit: number): Pick<Row, "when" | "without"> => ({
  when: ([flags]) => (flags & bit) !== 0,
  without: ([flags, ...rest]) => [flags - (flags & bit), ...rest],
});

/** Which calls the rows mean that are parts of a call. */
const PARTS: Record<string, Pick<Row, "when" | "without">> = {
  seteuid: { when: ([real, , saved]) => real === UNCHANGED && saved === UNCHANGED },
  setegid: { when: ([real, , saved]) => real === UNCHANGED && saved === UNCHANGED },
  "fcntl:F_SETLK": { when: ([, command]) => command === fcntl.F_SETLK },
  "fcntl:F_SETLKW": { when: ([, command]) => command === fcntl.F_SETLKW },
  "fcntl:F_GETLK": { when: ([, command]) => command === fcntl.F_GETLK },
  "clone:CLONE_FS": flag(clone.CLONE_FS),
  "clone:CLONE_NEWIPC": flag(clone.CLONE_NEWIPC),
  "clone:CLONE_NEWNET": flag(clone.CLONE_NEWNET),
  "ioctl:other": { when: ([, request]) => request !== FIONREAD },
  "msgctl:other": { when: ([, command]) => (command & ~IPC_64) !== IPC_RMID },
  "unix bind cross-process": { when: ([, address], t) => familyAt(t, address) === AF_UNIX },
};

/** sa_family at a user address; -1 when nothing can be read there. */
function familyAt(t: Thread, address: number): number {
  try {
    return t.user.u16(address);
  } catch (error) {
    if (error instanceof Errno) return -1;
    throw error;
  }
}

/** The rows of rows.tsv. */
export const listed: readonly Row[] = readFileSync(join(import.meta.dirname, "rows.tsv"), "utf8")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [name, numbers, text] = line.split("\t");
    return { name, numbers: numbers.split(" ").map(Number), text, ...PARTS[name] };
  });

/** Argument types whose constants choose what a call does, and the calls that have one. */
const COMMANDS: readonly ArgumentType[] = [
  "fcntl-command",
  "ioctl-request",
  "prctl-option",
  "arch-prctl-code",
  "futex-operation",
  "advice",
  "epoll-operation",
  "resource",
  "clock",
];
const MULTIPLEXED = new Set("fcntl ioctl prctl arch_prctl futex madvise epoll_ctl prlimit64 clock_gettime".split(" "));

/** Calls of the kernel's table that rows.tsv does not name, and the commands that it does not. */
export const further: readonly Row[] = (() => {
  const names = new Set(listed.map(({ name }) => name));
  const whole = new Set(listed.filter(({ when }) => when === undefined).flatMap(({ numbers }) => numbers));
  const rows: Row[] = [];
  for (const row of table) {
    if (row === undefined) continue;
    if (!whole.has(row.number)) rows.push({ name: row.name, numbers: [row.number], text: "" });
    const at = row.args.findIndex((type) => COMMANDS.includes(type));
    if (!MULTIPLEXED.has(row.name)) continue;
    const { mask = -1, values } = constants[row.args[at]]!;
    for (const [value, constant] of [...values!].sort(([a], [b]) => a - b)) {
      const name = `${row.name}:${constant}`;
      const when = (args: Arguments) => ((args[at] & mask) ^ value) === 0;
      if (!names.has(name)) rows.push({ name, numbers: [row.number], text: "", when });
    }
  }
  return rows;
})();

export const rows: readonly Row[] = [...listed, ...further];

/** What a handler is replaced by: one that returns -ENOSYS, or one that returns 0 and does nothing. */
export const MUTATIONS = ["ENOSYS", "zero"] as const;
export type Mutation = (typeof MUTATIONS)[number];

/** Handlers of which those that the row is about are replaced. A flag that does nothing is a call without it. */
export function mutate(row: Row, mutation: Mutation): HandlerTable {
  const mutant: Handler = mutation === "ENOSYS" ? () => -ENOSYS : () => 0;
  return replace(row.numbers, (original) => {
    const { when, without } = row;
    if (when === undefined) return mutant;
    return (t, ...args) => {
      if (!when(args, t)) return original(t, ...args);
      return mutation === "zero" && without !== undefined ? original(t, ...without(args)) : mutant(t, ...args);
    };
  });
}

/** Handlers that count the calls of each row in `counts`, by the row's index in `rows`. */
export function count(counts: Uint32Array): HandlerTable {
  const rowsOf = new Map<number, [index: number, row: Row][]>();
  rows.forEach((row, i) => {
    for (const number of row.numbers) rowsOf.set(number, [...(rowsOf.get(number) ?? []), [i, row]]);
  });
  return replace([...rowsOf.keys()], (original, number) => {
    const meant = rowsOf.get(number)!;
    return (t, ...args) => {
      if (t.saved === null) for (const [i, { when }] of meant) if (when === undefined || when(args, t)) counts[i]++;
      return original(t, ...args);
    };
  });
}

function replace(numbers: readonly number[], by: (original: Handler, number: number) => Handler): HandlerTable {
  const changed = handlers.slice();
  for (const number of numbers) {
    const original = changed[number];
    if (original !== undefined) changed[number] = by(original, number);
  }
  return changed;
}
