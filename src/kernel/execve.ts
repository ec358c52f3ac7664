/** execve(2): the new program is loaded whole before anything of the old one goes (kernel/exec, fs/exec.c). */
import { CAP_IPC_LOCK } from "../abi/capability.ts";
import { EAGAIN, Errno } from "../abi/errno.ts";
import { R_OK } from "../abi/fcntl.ts";
import { READ_IMPLIES_EXEC } from "../abi/personality.ts";
import { SECBIT_KEEP_CAPS } from "../abi/prctl.ts";
import { SIGCHLD } from "../abi/signal.ts";
import { S_ISGID, S_ISUID } from "../abi/stat.ts";
import { MS_NOSUID } from "../abi/statfs.ts";
import { type Location, locationPath } from "../fs/mount.ts";
import { byteString } from "../fs/name.ts";
import { permits } from "../fs/permission.ts";
import { cpuidLeaves } from "../isa/cpuid.ts";
import { afterExec, capable, isSubset } from "./capabilities.ts";
import { type Credentials, gainsOrChanges } from "./credentials.ts";
import { Executable } from "./exec/executable.ts";
import { type LoadedProgram, load } from "./exec/load.ts";
import { endSiblings, releaseThreadMemory, releaseVforkParent } from "./exit.ts";
import { capabilitiesOfProgram } from "./file-capabilities.ts";
import { hasTooManyProcesses } from "./limits-of-user.ts";
import { enterTime } from "./namespaces.ts";
import { resetFpState } from "./signal/frame.ts";
import type { Thread } from "./task.ts";
import { fromKernel, toKernel } from "./user-namespace.ts";

export interface ExecArguments {
  /** What is to be executed, and the path it was called by. */
  readonly location: Location;
  readonly path: Uint8Array;
  /** The path leads through a descriptor that exec closes: a script could not be read by its interpreter. */
  readonly pathCloses?: boolean;
  readonly argv: readonly Uint8Array[];
  readonly envp: readonly Uint8Array[];
}

/** Permission of the group to execute. */
const S_IXGRP = 0o010;
/** AT_HWCAP: EDX of CPUID leaf 1. */
const HARDWARE = cpuidLeaves().find(({ leaf }) => leaf === 1)!.edx;
/** RFLAGS of a new program: interrupts on, nothing else. */
const INITIAL_FLAGS = 0x202;
const SLASH = 0x2f;
/** Longest command name, without the NUL. */
const NAME_LENGTH = 15;

/**
 * Replaces the program of `t`, whose registers are loaded (or whose process is new). Throws Errno or NeedPage with nothing
 * changed.
 */
export function execute(t: Thread, { location, path, pathCloses, argv, envp }: ExecArguments): void {
  const { kernel, process } = t;
  if (process.exceedsProcessLimit && hasTooManyProcesses(t)) throw new Errno(EAGAIN);
  process.exceedsProcessLimit = false;
  const opened: Executable[] = [];
  const open = (at: Location): Executable => {
    const file = Executable.open(t, at);
    opened.push(file);
    return file;
  };
  const request = {
    frames: kernel.physical,
    owner: kernel.owner,
    limits: t.process.limits,
    program: open(location),
    path,
    pathCloses,
    argv,
    envp,
    open: (interpreter: string) => open(kernel.vfs.lookup(t, t.fs, t.fs.cwd, interpreter)),
    identity: (program: Executable) => {
      const { credentials, secure } = identityAfter(t, program.location);
      const { uid, euid, gid, egid } = credentials;
      return { uid, euid, gid, egid, secure };
    },
    hardware: HARDWARE,
    random: (into: Uint8Array) => kernel.host.random(into),
  };
  let loaded: LoadedProgram<Executable>;
  try {
    loaded = load(request);
  } catch (error) {
    // What has to wait begins anew.
    if (error instanceof Errno) tell(opened, []);
    throw error;
  }
  const { program } = loaded;
  program.linker = opened[opened.indexOf(program) + 1] ?? null;
  tell(opened, [program, program.linker]);
  commit(t, loaded, path);
}

/** To those who watch the files that exec has opened; those that stay open are closed when the program ends. */
function tell(opened: readonly Executable[], stay: readonly (Executable | null)[]): void {
  for (const file of opened) file.tellOpened();
  for (const file of opened) if (!stay.includes(file)) file.tellClosed();
}

/** Who runs the program, and whether it has more rights than the one who starts it (AT_SECURE). */
interface ExecIdentity {
  readonly credentials: Credentials;
  readonly secure: boolean;
}

/**
 * After the set-user-ID and set-group-ID bits and the capabilities of the program (execve(2), bprm_creds_from_file). Throws
 * EPERM, EINVAL.
 */
function identityAfter(t: Thread, { inode, mount }: Location): ExecIdentity {
  const before = t.credentials;
  let { euid, egid } = before;
  const { uids, gids } = before.userNamespace;
  const { noNewPrivileges } = t.process;
  const trusted = (mount.flags & MS_NOSUID) === 0;
  // Nor for owners that have no id in the caller's user namespace.
  const known = fromKernel(uids, inode.uid) >= 0 && fromKernel(gids, inode.gid) >= 0;
  if (trusted && !noNewPrivileges && known) {
    if (inode.mode & S_ISUID) euid = inode.uid;
    if ((inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)) egid = inode.gid;
  }
  const { uid, gid } = before;
  const changed = euid !== before.euid || (egid !== before.egid && !before.groups.includes(egid));
  const file = trusted ? capabilitiesOfProgram(t, inode) : null;
  const { capabilities, grants, gains } = afterExec(before, euid, file, changed, noNewPrivileges);
  // Who may gain nothing and would have: not even the effective ids are kept.
  if (noNewPrivileges && gains) [euid, egid] = [uid, gid];
  const isMore = grants || !isSubset(capabilities.permitted, capabilities.ambient);
  const secure = changed || uid !== euid || gid !== egid || (uid !== toKernel(uids, 0) && isMore);
  const ids = { euid, suid: euid, fsuid: euid, egid, sgid: egid, fsgid: egid };
  const securebits = before.securebits & ~SECBIT_KEEP_CAPS;
  return { credentials: { ...before, ...ids, capabilities, securebits }, secure };
}

/** From here on nothing can fail. */
function commit(t: Thread, { space, program, entry, stackPointer }: LoadedProgram<Executable>, path: Uint8Array): void {
  const p = t.process;
  const before = t.credentials;
  endSiblings(t);
  becomeLeader(t);
  // As when a thread ends: robust mutexes and the word of CLONE_CHILD_CLEARTID are in the old memory.
  releaseThreadMemory(t);
  t.robustList = t.clearChildTid = 0;
  t.rseq = null;
  t.userDispatch = null;

  const old = p.memory;
  p.memory = space;
  old.release();
  releaseVforkParent(p);
  t.namespaces = enterTime(t.namespaces);

  const { credentials, secure } = identityAfter(t, program.location);
  t.credentials = credentials;
  const privileged = gainsOrChanges(before, t.credentials);
  const readable = permits(t, program.location.inode, R_OK);
  const hadOtherIds = before.uid !== before.euid || before.gid !== before.egid;
  p.dumpable = privileged || hadOtherIds || !readable ? 0 : 1;
  if (privileged || secure) p.parentDeathSignal = 0;
  space.mayLock = capable(t.credentials, CAP_IPC_LOCK);

  // A 64-bit program says by its own headers what is executable (set_personality_64bit).
  p.personality &= ~READ_IMPLIES_EXEC;
  p.handlers = p.handlers.afterExec();
  p.posixTimers.clear();
  p.exitSignal = SIGCHLD;
  p.hasExecuted = true;
  t.altStack = { address: 0, size: 0, flags: t.altStack.flags };
  if (t.files.references > 1) {
    const own = t.files.copy();
    t.files.drop();
    t.files = own;
  }
  t.files.exec();

  // A script keeps its own name, while /proc/self/exe is the interpreter.
  t.name = byteString(path.subarray(path.lastIndexOf(SLASH) + 1)).slice(0, NAME_LENGTH);
  p.executable = locationPath(program.location);
  p.executableLocation = program.location;
  setRegisters(t, entry, stackPointer);
}

/** The thread that calls exec takes the place of the leader, its tid included. */
function becomeLeader(t: Thread): void {
  const { process: p, kernel } = t;
  if (p.leader === t) return;
  p.threads.delete(t.tid);
  kernel.threads.delete(t.tid);
  kernel.pids.free(t.tid);
  t.tid = p.pid;
  p.leader = t;
  p.threads.set(t.tid, t);
  kernel.threads.set(t.tid, t);
}

/** All registers 0 but RIP, RSP and the flags. */
function setRegisters(t: Thread, entry: number, stackPointer: number): void {
  const { kernel } = t;
  const { registers } = kernel;
  if (kernel.current !== t) kernel.processor.load(t);
  registers.clear();
  t.process.memory.activate();
  resetFpState(registers);
  registers.flags = INITIAL_FLAGS;
  registers.rip = entry;
  registers.rsp = stackPointer;
}
