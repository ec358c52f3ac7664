/** send(2), recv(2) and their kin. */
import { EAGAIN, EFAULT, EINVAL, EMSGSIZE, EPIPE, Errno } from "../../abi/errno.ts";
import { IOV_MAX, MAX_RW_COUNT } from "../../abi/fcntl.ts";
import { SIGPIPE } from "../../abi/signal.ts";
import {
  MMSGHDR_BYTES,
  MSG_CMSG_CLOEXEC,
  MSG_CMSG_COMPAT,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_WAITALL,
  MSG_WAITFORONE,
  MSGHDR_BYTES,
  SOCK_STREAM,
  SOCKADDR_MAX,
} from "../../abi/socket.ts";
import { readIovec, UserTransfer } from "../../fs/transfer.ts";
import { TASK_SIZE_MAX } from "../../memory/layout.ts";
import type { SocketFile } from "../../net/file.ts";
import { dropRights, Incoming, Outgoing } from "../../net/message.ts";
import { Block, ERESTARTNOINTR, NeedPage } from "../../wait/queue.ts";
import { raise } from "../signal/send.ts";
import type { Thread } from "../task.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";
import { AddressTarget, readAddress, socketAt } from "./socket.ts";
import { ControlTarget, readControl } from "./socket-control.ts";
import { readTimespec } from "./time.ts";
import { resumeTransfer, waitAfter } from "./transfer.ts";

/** One step's result, exceptions included: a count, or what the call answers after `done` bytes. */
function attempt(t: Thread, done: number, run: () => number | Block): number | [number | Block] {
  let result: number | Block;
  try {
    result = run();
  } catch (error) {
    if (done === 0) throw error;
    if (error instanceof NeedPage) {
      return [waitAfter(t, done, new Block([error.queue], ERESTARTNOINTR, { uninterruptible: true }))];
    }
    if (!(error instanceof Errno)) throw error;
    result = -error.errno;
  }
  if (typeof result !== "number") return [waitAfter(t, done, result)];
  return result >= 0 ? result : [done > 0 ? done : result];
}

/** Sends from user memory; a stream that may wait takes everything. */
function send(t: Thread, file: SocketFile, segments: readonly number[], message: Outgoing): number | Block {
  const { socket } = file;
  let done = resumeTransfer(t);
  const transfer = new UserTransfer(t.user, segments, false);
  if (done > 0) {
    transfer.skip(done);
    message.rights = null;
  }
  for (;;) {
    const moved = attempt(t, done, () => socket.send(t, transfer, message));
    if (typeof moved !== "number") {
      const [result] = moved;
      if (result === -EPIPE && socket.type === SOCK_STREAM && !(message.flags & MSG_NOSIGNAL)) raise(t, SIGPIPE);
      return result;
    }
    done += moved;
    if (moved === 0 || transfer.remaining === 0 || socket.type !== SOCK_STREAM) return done;
  }
}

/** Receives into user memory; a stream with MSG_WAITALL goes on until all is there. */
function receive(t: Thread, file: SocketFile, segments: readonly number[], message: Incoming): number | Block {
  const { socket } = file;
  let done = resumeTransfer(t);
  const transfer = new UserTransfer(t.user, segments, true);
  if (done > 0) transfer.skip(done);
  const goesOn = (message.flags & (MSG_WAITALL | MSG_PEEK)) === MSG_WAITALL && socket.type === SOCK_STREAM;
  for (;;) {
    const moved = attempt(t, done, () => socket.receive(t, transfer, message));
    if (typeof moved !== "number") return moved[0];
    done += moved;
    if (!goesOn || moved === 0 || message.complete || transfer.remaining === 0) return done;
  }
}

/** What is beyond the addresses of any program is EFAULT before all else (import_ubuf). */
function requireRange(address: number, length: number): void {
  if (address + Math.min(length, MAX_RW_COUNT) > TASK_SIZE_MAX) throw new Errno(EFAULT);
}

/** Flags that only the 32-bit calls have. */
function requireMessageFlags(flags: number): void {
  if (flags & MSG_CMSG_COMPAT) throw new Errno(EINVAL);
}

const sendto: Handler = (t, fd, buffer, length, flags, address, addressLength) => {
  requireRange(buffer, length);
  const file = socketAt(t, fd);
  const to = address === 0 ? null : readAddress(t, address, addressLength);
  return send(t, file, [buffer, length], new Outgoing(flags | file.waitFlag, to?.length === 0 ? null : to));
};

const recvfrom: Handler = (t, fd, buffer, length, flags, address, lengthAt) => {
  requireRange(buffer, length);
  const file = socketAt(t, fd);
  const target = AddressTarget.orError(t, address, lengthAt);
  const message = new Incoming(flags | file.waitFlag);
  const count = receive(t, file, [buffer, length], message);
  if (typeof count !== "number" || count < 0) return count;
  dropRights(message);
  if (target instanceof Errno) throw target;
  target.put(message.address ?? NO_ADDRESS);
  return count;
};

const NO_ADDRESS = new Uint8Array(0);

/** struct msghdr. */
class Header {
  readonly at: number;
  readonly name: number;
  readonly nameLength: number;
  readonly segments: number[];
  readonly control: number;
  readonly controlLength: number;

  /** Throws EFAULT, EINVAL, EMSGSIZE. */
  constructor(t: Thread, at: number) {
    const { user } = t;
    this.at = at;
    this.name = user.u64(at);
    const nameLength = user.i32(at + 8);
    if (nameLength < 0) throw new Errno(EINVAL);
    this.nameLength = this.name === 0 ? 0 : Math.min(nameLength, SOCKADDR_MAX);
    const count = user.u64(at + 24);
    if (count > IOV_MAX) throw new Errno(EMSGSIZE);
    this.segments = readIovec(user, user.u64(at + 16), count);
    this.control = user.u64(at + 32);
    this.controlLength = user.u64(at + 40);
  }
}

function sendHeader(t: Thread, file: SocketFile, at: number, flags: number): number | Block {
  const header = new Header(t, at);
  const to = header.nameLength === 0 ? null : t.user.read(header.name, header.nameLength);
  const message = new Outgoing(flags | file.waitFlag, to);
  if (header.controlLength > 0) readControl(t, file.socket, header.control, header.controlLength, message);
  return send(t, file, header.segments, message);
}

function receiveHeader(t: Thread, file: SocketFile, at: number, flags: number): number | Block {
  const { user } = t;
  const header = new Header(t, at);
  user.probe(at, MSGHDR_BYTES, true);
  user.probe(header.name, header.nameLength, true);
  const target = new ControlTarget(t, header.control, header.controlLength, (flags & MSG_CMSG_CLOEXEC) !== 0);
  const message = new Incoming(flags | file.waitFlag);
  const count = receive(t, file, header.segments, message);
  if (typeof count !== "number" || count < 0) return count;
  try {
    const from = message.address ?? NO_ADDRESS;
    if (header.name !== 0) {
      user.copyOut(header.name, from.subarray(0, header.nameLength));
      user.setU32(at + 8, from.length);
    }
    target.put(message);
    user.setU64(at + 40, target.used);
    user.setU32(at + 48, message.found | (flags & MSG_CMSG_CLOEXEC));
  } finally {
    // Whatever happens, what the message has brought does not stay open for good.
    dropRights(message);
  }
  return count;
}

const sendmsg: Handler = (t, fd, at, flags) => {
  requireMessageFlags(flags);
  return sendHeader(t, socketAt(t, fd), at, flags);
};

const recvmsg: Handler = (t, fd, at, flags) => {
  requireMessageFlags(flags);
  return receiveHeader(t, socketAt(t, fd), at, flags);
};

/** What a call with many messages that waits remembers: those that are done, and what the waiting one does. */
interface Progress {
  readonly messages: number;
  readonly until: number;
  readonly inner: unknown;
}

const isProgress = (saved: unknown): saved is Progress =>
  typeof saved === "object" && saved !== null && "messages" in saved;

/** sendmmsg(2), recvmmsg(2): `one` handles the message at an address, `until` is when no further one is begun. */
function many(
  t: Thread,
  address: number,
  count: number,
  limit: () => number,
  one: (at: number, done: number) => number | Block,
): { done: number; result: number | Block } {
  let done = 0;
  let until: number;
  if (isProgress(t.saved)) {
    done = t.saved.messages;
    until = t.saved.until;
    t.saved = t.saved.inner;
  } else {
    until = limit();
  }
  while (done < Math.min(count, IOV_MAX)) {
    const at = address + done * MMSGHDR_BYTES;
    let result: number | Block;
    try {
      t.user.probe(at, MMSGHDR_BYTES, true);
      result = one(at, done);
    } catch (error) {
      if (done === 0 || !(error instanceof Errno || error instanceof NeedPage)) throw error;
      if (error instanceof Errno) return { done, result: -error.errno };
      result = new Block([error.queue], ERESTARTNOINTR, { uninterruptible: true });
    }
    if (typeof result !== "number") {
      if (done > 0 && t.interrupted && !result.uninterruptible) return { done, result: done };
      const saved: Progress = { messages: done, until, inner: result.saved };
      const { deadline, uninterruptible } = result;
      return { done, result: new Block(result.queues, result.restart, { deadline, uninterruptible, saved }) };
    }
    if (result < 0) return { done, result };
    t.saved = null;
    t.user.setU32(at + MSGHDR_BYTES, result);
    done++;
    if (t.kernel.clock.now() >= until) break;
  }
  return { done, result: done };
}

const NEVER = (): number => Number.POSITIVE_INFINITY;

const sendmmsg: Handler = (t, fd, address, count, flags) => {
  requireMessageFlags(flags);
  const file = socketAt(t, fd);
  const { done, result } = many(t, address, count, NEVER, (at) => sendHeader(t, file, at, flags));
  return typeof result === "number" && done > 0 ? done : result;
};

const recvmmsg: Handler = (t, fd, address, count, flags, timeout) => {
  requireMessageFlags(flags);
  const { clock } = t.kernel;
  const time = timeout === 0 ? Number.POSITIVE_INFINITY : readTimespec(t, timeout);
  const file = socketAt(t, fd);
  const limit = () => clock.now() + time;
  if (file.socket.error !== 0 && t.saved === null) return file.socket.takeError();
  const { done, result } = many(t, address, count, limit, (at, received) =>
    receiveHeader(t, file, at, received > 0 && flags & MSG_WAITFORONE ? flags | MSG_DONTWAIT : flags),
  );
  if (typeof result !== "number" || done === 0) return result;
  // An error behind the first message is for the next call.
  if (result < 0 && result !== -EAGAIN) file.socket.error = -result;
  return done;
};

export const rows: readonly SyscallRow[] = [
  call(44, "sendto", "fd in size message-flags sockaddr uint", sendto),
  call(45, "recvfrom", "fd out size message-flags sockaddr-out int-out", recvfrom, "no error queue"),
  call(46, "sendmsg", "fd ptr message-flags", sendmsg),
  call(47, "recvmsg", "fd ptr message-flags", recvmsg, "no error queue"),
  call(299, "recvmmsg", "fd ptr uint message-flags ptr", recvmmsg, "no error queue"),
  call(307, "sendmmsg", "fd ptr uint message-flags", sendmmsg),
];
