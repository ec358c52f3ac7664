/** Continuing a stopped process (signal(7)). */
import { type Process, STOPPED } from "../task.ts";

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
  for (const t of p.threads.values()) if (t.state === STOPPED) p.kernel.scheduler.resume(t);
}
