/** seccomp(2): filters that decide which system calls a thread may make (kernel/seccomp.c). */
import { BPF_LD_W_ABS } from "../abi/bpf.ts";
import { ENOSYS } from "../abi/errno.ts";
import * as abi from "../abi/seccomp.ts";
import { SIGINFO_SIZE, SIGKILL, SIGSYS } from "../abi/signal.ts";
import { R8, R9, R10, RDI, RDX, RSI } from "../cpu/state.ts";
import { STATE_ADDRESS } from "../memory/layout.ts";
import type { BpfProgram, BpfSource } from "../net/bpf.ts";
import type { Block } from "../wait/queue.ts";
import { exitGroup, exitThread } from "./exit.ts";
import { type Listener, UserNotification } from "./seccomp-notify.ts";
import { forceSignal } from "./signal/send.ts";
import { syscallName } from "./syscalls/names.ts";
import type { Thread } from "./task.ts";

/** Programs over the words of struct seccomp_data (seccomp_check_filter). */
export const SECCOMP_DATA: BpfSource<Uint32Array> = {
  permits: (code, k) => code === BPF_LD_W_ABS && k < abi.SECCOMP_DATA_SIZE && k % 4 === 0,
  load: (data, at) => data[at >>> 2],
  length: () => abi.SECCOMP_DATA_SIZE,
};

/** What a thread is held to: children inherit it, exec keeps it, nothing takes it away. */
export interface Seccomp {
  readonly mode: typeof abi.SECCOMP_MODE_STRICT | typeof abi.SECCOMP_MODE_FILTER;
  readonly program: BpfProgram<Uint32Array> | null;
  /** Actions other than allowing are logged. */
  readonly logs: boolean;
  /** Who answers for SECCOMP_RET_USER_NOTIF; null if nobody does. */
  readonly listener: Listener | null;
  /** What was installed before it; all of them run. */
  readonly previous: Seccomp | null;
}

/** read, write, exit and rt_sigreturn. */
const STRICT_CALLS: readonly number[] = [0, 1, 60, 15];
const STATE = STATE_ADDRESS >> 2;
const ARGUMENTS = [RDI, RSI, RDX, R10, R8, R9].map((register) => STATE + register * 2);
const MAX_ERRNO = 4095;
const data = new Uint32Array(abi.SECCOMP_DATA_SIZE / 4);

/**
 * Whether the thread, whose registers are loaded, may make the system call `number`: null, or what it returns instead, or
 * "skip" when a signal answers or the thread is no more. A wait is for the answer of a listener.
 */
export function filterCall(t: Thread, number: number): number | "skip" | Block | null {
  const { seccomp, saved } = t;
  if (saved instanceof UserNotification) return saved.settle();
  if (seccomp === null || saved !== null || t.passedFilters) return null;
  if (seccomp.mode === abi.SECCOMP_MODE_STRICT) {
    if (STRICT_CALLS.includes(number)) return null;
    exitGroupOrThread(t, SIGKILL, false);
    return "skip";
  }
  const { registers, physical } = t.kernel;
  const { u32 } = physical;
  const ip = registers.rip;
  data[0] = number;
  data[1] = abi.AUDIT_ARCH_X86_64;
  data[2] = ip >>> 0;
  data[3] = Math.floor(ip / 0x1_0000_0000);
  for (let i = 0; i < 6; i++) {
    data[4 + i * 2] = u32[ARGUMENTS[i]];
    data[5 + i * 2] = u32[ARGUMENTS[i] + 1];
  }
  let verdict = abi.SECCOMP_RET_ALLOW;
  let match = seccomp;
  for (let at: Seccomp | null = seccomp; at !== null; at = at.previous) {
    const result = at.program!.run(data);
    if ((result & abi.SECCOMP_RET_ACTION) >= (verdict & abi.SECCOMP_RET_ACTION)) continue;
    verdict = result;
    match = at;
  }
  return act(t, number, ip, verdict, match);
}

function act(t: Thread, number: number, ip: number, verdict: number, match: Seccomp): number | "skip" | Block | null {
  const action = verdict & abi.SECCOMP_RET_ACTION;
  const value = verdict & abi.SECCOMP_RET_DATA;
  if (action === abi.SECCOMP_RET_ALLOW) return null;
  if (match.logs || action === abi.SECCOMP_RET_LOG) {
    t.kernel.logOnce("info", `seccomp: ${t.name}: ${syscallName(number)}: 0x${(verdict >>> 0).toString(16)}`);
  }
  switch (action) {
    case abi.SECCOMP_RET_LOG:
      return null;
    case abi.SECCOMP_RET_ERRNO:
      return -Math.min(value, MAX_ERRNO);
    case abi.SECCOMP_RET_USER_NOTIF:
      return match.listener?.raise(t, new Uint8Array(data.slice().buffer)) ?? -ENOSYS;
    case abi.SECCOMP_RET_TRACE:
      // Nobody traces.
      return -ENOSYS;
    case abi.SECCOMP_RET_TRAP:
      forceSignal(t, trapInfo(number, ip, value));
      return "skip";
    default:
      exitGroupOrThread(t, SIGSYS, action === abi.SECCOMP_RET_KILL_THREAD);
      return "skip";
  }
}

/** The thread alone ends only while there are others. */
function exitGroupOrThread(t: Thread, signal: number, alone: boolean): void {
  if (alone && t.process.threads.size > 1) exitThread(t, signal);
  else exitGroup(t, signal);
}

/** si_call_addr, si_syscall, si_arch; si_errno is what the filter gave. */
export function trapInfo(number: number, ip: number, value: number, code: number = abi.SYS_SECCOMP) {
  const raw = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(raw.buffer);
  view.setInt32(0, SIGSYS, true);
  view.setInt32(4, value, true);
  view.setInt32(8, code, true);
  view.setUint32(16, ip >>> 0, true);
  view.setUint32(20, Math.floor(ip / 0x1_0000_0000), true);
  view.setInt32(24, number, true);
  view.setUint32(28, abi.AUDIT_ARCH_X86_64, true);
  return { signal: SIGSYS, errno: value, code, layout: "raw", raw } as const;
}
