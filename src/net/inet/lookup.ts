/** Which socket a connection or a datagram is for (net/ipv4/inet_hashtables.c, net/ipv4/udp.c). */
import { AF_INET } from "../../abi/socket.ts";
import type { Network } from "../network.ts";
import { type Endpoint, isAny, isIpv4 } from "./ip.ts";
import type { PortHolder } from "./ports.ts";
import { TcpSocket } from "./tcp.ts";
import { UdpSocket } from "./udp.ts";

/** How well `holder` fits a destination: -1 not at all; an exact address before any, the own family before the dual one. */
function score(holder: PortHolder & { readonly family: number }, to: Endpoint, loopback: number): number {
  const { ip } = holder.local;
  if (holder.device !== 0 && holder.device !== loopback) return -1;
  const device = holder.device !== 0 ? 1 : 0;
  const own = holder.family === AF_INET ? 2 : 0;
  if (ip === to.ip) return 8 + own + device;
  if (!isAny(ip)) return -1;
  if (isIpv4(ip) === isIpv4(to.ip)) return own + device;
  return isIpv4(to.ip) && holder.dual ? device : -1;
}

/** Of those that share a port by SO_REUSEPORT, the one for a sender: always the same. */
function balance<T>(group: readonly T[], from: Endpoint): T {
  let hash = from.port;
  for (let i = 0; i < from.ip.length; i++) hash = Math.imul(hash ^ from.ip.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return group[((hash ^ (hash >>> 13)) >>> 0) % group.length];
}

/** The listener that a connection from `from` to `to` reaches, or null. */
export function findListener(network: Network, from: Endpoint, to: Endpoint): TcpSocket | null {
  let best = -1;
  const group: TcpSocket[] = [];
  for (const holder of network.tcpPorts.holders(to.port)) {
    if (!(holder instanceof TcpSocket) || !holder.listening) continue;
    const fits = score(holder, to, network.interfaces.loopback.index);
    if (fits < best || fits < 0) continue;
    if (fits > best) group.length = 0;
    best = fits;
    group.push(holder);
  }
  if (group.length === 0) return null;
  return group.length > 1 && group[0].reusePort ? balance(group, from) : group[0];
}

/** The socket that a datagram from `from` to `to` reaches, or null: one that is connected to the sender before others. */
export function findReceiver(network: Network, from: Endpoint, to: Endpoint): UdpSocket | null {
  let best = -1;
  const group: UdpSocket[] = [];
  for (const holder of network.udpPorts.holders(to.port)) {
    if (!(holder instanceof UdpSocket)) continue;
    let fits = score(holder, to, network.interfaces.loopback.index);
    if (fits < 0) continue;
    const { remote } = holder;
    if (remote !== null) {
      if (remote.ip !== from.ip || remote.port !== from.port) continue;
      fits += 16;
    }
    if (fits < best) continue;
    if (fits > best) group.length = 0;
    best = fits;
    group.push(holder);
  }
  if (group.length === 0) return null;
  // Without SO_REUSEPORT the one that was bound last has it.
  return group.length > 1 && group[0].reusePort ? balance(group, from) : group[group.length - 1];
}
