/** Resource limits and usage. */
import { CAP_SYS_RESOURCE } from "../../abi/capability.ts";
import { EFAULT, EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import {
  RLIMIT_COUNT,
  RLIMIT_NOFILE,
  RUSAGE_CHILDREN,
  RUSAGE_SELF,
  RUSAGE_SIZE,
  RUSAGE_THREAD,
  UNLIMITED,
} from "../../abi/resource.ts";
import { USER_HZ } from "../../abi/time.ts";
import { capable } from "../capabilities.ts";
import { threadOf } from "../lookup.ts";
import type { Process, Thread } from "../task.ts";
import type { Usage } from "../usage.ts";
import { prefetch } from "./prefetch.ts";
import { call, type SyscallRow } from "./row.ts";

/** The two values of a limit at `address`; all ones is no limit. */
function readLimit(t: Thread, address: number): { soft: number; hard: number } {
  const value = (at: number) => {
    const low = t.user.u32(at);
    const high = t.user.u32(at + 4);
    return low === 0xffff_ffff && high === 0xffff_ffff ? UNLIMITED : high * 0x1_0000_0000 + low;
  };
  return { soft: value(address), hard: value(address + 8) };
}

function writeLimit(t: Thread, address: number, soft: number, hard: number): void {
  t.user.setU64(address, soft === UNLIMITED ? -1 : soft);
  t.user.setU64(address + 8, hard === UNLIMITED ? -1 : hard);
}

function getrlimit(t: Thread, resource: number, address: number): number {
  if (resource >= 0 && resource < RLIMIT_COUNT && address === 0) return -EFAULT;
  return prlimit(t, 0, resource, 0, address);
}

function setrlimit(t: Thread, resource: number, address: number): number {
  return address === 0 ? -EFAULT : prlimit(t, 0, resource, address, 0);
}

function prlimit(t: Thread, pid: number, resource: number, newLimit: number, oldLimit: number): number {
  if (newLimit !== 0) t.user.probe(newLimit, 16, false);
  const target = pid === 0 ? t.process : threadOf(t, pid)?.process;
  if (target === undefined) return -ESRCH;
  if (target !== t.process && !mayLimit(t, target)) return -EPERM;
  if (resource < 0 || resource >= RLIMIT_COUNT) return -EINVAL;
  const { limits } = target;
  const before = { soft: limits.soft[resource], hard: limits.hard[resource] };
  if (newLimit !== 0) {
    const after = readLimit(t, newLimit);
    if (after.soft > after.hard) return -EINVAL;
    if (resource === RLIMIT_NOFILE && after.hard > t.kernel.fileLimit) return -EPERM;
    if (after.hard > before.hard && !capable(t.credentials, CAP_SYS_RESOURCE)) return -EPERM;
    if (oldLimit !== 0) prefetch(t, oldLimit, 16);
    limits.soft[resource] = after.soft;
    limits.hard[resource] = after.hard;
  }
  if (oldLimit !== 0) writeLimit(t, oldLimit, before.soft, before.hard);
  return 0;
}

/** prlimit(2): real, effective and saved ids of the target equal the caller's real ones. */
function mayLimit(t: Thread, target: Process): boolean {
  const from = t.credentials;
  const to = target.credentials;
  if (capable(from, CAP_SYS_RESOURCE)) return true;
  const user = [to.uid, to.euid, to.suid].every((id) => id === from.uid);
  return user && [to.gid, to.egid, to.sgid].every((id) => id === from.gid);
}

/** struct rusage. */
export function writeUsage(t: Thread, address: number, usage: Usage): void {
  const view = new DataView(new ArrayBuffer(RUSAGE_SIZE));
  const put = (index: number, value: number) => view.setBigInt64(index * 8, BigInt(Math.floor(value)), true);
  put(0, usage.user / 1e9);
  put(1, (usage.user % 1e9) / 1e3);
  put(2, usage.system / 1e9);
  put(3, (usage.system % 1e9) / 1e3);
  put(4, usage.maxFrames * 4); // ru_maxrss, KiB
  put(8, usage.minorFaults);
  put(9, usage.majorFaults);
  put(16, usage.voluntarySwitches);
  put(17, usage.involuntarySwitches);
  t.user.copyOut(address, new Uint8Array(view.buffer));
}

function getrusage(t: Thread, who: number, address: number): number {
  if (who === RUSAGE_SELF) writeUsage(t, address, t.process.currentUsage());
  else if (who === RUSAGE_CHILDREN) writeUsage(t, address, t.process.childrenUsage);
  else if (who === RUSAGE_THREAD) writeUsage(t, address, t.usage);
  else return -EINVAL;
  return 0;
}

/** times(2): clock ticks used, and ticks since boot as the result. */
function times(t: Thread, address: number): number {
  if (address !== 0) {
    const ticks = (ns: number) => Math.floor((ns * USER_HZ) / 1e9);
    const own = t.process.currentUsage();
    const children = t.process.childrenUsage;
    t.user.probe(address, 32, true);
    [own.user, own.system, children.user, children.system].forEach((ns, i) => {
      t.user.setU64(address + i * 8, ticks(ns));
    });
  }
  return Math.floor((t.kernel.clock.now() * USER_HZ) / 1e9);
}

export const rows: readonly SyscallRow[] = [
  call(97, "getrlimit", "resource rlimit-out", getrlimit),
  call(98, "getrusage", "rusage-who rusage", getrusage),
  call(100, "times", "ptr", times),
  call(160, "setrlimit", "resource rlimit", setrlimit),
  call(302, "prlimit64", "pid resource rlimit rlimit-out", prlimit),
];
