/** Names of the constants that arguments are made of, taken from the modules that define them. */
import * as clone from "../../abi/clone.ts";
import * as epoll from "../../abi/epoll.ts";
import * as fcntl from "../../abi/fcntl.ts";
import * as futex from "../../abi/futex.ts";
import * as ioctl from "../../abi/ioctl.ts";
import * as mman from "../../abi/mman.ts";
import * as prctl from "../../abi/prctl.ts";
import * as resource from "../../abi/resource.ts";
import * as signal from "../../abi/signal.ts";
import * as socket from "../../abi/socket.ts";
import * as time from "../../abi/time.ts";
import type { ArgumentType } from "../syscalls/row.ts";

/** A field of a value that has names of its own, or bits that have. */
export interface Names {
  /** The bits in `mask` are one of `values`; all bits when there is no mask. */
  readonly mask?: number;
  readonly values?: ReadonlyMap<number, string>;
  /** Bits outside `mask`, in the order they are printed. */
  readonly flags?: readonly (readonly [bit: number, name: string])[];
}

/** Constants of a module whose names match. */
function find(module: object, pattern: RegExp): [number, string][] {
  const found: [number, string][] = [];
  for (const [name, value] of Object.entries(module))
    if (pattern.test(name) && typeof value === "number") found.push([value, name]);
  return found;
}

function values(module: object, pattern: RegExp): Names {
  const found = find(module, pattern);
  const named = new Map(found);
  if (named.size !== found.length) throw new Error(`two of the constants ${pattern} have one value`);
  return { values: named };
}
const flags = (module: object, pattern: RegExp): Names => ({
  flags: find(module, pattern)
    .filter(([bit]) => bit !== 0)
    .sort(([a], [b]) => a - b),
});

const open: Names = {
  mask: fcntl.O_ACCMODE,
  values: new Map([
    [fcntl.O_RDONLY, "O_RDONLY"],
    [fcntl.O_WRONLY, "O_WRONLY"],
    [fcntl.O_RDWR, "O_RDWR"],
  ]),
  // Those that include others come first.
  flags: find(fcntl, /^O_(?!RDONLY|WRONLY|RDWR|ACCMODE|VALID|CREATION|SETTABLE|LARGEFILE)/).sort(
    ([a], [b]) => bitCount(b) - bitCount(a) || a - b,
  ),
};

function bitCount(n: number): number {
  let count = 0;
  for (let rest = n >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Flags that have the values of O_CLOEXEC and O_NONBLOCK under a prefix of their own (EFD_CLOEXEC). */
const descriptorFlags = (prefix: string, more: [number, string][] = []): Names => ({
  flags: [...more, [fcntl.O_NONBLOCK, `${prefix}_NONBLOCK`], [fcntl.O_CLOEXEC, `${prefix}_CLOEXEC`]],
});

const pipe: Names = { flags: open.flags!.filter(([, name]) => /^O_(CLOEXEC|NONBLOCK|DIRECT)$/.test(name)) };

/** By argument type; types that are not here are printed otherwise (format.ts). */
export const constants: Partial<Record<ArgumentType, Names>> = {
  "open-flags": open,
  "pipe-flags": pipe,
  "dup-flags": pipe,
  "at-flags": flags(fcntl, /^AT_(SYMLINK_NOFOLLOW|REMOVEDIR|SYMLINK_FOLLOW|NO_AUTOMOUNT|EMPTY_PATH)$/),
  "access-mode": { values: new Map([[0, "F_OK"]]), flags: flags(fcntl, /^[RWX]_OK$/).flags },
  "fcntl-command": values(fcntl, /^F_(?!RDLCK|WRLCK|UNLCK|OWNER_|SEAL_)/),
  "lock-operation": flags(fcntl, /^LOCK_/),
  "ioctl-request": values(ioctl, /^(F|TC|TIO)[A-Z]/),
  whence: values(fcntl, /^SEEK_/),
  prot: { values: new Map([[0, "PROT_NONE"]]), flags: flags(mman, /^PROT_/).flags },
  "map-flags": {
    mask: 3,
    values: new Map([
      [1, "MAP_SHARED"],
      [2, "MAP_PRIVATE"],
      [3, "MAP_SHARED_VALIDATE"],
    ]),
    flags: flags(mman, /^MAP_(?!SHARED|PRIVATE|TYPE|HUGE_)/).flags,
  },
  "mremap-flags": flags(mman, /^MREMAP_/),
  advice: values(mman, /^MADV_/),
  "clone-flags": {
    mask: clone.CSIGNAL,
    values: new Map(Array.from({ length: 65 }, (_, n) => [n, n === 0 ? "" : signal.signalName(n)])),
    flags: flags(clone, /^CLONE_(?!ARGS)/).flags,
  },
  "wait-options": flags(clone, /^(W(NOHANG|STOPPED|EXITED|CONTINUED|NOWAIT)|__W.*)$/),
  "wait-type": values(clone, /^P_/),
  "signal-how": values(signal, /^SIG_(BLOCK|UNBLOCK|SETMASK)$/),
  "futex-operation": {
    mask: 0x7f,
    values: new Map(find(futex, /^FUTEX_(?!PRIVATE|CLOCK|BITSET|WAITERS|OWNER|TID|32|WAITV)/)),
    flags: flags(futex, /^FUTEX_(PRIVATE_FLAG|CLOCK_REALTIME)$/).flags,
  },
  resource: values(resource, /^RLIMIT_(?!COUNT)/),
  "rusage-who": values(resource, /^RUSAGE_(?!SIZE)/),
  "itimer-which": values(time, /^ITIMER_/),
  clock: values(time, /^CLOCK_/),
  "clock-flags": flags(time, /^TIMER_ABSTIME$/),
  "prctl-option": values(prctl, /^PR_(?!CAP_AMBIENT_|MCE_KILL_(?!GET)|SPEC_|SYS_|TSC_)/),
  "arch-prctl-code": values(prctl, /^ARCH_/),
  "epoll-operation": values(epoll, /^EPOLL_CTL_/),
  "epoll-flags": descriptorFlags("EPOLL"),
  "eventfd-flags": descriptorFlags("EFD", [[epoll.EFD_SEMAPHORE, "EFD_SEMAPHORE"]]),
  "timerfd-flags": descriptorFlags("TFD"),
  "timerfd-set-flags": flags(epoll, /^TFD_TIMER_/),
  "signalfd-flags": descriptorFlags("SFD"),
  "socket-family": values(socket, /^AF_(?!MAX)/),
  "socket-type": {
    mask: socket.SOCK_TYPE_MASK,
    values: new Map(find(socket, /^SOCK_(?!NONBLOCK|CLOEXEC|MAX|TYPE_MASK)/)),
    flags: flags(socket, /^SOCK_(NONBLOCK|CLOEXEC)$/).flags,
  },
  "socket-flags": flags(socket, /^SOCK_(NONBLOCK|CLOEXEC)$/),
  "socket-level": {
    values: new Map([
      [0, "SOL_IP"],
      [1, "SOL_SOCKET"],
      [6, "SOL_TCP"],
      [17, "SOL_UDP"],
      [41, "SOL_IPV6"],
    ]),
  },
  "socket-option": { values: new Map() },
  "message-flags": flags(socket, /^MSG_/),
  "shutdown-how": values(socket, /^SHUT_/),
  "random-flags": {
    flags: [
      [1, "GRND_NONBLOCK"],
      [2, "GRND_RANDOM"],
      [4, "GRND_INSECURE"],
    ],
  },
};

/** "O_RDWR|O_CREAT", with what has no name in hexadecimal. */
export function printFlags({ mask, values: named, flags: bits }: Names, value: number): string {
  if (bits === undefined) return named?.get(value) ?? (value < 0 ? String(value) : `0x${value.toString(16)}`);
  const parts: string[] = [];
  let rest = value >>> 0;
  if (named !== undefined) {
    const field = mask === undefined ? rest : (rest & mask) >>> 0;
    const name = named.get(field);
    if (name !== undefined && (mask !== undefined || field === rest)) {
      if (name !== "") parts.push(name);
      rest = (rest & ~field) >>> 0;
    }
  }
  const last = parts.splice(0);
  for (const [bit, name] of bits) {
    const unsigned = bit >>> 0;
    if (unsigned === 0 || (rest & unsigned) >>> 0 !== unsigned) continue;
    parts.push(name);
    rest = (rest & ~unsigned) >>> 0;
  }
  // The access mode of open(2) is first, the signal of clone(2) last.
  if (last[0]?.startsWith("SIG")) parts.push(...last);
  else parts.unshift(...last);
  if (rest !== 0) parts.push(`0x${rest.toString(16)}`);
  return parts.length === 0 ? "0" : parts.join("|");
}
