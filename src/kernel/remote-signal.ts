/** Signals between machines: sent by a thread here, which waits for the answer as data, and received from there (kill(2)). */
import { CAP_KILL } from "../abi/capability.ts";
import { EAGAIN, EINVAL, EPERM, ESRCH } from "../abi/errno.ts";
import { NSIG, SI_USER, SIGCONT, type SignalInfo } from "../abi/signal.ts";
import type { Block } from "../wait/queue.ts";
import { capable } from "./capabilities.ts";
import type { Kernel } from "./kernel.ts";
import type { SignalRequest, SignalSender, SignalTarget } from "./namespace-port.ts";
import { RemoteCall } from "./remote-call.ts";
import { sendToProcess, sendToThread, userInfo } from "./signal/send.ts";
import type { Process, Thread } from "./task.ts";

/** The best of two results of kill(2) for several targets: 0 if any got it, EPERM if any was there. */
export const combine = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a === -ESRCH ? b : a);

/** Whether ids that `t` uses can name processes of other machines: those of nested pid namespaces do not. */
export const seesOthers = (t: Thread): boolean => t.kernel.remote !== null && t.process.pidNamespace.level === 0;

/** Whether process, thread or group `id`, which is not here, could be in another machine. */
export const maybeElsewhere = (t: Thread, id: number): boolean =>
  id > 1 && seesOthers(t) && !t.kernel.remote!.pids.owns(id);

/** Whether the group, known to the kernel as `pgid`, could have members in other machines. */
export const maybeInGroup = (t: Thread, pgid: number): boolean =>
  maybeElsewhere(t, pgid) || (pgid === t.process.pgid && spans(t.kernel, pgid));

/** Whether the group, which has members here, may have others elsewhere. */
export const spans = ({ remote }: Kernel, pgid: number): boolean => remote !== null && !remote.pids.owns(pgid);

/** Sends to another machine. `local` is what came of the targets in this one, if there could be any. */
export function signalElsewhere(
  t: Thread,
  target: SignalTarget,
  signal: number,
  info: SignalInfo = userInfo(t, signal, SI_USER),
  local = -ESRCH,
): Block {
  const { uid, euid } = t.credentials;
  const sender: SignalSender = { uid, euid, sid: t.process.sid, privileged: capable(t.credentials, CAP_KILL) };
  return t.kernel.remote!.signal({ op: "signal", target, signal, info, sender }, local).wait;
}

/** The answer to what the thread sent when it ran before; null when it has not. */
export function signalAnswer(t: Thread): number | Block | null {
  const call = t.saved;
  if (!(call instanceof RemoteCall)) return null;
  if (call.answer === undefined) return call.wait;
  return combine(call.local, call.answer as number);
}

/** Machines whose signals are remembered; the one that was heard of first is forgotten for another. */
const REMEMBERED = 4096;

/** Answers to signals of other machines, as long as those may ask again. */
export class ReceivedSignals {
  readonly #answers = new Map<number, Map<number, number>>();

  /** Delivers what has not been delivered before. */
  receive(kernel: Kernel, request: SignalRequest & { readonly from: number }): number {
    const { from, sequence, settled } = request;
    // The namespace's own asks once.
    if (from === 0) return deliver(kernel, request);
    let answers = this.#answers.get(from);
    if (answers === undefined) {
      if (this.#answers.size >= REMEMBERED) this.#answers.delete(this.#answers.keys().next().value!);
      this.#answers.set(from, (answers = new Map()));
    }
    for (const old of answers.keys()) if (old < settled) answers.delete(old);
    const before = answers.get(sequence);
    if (before !== undefined) return before;
    const answer = deliver(kernel, request);
    answers.set(sequence, answer);
    return answer;
  }
}

function deliver(kernel: Kernel, request: SignalRequest): number {
  const { target, signal, info, sender } = request;
  switch (target.type) {
    case "thread": {
      const t = kernel.threads.get(target.id);
      if (t === undefined || (target.process !== 0 && t.process.pid !== target.process)) return -ESRCH;
      const error = refusal(sender, t.process, signal);
      if (error !== 0 || signal === 0) return error;
      return sendToThread(t, seenFrom(t.process, info)) ? 0 : -EAGAIN;
    }
    case "process": {
      const p = kernel.processes.get(target.id) ?? kernel.threads.get(target.id)?.process;
      if (p === undefined) return -ESRCH;
      const error = refusal(sender, p, signal);
      if (error !== 0 || signal === 0) return error;
      return sendToProcess(p, seenFrom(p, info)) ? 0 : -EAGAIN;
    }
    default: {
      let result = -ESRCH;
      for (const p of [...kernel.processes.values()]) {
        if (target.type === "group" && p.pgid !== target.id) continue;
        const error = refusal(sender, p, signal);
        // kill(-1) does not tell of those that it may not signal.
        result = combine(result, target.type === "all" && error === -EPERM ? 0 : error);
        if (error === 0 && signal !== 0) sendToProcess(p, seenFrom(p, info));
      }
      return result;
    }
  }
}

/** EPERM, EINVAL or 0 (kill(2), under Permissions). */
function refusal(sender: SignalSender, target: Process, signal: number): number {
  if (signal < 0 || signal > NSIG) return -EINVAL;
  const { uid, suid } = target.credentials;
  const { privileged, uid: from, euid } = sender;
  if (privileged || euid === uid || euid === suid || from === uid || from === suid) return 0;
  return signal === SIGCONT && sender.sid === target.sid ? 0 : -EPERM;
}

/** A process in a nested pid namespace has no name for a sender outside. */
function seenFrom(target: Process, info: SignalInfo): SignalInfo {
  if (target.pidNamespace.level === 0 || info.pid === undefined) return info;
  if (!info.raw) return { ...info, pid: 0 };
  const raw = info.raw.slice();
  new DataView(raw.buffer).setInt32(16, 0, true);
  return { ...info, pid: 0, raw };
}
