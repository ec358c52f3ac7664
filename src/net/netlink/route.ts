/** NETLINK_ROUTE: what a network namespace says of its interfaces, addresses and routes (rtnetlink(7)). */
import { EEXIST, EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/netlink.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../abi/socket.ts";
import { byteString } from "../../fs/name.ts";
import { ipBytes, ipOf, LOOPBACK6 } from "../inet/ip.ts";
import { IFF_LOOPBACK, IFF_UP, type NetworkInterface } from "../interfaces.ts";
import type { Network } from "../network.ts";
import { addAddress, addresses, familyOfAddress, removeAddress } from "./address.ts";
import { NetlinkError, NetlinkMessage, readAttributes } from "./message.ts";

/**
 * Answers to a request with the flags `given` of user `uid`: several for a dump, one else. Null for a type that is not known. Throws
 * Errno.
 */
export function answer(
  network: Network,
  type: number,
  given: number,
  request: Uint8Array,
  dump: boolean,
  uid: number,
): NetlinkMessage[] | null {
  const flags = dump ? abi.NLM_F_MULTI : 0;
  switch (type) {
    case abi.RTM_GETLINK:
      return links(network, request, dump).map((one) => linkMessage(one, flags));
    case abi.RTM_GETADDR:
      return addresses(network, request[0] ?? AF_UNSPEC, flags);
    case abi.RTM_GETROUTE:
      return dump ? routes(network, request[0] ?? AF_UNSPEC, flags) : [routeTo(network, request, uid)];
    case abi.RTM_NEWLINK:
      setLink(network, given, request);
      return [];
    case abi.RTM_DELLINK:
      links(network, request, false);
      return null;
    case abi.RTM_NEWADDR:
      addAddress(network, request, given);
      return [];
    case abi.RTM_DELADDR:
      removeAddress(network, request);
      return [];
    case abi.RTM_GETRULE:
      return dump ? rules(request[0] ?? AF_UNSPEC) : null;
    case abi.RTM_GETNEIGH:
      return dump ? [] : null;
    default:
      return null;
  }
}

/** All interfaces, or the one that struct ifinfomsg or IFLA_IFNAME names. Throws EINVAL, ENODEV. */
function links(network: Network, request: Uint8Array, dump: boolean): readonly NetworkInterface[] {
  if (dump) return network.interfaces.all;
  const found = linkOf(network, request);
  if (found === null) throw new Errno(ENODEV);
  return [found];
}

/** Throws EINVAL when the request names none. */
function linkOf({ interfaces }: Network, request: Uint8Array): NetworkInterface | null {
  if (request.length < 16) throw new Errno(EINVAL);
  const index = new DataView(request.buffer, request.byteOffset).getInt32(4, true);
  if (index !== 0) return interfaces.byIndex(index);
  const name = readAttributes(request, 16).get(abi.IFLA_IFNAME);
  if (name === undefined) throw new Errno(EINVAL);
  return interfaces.byName(byteString(name).replace(/\0.*$/s, ""));
}

/**
 * struct ifinfomsg says what becomes of which flags; an interface goes up or down, and gets another length of its queue. None is
 * made. Throws ENODEV, EEXIST, EOPNOTSUPP.
 */
function setLink(network: Network, given: number, request: Uint8Array): void {
  if (request.length < 16) throw new Errno(EINVAL);
  const view = new DataView(request.buffer, request.byteOffset);
  const attributes = readAttributes(request, 16);
  const named = view.getInt32(4, true) !== 0 || attributes.has(abi.IFLA_IFNAME);
  const one = named ? linkOf(network, request) : null;
  if (one === null) {
    if ((given & abi.NLM_F_CREATE) === 0) throw new Errno(ENODEV);
    network.environment.log("interfaces cannot be made: EOPNOTSUPP");
    throw new NetlinkError(EOPNOTSUPP, "Unknown device type");
  }
  if (given & abi.NLM_F_EXCL) throw new Errno(EEXIST);
  const renames = view.getInt32(4, true) !== 0 && attributes.has(abi.IFLA_IFNAME);
  const other = renames ? abi.IFLA_IFNAME : [...attributes.keys()].find((type) => !SETTABLE.has(type));
  if (other !== undefined) {
    network.environment.log(`attribute ${other} of interfaces cannot be changed: EOPNOTSUPP`);
    throw new Errno(EOPNOTSUPP);
  }
  const length = attributes.get(abi.IFLA_TXQLEN);
  if (length !== undefined && length.length >= 4)
    one.queueLength = new DataView(length.buffer, length.byteOffset).getUint32(0, true);
  const change = view.getUint32(12, true) || 0xffff_ffff;
  if ((change & IFF_UP) === 0) return;
  network.interfaces.setUp(one, (view.getUint32(8, true) & IFF_UP) !== 0);
}

/** What setLink takes: IFLA_IFNAME says which one is meant when there is no index. */
const SETTABLE = new Set([abi.IFLA_IFNAME, abi.IFLA_TXQLEN]);

function linkMessage(one: NetworkInterface, flags: number): NetlinkMessage {
  const info = new Uint8Array(16);
  const view = new DataView(info.buffer);
  view.setUint16(2, one.hardwareType, true);
  view.setInt32(4, one.index, true);
  view.setUint32(8, one.flags, true);
  const { received, sent } = one;
  // struct rtnl_link_stats: packets received and sent, then bytes.
  const counts = [received.packets, sent.packets, received.bytes, sent.bytes];
  const stats = new Uint32Array(24);
  const stats64 = new BigUint64Array(25);
  counts.forEach((count, i) => {
    stats[i] = count;
    stats64[i] = BigInt(count);
  });
  const isLoopback = (one.flags & IFF_LOOPBACK) !== 0;
  // IF_OPER_DOWN; IF_OPER_UNKNOWN, which is what a loopback interface says, or IF_OPER_UP.
  const operational = (one.flags & IFF_UP) === 0 ? 2 : isLoopback ? 0 : 6;
  return new NetlinkMessage(abi.RTM_NEWLINK, flags)
    .fixed(info)
    .attribute(abi.IFLA_IFNAME, one.name)
    .attribute(abi.IFLA_TXQLEN, one.queueLength)
    .attribute(abi.IFLA_OPERSTATE, Uint8Array.of(operational))
    .attribute(abi.IFLA_LINKMODE, Uint8Array.of(0))
    .attribute(abi.IFLA_MTU, one.mtu)
    .attribute(abi.IFLA_GROUP, 0)
    .attribute(abi.IFLA_PROMISCUITY, 0)
    .attribute(abi.IFLA_NUM_TX_QUEUES, 1)
    .attribute(abi.IFLA_NUM_RX_QUEUES, 1)
    .attribute(abi.IFLA_CARRIER, Uint8Array.of(1))
    .attribute(abi.IFLA_QDISC, one.queueing)
    .attribute(abi.IFLA_ADDRESS, one.hardwareAddress)
    .attribute(abi.IFLA_BROADCAST, isLoopback ? new Uint8Array(6) : new Uint8Array(6).fill(0xff))
    .attribute(abi.IFLA_STATS64, new Uint8Array(stats64.buffer))
    .attribute(abi.IFLA_STATS, new Uint8Array(stats.buffer));
}

interface Route {
  readonly destination: Uint8Array;
  readonly prefix: number;
  readonly table: number;
  readonly type: number;
  readonly scope: number;
  readonly source: Uint8Array | null;
  readonly device: number;
  readonly gateway?: Uint8Array;
  /** The source that was asked for. */
  readonly from?: Uint8Array;
}

/** `state`: rtm_flags, with which an answer for one address says that no protocol has made it. */
function routeMessage(route: Route, flags: number, state = 0): NetlinkMessage {
  const { destination, prefix, table, type, scope, source, device, gateway, from } = route;
  const info = new Uint8Array(12);
  info.set([familyOfAddress(destination), prefix, 0, 0, table, state === 0 ? abi.RTPROT_KERNEL : 0, scope, type]);
  new DataView(info.buffer).setUint32(8, state, true);
  const message = new NetlinkMessage(abi.RTM_NEWROUTE, flags).fixed(info).attribute(abi.RTA_TABLE, table);
  if (prefix > 0) message.attribute(abi.RTA_DST, destination);
  if (from !== undefined) {
    info[2] = from.length * 8;
    message.attribute(abi.RTA_SRC, from);
  }
  if (source !== null) message.attribute(abi.RTA_PREFSRC, source);
  if (gateway !== undefined) message.attribute(abi.RTA_GATEWAY, gateway);
  if (destination.length === 16) message.attribute(abi.RTA_PRIORITY, table === abi.RT_TABLE_MAIN ? 256 : 0);
  message.attribute(abi.RTA_OIF, device);
  return destination.length === 16 ? message.attribute(abi.RTA_PREF, Uint8Array.of(0)) : message;
}

function defaultRoute(one: NetworkInterface, gateway: Uint8Array): Route {
  const destination = new Uint8Array(gateway.length);
  const { RT_TABLE_MAIN: table, RTN_UNICAST: type } = abi;
  return { destination, prefix: 0, table, type, scope: 0, source: null, device: one.index, gateway };
}

/** The routes that the addresses of an interface make (fib_add_ifaddr), and its default ones. */
function routesOf(one: NetworkInterface, { interfaces }: Network): Route[] {
  if (!(one.flags & IFF_UP)) return [];
  const list: Route[] = [];
  const device = one.index;
  const isLoopback = (one.flags & IFF_LOOPBACK) !== 0;
  for (const { address, prefix, secondary, broadcast } of one.addresses) {
    const whole = address.length * 8;
    const source = address.length === 4 ? ipBytes(interfaces.sourceOf(ipOf(address))) : null;
    const add = (destination: Uint8Array, bits: number, table: number, type: number, scope: number) =>
      list.push({ destination, prefix: bits, table, type, scope, source, device });
    const network = address.map((byte, i) => byte & maskByte(prefix, i));
    if (address.length === 16) {
      if (!isLoopback || ipOf(address) !== LOOPBACK6) add(network, prefix, abi.RT_TABLE_MAIN, abi.RTN_UNICAST, 0);
      add(address, whole, abi.RT_TABLE_LOCAL, abi.RTN_LOCAL, 0);
      continue;
    }
    add(address, whole, abi.RT_TABLE_LOCAL, abi.RTN_LOCAL, abi.RT_SCOPE_HOST);
    const last = address.map((byte, i) => byte | (~maskByte(prefix, i) & 0xff));
    const reached = broadcast ?? last;
    if (prefix < 31 || broadcast !== null) {
      if (!secondary || broadcast !== null)
        add(reached, whole, abi.RT_TABLE_LOCAL, abi.RTN_BROADCAST, abi.RT_SCOPE_LINK);
    }
    if (secondary || prefix === 32) continue;
    if (isLoopback) add(network, prefix, abi.RT_TABLE_LOCAL, abi.RTN_LOCAL, abi.RT_SCOPE_HOST);
    else add(network, prefix, abi.RT_TABLE_MAIN, abi.RTN_UNICAST, abi.RT_SCOPE_LINK);
  }
  for (const gateway of one.gateways) list.push(defaultRoute(one, gateway));
  return list;
}

const maskByte = (prefix: number, i: number): number => 0xff & (0xff00 >> Math.min(Math.max(prefix - i * 8, 0), 8));

const isSame = (a: Route, b: Route): boolean =>
  a.table === b.table && a.prefix === b.prefix && a.type === b.type && ipOf(a.destination) === ipOf(b.destination);

/** In the order of the kernel's tables: by address, the longer prefix of the same one first. */
function routes(network: Network, family: number, flags: number): NetlinkMessage[] {
  const key = ({ destination }: Route): string => ipOf(destination);
  return network.interfaces.all
    .flatMap((one) => routesOf(one, network))
    .filter(({ destination }) => family === AF_UNSPEC || family === familyOfAddress(destination))
    .filter((route, i, all) => all.findIndex((other) => isSame(route, other)) === i)
    .sort((a, b) => a.table - b.table || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : b.prefix - a.prefix))
    .map((route) => routeMessage(route, flags));
}

/** The rules that Linux starts with: the tables local, main and, of IPv4, default. */
function rules(family: number): NetlinkMessage[] {
  const inet: [number, number][] = [
    [0, abi.RT_TABLE_LOCAL],
    [32766, abi.RT_TABLE_MAIN],
    [32767, abi.RT_TABLE_MAIN - 1],
  ];
  const messages: NetlinkMessage[] = [];
  for (const of of family === AF_UNSPEC ? [AF_INET, AF_INET6] : [family]) {
    for (const [priority, table] of of === AF_INET6 ? inet.slice(0, 2) : inet) {
      const header = new Uint8Array(12);
      header.set([of, 0, 0, 0, table, 0, 0, abi.FR_ACT_TO_TBL]);
      const message = new NetlinkMessage(abi.RTM_NEWRULE, abi.NLM_F_MULTI).fixed(header);
      message.attribute(abi.FRA_TABLE, table).attribute(abi.FRA_SUPPRESS_PREFIXLEN, 0xffff_ffff);
      message.attribute(abi.FRA_PROTOCOL, Uint8Array.of(abi.RTPROT_KERNEL));
      messages.push(priority === 0 ? message : message.attribute(abi.FRA_PRIORITY, priority));
    }
  }
  return messages;
}

/** The way to one address. Throws ENETUNREACH, EINVAL. */
function routeTo({ interfaces }: Network, request: Uint8Array, uid: number): NetlinkMessage {
  if (request.length < 12) throw new Errno(EINVAL);
  const destination = readAttributes(request, 12).get(abi.RTA_DST);
  if (destination === undefined || (destination.length !== 4 && destination.length !== 16)) throw new Errno(EINVAL);
  if (!interfaces.isLocal(ipOf(destination))) {
    const { outer } = interfaces;
    if (outer === null || !(outer.flags & IFF_UP)) throw new Errno(ENETUNREACH);
    const { length } = destination;
    const route = defaultRoute(outer, outer.gateways.find((gateway) => gateway.length === length)!);
    const source = outer.addresses.find(({ address }) => address.length === length)!.address;
    return routeMessage({ ...route, destination, prefix: length * 8, source }, 0);
  }
  const { index } = interfaces.loopback;
  const source = ipBytes(interfaces.sourceOf(ipOf(destination)));
  const { RTN_LOCAL: type, RT_TABLE_LOCAL, RT_TABLE_MAIN } = abi;
  const isInet = destination.length === 4;
  const table = isInet ? RT_TABLE_MAIN : RT_TABLE_LOCAL;
  const prefix = destination.length * 8;
  const route = { destination, prefix, table, type, scope: 0, source, device: index };
  if (!isInet) return routeMessage({ ...route, from: new Uint8Array(16) }, 0);
  return routeMessage(route, 0, abi.RTM_F_CLONED + abi.RTCF_LOCAL)
    .attribute(abi.RTA_UID, uid)
    .attribute(abi.RTA_CACHEINFO, new Uint8Array(32));
}
