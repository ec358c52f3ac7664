/**
 * The stream of a TCP connection between the processes of a machine: sending and receiving. No segments are exchanged: a send puts its
 * bytes where the peer reads them. Bytes beyond the receiver's window count as the sender's, unsent.
 */
import { EAGAIN, ECONNRESET, EFAULT, EINVAL, ENOTCONN, EOPNOTSUPP, EPIPE } from "../../abi/errno.ts";
import { IPPROTO_TCP, TCP_CM_INQ } from "../../abi/inet.ts";
import * as abi from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { type Incoming, intBytes, type Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import { SEND_WINDOW } from "../outside.ts";
import type { NetCaller } from "../types.ts";
import type { Ports } from "./ports.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";
import { InetSocket } from "./socket.ts";
import { TcpOptions } from "./tcp-options.ts";

/** net.ipv4.tcp_rmem and tcp_wmem: initial buffers. */
export const RECEIVE_BUFFER = 131072;
export const SEND_BUFFER = 16384;
/** Bytes that really wait beyond the receiver's window, whatever SO_SNDBUF is. */
const SEND_SPACE = 262144;
/** Bytes of one call that leave before a reset that they meet is seen: 16 segments of 32 KiB, as on Linux over loopback (tcp_sendmsg). */
const SENT_BEFORE_RESET = 524288;

/** The other end of a connection, as its socket here sees it: another socket of the machine, or what stands for one outside. */
export interface TcpEnd {
  /** What is sent to it leaves the machine. */
  readonly outside: boolean;
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

export abstract class TcpStream extends InetSocket implements TcpEnd {
  readonly tcp = new TcpOptions();
  tcpState: number = abi.TCP_CLOSE;
  readonly received = new ReceiveBuffer(this.network.usage.slabs);
  /** Bytes so far, for TCP_INFO. */
  readonly counts = { sent: 0, received: 0 };
  /** Where what it sends goes; null without a connection. */
  protected far: TcpEnd | null = null;
  /** A FIN has come (SOCK_DONE). */
  protected finished = false;

  constructor(network: Network, family: number, uid: number) {
    super(network, family, abi.SOCK_STREAM, IPPROTO_TCP, uid);
    this.options.sendBuffer = SEND_BUFFER;
    this.options.receiveBuffer = RECEIVE_BUFFER;
  }

  /** The connection is over, whatever the program still does with the socket (tcp_done). */
  protected abstract done(): void;
  /** Something has come from the peer, for a listener that waits for that (TCP_DEFER_ACCEPT). */
  protected abstract arrived(): void;

  protected override get ports(): Ports {
    return this.network.tcpPorts;
  }
  override get state(): number {
    return this.tcpState;
  }
  override get readableBytes(): number {
    return this.received.length;
  }
  override get unsentBytes(): number {
    return this.far?.unacknowledged ?? 0;
  }

  // ---- sending

  /** Bytes of its own that may wait beyond the peer's window. */
  get #space(): number {
    return Math.min(this.options.sendBuffer, this.far?.outside ? SEND_WINDOW : SEND_SPACE);
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
      const end = this.far;
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
      if (!end.outside) network.interfaces.count(count);
      sent += count;
    } while (from.remaining > 0);
    return sent;
  }

  /** What reaches a socket that nobody reads any more is taken, up to what is sent before the answer, a reset, is seen. */
  #sendInVain(from: Transfer): number {
    if (from.remaining === 0) return 0;
    const count = from.prepare(Math.min(from.remaining, SENT_BEFORE_RESET));
    if (count === 0) return -EFAULT;
    from.take(new Uint8Array(count));
    const end = this.far!;
    this.reset();
    end.reset();
    return count;
  }

  // ---- as the end of the peer

  get outside(): boolean {
    return false;
  }

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
    this.arrived();
    this.readable.wake();
  }

  drained(): void {
    if (this.hasRoom) this.writable.wake();
  }

  /** A third of the way to the peer's reader is free: poll(2) calls that writable. */
  protected get hasRoom(): boolean {
    const end = this.far;
    return end !== null && end.roomFor(this.#space) * 3 >= this.#space;
  }

  finish(): void {
    this.receiveShutdown = this.finished = true;
    this.arrived();
    if (this.tcpState === abi.TCP_ESTABLISHED) this.tcpState = abi.TCP_CLOSE_WAIT;
    else if (this.tcpState === abi.TCP_FIN_WAIT2) {
      this.ports.leave({ ...this.#holder(), remote: this.remote! });
      this.done();
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
    this.arrived();
    this.done();
    this.wakeAll();
  }

  // ---- receiving

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    const { flags } = message;
    const { received, options } = this;
    // Resets are no ICMP messages, which alone IP_RECVERR would keep.
    if (flags & abi.MSG_ERRQUEUE) return -EAGAIN;
    if (this.listening) return -ENOTCONN;
    if (flags & abi.MSG_OOB) return this.#receiveUrgent(into, message);
    const peek = (flags & abi.MSG_PEEK) !== 0;
    const skip = peek && options.peekOffset > 0 ? options.peekOffset : 0;
    const have = received.readable(options.oobInline) - skip;
    const lowest = flags & abi.MSG_WAITALL && peek ? this.#window : Math.min(options.receiveLow, this.#window);
    const wanted = Math.min(lowest, into.remaining) || 1;
    if (have < wanted && (have <= 0 || !(flags & abi.MSG_DONTWAIT))) {
      const none = have <= 0;
      if (none && !peek && received.atMark && !options.oobInline) this.discard(1);
      const ended = this.finished || this.error !== 0 || this.receiveShutdown || this.tcpState === abi.TCP_CLOSE;
      if (none && ended) {
        if (this.finished) return 0;
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

  protected discard(count: number): void {
    if (count === 0) return;
    this.received.drop(count);
    this.#freed(count);
  }

  /** Bytes have left the receive buffer. */
  #freed(count: number): void {
    if (count === 0) return;
    this.network.usage.release(count);
    this.far?.drained();
  }

  #receiveUrgent(into: Transfer, message: Incoming): number {
    const { received, options } = this;
    if (options.oobInline || !received.urgentKnown) return -EINVAL;
    if (!received.urgentUnread) return -EINVAL;
    if (this.tcpState === abi.TCP_CLOSE && !this.finished) return -ENOTCONN;
    if (into.remaining === 0) {
      message.found |= abi.MSG_OOB | abi.MSG_TRUNC;
      return 0;
    }
    into.prepare(1);
    into.put(Uint8Array.of(received.urgentByte((message.flags & abi.MSG_PEEK) !== 0)));
    message.found |= abi.MSG_OOB;
    return 1;
  }

  /** FIONREAD, SIOCOUTQ, SIOCATMARK. */
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
}
