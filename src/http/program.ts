/** A program in a machine of its own, with its standard streams. */
import type { HostReader, HostWriter } from "../fs/host-pipe.ts";
import { HttpError } from "./errors.ts";
import type { ExecStats } from "./exec-protocol.ts";
import type { Exit } from "./exit.ts";
import type { Limits } from "./function-config.ts";

export interface ProgramSpec {
  /** sha256:… */
  readonly image: string;
  /** Default: the image's entry point and command. */
  readonly argv?: readonly string[];
  /** Added to the image's. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: the image's. */
  readonly cwd?: string;
  readonly user?: string;
  readonly limits: Limits;
}

export interface ProgramHooks {
  /** The machine is about to wait. */
  idle?(): void;
  /** What the kernel has to say, a line at a time; default: the Worker's log. */
  log?(message: string): void;
  /** Lines as strace(1) prints them. */
  strace?(line: string): void;
}

export interface Program {
  readonly stdin: HostWriter;
  readonly stdout: HostReader;
  readonly stderr: HostReader;
  /** Settles when the machine has ended; rejects only for faults of ours. */
  readonly exit: Promise<Exit>;
  stats(): ExecStats;
  /** Sends a signal to the program's process. */
  signal(signal: number): void;
  /** Ends the machine. */
  kill(): void;
}

export async function startProgram(_objects: R2Bucket, _spec: ProgramSpec, _hooks: ProgramHooks): Promise<Program> {
  throw new HttpError(501, "No machine yet.");
}
