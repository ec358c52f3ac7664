/**
 * Raw sockets for ICMP and ICMPv6 (raw(7), icmp(7); net/ipv4/raw.c) over the loopback interface, and the kernel's answer to an echo
 * request, so that ping works. Nothing of it leaves the machine.
 */
import {
  EACCES,
  EADDRNOTAVAIL,
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
import { ETH_P_IP, ETH_P_IPV6, IPPROTO_ICMP, IPPROTO_ICMPV6 } from "../../abi/inet.ts";
import { AF_INET, MSG_OOB, SOCK_RAW } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer } from "../../memory/types.ts";
import type { Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { NetCaller } from "../types.ts";
import { trueSize } from "../usage.ts";
import { Datagram, readSendOptions, type SendOptions } from "./datagram.ts";
import { DatagramSocket } from "./datagram-socket.ts";
import { anyOf, type Endpoint, type Ip, ipBytes, isAny, isMulticast, readEndpoint } from "./ip.ts";
import type { Ports } from "./ports.ts";

const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const ECHO_REQUEST6 = 128;
const ECHO_REPLY6 = 129;
const ICMP_HEADER = 8;
const IP_HEADER = 20;
/** Hops of what the kernel answers (net.ipv4.ip_default_ttl). */
const DEFAULT_TTL = 64;
const DONT_FRAGMENT = 0x4000;

// Options of the levels SOL_RAW and SOL_ICMPV6.
const SOL_RAW = 255;
const FILTER = 1;
const IPV6_CHECKSUM = 7;

export class RawSocket extends DatagramSocket {
  /** ICMP_FILTER (32 bits) and ICMP6_FILTER (256): a bit of a type that is not received is set. */
  #blocked: Uint8Array<ArrayBuffer>;

  constructor(network: Network, family: number, protocol: number, uid: number) {
    super(network, family, SOCK_RAW, protocol, uid);
    this.#blocked = new Uint8Array(family === AF_INET ? 4 : 32);
    this.local = { ip: anyOf(family), port: protocol };
  }

  protected override get ports(): Ports {
    throw new Error("raw sockets have no ports");
  }

  // ---- names

  override bind(_caller: NetCaller, address: Uint8Array): Result {
    const to = this.readAddress(address);
    if (to === null || this.remote !== null) return -EINVAL;
    if (!isAny(to.ip) && !this.network.interfaces.isLocal(to.ip)) return -EADDRNOTAVAIL;
    this.addressGiven = !isAny(to.ip);
    this.local = { ip: to.ip, port: this.protocol };
    return 0;
  }

  override connect(_caller: NetCaller, address: Uint8Array): Result {
    if (this.isUnspecified(address)) {
      this.remote = null;
      if (!this.addressGiven) this.local = { ip: anyOf(this.family), port: this.protocol };
      return 0;
    }
    const to = this.destination(this.readAddress(address)!);
    this.local = { ip: this.#sourceOf(to.ip), port: this.protocol };
    this.remote = to;
    return 0;
  }

  /** Throws EACCES, ENETUNREACH. */
  #sourceOf(to: Ip): Ip {
    const { interfaces, environment } = this.network;
    if (this.isBroadcast(to) && !this.options.broadcast) throw new Errno(EACCES);
    if (isMulticast(to) || !interfaces.isLocal(to)) {
      environment.log("raw packets do not leave the machine: ENETUNREACH");
      throw new Errno(ENETUNREACH);
    }
    return this.sourceFor(to);
  }

  // ---- sending

  override send(_caller: NetCaller, from: Transfer, message: Outgoing): Result {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    const length = from.remaining;
    if (length > 0xffff) return -EMSGSIZE;
    const named = message.address === null ? this.remote : readEndpoint(message.address, this.family);
    if (named === null) return message.address === null ? -EDESTADDRREQ : -EINVAL;
    const to = this.destination(named);
    if (this.error !== 0) return this.takeError();
    if (this.sendShutdown) return -EPIPE;
    const options = readSendOptions(this, message.control);
    const source = options.source ?? this.#sourceOf(to.ip);
    if (from.prepare(length) < length) return -EFAULT;
    if (!this.network.usage.allows(trueSize(length + IP_HEADER))) return -ENOBUFS;
    const bytes = new Uint8Array(length);
    from.take(bytes);
    if (this.protocol === IPPROTO_ICMPV6 && length >= 4) putChecksum(bytes, pseudoSum(source, to.ip, length));
    transmit(this.network, this.protocol, source, to.ip, bytes, options);
    return length;
  }

  // ---- receiving

  /** Whether a packet from `from` to `to` is for this socket. */
  accepts(protocol: number, from: Ip, to: Ip, type: number): boolean {
    if (protocol !== this.protocol) return false;
    if (this.remote !== null && this.remote.ip !== from) return false;
    if (!isAny(this.local.ip) && this.local.ip !== to) return false;
    return type >> 3 >= this.#blocked.length || (this.#blocked[type >> 3] & (1 << (type & 7))) === 0;
  }

  protected override passes(datagram: Datagram): boolean {
    const protocol = this.family === AF_INET ? ETH_P_IP : ETH_P_IPV6;
    const device = this.network.interfaces.loopback.index;
    const kept = this.filter.keeps({ bytes: datagram.bytes, protocol, device }, 1);
    if (kept >= 0) datagram.bytes = datagram.bytes.subarray(0, kept);
    return kept >= 0;
  }

  // ---- the rest

  override setOption(caller: NetCaller, level: number, name: number, value: Uint8Array): number {
    if (!this.#isOwn(level)) return super.setOption(caller, level, name, value);
    // The kernel computes it, as for ICMPv6 it always does.
    if (level === SOL_RAW && name === IPV6_CHECKSUM && this.protocol === IPPROTO_ICMPV6) return 0;
    if (name !== FILTER || (level === SOL_RAW) !== (this.protocol === IPPROTO_ICMP)) throw new Errno(ENOPROTOOPT);
    this.#blocked.set(value.subarray(0, this.#blocked.length));
    return 0;
  }

  override getOption(caller: NetCaller, level: number, name: number, room: number): Uint8Array {
    if (!this.#isOwn(level)) return super.getOption(caller, level, name, room);
    if (name !== FILTER || (level === SOL_RAW) !== (this.protocol === IPPROTO_ICMP)) throw new Errno(ENOPROTOOPT);
    return this.#blocked.slice();
  }

  #isOwn(level: number): boolean {
    return level === SOL_RAW || level === IPPROTO_ICMPV6;
  }

  protected override end(): void {
    this.clear();
    this.receiveShutdown = this.sendShutdown = true;
    this.forget();
  }
}

/** A packet on the loopback interface: raw sockets get it, and the kernel answers an echo request. */
function transmit(
  network: Network,
  protocol: number,
  from: Ip,
  to: Ip,
  message: Uint8Array,
  options: SendOptions,
): void {
  const { interfaces, sockets } = network;
  const isIcmp = protocol === IPPROTO_ICMP;
  const packet = isIcmp ? withHeader(from, to, message, options) : message;
  interfaces.count(message.length + (isIcmp ? IP_HEADER : 2 * IP_HEADER));
  const ends: [Endpoint, Endpoint] = [
    { ip: from, port: 0 },
    { ip: to, port: 0 },
  ];
  // What is shorter than its header no filter lets through.
  if (message.length < (isIcmp ? ICMP_HEADER : 4)) return;
  for (const socket of sockets) {
    if (!(socket instanceof RawSocket) || !socket.accepts(protocol, from, to, message[0] ?? 0)) continue;
    socket.deliver(new Datagram(packet.slice(), ...ends, options));
  }
  if (message.length < ICMP_HEADER || message[0] !== (isIcmp ? ECHO_REQUEST : ECHO_REQUEST6)) return;
  if (checksum(message, isIcmp ? 0 : pseudoSum(from, to, message.length)) !== 0) return;
  const reply = message.slice();
  reply[0] = isIcmp ? ECHO_REPLY : ECHO_REPLY6;
  putChecksum(reply, isIcmp ? 0 : pseudoSum(to, from, reply.length));
  transmit(network, protocol, to, from, reply, { ttl: DEFAULT_TTL, tos: isIcmp ? options.tos : 0, source: null });
}

/** The message behind an IPv4 header (RFC 791). */
function withHeader(from: Ip, to: Ip, message: Uint8Array, { ttl, tos }: SendOptions): Uint8Array {
  const packet = new Uint8Array(IP_HEADER + message.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint8(1, tos);
  view.setUint16(2, packet.length);
  view.setUint16(6, DONT_FRAGMENT);
  view.setUint8(8, ttl);
  view.setUint8(9, IPPROTO_ICMP);
  packet.set(ipBytes(from), 12);
  packet.set(ipBytes(to), 16);
  view.setUint16(10, checksum(packet.subarray(0, IP_HEADER), 0));
  packet.set(message, IP_HEADER);
  return packet;
}

/** The Internet checksum (RFC 1071) over `bytes`, from a sum on: 0 where one that is in them is right. */
function checksum(bytes: Uint8Array, sum: number): number {
  for (let i = 0; i < bytes.length; i++) sum += i & 1 ? bytes[i] : bytes[i] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** Of the pseudo-header of ICMPv6 (RFC 8200 8.1). */
const pseudoSum = (from: Ip, to: Ip, length: number): number =>
  ~checksum(ipBytes(from + to), length + IPPROTO_ICMPV6) & 0xffff;

/** Puts the checksum into an ICMP message. */
function putChecksum(message: Uint8Array, sum: number): void {
  message[2] = message[3] = 0;
  const value = checksum(message, sum);
  message[2] = value >> 8;
  message[3] = value & 0xff;
}
