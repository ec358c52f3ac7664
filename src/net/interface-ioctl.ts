/** ioctl(2) requests of any socket that ask for interfaces (netdevice(7)). */
import { CAP_NET_ADMIN } from "../abi/capability.ts";
import { EADDRNOTAVAIL, ENODEV, EPERM } from "../abi/errno.ts";
import * as abi from "../abi/socket.ts";
import { byteString, bytesOf } from "../fs/name.ts";
import type { UserMemory } from "../memory/types.ts";
import { IFF_BROADCAST, IFF_LOWER_UP, IFF_UP, type NetworkInterface } from "./interfaces.ts";
import type { Network } from "./network.ts";
import type { NetCaller } from "./types.ts";

/** struct ifreq: a name of 16 bytes, and a union of 24. */
const IFREQ_BYTES = 40;
const NAME_BYTES = 16;

/** A result, or null when the request is none of these. */
export function interfaceIoctl(
  network: Network,
  family: number,
  caller: NetCaller,
  memory: UserMemory,
  request: number,
  argument: number,
): number | null {
  const { interfaces } = network;
  if (request === abi.SIOCGIFCONF) return configurations(interfaces.all, memory, argument);
  if (request === abi.SIOCGIFNAME) {
    const found = interfaces.byIndex(memory.i32(argument + NAME_BYTES));
    if (found === null) return -ENODEV;
    memory.copyOut(argument, padded(found.name));
    return 0;
  }
  if (!NAMED.has(request) || (ADDRESSES.has(request) && family !== abi.AF_INET)) return null;
  const name = byteString(memory.read(argument, NAME_BYTES)).replace(/\0.*$/s, "");
  const found = interfaces.byName(name.replace(/:.*$/, ""));
  if (found === null) return -ENODEV;
  if (request === abi.SIOCSIFFLAGS) {
    if (!network.environment.capable(caller, CAP_NET_ADMIN)) return -EPERM;
    interfaces.setUp(found, (memory.u16(argument + NAME_BYTES) & IFF_UP) !== 0);
    return 0;
  }
  const value = new Uint8Array(24);
  const view = new DataView(value.buffer);
  switch (request) {
    case abi.SIOCGIFFLAGS:
      view.setUint16(0, found.flags & ~IFF_LOWER_UP, true);
      break;
    case abi.SIOCGIFINDEX:
      view.setUint32(0, found.index, true);
      break;
    case abi.SIOCGIFMTU:
      view.setUint32(0, found.mtu, true);
      break;
    case abi.SIOCGIFTXQLEN:
      view.setUint32(0, found.queueLength, true);
      break;
    case abi.SIOCGIFHWADDR:
      view.setUint16(0, found.hardwareType, true);
      value.set(found.hardwareAddress, 2);
      break;
    case abi.SIOCGIFMETRIC:
    case abi.SIOCGIFMAP:
      break;
    default: {
      const inet = found.addresses.find(({ address }) => address.length === 4);
      if (inet === undefined) return -EADDRNOTAVAIL;
      view.setUint16(0, abi.AF_INET, true);
      value.set(addressFor(request, found, inet.address, inet.prefix), 4);
    }
  }
  memory.copyOut(argument + NAME_BYTES, value);
  return 0;
}

/** Only sockets of IPv4 know its addresses (inet_ioctl). */
const ADDRESSES = new Set([abi.SIOCGIFADDR, abi.SIOCGIFDSTADDR, abi.SIOCGIFBRDADDR, abi.SIOCGIFNETMASK]);

const NAMED = new Set([
  ...ADDRESSES,
  abi.SIOCSIFFLAGS,
  abi.SIOCGIFFLAGS,
  abi.SIOCGIFMETRIC,
  abi.SIOCGIFMTU,
  abi.SIOCGIFHWADDR,
  abi.SIOCGIFINDEX,
  abi.SIOCGIFTXQLEN,
  abi.SIOCGIFMAP,
]);

function addressFor(request: number, { flags }: NetworkInterface, address: Uint8Array, prefix: number): Uint8Array {
  const mask = Uint8Array.from(address, (_, i) => 0xff & (0xff00 >> Math.min(Math.max(prefix - i * 8, 0), 8)));
  if (request === abi.SIOCGIFNETMASK) return mask;
  if (request !== abi.SIOCGIFBRDADDR) return address;
  return flags & IFF_BROADCAST ? address.map((byte, i) => byte | (~mask[i] & 0xff)) : new Uint8Array(4);
}

/** SIOCGIFCONF: all that have an IPv4 address; only their length when there is no buffer. */
function configurations(all: readonly NetworkInterface[], memory: UserMemory, argument: number): number {
  const room = memory.i32(argument);
  const buffer = memory.u64(argument + 8);
  let used = 0;
  for (const { name, addresses } of all) {
    const inet = addresses.find(({ address }) => address.length === 4);
    if (inet === undefined) continue;
    if (buffer !== 0) {
      if (used + IFREQ_BYTES > room) break;
      const entry = new Uint8Array(IFREQ_BYTES);
      entry.set(padded(name));
      entry[NAME_BYTES] = abi.AF_INET;
      entry.set(inet.address, NAME_BYTES + 4);
      memory.copyOut(buffer + used, entry);
    }
    used += IFREQ_BYTES;
  }
  memory.setU32(argument, used);
  return 0;
}

function padded(name: string): Uint8Array {
  const bytes = new Uint8Array(NAME_BYTES);
  bytes.set(bytesOf(name));
  return bytes;
}
