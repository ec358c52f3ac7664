/** socket(2) and socketpair(2): which families, types and protocols there are. */
import { CAP_NET_RAW } from "../abi/capability.ts";
import {
  EACCES,
  EAFNOSUPPORT,
  EINVAL,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  Errno,
  ESOCKTNOSUPPORT,
} from "../abi/errno.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from "../abi/inet.ts";
import * as abi from "../abi/socket.ts";
import { RawSocket } from "./inet/raw.ts";
import { TcpSocket } from "./inet/tcp.ts";
import { UdpSocket } from "./inet/udp.ts";
import { NetlinkSocket } from "./netlink/socket.ts";
import type { Network } from "./network.ts";
import type { Socket } from "./socket.ts";
import type { NetCaller } from "./types.ts";
import { UnixDatagram } from "./unix/datagram.ts";
import { UnixSeqpacket } from "./unix/seqpacket.ts";
import { UnixStream } from "./unix/stream.ts";

/** Throws EAFNOSUPPORT, EINVAL, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EPERM, EACCES, ENFILE. */
export function createSocket(
  network: Network,
  caller: NetCaller,
  family: number,
  type: number,
  protocol: number,
): Socket {
  if (family < 0 || family >= abi.AF_MAX) throw new Errno(EAFNOSUPPORT);
  if (type < 0 || type >= abi.SOCK_MAX) throw new Errno(EINVAL);
  switch (family) {
    case abi.AF_UNIX:
      return createUnix(network, caller, type, protocol);
    case abi.AF_INET:
    case abi.AF_INET6:
      return createInet(network, caller, family, type, protocol);
    case abi.AF_NETLINK:
      return NetlinkSocket.create(network, caller, type, protocol);
    case abi.AF_PACKET:
      return refusePackets(network, caller, type);
    default:
      network.environment.log(`sockets of address family ${family} are missing: EAFNOSUPPORT`);
      throw new Errno(EAFNOSUPPORT);
  }
}

function createUnix(network: Network, caller: NetCaller, type: number, protocol: number): Socket {
  const { euid } = caller.credentials;
  if (protocol !== 0 && protocol !== abi.AF_UNIX) throw new Errno(EPROTONOSUPPORT);
  switch (type) {
    case abi.SOCK_STREAM:
      return new UnixStream(network, euid);
    case abi.SOCK_DGRAM:
    case abi.SOCK_RAW:
      return new UnixDatagram(network, euid);
    case abi.SOCK_SEQPACKET:
      return new UnixSeqpacket(network, euid);
    default:
      throw new Errno(ESOCKTNOSUPPORT);
  }
}

function createInet(network: Network, caller: NetCaller, family: number, type: number, protocol: number): Socket {
  const { euid } = caller.credentials;
  if (protocol < 0 || protocol >= 263) throw new Errno(EINVAL);
  const icmp = family === abi.AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  if (type === abi.SOCK_STREAM) {
    if (protocol !== IPPROTO_IP && protocol !== IPPROTO_TCP) throw new Errno(EPROTONOSUPPORT);
    return new TcpSocket(network, family, euid);
  }
  if (type === abi.SOCK_DGRAM) {
    // net.ipv4.ping_group_range lets nobody have these.
    if (protocol === icmp) throw new Errno(EACCES);
    if (protocol === IPPROTO_UDPLITE) network.environment.log("UDP-Lite is missing: EPROTONOSUPPORT");
    if (protocol !== IPPROTO_IP && protocol !== IPPROTO_UDP) throw new Errno(EPROTONOSUPPORT);
    return new UdpSocket(network, family, euid);
  }
  if (type !== abi.SOCK_RAW) throw new Errno(ESOCKTNOSUPPORT);
  if (protocol === IPPROTO_IP) throw new Errno(EPROTONOSUPPORT);
  if (!network.environment.capable(caller, CAP_NET_RAW)) throw new Errno(EPERM);
  if (protocol === icmp) return new RawSocket(network, family, protocol, euid);
  network.environment.log("raw sockets of other protocols than ICMP are missing: EPROTONOSUPPORT");
  throw new Errno(EPROTONOSUPPORT);
}

/** Packet sockets see what TCP and UDP here do not make: segments. Throws EPERM, ESOCKTNOSUPPORT, EAFNOSUPPORT. */
function refusePackets(network: Network, caller: NetCaller, type: number): never {
  if (!network.environment.capable(caller, CAP_NET_RAW)) throw new Errno(EPERM);
  if (type !== abi.SOCK_RAW && type !== abi.SOCK_DGRAM && type !== SOCK_PACKET) throw new Errno(ESOCKTNOSUPPORT);
  network.environment.log("packet sockets are missing: EAFNOSUPPORT");
  throw new Errno(EAFNOSUPPORT);
}

const SOCK_PACKET = 10;

/** Two sockets that are connected to each other. Throws EOPNOTSUPP for families that have none, and as `createSocket`. */
export function createPair(
  network: Network,
  caller: NetCaller,
  family: number,
  type: number,
  protocol: number,
): [Socket, Socket] {
  const first = createSocket(network, caller, family, type, protocol);
  let second: Socket | null = null;
  try {
    if (family !== abi.AF_UNIX) throw new Errno(EOPNOTSUPP);
    second = createSocket(network, caller, family, type, protocol);
  } finally {
    if (second === null) first.close();
  }
  if (first instanceof UnixStream && second instanceof UnixStream) first.pair(second, caller);
  else if (first instanceof UnixSeqpacket && second instanceof UnixSeqpacket) first.pair(second, caller);
  else if (first instanceof UnixDatagram && second instanceof UnixDatagram) first.pair(second, caller);
  return [first, second];
}
