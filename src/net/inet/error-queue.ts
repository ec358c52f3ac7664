/** The errors that a socket with IP_RECVERR or IPV6_RECVERR keeps (ip(7), ipv6(7); ip_recv_error): what ICMP and this
 * machine have said of its datagrams. */
import { ECONNREFUSED, EMSGSIZE } from "../../abi/errno.ts";
import * as abi from "../../abi/inet.ts";
import { AF_INET, MSG_ERRQUEUE, MSG_TRUNC } from "../../abi/socket.ts";
import type { Transfer } from "../../memory/types.ts";
import type { Incoming } from "../message.ts";
import { trueSize } from "../usage.ts";
import { Datagram, describeDatagram } from "./datagram.ts";
import { type Endpoint, isIpv4, writeEndpoint } from "./ip.ts";
import type { InetSocket } from "./socket.ts";

interface Report {
  /** Where the datagram went. */
  readonly to: Endpoint;
  /** What the ICMP message holds of it, and the message itself as it came to this socket; empty when it has not left. */
  readonly message: Datagram;
  /** The largest packet that could be sent, for one that was too long; null for one that came back. */
  readonly largest: number | null;
}

/** Payload that an ICMP error holds of a datagram: up to 576 bytes with its headers, 1280 for ICMPv6 (RFC 1812 4.3.2.3, RFC 4443 2.4). */
const QUOTED4 = 576 - 28 - 28;
const QUOTED6 = 1280 - 48 - 48;
/** The longest packet of IPv4. */
const IP_MAX_MTU = 65535;
/** What ICMP errors themselves are sent with: hops, and type of service (IPTOS_PREC_INTERNETCONTROL). */
const ICMP_TTL = 64;
const ICMP_TOS = 0xc0;

export class ErrorQueue {
  readonly #reports: Report[] = [];

  get length(): number {
    return this.#reports.length;
  }

  /** A datagram from `socket` has found no receiver at `to`. */
  refused(socket: InetSocket, from: Endpoint, to: Endpoint, payload: Uint8Array): void {
    const quoted = payload.slice(0, isIpv4(to.ip) ? QUOTED4 : QUOTED6);
    socket.error = ECONNREFUSED;
    if (!socket.network.usage.allows(trueSize(quoted.length))) {
      socket.wakeAll();
      return;
    }
    const options = { ttl: ICMP_TTL, tos: isIpv4(to.ip) ? ICMP_TOS : 0, source: null };
    this.#push(socket, { to, message: new Datagram(quoted, { ip: to.ip, port: 0 }, from, options), largest: null });
  }

  /** What `socket` would send to `to` is longer than any packet (ip_local_error). */
  tooLong(socket: InetSocket, to: Endpoint): void {
    const { mtu } = socket.network.interfaces.toward(to.ip);
    const largest = isIpv4(to.ip) ? Math.min(mtu, IP_MAX_MTU) : mtu;
    // IPv4 tells the port of a connection only.
    const shown = isIpv4(to.ip) ? { ip: to.ip, port: socket.remote?.port ?? 0 } : to;
    const message = new Datagram(new Uint8Array(0), to, socket.local, { ttl: 0, tos: 0, source: null });
    this.#push(socket, { to: shown, message, largest });
  }

  #push(socket: InetSocket, report: Report): void {
    socket.network.usage.charge(report.message.size);
    this.#reports.push(report);
    socket.wakeAll();
  }

  /** The oldest for a receive with MSG_ERRQUEUE; null when there is none. SO_ERROR becomes that of the next. */
  take(socket: InetSocket, into: Transfer, incoming: Incoming): number | null {
    const report = this.#reports[0];
    if (report === undefined) return null;
    const { to, message, largest } = report;
    const count = Math.min(message.bytes.length, into.remaining);
    into.prepare(count);
    this.#reports.shift();
    socket.network.usage.release(message.size);
    const returned = this.#reports.length > 0 && this.#reports[0].largest === null;
    if (returned) socket.error = ECONNREFUSED;
    else if (largest === null) socket.error = 0;
    into.put(message.bytes.subarray(0, count));
    incoming.address = writeEndpoint(to, socket.family);
    if (largest === null) describeDatagram(socket, message, incoming);
    const four = socket.family === AF_INET;
    incoming.control.push({
      level: four ? abi.IPPROTO_IP : abi.IPPROTO_IPV6,
      type: four ? abi.IP_RECVERR : abi.IPV6_RECVERR,
      data: extendedError(report, socket.family),
    });
    incoming.found |= MSG_ERRQUEUE;
    if (count < message.bytes.length) incoming.found |= MSG_TRUNC;
    return count;
  }

  clear(socket: InetSocket): void {
    for (const { message } of this.#reports.splice(0)) socket.network.usage.release(message.size);
  }
}

/** struct sock_extended_err { u32 errno; u8 origin, type, code, pad; u32 info, data; } and who has said so, if not this machine. */
function extendedError({ to, largest }: Report, family: number): Uint8Array {
  const offender = writeEndpoint({ ip: to.ip, port: 0 }, family);
  const bytes = new Uint8Array(16 + offender.length);
  const view = new DataView(bytes.buffer);
  if (largest !== null) {
    view.setUint32(0, EMSGSIZE, true);
    bytes[4] = abi.SO_EE_ORIGIN_LOCAL;
    view.setUint32(8, largest, true);
    return bytes;
  }
  view.setUint32(0, ECONNREFUSED, true);
  const origin = isIpv4(to.ip)
    ? [abi.SO_EE_ORIGIN_ICMP, abi.ICMP_DEST_UNREACH, abi.ICMP_PORT_UNREACH]
    : [abi.SO_EE_ORIGIN_ICMP6, abi.ICMPV6_DEST_UNREACH, abi.ICMPV6_PORT_UNREACH];
  bytes.set(origin, 4);
  bytes.set(offender, 16);
  return bytes;
}
