/** Delivering signals to the loaded thread, on its way back to user mode (get_signal and handle_signal of Linux). */
import { EINTR } from "../../abi/errno.ts";
import {
  SA_NODEFER,
  SA_RESTART,
  SIG_DFL,
  SIG_IGN,
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  SIGSYS,
  SIGTRAP,
  type SignalInfo,
} from "../../abi/signal.ts";
import { Block, EINTR_ALWAYS, ERESTARTNOINTR, ERESTARTSYS, NeedPage } from "../../wait/queue.ts";
import { finishInterrupted, restartInterrupted } from "../dispatch.ts";
import { exitGroup } from "../exit.ts";
import { abortSequence } from "../rseq.ts";
import { RUNNABLE, type Thread } from "../task.ts";
import { defaultAction, type SignalAction } from "./actions.ts";
import { pushFrame } from "./frame.ts";
import type { PendingSignals } from "./pending.ts";
import { isUnblockable, kernelInfo } from "./send.ts";
import { SignalSet } from "./set.ts";
import { isOrphaned, stopProcess } from "./stop.ts";

/** Consequences of instructions: delivered before any other, so that RIP in the frame is the one that faulted. */
const SYNCHRONOUS = SignalSet.of(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS);

/**
 * Delivers what is pending and not blocked, until a signal stops or ends the thread. Then settles the system call that
 * a signal has interrupted. Registers must be loaded.
 */
export function deliverSignals(t: Thread): void {
  let handled = false;
  while (t.interrupted) {
    const signal = nextSignal(t);
    const source: PendingSignals = t.pending.set.has(signal) ? t.pending : t.process.pending;
    const action = t.process.handlers.get(signal);
    if (action.handler > SIG_IGN && signal !== SIGKILL && signal !== SIGSTOP) {
      const outcome = runHandler(t, action, source, signal);
      if (outcome === "wait") return;
      handled = true;
      continue;
    }
    const info = source.take(signal)!;
    if (action.handler === SIG_IGN && signal !== SIGKILL && signal !== SIGSTOP) continue;
    const effect = defaultAction(signal);
    if (effect === "ignore") continue;
    if (t.process.unkillable && !isUnblockable(signal)) continue;
    t.kernel.stats.signals++;
    t.kernel.trace?.signal(t, info);
    if (effect === "stop") {
      if (signal !== SIGSTOP && isOrphaned(t.kernel, t.process.pgid)) continue;
      stopProcess(t.process, signal);
      // The call that was interrupted is settled by what comes when it is continued.
      t.attention = true;
      return;
    }
    // RLIMIT_CORE or not, nothing is dumped: WCOREDUMP is never set.
    exitGroup(t, signal);
    return;
  }
  if (!handled) settleWithoutHandler(t);
}

function nextSignal(t: Thread): number {
  const own = t.pending.set.difference(t.mask);
  if (!own.empty) return own.intersection(SYNCHRONOUS).first() || own.first();
  const shared = t.process.pending.set.difference(t.mask);
  return shared.intersection(SYNCHRONOUS).first() || shared.first();
}

/** Pushes the frame, or dies of SIGSEGV when there is no room for it. */
function runHandler(t: Thread, action: SignalAction, source: PendingSignals, signal: number): "done" | "wait" {
  settleForHandler(t, action);
  const info = source.take(signal)!;
  try {
    abortSequence(t);
    pushFrame(t, action, info);
  } catch (error) {
    if (error instanceof NeedPage) {
      source.putBack(info);
      t.attention = true;
      t.kernel.scheduler.block(t, new Block([error.queue], ERESTARTNOINTR, { uninterruptible: true, saved: t.saved }));
      return "wait";
    }
    stackFault(t, info);
    return "done";
  }
  t.kernel.stats.signals++;
  t.kernel.trace?.signal(t, info);
  t.savedMask = null;
  t.process.handlers.consumed(signal);
  const mask = t.mask.union(action.mask);
  if ((action.flags & SA_NODEFER) === 0) mask.add(signal);
  t.mask = mask;
  return "done";
}

/** The frame could not be written: SIGSEGV, for which there is no handler if SIGSEGV itself was to be delivered. */
function stackFault(t: Thread, info: SignalInfo): void {
  const { handlers } = t.process;
  if (info.signal === SIGSEGV) handlers.set(SIGSEGV, { ...handlers.get(SIGSEGV), handler: SIG_DFL });
  const mask = t.mask.clone();
  if (mask.has(SIGSEGV)) handlers.set(SIGSEGV, { ...handlers.get(SIGSEGV), handler: SIG_DFL });
  mask.delete(SIGSEGV);
  t.mask = mask;
  if (!t.pending.merges(SIGSEGV)) t.pending.add(kernelInfo(SIGSEGV));
}

/** A handler is about to run: the interrupted call ends with EINTR, or begins anew after the handler. */
function settleForHandler(t: Thread, action: SignalAction): void {
  const { restart } = t;
  if (restart === 0) return;
  if (restart === ERESTARTNOINTR || (restart === ERESTARTSYS && action.flags & SA_RESTART)) {
    restartInterrupted(t, restart);
  } else {
    finishInterrupted(t, -EINTR);
  }
}

/** No handler ran: the call goes on from where it was, unless it is one that always ends. */
function settleWithoutHandler(t: Thread): void {
  if (t.savedMask !== null) {
    t.mask = t.savedMask;
    t.savedMask = null;
    if (t.interrupted && t.state === RUNNABLE) t.attention = true;
  }
  if (t.restart === 0) return;
  if (t.restart === EINTR_ALWAYS) finishInterrupted(t, -EINTR);
  t.restart = 0;
}
