/**
 * IP addresses and struct sockaddr_in, sockaddr_in6. An address is its bytes in hexadecimal, 8 characters for IPv4 and 32 for
 * IPv6: exact, comparable, a key of maps. IPv4-mapped addresses of AF_INET6 sockets are IPv4 addresses here.
 */
import { EAFNOSUPPORT, EINVAL, Errno } from "../../abi/errno.ts";
import { SOCKADDR_IN_BYTES, SOCKADDR_IN6_BYTES, SOCKADDR_IN6_LEAST } from "../../abi/inet.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../abi/socket.ts";
import { familyOf } from "../address.ts";

export type Ip = string;

export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
}

export const ANY4: Ip = "00000000";
export const ANY6: Ip = "0".repeat(32);
export const LOOPBACK4: Ip = "7f000001";
export const LOOPBACK6: Ip = `${"0".repeat(31)}1`;
const MAPPED = "00000000000000000000ffff";

export const isIpv4 = (ip: Ip): boolean => ip.length === 8;
export const isAny = (ip: Ip): boolean => ip === ANY4 || ip === ANY6;
export const isLoopback4 = (ip: Ip): boolean => isIpv4(ip) && ip.startsWith("7f");
export const isMulticast = (ip: Ip): boolean => (isIpv4(ip) ? ip >= "e0" && ip < "f0" : ip.startsWith("ff"));
/** The limited broadcast address, and that of the loopback network. */
export const isBroadcast = (ip: Ip): boolean => ip === "ffffffff" || ip === "7fffffff";

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function ipOf(bytes: Uint8Array): Ip {
  let ip = "";
  for (let i = 0; i < bytes.length; i++) ip += BYTES[bytes[i]];
  return ip;
}

export function ipBytes(ip: Ip): Uint8Array {
  const bytes = new Uint8Array(ip.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(ip.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/**
 * The endpoint in a struct sockaddr for a socket of `family`; null for AF_UNSPEC. Throws EINVAL for a short one, EAFNOSUPPORT
 * for another family. An AF_INET6 datagram socket takes sockaddr_in too (`also4`).
 */
export function readEndpoint(address: Uint8Array, family: number, also4 = false): Endpoint | null {
  const given = familyOf(address);
  if (given === AF_UNSPEC) return null;
  const inet = given === AF_INET && (family === AF_INET || also4);
  if (address.length < (inet || family === AF_INET ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_LEAST)) throw new Errno(EINVAL);
  if (!inet && given !== family) throw new Errno(EAFNOSUPPORT);
  const port = (address[2] << 8) | address[3];
  if (inet) return { ip: ipOf(address.subarray(4, 8)), port };
  const ip = ipOf(address.subarray(8, 24));
  return { ip: ip.startsWith(MAPPED) ? ip.slice(24) : ip, port };
}

/** The struct sockaddr of an endpoint for a socket of `family`. */
export function writeEndpoint({ ip, port }: Endpoint, family: number): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES);
  bytes[0] = family;
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
  if (family === AF_INET) bytes.set(ipBytes(ip), 4);
  else bytes.set(ipBytes(ip === ANY4 ? ANY6 : isIpv4(ip) ? MAPPED + ip : ip), 8);
  return bytes;
}

/** The address that one bound to any local address has in the family. */
export const anyOf = (family: number): Ip => (family === AF_INET6 ? ANY6 : ANY4);
