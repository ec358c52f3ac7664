/** fcntl(2) and flock(2). */

import { CAP_LEASE } from "../../abi/capability.ts";
import {
  EACCES,
  EAGAIN,
  EBADF,
  EBUSY,
  EDEADLK,
  EINVAL,
  ENOLCK,
  EOVERFLOW,
  EPERM,
  Errno,
  ESRCH,
} from "../../abi/errno.ts";
import {
  F_ADD_SEALS,
  F_CREATED_QUERY,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_DUPFD_QUERY,
  F_GET_RW_HINT,
  F_GET_SEALS,
  F_GETFD,
  F_GETFL,
  F_GETLEASE,
  F_GETLK,
  F_GETOWN,
  F_GETOWN_EX,
  F_GETPIPE_SZ,
  F_GETSIG,
  F_NOTIFY,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_OWNER_PGRP,
  F_OWNER_PID,
  F_OWNER_TID,
  F_RDLCK,
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  F_SET_RW_HINT,
  F_SETFD,
  F_SETFL,
  F_SETLEASE,
  F_SETLK,
  F_SETLKW,
  F_SETOWN,
  F_SETOWN_EX,
  F_SETPIPE_SZ,
  F_SETSIG,
  F_UNLCK,
  F_WRLCK,
  FD_CLOEXEC,
  LOCK_EX,
  LOCK_MAND,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  O_APPEND,
  O_ASYNC,
  O_DIRECT,
  O_NOATIME,
  O_PATH,
  O_SETTABLE,
  RWH_WRITE_LIFE_EXTREME,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
} from "../../abi/fcntl.ts";
import { POLL_MSG } from "../../abi/poll.ts";
import { NSIG } from "../../abi/signal.ts";
import { isRegular } from "../../abi/stat.ts";
import type { File } from "../../fs/file.ts";
import { Overlay } from "../../fs/image/overlay.ts";
import { Leases, mayLease } from "../../fs/leases.ts";
import { AdvisoryLocks, lockType, type RecordLock } from "../../fs/locks.ts";
import { owns } from "../../fs/permission.ts";
import { TmpFile } from "../../fs/tmpfs/file.ts";
import { isMappedWritable } from "../../memory/reverse-map.ts";
import { Block } from "../../wait/queue.ts";
import { notifyDirectory } from "../directory-notice.ts";
import { globalPid, localPid } from "../lookup.ts";
import { setAsynchronous, signalReady } from "../owner-signal.ts";
import type { Thread } from "../task.ts";
import { fileOf } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

function duplicate(t: Thread, file: File, minimum: number, closeOnExec: boolean): number {
  const limit = t.process.limits.openFiles;
  if (minimum < 0 || minimum >= limit) return -EINVAL;
  const fd = t.files.install(file, closeOnExec, limit, minimum);
  file.references++;
  return fd;
}

function setFlags(t: Thread, file: File, flags: number): number {
  const changed = (file.flags ^ flags) & O_SETTABLE;
  if (changed & O_NOATIME && flags & O_NOATIME && !owns(t, file.inode)) return -EPERM;
  if (changed & O_DIRECT && flags & O_DIRECT && !file.takesDirect) return -EINVAL;
  const appendOnly = file.inode instanceof TmpFile && file.inode.seals & F_SEAL_WRITE;
  if (changed & O_APPEND && !(flags & O_APPEND) && appendOnly) return -EPERM;
  const result = file.setFlags((file.flags & ~O_SETTABLE) | (flags & O_SETTABLE));
  if (changed & O_ASYNC && result === 0) setAsynchronous(t.kernel, file, (flags & O_ASYNC) !== 0);
  return result;
}

// Record locks

const FLOCK_BYTES = 32;
/** Most record locks on a file. */
const LOCK_LIMIT = 4096;

/** struct flock { i16 type, whence; i64 start, len; i32 pid; }, made absolute. */
function readFlock(t: Thread, file: File, address: number, open: boolean): { lock: RecordLock; type: number } {
  const view = new DataView(t.user.read(address, FLOCK_BYTES).buffer);
  const type = view.getInt16(0, true);
  const whence = view.getInt16(2, true);
  const i64 = (at: number) => view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
  const length = i64(16);
  if (![F_RDLCK, F_WRLCK, F_UNLCK].includes(type)) throw new Errno(EINVAL);
  if (open && view.getInt32(24, true) !== 0) throw new Errno(EINVAL);
  let start = i64(8);
  if (whence === SEEK_CUR) start += file.offset;
  else if (whence === SEEK_END) start += file.inode.size;
  else if (whence !== SEEK_SET) throw new Errno(EINVAL);
  let end = length === 0 ? Number.POSITIVE_INFINITY : start + length;
  if (length < 0) [start, end] = [start + length, start];
  if (start < 0) throw new Errno(EINVAL);
  if (end !== Number.POSITIVE_INFINITY && end > 2 ** 63) throw new Errno(EOVERFLOW);
  const owner = open ? file : t.files;
  return { type, lock: { owner, file, pid: open ? -1 : t.pid, exclusive: type === F_WRLCK, start, end } };
}

/** F_GETLK: what would be in the way, or F_UNLCK. */
function getLock(t: Thread, file: File, address: number, open: boolean): number {
  const { lock, type } = readFlock(t, file, address, open);
  if (type === F_UNLCK && !open) return -EINVAL;
  const held = file.inode.locks?.conflict(lock) ?? null;
  t.user.setU16(address, lockType(held));
  if (!held) return 0;
  t.user.setU16(address + 2, SEEK_SET);
  t.user.setU64(address + 8, held.start);
  t.user.setU64(address + 16, held.end === Number.POSITIVE_INFINITY ? 0 : held.end - held.start);
  t.user.setU32(address + 24, held.pid < 0 ? held.pid : localPid(t.process, held.pid));
  return 0;
}

function setLock(t: Thread, file: File, address: number, open: boolean, waits: boolean): number | Block {
  const { lock, type } = readFlock(t, file, address, open);
  if (type === F_RDLCK && !file.readable) return -EBADF;
  if (type === F_WRLCK && !file.writable) return -EBADF;
  const locks = (file.inode.locks ??= new AdvisoryLocks());
  const { lockWaits } = t.kernel.vfs;
  lockWaits.end(lock.owner);
  if (type === F_UNLCK) {
    locks.set(lock, true);
    return 0;
  }
  if (!locks.conflict(lock)) {
    if (locks.records.length >= LOCK_LIMIT) return -ENOLCK;
    locks.set(lock, false);
    return 0;
  }
  if (!waits) return -EAGAIN;
  if (!open && lockWaits.wouldDeadlock(locks, lock)) return -EDEADLK;
  if (!t.interrupted) lockWaits.begin(locks, lock);
  return new Block([locks.released]);
}

const flock: Handler = (t, fd, operation) => {
  // What mandatory locks were.
  if (operation & LOCK_MAND) return 0;
  const kind = operation & ~LOCK_NB;
  if (kind !== LOCK_UN && kind !== LOCK_SH && kind !== LOCK_EX) return -EINVAL;
  const file = fileOf(t, fd);
  const locks = (file.inode.locks ??= new AdvisoryLocks());
  if (kind === LOCK_UN) {
    locks.unflock(file);
    return 0;
  }
  if (locks.flock(file, kind === LOCK_EX)) return 0;
  return operation & LOCK_NB ? -EAGAIN : new Block([locks.released]);
};

// Owner and seals

/** Whether a thread, process or process group has the number. */
function isInUse({ kernel }: Thread, id: number): boolean {
  if (kernel.processes.has(id) || kernel.threads.has(id)) return true;
  for (const p of kernel.processes.values()) if (p.pgid === id) return true;
  return false;
}

/** F_SETOWN: a process, a group (negative), or nobody. */
export function setOwner(t: Thread, file: File, id: number): number {
  if (id === -(2 ** 31)) return -EINVAL;
  const owner = id === 0 ? 0 : globalPid(t.process, Math.abs(id));
  if (id !== 0 && !isInUse(t, owner)) return -ESRCH;
  file.owner = id < 0 ? -owner : owner;
  file.ownerType = id < 0 ? F_OWNER_PGRP : F_OWNER_PID;
  file.ownerUser = { uid: t.credentials.uid, euid: t.credentials.euid };
  return 0;
}

/** The owner as the caller's pid namespace has it; 0 when it does not. */
export const ownerShown = (t: Thread, { owner }: File): number =>
  owner < 0 ? -localPid(t.process, -owner) : localPid(t.process, owner);

function setOwnerEx(t: Thread, file: File, address: number): number {
  const type = t.user.i32(address);
  const id = t.user.i32(address + 4);
  if (type < F_OWNER_TID || type > F_OWNER_PGRP) return -EINVAL;
  const owner = id === 0 ? 0 : globalPid(t.process, id);
  if (id !== 0 && !isInUse(t, owner)) return -ESRCH;
  file.owner = type === F_OWNER_PGRP ? -owner : owner;
  file.ownerType = type;
  file.ownerUser = { uid: t.credentials.uid, euid: t.credentials.euid };
  return 0;
}

function getOwnerEx(t: Thread, file: File, address: number): number {
  t.user.setU32(address, file.ownerType);
  t.user.setU32(address + 4, Math.abs(ownerShown(t, file)));
  return 0;
}

/** F_SETLEASE: of a regular file of one's own (generic_setlease). */
function setLease(t: Thread, file: File, type: number): number {
  const { inode } = file;
  const { kernel } = t;
  if (![F_RDLCK, F_WRLCK, F_UNLCK].includes(type)) return -EINVAL;
  if (t.fsuid !== inode.uid && !t.capable(CAP_LEASE)) return -EACCES;
  if (!isRegular(inode.mode)) return -EINVAL;
  if (type === F_UNLCK) return inode.leases?.release(file) ? 0 : -EAGAIN;
  if (!mayLease(inode, type)) return -EAGAIN;
  inode.leases ??= new Leases();
  inode.leases.set(file, { now: () => kernel.clock.now(), broken: (f) => signalReady(kernel, f, POLL_MSG) }, type);
  if (file.owner === 0) {
    file.owner = t.pid;
    file.ownerType = F_OWNER_PID;
    file.ownerUser = { uid: t.credentials.uid, euid: t.credentials.euid };
  }
  return 0;
}

/** Files of memory have seals, those of a tmpfs the one against more of them. */
function sealedInode({ inode }: File): TmpFile {
  if (!(inode instanceof TmpFile) || inode.fileSystem instanceof Overlay) throw new Errno(EINVAL);
  return inode;
}

const UNCHANGING = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

function addSeals(file: File, seals: number): number {
  if (!file.writable) return -EPERM;
  if (seals & ~0x3f) return -EINVAL;
  const inode = sealedInode(file);
  if (inode.seals & F_SEAL_SEAL) return -EPERM;
  if (seals & F_SEAL_WRITE && (inode.seals & F_SEAL_WRITE) === 0 && isMappedWritable(inode.pages)) return -EBUSY;
  // What can be executed and stays so is not to change (memfd_add_seals).
  const all = seals & F_SEAL_EXEC && inode.mode & 0o111 ? seals | UNCHANGING : seals;
  inode.seals |= all;
  return 0;
}

/** F_SET_RW_HINT: how long what is written is to live (RWH_WRITE_LIFE_*); kept, for storage that there is not. */
function setWriteHint(t: Thread, { inode }: File, address: number): number {
  if (!owns(t, inode)) return -EPERM;
  const hint = t.user.u64(address);
  if (hint > RWH_WRITE_LIFE_EXTREME) return -EINVAL;
  inode.writeHint = hint;
  return 0;
}

/** What can be asked of an O_PATH descriptor (check_fcntl_cmd). */
const FOR_PATHS = [F_CREATED_QUERY, F_DUPFD, F_DUPFD_CLOEXEC, F_DUPFD_QUERY, F_GETFD, F_SETFD, F_GETFL];

const fcntl: Handler = (t, fd, command, argument) => {
  const file = t.files.file(fd);
  const number = argument | 0;
  if (file.flags & O_PATH && !FOR_PATHS.includes(command)) return -EBADF;
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return duplicate(t, file, number, command === F_DUPFD_CLOEXEC);
    case F_GETFD:
      return t.files.closeOnExec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      t.files.setCloseOnExec(fd, (number & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.flags;
    case F_SETFL:
      return setFlags(t, file, number);
    case F_GETLK:
    case F_OFD_GETLK:
      return getLock(t, file, argument, command === F_OFD_GETLK);
    case F_SETLK:
    case F_SETLKW:
      return setLock(t, file, argument, false, command === F_SETLKW);
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return setLock(t, file, argument, true, command === F_OFD_SETLKW);
    case F_SETOWN:
      return setOwner(t, file, number);
    case F_GETOWN:
      return ownerShown(t, file);
    case F_SETOWN_EX:
      return setOwnerEx(t, file, argument);
    case F_GETOWN_EX:
      return getOwnerEx(t, file, argument);
    case F_SETSIG:
      if (number < 0 || number > NSIG) return -EINVAL;
      file.ownerSignal = number;
      return 0;
    case F_GETSIG:
      return file.ownerSignal;
    case F_SETPIPE_SZ:
      return file.resizePipe(t, argument);
    case F_GETPIPE_SZ:
      return file.pipeSize;
    case F_NOTIFY:
      return notifyDirectory(t, file, number);
    case F_SETLEASE:
      return setLease(t, file, number);
    case F_GETLEASE:
      return file.inode.leases?.type(file) ?? F_UNLCK;
    case F_DUPFD_QUERY:
      return t.files.file(number) === file ? 1 : 0;
    case F_CREATED_QUERY:
      return file.created ? 1 : 0;
    case F_GET_RW_HINT:
      t.user.setU64(argument, file.inode.writeHint);
      return 0;
    case F_SET_RW_HINT:
      return setWriteHint(t, file, argument);
    case F_ADD_SEALS:
      return addSeals(file, argument);
    case F_GET_SEALS:
      return sealedInode(file).seals;
    default:
      t.kernel.logMissing(72, `command ${command}`);
      return -EINVAL;
  }
};

export const rows: readonly SyscallRow[] = [
  call(72, "fcntl", "fd fcntl-command hex", fcntl),
  call(73, "flock", "fd lock-operation", flock),
];
