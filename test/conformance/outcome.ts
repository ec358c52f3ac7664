/** A run of a program: what is given to it, and what came of it. */

export interface Case {
  /** For people: the program's name, and which of several runs it is. */
  readonly name: string;
  /** The executable, in the root directory of the machine and below `root` natively. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin?: Uint8Array;
}

export interface Outcome {
  /** A byte a character. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode?: number;
  readonly signal?: number;
  /** Why the run was ended from outside ("time limit"), or what broke. */
  readonly ended?: string;
  /** Real time, in milliseconds. */
  readonly ms: number;
}

/** Same output and status, each having come to its own end. */
export const equal = (a: Outcome, b: Outcome): boolean =>
  a.ended === undefined &&
  b.ended === undefined &&
  a.exitCode === b.exitCode &&
  a.signal === b.signal &&
  a.stdout === b.stdout &&
  a.stderr === b.stderr;

/** "exit status 1", "signal 11", "time limit". */
export const describeEnd = ({ exitCode, signal, ended }: Outcome): string =>
  ended ?? (signal === undefined ? `exit status ${exitCode}` : `signal ${signal}`);
