/** seccomp(2), also as prctl(2) has it. */
import { BPF_INSTRUCTION_SIZE, BPF_MAXINSNS } from "../../abi/bpf.ts";
import { CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EACCES, EBUSY, EINVAL, ENOMEM, EOPNOTSUPP, ESRCH } from "../../abi/errno.ts";
import * as abi from "../../abi/seccomp.ts";
import { BpfProgram } from "../../net/bpf.ts";
import { seccompLength } from "../../net/bpf-length.ts";
import { capableInside } from "../capabilities.ts";
import type { Kernel } from "../kernel.ts";
import { localPid } from "../lookup.ts";
import { SECCOMP_DATA, type Seccomp } from "../seccomp.ts";
import { Listener, ListenerFile, listenerOf } from "../seccomp-notify.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

const ACTIONS: readonly number[] = [
  abi.SECCOMP_RET_KILL_PROCESS,
  abi.SECCOMP_RET_KILL_THREAD,
  abi.SECCOMP_RET_TRAP,
  abi.SECCOMP_RET_ERRNO,
  abi.SECCOMP_RET_USER_NOTIF,
  abi.SECCOMP_RET_TRACE,
  abi.SECCOMP_RET_LOG,
  abi.SECCOMP_RET_ALLOW,
];
const FLAGS =
  abi.SECCOMP_FILTER_FLAG_TSYNC |
  abi.SECCOMP_FILTER_FLAG_LOG |
  abi.SECCOMP_FILTER_FLAG_SPEC_ALLOW |
  abi.SECCOMP_FILTER_FLAG_NEW_LISTENER |
  abi.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |
  abi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH;

export function seccomp(t: Thread, operation: number, flags: number, address: number): number {
  switch (operation) {
    case abi.SECCOMP_SET_MODE_STRICT:
      if (flags !== 0 || address !== 0 || t.seccomp !== null) return -EINVAL;
      t.seccomp = { mode: abi.SECCOMP_MODE_STRICT, program: null, logs: false, listener: null, previous: null };
      return 0;
    case abi.SECCOMP_SET_MODE_FILTER:
      return install(t, flags, address);
    case abi.SECCOMP_GET_ACTION_AVAIL:
      if (flags !== 0) return -EINVAL;
      return ACTIONS.includes(t.user.i32(address)) ? 0 : -EOPNOTSUPP;
    case abi.SECCOMP_GET_NOTIF_SIZES:
      if (flags !== 0) return -EINVAL;
      return notificationSizes(t, address);
    default:
      return -EINVAL;
  }
}

/** struct seccomp_notif_sizes: three 16-bit numbers. */
function notificationSizes(t: Thread, address: number): number {
  const sizes = Uint16Array.of(abi.SECCOMP_NOTIF_SIZE, abi.SECCOMP_NOTIF_RESP_SIZE, abi.SECCOMP_DATA_SIZE);
  t.user.copyOut(address, new Uint8Array(sizes.buffer));
  return 0;
}

/** MAX_INSNS_PER_PATH, and what a filter counts for beside its instructions (kernel/seccomp.c). */
const MOST_INSTRUCTIONS = 32768;
const FILTER_COST = 4;

/** `address`: struct sock_fprog { u16 length; struct sock_filter *filter; }. */
function install(t: Thread, flags: number, address: number): number {
  if (flags & ~FLAGS) {
    t.kernel.logOnce("warn", `seccomp: flags 0x${flags.toString(16)} are missing: EINVAL`);
    return -EINVAL;
  }
  const listens = (flags & abi.SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  const waitsKillable = (flags & abi.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0;
  const synchronises = (flags & abi.SECCOMP_FILTER_FLAG_TSYNC) !== 0;
  // Which of the two the result is could not be told.
  if (listens && synchronises && (flags & abi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH) === 0) return -EINVAL;
  if (waitsKillable && !listens) return -EINVAL;
  const count = t.user.u16(address);
  const filter = t.user.u64(address + 8);
  if (count === 0 || count > BPF_MAXINSNS) return -EINVAL;
  if (!t.process.noNewPrivileges && !capableInside(t.credentials, CAP_SYS_ADMIN)) return -EACCES;
  if (filter === 0) return -EINVAL;
  const program = new BpfProgram(t.user.read(filter, count * BPF_INSTRUCTION_SIZE), SECCOMP_DATA);
  const previous = t.seccomp;
  if (previous?.mode === abi.SECCOMP_MODE_STRICT) return -EINVAL;
  const logs = (flags & abi.SECCOMP_FILTER_FLAG_LOG) !== 0;
  const { kernel, files } = t;
  const limit = t.process.limits.openFiles;
  if (listens) files.reserve(1, limit);
  if (listens && listenerOf(previous) !== null) return -EBUSY;
  if (seccompLength(program.bytes) + lengthOf(previous) > MOST_INSTRUCTIONS) return -ENOMEM;
  const listener = listens ? new Listener(waitsKillable, firstId(kernel)) : null;
  const filters: Seccomp = { mode: abi.SECCOMP_MODE_FILTER, program, logs, listener, previous };
  if (synchronises) {
    for (const other of t.process.threads.values()) {
      if (isAncestor(other.seccomp, previous)) continue;
      return flags & abi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : localPid(t.process, other.tid);
    }
    for (const other of t.process.threads.values()) other.seccomp = filters;
  }
  t.seccomp = filters;
  if (listener === null) return 0;
  return files.install(new ListenerFile(kernel, kernel.vfs.anonymous.others.inode(0o600), listener), true, limit);
}

/** Instructions that a system call runs through (seccomp_attach_filter), each filter costing some of its own. */
function lengthOf(filters: Seccomp | null): number {
  let length = 0;
  for (let at = filters; at !== null; at = at.previous) {
    length += seccompLength(at.program!.bytes) + FILTER_COST;
  }
  return length;
}

/** Ids begin anywhere, so that nobody takes them for small numbers. */
function firstId({ host }: Kernel): number {
  const bytes = new Uint32Array(1);
  host.random(new Uint8Array(bytes.buffer));
  return bytes[0] * 65536;
}

/** What `other` has is a part of `own`. */
function isAncestor(other: Seccomp | null, own: Seccomp | null): boolean {
  if (other === null) return true;
  for (let at = own; at !== null; at = at.previous) if (at === other) return true;
  return false;
}

export const rows: readonly SyscallRow[] = [call(317, "seccomp", "uint uint ptr", seccomp)];
