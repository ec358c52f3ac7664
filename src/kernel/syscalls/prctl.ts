/** Operations on a process or thread (prctl(2)) and on its segment bases (arch_prctl(2)). */
import { EFAULT, EINVAL, ENODEV, EPERM } from "../../abi/errno.ts";
import {
  ARCH_GET_CPUID,
  ARCH_GET_FS,
  ARCH_GET_GS,
  ARCH_SET_CPUID,
  ARCH_SET_FS,
  ARCH_SET_GS,
  PR_CAPBSET_READ,
  PR_GET_CHILD_SUBREAPER,
  PR_GET_DUMPABLE,
  PR_GET_KEEPCAPS,
  PR_GET_NAME,
  PR_GET_NO_NEW_PRIVS,
  PR_GET_PDEATHSIG,
  PR_GET_SECCOMP,
  PR_GET_TID_ADDRESS,
  PR_GET_TIMERSLACK,
  PR_GET_TIMING,
  PR_SET_CHILD_SUBREAPER,
  PR_SET_DUMPABLE,
  PR_SET_NAME,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  PR_SET_TIMERSLACK,
} from "../../abi/prctl.ts";
import { NSIG } from "../../abi/signal.ts";
import { R_FS, R_GS } from "../../cpu/state.ts";
import type { Thread } from "../task.ts";
import { call, type SyscallRow } from "./row.ts";

/** Longest thread name, without the NUL (TASK_COMM_LEN - 1). */
const NAME_LENGTH = 15;
const LAST_CAPABILITY = 40;
const DEFAULT_TIMER_SLACK = 50_000;

function prctl(t: Thread, option: number, a: number, b: number, c: number, d: number): number {
  const p = t.process;
  switch (option) {
    case PR_SET_PDEATHSIG:
      if (a < 0 || a > NSIG) return -EINVAL;
      p.parentDeathSignal = a;
      return 0;
    case PR_GET_PDEATHSIG:
      t.user.setU32(a, p.parentDeathSignal);
      return 0;
    case PR_GET_DUMPABLE:
      return p.dumpable;
    case PR_SET_DUMPABLE:
      if (a !== 0 && a !== 1) return -EINVAL;
      p.dumpable = a;
      return 0;
    case PR_SET_NAME:
      t.name = readName(t, a);
      return 0;
    case PR_GET_NAME: {
      const name = new Uint8Array(NAME_LENGTH + 1);
      for (let i = 0; i < t.name.length; i++) name[i] = t.name.charCodeAt(i);
      t.user.copyOut(a, name);
      return 0;
    }
    case PR_GET_KEEPCAPS:
    case PR_GET_SECCOMP:
    case PR_GET_TIMING:
      return 0;
    case PR_CAPBSET_READ:
      return a > LAST_CAPABILITY ? -EINVAL : 1;
    case PR_SET_TIMERSLACK:
      t.timerSlack = a > 0 ? a : DEFAULT_TIMER_SLACK;
      return 0;
    case PR_GET_TIMERSLACK:
      return t.timerSlack;
    case PR_SET_CHILD_SUBREAPER:
      p.subreaper = a !== 0;
      return 0;
    case PR_GET_CHILD_SUBREAPER:
      t.user.setU32(a, p.subreaper ? 1 : 0);
      return 0;
    case PR_SET_NO_NEW_PRIVS:
      if (a !== 1 || b !== 0 || c !== 0 || d !== 0) return -EINVAL;
      p.noNewPrivileges = true;
      return 0;
    case PR_GET_NO_NEW_PRIVS:
      if (a !== 0 || b !== 0 || c !== 0 || d !== 0) return -EINVAL;
      return p.noNewPrivileges ? 1 : 0;
    case PR_GET_TID_ADDRESS:
      t.user.setU64(a, t.clearChildTid);
      return 0;
    default:
      t.kernel.logOnce("warn", `prctl: option ${option} is missing: EINVAL`);
      return -EINVAL;
  }
}

/** Up to 15 bytes, as a byte string. */
function readName(t: Thread, address: number): string {
  let name = "";
  for (let i = 0; i < NAME_LENGTH; i++) {
    const byte = t.user.u8(address + i);
    if (byte === 0) break;
    name += String.fromCharCode(byte);
  }
  return name;
}

/** User addresses end here for the processor, though no mapping comes near. */
const TASK_SIZE_MAX = 2 ** 47 - 4096;

function archPrctl(t: Thread, code: number, address: number): number {
  const { registers } = t.kernel;
  switch (code) {
    case ARCH_SET_FS:
    case ARCH_SET_GS:
      if (address >= TASK_SIZE_MAX) return -EPERM;
      registers.set(code === ARCH_SET_FS ? R_FS : R_GS, address);
      return 0;
    case ARCH_GET_FS:
    case ARCH_GET_GS:
      if (address === 0) return -EFAULT;
      t.user.setU64(address, registers.get(code === ARCH_GET_FS ? R_FS : R_GS));
      return 0;
    case ARCH_GET_CPUID:
      return 1;
    case ARCH_SET_CPUID:
      return -ENODEV;
    default:
      return -EINVAL;
  }
}

export const rows: readonly SyscallRow[] = [
  call(
    157,
    "prctl",
    "prctl-option ulong ulong ulong ulong",
    prctl,
    "names, death signal, dumpable, subreaper, no_new_privs",
  ),
  call(158, "arch_prctl", "arch-prctl-code ptr", archPrctl, "segment bases only"),
];
