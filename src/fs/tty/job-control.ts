import type { Block } from "../../wait/queue.ts";
import type { Caller } from "../types.ts";
import type { Terminal } from "./terminal.ts";

/** What terminals need of the kernel, which knows processes, groups and sessions. */
export interface JobControl {
  /** Monotonic nanoseconds, for the deadlines of reads. */
  now(): number;
  /** CAP_SYS_ADMIN. */
  privileged(caller: Caller): boolean;
  /**
   * Whether the caller may use its controlling terminal: 0; or it is in the background and gets `signal` (SIGTTIN, SIGTTOU),
   * and the call runs again after that; or EIO (negative) where the signal would change nothing.
   */
  check(caller: Caller, terminal: Terminal, signal: number): 0 | Block | number;
  /** To the foreground group of the terminal, if it has one. */
  signalForeground(terminal: Terminal, signal: number): void;
  /** The controlling terminal of the caller, or null. */
  controlling(caller: Caller): Terminal | null;
  /** A session leader without a terminal, that opens a terminal without a session, makes it its own. */
  opened(caller: Caller, terminal: Terminal): void;
  /** TIOCSCTTY. `readable`: the descriptor's access mode. */
  acquire(caller: Caller, terminal: Terminal, steal: boolean, readable: boolean): number;
  /** TIOCNOTTY. */
  giveUp(caller: Caller, terminal: Terminal): number;
  /** TIOCSPGRP with the number that the caller gave. A wait for a background caller. */
  setForeground(caller: Caller, terminal: Terminal, group: number): number | Block;
  /** What the caller calls a group or session. */
  numberFor(caller: Caller, group: number): number;
  /** The line is gone: the session's processes lose the terminal, its leader gets SIGHUP and SIGCONT. */
  hungUp(terminal: Terminal): void;
}
