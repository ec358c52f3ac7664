/** /proc/[pid]/timens_offsets (time_namespaces(7), proc_timens_set_offset of kernel/time/namespace.c). */
import { CAP_SYS_TIME } from "../abi/capability.ts";
import { EACCES, EINVAL, EPERM, ERANGE, Errno } from "../abi/errno.ts";
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, NSEC_PER_SEC } from "../abi/time.ts";
import { capableIn } from "./capabilities.ts";
import { ownerOf } from "./namespaces.ts";
import type { Thread } from "./task.ts";
import { type ClockOffset, NO_OFFSET, type TimeNamespace } from "./time-namespace.ts";

export const offsetsText = ({ monotonic, boottime }: TimeNamespace): string =>
  [
    ["monotonic", monotonic],
    ["boottime", boottime],
  ]
    .map(([name, offset]) => {
      const { sec, nsec } = offset as ClockOffset;
      return `${String(name).padEnd(10)} ${String(sec).padStart(10)} ${String(nsec).padStart(9)}\n`;
    })
    .join("");

interface OffsetChange {
  readonly clock: typeof CLOCK_MONOTONIC | typeof CLOCK_BOOTTIME;
  readonly offset: ClockOffset;
}

const CLOCKS: Record<string, OffsetChange["clock"]> = {
  monotonic: CLOCK_MONOTONIC,
  1: CLOCK_MONOTONIC,
  boottime: CLOCK_BOOTTIME,
  7: CLOCK_BOOTTIME,
};

/** Lines of "clock seconds nanoseconds": two at most, what follows is not looked at. Throws EINVAL. */
function parseOffsets(text: string): { changes: OffsetChange[]; length: number } {
  const length = /^([^\n]*\n?){0,2}/.exec(text)![0].length;
  const lines = text.slice(0, length).replace(/\n$/, "").split("\n");
  const changes = lines.map((line) => {
    const [, name, sec, nsec] = /^\s*(\S{1,9})\s+([-+]?\d+)\s+(\d+)/.exec(line) ?? [];
    const clock = CLOCKS[name ?? ""];
    if (clock === undefined || Number(nsec) >= NSEC_PER_SEC) throw new Errno(EINVAL);
    return { clock, offset: { sec: Number(sec), nsec: Number(nsec) } };
  });
  return { changes, length };
}

/** Sets offsets and returns how many bytes it took. Throws EPERM, EINVAL, ERANGE, EACCES once a process is in the namespace. */
export function writeOffsets(writer: Thread, namespace: TimeNamespace, text: string): number {
  const { changes, length } = parseOffsets(text);
  if (!capableIn(writer.credentials, ownerOf(namespace), CAP_SYS_TIME)) throw new Errno(EPERM);
  for (const change of changes) requireRange(change, writer.kernel.clock.now());
  if (namespace.frozen) throw new Errno(EACCES);
  for (const { clock, offset } of changes) {
    const value = offset.sec === 0 && offset.nsec === 0 ? NO_OFFSET : offset;
    if (clock === CLOCK_MONOTONIC) namespace.monotonic = value;
    else namespace.boottime = value;
  }
  return length;
}

/** KTIME_SEC_MAX: seconds that 63 bits of nanoseconds hold. */
const SECONDS = 9_223_372_036;

/** The clock stays between 0 and half of what it can count to; throws ERANGE. `now`: the machine's nanoseconds. */
function requireRange({ offset: { sec, nsec } }: OffsetChange, now: number): void {
  const at = sec + Math.floor((now + nsec) / NSEC_PER_SEC);
  if (Math.abs(sec) > SECONDS || at < 0 || at > SECONDS / 2) throw new Errno(ERANGE);
}
