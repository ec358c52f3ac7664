/** Signals: actions, masks, sending, waiting, returning from handlers. */
import { CAP_KILL } from "../../abi/capability.ts";
import { E2BIG, EAGAIN, EINVAL, ENOMEM, EPERM, Errno, ESRCH } from "../../abi/errno.ts";
import { decodeSignalInfo, encodeSignalInfo } from "../../abi/siginfo.ts";
import {
  MINSIGSTKSZ,
  NSIG,
  SA_KNOWN,
  SI_ASYNCNL,
  SI_DETHREAD,
  SI_KERNEL,
  SI_TKILL,
  SIG_BLOCK,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGALTSTACK_SIZE,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGINFO_SIZE,
  SIGSEGV,
  SIGSET_SIZE,
  SIGSYS,
  SIGTRAP,
  type SignalInfo,
  SS_AUTODISARM,
  SS_DISABLE,
  SS_ONSTACK,
} from "../../abi/signal.ts";
import { Block, EINTR_ALWAYS, ERESTARTNOHAND, NeedPage } from "../../wait/queue.ts";
import { capable } from "../capabilities.ts";
import { globalPid, localPid, processOf, threadOf } from "../lookup.ts";
import { maybeElsewhere, maybeInGroup, seesOthers, signalAnswer, signalElsewhere } from "../remote-signal.ts";
import { altStackState, onAltStack, popFrame, readAltStack, writeAltStack } from "../signal/frame.ts";
import { setTemporaryMask, withoutUnblockable } from "../signal/mask.ts";
import {
  forceSignal,
  isUnblockable,
  kernelInfo,
  killAll,
  killGroup,
  killThread,
  maySignal,
  retarget,
  sendToProcess,
  sendToThread,
  userInfo,
} from "../signal/send.ts";
import { SignalSet } from "../signal/set.ts";
import type { Thread } from "../task.ts";
import { prefetch } from "./prefetch.ts";
import { call, KEEP_REGISTERS, type SyscallRow } from "./row.ts";
import { readTimespec } from "./time.ts";

const isSignal = (signal: number): boolean => signal >= 1 && signal <= NSIG;

const readSet = (t: Thread, address: number): SignalSet => new SignalSet(t.user.i32(address), t.user.i32(address + 4));

function writeSet(t: Thread, address: number, set: SignalSet): void {
  t.user.probe(address, 8, true);
  t.user.setU32(address, set.low);
  t.user.setU32(address + 4, set.high);
}

// ---- actions and masks

/** Bytes of the kernel's struct sigaction. */
const SIGACTION_SIZE = 32;

function sigaction(t: Thread, signal: number, action: number, old: number, size: number): number {
  if (size !== SIGSET_SIZE) return -EINVAL;
  const after =
    action === 0
      ? null
      : {
          handler: t.user.u64(action),
          flags: (t.user.u32(action + 8) & SA_KNOWN) >>> 0,
          restorer: t.user.u64(action + 16),
          mask: withoutUnblockable(readSet(t, action + 24)),
        };
  if (!isSignal(signal) || (after !== null && isUnblockable(signal))) return -EINVAL;
  const { handlers } = t.process;
  const before = handlers.get(signal);
  if (old !== 0) prefetch(t, old, SIGACTION_SIZE);
  if (after !== null) {
    handlers.set(signal, after);
    // POSIX: a pending signal that is now ignored is discarded, whether or not it is blocked.
    if (handlers.ignores(signal)) {
      const gone = SignalSet.of(signal);
      t.process.pending.flush(gone);
      for (const other of t.process.threads.values()) other.pending.flush(gone);
    }
  }
  if (old !== 0) {
    t.user.probe(old, SIGACTION_SIZE, true);
    t.user.setU64(old, before.handler);
    t.user.setU64(old + 8, before.flags);
    t.user.setU64(old + 16, before.restorer);
    writeSet(t, old + 24, before.mask);
  }
  return 0;
}

function sigprocmask(t: Thread, how: number, set: number, old: number, size: number): number {
  if (size !== SIGSET_SIZE) return -EINVAL;
  const before = t.mask;
  if (set !== 0) {
    const given = readSet(t, set);
    if (how !== SIG_BLOCK && how !== SIG_UNBLOCK && how !== SIG_SETMASK) return -EINVAL;
    if (old !== 0) prefetch(t, old, SIGSET_SIZE);
    if (how === SIG_BLOCK) setMask(t, before.union(given));
    else if (how === SIG_UNBLOCK) setMask(t, before.difference(given));
    else setMask(t, given);
  }
  if (old !== 0) writeSet(t, old, before);
  return 0;
}

function setMask(t: Thread, mask: SignalSet): void {
  t.mask = withoutUnblockable(mask);
  retarget(t);
  if (t.interrupted) t.attention = true;
}

function sigpending(t: Thread, set: number, size: number): number {
  if (size > SIGSET_SIZE) return -EINVAL;
  const pending = t.pending.set.union(t.process.pending.set).intersection(t.mask);
  const bytes = new Uint8Array(Int32Array.of(pending.low, pending.high).buffer);
  t.user.copyOut(set, bytes.subarray(0, size));
  return 0;
}

function sigsuspend(t: Thread, set: number, size: number): number | Block {
  if (size !== SIGSET_SIZE) return -EINVAL;
  const mask = readSet(t, set);
  setTemporaryMask(t, mask.low, mask.high);
  return new Block([], ERESTARTNOHAND);
}

const pause = () => new Block([], ERESTARTNOHAND);

function sigreturn(t: Thread): Block {
  try {
    popFrame(t);
  } catch (error) {
    if (error instanceof NeedPage) throw error;
    forceSignal(t, kernelInfo(SIGSEGV));
  }
  retarget(t);
  if (t.interrupted) t.attention = true;
  return KEEP_REGISTERS;
}

function sigaltstack(t: Thread, stack: number, old: number): number {
  const before = t.altStack;
  const sp = t.kernel.registers.rsp;
  const given = stack === 0 ? null : viewOf(t.user.read(stack, SIGALTSTACK_SIZE));
  if (old !== 0) {
    const view = new DataView(new ArrayBuffer(SIGALTSTACK_SIZE));
    const flags = altStackState(t, sp) | (before.flags & SS_AUTODISARM);
    prefetch(t, old, SIGALTSTACK_SIZE);
    writeAltStack(view, 0, { ...before, flags });
    const error = given === null ? 0 : setAltStack(t, readAltStack(given, 0), sp);
    if (error !== 0) return error;
    t.user.copyOut(old, new Uint8Array(view.buffer));
    return 0;
  }
  return given === null ? 0 : setAltStack(t, readAltStack(given, 0), sp);
}

function setAltStack(t: Thread, stack: Thread["altStack"], sp: number): number {
  if (onAltStack(t, sp)) return -EPERM;
  const mode = stack.flags & ~SS_AUTODISARM;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return -EINVAL;
  const { address, size, flags } = t.altStack;
  // Nothing changes; so none at all, as at first, is not too small.
  if (stack.address === address && stack.size === size && stack.flags === flags) return 0;
  if (mode === SS_DISABLE) {
    t.altStack = { address: 0, size: 0, flags: stack.flags };
  } else {
    if (stack.size >= 0 && stack.size < MINSIGSTKSZ) return -ENOMEM;
    t.altStack = stack;
  }
  return 0;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// ---- sending

function kill(t: Thread, pid: number, signal: number): number | Block {
  const answer = signalAnswer(t);
  if (answer !== null) return answer;
  const { kernel, process } = t;
  if (pid > 0) {
    // The kernel is process 1: it has no handlers, so nothing reaches it.
    if (pid === 1 && process.pidNamespace.level === 0) {
      if (signal !== 0 && !isSignal(signal)) return -EINVAL;
      return capable(t.credentials, CAP_KILL) ? 0 : -EPERM;
    }
    const target = processOf(t, pid) ?? threadOf(t, pid)?.process;
    if (target !== undefined) return killAll(t, [target], signal);
    return maybeElsewhere(t, pid) ? signalElsewhere(t, { type: "process", id: pid }, signal) : -ESRCH;
  }
  if (pid === -0x8000_0000) return -ESRCH;
  if (pid === -1) {
    const others = [...kernel.processes.values()].filter((p) => p !== process && localPid(process, p.pid) > 1);
    const refused = killAll(t, others, signal);
    // Of those that it may not signal it does not tell.
    const result = refused === -EPERM ? 0 : refused;
    return seesOthers(t) ? signalElsewhere(t, { type: "all" }, signal, undefined, result) : result;
  }
  const pgid = pid === 0 ? process.pgid : globalPid(process, -pid);
  const result = killGroup(t, pgid, signal);
  return maybeInGroup(t, pgid) ? signalElsewhere(t, { type: "group", id: pgid }, signal, undefined, result) : result;
}

function tkill(t: Thread, tid: number, signal: number): number | Block {
  return tid <= 0 ? -EINVAL : toThread(t, 0, tid, signal);
}

function tgkill(t: Thread, pid: number, tid: number, signal: number): number | Block {
  return tid <= 0 || pid <= 0 ? -EINVAL : toThread(t, pid, tid, signal);
}

function toThread(t: Thread, pid: number, tid: number, signal: number): number | Block {
  const answer = signalAnswer(t);
  if (answer !== null) return answer;
  const target = threadOf(t, tid);
  if (target === undefined && maybeElsewhere(t, tid))
    return signalElsewhere(t, { type: "thread", id: tid, process: pid }, signal, userInfo(t, signal, SI_TKILL));
  if (target === undefined || (pid !== 0 && target.process !== processOf(t, pid))) return -ESRCH;
  if (signal !== 0 && !isSignal(signal)) return -EINVAL;
  return killThread(t, target, signal);
}

/** The info that the caller made; only to itself may it look as if the kernel or kill(2) had sent it. */
/** Bytes of siginfo_t that mean something today. */
const KNOWN_SIGINFO_SIZE = 48;
/** The highest si_code of the signals that have their own (NSIGILL and its kin), and of all others (NSIGPOLL). */
const HIGHEST_CODE = new Map([
  [SIGILL, 11],
  [SIGTRAP, 6],
  [SIGBUS, 5],
  [SIGFPE, 15],
  [SIGSEGV, 10],
  [SIGCHLD, 6],
  [SIGSYS, 2],
]);
const HIGHEST_OTHER_CODE = 6;

function isKnownCode(signal: number, code: number): boolean {
  if (code === SI_KERNEL || code === SI_ASYNCNL) return true;
  return code > 0 ? code <= (HIGHEST_CODE.get(signal) ?? HIGHEST_OTHER_CODE) : code >= SI_DETHREAD;
}

/** With a code that is not known, what is behind the known bytes must be 0, or else it is E2BIG (copy_siginfo_from_user). */
function readInfo(t: Thread, signal: number, address: number): SignalInfo {
  const bytes = new Uint8Array(SIGINFO_SIZE);
  bytes.set(t.user.read(address, KNOWN_SIGINFO_SIZE));
  const info = decodeSignalInfo(signal, bytes);
  if (!isKnownCode(signal, info.code)) {
    const rest = t.user.read(address + KNOWN_SIGINFO_SIZE, SIGINFO_SIZE - KNOWN_SIGINFO_SIZE);
    if (rest.some((byte) => byte !== 0)) throw new Errno(E2BIG);
  }
  return info;
}

/** Only to itself may it look as if the kernel or kill(2) had sent it. */
function mayPretend(t: Thread, pid: number, { code }: SignalInfo): boolean {
  return (code < 0 && code !== SI_TKILL) || localPid(t.process, t.process.pid) === pid;
}

function sigqueueinfo(t: Thread, pid: number, signal: number, address: number): number | Block {
  const answer = signalAnswer(t);
  if (answer !== null) return answer;
  const info = readInfo(t, signal, address);
  if (!mayPretend(t, pid, info)) return -EPERM;
  const target = processOf(t, pid);
  if (target === undefined && pid > 1 && maybeElsewhere(t, pid))
    return signalElsewhere(t, { type: "process", id: pid }, signal, info);
  if (target === undefined) return -ESRCH;
  if (signal !== 0 && !isSignal(signal)) return -EINVAL;
  if (!maySignal(t, target, signal)) return -EPERM;
  if (signal === 0) return 0;
  return sendToProcess(target, info) ? 0 : -EAGAIN;
}

function tgsigqueueinfo(t: Thread, pid: number, tid: number, signal: number, address: number): number | Block {
  const answer = signalAnswer(t);
  if (answer !== null) return answer;
  const info = readInfo(t, signal, address);
  if (pid <= 0 || tid <= 0) return -EINVAL;
  if (!mayPretend(t, pid, info)) return -EPERM;
  const target = threadOf(t, tid);
  if (target === undefined && maybeElsewhere(t, tid))
    return signalElsewhere(t, { type: "thread", id: tid, process: pid }, signal, info);
  if (target === undefined || target.process !== processOf(t, pid)) return -ESRCH;
  if (signal !== 0 && !isSignal(signal)) return -EINVAL;
  if (!maySignal(t, target.process, signal)) return -EPERM;
  if (signal === 0) return 0;
  return sendToThread(target, info) ? 0 : -EAGAIN;
}

// ---- waiting

/** What sigtimedwait remembers: when it gives up. */
interface TimedWait {
  readonly until: number;
}

function sigtimedwait(t: Thread, set: number, info: number, timeout: number, size: number): number | Block {
  if (size !== SIGSET_SIZE) return -EINVAL;
  const wanted = withoutUnblockable(readSet(t, set));
  const { clock } = t.kernel;
  const until =
    (t.saved as TimedWait | null)?.until ??
    (timeout === 0 ? Number.POSITIVE_INFINITY : clock.now() + readTimespec(t, timeout));
  const own = t.pending.set.intersection(wanted).first();
  const signal = own || t.process.pending.set.intersection(wanted).first();
  if (signal !== 0) {
    if (info !== 0) prefetch(t, info, SIGINFO_SIZE);
    const taken = (own ? t.pending : t.process.pending).take(signal)!;
    if (info !== 0) {
      const view = new DataView(new ArrayBuffer(SIGINFO_SIZE));
      encodeSignalInfo(taken, view, 0);
      t.user.copyOut(info, new Uint8Array(view.buffer));
    }
    return signal;
  }
  if (clock.now() >= until) return -EAGAIN;
  const saved: TimedWait = { until };
  return new Block([t.process.signalEvent], EINTR_ALWAYS, { deadline: until, saved });
}

export const rows: readonly SyscallRow[] = [
  call(13, "rt_sigaction", "signal sigaction sigaction-out size", sigaction),
  call(14, "rt_sigprocmask", "signal-how sigset sigset-out size", sigprocmask),
  call(15, "rt_sigreturn", "", sigreturn),
  call(34, "pause", "", pause),
  call(62, "kill", "pid signal", kill),
  call(127, "rt_sigpending", "sigset-out size", sigpending),
  call(128, "rt_sigtimedwait", "sigset siginfo-out timespec size", sigtimedwait),
  call(129, "rt_sigqueueinfo", "pid signal siginfo", sigqueueinfo),
  call(130, "rt_sigsuspend", "sigset size", sigsuspend),
  call(131, "sigaltstack", "sigaltstack sigaltstack-out", sigaltstack),
  call(200, "tkill", "pid signal", tkill),
  call(234, "tgkill", "pid pid signal", tgkill),
  call(297, "rt_tgsigqueueinfo", "pid pid signal siginfo", tgsigqueueinfo),
];
