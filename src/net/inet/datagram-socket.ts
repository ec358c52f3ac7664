/** Sockets that keep datagrams in a queue: UDP, and raw ones. What a receiver has no room for is dropped. */
import { EAGAIN, ENOTCONN, Errno } from "../../abi/errno.ts";
import { IP_RECVERR, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR } from "../../abi/inet.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import * as abi from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { type Incoming, intBytes } from "../message.ts";
import { timestampMessage } from "../timestamp.ts";
import type { NetCaller } from "../types.ts";
import { type Datagram, describeDatagram } from "./datagram.ts";
import { ErrorQueue } from "./error-queue.ts";
import { type Endpoint, readEndpoint, writeEndpoint } from "./ip.ts";
import { InetSocket } from "./socket.ts";

export abstract class DatagramSocket extends InetSocket {
  readonly #queue: Datagram[] = [];
  /** What recvmsg(2) with MSG_ERRQUEUE finds. */
  protected readonly errors = new ErrorQueue();
  /** What is in the queue counts against SO_RCVBUF. */
  #used = 0;
  #drops = 0;

  override get state(): number {
    return this.remote === null ? abi.TCP_CLOSE : abi.TCP_ESTABLISHED;
  }
  override get readableBytes(): number {
    return this.#queue[0]?.bytes.length ?? 0;
  }
  override get unsentBytes(): number {
    return 0;
  }
  /** Bytes in the queue and datagrams lost, for /proc/net/udp. */
  get usage(): { readonly queued: number; readonly drops: number } {
    return { queued: this.#used, drops: this.#drops };
  }

  protected override readAddress(address: Uint8Array): Endpoint | null {
    return readEndpoint(address, this.family, false);
  }

  /** Whether the socket's filter lets it have the datagram, which it may cut off. */
  protected abstract passes(datagram: Datagram): boolean;

  deliver(datagram: Datagram): void {
    const { options, network } = this;
    if (this.#used > options.receiveBuffer) {
      this.#drops++;
      return;
    }
    if (this.filter.attached && !this.passes(datagram)) {
      this.#drops++;
      return;
    }
    if (options.timestamp !== 0) datagram.time = network.environment.realtime();
    this.#used += datagram.size;
    network.usage.charge(datagram.size);
    this.#queue.push(datagram);
    this.readable.wake();
  }

  // ---- receiving

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    const { flags } = message;
    const { options } = this;
    if (flags & abi.MSG_ERRQUEUE) return this.errors.take(this, into, message) ?? -EAGAIN;
    if (this.error !== 0) return this.takeError();
    const peek = (flags & abi.MSG_PEEK) !== 0;
    const datagram = this.#queue[0];
    if (datagram === undefined) {
      if (this.receiveShutdown && !(flags & abi.MSG_DONTWAIT)) return 0;
      return this.waitToReceive(caller, flags);
    }
    const { bytes } = datagram;
    const skip = peek && options.peekOffset > 0 ? Math.min(options.peekOffset, bytes.length) : 0;
    const count = Math.min(bytes.length - skip, into.remaining);
    into.prepare(count);
    if (!peek) this.#take();
    into.put(bytes.subarray(skip, skip + count));
    if (options.peekOffset >= 0) {
      options.peekOffset = peek ? options.peekOffset + count : Math.max(options.peekOffset - bytes.length, 0);
    }
    message.address = writeEndpoint(datagram.from, this.family);
    if (datagram.time !== null) timestampMessage(options.timestamp, datagram.time, message);
    if (options.receiveOverflow && this.#drops > 0) {
      message.control.push({ level: abi.SOL_SOCKET, type: abi.SO_RXQ_OVFL, data: intBytes(this.#drops) });
    }
    describeDatagram(this, datagram, message);
    if (count < bytes.length - skip) message.found |= abi.MSG_TRUNC;
    return flags & abi.MSG_TRUNC ? bytes.length - skip : count;
  }

  protected clear(): void {
    while (this.#queue.length > 0) this.#take();
    this.errors.clear(this);
  }

  #take(): void {
    const datagram = this.#queue.shift()!;
    this.#used -= datagram.size;
    this.network.usage.release(datagram.size);
  }

  // ---- the rest

  override setOption(caller: NetCaller, level: number, name: number, value: Uint8Array): number {
    const result = super.setOption(caller, level, name, value);
    const keeps = level === IPPROTO_IP ? name === IP_RECVERR : level === IPPROTO_IPV6 && name === IPV6_RECVERR;
    if (keeps && !this.ip.receiveError && !this.ip.receiveError6) this.errors.clear(this);
    return result;
  }

  /** Throws ENOTCONN when it is not connected, though it takes effect. */
  override shutdown(read: boolean, write: boolean): void {
    if (this.remote !== null) {
      if (read) this.receiveShutdown = true;
      if (write) this.sendShutdown = true;
    }
    this.wakeOwn();
    if (this.remote === null) throw new Errno(ENOTCONN);
  }

  override poll(): number {
    let events = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.error !== 0 || this.errors.length > 0) events |= POLLERR;
    if (this.receiveShutdown) events |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (this.receiveShutdown && this.sendShutdown) events |= POLLHUP;
    if (this.#queue.length > 0) events |= POLLIN | POLLRDNORM;
    return events;
  }

  override ioctl(caller: NetCaller, memory: UserMemory, request: number, argument: number): Result {
    if (request !== abi.SIOCINQ && request !== abi.SIOCOUTQ) return super.ioctl(caller, memory, request, argument);
    memory.setU32(argument, request === abi.SIOCINQ ? this.readableBytes : 0);
    return 0;
  }
}
