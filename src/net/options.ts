/** Options of level SOL_SOCKET (socket(7); net/core/sock.c). */
import { CAP_NET_ADMIN, CAP_NET_RAW } from "../abi/capability.ts";
import { EDOM, EINVAL, ENODATA, ENODEV, ENOPROTOOPT, EOPNOTSUPP, EPERM, Errno } from "../abi/errno.ts";
import * as abi from "../abi/socket.ts";
import { byteString, bytesOf } from "../fs/name.ts";
import { intBytes } from "./message.ts";
import type { Socket } from "./socket.ts";
import type { NetCaller } from "./types.ts";

const INT_MAX = 0x7fff_ffff;

/** The options as sockets use them; an accepted socket begins with its listener's. */
export class SocketOptions {
  debug = false;
  reuseAddress = false;
  reusePort = false;
  keepAlive = false;
  dontRoute = false;
  broadcast = false;
  oobInline = false;
  noCheck = false;
  receiveOverflow = false;
  passCredentials = false;
  passPidfd = false;
  passSecurity = false;
  receiveMark = false;
  selectErrorQueue = false;
  /** Seconds, or -1 when lingering is off; the seconds are kept while it is. */
  linger = -1;
  lingerSeconds = 0;
  /** Bytes, bookkeeping included. */
  sendBuffer = abi.BUFFER_DEFAULT;
  receiveBuffer = abi.BUFFER_DEFAULT;
  /** SOCK_SNDBUF_LOCK and SOCK_RCVBUF_LOCK: the program has set the sizes. */
  bufferLock = 0;
  receiveLow = 1;
  /** Nanoseconds; Infinity for none. */
  sendTimeout = Number.POSITIVE_INFINITY;
  receiveTimeout = Number.POSITIVE_INFINITY;
  priority = 0;
  mark = 0;
  /** SO_TIMESTAMP and its kin, as the option's number; 0 for none. */
  timestamp = 0;
  /** Offset of the next MSG_PEEK, or -1. */
  peekOffset = -1;
  /** Interface that it is bound to, or 0. */
  device = 0;
  incomingCpu = -1;
  busyPoll = 0;
  maxPacingRate = 0xffff_ffff;
  txRehash = 1;

  copyFrom(other: SocketOptions): void {
    Object.assign(this, other);
    this.peekOffset = -1;
  }
}

type BooleanOption = { [K in keyof SocketOptions]: SocketOptions[K] extends boolean ? K : never }[keyof SocketOptions];

/** Options that are true or false and no more. */
const FLAGS = new Map<number, BooleanOption>([
  [abi.SO_DEBUG, "debug"],
  [abi.SO_REUSEADDR, "reuseAddress"],
  [abi.SO_REUSEPORT, "reusePort"],
  [abi.SO_KEEPALIVE, "keepAlive"],
  [abi.SO_DONTROUTE, "dontRoute"],
  [abi.SO_BROADCAST, "broadcast"],
  [abi.SO_OOBINLINE, "oobInline"],
  [abi.SO_NO_CHECK, "noCheck"],
  [abi.SO_RXQ_OVFL, "receiveOverflow"],
  [abi.SO_PASSCRED, "passCredentials"],
  [abi.SO_PASSPIDFD, "passPidfd"],
  [abi.SO_PASSSEC, "passSecurity"],
  [abi.SO_RCVMARK, "receiveMark"],
  [abi.SO_SELECT_ERR_QUEUE, "selectErrorQueue"],
]);

/** Of these, what only AF_UNIX (and for SO_PASSSEC AF_NETLINK) takes, and what only inet does. */
const UNIX_ONLY = new Set([abi.SO_PASSCRED, abi.SO_PASSPIDFD, abi.SO_PASSSEC]);

const TIMESTAMPS = new Set([
  abi.SO_TIMESTAMP_OLD,
  abi.SO_TIMESTAMP_NEW,
  abi.SO_TIMESTAMPNS_OLD,
  abi.SO_TIMESTAMPNS_NEW,
]);

/** Known by Linux, and refused with a line in the log. */
const REFUSED = new Map([
  [abi.SO_ATTACH_BPF, "SO_ATTACH_BPF"],
  [abi.SO_TIMESTAMPING_OLD, "SO_TIMESTAMPING"],
  [abi.SO_TXTIME, "SO_TXTIME"],
  [abi.SO_ZEROCOPY, "SO_ZEROCOPY"],
  [abi.SO_RESERVE_MEM, "SO_RESERVE_MEM"],
]);

const int = (value: Uint8Array): number => {
  if (value.length < 4) throw new Errno(EINVAL);
  return new DataView(value.buffer, value.byteOffset).getInt32(0, true);
};

/** setsockopt(2). Throws EINVAL, ENOPROTOOPT, EPERM, EDOM, EOPNOTSUPP. */
export function setSocketOption(socket: Socket, caller: NetCaller, name: number, value: Uint8Array): void {
  const { options, network } = socket;
  const { environment } = network;
  if (name === abi.SO_BINDTODEVICE) {
    bindToDevice(socket, caller, value);
    return;
  }
  const refused = REFUSED.get(name);
  if (refused !== undefined) {
    environment.log(`setsockopt ${refused} is refused: ENOPROTOOPT`);
    throw new Errno(ENOPROTOOPT);
  }
  const number = int(value);
  const isInet = socket.family === abi.AF_INET || socket.family === abi.AF_INET6;
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    if (
      UNIX_ONLY.has(name) &&
      socket.family !== abi.AF_UNIX &&
      !(name === abi.SO_PASSSEC && socket.family === abi.AF_NETLINK)
    ) {
      throw new Errno(EOPNOTSUPP);
    }
    if (name === abi.SO_REUSEPORT && number !== 0 && !isInet) throw new Errno(EOPNOTSUPP);
    if (name === abi.SO_DEBUG && number !== 0 && !environment.capable(caller, CAP_NET_ADMIN)) throw new Errno(EPERM);
    options[flag] = number !== 0;
    return;
  }
  if (TIMESTAMPS.has(name)) {
    if (number !== 0) options.timestamp = name;
    else if (options.timestamp !== 0) options.timestamp = 0;
    return;
  }
  const privileged = () => environment.capable(caller, CAP_NET_ADMIN) || environment.capable(caller, CAP_NET_RAW);
  switch (name) {
    case abi.SO_SNDBUFFORCE:
    case abi.SO_RCVBUFFORCE:
      if (!environment.capable(caller, CAP_NET_ADMIN)) throw new Errno(EPERM);
      setBuffer(options, name === abi.SO_SNDBUFFORCE, Math.max(number, 0));
      socket.writable.wake();
      return;
    case abi.SO_SNDBUF:
    case abi.SO_RCVBUF:
      // The comparison is of unsigned numbers: a negative size is the largest.
      setBuffer(options, name === abi.SO_SNDBUF, Math.min(number >>> 0, abi.BUFFER_MAX));
      socket.writable.wake();
      return;
    case abi.SO_LINGER: {
      if (value.length < 8) throw new Errno(EINVAL);
      const seconds = new DataView(value.buffer, value.byteOffset).getUint32(4, true);
      options.lingerSeconds = seconds;
      options.linger = number === 0 ? -1 : seconds;
      return;
    }
    case abi.SO_RCVLOWAT:
      options.receiveLow = number < 0 ? INT_MAX : number || 1;
      return;
    case abi.SO_RCVTIMEO_OLD:
    case abi.SO_RCVTIMEO_NEW:
      options.receiveTimeout = timeout(value);
      return;
    case abi.SO_SNDTIMEO_OLD:
    case abi.SO_SNDTIMEO_NEW:
      options.sendTimeout = timeout(value);
      return;
    case abi.SO_PRIORITY:
      if ((number < 0 || number > 6) && !privileged()) throw new Errno(EPERM);
      options.priority = number;
      return;
    case abi.SO_MARK:
      if (!privileged()) throw new Errno(EPERM);
      options.mark = number;
      return;
    case abi.SO_PEEK_OFF:
      if (socket.family === abi.AF_NETLINK) throw new Errno(EOPNOTSUPP);
      options.peekOffset = number;
      return;
    case abi.SO_INCOMING_CPU:
      options.incomingCpu = number;
      return;
    case abi.SO_BUSY_POLL:
      if (number < 0) throw new Errno(EINVAL);
      if (number > options.busyPoll && !environment.capable(caller, CAP_NET_ADMIN)) throw new Errno(EPERM);
      options.busyPoll = number;
      return;
    case abi.SO_MAX_PACING_RATE:
      options.maxPacingRate = number >>> 0;
      return;
    case abi.SO_BUF_LOCK:
      if (number & ~3) throw new Errno(EINVAL);
      options.bufferLock = number;
      return;
    case abi.SO_TXREHASH:
      if (number < -1 || number > 1) throw new Errno(EINVAL);
      options.txRehash = number === -1 ? 1 : number;
      return;
    case abi.SO_BINDTOIFINDEX:
      if (number < 0) throw new Errno(EINVAL);
      if (number !== 0 && network.interfaces.byIndex(number) === null) throw new Errno(ENODEV);
      if (options.device !== 0 && !environment.capable(caller, CAP_NET_RAW)) throw new Errno(EPERM);
      options.device = number;
      return;
    case abi.SO_DETACH_FILTER:
      socket.filter.detach(socket);
      return;
    case abi.SO_LOCK_FILTER:
      socket.filter.lock(number !== 0);
      return;
    case abi.SO_BSDCOMPAT:
      return;
    default:
      throw new Errno(ENOPROTOOPT);
  }
}

function setBuffer(options: SocketOptions, send: boolean, bytes: number): void {
  const doubled = Math.min(bytes, INT_MAX / 2) * 2;
  if (send) {
    options.sendBuffer = Math.max(doubled, abi.SNDBUF_MIN);
    options.bufferLock |= 1;
  } else {
    options.receiveBuffer = Math.max(doubled, abi.RCVBUF_MIN);
    options.bufferLock |= 2;
  }
}

/** Nanoseconds of a struct timeval; Infinity for 0. A negative one does not wait at all. */
function timeout(value: Uint8Array): number {
  if (value.length < 16) throw new Errno(EINVAL);
  const view = new DataView(value.buffer, value.byteOffset);
  const seconds = Number(view.getBigInt64(0, true));
  const micros = Number(view.getBigInt64(8, true));
  if (micros < 0 || micros >= 1_000_000) throw new Errno(EDOM);
  if (seconds < 0) return 0;
  const nanoseconds = seconds * 1e9 + micros * 1000;
  return nanoseconds === 0 || nanoseconds > 2 ** 62 ? Number.POSITIVE_INFINITY : nanoseconds;
}

function timeval(nanoseconds: number): Uint8Array {
  const words = new BigInt64Array(2);
  if (nanoseconds !== Number.POSITIVE_INFINITY) {
    words[0] = BigInt(Math.floor(nanoseconds / 1e9));
    words[1] = BigInt(Math.floor((nanoseconds % 1e9) / 1000));
  }
  return new Uint8Array(words.buffer);
}

function bindToDevice(socket: Socket, caller: NetCaller, value: Uint8Array): void {
  const { options, network } = socket;
  if (options.device !== 0 && !network.environment.capable(caller, CAP_NET_RAW)) throw new Errno(EPERM);
  const name = byteString(value.subarray(0, 15)).replace(/\0.*$/s, "");
  if (name === "") {
    options.device = 0;
    return;
  }
  const found = network.interfaces.byName(name);
  if (found === null) throw new Errno(ENODEV);
  options.device = found.index;
}

/** getsockopt(2): the value, of which the caller takes as much as it has room for. Throws ENOPROTOOPT and others. */
export function getSocketOption(socket: Socket, name: number, room: number): Uint8Array {
  const { options } = socket;
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    if (
      UNIX_ONLY.has(name) &&
      socket.family !== abi.AF_UNIX &&
      !(name === abi.SO_PASSSEC && socket.family === abi.AF_NETLINK)
    ) {
      throw new Errno(EOPNOTSUPP);
    }
    return intBytes(Number(options[flag]));
  }
  if (TIMESTAMPS.has(name)) return intBytes(Number(options.timestamp === name));
  switch (name) {
    case abi.SO_TYPE:
      return intBytes(socket.type);
    case abi.SO_DOMAIN:
      return intBytes(socket.family);
    case abi.SO_PROTOCOL:
      return intBytes(socket.protocol);
    case abi.SO_ACCEPTCONN:
      return intBytes(Number(socket.listening));
    case abi.SO_ERROR:
      return intBytes(-socket.takeError());
    case abi.SO_SNDBUF:
      return intBytes(options.sendBuffer);
    case abi.SO_RCVBUF:
      return intBytes(options.receiveBuffer);
    case abi.SO_LINGER:
      return new Uint8Array(Int32Array.of(Number(options.linger >= 0), options.lingerSeconds).buffer);
    case abi.SO_RCVLOWAT:
      return intBytes(options.receiveLow);
    case abi.SO_SNDLOWAT:
      return intBytes(1);
    case abi.SO_RCVTIMEO_OLD:
    case abi.SO_RCVTIMEO_NEW:
      return timeval(options.receiveTimeout);
    case abi.SO_SNDTIMEO_OLD:
    case abi.SO_SNDTIMEO_NEW:
      return timeval(options.sendTimeout);
    case abi.SO_PRIORITY:
      return intBytes(options.priority);
    case abi.SO_MARK:
      return intBytes(options.mark);
    case abi.SO_PEEK_OFF:
      if (socket.family === abi.AF_NETLINK) throw new Errno(EOPNOTSUPP);
      return intBytes(options.peekOffset);
    case abi.SO_PEERGROUPS: {
      const peer = socket.peerCredentials;
      if (peer === null) throw new Errno(ENODATA);
      return new Uint8Array(Uint32Array.from(peer.groups).buffer);
    }
    case abi.SO_PEERNAME: {
      const address = socket.peerName();
      if (room < address.length) throw new Errno(EINVAL);
      return address;
    }
    case abi.SO_BINDTODEVICE: {
      if (options.device === 0) return new Uint8Array(0);
      if (room < 16) throw new Errno(EINVAL);
      return bytesOf(`${socket.network.interfaces.byIndex(options.device)?.name ?? ""}\0`);
    }
    case abi.SO_BINDTOIFINDEX:
      return intBytes(options.device);
    case abi.SO_LOCK_FILTER:
      return intBytes(Number(socket.filter.locked));
    case abi.SO_COOKIE:
      if (room < 8) throw new Errno(EINVAL);
      return new Uint8Array(BigUint64Array.of(BigInt(socket.cookie)).buffer);
    case abi.SO_NETNS_COOKIE:
      if (room < 8) throw new Errno(EINVAL);
      return new Uint8Array(BigUint64Array.of(1n).buffer);
    case abi.SO_INCOMING_CPU:
      return intBytes(options.incomingCpu);
    case abi.SO_BUSY_POLL:
      return intBytes(options.busyPoll);
    case abi.SO_MAX_PACING_RATE:
      return intBytes(options.maxPacingRate);
    case abi.SO_BUF_LOCK:
      return intBytes(options.bufferLock & 3);
    case abi.SO_TXREHASH:
      return intBytes(options.txRehash);
    case abi.SO_ZEROCOPY:
    case abi.SO_RESERVE_MEM:
    case abi.SO_BSDCOMPAT:
      return intBytes(0);
    case abi.SO_MEMINFO: {
      const used = socket.readableBytes;
      return new Uint8Array(
        Uint32Array.of(used, options.receiveBuffer, socket.unsentBytes, options.sendBuffer, 0, 0, 0, 0, 0).buffer,
      );
    }
    default:
      throw new Errno(ENOPROTOOPT);
  }
}
