/** Network interfaces: the loopback interface, and what else a machine is given (netdevice(7)). */

import { EADDRNOTAVAIL, EEXIST, EINVAL, ENOBUFS, Errno } from "../abi/errno.ts";
import { RT_SCOPE_HOST } from "../abi/netlink.ts";
import { type Ip, ipBytes, ipOf, isIpv4 } from "./inet/ip.ts";

/** net_device flags. */
export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_LOOPBACK = 0x8;
export const IFF_RUNNING = 0x40;
export const IFF_MULTICAST = 0x1000;
export const IFF_LOWER_UP = 0x10000;

export interface InterfaceAddress {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** Bits of the network part. */
  readonly prefix: number;
  /** RT_SCOPE_*: how far it means something. */
  readonly scope: number;
  readonly label: string;
  readonly broadcast: Uint8Array | null;
  /** Another address of IPv4 was there before it in the same network. */
  readonly secondary: boolean;
}

/** An address whose broadcast address and label are what they are by themselves. */
const plain = (address: Uint8Array, prefix: number, scope: number, label: string): InterfaceAddress => ({
  address,
  prefix,
  scope,
  label,
  broadcast: null,
  secondary: false,
});

/** Whether two addresses are in the same network of `prefix` bits. */
export function together(a: Uint8Array, b: Uint8Array, prefix: number): boolean {
  if (a.length !== b.length) return false;
  return a.every((byte, i) => {
    const bits = 0xff & (0xff00 >> Math.min(Math.max(prefix - i * 8, 0), 8));
    return ((byte ^ b[i]) & bits) === 0;
  });
}

export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  flags: number;
  readonly mtu: number;
  queueLength: number;
  /** How packets are queued: "noop" before it is first up. */
  queueing: string;
  /** ARPHRD_*: 772 is loopback. */
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array;
  addresses: readonly InterfaceAddress[];
  /** Of a way out: the routers of its default routes, for IPv4 and IPv6. */
  readonly gateways: readonly Uint8Array[];
  /** The same object on the loopback interface. */
  readonly received: Traffic;
  readonly sent: Traffic;
}

export interface Traffic {
  bytes: number;
  packets: number;
}

/** Addresses that an interface may have: each is looked through for every one that comes or goes. */
const MOST_ADDRESSES = 256;

const LOOPBACK_INET = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_INET6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

const LOOPBACK_ADDRESS = plain(LOOPBACK_INET, 8, RT_SCOPE_HOST, "lo");
const LOOPBACK_ADDRESS6 = plain(LOOPBACK_INET6, 128, RT_SCOPE_HOST, "lo");

/**
 * What a machine with a way out has on it: the addresses of QEMU's and slirp4netns's user-mode networks. The IPv6 one is a unique
 * local address, so that programs that may choose prefer IPv4 (RFC 6724).
 */
export const OUTER_INET = Uint8Array.of(10, 0, 2, 15);
const OUTER_INET6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x15);
const GATEWAY_INET = Uint8Array.of(10, 0, 2, 2);
const GATEWAY_INET6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
/** What /etc/resolv.conf names. Any other address outside answers DNS as well. */
export const NAME_SERVER = "10.0.2.3";

const OUTER_FLAGS = IFF_BROADCAST | IFF_MULTICAST;
const RUNNING = IFF_UP | IFF_RUNNING | IFF_LOWER_UP;

export class Interfaces {
  readonly loopback: NetworkInterface;
  readonly all: NetworkInterface[];
  /** The way out of the machine, or null. */
  outer: NetworkInterface | null = null;
  readonly #own = new Map<Ip, Ip>();
  #networks: InterfaceAddress[] = [];

  constructor(up: boolean) {
    const traffic: Traffic = { bytes: 0, packets: 0 };
    this.loopback = {
      index: 1,
      name: "lo",
      flags: IFF_LOOPBACK,
      mtu: 65536,
      queueLength: 1000,
      queueing: "noop",
      hardwareType: 772,
      hardwareAddress: new Uint8Array(6),
      addresses: [],
      gateways: [],
      received: traffic,
      sent: traffic,
    };
    this.all = [this.loopback];
    if (up) this.setUp(this.loopback, true);
  }

  /** Adds the way out. */
  addOuter(): NetworkInterface {
    this.outer = {
      index: 2,
      name: "eth0",
      flags: OUTER_FLAGS | RUNNING,
      mtu: 1500,
      queueLength: 1000,
      queueing: "noqueue",
      hardwareType: 1,
      hardwareAddress: Uint8Array.of(0x52, 0x55, 10, 0, 2, 15),
      addresses: [plain(OUTER_INET, 24, 0, "eth0"), plain(OUTER_INET6, 64, 0, "eth0")],
      gateways: [GATEWAY_INET, GATEWAY_INET6],
      received: { bytes: 0, packets: 0 },
      sent: { bytes: 0, packets: 0 },
    };
    this.all.push(this.outer);
    this.#changed();
    return this.outer;
  }

  /** Brings an interface up or down. The loopback interface gets its addresses when it comes up, and loses those of IPv6 when it goes. */
  setUp(one: NetworkInterface, up: boolean): void {
    one.flags = (one.flags & ~RUNNING) | (up ? RUNNING : 0);
    if (up) one.queueing = "noqueue";
    if (one === this.loopback) {
      const inet = one.addresses.filter(({ address }) => address.length === 4);
      if (up && inet.length === 0) inet.push(LOOPBACK_ADDRESS);
      const inet6 = one.addresses.filter(({ address }) => address.length === 16);
      if (up && !inet6.some(({ address }) => together(address, LOOPBACK_INET6, 128))) inet6.push(LOOPBACK_ADDRESS6);
      one.addresses = up ? [...inet, ...inet6] : inet;
    }
    this.#changed();
  }

  /**
   * Throws EEXIST, EINVAL where an address of the same network has another scope (__inet_insert_ifa, ipv6_link_dev_addr), ENOBUFS
   * where there are as many as a machine may have the host keep.
   */
  add(one: NetworkInterface, added: InterfaceAddress): void {
    const { addresses } = one;
    const family = addresses.filter(({ address }) => address.length === added.address.length);
    if (added.address.length === 16) {
      if (family.some(({ address }) => together(address, added.address, 128))) throw new Errno(EEXIST);
      if (addresses.length >= MOST_ADDRESSES) throw new Errno(ENOBUFS);
      const inet = addresses.filter(({ address }) => address.length === 4);
      one.addresses = [...inet, added, ...family];
    } else {
      const mates = family.filter(
        (other) => other.prefix === added.prefix && together(other.address, added.address, added.prefix),
      );
      if (mates.some(({ address }) => together(address, added.address, 32))) throw new Errno(EEXIST);
      if (mates.some(({ scope }) => scope !== added.scope)) throw new Errno(EINVAL);
      if (addresses.length >= MOST_ADDRESSES) throw new Errno(ENOBUFS);
      const secondary = mates.length > 0;
      let at = family.length;
      if (!secondary) at = family.findLastIndex((other) => !other.secondary && added.scope <= other.scope) + 1;
      const inet6 = addresses.filter(({ address }) => address.length === 16);
      one.addresses = [...family.slice(0, at), { ...added, secondary }, ...family.slice(at), ...inet6];
    }
    this.#changed();
  }

  /** Takes the first address away that `means` is true of, and with it those that are secondary to it. Throws EADDRNOTAVAIL. */
  remove(one: NetworkInterface, means: (address: InterfaceAddress) => boolean): void {
    const gone = one.addresses.find(means);
    if (gone === undefined) throw new Errno(EADDRNOTAVAIL);
    const goes = (other: InterfaceAddress): boolean =>
      other === gone ||
      (other.secondary &&
        !gone.secondary &&
        other.prefix === gone.prefix &&
        together(other.address, gone.address, gone.prefix));
    one.addresses = one.addresses.filter((other) => !goes(other));
    this.#changed();
  }

  /** What `isLocal` and `sourceOf` look up: each address, and the networks of the loopback interface, with the source for it. */
  #changed(): void {
    this.#own.clear();
    this.#networks = [];
    for (const { flags, addresses } of this.all) {
      if ((flags & IFF_UP) === 0) continue;
      for (const one of addresses) {
        const ip = ipOf(one.address);
        const first = one.secondary
          ? addresses.find((other) => other.prefix === one.prefix && together(other.address, one.address, one.prefix))!
          : one;
        this.#own.set(ip, ipOf(first.address));
        if (flags & IFF_LOOPBACK && isIpv4(ip) && !one.secondary) this.#networks.push(one);
      }
    }
    this.#networks.sort((a, b) => b.prefix - a.prefix);
  }

  /** The address that what goes to `ip`, which is local, comes from. */
  sourceOf(ip: Ip): Ip {
    const own = this.#own.get(ip);
    if (own !== undefined) return own;
    const network = this.#networkOf(ip);
    return network === undefined ? ip : ipOf(network.address);
  }

  #networkOf(ip: Ip): InterfaceAddress | undefined {
    if (!isIpv4(ip) || this.#networks.length === 0) return undefined;
    const bytes = ipBytes(ip);
    return this.#networks.find(({ address, prefix }) => together(address, bytes, prefix));
  }

  get up(): boolean {
    return (this.loopback.flags & IFF_UP) !== 0;
  }

  /** An address of this machine. All of the loopback interface's IPv4 networks are, 127.0.0.0/8 among them. */
  isLocal(ip: Ip): boolean {
    return this.#own.has(ip) || this.#networkOf(ip) !== undefined;
  }

  /** Bytes were sent over the loopback interface. */
  count(bytes: number): void {
    add(this.loopback.sent, bytes);
  }

  /** The same of what leaves the machine, and what comes from there. */
  countSent(bytes: number): void {
    if (this.outer !== null) add(this.outer.sent, bytes);
  }
  countReceived(bytes: number): void {
    if (this.outer !== null) add(this.outer.received, bytes);
  }

  /** The interface that `ip` is reached by. */
  toward(ip: Ip): NetworkInterface {
    return this.outer === null || this.isLocal(ip) ? this.loopback : this.outer;
  }

  byIndex(index: number): NetworkInterface | null {
    return this.all.find((one) => one.index === index) ?? null;
  }

  byName(name: string): NetworkInterface | null {
    return this.all.find((one) => one.name === name) ?? null;
  }
}

function add(traffic: Traffic, bytes: number): void {
  traffic.bytes += bytes;
  traffic.packets++;
}
