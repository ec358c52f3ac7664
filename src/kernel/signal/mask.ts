/** Signal masks that hold for the length of one call (sigsuspend, ppoll, pselect6, epoll_pwait). */
import { SIGKILL, SIGSTOP } from "../../abi/signal.ts";
import type { Thread } from "../task.ts";
import { SignalSet } from "./set.ts";

/** SIGKILL and SIGSTOP can never be blocked. */
export function withoutUnblockable(mask: SignalSet): SignalSet {
  const result = mask.clone();
  result.delete(SIGKILL);
  result.delete(SIGSTOP);
  return result;
}

/**
 * Replaces the thread's mask until the call ends: the old one comes back after the handler of the signal that ends the
 * wait, or when the call returns (the dispatcher does both). Safe to call again when the call runs again.
 */
export function setTemporaryMask(t: Thread, low: number, high: number): void {
  if (t.savedMask === null) t.savedMask = t.mask;
  t.mask = withoutUnblockable(new SignalSet(low, high));
  t.attention = true;
}
