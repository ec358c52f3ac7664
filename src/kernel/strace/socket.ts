/** How strace(1) prints socket addresses, and options by their level. */
import * as inet from "../../abi/inet.ts";
import * as abi from "../../abi/socket.ts";
import type { UserMemory } from "../../memory/types.ts";
import { hex, quote } from "./format.ts";

const familyName = (family: number): string =>
  Object.entries(abi).find(([name, value]) => name.startsWith("AF_") && value === family)?.[0] ?? String(family);

/** The struct sockaddr of `length` bytes at `address`. Throws Errno where it cannot be read. */
export function sockaddr(user: UserMemory, address: number, length: number): string {
  if (address === 0) return "NULL";
  if (length < 2 || length > abi.SOCKADDR_MAX) return hex(address);
  const bytes = user.read(address, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = view.getUint16(0, true);
  return `{sa_family=${familyName(family)}${fields(family, bytes, view)}}`;
}

function fields(family: number, bytes: Uint8Array, view: DataView): string {
  const { length } = bytes;
  if (family === abi.AF_UNIX) return length <= 2 ? "" : `, sun_path=${path(bytes.subarray(2))}`;
  if (family === abi.AF_INET && length >= inet.SOCKADDR_IN_BYTES) {
    const address = bytes.subarray(4, 8).join(".");
    return `, sin_port=htons(${view.getUint16(2)}), sin_addr=inet_addr("${address}")`;
  }
  if (family === abi.AF_INET6 && length >= inet.SOCKADDR_IN6_LEAST) {
    const scope = length >= inet.SOCKADDR_IN6_BYTES ? view.getUint32(24, true) : 0;
    const address = `inet_pton(AF_INET6, "${ipv6(view)}", &sin6_addr)`;
    return `, sin6_port=htons(${view.getUint16(2)}), sin6_flowinfo=htonl(${view.getUint32(4)}), ${address}, sin6_scope_id=${scope}`;
  }
  if (family === abi.AF_NETLINK && length >= 12) {
    const groups = view.getUint32(8, true).toString(16).padStart(8, "0");
    return `, nl_pid=${view.getUint32(4, true)}, nl_groups=${groups}`;
  }
  return length <= 2 ? "" : `, sa_data=${quote(bytes.subarray(2), length)}`;
}

/** A path up to its NUL; an abstract name with a sign in front. */
function path(bytes: Uint8Array): string {
  if (bytes[0] === 0) return `@${quote(bytes.subarray(1), bytes.length)}`;
  const end = bytes.indexOf(0);
  return quote(end < 0 ? bytes : bytes.subarray(0, end), bytes.length);
}

/** The address in the form of RFC 5952: the longest run of zeroes is left out. */
function ipv6(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + i * 2).toString(16));
  const text = groups.join(":");
  const runs = [...text.matchAll(/(^|:)0(:0)+(:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  return runs.length === 0 ? text : text.replace(runs[0][0], "::");
}

const OPTIONS: readonly [level: number, module: object, prefix: RegExp][] = [
  [abi.SOL_SOCKET, abi, /^SO_/],
  [inet.IPPROTO_IP, inet, /^(IP|MCAST)_/],
  [inet.IPPROTO_IPV6, inet, /^IPV6_/],
  [inet.IPPROTO_TCP, inet, /^TCP_(?!CM_)/],
  [inet.IPPROTO_UDP, inet, /^UDP_/],
];

/** "SO_REUSEADDR" for option 2 of level 1. */
export function optionName(level: number, option: number): string {
  const entry = OPTIONS.find(([known]) => known === level);
  if (entry === undefined) return hex(option);
  const [, module, prefix] = entry;
  const found = Object.entries(module).find(([name, value]) => prefix.test(name) && value === option);
  return found?.[0].replace(/_OLD$/, "") ?? hex(option);
}
