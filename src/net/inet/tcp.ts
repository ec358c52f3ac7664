/**
 * TCP between the processes of a machine (tcp(7); net/ipv4/tcp.c): how connections begin and end. What programs can observe is
 * as over the loopback interface: states, backlog, resets, half-closed connections, TIME_WAIT.
 */
import {
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOBUFS,
  ENOTCONN,
  Errno,
  ETIMEDOUT,
} from "../../abi/errno.ts";
import { IPPROTO_TCP } from "../../abi/inet.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import * as abi from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import { Deadline, type Expirable } from "../../wait/deadlines.ts";
import type { Block } from "../../wait/queue.ts";
import { SEND_WINDOW } from "../outside.ts";
import type { Socket } from "../socket.ts";
import type { NetCaller } from "../types.ts";
import { anyOf, type Endpoint, isMulticast, writeEndpoint } from "./ip.ts";
import { findListener } from "./lookup.ts";
import { OutsideConnection } from "./outside-connection.ts";
import { getTcpOption, setTcpOption } from "./tcp-options.ts";
import { type TcpEnd, TcpStream } from "./tcp-stream.ts";

/** What autotuning makes of SO_SNDBUF over the loopback interface. */
const SEND_BUFFER_CONNECTED = 2626560;
/** Nanoseconds until a connection attempt that nobody answers is given up (net.ipv4.tcp_syn_retries). */
const CONNECT_TIMEOUT = 127e9;

/** How far connect(2) is (SS_UNCONNECTED and its kin). */
const UNCONNECTED = 0;
const CONNECTING = 1;
const CONNECTED = 2;

export class TcpSocket extends TcpStream implements Expirable {
  #phase = UNCONNECTED;
  /** Whom accept(2) reports, though the connection may be gone. */
  #peer: Endpoint | null = null;
  /** Of a listener: connections to be accepted, and those that wait for room among them. */
  readonly #accepted: TcpSocket[] = [];
  readonly #waiting = new Set<TcpSocket>();
  #backlog = 0;
  /** The listener in whose queue it is; with TCP_DEFER_ACCEPT the one that it enters with its first bytes. */
  #listener: TcpSocket | null = null;
  #deferred = false;
  readonly #timeout = new Deadline(this);

  protected override get unconnected(): boolean {
    return this.tcpState === abi.TCP_CLOSE;
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
    this.finished = false;
    this.tcpState = abi.TCP_SYN_SENT;
    this.wantsRoom = true;
    if (!inside) {
      network.environment.deadlines.set(this.#timeout, network.environment.now() + CONNECT_TIMEOUT);
      this.far = new OutsideConnection(this, network.outside, to);
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
    const socket = this.#another();
    if (socket === null) {
      client.fail(ENOBUFS);
      return;
    }
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

  /** The server's end of a new connection; null when the machine has no room for it. */
  #another(): TcpSocket | null {
    try {
      return new TcpSocket(this.network, this.family, this.uid);
    } catch (error) {
      if (error instanceof Errno) return null;
      throw error;
    }
  }

  #enqueue(socket: TcpSocket): void {
    socket.#deferred = false;
    this.network.environment.deadlines.cancel(socket.#timeout);
    this.#accepted.push(socket);
    this.readable.wake();
  }

  #established(end: TcpEnd): void {
    this.far = end;
    this.tcpState = abi.TCP_ESTABLISHED;
    if ((this.options.bufferLock & 1) === 0) {
      this.options.sendBuffer = end.outside ? SEND_WINDOW : SEND_BUFFER_CONNECTED;
    }
    this.network.environment.deadlines.cancel(this.#timeout);
    this.writable.wake();
  }

  /**
   * Nobody has answered the SYN; or the other side of a connection that nobody has open any more does not end; or no data has come
   * for so long that the connection is accepted without.
   */
  expire(): void {
    if (this.#deferred) this.arrived();
    else if (this.tcpState === abi.TCP_SYN_SENT) {
      this.far?.reset();
      this.fail(ETIMEDOUT);
    } else if (this.closed && this.tcpState === abi.TCP_FIN_WAIT2) {
      const end = this.far;
      this.done();
      if (end?.outside) end.reset();
    }
  }

  /** The connection outside is there. */
  opened(end: TcpEnd): void {
    this.#established(end);
  }

  /** The connection has failed. */
  fail(errno: number): void {
    this.#withdraw();
    this.error = errno;
    this.done();
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
      this.far?.reset();
    }
    this.done();
    this.discard(this.received.length);
    this.received.clear();
    this.#phase = UNCONNECTED;
    this.sendShutdown = this.receiveShutdown = this.finished = false;
    this.wakeOwn();
    return 0;
  }

  protected override arrived(): void {
    if (this.#deferred) this.#listener!.#enqueue(this);
  }

  protected override done(): void {
    this.tcpState = abi.TCP_CLOSE;
    this.network.environment.deadlines.cancel(this.#timeout);
    this.receiveShutdown = this.sendShutdown = true;
    this.far = null;
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

  // ---- the end

  override shutdown(read: boolean, write: boolean): void {
    if (this.#phase === CONNECTING) this.#phase = this.tcpState === abi.TCP_ESTABLISHED ? CONNECTED : UNCONNECTED;
    if (this.tcpState === abi.TCP_LISTEN || this.tcpState === abi.TCP_SYN_SENT) {
      if (read || this.tcpState === abi.TCP_SYN_SENT) this.#disconnect();
      else this.wakeOwn();
      return;
    }
    const unconnected = this.tcpState === abi.TCP_CLOSE;
    if (read) this.receiveShutdown = true;
    if (write) {
      this.sendShutdown = true;
      this.#sendFin();
    }
    this.wakeOwn();
    if (unconnected) throw new Errno(ENOTCONN);
  }

  #sendFin(): void {
    const end = this.far;
    if (this.tcpState === abi.TCP_ESTABLISHED) {
      this.tcpState = abi.TCP_FIN_WAIT2;
      end!.finish();
    } else if (this.tcpState === abi.TCP_CLOSE_WAIT) {
      this.done();
      end!.finish();
    }
  }

  /** Unread data, or SO_LINGER with 0 seconds, makes it a reset. */
  protected override end(): void {
    if (this.tcpState === abi.TCP_LISTEN) this.#stopListening();
    this.#withdraw();
    const end = this.far;
    const unread = this.received.length;
    if (this.tcpState === abi.TCP_SYN_SENT) {
      this.done();
      end?.reset();
    } else if (end !== null && (unread > 0 || this.options.linger === 0)) {
      this.done();
      end.reset();
    } else {
      this.#sendFin();
    }
    if (unread > 0) this.network.usage.release(unread);
    this.received.clear();
    const { environment } = this.network;
    if (this.tcpState === abi.TCP_FIN_WAIT2) {
      const { linger2 } = this.tcp;
      if (linger2 >= 0) environment.deadlines.set(this.#timeout, environment.now() + linger2 * 1e9);
      else {
        this.done();
        end!.reset();
      }
    }
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
      if (this.sendShutdown || this.far === null || this.hasRoom) events |= POLLOUT | POLLWRNORM;
      if (this.received.urgentUnread) events |= POLLPRI;
    }
    return this.error !== 0 ? events | POLLERR : events;
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
