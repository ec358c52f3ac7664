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
  EOPNOTSUPP,
  EPIPE,
  Errno,
} from "../../abi/errno.ts";
import { ETH_P_IP, ETH_P_IPV6, IPPROTO_UDP, UDP_CORK, UDP_GRO, UDP_SEGMENT } from "../../abi/inet.ts";
import * as abi from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer } from "../../memory/types.ts";
import { intBytes, type Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { OutsideEvent, OutsideListener } from "../outside.ts";
import type { NetCaller } from "../types.ts";
import { trueSize } from "../usage.ts";
import { Datagram, readSendOptions, type SendOptions } from "./datagram.ts";
import { DatagramSocket } from "./datagram-socket.ts";
import { anyOf, type Endpoint, ipBytes, ipOf, isIpv4, isMulticast, readEndpoint } from "./ip.ts";
import { findReceiver } from "./lookup.ts";
import type { Ports } from "./ports.ts";

const UDP_HEADER = 8;
/** Most bytes of a datagram: 65535 less the headers of IPv4 and UDP; of UDP over IPv6. */
const LARGEST4 = 65507;
const LARGEST6 = 65527;

export class UdpSocket extends DatagramSocket implements OutsideListener {
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
    if (flags & abi.MSG_OOB && this.family === abi.AF_INET) return -EOPNOTSUPP;
    const most = this.family === abi.AF_INET6 ? LARGEST6 : LARGEST4;
    const length = from.remaining;
    if (length > 0xffff && this.family === abi.AF_INET) return -EMSGSIZE;
    const to = this.#corked?.to ?? this.#target(message);
    if (length > 0xffff && isIpv4(to.ip)) return -EMSGSIZE;
    if (this.error !== 0) return this.takeError();
    if (this.sendShutdown) return -EPIPE;
    const options = this.#corked?.options ?? readSendOptions(this, message.control);
    const source = options.source ?? this.#sourceOf(to);
    if (length + (this.#corked?.bytes.length ?? 0) > (isIpv4(to.ip) ? LARGEST4 : most)) {
      if (this.#keepsErrors(to)) this.errors.tooLong(this, to);
      return -EMSGSIZE;
    }
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
    if (receiver !== null) receiver.deliver(new Datagram(bytes, from, to, options));
    else this.#refused(from, to, bytes);
  }

  /** The ICMP message that says so reaches only a sender that is connected, or asked for errors. */
  #refused(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    if (this.#keepsErrors(to)) this.errors.refused(this, from, to, bytes);
    else if (this.remote !== null) {
      this.error = ECONNREFUSED;
      this.wakeAll();
    }
  }

  #keepsErrors(to: Endpoint): boolean {
    return isIpv4(to.ip) ? this.ip.receiveError : this.ip.receiveError6;
  }

  /** The filter sees a UDP header too. */
  protected override passes(datagram: Datagram): boolean {
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
      this.deliver(new Datagram(event.bytes, from, this.local, { ttl: 64, tos: 0, source: null }));
    } else if (event.kind === "failed" && this.remote !== null) {
      this.error = event.errno;
      this.wakeAll();
    }
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
    this.clear();
    if (this.#outsideId !== 0) this.network.outside.close(this.#outsideId);
    this.receiveShutdown = this.sendShutdown = true;
    this.releasePort();
    this.forget();
  }
}
