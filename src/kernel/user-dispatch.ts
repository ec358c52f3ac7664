/** Syscall User Dispatch (PR_SET_SYSCALL_USER_DISPATCH(2const)): calls from outside of a region are the program's own to handle. */
import { EFAULT, EINVAL } from "../abi/errno.ts";
import { PR_SYS_DISPATCH_OFF, PR_SYS_DISPATCH_ON } from "../abi/prctl.ts";
import { SYS_USER_DISPATCH } from "../abi/seccomp.ts";
import { SIGSEGV, SIGSYS } from "../abi/signal.ts";
import { NeedPage } from "../wait/queue.ts";
import { exitGroup } from "./exit.ts";
import { trapInfo } from "./seccomp.ts";
import { forceSignal } from "./signal/send.ts";
import type { Thread } from "./task.ts";

/** SYSCALL_DISPATCH_FILTER_ALLOW and _BLOCK: values of the byte. */
const ALLOW = 0;
const BLOCK = 1;
/** User addresses end here for the processor. */
const TASK_SIZE_MAX = 2 ** 47 - 4096;

export interface UserDispatch {
  /** Calls whose next instruction is in [start, start + length) are always made. */
  readonly start: number;
  readonly length: number;
  /** Address of the byte that says whether others are; 0: they are not. */
  readonly selector: number;
}

/** 0 or a negative errno. */
export function setUserDispatch(t: Thread, mode: number, start: number, length: number, selector: number): number {
  if (mode === PR_SYS_DISPATCH_OFF) {
    if (start !== 0 || length !== 0 || selector !== 0) return -EINVAL;
    t.userDispatch = null;
    return 0;
  }
  if (mode !== PR_SYS_DISPATCH_ON) return -EINVAL;
  if (start !== 0 && (length === 0 || start + length >= 2 ** 64)) return -EINVAL;
  if (selector >= TASK_SIZE_MAX) return -EFAULT;
  t.userDispatch = { start, length, selector };
  return 0;
}

/** Whether the system call `number` of `t`, whose registers are loaded, is not made: SIGSYS is on its way, or the process ends. Throws NeedPage. */
export function intercepts(t: Thread, { start, length, selector }: UserDispatch, number: number): boolean {
  const ip = t.kernel.registers.rip;
  if (ip >= start && ip < start + length) return false;
  if (selector !== 0) {
    let state: number;
    try {
      state = t.user.u8(selector);
    } catch (error) {
      if (error instanceof NeedPage) throw error;
      exitGroup(t, SIGSEGV);
      return true;
    }
    if (state === ALLOW) return false;
    if (state !== BLOCK) {
      exitGroup(t, SIGSYS);
      return true;
    }
  }
  forceSignal(t, trapInfo(number, ip, 0, SYS_USER_DISPATCH));
  return true;
}
