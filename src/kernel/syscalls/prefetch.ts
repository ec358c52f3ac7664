/** Results that Linux copies out after a call's work is done: a bad address is EFAULT then, and the work stays. */
import { Errno } from "../../abi/errno.ts";
import type { Thread } from "../task.ts";

/**
 * Before the work: a page of the `bytes` at `address` that is to come must be there (NeedPage), for nothing is committed
 * before the call runs again. That the address is bad is found out when the result is written.
 */
export function prefetch(t: Thread, address: number, bytes: number): void {
  try {
    t.user.probe(address, bytes, true);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}
