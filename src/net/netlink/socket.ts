/** AF_NETLINK sockets (netlink(7)): datagrams to the kernel and its answers. NETLINK_ROUTE and
 * NETLINK_SOCK_DIAG. The members of multicast groups are not told of changes. */
import { CAP_NET_ADMIN } from "../../abi/capability.ts";
import {
  EADDRINUSE,
  ECONNREFUSED,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENODATA,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  Errno,
  ESOCKTNOSUPPORT,
} from "../../abi/errno.ts";
import * as abi from "../../abi/netlink.ts";
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import { AF_NETLINK, AF_UNSPEC, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOCK_RAW } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer } from "../../memory/types.ts";
import { familyOf } from "../address.ts";
import { type Incoming, intBytes, type Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import { Socket } from "../socket.ts";
import type { NetCaller } from "../types.ts";
import { NetlinkError, NetlinkMessage } from "./message.ts";
import { answer } from "./route.ts";
import { diagnose } from "./sock-diag.ts";

/** Most bytes of answers in one datagram. */
const LARGEST_ANSWER = 16384;

export class NetlinkSocket extends Socket {
  /** nl_pid: the process's id for its first one, 0 before it has one. */
  #port = 0;
  #groups = 0;
  /** What it is connected to. */
  #to = { port: 0, groups: 0 };
  readonly #queue: Uint8Array[] = [];
  /** Options of level SOL_NETLINK that are on. */
  readonly #flags = new Set<number>();

  static create(network: Network, caller: NetCaller, type: number, protocol: number): NetlinkSocket {
    if (type !== SOCK_RAW && type !== SOCK_DGRAM) throw new Errno(ESOCKTNOSUPPORT);
    if (protocol !== abi.NETLINK_ROUTE && protocol !== abi.NETLINK_SOCK_DIAG) {
      if (protocol > 0 && protocol < PROTOCOLS)
        network.environment.log(`netlink protocol ${protocol} is missing: EPROTONOSUPPORT`);
      throw new Errno(EPROTONOSUPPORT);
    }
    return new NetlinkSocket(network, AF_NETLINK, type, protocol, caller.credentials.euid);
  }

  override get readableBytes(): number {
    return this.#queue[0]?.length ?? 0;
  }
  override get unsentBytes(): number {
    return 0;
  }
  /** For /proc/net/netlink. */
  get port(): number {
    return this.#port;
  }
  get groups(): number {
    return this.#groups;
  }

  // ---- names

  override bind(caller: NetCaller, address: Uint8Array): Result {
    const { port, groups } = read(address);
    if (this.#port !== 0 && port !== this.#port) return -EINVAL;
    if (this.#port === 0 && port !== 0) {
      if (this.#taken(port)) return -EADDRINUSE;
      this.#port = port;
    }
    this.#autobind(caller);
    this.#groups = groups;
    return 0;
  }

  #taken(port: number): boolean {
    for (const other of this.network.sockets) if (other instanceof NetlinkSocket && other.#port === port) return true;
    return false;
  }

  #autobind(caller: NetCaller): void {
    if (this.#port !== 0) return;
    let port = caller.pid;
    for (let next = 0xffff_f000; this.#taken(port); next--) port = next;
    this.#port = port;
  }

  override connect(caller: NetCaller, address: Uint8Array): Result {
    if (familyOf(address) === AF_UNSPEC) {
      this.#to = { port: 0, groups: 0 };
      return 0;
    }
    const to = read(address);
    this.#autobind(caller);
    this.#to = to;
    return 0;
  }

  override name(): Uint8Array {
    return write(this.#port, this.#groups);
  }

  override peerName(): Uint8Array {
    return write(this.#to.port, this.#to.groups);
  }

  // ---- requests and answers

  override send(caller: NetCaller, from: Transfer, message: Outgoing): Result {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    const to = message.address === null ? this.#to : read(message.address);
    const length = from.remaining;
    if (length === 0) return -ENODATA;
    if (length > this.options.sendBuffer - 32) return -EMSGSIZE;
    this.#autobind(caller);
    if (from.prepare(length) < length) return -EFAULT;
    // Other processes are not reached this way.
    if (to.groups !== 0) return -EPERM;
    if (to.port !== 0) return -ECONNREFUSED;
    const bytes = new Uint8Array(length);
    from.take(bytes);
    this.#handle(caller, bytes);
    return length;
  }

  /** All requests of a datagram (netlink_rcv_skb). */
  #handle(caller: NetCaller, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + abi.NLMSG_HEADER <= bytes.length; ) {
      const length = view.getUint32(at, true);
      if (length < abi.NLMSG_HEADER || at + length > bytes.length) return;
      const type = view.getUint16(at + 4, true);
      const flags = view.getUint16(at + 6, true);
      if (flags & abi.NLM_F_REQUEST) this.#request(caller, type, flags, bytes.subarray(at, at + length));
      at += abi.nlAlign(length);
    }
  }

  #request(caller: NetCaller, type: number, flags: number, request: Uint8Array): void {
    if (type < abi.NLMSG_MIN_TYPE) {
      if (flags & abi.NLM_F_ACK) this.#error(request, 0);
      return;
    }
    const diagnosis = this.protocol === abi.NETLINK_SOCK_DIAG;
    const dump = (flags & abi.NLM_F_DUMP) !== 0 && (diagnosis || (type & 3) === 2);
    try {
      const body = request.subarray(abi.NLMSG_HEADER);
      this.#reply(
        request,
        diagnosis ? diagnose(this.network, type, body, dump) : this.#route(caller, type, flags, body, dump),
      );
      if (dump) this.#reply(request, [new NetlinkMessage(abi.NLMSG_DONE, abi.NLM_F_MULTI).fixed(intBytes(0))]);
      else if (flags & abi.NLM_F_ACK) this.#error(request, 0);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.#error(request, -error.errno, error instanceof NetlinkError ? error.words : null);
    }
  }

  /** Throws EPERM for changes without CAP_NET_ADMIN, EOPNOTSUPP for what is missing, and what requests do. */
  #route(caller: NetCaller, type: number, flags: number, body: Uint8Array, dump: boolean): NetlinkMessage[] {
    const asks = (type & 3) === 2;
    const { environment } = this.network;
    if (!asks && !environment.capable(caller, CAP_NET_ADMIN)) throw new Errno(EPERM);
    const answers = answer(this.network, type, flags, body, dump, caller.credentials.euid);
    if (answers !== null) return answers;
    if (type <= LARGEST_TYPE) environment.log(`rtnetlink request ${type} is missing: EOPNOTSUPP`);
    throw new Errno(EOPNOTSUPP);
  }

  /** Puts messages into the queue, as many as fit into one datagram together. */
  #reply(request: Uint8Array, messages: readonly NetlinkMessage[]): void {
    const sequence = new DataView(request.buffer, request.byteOffset).getUint32(8, true);
    let pending: Uint8Array[] = [];
    let length = 0;
    for (const message of messages) {
      const bytes = message.encode(sequence, this.#port);
      if (length + bytes.length > LARGEST_ANSWER) {
        this.#push(pending, length);
        pending = [];
        length = 0;
      }
      pending.push(bytes);
      length += bytes.length;
    }
    this.#push(pending, length);
  }

  #push(parts: readonly Uint8Array[], length: number): void {
    if (length === 0) return;
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    const kept = this.filter.attached
      ? this.filter.keeps({ bytes: whole, protocol: this.protocol, device: 0 }, 1)
      : length;
    if (kept < 0) return;
    this.network.usage.charge(kept);
    this.#queue.push(whole.subarray(0, kept));
    this.readable.wake();
  }

  /** NLMSG_ERROR: an errno or 0, and the request, of which an acknowledgement has the header only when that was asked for. */
  #error(request: Uint8Array, errno: number, words: string | null = null): void {
    const capped = errno === 0 || this.#flags.has(NETLINK_CAP_ACK);
    const echoed = capped ? request.slice(0, abi.NLMSG_HEADER) : request.slice();
    const body = new Uint8Array(4 + echoed.length);
    body.set(intBytes(errno));
    body.set(echoed, 4);
    const explained = words !== null && this.#flags.has(NETLINK_EXT_ACK);
    const flags = (capped ? abi.NLM_F_CAPPED : 0) | (explained ? abi.NLM_F_ACK_TLVS : 0);
    const message = new NetlinkMessage(abi.NLMSG_ERROR, flags).fixed(body);
    this.#reply(request, [explained ? message.attribute(abi.NLMSGERR_ATTR_MSG, words) : message]);
  }

  /** A datagram by which the kernel tells of something (mq_notify(3)). */
  deliver(bytes: Uint8Array): void {
    this.#push([bytes], bytes.length);
  }

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    if (this.error !== 0) return this.takeError();
    const bytes = this.#queue[0];
    if (bytes === undefined) return this.waitToReceive(caller, message.flags);
    const count = Math.min(bytes.length, into.remaining);
    into.prepare(count);
    if (!(message.flags & MSG_PEEK)) {
      this.#queue.shift();
      this.network.usage.release(bytes.length);
    }
    into.put(bytes.subarray(0, count));
    message.address = write(0, 0);
    if (count < bytes.length) message.found |= MSG_TRUNC;
    return message.flags & MSG_TRUNC ? bytes.length : count;
  }

  // ---- the rest

  override shutdown(): void {
    throw new Errno(EOPNOTSUPP);
  }

  override poll(): number {
    const events = POLLOUT | POLLWRNORM | POLLWRBAND | (this.#queue.length > 0 ? POLLIN | POLLRDNORM : 0);
    return this.error !== 0 ? events | POLLERR : events;
  }

  override setOption(_caller: NetCaller, level: number, name: number, value: Uint8Array): number {
    if (level !== abi.SOL_NETLINK) throw new Errno(ENOPROTOOPT);
    const number = value.length >= 4 ? new DataView(value.buffer, value.byteOffset).getInt32(0, true) : 0;
    if (name === NETLINK_ADD_MEMBERSHIP || name === NETLINK_DROP_MEMBERSHIP) {
      if (number < 1 || number > MOST_GROUPS) throw new Errno(EINVAL);
      if (number > 32) return 0;
      const bit = 1 << (number - 1);
      this.#groups = (name === NETLINK_ADD_MEMBERSHIP ? this.#groups | bit : this.#groups & ~bit) >>> 0;
      return 0;
    }
    if (!FLAGS.has(name)) throw new Errno(ENOPROTOOPT);
    if (number !== 0) this.#flags.add(name);
    else this.#flags.delete(name);
    return 0;
  }

  override getOption(_caller: NetCaller, level: number, name: number, room: number): Uint8Array {
    if (level !== abi.SOL_NETLINK || !FLAGS.has(name)) throw new Errno(ENOPROTOOPT);
    if (room < 4) throw new Errno(EINVAL);
    return intBytes(Number(this.#flags.has(name)));
  }

  protected override end(): void {
    for (const bytes of this.#queue.splice(0)) this.network.usage.release(bytes.length);
    this.forget();
  }
}

/** Protocols have numbers below it (MAX_LINKS). */
const PROTOCOLS = 32;
/** Largest type of a NETLINK_ROUTE message (RTM_MAX). */
const LARGEST_TYPE = 123;

// Options of level SOL_NETLINK.
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_DROP_MEMBERSHIP = 2;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
/** Those that are on or off: PKTINFO, BROADCAST_ERROR, NO_ENOBUFS, LISTEN_ALL_NSID, CAP_ACK, EXT_ACK, GET_STRICT_CHK. */
const FLAGS = new Set([3, 4, 5, 8, NETLINK_CAP_ACK, NETLINK_EXT_ACK, 12]);
/** Groups of NETLINK_ROUTE (RTNLGRP_MAX). */
const MOST_GROUPS = 36;

/** struct sockaddr_nl. Throws EINVAL. */
function read(address: Uint8Array): { port: number; groups: number } {
  if (address.length < abi.SOCKADDR_NL_BYTES || familyOf(address) !== AF_NETLINK) throw new Errno(EINVAL);
  const view = new DataView(address.buffer, address.byteOffset);
  return { port: view.getUint32(4, true), groups: view.getUint32(8, true) };
}

function write(port: number, groups: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(AF_NETLINK, port, groups).buffer);
}
