/** socket(2) and socketpair(2): which families, types and protocols there are. */
import { EAFNOSUPPORT, EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, Errno, ESOCKTNOSUPPORT } from "../abi/errno.ts";
import * as abi from "../abi/socket.ts";
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
