/** Network interfaces: the loopback interface, and what else a machine is given (netdevice(7)). */

import { type Ip, ipOf, isIpv4 } from "./inet/ip.ts";

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
}

export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  flags: number;
  readonly mtu: number;
  readonly queueLength: number;
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

const LOOPBACK_INET = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_INET6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

const LOOPBACK_ADDRESSES: readonly InterfaceAddress[] = [
  { address: LOOPBACK_INET, prefix: 8 },
  { address: LOOPBACK_INET6, prefix: 128 },
];

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

  constructor(up: boolean) {
    const traffic: Traffic = { bytes: 0, packets: 0 };
    this.loopback = {
      index: 1,
      name: "lo",
      flags: IFF_LOOPBACK,
      mtu: 65536,
      queueLength: 1000,
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
      hardwareType: 1,
      hardwareAddress: Uint8Array.of(0x52, 0x55, 10, 0, 2, 15),
      addresses: [
        { address: OUTER_INET, prefix: 24 },
        { address: OUTER_INET6, prefix: 64 },
      ],
      gateways: [GATEWAY_INET, GATEWAY_INET6],
      received: { bytes: 0, packets: 0 },
      sent: { bytes: 0, packets: 0 },
    };
    this.all.push(this.outer);
    return this.outer;
  }

  /** Brings an interface up or down; the loopback interface has its addresses only then. */
  setUp(one: NetworkInterface, up: boolean): void {
    one.flags = (one.flags & ~RUNNING) | (up ? RUNNING : 0);
    if (one === this.loopback) one.addresses = up ? LOOPBACK_ADDRESSES : [];
  }

  get up(): boolean {
    return (this.loopback.flags & IFF_UP) !== 0;
  }

  /** An address of this machine. All of 127.0.0.0/8 is. */
  isLocal(ip: Ip): boolean {
    if (isIpv4(ip) && ip.startsWith("7f")) return this.up;
    return this.all.some(
      ({ flags, addresses }) => flags & IFF_UP && addresses.some(({ address }) => ipOf(address) === ip),
    );
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
