/** Continuing a stopped process (signal(7)). */
import { BLOCKED, type Process, STOPPED, type Thread } from "../task.ts";

/**
 * SIGCONT was sent: whatever the process does with the signal, it runs again. The parent can wait for that from now on, but
 * gets SIGCHLD only when the process runs, so that it merges with what then happens.
 */
export function continueProcess(p: Process): void {
  if (p.stopSignal === 0) return;
  p.stopSignal = 0;
  p.stopReport = 0;
  p.continueReport = true;
  p.continueNotice = true;
  for (const t of p.threads.values()) {
    if (t.state !== STOPPED) continue;
    p.kernel.scheduler.resume(t);
    noticeSignals(t);
  }
}

/** Signals that came while it was stopped end its wait now. */
function noticeSignals(t: Thread): void {
  if (!t.interrupted) return;
  t.attention = true;
  if (t.state === BLOCKED && !t.blocked!.uninterruptible) t.kernel.scheduler.wake(t);
}
