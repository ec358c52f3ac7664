/** The first process of a machine: standard streams, credentials, working directory, program. */

import { EACCES, ENOENT, ENOEXEC, ENOTDIR, Errno } from "../abi/errno.ts";
import { O_RDONLY, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { RLIMIT_NOFILE, RLIMIT_NPROC } from "../abi/resource.ts";
import { SIGCHLD } from "../abi/signal.ts";
import { isDirectory } from "../abi/stat.ts";
import { FsContext } from "../fs/context.ts";
import { Descriptors } from "../fs/descriptors.ts";
import type { File } from "../fs/file.ts";
import type { Mount } from "../fs/mount.ts";
import { fromText } from "../fs/name.ts";
import { type Pipe, PipeFile } from "../fs/pipe.ts";
import { directoryAt, KERNEL_CALLER } from "../fs/root.ts";
import type { DevPts } from "../fs/tty/devpts.ts";
import { HostTerminal } from "../fs/tty/host-terminal.ts";
import { setConsole } from "../fs/tty/mount.ts";
import type { Terminal } from "../fs/tty/terminal.ts";
import type { Vfs } from "../fs/vfs.ts";
import type { Credentials } from "../kernel/credentials.ts";
import { execute } from "../kernel/execve.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { ResourceLimits } from "../kernel/limits.ts";
import { SignalHandlers } from "../kernel/signal/actions.ts";
import { Process, Thread } from "../kernel/task.ts";
import { setTerminal } from "../kernel/tty.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { NeedPage } from "../wait/queue.ts";
import type { MachineLimits, MachineOptions, ProcessGroup, WindowSize } from "./options.ts";
import { resolveUser } from "./user.ts";

/** The command's standard input, output and error, and the pipes to the host behind them. */
export interface StandardStreams {
  /** Ends of the pipes; or, three times, a terminal. */
  readonly files: File[];
  readonly pipes: readonly [stdin: Pipe, stdout: Pipe, stderr: Pipe];
  /** The controlling terminal of the command's session. */
  readonly terminal: Terminal | null;
}

/** With the size of a window the streams are a new terminal; nothing goes to the pipe of standard error then. */
export function makeStreams(vfs: Vfs, devpts: Mount, window?: WindowSize): StandardStreams {
  const [stdin, stdout, stderr] = [0, 1, 2].map(() => vfs.anonymous.pipe());
  const pipes = [stdin.pipe, stdout.pipe, stderr.pipe] as const;
  if (window === undefined) {
    const files = [stdin, stdout, stderr].map(
      ({ pipe, inode }, fd) => new PipeFile(pipe, inode, fd ? O_WRONLY : O_RDONLY),
    );
    return { files, pipes, terminal: null };
  }
  const fileSystem = devpts.fileSystem as DevPts;
  const { terminal } = new HostTerminal(fileSystem.create(KERNEL_CALLER), stdin.pipe, stdout.pipe);
  terminal.windowSize = { ...window, width: 0, height: 0 };
  terminal.locked = false;
  setConsole(vfs, terminal);
  const location = fileSystem.locationOf(terminal, devpts)!;
  const file = location.inode.open(KERNEL_CALLER, O_RDWR, location) as File;
  file.references = pipes.length;
  return { files: [file, file, file], pipes, terminal };
}

export interface Command {
  readonly argv: readonly string[];
  /** "NAME=value". */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly credentials: Credentials;
}

/** argv of the first process. */
export function argumentsOf({ argv, image }: MachineOptions): readonly string[] {
  const config = image?.config ?? {};
  return argv ?? [...(config.entrypoint ?? []), ...(config.cmd ?? [])];
}

/** What the options ask for, with the image's configuration as default. Throws NeedPage. */
export function commandOf(kernel: Kernel, options: MachineOptions): Command {
  const { image, env = {}, cwd, user } = options;
  const config = image?.config ?? {};
  const merged = new Map<string, string>();
  for (const entry of config.env ?? []) merged.set(entry.split("=", 1)[0], entry);
  for (const [name, value] of Object.entries(env)) merged.set(name, `${name}=${value}`);
  return {
    argv: argumentsOf(options),
    env: [...merged.values()],
    cwd: cwd || config.workdir || "/",
    credentials: resolveUser(kernel, user || config.user || "0:0"),
  };
}

/** Makes the process that `command` will run in, without a program yet. */
export function makeFirstProcess(
  kernel: Kernel,
  command: Command,
  streams: StandardStreams,
  limits: MachineLimits,
  group?: ProcessGroup,
): Thread {
  const pidNamespace = kernel.pids.root;
  const pid = kernel.pids.allocate(pidNamespace).number;
  const resources = ResourceLimits.defaults({ [RLIMIT_NOFILE]: limits.files, [RLIMIT_NPROC]: limits.processes });
  const process = new Process({
    kernel,
    pid,
    pidNamespace,
    ppid: 1,
    pgid: group?.pgid ?? pid,
    sid: group?.sid ?? pid,
    memory: new AddressSpace(kernel.physical, kernel.owner, resources),
    handlers: new SignalHandlers(),
    limits: resources,
    exitSignal: SIGCHLD,
    startTime: kernel.clock.now(),
  });
  const files = new Descriptors();
  const root = kernel.vfs.rootLocation;
  const t = new Thread(process, pid, {
    credentials: command.credentials,
    files,
    fs: new FsContext(root, directoryAt(kernel.vfs, fromText(command.cwd), 0o755)),
    name: "binlet",
  });
  if (streams.terminal !== null) setTerminal(process, streams.terminal);
  for (const stream of streams.files) {
    // Opening /dev/stdout anew takes permission.
    stream.inode.uid = command.credentials.uid;
    if (streams.terminal === null) stream.inode.gid = command.credentials.gid;
    stream.references++;
    files.install(stream, false, streams.files.length);
  }
  process.leader = t;
  process.threads.set(pid, t);
  kernel.processes.set(pid, process);
  kernel.threads.set(pid, t);
  kernel.stats.processes++;
  kernel.init = process;
  return t;
}

const encoder = new TextEncoder();

/** Loads the program of `command` into `t`. Throws Errno, and NeedPage when the image's pages are not here yet. */
export function startProgram(t: Thread, command: Command): void {
  const { kernel } = t;
  const path = findProgram(t, command);
  const location = kernel.vfs.lookup(t, t.fs, t.fs.cwd, fromText(path));
  execute(t, { location, path: encoder.encode(path), argv: encodeAll(command.argv), envp: encodeAll(command.env) });
  kernel.trace?.begin(t, path, command.argv, command.env.length);
  kernel.scheduler.enqueue(t);
}

/** Encodes them with one call of the engine's encoder, where each costs. Their bytes are parts of one array. */
function encodeAll(texts: readonly string[]): Uint8Array[] {
  if (texts.some((text) => text.includes("\0"))) return texts.map((text) => encoder.encode(text));
  const all = encoder.encode(`${texts.join("\0")}\0`);
  const parts: Uint8Array[] = [];
  for (let start = 0; parts.length < texts.length; ) {
    const end = all.indexOf(0, start);
    parts.push(all.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** As execvp(3): a name without a slash is looked up in PATH. */
function findProgram(t: Thread, { argv, env }: Command): string {
  const [name] = argv;
  if (name === undefined || name === "") throw new Errno(ENOENT);
  if (name.includes("/")) return name;
  const path = env.find((entry) => entry.startsWith("PATH="))?.slice(5) ?? DEFAULT_PATH;
  let failure = ENOENT;
  for (const directory of path.split(":")) {
    const candidate = `${directory || "."}/${name}`;
    try {
      const { inode } = t.kernel.vfs.lookup(t, t.fs, t.fs.cwd, fromText(candidate));
      if (isDirectory(inode.mode) || (inode.mode & 0o111) === 0) failure = EACCES;
      else return candidate;
    } catch (error) {
      if (error instanceof NeedPage) throw error;
      if (!(error instanceof Errno)) throw error;
      if (![ENOENT, ENOTDIR, EACCES, ENOEXEC].includes(error.errno)) throw error;
      if (error.errno === EACCES) failure = EACCES;
    }
  }
  throw new Errno(failure);
}
