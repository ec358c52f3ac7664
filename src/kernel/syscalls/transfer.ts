/** The loop around an open file's read or write: partial progress, page-ins, interruption, and the signals that errors send. */
import { EFBIG, EPIPE, Errno } from "../../abi/errno.ts";
import { IN_ACCESS, IN_MODIFY } from "../../abi/inotify.ts";
import { SIGPIPE, SIGXFSZ } from "../../abi/signal.ts";
import type { File } from "../../fs/file.ts";
import { notifyLocation } from "../../fs/notify.ts";
import { UserTransfer } from "../../fs/transfer.ts";
import type { Transfer } from "../../memory/types.ts";
import { Block, ERESTARTNOINTR, NeedPage } from "../../wait/queue.ts";
import { raise } from "../signal/send.ts";
import type { Thread } from "../task.ts";

/** What a call that waits in the middle of a transfer remembers; `inner` is the file's own. */
interface Progress {
  readonly transferred: number;
  readonly inner: unknown;
}

const isProgress = (saved: unknown): saved is Progress =>
  typeof saved === "object" && saved !== null && "transferred" in saved;

/** Bytes that earlier runs of this call have moved; the file finds its own `saved`. */
export function resumeTransfer(t: Thread): number {
  if (!isProgress(t.saved)) return 0;
  const { transferred, inner } = t.saved;
  t.saved = inner;
  return transferred;
}

/** `block` for a call that has moved `done` bytes: interrupted, it ends with them. */
export function waitAfter(t: Thread, done: number, block: Block): number | Block {
  if (done === 0) return block;
  if (t.interrupted && !block.uninterruptible) return done;
  const saved: Progress = { transferred: done, inner: block.saved };
  return new Block(block.queues, block.restart, {
    deadline: block.deadline,
    uninterruptible: block.uninterruptible,
    saved,
  });
}

/** SIGPIPE and SIGXFSZ of a failed write. */
export function writeFailed(t: Thread, errno: number): void {
  if (errno === EPIPE) raise(t, SIGPIPE);
  else if (errno === EFBIG && t.fileSizeLimit !== Number.POSITIVE_INFINITY) raise(t, SIGXFSZ);
}

/**
 * One step of a transfer that has moved `done` bytes: moves bytes between `file`, at `at` or its own offset, and `transfer`.
 * A count, or what the whole call answers as `[answer]`. NeedPage of a first step goes on to the dispatcher.
 */
export function step(
  t: Thread,
  done: number,
  file: File,
  transfer: Transfer,
  write: boolean,
  at?: number,
): number | [number | Block] {
  let result: number | Block;
  try {
    result = write ? file.write(t, transfer, at) : file.read(t, transfer, at);
  } catch (error) {
    if (error instanceof NeedPage) {
      if (done === 0) throw error;
      return [waitAfter(t, done, new Block([error.queue], ERESTARTNOINTR, { uninterruptible: true }))];
    }
    if (!(error instanceof Errno)) throw error;
    result = -error.errno;
  }
  if (typeof result !== "number") return [waitAfter(t, done, result)];
  if (result >= 0) return result;
  if (write && (result !== -EPIPE || file.signalsBrokenPipe(done))) writeFailed(t, -result);
  return [done > 0 ? done : result];
}

/** read(2) and its kin into user memory. */
export function readInto(t: Thread, file: File, segments: readonly number[], offset?: number): number | Block {
  const result = run(t, file, new UserTransfer(t.user, segments, true), false, offset);
  if (typeof result === "number" && result > 0) notifyLocation(file.location, file.inode, IN_ACCESS);
  return result;
}

/** write(2) and its kin from user memory. */
export function writeFrom(t: Thread, file: File, segments: readonly number[], offset?: number): number | Block {
  const result = run(t, file, new UserTransfer(t.user, segments, false), true, offset);
  if (typeof result === "number" && result > 0) notifyLocation(file.location, file.inode, IN_MODIFY);
  return result;
}

function run(t: Thread, file: File, transfer: UserTransfer, write: boolean, offset?: number): number | Block {
  const result = move(t, file, transfer, write, offset);
  if (typeof result !== "number") return result;
  if (write) countWrite(t, result);
  else countRead(t, result);
  return result;
}

/** What /proc/[pid]/io counts: calls, and the bytes of `result` if it is not an error. Sockets' own calls and splice(2) are not among them. */
export function countRead({ usage }: Thread, result: number): void {
  usage.reads++;
  if (result > 0) usage.readBytes += result;
}

export function countWrite({ usage }: Thread, result: number): void {
  usage.writes++;
  if (result > 0) usage.writtenBytes += result;
}

/** Moves bytes between user memory and a pipe, not counted (vmsplice(2)). */
export function moveUncounted(t: Thread, file: File, segments: readonly number[], write: boolean): number | Block {
  const result = move(t, file, new UserTransfer(t.user, segments, !write), write);
  if (typeof result === "number" && result > 0)
    notifyLocation(file.location, file.inode, write ? IN_MODIFY : IN_ACCESS);
  return result;
}

function move(t: Thread, file: File, transfer: UserTransfer, write: boolean, offset?: number): number | Block {
  let done = resumeTransfer(t);
  if (done > 0) transfer.skip(done);
  const goesOn = write ? file.writesAll : file.readsAll;
  for (;;) {
    const moved = step(t, done, file, transfer, write, offset === undefined ? undefined : offset + done);
    if (typeof moved !== "number") return moved[0];
    done += moved;
    if (moved === 0 || transfer.remaining === 0 || !goesOn) return done;
  }
}
