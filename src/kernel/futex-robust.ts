/** Robust mutexes: a thread that ends while it holds some marks them, so that the next owner knows (get_robust_list(2)). */
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, ROBUST_LIST_LIMIT } from "../abi/futex.ts";
import { ownTid } from "./lookup.ts";
import type { Thread } from "./task.ts";

/** Walks the list of `t`, as exit_robust_list of kernel/futex/core.c. A bad address ends the walk. */
export function releaseRobustList(t: Thread): void {
  const { user } = t;
  try {
    const head = t.robustList;
    const offset = user.i64(head + 8);
    const pending = user.u64(head + 16);
    let entry = user.u64(head);
    for (let n = 0; entry !== head && n < ROBUST_LIST_LIMIT; n++) {
      // Bit 0 marks a priority-inheritance mutex, whose waiters futex-pi.ts wakes; the next pointer is read before the word is released.
      const address = entry - (entry % 2);
      const next = user.u64(address);
      if (address !== pending) release(t, address + offset, false);
      entry = next;
    }
    if (pending !== 0) release(t, pending - (pending % 2) + offset, true);
  } catch {
    // The list was not intact.
  }
}

/** `pending`: the thread died on its way into or out of the lock, when a waiter may have been forgotten. */
function release(t: Thread, address: number, pending: boolean): void {
  const word = t.user.u32(address);
  const { futexes } = t.kernel;
  if (pending && word === 0) {
    futexes.wakeAt(t.process.memory, address, 1);
    return;
  }
  if ((word & FUTEX_TID_MASK) !== ownTid(t)) return;
  t.user.setU32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
  if (word & FUTEX_WAITERS) futexes.wakeAt(t.process.memory, address, 1);
}
