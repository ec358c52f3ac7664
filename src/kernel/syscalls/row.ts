/**
 * The form of a system call's row. A family of calls is a file in this folder that exports `rows`; table.ts joins them.
 * Adding a call is a function and a row.
 */
import { Block } from "../../wait/queue.ts";
import type { Thread } from "../task.ts";

/**
 * What an argument is. It says how the register is read (see WIDTHS), how strace prints it (strace/formats.ts), and what
 * docs/syscalls.md shows. Registers become Numbers: exact for what 53 bits hold, which every valid address, length and
 * offset is.
 */
export type ArgumentType = keyof typeof WIDTHS;

/** i32 and u32 are the low half of the register; i64 and u64 all of it. */
export type Width = "i32" | "u32" | "i64" | "u64";

export const WIDTHS = {
  // plain numbers
  int: "i32",
  uint: "u32",
  long: "i64",
  ulong: "u64",
  hex: "u64",
  flags: "u32",
  size: "u64",
  off: "i64",
  // addresses: nothing is known of what is there; a NUL-terminated string; bytes that the call reads (their count is the
  // next argument) or has filled (the result is the count); lists of strings
  ptr: "u64",
  path: "u64",
  in: "u64",
  out: "u64",
  strings: "u64",
  // structures, and those that the call fills
  iovec: "u64",
  "iovec-out": "u64",
  timespec: "u64",
  "timespec-out": "u64",
  timeval: "u64",
  "timeval-out": "u64",
  itimerval: "u64",
  "itimerval-out": "u64",
  itimerspec: "u64",
  "itimerspec-out": "u64",
  sigset: "u64",
  "sigset-out": "u64",
  sigaction: "u64",
  "sigaction-out": "u64",
  siginfo: "u64",
  "siginfo-out": "u64",
  sigaltstack: "u64",
  "sigaltstack-out": "u64",
  stat: "u64",
  pollfds: "u64",
  fds: "u64", // int[2] that the call fills
  "int-out": "u64",
  "wait-status": "u64",
  rlimit: "u64",
  "rlimit-out": "u64",
  rusage: "u64",
  // its length is the next argument; or that argument points to it, and the call fills both
  sockaddr: "u64",
  "sockaddr-out": "u64",
  uts: "u64",
  "epoll-event": "u64",
  // names and numbers of things
  fd: "i32",
  dirfd: "i32",
  pid: "i32",
  uid: "u32",
  gid: "u32",
  signal: "i32",
  mode: "u32",
  clock: "i32",
  // constants
  "open-flags": "i32",
  "at-flags": "i32",
  "access-mode": "i32",
  "fcntl-command": "i32",
  "ioctl-request": "u32",
  "lock-operation": "i32",
  "pipe-flags": "i32",
  "dup-flags": "i32",
  whence: "i32",
  prot: "i32",
  "map-flags": "i32",
  "mremap-flags": "i32",
  advice: "i32",
  "clone-flags": "u64",
  "wait-options": "i32",
  "wait-type": "i32",
  "signal-how": "i32",
  "futex-operation": "i32",
  resource: "i32",
  "rusage-who": "i32",
  "itimer-which": "i32",
  "clock-flags": "i32",
  "prctl-option": "i32",
  "arch-prctl-code": "i32",
  "random-flags": "u32",
  "epoll-operation": "i32",
  "epoll-flags": "i32",
  "eventfd-flags": "i32",
  "timerfd-flags": "i32",
  "timerfd-set-flags": "i32",
  "signalfd-flags": "i32",
  "mount-flags": "u64",
  "socket-family": "i32",
  "socket-type": "i32",
  "socket-flags": "i32",
  "socket-level": "i32",
  "socket-option": "i32",
  "message-flags": "u32",
  "shutdown-how": "i32",
} as const satisfies Record<string, Width>;

/**
 * A system call. `t` is the caller; arguments are Numbers by their types. Returns the value of RAX (a negative errno for an
 * error), or a Block. May throw Errno, and NeedPage as long as nothing has been committed. When it runs again after a Block
 * `t.saved` is what the block carried; at a first entry it is null. It runs again once more when a signal has ended the
 * wait: `t.interrupted` is then true, what it returns as a number counts, and a Block becomes EINTR or a restart by its
 * `restart`. So a call that has done a part returns that part when it is interrupted.
 */
export type Handler = (t: Thread, a: number, b: number, c: number, d: number, e: number, f: number) => number | Block;

/** Handlers by number; a hole is a call that the kernel lacks (ENOSYS). */
export type HandlerTable = readonly (Handler | undefined)[];

/** Returned by a handler that has set all registers itself (execve, rt_sigreturn). */
export const KEEP_REGISTERS = new Block([]);

export interface SyscallRow {
  readonly number: number;
  readonly name: string;
  readonly args: readonly ArgumentType[];
  readonly handler: Handler;
  /** "full", or what is missing compared with Linux. */
  readonly status: string;
}

/** A row from its arguments' types separated by spaces, as in `call(0, "read", "fd out size", read)`. */
export function call(number: number, name: string, args: string, handler: Handler, status = "full"): SyscallRow {
  const types = args === "" ? [] : (args.split(" ") as ArgumentType[]);
  for (const type of types) if (!(type in WIDTHS)) throw new Error(`${name}: no argument type ${type}`);
  return { number, name, args: types, handler, status };
}
