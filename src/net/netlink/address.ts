/** RTM_NEWADDR and its kin: the addresses of interfaces (rtnetlink(7); net/ipv4/devinet.c, net/ipv6/addrconf.c). */
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENOBUFS, ENODEV, EOPNOTSUPP, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/netlink.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../abi/socket.ts";
import { byteString } from "../../fs/name.ts";
import { ipOf, isMulticast } from "../inet/ip.ts";
import { type InterfaceAddress, type NetworkInterface, together } from "../interfaces.ts";
import type { Network } from "../network.ts";
import { NetlinkError, NetlinkMessage, readAttributes } from "./message.ts";

const FOREVER = 0xffff_ffff;

export const familyOfAddress = (address: Uint8Array): number => (address.length === 4 ? AF_INET : AF_INET6);

/** All addresses of a family, or of every one. */
export function addresses({ interfaces }: Network, family: number, flags: number): NetlinkMessage[] {
  return interfaces.all.flatMap((one) =>
    one.addresses
      .filter(({ address }) => family === AF_UNSPEC || family === familyOfAddress(address))
      .map((address) => addressMessage(one, address, flags)),
  );
}

function addressMessage(one: NetworkInterface, of: InterfaceAddress, flags: number): NetlinkMessage {
  const { address, prefix, scope, label, broadcast, secondary } = of;
  const info = new Uint8Array(8);
  const state = abi.IFA_F_PERMANENT | (secondary ? abi.IFA_F_SECONDARY : 0);
  info.set([familyOfAddress(address), prefix, state, scope]);
  new DataView(info.buffer).setUint32(4, one.index, true);
  const message = new NetlinkMessage(abi.RTM_NEWADDR, flags).fixed(info).attribute(abi.IFA_ADDRESS, address);
  if (address.length === 4) {
    message.attribute(abi.IFA_LOCAL, address);
    if (broadcast !== null) message.attribute(abi.IFA_BROADCAST, broadcast);
    message.attribute(abi.IFA_LABEL, label);
  }
  return message
    .attribute(abi.IFA_FLAGS, state)
    .attribute(abi.IFA_CACHEINFO, new Uint8Array(Uint32Array.of(FOREVER, FOREVER, 0, 0).buffer));
}

/** struct ifaddrmsg: { u8 family, prefixlen, flags, scope; u32 index; }, and what its attributes say. */
interface Named {
  readonly one: NetworkInterface;
  readonly address: Uint8Array | undefined;
  readonly prefix: number;
  readonly scope: number;
  readonly attributes: Map<number, Uint8Array>;
  /** How Linux begins what it says of errors. */
  readonly family: "ipv4" | "ipv6";
}

/** Throws EINVAL, ENODEV, EOPNOTSUPP. */
function read({ interfaces, environment }: Network, request: Uint8Array): Named {
  if (request.length < 8) throw new Errno(EINVAL);
  const family = request[0] === AF_INET6 ? "ipv6" : "ipv4";
  if (request[0] !== AF_INET && request[0] !== AF_INET6) throw new Errno(EOPNOTSUPP);
  const attributes = readAttributes(request, 8);
  const address = attributes.get(abi.IFA_LOCAL) ?? attributes.get(abi.IFA_ADDRESS);
  const length = family === "ipv4" ? 4 : 16;
  if (address !== undefined && address.length !== length) throw new Errno(EINVAL);
  if (request[1] > length * 8) throw new NetlinkError(EINVAL, `${family}: Invalid prefix length`);
  const index = new DataView(request.buffer, request.byteOffset).getUint32(4, true);
  const one = interfaces.byIndex(index);
  if (one === null) throw new NetlinkError(ENODEV, `${family}: Device not found`);
  const peer = attributes.get(abi.IFA_ADDRESS);
  const cache = attributes.get(abi.IFA_CACHEINFO);
  const ends = cache !== undefined && new Uint32Array(cache.slice(0, 8).buffer).some((seconds) => seconds !== FOREVER);
  const isPeer = peer !== undefined && address !== undefined && ipOf(peer) !== ipOf(address);
  if (one !== interfaces.loopback || isPeer || ends) {
    environment.log("addresses other than permanent ones of the loopback interface cannot be changed: EOPNOTSUPP");
    throw new Errno(EOPNOTSUPP);
  }
  return { one, address, prefix: request[1], scope: request[3], attributes, family };
}

/** Throws EEXIST, EINVAL, ENODEV, EADDRNOTAVAIL, ENOBUFS, EOPNOTSUPP. `flags`: of the request. */
export function addAddress(network: Network, request: Uint8Array, flags: number): void {
  const { one, address, prefix, scope, attributes, family } = read(network, request);
  if (address === undefined) throw new NetlinkError(EINVAL, `${family}: Local address is not supplied`);
  const copy = address.slice();
  if (family === "ipv6" && isMulticast(ipOf(copy))) throw new Errno(EADDRNOTAVAIL);
  const label = textOf(attributes.get(abi.IFA_LABEL)) ?? one.name;
  const broadcast = attributes.get(abi.IFA_BROADCAST)?.slice() ?? null;
  const scoped = family === "ipv4" ? scope : scopeOf(copy);
  try {
    network.interfaces.add(one, { address: copy, prefix, scope: scoped, label, broadcast, secondary: false });
  } catch (error) {
    if (!(error instanceof Errno) || error.errno === ENOBUFS) throw error;
    if (error.errno === EINVAL) throw new NetlinkError(EINVAL, "ipv4: Invalid scope value");
    if ((flags & abi.NLM_F_REPLACE) !== 0 && (flags & abi.NLM_F_EXCL) === 0) return;
    throw new NetlinkError(
      EEXIST,
      family === "ipv4" ? "ipv4: Address already assigned" : "ipv6: address already assigned",
    );
  }
}

/** Of IPv6 the address itself says it. */
const scopeOf = (address: Uint8Array): number =>
  ipOf(address) === `${"0".repeat(31)}1`
    ? abi.RT_SCOPE_HOST
    : address[0] === 0xfe && (address[1] & 0xc0) === 0x80
      ? abi.RT_SCOPE_LINK
      : 0;

/** Throws EADDRNOTAVAIL, EINVAL, ENODEV, EOPNOTSUPP. */
export function removeAddress(network: Network, request: Uint8Array): void {
  const { one, address, prefix, attributes, family } = read(network, request);
  const label = textOf(attributes.get(abi.IFA_LABEL));
  const length = family === "ipv4" ? 4 : 16;
  // Of IPv4, IFA_ADDRESS alone means any address in its network.
  const exact = family === "ipv4" ? attributes.get(abi.IFA_LOCAL) : address;
  const near = attributes.get(abi.IFA_ADDRESS) ?? (family === "ipv4" ? undefined : address);
  try {
    network.interfaces.remove(
      one,
      (other) =>
        other.address.length === length &&
        (exact === undefined || ipOf(other.address) === ipOf(exact)) &&
        (label === null || other.label === label) &&
        (near === undefined || (other.prefix === prefix && together(other.address, near, prefix))),
    );
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new NetlinkError(error.errno, family === "ipv4" ? "ipv4: Address not found" : "ipv6: address not found");
  }
}

const textOf = (bytes: Uint8Array | undefined): string | null =>
  bytes === undefined ? null : byteString(bytes).replace(/\0.*$/s, "");
