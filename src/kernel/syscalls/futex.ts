/** futex(2). */
import { EAGAIN, EFAULT, EINVAL, ENOSYS, ETIMEDOUT } from "../../abi/errno.ts";
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_REQUEUE,
  FUTEX_CMP_REQUEUE_PI,
  FUTEX_FD,
  FUTEX_LOCK_PI,
  FUTEX_LOCK_PI2,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_TRYLOCK_PI,
  FUTEX_UNLOCK_PI,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
} from "../../abi/futex.ts";
import { CLOCK_MONOTONIC, NSEC_PER_SEC } from "../../abi/time.ts";
import { R10 } from "../../cpu/state.ts";
import { HIGH_LIMIT } from "../../memory/layout.ts";
import { Block, ERESTART_RESTARTBLOCK, ERESTARTSYS, type Restart } from "../../wait/queue.ts";
import { FutexWaiter } from "../futex.ts";
import type { Thread } from "../task.ts";
import { cmpRequeuePi, lockPi, tryLockPi, unlockPi, waitRequeuePi } from "./futex-pi.ts";
import { call, type SyscallRow } from "./row.ts";
import { readTimespec } from "./time.ts";

/** What a wait remembers: its entry, and when it gives up. */
interface FutexWait {
  readonly waiter: FutexWaiter;
  readonly until: number;
}

/** Operations that take FUTEX_CLOCK_REALTIME: those whose timeout is absolute. */
const MAY_BE_REALTIME = [FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2];

function futex(t: Thread, address: number, op: number, value: number, timeout: number, second: number, value3: number) {
  const shared = (op & FUTEX_PRIVATE_FLAG) === 0;
  const command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const realtime = (op & FUTEX_CLOCK_REALTIME) !== 0;
  if (realtime && !MAY_BE_REALTIME.includes(command)) return -ENOSYS;
  if (address % 4 !== 0) return -EINVAL;
  // The count of a second word is in the place of the timeout, and its low half, which a Number may have lost.
  const count = t.kernel.registers.low(R10);
  switch (command) {
    case FUTEX_WAIT:
      return wait(t, address, shared, value, FUTEX_BITSET_MATCH_ANY, () => relative(t, timeout));
    case FUTEX_WAIT_BITSET:
      return value3 === 0
        ? -EINVAL
        : wait(t, address, shared, value, value3, () => absoluteDeadline(t, timeout, realtime));
    case FUTEX_WAKE:
      return wake(t, address, shared, value, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET:
      return value3 === 0 ? -EINVAL : wake(t, address, shared, value, value3);
    case FUTEX_REQUEUE:
      return requeue(t, address, shared, value, second, count, null);
    case FUTEX_CMP_REQUEUE:
      return requeue(t, address, shared, value, second, count, value3);
    case FUTEX_WAKE_OP:
      return wakeOp(t, address, shared, value, second, count, value3);
    case FUTEX_LOCK_PI:
      return lockPi(t, address, shared, () => absoluteDeadline(t, timeout, true));
    case FUTEX_LOCK_PI2:
      return lockPi(t, address, shared, () => absoluteDeadline(t, timeout, realtime));
    case FUTEX_TRYLOCK_PI:
      return tryLockPi(t, address, shared);
    case FUTEX_UNLOCK_PI:
      return unlockPi(t, address, shared);
    case FUTEX_WAIT_REQUEUE_PI:
      return waitRequeuePi(t, address, shared, value, () => absoluteDeadline(t, timeout, realtime), second);
    case FUTEX_CMP_REQUEUE_PI:
      return cmpRequeuePi(t, address, shared, value, second, count, value3);
    case FUTEX_FD: // gone since Linux 2.6.26
      return -ENOSYS;
    default:
      t.kernel.logMissing(202, `operation ${command}`);
      return -ENOSYS;
  }
}

const relative = (t: Thread, timeout: number): number =>
  timeout === 0 ? Number.POSITIVE_INFINITY : t.kernel.clock.now() + readTimespec(t, timeout);

/** Monotonic nanoseconds of the timespec at `timeout`, Infinity for none. */
export function absoluteDeadline(t: Thread, timeout: number, realtime: boolean): number {
  if (timeout === 0) return Number.POSITIVE_INFINITY;
  const at = readTimespec(t, timeout);
  return realtime
    ? t.kernel.clock.fromRealtime(Math.floor(at / NSEC_PER_SEC), at % NSEC_PER_SEC)
    : t.namespaces.time.toMachine(CLOCK_MONOTONIC, at);
}

/** The key of a futex word, which must be there (EFAULT). */
function key(t: Thread, address: number, shared: boolean, write = false) {
  t.user.probe(address, 4, write);
  return t.kernel.futexes.key(t.process.memory, address, shared);
}

/** FUTEX_WAIT. `restartTimed`: what a signal does to it where there is a deadline. */
export function wait(
  t: Thread,
  address: number,
  shared: boolean,
  value: number,
  bitset: number,
  deadline: () => number,
  restartTimed: Restart = ERESTART_RESTARTBLOCK,
): number | Block {
  const { futexes, clock } = t.kernel;
  const saved = t.saved as FutexWait | null;
  if (saved !== null) {
    if (saved.waiter.woken) return 0;
    futexes.remove(saved.waiter.key!, saved.waiter);
    if (clock.now() >= saved.until) return -ETIMEDOUT;
  }
  const until = saved?.until ?? deadline();
  const word = key(t, address, shared);
  if (t.user.u32(address) !== value >>> 0) return -EAGAIN;
  const waiter = new FutexWaiter(bitset);
  const restart = until === Number.POSITIVE_INFINITY ? ERESTARTSYS : restartTimed;
  // With a signal to deliver the wait ends at once, and may begin anew after it.
  if (t.interrupted) waiter.key = word;
  else futexes.add(word, waiter);
  const wait: FutexWait = { waiter, until };
  return new Block([waiter.queue], restart, { deadline: until, saved: wait });
}

export function wake(t: Thread, address: number, shared: boolean, count: number, bitset: number): number {
  if (address >= HIGH_LIMIT) return -EFAULT;
  // A private futex need not be mapped to be woken.
  const word = shared ? key(t, address, true) : t.kernel.futexes.key(t.process.memory, address, false);
  return t.kernel.futexes.wake(word, Math.max(count, 1), bitset);
}

export function requeue(
  t: Thread,
  address: number,
  shared: boolean,
  wakes: number,
  target: number,
  moves: number,
  expected: number | null,
): number {
  if (wakes < 0 || moves < 0 || target % 4 !== 0) return -EINVAL;
  const from = key(t, address, shared);
  const to = key(t, target, shared);
  // The second word of a shared futex is looked up too (get_futex_key).
  if (shared) t.user.probe(target, 4, false);
  if (expected !== null && t.user.u32(address) !== expected >>> 0) return -EAGAIN;
  const woken = t.kernel.futexes.wake(from, wakes);
  return woken + t.kernel.futexes.requeue(from, to, moves);
}

/** FUTEX_WAKE_OP: changes the second word, wakes waiters of the first, and of the second if its old value passes a test. */
function wakeOp(
  t: Thread,
  address: number,
  shared: boolean,
  wakes: number,
  target: number,
  wakes2: number,
  code: number,
): number {
  if (target % 4 !== 0) return -EINVAL;
  const first = key(t, address, shared);
  const second = key(t, target, shared, true);
  let operand = (code << 8) >> 20;
  const compare = (code << 20) >> 20;
  if (code & 0x8000_0000) operand = 1 << operand;
  const old = t.user.i32(target);
  const operations = [operand, old + operand, old | operand, old & ~operand, old ^ operand];
  const operation = (code >>> 28) & 7;
  if (operation >= operations.length) return -ENOSYS;
  const tests = [old === compare, old !== compare, old < compare, old <= compare, old > compare, old >= compare];
  const test = (code >>> 24) & 15;
  t.user.setU32(target, operations[operation] >>> 0);
  if (test >= tests.length) return -ENOSYS; // too late, as on Linux
  let woken = t.kernel.futexes.wake(first, Math.max(wakes, 1));
  if (tests[test]) woken += t.kernel.futexes.wake(second, Math.max(wakes2, 1));
  return woken;
}

export const rows: readonly SyscallRow[] = [call(202, "futex", "ptr futex-operation int timespec ptr uint", futex)];
