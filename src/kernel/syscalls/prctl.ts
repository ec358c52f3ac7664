/** Operations on a process or thread (prctl(2)) and on its segment bases (arch_prctl(2)). */
import { CAP_SYS_RESOURCE } from "../../abi/capability.ts";
import { EFAULT, EINVAL, ENODEV, ENXIO, EOPNOTSUPP, EPERM } from "../../abi/errno.ts";
import {
  ARCH_GET_CPUID,
  ARCH_GET_FS,
  ARCH_GET_GS,
  ARCH_GET_XCOMP_GUEST_PERM,
  ARCH_GET_XCOMP_PERM,
  ARCH_GET_XCOMP_SUPP,
  ARCH_REQ_XCOMP_GUEST_PERM,
  ARCH_REQ_XCOMP_PERM,
  ARCH_SET_CPUID,
  ARCH_SET_FS,
  ARCH_SET_GS,
  PR_GET_AUXV,
  PR_GET_CHILD_SUBREAPER,
  PR_GET_DUMPABLE,
  PR_GET_IO_FLUSHER,
  PR_GET_NAME,
  PR_GET_NO_NEW_PRIVS,
  PR_GET_PDEATHSIG,
  PR_GET_SECCOMP,
  PR_GET_SPECULATION_CTRL,
  PR_GET_THP_DISABLE,
  PR_GET_TID_ADDRESS,
  PR_GET_TIMERSLACK,
  PR_GET_TIMING,
  PR_GET_TSC,
  PR_MCE_KILL,
  PR_MCE_KILL_CLEAR,
  PR_MCE_KILL_DEFAULT,
  PR_MCE_KILL_GET,
  PR_MCE_KILL_SET,
  PR_SET_CHILD_SUBREAPER,
  PR_SET_DUMPABLE,
  PR_SET_IO_FLUSHER,
  PR_SET_NAME,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  PR_SET_SECCOMP,
  PR_SET_SPECULATION_CTRL,
  PR_SET_SYSCALL_USER_DISPATCH,
  PR_SET_THP_DISABLE,
  PR_SET_TIMERSLACK,
  PR_SET_TIMING,
  PR_SPEC_L1D_FLUSH,
  PR_SPEC_NOT_AFFECTED,
  PR_TASK_PERF_EVENTS_DISABLE,
  PR_TASK_PERF_EVENTS_ENABLE,
  PR_TSC_ENABLE,
} from "../../abi/prctl.ts";
import {
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
  SECCOMP_SET_MODE_FILTER,
  SECCOMP_SET_MODE_STRICT,
} from "../../abi/seccomp.ts";
import { NSIG } from "../../abi/signal.ts";
import { R_FS, R_GS } from "../../cpu/state.ts";
import { capable } from "../capabilities.ts";
import { privilegeControl } from "../privileges.ts";
import type { Thread } from "../task.ts";
import { setUserDispatch } from "../user-dispatch.ts";
import { call, type SyscallRow } from "./row.ts";
import { seccomp } from "./seccomp.ts";

/** Longest thread name, without the NUL (TASK_COMM_LEN - 1). */
const NAME_LENGTH = 15;
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
    case PR_GET_SECCOMP:
      return t.seccomp?.mode ?? 0;
    case PR_SET_SECCOMP:
      if (a === SECCOMP_MODE_STRICT) return seccomp(t, SECCOMP_SET_MODE_STRICT, 0, 0);
      return a === SECCOMP_MODE_FILTER ? seccomp(t, SECCOMP_SET_MODE_FILTER, 0, b) : -EINVAL;
    case PR_GET_TIMING:
      return 0;
    case PR_SET_TIMING:
      return a === 0 ? 0 : -EINVAL;
    case PR_SET_TIMERSLACK:
      t.timerSlack = a > 0 ? a : DEFAULT_TIMER_SLACK;
      return 0;
    case PR_GET_TIMERSLACK:
      // What is beyond a long cannot be told from an error, on Linux neither.
      return t.timerSlack < 2 ** 63 ? t.timerSlack : Math.min(t.timerSlack - 2 ** 64, -1);
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
    case PR_SET_THP_DISABLE:
      if (b !== 0 || c !== 0 || d !== 0) return -EINVAL;
      p.settings.hugePagesDisabled = a !== 0;
      return 0;
    case PR_GET_THP_DISABLE:
      if (a !== 0 || b !== 0 || c !== 0 || d !== 0) return -EINVAL;
      return p.settings.hugePagesDisabled ? 1 : 0;
    case PR_GET_TSC:
      t.user.setU32(a, PR_TSC_ENABLE);
      return 0;
    case PR_MCE_KILL:
      return setMachineCheckKill(t, a, b, c, d);
    case PR_MCE_KILL_GET:
      return a !== 0 || b !== 0 || c !== 0 || d !== 0 ? -EINVAL : p.settings.machineCheckKill;
    case PR_TASK_PERF_EVENTS_DISABLE:
    case PR_TASK_PERF_EVENTS_ENABLE:
      // A process without performance events has none to switch.
      return 0;
    case PR_GET_SPECULATION_CTRL:
      if (b !== 0 || c !== 0 || d !== 0) return -EINVAL;
      return a > PR_SPEC_L1D_FLUSH ? -ENODEV : PR_SPEC_NOT_AFFECTED;
    case PR_SET_SPECULATION_CTRL:
      if (c !== 0 || d !== 0) return -EINVAL;
      return a > PR_SPEC_L1D_FLUSH ? -ENODEV : -ENXIO;
    case PR_SET_IO_FLUSHER:
      if (!capable(t.credentials, CAP_SYS_RESOURCE)) return -EPERM;
      if (a > 1 || b !== 0 || c !== 0 || d !== 0) return -EINVAL;
      p.settings.ioFlusher = a === 1;
      return 0;
    case PR_GET_IO_FLUSHER:
      if (!capable(t.credentials, CAP_SYS_RESOURCE)) return -EPERM;
      return a !== 0 || b !== 0 || c !== 0 || d !== 0 ? -EINVAL : p.settings.ioFlusher ? 1 : 0;
    case PR_GET_AUXV: {
      if (c !== 0 || d !== 0) return -EINVAL;
      const { auxv } = p.memory;
      t.user.copyOut(a, auxv.subarray(0, Math.min(b, auxv.length)));
      return auxv.length;
    }
    case PR_SET_SYSCALL_USER_DISPATCH:
      return setUserDispatch(t, a, b, c, d);
    default: {
      const result = privilegeControl(t, option, a, b, c, d);
      if (result !== null) return result;
      t.kernel.logOnce("warn", `prctl: option ${option} is missing: EINVAL`);
      return -EINVAL;
    }
  }
}

function setMachineCheckKill(t: Thread, operation: number, when: number, c: number, d: number): number {
  if (c !== 0 || d !== 0) return -EINVAL;
  const { settings } = t.process;
  if (operation === PR_MCE_KILL_CLEAR && when === 0) settings.machineCheckKill = PR_MCE_KILL_DEFAULT;
  else if (operation === PR_MCE_KILL_SET && when <= PR_MCE_KILL_DEFAULT) settings.machineCheckKill = when;
  else return -EINVAL;
  return 0;
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

/** Components of the processor's extended state that Linux knows by number (asm/fpu/types.h). */
const XFEATURE_MAX = 20;

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
    case ARCH_GET_XCOMP_SUPP:
    case ARCH_GET_XCOMP_PERM:
    case ARCH_GET_XCOMP_GUEST_PERM:
      t.user.setU64(address, 0); // The processor has no XSAVE, so nothing that it could save.
      return 0;
    case ARCH_REQ_XCOMP_PERM:
    case ARCH_REQ_XCOMP_GUEST_PERM:
      return address < XFEATURE_MAX ? -EOPNOTSUPP : -EINVAL;
    default:
      return -EINVAL;
  }
}

export const rows: readonly SyscallRow[] = [
  call(157, "prctl", "prctl-option ulong ulong ulong ulong", prctl, "no PR_SET_MM, no names of anonymous memory"),
  call(158, "arch_prctl", "arch-prctl-code ptr", archPrctl, "no vDSO to map (ARCH_MAP_VDSO_*)"),
];
