/**
 * A machine's way out, as its function's rules have it. Decides at connect(2) and sendto(2), turns what sockets ask into requests
 * to the Host (net/port.ts), and its events into theirs. DNS, by UDP or TCP, goes to the host's resolver, whichever address the
 * program takes for its own; other datagrams do not leave.
 */
import { EACCES, ENETUNREACH, ENOBUFS } from "../../abi/errno.ts";
import { SOCK_DGRAM } from "../../abi/socket.ts";
import { IFF_UP, type NetworkInterface } from "../interfaces.ts";
import type { Outside, OutsideAddress, OutsideEvent, OutsideListener, OutsideRequest } from "../outside.ts";
import type { NetworkEvent, NetworkPort, NetworkRequest, NetworkSession } from "../port.ts";
import { truncated } from "./dns.ts";
import { DnsStream } from "./dns-stream.ts";
import { LearntNames } from "./names.ts";
import { Resolver } from "./resolver.ts";
import { addressText, type EgressRules } from "./rules.ts";

const DNS_PORT = 53;
/** Connections outside at a time, since each may have bytes under way; those to port 53. */
const MOST_CONNECTIONS = 256;
const MOST_DNS_STREAMS = 32;
/** Lines in the log, each once; a program that tries many addresses would fill it. */
const MOST_LINES = 100;

export class Egress implements Outside {
  readonly #rules: EgressRules;
  readonly #log: (message: string) => void;
  /** The interface that leads out; null in a machine without rules. */
  readonly #device: NetworkInterface | null;
  readonly #names = new LearntNames();
  readonly #resolver: Resolver;
  readonly #listeners = new Map<number, OutsideListener>();
  readonly #dnsStreams = new Map<number, DnsStream>();
  /** Connections that the host has. */
  readonly #connections = new Set<number>();
  #requests: NetworkRequest[] = [];
  /** What has happened since the machine's loop last looked. */
  #events: NetworkEvent[] = [];
  #own: OutsideEvent[] = [];
  #nextId = 1;
  readonly #lines = new Set<string>();
  #session: NetworkSession | null = null;
  /** Requests that have been taken and may not leave yet. */
  #held: Promise<void> | null = null;

  constructor(rules: EgressRules, device: NetworkInterface | null, log: (message: string) => void) {
    this.#rules = rules;
    this.#device = device;
    this.#log = log;
    this.#resolver = new Resolver(rules, this.#names, (message) => this.#say(message));
  }

  #say(message: string): void {
    if (this.#lines.has(message) || this.#lines.size > MOST_LINES) return;
    this.#lines.add(message);
    this.#log(this.#lines.size > MOST_LINES ? "egress: what else there is to say is not logged" : message);
  }

  // ---- what sockets ask

  routes(type: number, to: OutsideAddress): number {
    if (!leadsOut(to.address)) return -ENETUNREACH;
    if (this.#rules.empty) return type === SOCK_DGRAM && to.port !== DNS_PORT ? -ENETUNREACH : this.#refuse(type, to);
    return this.#device === null || !(this.#device.flags & IFF_UP) ? -ENETUNREACH : 0;
  }

  permits(type: number, to: OutsideAddress): number {
    const route = this.routes(type, to);
    if (route < 0) return route;
    if (to.port === DNS_PORT) {
      return type === SOCK_DGRAM || this.#dnsStreams.size < MOST_DNS_STREAMS ? 0 : this.#full();
    }
    if (type === SOCK_DGRAM) {
      this.#say("egress: datagrams leave the machine for DNS only: ENETUNREACH");
      return -ENETUNREACH;
    }
    const allowed = this.#rules.allowsAddress(to.address, to.port) || this.#nameOf(to) !== null;
    if (!allowed) return this.#refuse(type, to);
    return this.#connections.size < MOST_CONNECTIONS ? 0 : this.#full();
  }

  #full(): number {
    this.#say(`egress: the machine has ${this.#connections.size + this.#dnsStreams.size} connections: ENOBUFS`);
    return -ENOBUFS;
  }

  #refuse(type: number, { address, port }: OutsideAddress): number {
    const [name] = this.#names.of(address);
    const what = type === SOCK_DGRAM ? "sendto" : "connect";
    const known = name === undefined ? "" : ` (${name})`;
    this.#say(`egress: ${what} ${hostText(address)}:${port}${known} is not allowed: EACCES`);
    return -EACCES;
  }

  /** The name that a rule lets `to` pass by; null when none does. */
  #nameOf({ address, port }: OutsideAddress): string | null {
    return this.#names.of(address).find((name) => this.#rules.allowsName(name, port)) ?? null;
  }

  source(to: OutsideAddress): Uint8Array {
    const { length } = to.address;
    const own = this.#device?.addresses.find(({ address }) => address.length === length);
    return own?.address ?? new Uint8Array(length);
  }

  open(listener: OutsideListener): number {
    const id = this.#nextId++;
    this.#listeners.set(id, listener);
    return id;
  }

  submit(request: OutsideRequest): void {
    const { id } = request;
    const stream = this.#dnsStreams.get(id);
    if (request.kind === "datagram") this.#datagram(id, request.to, request.bytes);
    else if (request.kind === "connect" && request.to.port === DNS_PORT) this.#openDnsStream(id);
    else if (stream !== undefined) {
      if (request.kind === "close") this.#dnsStreams.delete(id);
      else stream.take(request);
    } else if (request.kind === "connect") {
      const { to } = request;
      this.#connections.add(id);
      const host = this.#nameOf(to) ?? hostText(to.address);
      this.#requests.push({ kind: "connect", id, host, port: to.port });
    } else if (this.#connections.has(id)) {
      if (request.kind === "close") this.#connections.delete(id);
      this.#requests.push(request);
    }
  }

  close(id: number): void {
    this.#listeners.delete(id);
  }

  #datagram(id: number, to: OutsideAddress, query: Uint8Array): void {
    this.#ask(query, (answer) => {
      this.#own.push({ kind: "datagram", id, from: to, bytes: truncated(answer, query) });
    });
  }

  #openDnsStream(id: number): void {
    const emit = (event: OutsideEvent) => void this.#own.push(event);
    this.#dnsStreams.set(id, new DnsStream(id, emit, (query, answered) => this.#ask(query, answered)));
  }

  #ask(query: Uint8Array, answered: (answer: Uint8Array) => void): void {
    const request = this.#resolver.ask(this.#nextId++, query, answered);
    if (request !== null) this.#requests.push(request);
  }

  // ---- what the machine's loop does

  /** Connections or queries are open: they share with page-ins what the platform lets wait at a time. */
  get busy(): boolean {
    return this.#connections.size > 0 || this.#resolver.busy;
  }

  /** Something has been asked that `flush` would take to the host. */
  get asking(): boolean {
    return this.#requests.length > 0;
  }

  /** Something has happened that `deliver` would hand in. */
  get pending(): boolean {
    return this.#events.length > 0 || this.#own.length > 0;
  }

  /** Hands in what has happened, which makes threads runnable. */
  deliver(): void {
    if (!this.pending) return;
    const events = this.#events;
    this.#events = [];
    for (const event of events) {
      if (event.kind === "answered") this.#resolver.answer(event);
      else if (event.kind !== "failed") this.#listeners.get(event.id)?.happened(event);
      else {
        const { id, errno, message } = event;
        this.#connections.delete(id);
        if (message !== "") this.#say(`egress: ${message}`);
        this.#listeners.get(id)?.happened({ kind: "failed", id, errno });
      }
    }
    const own = this.#own;
    this.#own = [];
    for (const event of own) this.#listeners.get(event.id)?.happened(event);
  }

  /**
   * Takes to the host what has been asked, once what `gate` returns has resolved (null: at once). `wake` is called when there is something
   * to deliver.
   */
  flush(port: NetworkPort | undefined, wake: () => void, gate: () => Promise<unknown> | null): void {
    if (this.#requests.length === 0) return;
    const requests = this.#requests;
    this.#requests = [];
    if (port === undefined) throw new Error("a machine with egress needs a host with a network");
    this.#session ??= port.open((events) => {
      this.#events.push(...events);
      wake();
    });
    const session = this.#session;
    const settled = gate();
    if (settled === null && this.#held === null) session.submit(requests);
    else this.#hold(session, requests, settled);
  }

  /** In order: what was held before leaves before. */
  #hold(session: NetworkSession, requests: readonly NetworkRequest[], settled: Promise<unknown> | null): void {
    const held = Promise.all([this.#held, settled]).then(
      () => {
        if (this.#held === held) this.#held = null;
        if (this.#session === session) session.submit(requests);
      },
      // The machine is being ended: what it depended on never happened.
      () => {},
    );
    this.#held = held;
  }

  /** Something has been asked of the host. */
  get used(): boolean {
    return this.#session !== null;
  }

  /** Resolves when what programs sent before they ended has left. */
  async drained(): Promise<void> {
    await this.#held;
    await this.#session?.drained();
  }

  end(): void {
    this.#session?.close();
    this.#session = null;
    this.#events = [];
  }
}

const hostText = (address: Uint8Array): string =>
  address.length === 4 ? addressText(address) : `[${addressText(address)}]`;

/**
 * Whether an address can be another machine's. Loopback, link-local and unspecified addresses would reach the computer that the
 * machine happens to run on, also in their IPv6 forms: IPv4-compatible, IPv4-mapped, translated (RFC 6052), 6to4.
 */
function leadsOut(address: Uint8Array): boolean {
  if (address.length === 4) {
    const [a, b] = address;
    return a !== 0 && a !== 127 && !(a === 169 && b === 254) && a < 224;
  }
  if (address[0] === 0xff || (address[0] === 0xfe && (address[1] & 0xc0) === 0x80)) return false;
  if (address.subarray(0, 10).every((byte) => byte === 0)) return false;
  if (startsWith(address, NAT64)) return leadsOut(address.slice(12));
  return !startsWith(address, SIX_TO_FOUR) || leadsOut(address.slice(2, 6));
}

const NAT64 = Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);
const SIX_TO_FOUR = Uint8Array.of(0x20, 0x02);

const startsWith = (address: Uint8Array, prefix: Uint8Array): boolean => prefix.every((byte, i) => address[i] === byte);
