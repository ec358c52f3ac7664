/** A program in a machine of its own, with the host's ends of its standard streams. */
import type { HostReader, HostWriter } from "../fs/host-pipe.ts";
import { loadManifest } from "../fs/image/fetcher.ts";
import { digestHex } from "../image/format.ts";
import { Machine } from "../machine/machine.ts";
import type { ExitStatus, ProcessGroup, WindowSize } from "../machine/options.ts";
import { OutOfFrames } from "../memory/types.ts";
import { workersNetwork } from "./egress.ts";
import type { Env } from "./env.ts";
import { HttpError } from "./errors.ts";
import type { ExecStats } from "./exec-protocol.ts";
import type { Limits } from "./function-config.ts";
import { WorkersHost } from "./host.ts";
import { theIsolate } from "./isolate.ts";
import { WorkersNamespace } from "./namespace-port.ts";

const FRAMES_PER_MIB = 256;

export interface ProgramSpec {
  /** sha256:… */
  readonly image: string;
  /** Its manifest as JSON, where that is at hand. */
  readonly manifest?: string;
  /** Default: the image's entry point and command. */
  readonly argv?: readonly string[];
  /** Added to the image's. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: the image's. */
  readonly cwd?: string;
  readonly user?: string;
  readonly limits: Limits;
  /** Its function; default: it is none's. */
  readonly function?: string;
  /** What it may connect to; default: nothing. */
  readonly egress?: readonly string[];
  /** Default: none, the machine is alone. */
  readonly namespace?: string;
  /** What the first process is a member of; default: a group and session of its own. */
  readonly group?: ProcessGroup;
  /** The streams are a terminal, all output is `stdout`. */
  readonly terminal?: WindowSize;
}

export interface ProgramHooks {
  /** The machine is about to wait. */
  idle?(): void;
  /** What the kernel has to say, a line at a time; default: the Worker's log. */
  log?(message: string): void;
  /** Lines as strace(1) prints them, without the line feed. */
  strace?(line: string): void;
}

export interface Program {
  readonly stdin: HostWriter;
  readonly stdout: HostReader;
  readonly stderr: HostReader;
  /** Settles when the machine has ended; rejects only for faults of ours. */
  readonly exit: Promise<ExitStatus>;
  stats(): ExecStats;
  /** Sends a signal to the program's process. */
  signal(signal: number): void;
  /** The window of its terminal has changed. */
  resize(window: WindowSize): void;
  /** Ends the machine. */
  kill(): void;
  /** Resolves when what the program has written may be seen outside its namespace; null when it may be now. */
  settled(): Promise<unknown> | null;
}

/** Throws HttpError: 404 for an image that is not stored, 503 while the isolate has no memory for another machine. */
export async function startProgram(env: Env, spec: ProgramSpec, hooks: ProgramHooks): Promise<Program> {
  const isolate = theIsolate();
  const { log } = hooks;
  const host = new WorkersHost(
    env.OBJECTS,
    () => hooks.idle?.(),
    log && ((_level, message) => log(message)),
    spec.namespace === undefined ? undefined : new WorkersNamespace(env, spec.namespace),
    () => workersNetwork(env),
  );
  const manifest = await loadManifest(isolate.images, host.objects, digestHex(spec.image)!, spec.manifest);
  if (manifest === null) throw new HttpError(404, `There is no image ${spec.image}.`);
  const { argv, cwd, user, limits, terminal, function: mergeDomain } = spec;
  const admitted = await isolate.admit(host, mergeDomain ?? spec.image, limits.memoryMiB * FRAMES_PER_MIB);
  if (admitted === null) throw noMemory();
  let machine: Machine;
  try {
    machine = new Machine(isolate, {
      image: manifest,
      argv,
      env: spec.env,
      cwd,
      user,
      limits,
      mergeDomain,
      egress: spec.egress,
      group: spec.group,
      terminal,
      strace: hooks.strace,
    });
  } catch (error) {
    admitted.ended();
    throw memoryError(error);
  }
  const exit = machine
    .run(host)
    .catch((error) => Promise.reject(memoryError(error)))
    .finally(() => admitted.ended());
  admitted.begun(machine);
  return {
    stdin: machine.stdin,
    stdout: machine.stdout,
    stderr: machine.stderr,
    exit,
    stats: () => ({ ...machine.stats, objectReads: host.objects.reads }),
    signal: (signal) => machine.signal(signal),
    resize: (window) => machine.resize(window),
    kill: () => machine.kill(),
    settled: () => machine.settled(),
  };
}

/** Without a frame left a machine cannot start; there may be some when others have ended. */
function memoryError(error: unknown): unknown {
  return error instanceof OutOfFrames ? noMemory() : error;
}

function noMemory(): HttpError {
  return new HttpError(503, "There is no memory left for another machine.", { "Retry-After": "1" });
}
