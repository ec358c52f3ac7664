/** Options of the levels IPPROTO_IP and IPPROTO_IPV6 (ip(7), ipv6(7); net/ipv4/ip_sockglue.c, net/ipv6/ipv6_sockglue.c). */
import { CAP_NET_ADMIN, CAP_NET_RAW } from "../../abi/capability.ts";
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/inet.ts";
import { AF_INET6, SOCK_STREAM } from "../../abi/socket.ts";
import { intBytes } from "../message.ts";
import type { NetCaller } from "../types.ts";
import type { InetSocket } from "./socket.ts";

/** Default hop limit (net.ipv4.ip_default_ttl). */
const DEFAULT_TTL = 64;

export class IpOptions {
  tos = 0;
  /** -1 for the default. */
  ttl = -1;
  minTtl = 0;
  mtuDiscover = 1;
  multicastTtl = 1;
  freeBind = false;
  transparent = false;
  bindAddressNoPort = false;
  noDefrag = false;
  headerIncluded = false;
  receiveError = false;
  receiveTtl = false;
  receiveTos = false;
  receiveOptions = false;
  returnOptions = false;
  receiveOriginal = false;
  receiveFragmentSize = false;
  packetInfo = false;
  multicastLoop = true;
  multicastAll = true;

  v6Only = false;
  hopLimit = -1;
  multicastHops = 1;
  trafficClass = 0;
  mtuDiscover6 = 1;
  multicastLoop6 = true;
  receiveError6 = false;
  receivePacketInfo6 = false;
  receiveHopLimit = false;
  receivePacketInfo2292 = false;
  receiveHopLimit2292 = false;
  receiveTrafficClass = false;
  receiveOriginal6 = false;
  dontFragment6 = false;
  autoFlowLabel = true;
  addressPreferences = 0;

  get effectiveTtl(): number {
    return this.ttl < 0 ? DEFAULT_TTL : this.ttl;
  }
  get effectiveHopLimit(): number {
    return this.hopLimit < 0 ? DEFAULT_TTL : this.hopLimit;
  }
}

type BooleanOption = { [K in keyof IpOptions]: IpOptions[K] extends boolean ? K : never }[keyof IpOptions];

const FLAGS4 = new Map<number, BooleanOption>([
  [abi.IP_HDRINCL, "headerIncluded"],
  [abi.IP_RECVOPTS, "receiveOptions"],
  [abi.IP_RETOPTS, "returnOptions"],
  [abi.IP_PKTINFO, "packetInfo"],
  [abi.IP_RECVERR, "receiveError"],
  [abi.IP_RECVTTL, "receiveTtl"],
  [abi.IP_RECVTOS, "receiveTos"],
  [abi.IP_FREEBIND, "freeBind"],
  [abi.IP_TRANSPARENT, "transparent"],
  [abi.IP_RECVORIGDSTADDR, "receiveOriginal"],
  [abi.IP_NODEFRAG, "noDefrag"],
  [abi.IP_BIND_ADDRESS_NO_PORT, "bindAddressNoPort"],
  [abi.IP_RECVFRAGSIZE, "receiveFragmentSize"],
  [abi.IP_MULTICAST_LOOP, "multicastLoop"],
  [abi.IP_MULTICAST_ALL, "multicastAll"],
]);

const FLAGS6 = new Map<number, BooleanOption>([
  [abi.IPV6_V6ONLY, "v6Only"],
  [abi.IPV6_MULTICAST_LOOP, "multicastLoop6"],
  [abi.IPV6_RECVERR, "receiveError6"],
  [abi.IPV6_RECVPKTINFO, "receivePacketInfo6"],
  [abi.IPV6_RECVHOPLIMIT, "receiveHopLimit"],
  [abi.IPV6_2292PKTINFO, "receivePacketInfo2292"],
  [abi.IPV6_2292HOPLIMIT, "receiveHopLimit2292"],
  [abi.IPV6_RECVTCLASS, "receiveTrafficClass"],
  [abi.IPV6_RECVORIGDSTADDR, "receiveOriginal6"],
  [abi.IPV6_DONTFRAG, "dontFragment6"],
  [abi.IPV6_AUTOFLOWLABEL, "autoFlowLabel"],
  [abi.IPV6_TRANSPARENT, "transparent"],
  [abi.IPV6_FREEBIND, "freeBind"],
]);

/** What set6 knows besides the flags: EINVAL with less than an int, where others are ENOPROTOOPT all the same. */
const VALUES6: ReadonlySet<number> = new Set([
  abi.IPV6_UNICAST_HOPS,
  abi.IPV6_MULTICAST_HOPS,
  abi.IPV6_MULTICAST_IF,
  abi.IPV6_TCLASS,
  abi.IPV6_MTU_DISCOVER,
  abi.IPV6_ADDR_PREFERENCES,
]);

/** Multicast: known by Linux, refused here. */
const isMembership = (level: number, name: number): boolean =>
  (name >= abi.MCAST_JOIN_GROUP && name <= abi.MCAST_LEAVE_GROUP) ||
  (level === abi.IPPROTO_IP
    ? name >= abi.IP_ADD_MEMBERSHIP && name <= abi.IP_MSFILTER
    : name === abi.IPV6_JOIN_GROUP || name === abi.IPV6_LEAVE_GROUP);

const int = (value: Uint8Array): number => {
  if (value.length < 4) throw new Errno(EINVAL);
  return new DataView(value.buffer, value.byteOffset).getInt32(0, true);
};

/** An int, or for IPPROTO_IP a single byte. */
const intOrByte = (value: Uint8Array): number => (value.length >= 4 ? int(value) : value.length > 0 ? value[0] : 0);

export function setIpOption(
  socket: InetSocket,
  caller: NetCaller,
  level: number,
  name: number,
  value: Uint8Array,
): number {
  if (isMembership(level, name)) {
    socket.network.environment.log("multicast groups are missing: setsockopt answers ENODEV");
    throw new Errno(ENODEV);
  }
  if (level === abi.IPPROTO_IP) return set4(socket, caller, name, intOrByte(value), value.length);
  if (level === abi.IPPROTO_IPV6 && socket.family === AF_INET6) {
    if (value.length < 4 && !FLAGS6.has(name) && !VALUES6.has(name)) throw new Errno(ENOPROTOOPT);
    return set6(socket, caller, name, int(value));
  }
  throw new Errno(ENOPROTOOPT);
}

/** EINVAL unless `least` <= value <= `most`. */
function within(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new Errno(EINVAL);
  return value;
}

function privileged(socket: InetSocket, caller: NetCaller): void {
  const { environment } = socket.network;
  if (!environment.capable(caller, CAP_NET_ADMIN) && !environment.capable(caller, CAP_NET_RAW)) throw new Errno(EPERM);
}

function set4(socket: InetSocket, caller: NetCaller, name: number, value: number, length: number): number {
  const { ip } = socket;
  const flag = FLAGS4.get(name);
  if (flag !== undefined) {
    if (name === abi.IP_TRANSPARENT && value !== 0) privileged(socket, caller);
    if (name === abi.IP_HDRINCL || name === abi.IP_NODEFRAG) throw new Errno(ENOPROTOOPT);
    ip[flag] = value !== 0;
    return 0;
  }
  switch (name) {
    case abi.IP_TOS:
      // The ECN bits of a stream are the kernel's.
      ip.tos = socket.type === SOCK_STREAM ? (value & 0xfc) | (ip.tos & 3) : value & 0xff;
      return 0;
    case abi.IP_TTL:
      if (length < 1) throw new Errno(EINVAL);
      ip.ttl = value === -1 ? -1 : within(value, 1, 255);
      return 0;
    case abi.IP_MINTTL:
      ip.minTtl = within(value, 0, 255);
      return 0;
    case abi.IP_MTU_DISCOVER:
      ip.mtuDiscover = within(value, 0, 5);
      return 0;
    case abi.IP_MULTICAST_TTL:
      if (socket.type === SOCK_STREAM) throw new Errno(EINVAL);
      ip.multicastTtl = value === -1 ? 1 : within(value, 0, 255);
      return 0;
    case abi.IP_MULTICAST_IF:
      if (socket.type === SOCK_STREAM) throw new Errno(EINVAL);
      if (value !== 0 && value !== 0x0100007f) throw new Errno(EADDRNOTAVAIL);
      return 0;
    default:
      throw new Errno(ENOPROTOOPT);
  }
}

function set6(socket: InetSocket, caller: NetCaller, name: number, value: number): number {
  const { ip } = socket;
  const flag = FLAGS6.get(name);
  if (flag !== undefined) {
    if (name === abi.IPV6_V6ONLY && socket.local.port !== 0) throw new Errno(EINVAL);
    if (name === abi.IPV6_TRANSPARENT && value !== 0) privileged(socket, caller);
    ip[flag] = value !== 0;
    return 0;
  }
  switch (name) {
    case abi.IPV6_UNICAST_HOPS:
      ip.hopLimit = within(value, -1, 255);
      return 0;
    case abi.IPV6_MULTICAST_HOPS:
      if (socket.type === SOCK_STREAM) throw new Errno(ENOPROTOOPT);
      ip.multicastHops = value === -1 ? 1 : within(value, 0, 255);
      return 0;
    case abi.IPV6_MULTICAST_IF:
      if (socket.type === SOCK_STREAM) throw new Errno(ENOPROTOOPT);
      if (value !== 0 && socket.network.interfaces.byIndex(value) === null) throw new Errno(ENODEV);
      return 0;
    case abi.IPV6_TCLASS:
      ip.trafficClass = value === -1 ? 0 : within(value, 0, 255);
      return 0;
    case abi.IPV6_MTU_DISCOVER:
      ip.mtuDiscover6 = within(value, 0, 5);
      return 0;
    case abi.IPV6_ADDR_PREFERENCES:
      ip.addressPreferences = value;
      return 0;
    default:
      throw new Errno(ENOPROTOOPT);
  }
}

export function getIpOption(socket: InetSocket, level: number, name: number, room: number): Uint8Array {
  if (level === abi.IPPROTO_IP) {
    const value = get4(socket, name);
    // A small value fits a caller that has room for a byte only (do_ip_getsockopt).
    return room > 0 && room < 4 && value >= 0 && value <= 255 ? Uint8Array.of(value) : intBytes(value);
  }
  if (level === abi.IPPROTO_IPV6 && socket.family === AF_INET6) return intBytes(get6(socket, name));
  throw new Errno(socket.family === AF_INET6 ? ENOPROTOOPT : EOPNOTSUPP);
}

function get4(socket: InetSocket, name: number): number {
  const { ip } = socket;
  const flag = FLAGS4.get(name);
  if (flag !== undefined) return Number(ip[flag]);
  switch (name) {
    case abi.IP_TOS:
      return ip.tos;
    case abi.IP_TTL:
      return ip.effectiveTtl;
    case abi.IP_MINTTL:
      return ip.minTtl;
    case abi.IP_MTU_DISCOVER:
      return ip.mtuDiscover;
    case abi.IP_MTU:
      if (socket.remote === null) throw new Errno(ENOTCONN);
      return socket.network.interfaces.loopback.mtu;
    case abi.IP_MULTICAST_TTL:
      return ip.multicastTtl;
    case abi.IP_MULTICAST_IF:
      return 0;
    default:
      throw new Errno(ENOPROTOOPT);
  }
}

function get6(socket: InetSocket, name: number): number {
  const { ip } = socket;
  const flag = FLAGS6.get(name);
  if (flag !== undefined) return Number(ip[flag]);
  switch (name) {
    case abi.IPV6_UNICAST_HOPS:
      return ip.effectiveHopLimit;
    case abi.IPV6_MULTICAST_HOPS:
      return ip.multicastHops;
    case abi.IPV6_MULTICAST_IF:
      return 0;
    case abi.IPV6_TCLASS:
      return ip.trafficClass;
    case abi.IPV6_MTU_DISCOVER:
      return ip.mtuDiscover6;
    case abi.IPV6_MTU:
      if (socket.remote === null) throw new Errno(ENOTCONN);
      return socket.network.interfaces.loopback.mtu;
    case abi.IPV6_ADDR_PREFERENCES:
      return ip.addressPreferences;
    default:
      throw new Errno(ENOPROTOOPT);
  }
}
