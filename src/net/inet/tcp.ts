/**
 * TCP between the processes of a machine (tcp(7); net/ipv4/tcp.c). No segments are exchanged: a send puts its bytes where the
 * peer reads them. What programs can observe is as over the loopback interface: states, backlog, resets, half-closed
 * connections, TIME_WAIT, the urgent mark. Bytes beyond the receiver's window count as the sender's, unsent.
 */
import {
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
  ETIMEDOUT,
} from "../../abi/errno.ts";
import { IPPROTO_TCP, TCP_CM_INQ } from "../../abi/inet.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import * as abi from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { Deadline, type Expirable } from "../../wait/deadlines.ts";
import type { Block } from "../../wait/queue.ts";
import { type Incoming, intBytes, type Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { Socket } from "../socket.ts";
import type { NetCaller } from "../types.ts";
import { anyOf, type Endpoint, isMulticast, writeEndpoint } from "./ip.ts";
import { findListener } from "./lookup.ts";
import { OutsideConnection } from "./outside-connection.ts";
import type { Ports } from "./ports.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";
import { InetSocket } from "./socket.ts";
import { getTcpOption, setTcpOption, TcpOptions } from "./tcp-options.ts";

/** net.ipv4.tcp_rmem and tcp_wmem: initial buffers; what autotuning makes of the latter over the loopback interface. */
export const RECEIVE_BUFFER = 131072;
export const SEND_BUFFER = 16384;
const SEND_BUFFER_CONNECTED = 2626560;
/** Bytes that really wait beyond the receiver's window, whatever SO_SNDBUF is. */
const SEND_SPACE = 262144;
/** Nanoseconds until a connection attempt that nobody answers is given up (net.ipv4.tcp_syn_retries). */
const CONNECT_TIMEOUT = 127e9;

/** How far connect(2) is (SS_UNCONNECTED and its kin). */
const UNCONNECTED = 0;
const CONNECTING = 1;
const CONNECTED = 2;

/** The other end of a connection, as its socket here sees it: another socket of the machine, or what stands for one outside. */
export interface TcpEnd {
  /** Bytes that it takes now from a sender with `space` bytes of buffer, and those that it has not taken into its window. */
  roomFor(space: number): number;
  readonly unacknowledged: number;
  /** Nobody will read what is sent there: the answer is a reset. */
  readonly refuses: boolean;
  /** Takes `count` bytes that `from` has prepared; `urgent`: the last one is. */
  take(from: Transfer, count: number, urgent: boolean): void;
  /** The socket has read: there is room for more. */
  drained(): void;
  /** FIN, and RST. */
  finish(): void;
  reset(): void;
}

export class TcpSocket extends InetSocket implements TcpEnd, Expirable {
  readonly tcp = new TcpOptions();
  tcpState: number = abi.TCP_CLOSE;
  readonly received = new ReceiveBuffer();
  /** Bytes so far, for TCP_INFO. */
  readonly counts = { sent: 0, received: 0 };
  #phase = UNCONNECTED;
  #end: TcpEnd | null = null;
  /** Whom accept(2) reports, though the connection may be gone. */
  #peer: Endpoint | null = null;
  /** A FIN has come (SOCK_DONE). */
  #finished = false;
  /** Of a listener: connections to be accepted, and those that wait for room among them. */
  readonly #accepted: TcpSocket[] = [];
  readonly #waiting = new Set<TcpSocket>();
  #backlog = 0;
  /** The listener in whose queue it is; with TCP_DEFER_ACCEPT the one that it enters with its first bytes. */
  #listener: TcpSocket | null = null;
  #deferred = false;
  readonly #timeout = new Deadline(this);

  constructor(network: Network, family: number, uid: number) {
    super(network, family, abi.SOCK_STREAM, IPPROTO_TCP, uid);
    this.options.sendBuffer = SEND_BUFFER;
    this.options.receiveBuffer = RECEIVE_BUFFER;
  }

  protected override get ports(): Ports {
    return this.network.tcpPorts;
  }
  protected override get unconnected(): boolean {
    return this.tcpState === abi.TCP_CLOSE;
  }
  override get state(): number {
    return this.tcpState;
  }
  override get readableBytes(): number {
    return this.received.length;
  }
  override get unsentBytes(): number {
    return this.#end?.unacknowledged ?? 0;
  }
  /** Connections that wait to be accepted, and how many may, for /proc/net/tcp and TCP_INFO. */
  get acceptQueue(): { readonly length: number; readonly backlog: number } {
    return { length: this.#accepted.length, backlog: this.#backlog };
  }

  // ---- connections

  override connect(caller: NetCaller, address: Uint8Array, flags: number): Result {
    if (this.isUnspecified(address)) return this.#disconnect();
    if (this.#phase === CONNECTED) return -EISCONN;
    let pending = -EALREADY;
    if (this.#phase === UNCONNECTED) {
      if (this.tcpState !== abi.TCP_CLOSE) return -EISCONN;
      this.#begin(this.destination(this.readAddress(address)!));
      this.#phase = CONNECTING;
      pending = -EINPROGRESS;
      // The answer comes when the caller has let go of the socket.
      if (flags & abi.MSG_DONTWAIT) return pending;
    }
    if (this.tcpState === abi.TCP_SYN_SENT) {
      const waited = this.waitToSend(caller, flags);
      return waited === -EAGAIN ? pending : waited;
    }
    if (this.tcpState === abi.TCP_CLOSE) {
      this.#phase = UNCONNECTED;
      this.sendShutdown = this.receiveShutdown = false;
      return this.takeError() || -ECONNABORTED;
    }
    this.#phase = CONNECTED;
    return 0;
  }

  /** Sends a SYN. Throws EADDRNOTAVAIL, ENETUNREACH. */
  #begin(to: Endpoint): void {
    const { network, ports } = this;
    if (isMulticast(to.ip) || this.isBroadcast(to.ip)) throw new Errno(ENETUNREACH);
    const inside = network.interfaces.isLocal(to.ip);
    const ip = inside ? this.sourceFor(to.ip) : this.outsideSource(to);
    if (this.local.port === 0) {
      this.local = { ip, port: ports.forConnection(ip, to) };
      ports.add(this);
    } else {
      ports.requireUnique(this, { ip, port: this.local.port }, to);
      this.local = { ip, port: this.local.port };
    }
    this.remote = to;
    this.error = 0;
    this.#finished = false;
    this.tcpState = abi.TCP_SYN_SENT;
    if (!inside) {
      this.#end = new OutsideConnection(this, network.outside, to);
      return;
    }
    const listener = findListener(network, this.local, to);
    // A socket that calls itself answers (simultaneous open).
    if (listener === null && to.port === this.local.port && to.ip === this.local.ip) this.#established(this);
    else if (listener === null) this.fail(ECONNREFUSED);
    else if (listener.#full) {
      listener.#waiting.add(this);
      this.#listener = listener;
      network.environment.deadlines.set(this.#timeout, network.environment.now() + CONNECT_TIMEOUT);
    } else listener.#admit(this);
  }

  /** More connections wait than the backlog says, by one, as in Linux. */
  get #full(): boolean {
    return this.#accepted.length > this.#backlog;
  }

  /** The connection of `client` to this listener is there, before anybody accepts it. */
  #admit(client: TcpSocket): void {
    const { network } = this;
    const socket = new TcpSocket(network, this.family, this.uid);
    socket.options.copyFrom(this.options);
    Object.assign(socket.ip, this.ip);
    Object.assign(socket.tcp, this.tcp);
    socket.local = client.remote!;
    socket.remote = socket.#peer = client.local;
    socket.addressGiven = socket.portGiven = true;
    socket.#listener = this;
    network.tcpPorts.add(socket);
    socket.#established(client);
    client.#established(socket);
    socket.#phase = CONNECTED;
    if (this.tcp.deferAccept === 0) {
      this.#enqueue(socket);
      return;
    }
    socket.#deferred = true;
    const { environment } = network;
    environment.deadlines.set(socket.#timeout, environment.now() + this.tcp.deferAccept * 1e9);
  }

  #enqueue(socket: TcpSocket): void {
    socket.#deferred = false;
    this.network.environment.deadlines.cancel(socket.#timeout);
    this.#accepted.push(socket);
    this.readable.wake();
  }

  #established(end: TcpEnd): void {
    this.#end = end;
    this.tcpState = abi.TCP_ESTABLISHED;
    if ((this.options.bufferLock & 1) === 0) this.options.sendBuffer = SEND_BUFFER_CONNECTED;
    this.network.environment.deadlines.cancel(this.#timeout);
    this.writable.wake();
  }

  /** Nobody has answered the SYN, or no data has come for so long that the connection is accepted without. */
  expire(): void {
    if (this.#deferred) this.#listener!.#enqueue(this);
    else this.fail(ETIMEDOUT);
  }

  /** The connection outside is there. */
  opened(end: TcpEnd): void {
    this.#established(end);
  }

  /** The connection has failed. */
  fail(errno: number): void {
    this.#withdraw();
    this.error = errno;
    this.#done();
    this.wakeAll();
  }

  /** Does not wait for room at a listener any more. */
  #withdraw(): void {
    this.network.environment.deadlines.cancel(this.#timeout);
    if (this.tcpState !== abi.TCP_SYN_SENT) return;
    if (this.#listener !== null) this.#listener.#waiting.delete(this);
    this.#listener = null;
  }

  /** connect(2) with AF_UNSPEC. */
  #disconnect(): number {
    if (this.tcpState === abi.TCP_LISTEN) this.#stopListening();
    else if (this.tcpState !== abi.TCP_CLOSE) {
      this.#withdraw();
      this.error = ECONNRESET;
      this.#end?.reset();
    }
    this.#done();
    this.#drop(this.received.length);
    this.received.clear();
    this.#phase = UNCONNECTED;
    this.sendShutdown = this.receiveShutdown = this.#finished = false;
    this.wakeAll();
    return 0;
  }

  /** The connection is over, whatever the program still does with the socket (tcp_done). */
  #done(): void {
    this.tcpState = abi.TCP_CLOSE;
    this.receiveShutdown = this.sendShutdown = true;
    this.#end = null;
    const bound = this.local;
    if (!this.portGiven) this.releasePort();
    this.local = { ip: this.addressGiven ? bound.ip : anyOf(this.family), port: this.portGiven ? bound.port : 0 };
    this.remote = null;
    if (this.closed) this.forget();
  }

  override peerName(): Uint8Array {
    if (this.tcpState === abi.TCP_SYN_SENT) throw new Errno(ENOTCONN);
    return super.peerName();
  }

  override acceptedName(): Uint8Array {
    return writeEndpoint(this.#peer!, this.family);
  }

  // ---- listening

  override listen(_caller: NetCaller, backlog: number): Result {
    if (this.#phase !== UNCONNECTED || (this.tcpState !== abi.TCP_CLOSE && !this.listening)) return -EINVAL;
    this.#backlog = backlog;
    if (this.listening) return 0;
    if (this.local.port === 0) {
      this.local = { ip: this.local.ip, port: this.ports.unused() };
      this.ports.add(this);
    }
    this.ports.require(this, this.local.port);
    this.tcpState = abi.TCP_LISTEN;
    this.listening = true;
    this.receiveShutdown = this.sendShutdown = false;
    return 0;
  }

  override accept(caller: NetCaller, flags: number): Socket | number | Block {
    if (!this.listening) return -EINVAL;
    const next = this.#accepted.shift();
    if (next === undefined) return this.waitToReceive(caller, flags);
    next.#listener = null;
    this.#admitNext();
    return next;
  }

  #admitNext(): void {
    for (const client of this.#waiting) {
      if (this.#full) return;
      this.#waiting.delete(client);
      this.#admit(client);
    }
  }

  #stopListening(): void {
    this.listening = false;
    this.tcpState = abi.TCP_CLOSE;
    for (const socket of this.#accepted.splice(0)) {
      socket.#listener = null;
      socket.options.linger = 0;
      socket.close();
    }
    for (const client of this.#waiting) client.fail(ECONNREFUSED);
    this.#waiting.clear();
    this.readable.wake();
  }

  // ---- sending

  /** Bytes of its own that may wait beyond the peer's window. */
  get #space(): number {
    return Math.min(this.options.sendBuffer, SEND_SPACE);
  }

  get #window(): number {
    return this.options.receiveBuffer >> 1;
  }

  override send(caller: NetCaller, from: Transfer, message: Outgoing): Result {
    const { flags } = message;
    const { network } = this;
    if (flags & abi.MSG_FASTOPEN) {
      network.environment.log("MSG_FASTOPEN is missing: EOPNOTSUPP");
      return -EOPNOTSUPP;
    }
    if (this.tcpState === abi.TCP_SYN_SENT) return this.error !== 0 ? this.takeError() : this.waitToSend(caller, flags);
    let sent = 0;
    do {
      const end = this.#end;
      if (this.error !== 0 || this.sendShutdown || end === null) {
        if (sent > 0) return sent;
        return this.takeError() || -EPIPE;
      }
      if (end.refuses) return sent + this.#sendInVain(from);
      if (from.remaining === 0) break;
      const room = Math.min(end.roomFor(this.#space), from.remaining);
      const fits = network.usage.allows(room);
      if (room <= 0 || !fits) {
        if (sent > 0) return sent;
        const queues = fits ? [this.writable] : [this.writable, network.usage.freed];
        return this.wait(caller, queues, flags, this.options.sendTimeout);
      }
      const count = from.prepare(room);
      const urgent = (flags & abi.MSG_OOB) !== 0 && count === from.remaining;
      end.take(from, count, urgent);
      this.counts.sent += count;
      network.interfaces.count(count);
      sent += count;
    } while (from.remaining > 0);
    return sent;
  }

  /** What reaches a socket that nobody reads any more is taken, and answered by a reset. */
  #sendInVain(from: Transfer): number {
    if (from.remaining === 0) return 0;
    const count = from.prepare(from.remaining);
    if (count === 0) return -EFAULT;
    from.take(new Uint8Array(count));
    const end = this.#end!;
    this.reset();
    end.reset();
    return count;
  }

  // ---- as the end of the peer

  roomFor(space: number): number {
    return this.#window + space - this.received.length;
  }

  get unacknowledged(): number {
    return Math.max(this.received.length - this.#window, 0);
  }

  get refuses(): boolean {
    return this.closed || (this.tcpState === abi.TCP_FIN_WAIT2 && this.receiveShutdown);
  }

  take(from: Transfer, count: number, urgent: boolean): void {
    this.received.push(from, count, urgent, this.options.oobInline);
    this.counts.received += count;
    this.network.usage.charge(count);
    if (urgent && this.file !== null) this.network.environment.urgent(this.file);
    if (this.#deferred) this.#listener!.#enqueue(this);
    this.readable.wake();
  }

  drained(): void {
    if (this.#hasRoom) this.writable.wake();
  }

  /** A third of the way to the peer's reader is free: poll(2) calls that writable. */
  get #hasRoom(): boolean {
    const end = this.#end;
    return end !== null && end.roomFor(this.#space) * 3 >= this.#space;
  }

  finish(): void {
    this.receiveShutdown = this.#finished = true;
    if (this.#deferred) this.#listener!.#enqueue(this);
    if (this.tcpState === abi.TCP_ESTABLISHED) this.tcpState = abi.TCP_CLOSE_WAIT;
    else if (this.tcpState === abi.TCP_FIN_WAIT2) {
      this.ports.leave({ ...this.#holder(), remote: this.remote! });
      this.#done();
    }
    this.wakeAll();
  }

  #holder() {
    const { local, dual, reuseAddress, reusePort, device, uid } = this;
    return { local, dual, reuseAddress, reusePort, device, uid, listening: false };
  }

  reset(): void {
    if (this.tcpState === abi.TCP_CLOSE) return;
    this.error = this.tcpState === abi.TCP_CLOSE_WAIT ? EPIPE : ECONNRESET;
    if (this.#deferred) this.#listener!.#enqueue(this);
    this.#done();
    this.wakeAll();
  }

  // ---- receiving

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    const { flags } = message;
    const { received, options } = this;
    if (this.listening) return -ENOTCONN;
    if (flags & abi.MSG_OOB) return this.#receiveUrgent(into, message);
    const peek = (flags & abi.MSG_PEEK) !== 0;
    const skip = peek && options.peekOffset > 0 ? options.peekOffset : 0;
    const have = received.readable(options.oobInline) - skip;
    const lowest = flags & abi.MSG_WAITALL && peek ? this.#window : Math.min(options.receiveLow, this.#window);
    const wanted = Math.min(lowest, into.remaining) || 1;
    if (have < wanted && (have <= 0 || !(flags & abi.MSG_DONTWAIT))) {
      const none = have <= 0;
      if (none && !peek && received.atMark && !options.oobInline) this.#drop(1);
      const ended = this.#finished || this.error !== 0 || this.receiveShutdown || this.tcpState === abi.TCP_CLOSE;
      if (none && ended) {
        if (this.#finished) return 0;
        if (this.error !== 0) return this.takeError();
        return this.receiveShutdown ? 0 : -ENOTCONN;
      }
      if (!ended) {
        const waited = this.waitToReceive(caller, flags);
        if (typeof waited !== "number" || none) return waited;
      }
    }
    const discard = (flags & abi.MSG_TRUNC) !== 0;
    const room = Math.min(have, into.remaining);
    const before = received.length;
    let count: number;
    if (discard) {
      count = room;
      if (!peek) received.drop(room);
    } else count = received.read(into, into.prepare(room), peek, skip, options.oobInline);
    if (options.peekOffset >= 0) {
      options.peekOffset = peek ? options.peekOffset + count : Math.max(options.peekOffset - count, 0);
    }
    if (!peek) this.#freed(before - received.length);
    if (this.tcp.inq) message.control.push({ level: IPPROTO_TCP, type: TCP_CM_INQ, data: intBytes(received.length) });
    return count;
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.received.drop(count);
    this.#freed(count);
  }

  /** Bytes have left the receive buffer. */
  #freed(count: number): void {
    if (count === 0) return;
    this.network.usage.release(count);
    this.#end?.drained();
  }

  #receiveUrgent(into: Transfer, message: Incoming): number {
    const { received, options } = this;
    if (options.oobInline || !received.urgentKnown) return -EINVAL;
    if (!received.urgentUnread) return -EINVAL;
    if (this.tcpState === abi.TCP_CLOSE && !this.#finished) return -ENOTCONN;
    if (into.remaining === 0) {
      message.found |= abi.MSG_OOB | abi.MSG_TRUNC;
      return 0;
    }
    into.prepare(1);
    into.put(Uint8Array.of(received.urgentByte((message.flags & abi.MSG_PEEK) !== 0)));
    message.found |= abi.MSG_OOB;
    return 1;
  }

  // ---- the end

  override shutdown(read: boolean, write: boolean): void {
    if (this.#phase === CONNECTING) this.#phase = this.tcpState === abi.TCP_ESTABLISHED ? CONNECTED : UNCONNECTED;
    if (this.tcpState === abi.TCP_LISTEN || this.tcpState === abi.TCP_SYN_SENT) {
      if (read || this.tcpState === abi.TCP_SYN_SENT) this.#disconnect();
      else this.wakeAll();
      return;
    }
    const unconnected = this.tcpState === abi.TCP_CLOSE;
    if (read) this.receiveShutdown = true;
    if (write) {
      this.sendShutdown = true;
      this.#sendFin();
    }
    this.wakeAll();
    if (unconnected) throw new Errno(ENOTCONN);
  }

  #sendFin(): void {
    const end = this.#end;
    if (this.tcpState === abi.TCP_ESTABLISHED) {
      this.tcpState = abi.TCP_FIN_WAIT2;
      end!.finish();
    } else if (this.tcpState === abi.TCP_CLOSE_WAIT) {
      this.#done();
      end!.finish();
    }
  }

  /** Unread data, or SO_LINGER with 0 seconds, makes it a reset. */
  protected override end(): void {
    if (this.tcpState === abi.TCP_LISTEN) this.#stopListening();
    this.#withdraw();
    const end = this.#end;
    const unread = this.received.length;
    if (end !== null && (unread > 0 || this.options.linger === 0)) {
      this.#done();
      end.reset();
    } else {
      this.#sendFin();
    }
    if (unread > 0) this.network.usage.release(unread);
    this.received.clear();
    if (this.tcpState !== abi.TCP_CLOSE) return;
    this.releasePort();
    this.forget();
  }

  override poll(): number {
    if (this.listening) return this.#accepted.length > 0 ? POLLIN | POLLRDNORM : 0;
    const { options } = this;
    let events = 0;
    if ((this.receiveShutdown && this.sendShutdown) || this.tcpState === abi.TCP_CLOSE) events |= POLLHUP;
    if (this.receiveShutdown) events |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (this.tcpState !== abi.TCP_SYN_SENT) {
      if (this.received.readable(options.oobInline) >= options.receiveLow) events |= POLLIN | POLLRDNORM;
      if (this.sendShutdown || this.#end === null || this.#hasRoom) events |= POLLOUT | POLLWRNORM;
      if (this.received.urgentUnread) events |= POLLPRI;
    }
    return this.error !== 0 ? events | POLLERR : events;
  }

  override ioctl(caller: NetCaller, memory: UserMemory, request: number, argument: number): Result {
    switch (request) {
      case abi.SIOCINQ:
        if (this.listening) return -EINVAL;
        memory.setU32(argument, this.received.beforeMark(this.options.oobInline));
        return 0;
      case abi.SIOCOUTQ:
        if (this.listening) return -EINVAL;
        memory.setU32(argument, this.unsentBytes);
        return 0;
      case abi.SIOCATMARK:
        memory.setU32(argument, Number(this.received.atMark));
        return 0;
      default:
        return super.ioctl(caller, memory, request, argument);
    }
  }

  override setOption(caller: NetCaller, level: number, name: number, value: Uint8Array): number {
    if (level === IPPROTO_TCP) return setTcpOption(this, name, value);
    return super.setOption(caller, level, name, value);
  }

  override getOption(caller: NetCaller, level: number, name: number, room: number): Uint8Array {
    if (level === IPPROTO_TCP) return getTcpOption(this, name, room);
    return super.getOption(caller, level, name, room);
  }
}
