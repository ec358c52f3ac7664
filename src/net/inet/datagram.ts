/** A UDP datagram in a socket's queue, and the control messages that go with it (ip(7), ipv6(7)). */
import { EINVAL, ENETUNREACH, ENODEV, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/inet.ts";
import { AF_INET, AF_INET6, SCM_CREDENTIALS, SCM_RIGHTS, SO_MARK, SOL_SOCKET } from "../../abi/socket.ts";
import { type ControlMessage, type Incoming, intBytes } from "../message.ts";
import type { Network } from "../network.ts";
import { trueSize } from "../usage.ts";
import { type Endpoint, type Ip, ipBytes, ipOf, isAny, isIpv4, writeEndpoint } from "./ip.ts";
import type { InetSocket } from "./socket.ts";

/** What a sender chooses for a datagram beside its destination. */
export interface SendOptions {
  /** Hops; type of service or traffic class. */
  readonly ttl: number;
  readonly tos: number;
  /** The address that it seems to come from, or null for the socket's. */
  readonly source: Ip | null;
}

export class Datagram {
  bytes: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly options: SendOptions;
  /** What it counts against SO_RCVBUF. */
  readonly size: number;
  time: { readonly sec: number; readonly nsec: number } | null = null;

  constructor(bytes: Uint8Array, from: Endpoint, to: Endpoint, options: SendOptions) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.options = options;
    this.size = trueSize(bytes.length);
  }
}

/** The socket's options, changed by the control messages of one send. Throws EINVAL, ENODEV, ENETUNREACH. */
export function readSendOptions({ ip, family, network }: InetSocket, control: readonly ControlMessage[]): SendOptions {
  let ttl = family === AF_INET6 ? ip.effectiveHopLimit : ip.effectiveTtl;
  let tos = family === AF_INET6 ? ip.trafficClass : ip.tos;
  let source: Ip | null = null;
  for (const { level, type, data } of control) {
    const number = data.length >= 4 ? new DataView(data.buffer, data.byteOffset).getInt32(0, true) : data[0];
    if (level === SOL_SOCKET) {
      if (type !== SO_MARK && type !== SCM_RIGHTS && type !== SCM_CREDENTIALS) throw new Errno(EINVAL);
    } else if (level === abi.IPPROTO_IP) {
      if (type === abi.IP_TTL) ttl = within(number, 1);
      else if (type === abi.IP_TOS) tos = within(number, 0);
      else if (type === abi.IP_PKTINFO && data.length >= 12) source = sourceIn(network, data, 0, data.subarray(4, 8));
      else throw new Errno(EINVAL);
    } else if (level === abi.IPPROTO_IPV6 && family === AF_INET6) {
      if (type === abi.IPV6_HOPLIMIT) ttl = chosen(number, ttl);
      else if (type === abi.IPV6_TCLASS) tos = chosen(number, tos);
      else if (type === abi.IPV6_PKTINFO && data.length >= 20)
        source = sourceIn(network, data, 16, data.subarray(0, 16));
      else throw new Errno(EINVAL);
    }
  }
  return { ttl, tos, source };
}

function within(value: number, least: number): number {
  if (value === undefined || value < least || value > 255) throw new Errno(EINVAL);
  return value;
}

/** Of IPv6, -1 leaves it as it is. */
const chosen = (value: number, usual: number): number => (within(value, -1) === -1 ? usual : value);

/** The address that IP_PKTINFO or IPV6_PKTINFO names, if one, by the interface whose index is at `at`. Throws ENODEV, ENETUNREACH. */
function sourceIn({ interfaces }: Network, data: Uint8Array, at: number, address: Uint8Array): Ip | null {
  const index = new DataView(data.buffer, data.byteOffset).getInt32(at, true);
  if (index !== 0 && interfaces.byIndex(index) === null) throw new Errno(ENODEV);
  const ip = ipOf(address);
  if (isAny(ip)) return null;
  if (!interfaces.isLocal(ip)) throw new Errno(ENETUNREACH);
  return ip;
}

/** What the receiver wants to know of a datagram. */
export function describeDatagram({ ip, family, network }: InetSocket, datagram: Datagram, message: Incoming): void {
  const { to, options } = datagram;
  const { index } = network.interfaces.toward(datagram.from.ip);
  const add = (level: number, type: number, data: Uint8Array) => message.control.push({ level, type, data });
  if (family === AF_INET6) {
    if (ip.receivePacketInfo6) add(abi.IPPROTO_IPV6, abi.IPV6_PKTINFO, packetInfo6(to, index));
  }
  if (!isIpv4(to.ip)) {
    if (ip.receiveHopLimit) add(abi.IPPROTO_IPV6, abi.IPV6_HOPLIMIT, intBytes(options.ttl));
    if (ip.receiveTrafficClass) add(abi.IPPROTO_IPV6, abi.IPV6_TCLASS, intBytes(options.tos));
    if (ip.receivePacketInfo2292) add(abi.IPPROTO_IPV6, abi.IPV6_2292PKTINFO, packetInfo6(to, index));
    if (ip.receiveHopLimit2292) add(abi.IPPROTO_IPV6, abi.IPV6_2292HOPLIMIT, intBytes(options.ttl));
    if (ip.receiveOriginal6) add(abi.IPPROTO_IPV6, abi.IPV6_RECVORIGDSTADDR, writeEndpoint(to, AF_INET6));
    return;
  }
  if (ip.packetInfo) {
    const info = new Uint8Array(12);
    info[0] = index;
    info.set(ipBytes(to.ip), 4);
    info.set(ipBytes(to.ip), 8);
    add(abi.IPPROTO_IP, abi.IP_PKTINFO, info);
  }
  if (ip.receiveTtl) add(abi.IPPROTO_IP, abi.IP_TTL, intBytes(options.ttl));
  if (ip.receiveTos) add(abi.IPPROTO_IP, abi.IP_TOS, Uint8Array.of(options.tos));
  if (ip.receiveOriginal) add(abi.IPPROTO_IP, abi.IP_RECVORIGDSTADDR, writeEndpoint(to, AF_INET));
}

/** struct in6_pktinfo { struct in6_addr addr; int ifindex; }. */
function packetInfo6(to: Endpoint, index: number): Uint8Array {
  const info = new Uint8Array(20);
  info.set(writeEndpoint(to, AF_INET6).subarray(8, 24));
  info[16] = index;
  return info;
}
