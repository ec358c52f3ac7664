/** The first process of a machine: standard streams, credentials, working directory, program. */

import { EACCES, ENOENT, ENOEXEC, ENOTDIR, Errno } from "../abi/errno.ts";
import { O_RDONLY, O_WRONLY } from "../abi/fcntl.ts";
import { RLIMIT_NOFILE, RLIMIT_NPROC } from "../abi/resource.ts";
import { SIGCHLD } from "../abi/signal.ts";
import { isDirectory } from "../abi/stat.ts";
import { FsContext } from "../fs/context.ts";
import { Descriptors } from "../fs/descriptors.ts";
import { fromText } from "../fs/name.ts";
import { PipeFile } from "../fs/pipe.ts";
import { directoryAt } from "../fs/root.ts";
import type { Vfs } from "../fs/vfs.ts";
import type { Credentials } from "../kernel/credentials.ts";
import { execute } from "../kernel/execve.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { ResourceLimits } from "../kernel/limits.ts";
import { SignalHandlers } from "../kernel/signal/actions.ts";
import { Process, Thread } from "../kernel/task.ts";
import { AddressSpace } from "../memory/address-space.ts";
import { NeedPage } from "../wait/queue.ts";
import type { MachineLimits } from "./options.ts";

/** Standard input, output and error: the guest's ends of pipes whose other ends the host has. */
export type StandardStreams = PipeFile[];

export function makeStreams(vfs: Vfs): StandardStreams {
  const open = (flags: number) => {
    const { pipe, inode } = vfs.anonymous.pipe();
    return new PipeFile(pipe, inode, flags);
  };
  return [open(O_RDONLY), open(O_WRONLY), open(O_WRONLY)];
}

export interface Command {
  readonly argv: readonly string[];
  /** "NAME=value". */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly credentials: Credentials;
}

/** Makes the process that `command` will run in, without a program yet. */
export function makeFirstProcess(
  kernel: Kernel,
  command: Command,
  streams: StandardStreams,
  limits: MachineLimits,
): Thread {
  const pidNamespace = kernel.pids.root;
  const pid = kernel.pids.allocate(pidNamespace).number;
  const resources = ResourceLimits.defaults({ [RLIMIT_NOFILE]: limits.files, [RLIMIT_NPROC]: limits.processes });
  const process = new Process({
    kernel,
    pid,
    pidNamespace,
    parent: null,
    pgid: pid,
    sid: pid,
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
  for (const stream of streams) {
    // Opening /dev/stdout anew takes permission.
    stream.inode.uid = command.credentials.uid;
    stream.inode.gid = command.credentials.gid;
    stream.references++;
    files.install(stream, false, streams.length);
  }
  process.leader = t;
  process.threads.set(pid, t);
  kernel.processes.set(pid, process);
  kernel.threads.set(pid, t);
  kernel.stats.processes++;
  kernel.init = process;
  return t;
}

/** Loads the program of `command` into `t`. Throws Errno, and NeedPage when the image's pages are not here yet. */
export function startProgram(t: Thread, command: Command): void {
  const { kernel } = t;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const path = findProgram(t, command);
  const location = kernel.vfs.lookup(t, t.fs, t.fs.cwd, fromText(path));
  execute(t, { location, path: bytes(path), argv: command.argv.map(bytes), envp: command.env.map(bytes) });
  kernel.trace?.begin(t, path, command.argv, command.env.length);
  kernel.scheduler.enqueue(t);
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
