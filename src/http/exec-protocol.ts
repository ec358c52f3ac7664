/**
 * What `/_/exec` takes and gives. As a POST it is one JSON document each way. As a WebSocket, the first message of the client
 * is the same document without `stdin`, as text; after that:
 *
 * - binary messages are a channel number and data. The client sends STDIN, with no data for end of file; the server sends the
 *   others.
 * - `{"ack": n}` from the client grants n more bytes of output: the server has at most WINDOW bytes under way.
 *   `{"ack": n}` from the server does the same for standard input.
 * - `{"signal": n}` from the client is sent to the program.
 * - `{"resize": {"rows": n, "cols": n}}` from the client sets the size of the terminal that `tty` has asked for. What the
 *   terminal shows comes as STDOUT; the end of standard input is typed as VEOF.
 * - the server ends with the text message `{"exitCode" | "signal", "stats", "log"}`, or `{"error", "status"}`, and closes.
 */
import type { EndReason, RefusedLimit } from "../machine/options.ts";
import type { Limits } from "./function-config.ts";

export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
export const STRACE = 3;

/** Bytes that may be under way in each direction of the WebSocket. */
export const WINDOW = 1 << 20;

export interface ExecRequest {
  /** One of the two: an image (name or digest), or a function whose image, command and environment are taken. */
  image?: string;
  function?: string;
  /** Default: the function's or the image's command. */
  argv?: string[];
  /** Added to the function's or the image's. */
  env?: Record<string, string>;
  cwd?: string;
  user?: string;
  /** Base64. */
  stdin?: string;
  limits?: Partial<Limits>;
  /** What the program may connect to, as in a function's configuration. Default: what the function's says. */
  egress?: string[];
  /** Default: the function's, else a machine that is alone. */
  namespace?: string;
  /** Record system calls as strace(1) prints them. */
  strace?: boolean;
  /** WebSocket only: the program's streams are a terminal of this size, in a session of its own. */
  tty?: TerminalSize;
}

/** In characters. */
export interface TerminalSize {
  rows: number;
  cols: number;
}

export interface ExecStats {
  /** Guest instructions retired. */
  instructions: number;
  systemCalls: number;
  pageFaults: number;
  /** Object store reads. */
  objectReads: number;
  /** Operations on System V objects of the namespace, and calls of Durable Objects that were made for them. */
  ipcOperations: number;
  ipcCalls: number;
  /** Most frames of 4 KiB that the machine held. */
  peakFrames: number;
  /** Guest CPU time and time from start to exit, in milliseconds. */
  cpuMs: number;
  wallMs: number;
}

export interface ExecExit {
  /** Exit status 0 to 255, or the signal that ended the program. */
  exitCode?: number;
  signal?: number;
  /** Why the machine ended the program, when it did. */
  reason?: EndReason;
  /** Limits at which the kernel refused something. */
  reached?: readonly RefusedLimit[];
  stats: ExecStats;
  /** What the kernel had to say: calls and instructions that are not implemented, limits reached. */
  log: string[];
}

export interface ExecAnswer extends ExecExit {
  /** Base64, at most 1 MiB each. */
  stdout: string;
  stderr: string;
  stdoutTruncated?: true;
  stderrTruncated?: true;
  strace?: string;
  straceTruncated?: true;
}
