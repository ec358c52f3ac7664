/** Network interfaces: the loopback interface, and what else a machine is given (netdevice(7)). */

import { type Ip, ipOf, isIpv4 } from "./inet/ip.ts";

/** net_device flags. */
export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_LOOPBACK = 0x8;
export const IFF_RUNNING = 0x40;
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
  /** Bytes and packets, the same in both directions on the loopback interface. */
  readonly counts: { bytes: number; packets: number };
}

const LOOPBACK_INET = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_INET6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

const LOOPBACK_ADDRESSES: readonly InterfaceAddress[] = [
  { address: LOOPBACK_INET, prefix: 8 },
  { address: LOOPBACK_INET6, prefix: 128 },
];

export class Interfaces {
  readonly loopback: NetworkInterface;
  readonly all: NetworkInterface[];

  constructor(up: boolean) {
    this.loopback = {
      index: 1,
      name: "lo",
      flags: IFF_LOOPBACK,
      mtu: 65536,
      queueLength: 1000,
      hardwareType: 772,
      hardwareAddress: new Uint8Array(6),
      addresses: [],
      counts: { bytes: 0, packets: 0 },
    };
    this.all = [this.loopback];
    if (up) this.setUp(true);
  }

  /** Brings the loopback interface up, and with it its addresses, or down. */
  setUp(up: boolean): void {
    const { loopback } = this;
    loopback.flags = IFF_LOOPBACK | (up ? IFF_UP | IFF_RUNNING | IFF_LOWER_UP : 0);
    loopback.addresses = up ? LOOPBACK_ADDRESSES : [];
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
    this.loopback.counts.bytes += bytes;
    this.loopback.counts.packets++;
  }

  byIndex(index: number): NetworkInterface | null {
    return this.all.find((one) => one.index === index) ?? null;
  }

  byName(name: string): NetworkInterface | null {
    return this.all.find((one) => one.name === name) ?? null;
  }
}
