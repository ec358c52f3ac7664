/**
 * Which addresses a machine may reach: rules `host:port`. The host is a name, `*.example.com` for all names below one, an IPv4
 * address, an IPv6 address in brackets, either with `/bits`, or `*` for any; the port a number, or `*`. Rules for names apply
 * to the addresses that the machine's own DNS queries have shown to be those names'.
 */

export interface EgressRule {
  /** "*", a name in lower case, or "*." and a name; null for addresses. */
  readonly name: string | null;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array | null;
  /** Bits of `address` that count. */
  readonly prefix: number;
  /** 0 for any. */
  readonly port: number;
}

const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const NAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
const RULE = /^(\[[0-9a-f:.]+(?:\/\d{1,3})?\]|[^:[\]]+):(\*|\d{1,5})$/;

/** Null when `text` is no rule. Names of the machine itself (localhost) are none: they never lead out. */
export function parseRule(text: string): EgressRule | null {
  const parts = RULE.exec(text.toLowerCase());
  if (parts === null) return null;
  const [, host, portText] = parts;
  const port = portText === "*" ? 0 : Number(portText);
  if (portText !== "*" && (port < 1 || port > 65535)) return null;
  if (host === "*") return { name: "*", address: null, prefix: 0, port };
  const [literal, bits] = host.replace(/^\[|\]$/g, "").split("/", 2);
  const address = host.startsWith("[") ? parseIpv6(literal) : parseIpv4(literal);
  if (address !== null) {
    const prefix = bits === undefined ? address.length * 8 : Number(bits);
    return prefix <= address.length * 8 ? { name: null, address, prefix, port } : null;
  }
  if (!NAME.test(host) || !isHostName(host.replace(/^\*\./, "")) || isLocalName(host)) return null;
  return { name: host, address: null, prefix: 0, port };
}

/** RFC 6761: names that mean the machine itself. */
export const isLocalName = (name: string): boolean => name === "localhost" || name.endsWith(".localhost");

const HOST_NAME = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;
const NUMERIC = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/**
 * Whether `name`, in lower case, can mean nothing but a host in an address or a URL. A label of DNS may be any bytes (RFC 2181 11):
 * one with a slash in it would end the host before the part that a rule has looked at, and a number would be read as an address.
 */
export const isHostName = (name: string): boolean => name.length <= 253 && HOST_NAME.test(name) && !NUMERIC.test(name);

export function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return Uint8Array.from(parts, Number);
}

/** RFC 4291 2.2. */
export function parseIpv6(text: string): Uint8Array | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const inner = parseIpv4(tail[2]);
    if (inner === null) return null;
    const [a, b, c, d] = inner;
    text = `${tail[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, rest] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return null;
  const groups = rest === undefined ? head : [...head, ...new Array<string>(missing).fill("0"), ...rest];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

/** Four numbers, or the eight groups of IPv6, uncompressed. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((address[i] << 8) | address[i + 1]).toString(16));
  return groups.join(":");
}

export class EgressRules {
  readonly #rules: readonly EgressRule[];

  /** `texts` have been checked: throws for what is no rule. */
  constructor(texts: readonly string[]) {
    this.#rules = texts.map((text) => {
      const rule = parseRule(text);
      if (rule === null) throw new Error(`${JSON.stringify(text)} is no egress rule`);
      return rule;
    });
  }

  get empty(): boolean {
    return this.#rules.length === 0;
  }

  /** Whether a rule lets connections to `address` itself pass. */
  allowsAddress(address: Uint8Array, port: number): boolean {
    return this.#rules.some(
      (rule) => passes(rule, port) && (rule.name === "*" || (rule.address !== null && within(address, rule))),
    );
  }

  allowsName(name: string, port: number): boolean {
    return this.#rules.some((rule) => passes(rule, port) && rule.name !== null && matches(name, rule.name));
  }

  /** Whether a rule for any port is about this name, so that it may be asked for. */
  mentions(name: string): boolean {
    return this.#rules.some((rule) => rule.name !== null && matches(name, rule.name));
  }
}

const passes = (rule: EgressRule, port: number): boolean => rule.port === 0 || rule.port === port;

function matches(name: string, pattern: string): boolean {
  return pattern === "*" || name === pattern || (pattern.startsWith("*.") && name.endsWith(pattern.slice(1)));
}

function within(address: Uint8Array, { address: base, prefix }: EgressRule): boolean {
  if (base === null || base.length !== address.length) return false;
  for (let bit = 0, i = 0; bit < prefix; bit += 8, i++) {
    const mask = prefix - bit >= 8 ? 0xff : 0xff & (0xff00 >> (prefix - bit));
    if ((address[i] ^ base[i]) & mask) return false;
  }
  return true;
}
