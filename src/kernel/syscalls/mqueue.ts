/** POSIX message queues: mq_open(2), mq_timedsend(2), mq_timedreceive(2), mq_notify(2) and their kin. */
import {
  EACCES,
  EAGAIN,
  EBADF,
  EBUSY,
  EEXIST,
  EINVAL,
  EMSGSIZE,
  ENAMETOOLONG,
  ENOENT,
  ENOMEM,
  ENOTSOCK,
  Errno,
  ETIMEDOUT,
} from "../../abi/errno.ts";
import { O_ACCMODE, O_CREAT, O_EXCL, O_NONBLOCK, O_PATH, R_OK, W_OK, X_OK } from "../../abi/fcntl.ts";
import { MQ_ATTR_SIZE, MQ_PRIO_MAX, NAME_MAX, NOTIFY_COOKIE_SIZE, SIGEV_THREAD } from "../../abi/mqueue.ts";
import { NSIG } from "../../abi/signal.ts";
import { S_IFREG } from "../../abi/stat.ts";
import { SIGEV_NONE, SIGEV_SIGNAL } from "../../abi/time.ts";
import { type QueueAttributes, type QueueDirectory, QueueFile } from "../../fs/mqueue.ts";
import { permits, requireRemovable } from "../../fs/permission.ts";
import type { PosixMessage, QueueNotification, QueueWait } from "../../ipc/posix-queue.ts";
import { SocketFile } from "../../net/file.ts";
import { NetlinkSocket } from "../../net/netlink/socket.ts";
import { Block, ERESTARTNOINTR, ERESTARTSYS, NeedPage } from "../../wait/queue.ts";
import { queuesOf } from "../mqueue.ts";
import { SignalNotification, SilentNotification, ThreadNotification } from "../mqueue-notification.ts";
import type { Thread } from "../task.ts";
import { absoluteDeadline } from "./futex.ts";
import { fileOf, pathAt } from "./paths.ts";
import { call, type SyscallRow } from "./row.ts";

const directoryOf = (t: Thread): QueueDirectory => queuesOf(t.kernel, t.namespaces.ipc).root;

/** A name in the directory of queues: without the slash that the C library takes off. */
function nameAt(t: Thread, address: number): string {
  const name = pathAt(t, address);
  if (name === "") throw new Errno(ENOENT);
  return name;
}

function requireName(name: string): void {
  if (name === "." || name === ".." || name.includes("/")) throw new Errno(EACCES);
  if (name.length > NAME_MAX) throw new Errno(ENAMETOOLONG);
}

function readAttributes(t: Thread, address: number): QueueAttributes {
  const { user } = t;
  user.probe(address, MQ_ATTR_SIZE, false);
  return { maxMessages: user.i64(address + 8), messageSize: user.i64(address + 16) };
}

function mqOpen(t: Thread, nameAddress: number, flags: number, mode: number, address: number): number {
  const attributes = address === 0 ? null : readAttributes(t, address);
  const name = nameAt(t, nameAddress);
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  requireName(name);
  const directory = directoryOf(t);
  let queue = directory.lookup(name);
  if (queue === null) {
    if (!(flags & O_CREAT)) return -ENOENT;
    if (!permits(t, directory, W_OK | X_OK)) return -EACCES;
    const { fsuid, fsgid } = t.credentials;
    const what = { mode: S_IFREG | (mode & 0o7777 & ~t.fs.umask), uid: fsuid, gid: fsgid };
    queue = directory.createQueue(name, what, attributes);
  } else {
    if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return -EEXIST;
    const access = flags & O_ACCMODE;
    if (access === O_ACCMODE) return -EINVAL;
    if (!permits(t, queue, [R_OK, W_OK, R_OK | W_OK][access])) return -EACCES;
  }
  return t.files.install(queue.open(t, flags), true, limit);
}

function mqUnlink(t: Thread, nameAddress: number): number {
  const name = nameAt(t, nameAddress);
  requireName(name);
  const directory = directoryOf(t);
  const queue = directory.lookup(name);
  if (queue === null) return -ENOENT;
  if (!permits(t, directory, W_OK | X_OK)) return -EACCES;
  requireRemovable(t, directory, queue);
  directory.unlink(name, queue);
  return 0;
}

function queueFile(t: Thread, fd: number): QueueFile {
  const file = t.files.file(fd);
  if (!(file instanceof QueueFile) || file.flags & O_PATH) throw new Errno(EBADF);
  return file;
}

/** A wait that is not served goes on, or ends by a signal or the deadline (monotonic nanoseconds). */
function unserved(t: Thread, wait: QueueWait, deadline: number): number | Block {
  if (t.interrupted) {
    wait.cancel();
    return new Block([], ERESTARTSYS);
  }
  if (t.kernel.clock.now() >= deadline) {
    wait.cancel();
    return -ETIMEDOUT;
  }
  return new Block([wait.queue], ERESTARTSYS, { deadline, saved: wait });
}

function mqTimedsend(t: Thread, fd: number, address: number, size: number, priority: number, timeout: number) {
  const saved = t.saved as QueueWait | null;
  if (saved?.served) return 0;
  const deadline = absoluteDeadline(t, timeout, true);
  if (saved !== null) return unserved(t, saved, deadline);
  if (priority >= MQ_PRIO_MAX) return -EINVAL;
  const file = queueFile(t, fd);
  if (!file.writable) return -EBADF;
  const { queue } = file.inode;
  if (size > queue.messageSize) return -EMSGSIZE;
  const message = { priority, text: t.user.read(address, size) };
  if (queue.full && file.flags & O_NONBLOCK) return -EAGAIN;
  if (!queue.reserve(message)) return -ENOMEM;
  if (queue.full) return unserved(t, queue.waitToSend(message, t.priority), deadline);
  queue.send(message);
  file.inode.used();
  return 0;
}

function mqTimedreceive(t: Thread, fd: number, address: number, size: number, priority: number, timeout: number) {
  const saved = t.saved as QueueWait | Received | null;
  if (saved?.served) return deliver(t, saved.message!, address, priority);
  const deadline = absoluteDeadline(t, timeout, true);
  if (saved !== null) return unserved(t, saved as QueueWait, deadline);
  const file = queueFile(t, fd);
  if (!file.readable) return -EBADF;
  const { queue } = file.inode;
  if (size < queue.messageSize) return -EMSGSIZE;
  const message = queue.receive();
  if (message === null) {
    return file.flags & O_NONBLOCK ? -EAGAIN : unserved(t, queue.waitToReceive(t.priority), deadline);
  }
  file.inode.used();
  return deliver(t, message, address, priority);
}

/** What has been received and not been copied to the caller, whose buffer must be fetched first. */
interface Received {
  readonly served: true;
  readonly message: PosixMessage;
}

/** Copies a message to the caller; one that does not get there (EFAULT) is lost, as on Linux. */
function deliver(t: Thread, message: PosixMessage, address: number, priority: number): number | Block {
  try {
    if (priority !== 0) t.user.setU32(priority, message.priority);
    t.user.copyOut(address, message.text);
    return message.text.length;
  } catch (error) {
    if (!(error instanceof NeedPage)) throw error;
    const saved: Received = { served: true, message };
    return new Block([error.queue], ERESTARTNOINTR, { saved, uninterruptible: true });
  }
}

/** The struct sigevent at `event`. Throws EINVAL; for SIGEV_THREAD EBADF, ENOTSOCK too. */
function readNotification(t: Thread, event: number): QueueNotification {
  const { user, process } = t;
  const kind = user.i32(event + 12);
  const signal = user.i32(event + 8);
  switch (kind) {
    case SIGEV_NONE:
      return new SilentNotification(process);
    case SIGEV_SIGNAL:
      if (signal < 0 || signal > NSIG) throw new Errno(EINVAL);
      return new SignalNotification(process, signal, [user.i32(event), user.i32(event + 4)]);
    case SIGEV_THREAD: {
      const cookie = user.read(user.u64(event), NOTIFY_COOKIE_SIZE);
      return new ThreadNotification(process, netlinkSocket(t, signal), cookie);
    }
    default:
      throw new Errno(EINVAL);
  }
}

/** The socket by which the C library hears that it is to start a thread. */
function netlinkSocket(t: Thread, fd: number): NetlinkSocket {
  const file = fileOf(t, fd);
  if (!(file instanceof SocketFile)) throw new Errno(ENOTSOCK);
  if (!(file.socket instanceof NetlinkSocket)) throw new Errno(EINVAL);
  return file.socket;
}

function mqNotify(t: Thread, fd: number, event: number): number {
  const notification = event === 0 ? null : readNotification(t, event);
  const { inode } = queueFile(t, fd);
  const { queue } = inode;
  if (notification === null) {
    if (queue.withdraw(t.process.pid)) inode.touched();
    return 0;
  }
  if (queue.notified !== null) return -EBUSY;
  queue.notification = notification;
  inode.touched();
  return 0;
}

function mqGetsetattr(t: Thread, fd: number, next: number, old: number): number {
  const { user } = t;
  if (next !== 0) user.probe(next, MQ_ATTR_SIZE, false);
  const flags = next === 0 ? 0 : user.i64(next);
  if (flags !== 0 && flags !== O_NONBLOCK) return -EINVAL;
  const file = queueFile(t, fd);
  const { inode } = file;
  if (old !== 0) {
    const { maxMessages, messageSize, count } = inode.queue;
    const fields = [file.flags & O_NONBLOCK, maxMessages, messageSize, count, 0, 0, 0, 0];
    user.copyOut(old, new Uint8Array(BigInt64Array.from(fields, BigInt).buffer));
  }
  if (next !== 0) {
    file.flags = (file.flags & ~O_NONBLOCK) | flags;
    inode.touched();
  }
  return 0;
}

export const rows: readonly SyscallRow[] = [
  call(240, "mq_open", "path open-flags mode ptr", mqOpen),
  call(241, "mq_unlink", "path", mqUnlink),
  call(242, "mq_timedsend", "fd in size uint timespec", mqTimedsend),
  call(243, "mq_timedreceive", "fd out size ptr timespec", mqTimedreceive),
  call(244, "mq_notify", "fd ptr", mqNotify),
  call(245, "mq_getsetattr", "fd ptr ptr", mqGetsetattr),
];
