/** NETLINK_ROUTE: what a network namespace says of its interfaces, addresses and routes (rtnetlink(7)). */
import { EEXIST, EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/netlink.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../abi/socket.ts";
import { byteString } from "../../fs/name.ts";
import { ipOf, LOOPBACK4, LOOPBACK6 } from "../inet/ip.ts";
import { IFF_LOOPBACK, IFF_UP, type InterfaceAddress, type NetworkInterface } from "../interfaces.ts";
import type { Network } from "../network.ts";
import { NetlinkMessage, readAttributes } from "./message.ts";

/** Answers to a request: several for a dump, one else. Null for a type that is not known. Throws Errno. */
export function answer(network: Network, type: number, request: Uint8Array, dump: boolean): NetlinkMessage[] | null {
  const flags = dump ? abi.NLM_F_MULTI : 0;
  switch (type) {
    case abi.RTM_GETLINK:
      return links(network, request, dump).map((one) => linkMessage(one, flags));
    case abi.RTM_GETADDR: {
      const family = request[0] ?? AF_UNSPEC;
      return network.interfaces.all.flatMap((one) =>
        one.addresses
          .filter(({ address }) => family === AF_UNSPEC || family === familyOfAddress(address))
          .map((address) => addressMessage(one, address, flags)),
      );
    }
    case abi.RTM_GETROUTE:
      return dump ? routes(network, request[0] ?? AF_UNSPEC, flags) : [routeTo(network, request)];
    case abi.RTM_NEWLINK:
      setLink(network, request);
      return [];
    case abi.RTM_NEWADDR:
      addAddress(network, request);
      return [];
    case abi.RTM_GETNEIGH:
    case abi.RTM_GETRULE:
      return dump ? [] : null;
    default:
      return null;
  }
}

const familyOfAddress = (address: Uint8Array): number => (address.length === 4 ? AF_INET : AF_INET6);

/** All interfaces, or the one that struct ifinfomsg or IFLA_IFNAME names. */
function links({ interfaces }: Network, request: Uint8Array, dump: boolean): readonly NetworkInterface[] {
  if (dump) return interfaces.all;
  if (request.length < 16) throw new Errno(EINVAL);
  const index = new DataView(request.buffer, request.byteOffset).getInt32(4, true);
  const name = readAttributes(request, 16).get(abi.IFLA_IFNAME);
  if (index === 0 && name === undefined) throw new Errno(EINVAL);
  const found = index !== 0 ? interfaces.byIndex(index) : interfaces.byName(byteString(name!).replace(/\0.*$/s, ""));
  if (found === null) throw new Errno(ENODEV);
  return [found];
}

/** struct ifinfomsg says what becomes of which flags; an interface goes up or down. Throws ENODEV. */
function setLink(network: Network, request: Uint8Array): void {
  const [one] = links(network, request, false);
  const view = new DataView(request.buffer, request.byteOffset);
  const change = view.getUint32(12, true) || 0xffff_ffff;
  if ((change & IFF_UP) === 0) return;
  network.interfaces.setUp(one, (view.getUint32(8, true) & IFF_UP) !== 0);
}

/** The loopback interface has its addresses when it is up, and gets no others. Throws EEXIST, EOPNOTSUPP, ENODEV. */
function addAddress({ interfaces, environment }: Network, request: Uint8Array): void {
  if (request.length < 8) throw new Errno(EINVAL);
  const index = new DataView(request.buffer, request.byteOffset).getUint32(4, true);
  if (index !== interfaces.loopback.index) throw new Errno(ENODEV);
  const attributes = readAttributes(request, 8);
  const address = attributes.get(abi.IFA_LOCAL) ?? attributes.get(abi.IFA_ADDRESS);
  if (address !== undefined && LOOPBACK.has(ipOf(address))) {
    if (interfaces.up) throw new Errno(EEXIST);
    return;
  }
  environment.log("adding addresses to interfaces is missing: EOPNOTSUPP");
  throw new Errno(EOPNOTSUPP);
}

const LOOPBACK = new Set([LOOPBACK4, LOOPBACK6]);

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
  // IF_OPER_UNKNOWN, which is what a loopback interface says, or IF_OPER_UP.
  const operational = isLoopback ? 0 : 6;
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
    .attribute(abi.IFLA_QDISC, "noqueue")
    .attribute(abi.IFLA_ADDRESS, one.hardwareAddress)
    .attribute(abi.IFLA_BROADCAST, isLoopback ? new Uint8Array(6) : new Uint8Array(6).fill(0xff))
    .attribute(abi.IFLA_STATS64, new Uint8Array(stats64.buffer))
    .attribute(abi.IFLA_STATS, new Uint8Array(stats.buffer));
}

const scopeOf = (one: NetworkInterface): number => (one.flags & IFF_LOOPBACK ? abi.RT_SCOPE_HOST : 0);

function addressMessage(one: NetworkInterface, { address, prefix }: InterfaceAddress, flags: number): NetlinkMessage {
  const info = new Uint8Array(8);
  info.set([familyOfAddress(address), prefix, abi.IFA_F_PERMANENT, scopeOf(one)]);
  new DataView(info.buffer).setUint32(4, one.index, true);
  const message = new NetlinkMessage(abi.RTM_NEWADDR, flags).fixed(info).attribute(abi.IFA_ADDRESS, address);
  if (address.length === 4) message.attribute(abi.IFA_LOCAL, address).attribute(abi.IFA_LABEL, one.name);
  const forever = 0xffff_ffff;
  return message
    .attribute(abi.IFA_FLAGS, abi.IFA_F_PERMANENT)
    .attribute(abi.IFA_CACHEINFO, new Uint8Array(Uint32Array.of(forever, forever, 0, 0).buffer));
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
}

function routeMessage(route: Route, flags: number): NetlinkMessage {
  const { destination, prefix, table, type, scope, source, device, gateway } = route;
  const info = new Uint8Array(12);
  info.set([familyOfAddress(destination), prefix, 0, 0, table, abi.RTPROT_KERNEL, scope, type]);
  const message = new NetlinkMessage(abi.RTM_NEWROUTE, flags).fixed(info).attribute(abi.RTA_TABLE, table);
  if (prefix > 0) message.attribute(abi.RTA_DST, destination);
  if (source !== null) message.attribute(abi.RTA_PREFSRC, source);
  if (gateway !== undefined) message.attribute(abi.RTA_GATEWAY, gateway);
  if (destination.length === 16) message.attribute(abi.RTA_PRIORITY, table === abi.RT_TABLE_MAIN ? 256 : 0);
  return message.attribute(abi.RTA_OIF, device);
}

function defaultRoute(one: NetworkInterface, gateway: Uint8Array): Route {
  const destination = new Uint8Array(gateway.length);
  const { RT_TABLE_MAIN: table, RTN_UNICAST: type } = abi;
  return { destination, prefix: 0, table, type, scope: 0, source: null, device: one.index, gateway };
}

/** The routes that the addresses of an interface make. */
function routesOf(one: NetworkInterface): Route[] {
  if (!(one.flags & IFF_UP)) return [];
  const list: Route[] = [];
  for (const { address, prefix } of one.addresses) {
    const add = (destination: Uint8Array, bits: number, table: number, type: number, scope: number) =>
      list.push({
        destination,
        prefix: bits,
        table,
        type,
        scope,
        source: address.length === 4 ? address : null,
        device: one.index,
      });
    const whole = address.length * 8;
    if (address.length === 16) {
      add(address, prefix, abi.RT_TABLE_MAIN, abi.RTN_UNICAST, 0);
      add(address, whole, abi.RT_TABLE_LOCAL, abi.RTN_LOCAL, 0);
      continue;
    }
    const mask = (byte: number, i: number, fill: number) => {
      const bits = 0xff & (0xff00 >> Math.min(Math.max(prefix - i * 8, 0), 8));
      return (byte & bits) | (fill & ~bits & 0xff);
    };
    const network = address.map((byte, i) => mask(byte, i, 0));
    if (one.flags & IFF_LOOPBACK) add(network, prefix, abi.RT_TABLE_LOCAL, abi.RTN_LOCAL, abi.RT_SCOPE_HOST);
    else add(network, prefix, abi.RT_TABLE_MAIN, abi.RTN_UNICAST, abi.RT_SCOPE_LINK);
    add(address, whole, abi.RT_TABLE_LOCAL, abi.RTN_LOCAL, abi.RT_SCOPE_HOST);
    const last = address.map((byte, i) => mask(byte, i, 0xff));
    add(last, whole, abi.RT_TABLE_LOCAL, abi.RTN_BROADCAST, abi.RT_SCOPE_LINK);
  }
  for (const gateway of one.gateways) list.push(defaultRoute(one, gateway));
  return list;
}

function routes({ interfaces }: Network, family: number, flags: number): NetlinkMessage[] {
  return interfaces.all
    .flatMap(routesOf)
    .filter(({ destination }) => family === AF_UNSPEC || family === familyOfAddress(destination))
    .map((route) => routeMessage(route, flags));
}

/** The way to one address. Throws ENETUNREACH, EINVAL. */
function routeTo({ interfaces }: Network, request: Uint8Array): NetlinkMessage {
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
  const { index, addresses } = interfaces.loopback;
  return routeMessage(
    {
      destination,
      prefix: destination.length * 8,
      table: abi.RT_TABLE_LOCAL,
      type: abi.RTN_LOCAL,
      scope: 0,
      source: addresses.find(({ address }) => address.length === destination.length)?.address ?? null,
      device: index,
    },
    0,
  );
}
