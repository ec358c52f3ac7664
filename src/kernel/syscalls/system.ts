/** What the system is: names, memory, randomness, barriers. */
import { CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EFAULT, EINVAL, EPERM } from "../../abi/errno.ts";
import { PAGE_SIZE } from "../../memory/layout.ts";
import { capable } from "../capabilities.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

// ---- names

/** Bytes of each field of struct utsname. */
const UTS_FIELD = 65;
/** The Linux whose system calls these are. */
export const RELEASE = "6.1.0-binlet";
export const VERSION = "#1 Binlet";

function uname(t: Thread, address: number): number {
  const { hostname, domainname } = t.namespaces.uts;
  const bytes = new Uint8Array(UTS_FIELD * 6);
  ["Linux", hostname, RELEASE, VERSION, "x86_64", domainname].forEach((text, i) => {
    for (let k = 0; k < text.length; k++) bytes[i * UTS_FIELD + k] = text.charCodeAt(k);
  });
  t.user.copyOut(address, bytes);
  return 0;
}

function readName(t: Thread, address: number, length: number): string | number {
  if (!capable(t.credentials, CAP_SYS_ADMIN)) return -EPERM;
  if (length < 0 || length >= UTS_FIELD) return -EINVAL;
  return String.fromCharCode(...t.user.read(address, length));
}

function sethostname(t: Thread, address: number, length: number): number {
  const name = readName(t, address, length);
  if (typeof name === "number") return name;
  t.namespaces.uts.hostname = name;
  return 0;
}

function setdomainname(t: Thread, address: number, length: number): number {
  const name = readName(t, address, length);
  if (typeof name === "number") return name;
  t.namespaces.uts.domainname = name;
  return 0;
}

// ---- sysinfo

const SYSINFO_SIZE = 112;

function sysinfo(t: Thread, address: number): number {
  const { kernel } = t;
  const view = new DataView(new ArrayBuffer(SYSINFO_SIZE));
  const put = (offset: number, value: number) => view.setBigUint64(offset, BigInt(Math.floor(value)), true);
  const total = kernel.owner.frameLimit * PAGE_SIZE;
  put(0, kernel.clock.now() / 1e9);
  // One runnable thread is a load of 1 (SI_LOAD_SHIFT is 16).
  for (const offset of [8, 16, 24]) put(offset, (kernel.scheduler.length + 1) * 65536);
  put(32, total);
  put(40, total - kernel.owner.frames * PAGE_SIZE);
  view.setUint16(80, kernel.processes.size, true);
  view.setUint32(104, 1, true);
  t.user.copyOut(address, new Uint8Array(view.buffer));
  return 0;
}

// ---- randomness

const GRND_NONBLOCK = 1;
const GRND_RANDOM = 2;
const GRND_INSECURE = 4;
/** Bytes that the host gives at a time (crypto.getRandomValues takes at most 65536). */
const RANDOM_CHUNK = 65536;

function getrandom(t: Thread, address: number, length: number, flags: number): number {
  if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  if ((flags & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  if (address + length > 2 ** 32) return -EFAULT;
  const count = Math.min(length, 0x7fff_f000);
  for (let done = 0; done < count; done += RANDOM_CHUNK) {
    const bytes = new Uint8Array(Math.min(RANDOM_CHUNK, count - done));
    t.kernel.host.random(bytes);
    t.user.copyOut(address + done, bytes);
  }
  return count;
}

// ---- barriers

const MEMBARRIER_QUERY = 0;
/** GLOBAL, GLOBAL_EXPEDITED, PRIVATE_EXPEDITED and their registrations; on one CPU all of them hold already. */
const MEMBARRIER_COMMANDS = 1 | 2 | 4 | 8 | 16;

function membarrier(_t: Thread, command: number, flags: number): number {
  if (flags !== 0) return -EINVAL;
  if (command === MEMBARRIER_QUERY) return MEMBARRIER_COMMANDS;
  return (command & MEMBARRIER_COMMANDS) !== 0 && (command & (command - 1)) === 0 ? 0 : -EINVAL;
}

/** PER_LINUX without flags is the only personality; the query is 0xffffffff. */
const personality = (_t: Thread, persona: number) => (persona === 0 || persona === 0xffff_ffff ? 0 : -EINVAL);

export const rows: readonly SyscallRow[] = [
  call(63, "uname", "uts", uname),
  call(99, "sysinfo", "ptr", sysinfo),
  call(135, "personality", "uint", personality, "PER_LINUX only"),
  call(170, "sethostname", "in int", sethostname),
  call(171, "setdomainname", "in int", setdomainname),
  call(318, "getrandom", "out size random-flags", getrandom),
  call(324, "membarrier", "int uint int", membarrier, "no SYNC_CORE, no RSEQ"),
];
