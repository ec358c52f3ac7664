/** signalfd(2). */
import { SIGNALFD_SIGINFO_SIZE } from "../../abi/epoll.ts";
import { EINVAL } from "../../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK } from "../../abi/fcntl.ts";
import { encodeSignalInfo } from "../../abi/siginfo.ts";
import {
  SI_KERNEL,
  SI_SIGIO,
  SI_TIMER,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGINFO_SIZE,
  SIGIO,
  SIGSEGV,
  SIGSET_SIZE,
  SIGSYS,
  SIGTRAP,
  type SignalInfo,
} from "../../abi/signal.ts";
import { SignalFile, type SignalMask, type SignalSource } from "../../fs/signalfd.ts";
import type { WaitQueue } from "../../wait/queue.ts";
import type { Kernel } from "../kernel.ts";
import { withoutUnblockable } from "../signal/mask.ts";
import { SignalSet } from "../signal/set.ts";
import type { Thread } from "../task.ts";
import { fileOf } from "./paths.ts";
import { call, type SyscallRow } from "./row.ts";

/** The signals of whichever thread runs. */
class CurrentSignals implements SignalSource {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get queue(): WaitQueue {
    return this.#kernel.current!.process.signalEvent;
  }

  pending(mask: SignalMask): boolean {
    const t = this.#kernel.current!;
    const own = t.pending.set;
    const shared = t.process.pending.set;
    return (((own.low | shared.low) & mask.low) | ((own.high | shared.high) & mask.high)) !== 0;
  }

  take({ low, high }: SignalMask): Uint8Array | null {
    const t = this.#kernel.current!;
    const wanted = new SignalSet(low, high);
    for (const pending of [t.pending, t.process.pending]) {
      const signal = pending.set.intersection(wanted).first();
      if (signal !== 0) return encode(pending.take(signal)!);
    }
    return null;
  }
}

/** Words of siginfo_t that struct signalfd_siginfo has elsewhere: offset there, offset here. */
type Moves = readonly (readonly [from: number, to: number])[];

const PID_UID: Moves = [
  [16, 12],
  [20, 16],
];
/** The int and both halves of the pointer. */
const VALUE: Moves = [
  [24, 44],
  [24, 48],
  [28, 52],
];
const QUEUED: Moves = [...PID_UID, ...VALUE];
/** Timer id, overruns, value. */
const TIMER: Moves = [[16, 24], [20, 32], ...VALUE];
/** Band, descriptor. */
const POLL: Moves = [
  [16, 28],
  [24, 20],
];
/** Who, status, user and system time. */
const CHILD: Moves = [...PID_UID, [24, 40], [32, 56], [36, 60], [40, 64], [44, 68]];
const FAULT: Moves = [
  [16, 72],
  [20, 76],
];
/** Address of the instruction, number, architecture. */
const SYSCALL: Moves = [
  [16, 88],
  [20, 92],
  [24, 84],
  [28, 96],
];

/** What the codes above SI_USER mean for a signal, and the last that is its own (sig_sicodes). */
const OWN_CODES: ReadonlyMap<number, readonly [last: number, Moves]> = new Map([
  [SIGILL, [11, FAULT]],
  [SIGTRAP, [6, FAULT]],
  [SIGBUS, [5, FAULT]],
  [SIGFPE, [15, FAULT]],
  [SIGSEGV, [10, FAULT]],
  [SIGCHLD, [6, CHILD]],
  [SIGIO, [6, POLL]],
  [SIGSYS, [2, SYSCALL]],
]);
/** The last code of poll(2)'s kind, which any signal may have (F_SETSIG). */
const LAST_POLL_CODE = 6;

/** Which fields a signal of this code has, whoever sent it (siginfo_layout). */
function fieldsOf(signal: number, code: number): Moves {
  if (code > 0 && code < SI_KERNEL) {
    const own = OWN_CODES.get(signal);
    if (own !== undefined && code <= own[0]) return own[1];
    return code <= LAST_POLL_CODE ? POLL : PID_UID;
  }
  if (code === SI_TIMER) return TIMER;
  if (code === SI_SIGIO) return POLL;
  return code < 0 ? QUEUED : PID_UID;
}

function encode(info: SignalInfo): Uint8Array {
  const from = new DataView(new ArrayBuffer(SIGINFO_SIZE));
  encodeSignalInfo(info, from, 0);
  const bytes = new Uint8Array(SIGNALFD_SIGINFO_SIZE);
  const to = new DataView(bytes.buffer);
  // signo, errno, code are in the same places.
  for (let at = 0; at < 12; at += 4) to.setInt32(at, from.getInt32(at, true), true);
  const fields = fieldsOf(info.signal, from.getInt32(8, true));
  for (const [source, target] of fields) to.setInt32(target, from.getInt32(source, true), true);
  // How many bits of the address count is a short.
  if (fields === FAULT && info.signal === SIGBUS) to.setInt16(80, from.getInt16(24, true), true);
  return bytes;
}

function signalfd4(t: Thread, fd: number, set: number, size: number, flags: number): number {
  if (size !== SIGSET_SIZE) return -EINVAL;
  const { low, high } = withoutUnblockable(new SignalSet(t.user.i32(set), t.user.i32(set + 4)));
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
  if (fd !== -1) {
    const file = fileOf(t, fd);
    if (!(file instanceof SignalFile)) return -EINVAL;
    file.mask = { low, high };
    t.process.signalEvent.wake();
    return fd;
  }
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const inode = t.kernel.vfs.anonymous.others.inode(0o600);
  const file = new SignalFile(inode, flags & O_NONBLOCK, { low, high }, new CurrentSignals(t.kernel));
  return t.files.install(file, (flags & O_CLOEXEC) !== 0, limit);
}

export const rows: readonly SyscallRow[] = [
  call(282, "signalfd", "fd sigset size", (t, fd, set, size) => signalfd4(t, fd, set, size, 0)),
  call(289, "signalfd4", "fd sigset size signalfd-flags", signalfd4),
];
