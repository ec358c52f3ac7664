/** What the system is: names, memory, randomness. */
import { CAP_SYS_ADMIN } from "../../abi/capability.ts";
import { EFAULT, EINVAL, EPERM } from "../../abi/errno.ts";
import { READ_IMPLIES_EXEC } from "../../abi/personality.ts";
import { CLOCK_BOOTTIME } from "../../abi/time.ts";
import { HIGH_LIMIT, PAGE_SIZE } from "../../memory/layout.ts";
import { capableIn } from "../capabilities.ts";
import { ownerOf } from "../namespaces.ts";
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
  const { personality } = t.process;
  // As override_release and override_architecture have it: a version of 2.6 behind the last number, and a 32-bit machine.
  const release =
    personality & UNAME26 ? RELEASE.replace(/^\d+\.(\d+)\.\d+/, (_, n) => `2.6.${60 + Number(n)}`) : RELEASE;
  const machine = (personality & PER_MASK) === PER_LINUX32 ? "i686" : "x86_64";
  const bytes = new Uint8Array(UTS_FIELD * 6);
  ["Linux", hostname, release, VERSION, machine, domainname].forEach((text, i) => {
    for (let k = 0; k < text.length; k++) bytes[i * UTS_FIELD + k] = text.charCodeAt(k);
  });
  t.user.copyOut(address, bytes);
  return 0;
}

function readName(t: Thread, address: number, length: number): string | number {
  if (!capableIn(t.credentials, ownerOf(t.namespaces.uts), CAP_SYS_ADMIN)) return -EPERM;
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
  put(0, t.namespaces.time.fromMachine(CLOCK_BOOTTIME, kernel.clock.now()) / 1e9);
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
  if (address + length > HIGH_LIMIT) return -EFAULT;
  const count = Math.min(length, 0x7fff_f000);
  for (let done = 0; done < count; done += RANDOM_CHUNK) {
    const bytes = new Uint8Array(Math.min(RANDOM_CHUNK, count - done));
    t.kernel.host.random(bytes);
    t.user.copyOut(address + done, bytes);
  }
  return count;
}

// ---- personality

const PER_MASK = 0xff;
const PER_LINUX = 0;
const PER_LINUX32 = 8;
const UNAME26 = 0x2_0000;
/** Those that ask for what is so anyhow: ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT; or have no effect on 64-bit programs: FDPIC_FUNCPTRS,
 * ADDR_LIMIT_32BIT, SHORT_INODE, WHOLE_SECONDS, ADDR_LIMIT_3GB. */
const KEPT_FLAGS = 0x4_0000 | 0x20_0000 | 0x8_0000 | 0x80_0000 | 0x100_0000 | 0x200_0000 | 0x800_0000;
const PERSONALITY_QUERY = 0xffff_ffff;

function personality(t: Thread, persona: number): number {
  const p = t.process;
  const before = p.personality;
  if (persona === PERSONALITY_QUERY) return before;
  const domain = persona & PER_MASK;
  const known = PER_MASK | UNAME26 | READ_IMPLIES_EXEC | KEPT_FLAGS;
  if ((domain !== PER_LINUX && domain !== PER_LINUX32) || persona & ~known) return -EINVAL;
  p.personality = persona;
  return before;
}

export const rows: readonly SyscallRow[] = [
  call(63, "uname", "uts", uname),
  call(99, "sysinfo", "ptr", sysinfo),
  call(
    135,
    "personality",
    "uint",
    personality,
    "not MMAP_PAGE_ZERO, STICKY_TIMEOUTS; of the domains PER_LINUX and PER_LINUX32",
  ),
  call(170, "sethostname", "in int", sethostname),
  call(171, "setdomainname", "in int", setdomainname),
  call(318, "getrandom", "out size random-flags", getrandom),
];
