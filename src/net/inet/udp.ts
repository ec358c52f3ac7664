/** UDP between the processes of a machine (udp(7); net/ipv4/udp.c). Like the real one it drops what a receiver has no room for. */
import {
  EACCES,
  ECONNREFUSED,
  EDESTADDRREQ,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
} from "../../abi/errno.ts";
import { ETH_P_IP, ETH_P_IPV6, IPPROTO_UDP, UDP_CORK, UDP_GRO, UDP_SEGMENT } from "../../abi/inet.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import * as abi from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { type Incoming, intBytes, type Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { OutsideEvent, OutsideListener } from "../outside.ts";
import { timestampMessage } from "../timestamp.ts";
import type { NetCaller } from "../types.ts";
import { trueSize } from "../usage.ts";
import { Datagram, describeDatagram, readSendOptions, type SendOptions } from "./datagram.ts";
import { anyOf, type Endpoint, ipBytes, ipOf, isIpv4, isMulticast, readEndpoint, writeEndpoint } from "./ip.ts";
import { findReceiver } from "./lookup.ts";
import type { Ports } from "./ports.ts";
import { InetSocket } from "./socket.ts";

const UDP_HEADER = 8;
/** Most bytes of a datagram: 65535 less the headers of IPv4 and UDP; of UDP over IPv6. */
const LARGEST4 = 65507;
const LARGEST6 = 65527;

export class UdpSocket extends InetSocket implements OutsideListener {
  readonly #queue: Datagram[] = [];
  /** What is in the queue counts against SO_RCVBUF. */
  #used = 0;
  #drops = 0;
  /** Bytes that MSG_MORE or UDP_CORK holds back, and where they go. */
  #corked: { bytes: Uint8Array; readonly to: Endpoint; readonly options: SendOptions } | null = null;
  #cork = false;
  /** Of what it sends outside. */
  #outsideId = 0;

  constructor(network: Network, family: number, uid: number) {
    super(network, family, abi.SOCK_DGRAM, IPPROTO_UDP, uid);
  }

  protected override get ports(): Ports {
    return this.network.udpPorts;
  }
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

  // ---- connecting

  override connect(_caller: NetCaller, address: Uint8Array, _flags: number): Result {
    if (this.isUnspecified(address)) {
      this.#disconnect();
      return 0;
    }
    const to = this.destination(readEndpoint(address, this.family, this.family === abi.AF_INET6)!);
    const ip = this.#sourceOf(to, true);
    this.#autobind();
    this.local = { ip, port: this.local.port };
    this.remote = to;
    return 0;
  }

  #disconnect(): void {
    this.remote = null;
    if (!this.portGiven) {
      this.releasePort();
      this.local = { ip: this.local.ip, port: 0 };
    }
    if (!this.addressGiven) this.local = { ip: anyOf(this.family), port: this.local.port };
  }

  /** The own address towards `to`. Throws ENETUNREACH, EACCES. */
  #sourceOf(to: Endpoint, routeOnly = false): string {
    if (this.isBroadcast(to.ip) && !this.options.broadcast) throw new Errno(EACCES);
    if (isMulticast(to.ip)) {
      this.network.environment.log("multicast is missing: ENETUNREACH");
      throw new Errno(ENETUNREACH);
    }
    return this.network.interfaces.isLocal(to.ip) ? this.sourceFor(to.ip) : this.outsideSource(to, routeOnly);
  }

  #autobind(): void {
    if (this.local.port !== 0) return;
    this.local = { ip: this.local.ip, port: this.ports.unused() };
    this.ports.add(this);
  }

  // ---- sending

  override send(_caller: NetCaller, from: Transfer, message: Outgoing): Result {
    const { flags } = message;
    if (flags & abi.MSG_OOB) return -EOPNOTSUPP;
    const most = this.family === abi.AF_INET6 ? LARGEST6 : LARGEST4;
    const length = from.remaining;
    if (length > 0xffff) return -EMSGSIZE;
    const to = this.#corked?.to ?? this.#target(message);
    if (this.error !== 0) return this.takeError();
    if (this.sendShutdown) return -EPIPE;
    const options = this.#corked?.options ?? readSendOptions(this, message.control);
    const source = options.source ?? this.#sourceOf(to);
    if (length + (this.#corked?.bytes.length ?? 0) > (isIpv4(to.ip) ? LARGEST4 : most)) return -EMSGSIZE;
    if (from.prepare(length) < length) return -EFAULT;
    if (!this.network.usage.allows(trueSize(length))) return -ENOBUFS;
    this.#autobind();
    let bytes = new Uint8Array(length);
    from.take(bytes);
    if (this.#corked !== null) {
      const whole = new Uint8Array(this.#corked.bytes.length + length);
      whole.set(this.#corked.bytes);
      whole.set(bytes, this.#corked.bytes.length);
      bytes = whole;
    }
    if (this.#cork || flags & abi.MSG_MORE) {
      this.#corked = { bytes, to, options };
      return length;
    }
    this.#corked = null;
    this.#transmit({ ip: source, port: this.local.port }, to, bytes, options);
    return length;
  }

  /** Throws EDESTADDRREQ, EINVAL, EAFNOSUPPORT, ENETUNREACH. */
  #target({ address }: Outgoing): Endpoint {
    if (address === null) {
      if (this.remote === null) throw new Errno(EDESTADDRREQ);
      return this.remote;
    }
    const to = readEndpoint(address, this.family, this.family === abi.AF_INET6) ?? this.#unspecifiedTarget(address);
    if (to.port === 0) throw new Errno(EINVAL);
    return this.destination(to);
  }

  /** AF_UNSPEC is AF_INET to sendto(2); to AF_INET6 sockets it is the connected peer. */
  #unspecifiedTarget(address: Uint8Array): Endpoint {
    if (this.family === abi.AF_INET) {
      return readEndpoint(Uint8Array.of(abi.AF_INET, 0, ...address.subarray(2)), abi.AF_INET)!;
    }
    if (this.remote === null) throw new Errno(EDESTADDRREQ);
    return this.remote;
  }

  #transmit(from: Endpoint, to: Endpoint, bytes: Uint8Array, options: SendOptions): void {
    const { network } = this;
    if (!network.interfaces.isLocal(to.ip)) {
      if (this.isBroadcast(to.ip)) return;
      network.interfaces.countSent(bytes.length);
      if (this.#outsideId === 0) this.#outsideId = network.outside.open(this);
      const address = ipBytes(to.ip);
      network.outside.submit({ kind: "datagram", id: this.#outsideId, to: { address, port: to.port }, bytes });
      return;
    }
    network.interfaces.count(bytes.length);
    const receiver = findReceiver(network, from, to);
    if (receiver !== null) receiver.#deliver(new Datagram(bytes, from, to, options));
    // The ICMP message that says so reaches only a sender that is connected, or asked for errors.
    else if (this.remote !== null) {
      this.error = ECONNREFUSED;
      this.wakeAll();
    }
  }

  #deliver(datagram: Datagram): void {
    const { options, network } = this;
    if (this.#used > options.receiveBuffer) {
      this.#drops++;
      return;
    }
    if (this.filter.attached && !this.#passes(datagram)) {
      this.#drops++;
      return;
    }
    if (options.timestamp !== 0) datagram.time = network.environment.realtime();
    this.#used += datagram.size;
    network.usage.charge(datagram.size);
    this.#queue.push(datagram);
    this.readable.wake();
  }

  /** Whether the socket's filter, which sees a UDP header too, lets it have the datagram; it may cut it off. */
  #passes(datagram: Datagram): boolean {
    const { from, to } = datagram;
    const bytes = new Uint8Array(UDP_HEADER + datagram.bytes.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, from.port);
    view.setUint16(2, to.port);
    view.setUint16(4, bytes.length);
    bytes.set(datagram.bytes, UDP_HEADER);
    const protocol = isIpv4(to.ip) ? ETH_P_IP : ETH_P_IPV6;
    const device = this.network.interfaces.toward(from.ip).index;
    const kept = this.filter.keeps({ bytes, protocol, device }, UDP_HEADER);
    if (kept < 0) return false;
    datagram.bytes = datagram.bytes.subarray(0, kept - UDP_HEADER);
    return true;
  }

  happened(event: OutsideEvent): void {
    if (event.kind === "datagram") {
      const from = { ip: ipOf(event.from.address), port: event.from.port };
      if (this.remote !== null && (this.remote.ip !== from.ip || this.remote.port !== from.port)) return;
      this.network.interfaces.countReceived(event.bytes.length);
      this.#deliver(new Datagram(event.bytes, from, this.local, { ttl: 64, tos: 0, source: null }));
    } else if (event.kind === "failed" && this.remote !== null) {
      this.error = event.errno;
      this.wakeAll();
    }
  }

  // ---- receiving

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    const { flags } = message;
    const { options } = this;
    if (flags & abi.MSG_OOB) return -EOPNOTSUPP;
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

  #take(): void {
    const datagram = this.#queue.shift()!;
    this.#used -= datagram.size;
    this.network.usage.release(datagram.size);
  }

  // ---- the rest

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
    if (this.error !== 0) events |= POLLERR;
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

  override setOption(caller: NetCaller, level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_UDP) return super.setOption(caller, level, name, value);
    if (value.length < 4) throw new Errno(EINVAL);
    const on = value.some((byte) => byte !== 0);
    if (name === UDP_CORK) {
      this.#cork = on;
      const pending = on ? null : this.#corked;
      if (pending === null) return 0;
      this.#corked = null;
      const source = pending.options.source ?? this.#sourceOf(pending.to);
      this.#transmit({ ip: source, port: this.local.port }, pending.to, pending.bytes, pending.options);
      return 0;
    }
    if (name === UDP_SEGMENT || name === UDP_GRO) {
      if (!on) return 0;
      this.network.environment.log("UDP_SEGMENT and UDP_GRO are missing: ENOPROTOOPT");
    }
    throw new Errno(ENOPROTOOPT);
  }

  override getOption(caller: NetCaller, level: number, name: number, room: number): Uint8Array {
    if (level !== IPPROTO_UDP) return super.getOption(caller, level, name, room);
    if (name === UDP_CORK) return intBytes(Number(this.#cork));
    if (name === UDP_SEGMENT || name === UDP_GRO) return intBytes(0);
    throw new Errno(ENOPROTOOPT);
  }

  protected override end(): void {
    while (this.#queue.length > 0) this.#take();
    if (this.#outsideId !== 0) this.network.outside.close(this.#outsideId);
    this.receiveShutdown = this.sendShutdown = true;
    this.releasePort();
    this.forget();
  }
}
