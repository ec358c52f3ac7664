/** The mmap family. What the calls mean is in memory/; here are files, privileges and the order of errors. */
import { CAP_IPC_LOCK, CAP_SYS_NICE } from "../../abi/capability.ts";
import {
  EACCES,
  EBADF,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOMEM,
  ENOSPC,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  Errno,
  ESRCH,
} from "../../abi/errno.ts";
import { F_SEAL_FUTURE_WRITE, F_SEAL_WRITE, O_ACCMODE, O_PATH, O_RDWR } from "../../abi/fcntl.ts";
import * as mman from "../../abi/mman.ts";
import { READ_IMPLIES_EXEC } from "../../abi/personality.ts";
import { SIGKILL } from "../../abi/signal.ts";
import { MS_NOEXEC } from "../../abi/statfs.ts";
import { readForeignIovec, readIovec } from "../../fs/transfer.ts";
import type { AddressSpace } from "../../memory/address-space.ts";
import { advise, residency, synchronise } from "../../memory/advise.ts";
import { PAGE_MASK, PAGE_SIZE, TASK_SIZE_MAX } from "../../memory/layout.ts";
import { lock, lockAll, unlock, unlockAll } from "../../memory/lock.ts";
import { map, protect, setBreak, unmap } from "../../memory/mapping.ts";
import { remap } from "../../memory/remap.ts";
import { seal } from "../../memory/seal.ts";
import type { PageSource, UserMemory } from "../../memory/types.ts";
import { capable } from "../capabilities.ts";
import { exitGroup } from "../exit.ts";
import { threadOf } from "../lookup.ts";
import { pidFile } from "../pidfd.ts";
import { mayInspect } from "../ptrace-access.ts";
import type { Process, Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

/** Flags that MAP_SHARED_VALIDATE knows (LEGACY_MAP_MASK). */
const VALIDATED_FLAGS =
  mman.MAP_SHARED_VALIDATE |
  mman.MAP_FIXED |
  mman.MAP_ANONYMOUS |
  mman.MAP_32BIT |
  mman.MAP_GROWSDOWN |
  mman.MAP_DENYWRITE |
  mman.MAP_EXECUTABLE |
  mman.MAP_LOCKED |
  mman.MAP_NORESERVE |
  mman.MAP_POPULATE |
  mman.MAP_NONBLOCK |
  mman.MAP_STACK |
  mman.MAP_HUGETLB;

const ALL_RIGHTS = mman.PROT_READ | mman.PROT_WRITE | mman.PROT_EXEC;

/** The caller's address space, told what of the caller counts: CAP_IPC_LOCK, and READ_IMPLIES_EXEC of its personality. */
export function memoryOf(t: Thread): AddressSpace {
  const space = t.process.memory;
  space.readImpliesExec = (t.process.personality & READ_IMPLIES_EXEC) !== 0;
  space.mayLock = capable(t.credentials, CAP_IPC_LOCK);
  return space;
}

function mmap(t: Thread, address: number, length: number, prot: number, flags: number, fd: number, offset: number) {
  const space = memoryOf(t);
  if (offset & PAGE_MASK) throw new Errno(EINVAL);
  if (flags & mman.MAP_ANONYMOUS) {
    if (flags & mman.MAP_HUGETLB) throw new Errno(ENOMEM); // none are reserved
    lockable(space, flags);
    return map(space, { address, length, prot, flags, source: null, offset: 0 });
  }
  const file = t.files.file(fd);
  if (file.flags & O_PATH) throw new Errno(EBADF);
  if (length === 0 || flags & mman.MAP_HUGETLB) throw new Errno(EINVAL);
  lockable(space, flags);
  if (offset < 0 || offset + length > 2 ** 63 - PAGE_SIZE) throw new Errno(EOVERFLOW);
  const type = flags & mman.MAP_TYPE;
  if (type === mman.MAP_SHARED_VALIDATE && flags & ~VALIDATED_FLAGS) throw new Errno(EOPNOTSUPP);
  let maxProt = ALL_RIGHTS;
  if (type === mman.MAP_SHARED || type === mman.MAP_SHARED_VALIDATE) {
    if (prot & mman.PROT_WRITE && !file.writable) throw new Errno(EACCES);
    if ((file.flags & O_ACCMODE) !== O_RDWR) maxProt &= ~mman.PROT_WRITE;
  } else if (type !== mman.MAP_PRIVATE) throw new Errno(EINVAL);
  if (!file.readable) throw new Errno(EACCES);
  if (file.location !== null && file.location.mount.flags & MS_NOEXEC) {
    if (prot & mman.PROT_EXEC) throw new Errno(EPERM);
    maxProt &= ~mman.PROT_EXEC;
  }
  if (file.mapsZeroes) {
    return map(space, { address, length, prot, flags: flags | mman.MAP_ANONYMOUS, source: null, offset: 0, maxProt });
  }
  const { seals } = file.inode;
  if (seals !== 0 && type !== mman.MAP_PRIVATE && seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
    if (prot & mman.PROT_WRITE) throw new Errno(EPERM);
    maxProt &= ~mman.PROT_WRITE;
  }
  const source = file.mapping();
  if (typeof source === "number") throw new Errno(source === 0 ? ENODEV : -source);
  return map(space, { address, length, prot, flags, source, offset, maxProt });
}

/** MAP_LOCKED needs the right to lock at all (can_do_mlock). */
function lockable(space: AddressSpace, flags: number): void {
  if (flags & mman.MAP_LOCKED && space.lockLimit === 0) throw new Errno(EPERM);
}

function munmap(t: Thread, address: number, length: number): number {
  unmap(t.process.memory, address, length);
  return 0;
}

function mprotect(t: Thread, address: number, length: number, prot: number): number {
  protect(memoryOf(t), address, length, prot);
  return 0;
}

/** There are no protection keys (CPUID has no PKU): only key -1, which is mprotect. */
function pkeyMprotect(t: Thread, address: number, length: number, prot: number, key: number): number {
  if (key !== -1) throw new Errno(EINVAL);
  return mprotect(t, address, length, prot);
}

function pkeyAlloc(_t: Thread, flags: number, rights: number): number {
  throw new Errno(flags !== 0 || rights > 3 ? EINVAL : ENOSPC);
}

function pkeyFree(): number {
  throw new Errno(EINVAL);
}

function brk(t: Thread, address: number): number {
  return setBreak(memoryOf(t), address);
}

function mremap(t: Thread, address: number, old: number, length: number, flags: number, target: number): number {
  return remap(memoryOf(t), address, old, length, flags, target);
}

function madvise(t: Thread, address: number, length: number, advice: number): number {
  advise(t.process.memory, address, length, advice);
  return 0;
}

/** Advice that one process may give to another (process_madvise_remote_valid). */
const REMOTE_ADVICE = [mman.MADV_COLD, mman.MADV_PAGEOUT, mman.MADV_WILLNEED, mman.MADV_COLLAPSE];

/** process_madvise(2): bytes advised, up to the first range that fails. */
function processMadvise(t: Thread, fd: number, list: number, count: number, advice: number, flags: number): number {
  if (flags !== 0) return -EINVAL;
  const ranges = readIovec(t.user, list, count);
  const file = pidFile(t, fd);
  const { process } = file;
  if (file.reaped || process.zombie) return -ESRCH;
  if (!mayInspect(t, process)) return -EACCES;
  if (process.memory !== t.process.memory) {
    if (!REMOTE_ADVICE.includes(advice)) return -EINVAL;
    if (!capable(t.credentials, CAP_SYS_NICE)) return -EPERM;
  }
  let advised = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    try {
      advise(process.memory, ranges[i], ranges[i + 1], advice);
    } catch (error) {
      if (error instanceof Errno && advised > 0) return advised;
      throw error;
    }
    advised += ranges[i + 1];
  }
  return advised;
}

/** process_mrelease(2): a process that a SIGKILL is on its way to ends now, and with it its memory. */
function processMrelease(t: Thread, fd: number, flags: number): number {
  if (flags !== 0) return -EINVAL;
  const { process } = pidFile(t, fd);
  if (process.zombie) return -ESRCH;
  const dying = [process, ...process.threads.values()].some(({ pending }) => pending.set.has(SIGKILL));
  if (!dying) return -EINVAL;
  exitGroup(process.leader, SIGKILL);
  return 0;
}

function mseal(t: Thread, address: number, length: number, flags: number): number {
  seal(t.process.memory, address, length, flags);
  return 0;
}

function msync(t: Thread, address: number, length: number, flags: number): number {
  synchronise(t.process.memory, address, length, flags);
  return 0;
}

function mincore(t: Thread, address: number, length: number, vector: number): number {
  const { memory } = t.process;
  const bytes = residency(memory, address, length);
  if (vector > TASK_SIZE_MAX) return -EFAULT;
  memory.user.copyOut(vector, bytes);
  return 0;
}

function mlock(t: Thread, address: number, length: number): number {
  lock(memoryOf(t), address, length, false);
  return 0;
}

function mlock2(t: Thread, address: number, length: number, flags: number): number {
  if (flags & ~mman.MLOCK_ONFAULT) throw new Errno(EINVAL);
  lock(memoryOf(t), address, length, (flags & mman.MLOCK_ONFAULT) !== 0);
  return 0;
}

function munlock(t: Thread, address: number, length: number): number {
  unlock(t.process.memory, address, length);
  return 0;
}

function mlockall(t: Thread, flags: number): number {
  lockAll(memoryOf(t), flags);
  return 0;
}

function munlockall(t: Thread): number {
  unlockAll(t.process.memory);
  return 0;
}

/** remap_file_pages(2): since Linux 4.0 an mmap of the same object at another offset. */
function remapFilePages(t: Thread, start: number, size: number, prot: number, index: number, flags: number): number {
  const space = memoryOf(t);
  const address = start - (start & PAGE_MASK);
  const length = size - (size & PAGE_MASK);
  if (prot !== 0 || length === 0 || address + length >= 2 ** 63 || index * PAGE_SIZE + length >= 2 ** 63) {
    throw new Errno(EINVAL);
  }
  const area = space.areas.at(Math.floor(address / PAGE_SIZE));
  if (area === null || !area.shared || !sameObject(space, area.source, address, length)) throw new Errno(EINVAL);
  const kept = (flags & mman.MAP_NONBLOCK) | mman.MAP_SHARED | mman.MAP_FIXED | mman.MAP_POPULATE;
  const request = { address, length, prot: area.prot, source: area.source, offset: index * PAGE_SIZE };
  map(space, { ...request, flags: kept, maxProt: area.maxProt });
  return 0;
}

/** Whether all of a range maps one object. */
function sameObject(space: AddressSpace, source: PageSource | null, address: number, length: number): boolean {
  const end = (address + length) / PAGE_SIZE;
  for (let page = address / PAGE_SIZE; page < end; ) {
    const area = space.areas.at(page);
    if (area === null || area.source !== source) return false;
    page = area.end;
  }
  return true;
}

function processVmReadv(
  t: Thread,
  pid: number,
  local: number,
  count: number,
  remote: number,
  n: number,
  flags: number,
) {
  return copyBetween(t, pid, local, count, remote, n, flags, false);
}

function processVmWritev(
  t: Thread,
  pid: number,
  local: number,
  count: number,
  remote: number,
  n: number,
  flags: number,
) {
  return copyBetween(t, pid, local, count, remote, n, flags, true);
}

/** Copies between the caller's memory and another process's, a page at a time; what was copied before a bad address counts. */
function copyBetween(
  t: Thread,
  pid: number,
  localList: number,
  localCount: number,
  remoteList: number,
  remoteCount: number,
  flags: number,
  write: boolean,
): number {
  if (flags !== 0) throw new Errno(EINVAL);
  const local = new Segments(readIovec(t.user, localList, localCount));
  if (local.length === 0) return 0;
  const remote = new Segments(readForeignIovec(t.user, remoteList, remoteCount));
  if (remote.length === 0) return 0;
  const other = traceable(t, pid).memory.user;
  let copied = 0;
  try {
    for (;;) {
      const length = Math.min(local.chunk(), remote.chunk());
      if (length === 0) return copied;
      if (write) copy(t.user, local.address, other, remote.address, length);
      else copy(other, remote.address, t.user, local.address, length);
      local.advance(length);
      remote.advance(length);
      copied += length;
    }
  } catch (error) {
    if (error instanceof Errno && copied > 0) return copied;
    throw error;
  }
}

const copy = (from: UserMemory, source: number, to: UserMemory, target: number, length: number): void =>
  to.copyOut(target, from.read(source, length));

/** The process, if the caller may look into it: ESRCH, EPERM. */
function traceable(t: Thread, pid: number): Process {
  const process = threadOf(t, pid)?.process;
  if (process === undefined || process.zombie) throw new Errno(ESRCH);
  if (!mayInspect(t, process)) throw new Errno(EPERM);
  return process;
}

/** A position in an iovec list. */
class Segments {
  readonly #list: readonly number[];
  #at = 0;
  #done = 0;
  /** Bytes in all. */
  readonly length: number;

  constructor(list: readonly number[]) {
    this.#list = list;
    let length = 0;
    for (let i = 1; i < list.length; i += 2) length += list[i];
    this.length = length;
  }

  get address(): number {
    return this.#list[this.#at] + this.#done;
  }

  /** Bytes up to the end of the segment or of the page; 0 at the end. */
  chunk(): number {
    while (this.#at < this.#list.length && this.#done === this.#list[this.#at + 1]) {
      this.#at += 2;
      this.#done = 0;
    }
    if (this.#at >= this.#list.length) return 0;
    return Math.min(this.#list[this.#at + 1] - this.#done, PAGE_SIZE - (this.address & PAGE_MASK));
  }

  advance(count: number): void {
    this.#done += count;
  }
}

export const rows: readonly SyscallRow[] = [
  call(9, "mmap", "ptr size prot map-flags fd off", mmap),
  call(10, "mprotect", "ptr size prot", mprotect),
  call(11, "munmap", "ptr size", munmap),
  call(12, "brk", "ptr", brk),
  call(25, "mremap", "ptr size size mremap-flags ptr", mremap),
  call(26, "msync", "ptr size int", msync),
  call(27, "mincore", "ptr size ptr", mincore),
  call(28, "madvise", "ptr size advice", madvise),
  call(149, "mlock", "ptr size", mlock),
  call(150, "munlock", "ptr size", munlock),
  call(151, "mlockall", "int", mlockall),
  call(152, "munlockall", "", munlockall),
  call(216, "remap_file_pages", "ptr size prot ulong map-flags", remapFilePages),
  call(310, "process_vm_readv", "pid iovec ulong iovec ulong ulong", processVmReadv),
  call(311, "process_vm_writev", "pid iovec ulong iovec ulong ulong", processVmWritev),
  call(325, "mlock2", "ptr size int", mlock2),
  call(440, "process_madvise", "fd iovec ulong int uint", processMadvise),
  call(448, "process_mrelease", "fd uint", processMrelease),
  call(462, "mseal", "ptr size ulong", mseal),
  call(329, "pkey_mprotect", "ptr size prot int", pkeyMprotect),
  call(330, "pkey_alloc", "ulong ulong", pkeyAlloc),
  call(331, "pkey_free", "int", pkeyFree),
];
