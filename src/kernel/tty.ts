/** Controlling terminals: what sessions, groups and signals are to terminals (drivers/tty/tty_jobctrl.c; credentials(7)). */
import { CAP_SYS_ADMIN } from "../abi/capability.ts";
import { EIO, ENOTTY, EPERM, ESRCH } from "../abi/errno.ts";
import { SIG_IGN, SIGCONT, SIGHUP, SIGTTIN } from "../abi/signal.ts";
import type { JobControl } from "../fs/tty/job-control.ts";
import type { Terminal } from "../fs/tty/terminal.ts";
import type { Caller } from "../fs/types.ts";
import { Block, ERESTARTSYS } from "../wait/queue.ts";
import { capable } from "./capabilities.ts";
import type { Kernel } from "./kernel.ts";
import { globalPid, localPid } from "./lookup.ts";
import { kernelInfo, sendToProcess, signalGroup } from "./signal/send.ts";
import { isOrphaned } from "./signal/stop.ts";
import { type Process, Thread } from "./task.ts";

const isLeader = (p: Process): boolean => p.sid === p.pid;

/** The terminal becomes that of the session of `p`, whose group is in the foreground. */
export function setTerminal(p: Process, terminal: Terminal): void {
  terminal.session = p.sid;
  terminal.foreground = p.pgid;
  p.terminal = terminal;
  p.oldForeground = 0;
}

/** All processes of a session are without a terminal. */
function clearSession(kernel: Kernel, sid: number): void {
  if (sid === 0) return;
  for (const p of kernel.processes.values()) if (p.sid === sid) p.terminal = null;
}

/**
 * A session leader gives up its terminal, by TIOCNOTTY or because it exits (disassociate_ctty). Others only lose sight of it.
 */
export function leaveTerminal(p: Process, exiting: boolean): void {
  const { kernel, terminal } = p;
  if (!isLeader(p)) {
    if (!exiting) p.terminal = null;
    return;
  }
  if (terminal === null) {
    // It was hung up before: those who were in the foreground then are told now.
    const group = p.oldForeground;
    p.oldForeground = 0;
    if (!exiting || group === 0) return;
    signalGroup(kernel, group, SIGHUP);
    signalGroup(kernel, group, SIGCONT);
    return;
  }
  const group = terminal.foreground;
  if (group !== 0) {
    signalGroup(kernel, group, SIGHUP);
    if (!exiting) signalGroup(kernel, group, SIGCONT);
  }
  terminal.session = terminal.foreground = 0;
  p.oldForeground = 0;
  clearSession(kernel, p.sid);
}

/** What terminals ask of the kernel. Callers are threads. */
export class TerminalJobs implements JobControl {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  now(): number {
    return this.#kernel.clock.now();
  }

  privileged(caller: Caller): boolean {
    return caller instanceof Thread && capable(caller.credentials, CAP_SYS_ADMIN);
  }

  check(caller: Caller, terminal: Terminal, signal: number): Block | number {
    if (!(caller instanceof Thread)) return 0;
    const { process: p, mask } = caller;
    if (p.terminal !== terminal || terminal.foreground === 0 || terminal.foreground === p.pgid) return 0;
    if (mask.has(signal) || p.handlers.get(signal).handler === SIG_IGN) return signal === SIGTTIN ? -EIO : 0;
    if (isOrphaned(this.#kernel, p.pgid)) return -EIO;
    signalGroup(this.#kernel, p.pgid, signal);
    return new Block([], ERESTARTSYS, { deadline: this.now() });
  }

  signalForeground(terminal: Terminal, signal: number): void {
    if (terminal.foreground !== 0) signalGroup(this.#kernel, terminal.foreground, signal);
  }

  controlling(caller: Caller): Terminal | null {
    return caller instanceof Thread ? caller.process.terminal : null;
  }

  opened(caller: Caller, terminal: Terminal): void {
    if (!(caller instanceof Thread)) return;
    const { process: p } = caller;
    if (isLeader(p) && p.terminal === null && terminal.session === 0) setTerminal(p, terminal);
  }

  acquire(caller: Caller, terminal: Terminal, steal: boolean, readable: boolean): number {
    if (!(caller instanceof Thread)) return -EPERM;
    const { process: p } = caller;
    if (isLeader(p) && terminal.session === p.sid) return 0;
    if (!isLeader(p) || p.terminal !== null) return -EPERM;
    const privileged = this.privileged(caller);
    if (terminal.session !== 0) {
      if (!steal || !privileged) return -EPERM;
      clearSession(this.#kernel, terminal.session);
    }
    if (!readable && !privileged) return -EPERM;
    setTerminal(p, terminal);
    return 0;
  }

  giveUp(caller: Caller, terminal: Terminal): number {
    if (!(caller instanceof Thread) || caller.process.terminal !== terminal) return -ENOTTY;
    leaveTerminal(caller.process, false);
    return 0;
  }

  setForeground(caller: Caller, terminal: Terminal, group: number): number {
    if (!(caller instanceof Thread)) return -ENOTTY;
    const { process: p } = caller;
    if (p.terminal !== terminal || terminal.session !== p.sid) return -ENOTTY;
    const pgid = group === 0 ? 0 : globalPid(p, group);
    const session = this.#sessionOf(pgid);
    if (session === null) return -ESRCH;
    if (session !== p.sid) return -EPERM;
    terminal.foreground = pgid;
    return 0;
  }

  /** Session of a process group, or of the process with that number if there is no such group; null when neither is there. */
  #sessionOf(pgid: number): number | null {
    if (pgid === 0) return null;
    for (const p of this.#kernel.processes.values()) if (p.pgid === pgid) return p.sid;
    return this.#kernel.processes.get(pgid)?.sid ?? null;
  }

  numberFor(caller: Caller, group: number): number {
    return group !== 0 && caller instanceof Thread ? localPid(caller.process, group) : group;
  }

  hungUp(terminal: Terminal): void {
    const { session, foreground } = terminal;
    terminal.session = terminal.foreground = 0;
    if (session === 0) return;
    for (const p of [...this.#kernel.processes.values()]) {
      if (p.sid !== session) continue;
      if (p.terminal === terminal) p.terminal = null;
      if (!isLeader(p) || p.zombie) continue;
      p.oldForeground = foreground;
      sendToProcess(p, kernelInfo(SIGHUP));
      sendToProcess(p, kernelInfo(SIGCONT));
    }
  }
}
