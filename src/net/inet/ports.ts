/**
 * Ports of a protocol in a network namespace: who is bound to which, and who may join (net/ipv4/inet_connection_sock.c,
 * net/ipv4/udp.c). A bound socket, a connection that was made over it and what is left of one in TIME_WAIT hold a port.
 */
import { EADDRINUSE, EADDRNOTAVAIL, Errno } from "../../abi/errno.ts";
import type { NetEnvironment } from "../types.ts";
import { type Endpoint, type Ip, isAny, isIpv4 } from "./ip.ts";

/** net.ipv4.ip_local_port_range. */
export const EPHEMERAL_FIRST = 32768;
export const EPHEMERAL_LAST = 60999;
const EPHEMERAL_COUNT = EPHEMERAL_LAST - EPHEMERAL_FIRST + 1;
/** Nanoseconds that the side which closed first keeps the port (TCP_TIMEWAIT_LEN). */
const TIME_WAIT = 60e9;
/** Nanoseconds after which a connection may take the place of one in TIME_WAIT (net.ipv4.tcp_tw_reuse, for loopback). */
const TIME_WAIT_REUSE = 1e9;
const TIME_WAIT_LIMIT = 2048;

/** What holds a port. */
export interface PortHolder {
  readonly local: Endpoint;
  readonly remote: Endpoint | null;
  /** Bound to any IPv6 address: IPv4 addresses are meant too (not IPV6_V6ONLY). */
  readonly dual: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly listening: boolean;
  /** Interface that it is bound to, or 0. */
  readonly device: number;
  readonly uid: number;
}

/** A connection whose side here closed first. */
export interface TimeWait extends PortHolder {
  readonly remote: Endpoint;
  /** Monotonic nanoseconds at which it is forgotten. */
  readonly until: number;
}

const isTimeWait = (holder: PortHolder): holder is TimeWait => "until" in holder;

/** Both may be meant by the same local address. */
function overlap(a: PortHolder, b: PortHolder): boolean {
  if (a.device !== 0 && b.device !== 0 && a.device !== b.device) return false;
  const x = a.local.ip;
  const y = b.local.ip;
  if (isIpv4(x) === isIpv4(y)) return x === y || isAny(x) || isAny(y);
  return isIpv4(x) ? isAny(y) && b.dual : isAny(x) && a.dual;
}

export class Ports {
  readonly #environment: NetEnvironment;
  readonly #holders = new Map<number, PortHolder[]>();
  /** In the order they began. */
  readonly #timeWaits: TimeWait[] = [];
  /** Datagram sockets share a port when both want to, listening or not. */
  readonly #datagrams: boolean;
  #next = -1;

  constructor(environment: NetEnvironment, datagrams: boolean) {
    this.#environment = environment;
    this.#datagrams = datagrams;
  }

  /** All that hold `port`. */
  holders(port: number): readonly PortHolder[] {
    this.#expire();
    return this.#holders.get(port) ?? NOBODY;
  }

  /** Connections in TIME_WAIT, for /proc/net/tcp. */
  get timeWaits(): readonly TimeWait[] {
    this.#expire();
    return this.#timeWaits;
  }

  /** EADDRINUSE unless `socket` may hold `port` beside those who do. */
  require(socket: PortHolder, port: number): void {
    for (const other of this.holders(port)) if (this.#conflict(socket, other)) throw new Errno(EADDRINUSE);
  }

  #conflict(a: PortHolder, b: PortHolder): boolean {
    if (a === b || !overlap(a, b)) return false;
    if (a.reusePort && b.reusePort && (a.uid === b.uid || isTimeWait(b))) return false;
    return !(a.reuseAddress && b.reuseAddress && (this.#datagrams || !b.listening));
  }

  /** A port that nobody holds, for bind(2) without one. Throws EADDRINUSE. */
  unused(): number {
    this.#expire();
    for (let i = 0; i < EPHEMERAL_COUNT; i++) {
      const port = this.#candidate();
      if (!this.#holders.has(port)) return port;
    }
    throw new Errno(EADDRINUSE);
  }

  /** A port for a connection from `ip` to `remote`. Throws EADDRNOTAVAIL. */
  forConnection(ip: Ip, remote: Endpoint): number {
    this.#expire();
    for (let i = 0; i < EPHEMERAL_COUNT; i++) {
      const port = this.#candidate();
      if (!this.#holders.has(port)) return port;
    }
    for (let i = 0; i < EPHEMERAL_COUNT; i++) {
      const port = this.#candidate();
      const holders = this.#holders.get(port) ?? NOBODY;
      if (holders.every((holder) => holder.remote !== null && !this.#same(holder, { ip, port }, remote))) return port;
    }
    throw new Errno(EADDRNOTAVAIL);
  }

  /** EADDRNOTAVAIL when there is a connection between these endpoints already. */
  requireUnique(socket: PortHolder, local: Endpoint, remote: Endpoint): void {
    for (const holder of this.holders(local.port)) {
      if (holder !== socket && this.#same(holder, local, remote)) throw new Errno(EADDRNOTAVAIL);
    }
  }

  #same(holder: PortHolder, local: Endpoint, remote: Endpoint): boolean {
    if (holder.remote === null || holder.local.ip !== local.ip) return false;
    if (holder.remote.ip !== remote.ip || holder.remote.port !== remote.port) return false;
    return !isTimeWait(holder) || holder.until - TIME_WAIT + TIME_WAIT_REUSE > this.#environment.now();
  }

  add(holder: PortHolder): void {
    const { port } = holder.local;
    const holders = this.#holders.get(port);
    if (holders === undefined) this.#holders.set(port, [holder]);
    else holders.push(holder);
  }

  remove(holder: PortHolder): void {
    const { port } = holder.local;
    const holders = this.#holders.get(port);
    const at = holders?.indexOf(holder) ?? -1;
    if (at < 0) return;
    holders!.splice(at, 1);
    if (holders!.length === 0) this.#holders.delete(port);
  }

  /** The connection of `socket`, which holds its port, goes into TIME_WAIT. */
  leave(socket: PortHolder & { readonly remote: Endpoint }): void {
    const { local, remote, dual, reuseAddress, reusePort, device, uid } = socket;
    const until = this.#environment.now() + TIME_WAIT;
    const rest: TimeWait = { local, remote, dual, reuseAddress, reusePort, listening: false, device, uid, until };
    this.#timeWaits.push(rest);
    this.add(rest);
    if (this.#timeWaits.length > TIME_WAIT_LIMIT) this.remove(this.#timeWaits.shift()!);
  }

  #expire(): void {
    if (this.#timeWaits.length === 0) return;
    const now = this.#environment.now();
    while (this.#timeWaits.length > 0 && this.#timeWaits[0].until <= now) this.remove(this.#timeWaits.shift()!);
  }

  /** The next one to try; the first is random. */
  #candidate(): number {
    if (this.#next < 0) {
      const random = new Uint8Array(2);
      this.#environment.vfs.environment.random(random);
      this.#next = random[0] * 256 + random[1];
    }
    this.#next = (this.#next + 1) % EPHEMERAL_COUNT;
    return EPHEMERAL_FIRST + this.#next;
  }
}

const NOBODY: readonly PortHolder[] = [];
