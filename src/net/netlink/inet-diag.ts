/** NETLINK_SOCK_DIAG of AF_INET and AF_INET6: TCP, UDP and raw sockets (sock_diag(7); net/ipv4/inet_diag.c). */
import { EINVAL, ENOENT, Errno } from "../../abi/errno.ts";
import { IPPROTO_RAW, IPPROTO_TCP, IPPROTO_UDP, TCP_INFO } from "../../abi/inet.ts";
import { NLM_F_MULTI } from "../../abi/netlink.ts";
import * as abi from "../../abi/sock-diag.ts";
import { AF_INET, AF_INET6, SO_MEMINFO, TCP_CLOSE, TCP_LISTEN, TCP_SYN_SENT, TCP_TIME_WAIT } from "../../abi/socket.ts";
import { bytesOf } from "../../fs/name.ts";
import { anyOf, type Endpoint, ipBytes, isAny, isIpv4 } from "../inet/ip.ts";
import { RawSocket } from "../inet/raw.ts";
import type { InetSocket } from "../inet/socket.ts";
import { TcpSocket } from "../inet/tcp.ts";
import { getTcpOption } from "../inet/tcp-options.ts";
import { UdpSocket } from "../inet/udp.ts";
import type { Network } from "../network.ts";
import { getSocketOption } from "../options.ts";
import { keeps, type Subject } from "./diag-filter.ts";
import { NetlinkMessage, readAttributes } from "./message.ts";

/** A socket, or a connection in TIME_WAIT that has none any more. */
interface Entry extends Subject {
  readonly state: number;
  readonly socket: InetSocket | null;
  /** Milliseconds that TIME_WAIT lasts yet. */
  readonly expires: number;
}

/** Answers to a struct inet_diag_req_v2: several for a dump, one else. Throws EINVAL, ENOENT. */
export function inetDiag(network: Network, request: Uint8Array, dump: boolean): NetlinkMessage[] {
  if (request.length < abi.INET_DIAG_REQ_BYTES) throw new Errno(EINVAL);
  const view = new DataView(request.buffer, request.byteOffset);
  const [family, protocol, extensions] = request;
  const attributes = readAttributes(request, abi.INET_DIAG_REQ_BYTES);
  // MPTCP, which is not there.
  if (attributes.has(abi.INET_DIAG_REQ_PROTOCOL)) throw new Errno(ENOENT);
  const entries = entriesOf(network, family, protocol);
  const id = request.subarray(8, abi.INET_DIAG_REQ_BYTES);
  if (!dump) return [message(find(entries, id), family, extensions, 0)];
  const states = view.getUint32(4, true);
  const filter = attributes.get(abi.INET_DIAG_REQ_BYTECODE);
  const ports = [view.getUint16(8), view.getUint16(10)];
  const wanted = entries.filter(
    (one) =>
      (states >>> one.state) & 1 &&
      (ports[0] === 0 || ports[0] === one.local.port) &&
      (ports[1] === 0 || ports[1] === one.remote.port) &&
      (filter === undefined || keeps(filter, one)),
  );
  return wanted.map((one) => message(one, family, extensions, NLM_F_MULTI));
}

/** Those of a protocol; listening sockets come first. Throws ENOENT for protocols that are not there. */
function entriesOf(network: Network, family: number, protocol: number): Entry[] {
  const kind = { [IPPROTO_TCP]: TcpSocket, [IPPROTO_UDP]: UdpSocket, [IPPROTO_RAW]: RawSocket }[protocol];
  if (kind === undefined) throw new Errno(ENOENT);
  const nobody = { ip: anyOf(family), port: 0 };
  const entries: Entry[] = [];
  for (const socket of network.sockets) {
    if (!(socket instanceof kind) || socket.family !== family || socket.local.port === 0) continue;
    const { local, remote, state } = socket;
    if (kind === TcpSocket && state === TCP_CLOSE) continue;
    entries.push({ family, local, remote: remote ?? nobody, state, socket, expires: 0 });
  }
  if (kind !== TcpSocket) return entries;
  entries.sort((a, b) => Number(b.state === TCP_LISTEN) - Number(a.state === TCP_LISTEN));
  for (const { local, remote, until } of network.tcpPorts.timeWaits) {
    if (isIpv4(local.ip) !== (family === AF_INET)) continue;
    const expires = Math.max(Math.round((until - network.environment.now()) / 1e6), 0);
    entries.push({ family, local, remote, state: TCP_TIME_WAIT, socket: null, expires });
  }
  return entries;
}

/** The one that a struct inet_diag_sockid names: a connection, or else who listens there. Throws ENOENT. */
function find(entries: readonly Entry[], id: Uint8Array): Entry {
  const { family } = entries[0] ?? { family: AF_INET };
  const length = family === AF_INET ? 4 : 16;
  const names = (at: number, portAt: number, { ip, port }: Endpoint): boolean =>
    port === ((id[portAt] << 8) | id[portAt + 1]) &&
    addressBytes(ip, family).every((byte, i) => i >= length || byte === id[at + i]);
  const found =
    entries.find(({ local, remote }) => names(4, 0, local) && names(20, 2, remote)) ??
    entries.find(
      ({ state, local }) =>
        state === TCP_LISTEN &&
        (names(4, 0, local) || (isAny(local.ip) && names(4, 0, { ...local, ip: ipAt(id, length) }))),
    );
  if (found === undefined) throw new Errno(ENOENT);
  const view = new DataView(id.buffer, id.byteOffset);
  const [low, high] = [view.getUint32(40, true), view.getUint32(44, true)];
  const any = low === NO_COOKIE && high === NO_COOKIE;
  if (!any && (low !== (found.socket?.cookie ?? 0) || high !== 0)) throw new Errno(ENOENT);
  return found;
}

const NO_COOKIE = 0xffff_ffff;

const ipAt = (id: Uint8Array, length: number): string =>
  Array.from(id.subarray(4, 4 + length), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** As a socket of the family shows it. */
function addressBytes(ip: string, family: number): Uint8Array {
  if (family === AF_INET || !isIpv4(ip)) return ipBytes(ip);
  return ipBytes(isAny(ip) ? anyOf(AF_INET6) : `00000000000000000000ffff${ip}`);
}

/** struct inet_diag_msg and its attributes. */
function message(entry: Entry, family: number, extensions: number, flags: number): NetlinkMessage {
  const { socket, state, local, remote } = entry;
  const bytes = new Uint8Array(abi.INET_DIAG_MSG_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([family, state, socket === null ? TIMER_TIME_WAIT : state === TCP_SYN_SENT ? TIMER_RETRANSMIT : 0]);
  view.setUint16(4, local.port);
  view.setUint16(6, remote.port);
  bytes.set(addressBytes(local.ip, family), 8);
  bytes.set(addressBytes(remote.ip, family), 24);
  view.setUint32(52, entry.expires, true);
  const result = new NetlinkMessage(abi.SOCK_DIAG_BY_FAMILY, flags).fixed(bytes);
  if (socket === null) {
    view.setUint32(44, NO_COOKIE, true);
    view.setUint32(48, NO_COOKIE, true);
    return result;
  }
  const listener = socket instanceof TcpSocket && socket.listening ? socket.acceptQueue : null;
  view.setUint32(40, socket.device, true);
  view.setUint32(44, socket.cookie, true);
  view.setUint32(56, listener?.length ?? queued(socket), true);
  view.setUint32(60, listener?.backlog ?? socket.unsentBytes, true);
  view.setUint32(64, socket.uid, true);
  view.setUint32(68, socket.file?.inode.ino ?? 0, true);
  const asks = (attribute: number): boolean => ((extensions >> (attribute - 1)) & 1) !== 0;
  result.attribute(
    abi.INET_DIAG_SHUTDOWN,
    Uint8Array.of(Number(socket.receiveShutdown) | (Number(socket.sendShutdown) << 1)),
  );
  if (asks(abi.INET_DIAG_TOS)) result.attribute(abi.INET_DIAG_TOS, Uint8Array.of(socket.ip.tos));
  if (family === AF_INET6) {
    if (asks(abi.INET_DIAG_TCLASS)) result.attribute(abi.INET_DIAG_TCLASS, Uint8Array.of(socket.ip.trafficClass));
    if (state === TCP_LISTEN || state === TCP_CLOSE)
      result.attribute(abi.INET_DIAG_SKV6ONLY, Uint8Array.of(Number(socket.ip.v6Only)));
  }
  const memory = getSocketOption(socket, SO_MEMINFO, 36);
  if (asks(abi.INET_DIAG_MEMINFO)) {
    // struct inet_diag_meminfo: rmem, wmem, fmem, tmem.
    const [rmem, , tmem, , forward, wmem] = new Uint32Array(memory.buffer, memory.byteOffset, 9);
    result.attribute(abi.INET_DIAG_MEMINFO, new Uint8Array(Uint32Array.of(rmem, wmem, forward, tmem).buffer));
  }
  if (asks(abi.INET_DIAG_SKMEMINFO)) result.attribute(abi.INET_DIAG_SKMEMINFO, memory);
  if (!(socket instanceof TcpSocket)) return result;
  if (asks(abi.INET_DIAG_INFO)) result.attribute(abi.INET_DIAG_INFO, getTcpOption(socket, TCP_INFO, 232));
  if (asks(abi.INET_DIAG_CONG)) result.attribute(abi.INET_DIAG_CONG, bytesOf(`${socket.tcp.congestion}\0`));
  return result;
}

/** idiag_timer. */
const TIMER_RETRANSMIT = 1;
const TIMER_TIME_WAIT = 3;

const queued = (socket: InetSocket): number =>
  socket instanceof UdpSocket || socket instanceof RawSocket ? socket.usage.queued : socket.readableBytes;
