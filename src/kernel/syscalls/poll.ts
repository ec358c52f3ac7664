/** poll, ppoll, select and pselect6 (poll(2), select(2)). */
import { EBADF, EFAULT, EINVAL, Errno } from "../../abi/errno.ts";
import { O_PATH } from "../../abi/fcntl.ts";
import { POLLERR, POLLFD_BYTES, POLLHUP, POLLNVAL, SELECT_EXCEPT, SELECT_IN, SELECT_OUT } from "../../abi/poll.ts";
import { TASK_SIZE_MAX } from "../../memory/layout.ts";
import { Block, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, type Restart, type WaitQueue } from "../../wait/queue.ts";
import { setTemporaryMask } from "../signal/mask.ts";
import type { Thread } from "../task.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** What a wait remembers: monotonic nanoseconds at which it ends. */
interface Until {
  readonly until: number;
}

/** When this call ends: as its first run has set it, `timeout` nanoseconds from now otherwise (Infinity for never). */
function deadlineOf(t: Thread, timeout: number): number {
  const saved = t.saved as Until | null;
  return saved?.until ?? t.kernel.clock.now() + timeout;
}

const wait = (queues: readonly WaitQueue[], until: number, restart: Restart): Block =>
  new Block(queues, restart, { deadline: until, saved: { until } satisfies Until });

/** Nanoseconds of a struct timespec at `address`; EINVAL when it is not normal. */
function readTimespec(t: Thread, address: number): number {
  const sec = t.user.i64(address);
  const nsec = t.user.i64(address + 8);
  if (sec < 0 || nsec < 0 || nsec > 999_999_999) throw new Errno(EINVAL);
  return sec * 1e9 + nsec;
}

/**
 * Writes back what remains of a time-out, as Linux does (select(2)); `unit` is what the second word counts. Some time has
 * passed even where this clock has not moved: what remains is less than what was given.
 */
function writeRemaining(t: Thread, address: number, until: number, unit: number): void {
  if (address === 0 || until === Number.POSITIVE_INFINITY) return;
  const left = Math.max(0, until - t.kernel.clock.now() - 1);
  try {
    t.user.setU64(address, Math.floor(left / 1e9));
    t.user.setU64(address + 8, Math.floor((left % 1e9) / unit));
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}

/** Replaces the signal mask for the call; `size` must be that of a kernel sigset_t. */
function maskSignals(t: Thread, address: number, size: number): void {
  if (address === 0) return;
  if (size !== 8) throw new Errno(EINVAL);
  setTemporaryMask(t, t.user.u32(address), t.user.u32(address + 4));
}

/** Looks once at `count` pollfds: how many have events. Queues to wait on are added to `queues`. */
function scan(t: Thread, bytes: Uint8Array, count: number, queues: WaitQueue[]): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const at = i * POLLFD_BYTES;
    const fd = view.getInt32(at, true);
    let events = 0;
    if (fd >= 0) {
      const file = t.files.get(fd);
      if (!file || file.flags & O_PATH) events = POLLNVAL;
      else {
        events = file.poll() & (view.getUint16(at + 4, true) | POLLERR | POLLHUP);
        if (events === 0 && ready === 0) queues.push(...file.pollQueues);
      }
    }
    view.setUint16(at + 6, events, true);
    if (events !== 0) ready++;
  }
  return ready;
}

function doPoll(t: Thread, address: number, count: number, until: number, restart: Restart): number | Block {
  if (count > t.process.limits.openFiles) return -EINVAL;
  // Before anything is looked at, also when there is nothing (user_write_access_begin).
  if (address + count * POLLFD_BYTES > TASK_SIZE_MAX) return -EFAULT;
  const bytes = t.user.read(address, count * POLLFD_BYTES);
  const queues: WaitQueue[] = [];
  const ready = scan(t, bytes, count, queues);
  if (ready === 0 && t.kernel.clock.now() < until) return wait(queues, until, restart);
  // Only revents are written: another thread may have changed the rest meanwhile.
  for (let i = 0; i < count; i++) {
    const at = i * POLLFD_BYTES + 6;
    t.user.setU16(address + at, bytes[at] | (bytes[at + 1] << 8));
  }
  return ready;
}

const poll: Handler = (t, address, count, milliseconds) => {
  const timeout = milliseconds < 0 ? Number.POSITIVE_INFINITY : milliseconds * 1e6;
  return doPoll(t, address, count, deadlineOf(t, timeout), ERESTART_RESTARTBLOCK);
};

const ppoll: Handler = (t, address, count, timeoutAddress, mask, maskSize) => {
  const timeout = timeoutAddress === 0 ? Number.POSITIVE_INFINITY : readTimespec(t, timeoutAddress);
  maskSignals(t, mask, maskSize);
  const until = deadlineOf(t, timeout);
  const result = doPoll(t, address, count, until, ERESTARTNOHAND);
  if (typeof result === "number" || t.interrupted) writeRemaining(t, timeoutAddress, until, 1);
  return result;
};

/** The three sets of select(2): user address, events that count. */
type Sets = readonly (readonly [address: number, events: number])[];

function doSelect(t: Thread, count: number, sets: Sets, until: number): number | Block {
  if (count < 0) return -EINVAL;
  const bits = Math.min(count, t.files.capacity);
  const bytes = Math.ceil(bits / 64) * 8;
  const asked = sets.map(([address]) => (address === 0 ? null : t.user.read(address, bytes)));
  const found = asked.map((set) => set && new Uint8Array(bytes));
  const queues: WaitQueue[] = [];
  let ready = 0;
  for (let fd = 0; fd < bits; fd++) {
    const at = fd >> 3;
    const bit = 1 << (fd & 7);
    if (!asked.some((set) => set && set[at] & bit)) continue;
    const file = t.files.get(fd);
    if (!file) return -EBADF;
    // What was opened with O_PATH is invalid, which counts for each set (select_poll_one).
    const events = file.flags & O_PATH ? SELECT_IN | SELECT_OUT | SELECT_EXCEPT : file.poll();
    let some = false;
    for (let i = 0; i < 3; i++) {
      if (!asked[i] || !(asked[i]![at] & bit) || !(events & sets[i][1])) continue;
      found[i]![at] |= bit;
      ready++;
      some = true;
    }
    if (!some) queues.push(...file.pollQueues);
  }
  if (ready === 0 && t.kernel.clock.now() < until) return wait(queues, until, ERESTARTNOHAND);
  for (let i = 0; i < 3; i++) if (found[i]) t.user.copyOut(sets[i][0], found[i]!);
  return ready;
}

const selectSets = (read: number, write: number, except: number): Sets => [
  [read, SELECT_IN],
  [write, SELECT_OUT],
  [except, SELECT_EXCEPT],
];

const select: Handler = (t, count, read, write, except, timeval) => {
  let timeout = Number.POSITIVE_INFINITY;
  if (timeval !== 0) {
    const sec = t.user.i64(timeval);
    const usec = t.user.i64(timeval + 8);
    if (sec < 0 || usec < 0) return -EINVAL;
    timeout = sec * 1e9 + usec * 1e3;
  }
  const until = deadlineOf(t, timeout);
  const result = doSelect(t, count, selectSets(read, write, except), until);
  if (typeof result === "number" || t.interrupted) writeRemaining(t, timeval, until, 1000);
  return result;
};

/** The last argument points to { const sigset_t *mask; size_t size; }. */
const pselect6: Handler = (t, count, read, write, except, timespec, maskPair) => {
  const timeout = timespec === 0 ? Number.POSITIVE_INFINITY : readTimespec(t, timespec);
  if (maskPair !== 0) maskSignals(t, t.user.u64(maskPair), t.user.u64(maskPair + 8));
  const until = deadlineOf(t, timeout);
  const result = doSelect(t, count, selectSets(read, write, except), until);
  if (typeof result === "number" || t.interrupted) writeRemaining(t, timespec, until, 1);
  return result;
};

export const rows: readonly SyscallRow[] = [
  call(7, "poll", "pollfds uint int", poll),
  call(23, "select", "int ptr ptr ptr timeval", select),
  call(270, "pselect6", "int ptr ptr ptr timespec ptr", pselect6),
  call(271, "ppoll", "pollfds uint timespec sigset size", ppoll),
];
