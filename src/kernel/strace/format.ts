/** How strace(1) prints each type of argument, results and siginfo. */
import { CONTINUED_STATUS, exitCode, termSignal } from "../../abi/clone.ts";
import { Errno } from "../../abi/errno.ts";
import { type SignalInfo, signalName } from "../../abi/signal.ts";
import { NeedPage } from "../../wait/queue.ts";
import type { ArgumentType, SyscallRow } from "../syscalls/row.ts";
import type { Thread } from "../task.ts";
import { constants, type Names, printFlags } from "./constants.ts";
import { sockaddr } from "./socket.ts";

/** Bytes of a string that are shown. */
const STRING_LIMIT = 32;

const OUTPUTS = new Set<ArgumentType>([
  "out",
  "iovec-out",
  "timespec-out",
  "timeval-out",
  "itimerval-out",
  "itimerspec-out",
  "sigset-out",
  "sigaction-out",
  "siginfo-out",
  "sigaltstack-out",
  "stat",
  "fds",
  "int-out",
  "uts",
  "rlimit-out",
  "rusage",
  "wait-status",
  "sockaddr-out",
]);

/** The call fills it: it is printed when the call is over. */
export const isOutput = (type: ArgumentType): boolean => OUTPUTS.has(type);

export const hex = (value: number): string => (value === 0 ? "NULL" : `0x${value.toString(16)}`);

/** Argument `i` of a call. `result` is what the call returned, 0 while it runs. */
export function formatArgument(
  t: Thread,
  row: SyscallRow,
  values: readonly number[],
  i: number,
  value: number,
  result: number,
): string {
  const type = row.args[i];
  const names = constants[type];
  if (names !== undefined) return printFlags(names as Names, value);
  try {
    return format(
      t,
      type,
      value,
      () => (type === "out" ? Math.min(result, values[i + 1] ?? 0) : (values[i + 1] ?? 0)),
      result,
    );
  } catch (error) {
    if (error instanceof Errno || error instanceof NeedPage) return hex(value);
    throw error;
  }
}

function format(t: Thread, type: ArgumentType, value: number, length: () => number, result: number): string {
  const { user } = t;
  switch (type) {
    case "path":
      return value === 0 ? "NULL" : quote(user.cstring(value, 4095), 4096);
    case "in":
    case "out": {
      if (value === 0) return "NULL";
      const count = length();
      if (count < 0) return hex(value);
      const bytes = user.read(value, Math.min(count, STRING_LIMIT));
      return quote(bytes, STRING_LIMIT) + (count > STRING_LIMIT ? "..." : "");
    }
    case "strings":
      return value === 0 ? "NULL" : strings(t, value);
    case "iovec":
    case "iovec-out":
      return iovec(t, value, length());
    case "dirfd":
      return value === -100 ? "AT_FDCWD" : String(value);
    case "mode":
      return value === 0 ? "000" : `0${value.toString(8)}`;
    case "signal":
      return value === 0 ? "0" : signalName(value);
    case "sigset":
    case "sigset-out":
      return value === 0 ? "NULL" : signalSet(user.u32(value), user.u32(value + 4));
    case "sigaction":
    case "sigaction-out":
      return value === 0 ? "NULL" : sigaction(t, value);
    case "timespec":
    case "timespec-out":
      return value === 0 ? "NULL" : `{tv_sec=${user.i64(value)}, tv_nsec=${user.i64(value + 8)}}`;
    case "timeval":
    case "timeval-out":
      return value === 0 ? "NULL" : `{tv_sec=${user.i64(value)}, tv_usec=${user.i64(value + 8)}}`;
    case "fds":
      return value === 0 ? "NULL" : `[${user.i32(value)}, ${user.i32(value + 4)}]`;
    case "int-out":
      return value === 0 ? "NULL" : `[${user.i32(value)}]`;
    case "wait-status":
      return value === 0 || result === 0 ? hex(value) : `[{${waitStatus(user.u32(value))}}]`;
    case "rlimit":
    case "rlimit-out":
      return value === 0 ? "NULL" : `{rlim_cur=${limit(t, value)}, rlim_max=${limit(t, value + 8)}}`;
    case "stat":
      return value === 0
        ? "NULL"
        : `{st_mode=0${user.u32(value + 24).toString(8)}, st_size=${user.i64(value + 48)}, ...}`;
    case "uts":
      return value === 0
        ? "NULL"
        : `{sysname=${quote(user.cstring(value, 65), 65)}, nodename=${quote(user.cstring(value + 65, 65), 65)}, ...}`;
    case "sockaddr":
      return sockaddr(user, value, length());
    case "sockaddr-out":
      return value === 0 ? "NULL" : sockaddr(user, value, user.u32(length()));
    case "pollfds":
      return pollfds(t, value, length());
    case "hex":
    case "flags":
    case "ulong":
    case "ptr":
      return hex(value);
    case "uid":
    case "gid":
      return value === 0xffff_ffff ? "-1" : String(value);
    default:
      return isAddress(type) ? hex(value) : String(value);
  }
}

const ADDRESSES = new Set<ArgumentType>([
  "itimerval",
  "itimerval-out",
  "itimerspec",
  "itimerspec-out",
  "siginfo",
  "siginfo-out",
  "sigaltstack",
  "sigaltstack-out",
  "rusage",
  "epoll-event",
]);
const isAddress = (type: ArgumentType): boolean => ADDRESSES.has(type);

/** A C string literal. */
export function quote(bytes: Uint8Array, limit: number): string {
  let text = "";
  bytes.subarray(0, limit).forEach((byte, i) => {
    const next = bytes[i + 1];
    if (byte === 0x0a) text += "\\n";
    else if (byte === 0x09) text += "\\t";
    else if (byte === 0x0d) text += "\\r";
    else if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    // Octal, as short as the byte behind it allows.
    else text += `\\${byte.toString(8).padStart(next >= 0x30 && next <= 0x39 ? 3 : 1, "0")}`;
  });
  return `"${text}"${bytes.length > limit ? "..." : ""}`;
}

function strings(t: Thread, address: number): string {
  const list: string[] = [];
  for (let at = address; list.length < STRING_LIMIT; at += 8) {
    const pointer = t.user.u64(at);
    if (pointer === 0) return `[${list.join(", ")}]`;
    list.push(quote(t.user.cstring(pointer, 4095), STRING_LIMIT));
  }
  return `[${list.join(", ")}, ...]`;
}

function iovec(t: Thread, address: number, count: number): string {
  const list: string[] = [];
  for (let i = 0; i < Math.min(count, 16); i++) {
    const base = t.user.u64(address + i * 16);
    const length = t.user.u64(address + i * 16 + 8);
    const bytes = t.user.read(base, Math.min(length, STRING_LIMIT));
    const more = length > STRING_LIMIT ? "..." : "";
    list.push(`{iov_base=${quote(bytes, STRING_LIMIT)}${more}, iov_len=${length}}`);
  }
  return `[${list.join(", ")}]`;
}

function pollfds(t: Thread, address: number, count: number): string {
  const list: string[] = [];
  for (let i = 0; i < Math.min(count, 16); i++) {
    const at = address + i * 8;
    list.push(`{fd=${t.user.i32(at)}, events=0x${t.user.u16(at + 4).toString(16)}}`);
  }
  return `[${list.join(", ")}]`;
}

function waitStatus(status: number): string {
  if (status === CONTINUED_STATUS) return "WIFCONTINUED(s)";
  if ((status & 0xff) === 0x7f) return `WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(status >> 8)}`;
  const signal = termSignal(status);
  if (signal !== 0) return `WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}`;
  return `WIFEXITED(s) && WEXITSTATUS(s) == ${exitCode(status)}`;
}

function limit(t: Thread, address: number): string {
  const value = t.user.u64(address);
  if (value >= 2 ** 63) return "RLIM64_INFINITY";
  return value > 1024 && value % 1024 === 0 ? `${value / 1024}*1024` : String(value);
}

/** "[CHLD INT]"; the complement with a tilde when that is shorter. */
export function signalSet(low: number, high: number): string {
  const members: string[] = [];
  const others: string[] = [];
  for (let signal = 1; signal <= 64; signal++) {
    const word = signal <= 32 ? low : high;
    (word & (1 << (signal - 1)) ? members : others).push(signalName(signal).replace(/^SIG/, ""));
  }
  return members.length > 32 ? `~[${others.join(" ")}]` : `[${members.join(" ")}]`;
}

const SA_FLAGS: Names = {
  flags: [
    [0x0400_0000, "SA_RESTORER"],
    [0x0800_0000, "SA_ONSTACK"],
    [0x1000_0000, "SA_RESTART"],
    [0x4000_0000, "SA_NODEFER"],
    [0x8000_0000, "SA_RESETHAND"],
    [0x4, "SA_SIGINFO"],
    [0x1, "SA_NOCLDSTOP"],
    [0x2, "SA_NOCLDWAIT"],
  ],
};

function sigaction(t: Thread, address: number): string {
  const handler = t.user.u64(address);
  const flags = t.user.u32(address + 8);
  const name = handler === 0 ? "SIG_DFL" : handler === 1 ? "SIG_IGN" : hex(handler);
  const mask = signalSet(t.user.u32(address + 24), t.user.u32(address + 28));
  const restorer = flags & 0x0400_0000 ? `, sa_restorer=${hex(t.user.u64(address + 16))}` : "";
  return `{sa_handler=${name}, sa_mask=${mask}, sa_flags=${printFlags(SA_FLAGS, flags)}${restorer}}`;
}

/** Calls whose result is an address. */
const ADDRESS_RESULTS = new Set(["mmap", "mremap", "brk", "shmat"]);

export function formatResult(row: SyscallRow | undefined, value: number): string {
  return row !== undefined && ADDRESS_RESULTS.has(row.name) ? `0x${value.toString(16)}` : String(value);
}

const CODES: Record<number, string> = {
  0: "SI_USER",
  128: "SI_KERNEL",
  [-1]: "SI_QUEUE",
  [-2]: "SI_TIMER",
  [-6]: "SI_TKILL",
};
const CHILD_CODES = ["", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"];
const FAULT_CODES: Record<number, string[]> = {
  4: ["", "ILL_ILLOPC", "ILL_ILLOPN"],
  5: ["", "TRAP_BRKPT", "TRAP_TRACE"],
  7: ["", "BUS_ADRALN", "BUS_ADRERR"],
  8: ["", "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV"],
  11: ["", "SEGV_MAPERR", "SEGV_ACCERR"],
};

export function formatSignalInfo(info: SignalInfo): string {
  const head = `si_signo=${signalName(info.signal)}, si_code=`;
  switch (info.layout) {
    case "child": {
      const status = info.code === 1 ? String(info.status) : signalName(info.status ?? 0);
      const who = `si_pid=${info.pid}, si_uid=${info.uid}, si_status=${status}`;
      return `{${head}${CHILD_CODES[info.code]}, ${who}, si_utime=${info.utime}, si_stime=${info.stime}}`;
    }
    case "fault":
      return `{${head}${FAULT_CODES[info.signal]?.[info.code] ?? info.code}, si_addr=${hex(info.address ?? 0)}}`;
    default: {
      const who = info.pid === undefined ? "" : `, si_pid=${info.pid}, si_uid=${info.uid}`;
      return `{${head}${CODES[info.code] ?? info.code}${who}}`;
    }
  }
}
