/** Sockets: making, naming and connecting them, and their options. Messages are in socket-message.ts. */
import { BPF_INSTRUCTION_SIZE, BPF_MAXINSNS } from "../../abi/bpf.ts";
import { EFAULT, EINVAL, ENODATA, ENOTSOCK, EPERM, ERANGE, Errno, ESRCH } from "../../abi/errno.ts";
import {
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ATTACH_FILTER,
  SO_BINDTODEVICE,
  SO_LINGER,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SO_PEERPIDFD,
  SO_RCVTIMEO_NEW,
  SO_RCVTIMEO_OLD,
  SO_SNDTIMEO_NEW,
  SO_SNDTIMEO_OLD,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_TYPE_MASK,
  SOCKADDR_MAX,
  SOL_SOCKET,
  SOMAXCONN,
} from "../../abi/socket.ts";
import { createPair, createSocket } from "../../net/create.ts";
import { SocketFile } from "../../net/file.ts";
import { getSocketOption, setSocketOption } from "../../net/options.ts";
import type { Socket } from "../../net/socket.ts";
import { networkOf, socketFile } from "../network.ts";
import { PidFile } from "../pidfd.ts";
import type { Process, Thread } from "../task.ts";
import { ucredBytes } from "../ucred.ts";
import { fileOf } from "./paths.ts";
import { call, type Handler, type SyscallRow } from "./row.ts";

/** The socket behind `fd`. Throws EBADF, ENOTSOCK. */
export function socketAt(t: Thread, fd: number): SocketFile {
  const file = fileOf(t, fd);
  if (!(file instanceof SocketFile)) throw new Errno(ENOTSOCK);
  return file;
}

/** A struct sockaddr from user memory. Throws EINVAL, EFAULT. */
export function readAddress(t: Thread, address: number, length: number): Uint8Array {
  if (length < 0 || length > SOCKADDR_MAX) throw new Errno(EINVAL);
  return t.user.read(address, length);
}

/**
 * Where a struct sockaddr is to go: its room is at `lengthAt`, which is set to its true length. Everything that can fail does
 * so when this is made.
 */
export class AddressTarget {
  readonly #t: Thread;
  readonly #address: number;
  readonly #lengthAt: number;
  readonly #room: number;

  /** Throws EINVAL, EFAULT. */
  constructor(t: Thread, address: number, lengthAt: number) {
    this.#t = t;
    this.#address = address;
    this.#lengthAt = lengthAt;
    this.#room = 0;
    if (address === 0) return;
    this.#room = t.user.i32(lengthAt);
    if (this.#room < 0) throw new Errno(EINVAL);
    t.user.probe(lengthAt, 4, true);
    // How much of it will be needed is known later, and then an error.
    try {
      t.user.probe(address, Math.min(this.#room, SOCKADDR_MAX), true);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }

  /** What is wrong with the addresses is an error only once there is something to tell. */
  static orError(t: Thread, address: number, lengthAt: number): AddressTarget | Errno {
    try {
      return new AddressTarget(t, address, lengthAt);
    } catch (error) {
      if (error instanceof Errno) return error;
      throw error;
    }
  }

  /** Of a call that has to tell: an address of 0 is like any other that is bad. */
  static required(t: Thread, address: number, lengthAt: number): AddressTarget {
    const target = new AddressTarget(t, address, lengthAt);
    if (address !== 0) return target;
    const room = t.user.i32(lengthAt);
    if (room < 0) throw new Errno(EINVAL);
    t.user.probe(lengthAt, 4, true);
    if (room > 0) throw new Errno(EFAULT);
    return target;
  }

  put(name: Uint8Array): void {
    if (this.#address === 0) return;
    this.#t.user.copyOut(this.#address, name.subarray(0, this.#room));
    this.#t.user.setU32(this.#lengthAt, name.length);
  }
}

function typeOf(type: number): { type: number; nonblock: number; closeOnExec: boolean } {
  const flags = type & ~SOCK_TYPE_MASK;
  if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) throw new Errno(EINVAL);
  return { type: type & SOCK_TYPE_MASK, nonblock: flags & SOCK_NONBLOCK, closeOnExec: (flags & SOCK_CLOEXEC) !== 0 };
}

const socket: Handler = (t, family, typeAndFlags, protocol) => {
  const { type, nonblock, closeOnExec } = typeOf(typeAndFlags);
  const limit = t.process.limits.openFiles;
  const made = createSocket(networkOf(t.kernel, t.namespaces.net), t, family, type, protocol);
  const file = socketFile(t, made, nonblock);
  try {
    return t.files.install(file, closeOnExec, limit);
  } catch (error) {
    file.close();
    throw error;
  }
};

const socketpair: Handler = (t, family, typeAndFlags, protocol, address) => {
  const { type, nonblock, closeOnExec } = typeOf(typeAndFlags);
  const limit = t.process.limits.openFiles;
  t.files.reserve(2, limit);
  t.user.probe(address, 8, true);
  const pair = createPair(networkOf(t.kernel, t.namespaces.net), t, family, type, protocol);
  pair.forEach((made, i) => {
    t.user.setU32(address + i * 4, t.files.install(socketFile(t, made, nonblock), closeOnExec, limit));
  });
  return 0;
};

const bind: Handler = (t, fd, address, length) => {
  const { socket } = socketAt(t, fd);
  return socket.bind(t, readAddress(t, address, length));
};

const listen: Handler = (t, fd, backlog) => {
  const { socket } = socketAt(t, fd);
  return socket.listen(t, Math.min(backlog >>> 0, SOMAXCONN));
};

const connect: Handler = (t, fd, address, length) => {
  fileOf(t, fd);
  const to = readAddress(t, address, length);
  const { socket, waitFlag } = socketAt(t, fd);
  return socket.connect(t, to, waitFlag);
};

const accept4: Handler = (t, fd, address, lengthAt, flags) => {
  fileOf(t, fd);
  if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) return -EINVAL;
  const { socket, waitFlag } = socketAt(t, fd);
  const limit = t.process.limits.openFiles;
  t.files.reserve(1, limit);
  const target = AddressTarget.orError(t, address, lengthAt);
  const made = socket.accept(t, waitFlag);
  if (typeof made === "number" || "queues" in made) return made;
  if (target instanceof Errno) {
    // The connection has been taken, and nobody has it.
    made.close();
    throw target;
  }
  try {
    target.put(made.acceptedName());
  } catch (error) {
    made.close();
    throw error;
  }
  return t.files.install(socketFile(t, made, flags & SOCK_NONBLOCK), (flags & SOCK_CLOEXEC) !== 0, limit);
};

const getsockname: Handler = (t, fd, address, lengthAt) => {
  const { socket } = socketAt(t, fd);
  AddressTarget.required(t, address, lengthAt).put(socket.name());
  return 0;
};

const getpeername: Handler = (t, fd, address, lengthAt) => {
  const { socket } = socketAt(t, fd);
  const name = socket.peerName();
  AddressTarget.required(t, address, lengthAt).put(name);
  return 0;
};

const shutdown: Handler = (t, fd, how) => {
  const { socket } = socketAt(t, fd);
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  socket.shutdown(how !== SHUT_WR, how !== SHUT_RD);
  return 0;
};

/** What is read of the value of an option, at most. */
function optionBytes(level: number, name: number): number {
  if (level !== SOL_SOCKET) return 4096;
  switch (name) {
    case SO_ATTACH_FILTER:
    case SO_RCVTIMEO_OLD:
    case SO_SNDTIMEO_OLD:
    case SO_RCVTIMEO_NEW:
    case SO_SNDTIMEO_NEW:
    case SO_BINDTODEVICE:
      return 16;
    case SO_LINGER:
      return 8;
    default:
      return 4;
  }
}

const setsockopt: Handler = (t, fd, level, name, address, length) => {
  const { socket } = socketAt(t, fd);
  if (length < 0) return -EINVAL;
  if (level === SOL_SOCKET && name !== SO_BINDTODEVICE && length < 4) return -EINVAL;
  const value = t.user.read(address, Math.min(length, optionBytes(level, name)));
  if (level === SOL_SOCKET && name === SO_ATTACH_FILTER) return attachFilter(t, socket, value);
  if (level === SOL_SOCKET) setSocketOption(socket, t, name, value);
  else socket.setOption(t, level, name, value);
  return 0;
};

/** `value`: struct sock_fprog { u16 length; struct sock_filter *filter; }. */
function attachFilter(t: Thread, socket: Socket, value: Uint8Array): number {
  if (value.length !== 16) return -EINVAL;
  if (socket.filter.locked) return -EPERM;
  const view = new DataView(value.buffer, value.byteOffset);
  const count = view.getUint16(0, true);
  const at = view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32;
  if (at === 0 || count === 0 || count > BPF_MAXINSNS) return -EINVAL;
  socket.filter.attach(socket, t.user.read(at, count * BPF_INSTRUCTION_SIZE));
  return 0;
}

/** SO_GET_FILTER, whose lengths are numbers of instructions. */
function getFilter(t: Thread, { filter }: Socket, address: number, room: number, lengthAt: number): number {
  const { bytes } = filter;
  const count = bytes.length / BPF_INSTRUCTION_SIZE;
  if (room !== 0 && room < count) return -EINVAL;
  if (room !== 0) t.user.copyOut(address, bytes);
  t.user.setU32(lengthAt, count);
  return 0;
}

const getsockopt: Handler = (t, fd, level, name, address, lengthAt) => {
  const { socket } = socketAt(t, fd);
  const room = t.user.i32(lengthAt);
  if (room < 0) return -EINVAL;
  t.user.probe(lengthAt, 4, true);
  if (level === SOL_SOCKET && name === SO_ATTACH_FILTER) return getFilter(t, socket, address, room, lengthAt);
  let value: Uint8Array;
  if (level !== SOL_SOCKET) value = socket.getOption(t, level, name, room);
  else if (name === SO_PEERPIDFD) value = peerPidfd(t, socket.peerCredentials?.process);
  else if (name === SO_PEERCRED) value = ucredBytes(t, socket.peerCredentials);
  else value = getSocketOption(socket, name, room);
  if (level === SOL_SOCKET && name === SO_PEERGROUPS && room < value.length) {
    t.user.setU32(lengthAt, value.length);
    return -ERANGE;
  }
  const count = Math.min(room, value.length);
  t.user.copyOut(address, value.subarray(0, count));
  t.user.setU32(lengthAt, count);
  return 0;
};

/** A pidfd of the peer's process (SO_PEERPIDFD). */
function peerPidfd(t: Thread, process: object | null | undefined): Uint8Array {
  if (!process) throw new Errno(ENODATA);
  const file = new PidFile(t, process as Process, 0);
  if (file.reaped) throw new Errno(ESRCH);
  const fd = t.files.install(file, true, t.process.limits.openFiles);
  return new Uint8Array(Int32Array.of(fd).buffer);
}

export const rows: readonly SyscallRow[] = [
  call(
    41,
    "socket",
    "socket-family socket-type int",
    socket,
    "AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; raw sockets for ICMP",
  ),
  call(42, "connect", "fd sockaddr uint", connect),
  call(43, "accept", "fd sockaddr-out int-out", (t, fd, address, length) => accept4(t, fd, address, length, 0, 0, 0)),
  call(48, "shutdown", "fd shutdown-how", shutdown),
  call(49, "bind", "fd sockaddr uint", bind),
  call(50, "listen", "fd int", listen),
  call(51, "getsockname", "fd sockaddr-out int-out", getsockname),
  call(52, "getpeername", "fd sockaddr-out int-out", getpeername),
  call(53, "socketpair", "socket-family socket-type int fds", socketpair),
  call(54, "setsockopt", "fd socket-level socket-option ptr int", setsockopt, "no filters on TCP"),
  call(55, "getsockopt", "fd socket-level socket-option ptr ptr", getsockopt),
  call(288, "accept4", "fd sockaddr-out int-out socket-flags", accept4),
];
