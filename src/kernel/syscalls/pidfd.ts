/** Processes by descriptor: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2). */
import { EAGAIN, EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import { O_NONBLOCK } from "../../abi/fcntl.ts";
import { decodeSignalInfo } from "../../abi/siginfo.ts";
import { NSIG, SI_TKILL, SIGINFO_SIZE } from "../../abi/signal.ts";
import { Block } from "../../wait/queue.ts";
import { canSee, processOf, threadOf } from "../lookup.ts";
import { PidFile, pidFile, signalTarget } from "../pidfd.ts";
import { mayInspect } from "../ptrace-access.ts";
import { RemotePidFile } from "../remote-pidfd.ts";
import { elsewhere } from "../remote-process.ts";
import { signalAnswer, signalElsewhere } from "../remote-signal.ts";
import { maySignal, sendToProcess, userInfo } from "../signal/send.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

function pidfdOpen(t: Thread, pid: number, flags: number): number | Block {
  if (flags & ~O_NONBLOCK || pid <= 0) return -EINVAL;
  const process = processOf(t, pid);
  // A thread that is not the first of its group is none.
  if (process === undefined && threadOf(t, pid)) return -EINVAL;
  if (process === undefined) {
    const found = elsewhere(t, pid);
    if (found instanceof Block) return found;
    if (found === null || found.pid !== pid) return found === null ? -ESRCH : -EINVAL;
  }
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const file = process === undefined ? new RemotePidFile(t, pid, flags) : new PidFile(t, process, flags);
  return t.files.install(file, true, limit);
}

function pidfdSendSignal(t: Thread, fd: number, signal: number, info: number, flags: number): number | Block {
  if (flags !== 0) return -EINVAL;
  const answer = signalAnswer(t);
  if (answer !== null) return answer;
  const remote = t.files.file(fd);
  if (remote instanceof RemotePidFile) return signalRemote(t, remote, signal, info);
  const file = signalTarget(t, fd);
  const { process } = file;
  if (!canSee(t.process, process)) return -EINVAL;
  if (signal < 0 || signal > NSIG) return -EINVAL;
  let given = userInfo(t, signal);
  if (info !== 0) {
    if (t.user.i32(info) !== signal) return -EINVAL;
    given = decodeSignalInfo(signal, t.user.read(info, SIGINFO_SIZE));
    // Only to itself may it look as if the kernel or kill(2) had sent it.
    if ((given.code >= 0 || given.code === SI_TKILL) && t.process !== process) return -EPERM;
  }
  if (file.reaped) return -ESRCH;
  if (!maySignal(t, process, signal)) return -EPERM;
  if (signal === 0) return 0;
  return sendToProcess(process, given) ? 0 : -EAGAIN;
}

/** To a process of another machine, which could not be told from one that the kernel or kill(2) sent. */
function signalRemote(t: Thread, { pid, reaped }: RemotePidFile, signal: number, info: number): number | Block {
  if (signal < 0 || signal > NSIG) return -EINVAL;
  if (info === 0) return reaped ? -ESRCH : signalElsewhere(t, { type: "process", id: pid }, signal);
  if (t.user.i32(info) !== signal) return -EINVAL;
  const given = decodeSignalInfo(signal, t.user.read(info, SIGINFO_SIZE));
  if (given.code >= 0 || given.code === SI_TKILL) return -EPERM;
  if (reaped) return -ESRCH;
  return signalElsewhere(t, { type: "process", id: pid }, signal, given);
}

function pidfdGetfd(t: Thread, fd: number, target: number, flags: number): number {
  if (flags !== 0) return -EINVAL;
  const remote = t.files.file(fd);
  // Descriptors stay in their machine.
  if (remote instanceof RemotePidFile) return remote.reaped ? -ESRCH : -EPERM;
  const { process } = pidFile(t, fd);
  if (process.zombie) return -ESRCH;
  if (!mayInspect(t, process)) return -EPERM;
  const file = process.files.file(target);
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  file.references++;
  return t.files.install(file, true, limit);
}

export const rows: readonly SyscallRow[] = [
  call(424, "pidfd_send_signal", "fd signal siginfo uint", pidfdSendSignal),
  call(434, "pidfd_open", "pid uint", pidfdOpen),
  call(438, "pidfd_getfd", "fd fd uint", pidfdGetfd),
];
