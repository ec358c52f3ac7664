/** What is per network namespace (network_namespaces(7)): sockets, names, ports, interfaces. */

import { Ports } from "./inet/ports.ts";
import { Interfaces } from "./interfaces.ts";
import { NO_OUTSIDE, type Outside } from "./outside.ts";
import type { Socket } from "./socket.ts";
import type { NetEnvironment } from "./types.ts";
import { AbstractNames } from "./unix/names.ts";
import type { InFlight } from "./unix/rights.ts";
import type { NetUsage } from "./usage.ts";

/** What all network namespaces of a machine share. */
export interface NetShared {
  readonly environment: NetEnvironment;
  readonly usage: NetUsage;
  /** Descriptions on their way through AF_UNIX sockets. */
  readonly inFlight: InFlight;
  cookies: number;
}

export class Network {
  readonly environment: NetEnvironment;
  readonly usage: NetUsage;
  readonly inFlight: InFlight;
  /** The network namespace. */
  owner: object | null = null;
  /** The way out of the machine. */
  outside: Outside = NO_OUTSIDE;
  /** All that exist, in the order they were made. */
  readonly sockets = new Set<Socket>();
  readonly abstractNames = new AbstractNames();
  readonly tcpPorts: Ports;
  readonly udpPorts: Ports;
  readonly interfaces: Interfaces;
  readonly #shared: NetShared;

  /** `up`: whether the loopback interface is. */
  constructor(shared: NetShared, up: boolean) {
    this.#shared = shared;
    this.environment = shared.environment;
    this.usage = shared.usage;
    this.inFlight = shared.inFlight;
    this.interfaces = new Interfaces(up);
    this.tcpPorts = new Ports(shared.environment, false);
    this.udpPorts = new Ports(shared.environment, true);
  }

  nextCookie(): number {
    return ++this.#shared.cookies;
  }
}
