/** AF_INET and AF_INET6 sockets: what TCP and UDP share (ip(7), ipv6(7); net/ipv4/af_inet.c). */
import { CAP_NET_BIND_SERVICE } from "../../abi/capability.ts";
import { EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENOTCONN, Errno } from "../../abi/errno.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import { familyOf } from "../address.ts";
import type { Network } from "../network.ts";
import { Socket } from "../socket.ts";
import type { NetCaller } from "../types.ts";
import {
  anyOf,
  type Endpoint,
  type Ip,
  ipBytes,
  ipOf,
  isAny,
  isBroadcast,
  isIpv4,
  isLoopback4,
  isMulticast,
  LOOPBACK4,
  LOOPBACK6,
  readEndpoint,
  writeEndpoint,
} from "./ip.ts";
import { getIpOption, IpOptions, setIpOption } from "./ip-options.ts";
import type { PortHolder, Ports } from "./ports.ts";

/** Ports below it are for CAP_NET_BIND_SERVICE (net.ipv4.ip_unprivileged_port_start). */
const UNPRIVILEGED = 1024;

export abstract class InetSocket extends Socket implements PortHolder {
  readonly ip: IpOptions;
  /** Where it is bound; port 0 before. */
  local: Endpoint;
  /** What it is connected to, or null. */
  remote: Endpoint | null = null;
  /** bind(2) has chosen the address, the port. */
  protected addressGiven = false;
  protected portGiven = false;

  constructor(network: Network, family: number, type: number, protocol: number, uid: number) {
    super(network, family, type, protocol, uid);
    this.local = { ip: anyOf(family), port: 0 };
    this.ip = new IpOptions();
  }

  protected abstract get ports(): Ports;

  // ---- as a holder of a port

  get dual(): boolean {
    return this.family === AF_INET6 && !this.ip.v6Only;
  }
  get reuseAddress(): boolean {
    return this.options.reuseAddress;
  }
  get reusePort(): boolean {
    return this.options.reusePort;
  }
  get device(): number {
    return this.options.device;
  }

  // ---- names

  override bind(caller: NetCaller, address: Uint8Array): Result {
    const { environment } = this.network;
    const to = this.#bindTarget(address);
    if (to.port !== 0 && to.port < UNPRIVILEGED && !environment.capable(caller, CAP_NET_BIND_SERVICE)) return -EACCES;
    if (!this.unconnected || this.local.port !== 0) return -EINVAL;
    const before = this.local;
    try {
      this.local = { ip: to.ip, port: 0 };
      const port = to.port === 0 ? this.ports.unused() : to.port;
      this.ports.require(this, port);
      this.local = { ip: to.ip, port };
    } catch (error) {
      this.local = before;
      throw error;
    }
    this.addressGiven = !isAny(to.ip);
    this.portGiven = to.port !== 0;
    this.ports.add(this);
    return 0;
  }

  /** It may still be bound. */
  protected get unconnected(): boolean {
    return this.remote === null;
  }

  #bindTarget(address: Uint8Array): Endpoint {
    const to = this.readAddress(address) ?? this.#unspecified(address);
    if (this.family === AF_INET6 && isIpv4(to.ip) && this.ip.v6Only) throw new Errno(EINVAL);
    if (isAny(to.ip)) return { ip: isIpv4(to.ip) ? to.ip : anyOf(this.family), port: to.port };
    if (isMulticast(to.ip)) {
      this.network.environment.log("multicast is missing: bind answers EADDRNOTAVAIL");
      throw new Errno(EADDRNOTAVAIL);
    }
    const { interfaces } = this.network;
    // Without a routing table, before an interface was up, Linux takes every IPv4 address.
    const known = interfaces.isLocal(to.ip) || (isIpv4(to.ip) && !interfaces.up);
    if (!known && !this.ip.freeBind && !this.ip.transparent) throw new Errno(EADDRNOTAVAIL);
    return to;
  }

  /** AF_UNSPEC with the address that stands for any is taken for AF_INET. */
  #unspecified(address: Uint8Array): Endpoint {
    const any =
      this.family === AF_INET ? readEndpoint(Uint8Array.of(AF_INET, 0, ...address.subarray(2)), AF_INET) : null;
    if (any === null || !isAny(any.ip)) throw new Errno(EAFNOSUPPORT);
    return any;
  }

  /** Throws EINVAL, EAFNOSUPPORT; null for AF_UNSPEC. */
  protected readAddress(address: Uint8Array): Endpoint | null {
    return readEndpoint(address, this.family);
  }

  protected isUnspecified(address: Uint8Array): boolean {
    return familyOf(address) === AF_UNSPEC;
  }

  override name(): Uint8Array {
    return writeEndpoint(this.local, this.family);
  }

  override peerName(): Uint8Array {
    if (this.remote === null) throw new Errno(ENOTCONN);
    return writeEndpoint(this.remote, this.family);
  }

  /** Where `to` really is: any address is the loopback one. Throws ENETUNREACH for a family that the socket does not speak. */
  protected destination({ ip, port }: Endpoint): Endpoint {
    if (this.family === AF_INET6 && isIpv4(ip) && (this.ip.v6Only || (this.addressGiven && !isIpv4(this.local.ip)))) {
      throw new Errno(ENETUNREACH);
    }
    if (this.family === AF_INET6 && !isIpv4(ip) && isIpv4(this.local.ip)) throw new Errno(ENETUNREACH);
    if (!isAny(ip)) return { ip, port };
    return { ip: isIpv4(ip) ? LOOPBACK4 : LOOPBACK6, port };
  }

  /** The socket's end of what goes to `to` in this machine. */
  protected sourceFor(to: Ip): Ip {
    if (!isAny(this.local.ip)) return this.local.ip;
    return this.network.interfaces.sourceOf(to);
  }

  /**
   * The same for what is outside. Throws ENETUNREACH, EACCES when it may not be reached, EINVAL when it is bound to where nothing
   * leads out. `routeOnly`: nothing is sent yet.
   */
  protected outsideSource({ ip, port }: Endpoint, routeOnly = false): Ip {
    const { outside, interfaces } = this.network;
    if (this.options.device === interfaces.loopback.index) throw new Errno(ENETUNREACH);
    if (isLoopback4(this.local.ip) || this.local.ip === LOOPBACK6) throw new Errno(EINVAL);
    const to = { address: ipBytes(ip), port };
    const refused = routeOnly ? outside.routes(this.type, to) : outside.permits(this.type, to);
    if (refused < 0) throw new Errno(-refused);
    return isAny(this.local.ip) ? ipOf(outside.source(to)) : this.local.ip;
  }

  protected isBroadcast(ip: Ip): boolean {
    return isIpv4(ip) && isBroadcast(ip);
  }

  /** Gives the port back. */
  protected releasePort(): void {
    if (this.local.port !== 0) this.ports.remove(this);
  }

  // ---- options of the levels IPPROTO_IP and IPPROTO_IPV6

  override setOption(caller: NetCaller, level: number, name: number, value: Uint8Array): number {
    return setIpOption(this, caller, level, name, value);
  }

  override getOption(_caller: NetCaller, level: number, name: number, room: number): Uint8Array {
    return getIpOption(this, level, name, room);
  }
}
