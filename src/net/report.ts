/** The files of /proc/net: a network namespace's sockets, interfaces and routes as text (proc_pid_net(5)). */
import { AF_INET, AF_INET6, TCP_CLOSE, TCP_ESTABLISHED, TCP_SYN_SENT, TCP_TIME_WAIT } from "../abi/socket.ts";
import { byteString } from "../fs/name.ts";
import { ANY4, ANY6, type Endpoint, type Ip, ipOf, isIpv4 } from "./inet/ip.ts";
import { RawSocket } from "./inet/raw.ts";
import type { InetSocket } from "./inet/socket.ts";
import { TcpSocket } from "./inet/tcp.ts";
import { UdpSocket } from "./inet/udp.ts";
import { IFF_LOOPBACK, IFF_UP } from "./interfaces.ts";
import { NetlinkSocket } from "./netlink/socket.ts";
import type { Network } from "./network.ts";
import type { Socket } from "./socket.ts";
import { isAbstract } from "./unix/names.ts";
import { UnixSocket } from "./unix/socket.ts";

/** By the file's name in /proc/net. */
export const reports: Readonly<Record<string, (network: Network) => string>> = {
  arp: () => "IP address       HW type     Flags       HW address            Mask     Device\n",
  dev,
  if_inet6: inet6Addresses,
  ipv6_route: inet6Routes,
  netlink,
  packet: () => "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n",
  raw: (network) => datagrams(network, RawSocket, AF_INET),
  raw6: (network) => datagrams(network, RawSocket, AF_INET6),
  route,
  sockstat,
  sockstat6,
  tcp: (network) => tcp(network, AF_INET),
  tcp6: (network) => tcp(network, AF_INET6),
  udp: (network) => datagrams(network, UdpSocket, AF_INET),
  udp6: (network) => datagrams(network, UdpSocket, AF_INET6),
  unix,
};

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");
const decimal = (value: number, width: number): string => String(value).padStart(width);
const inodeOf = (socket: Socket): number => socket.file?.inode.ino ?? 0;

/** An address as words of 32 bits in the byte order of the processor. */
const words = (ip: Ip): string => ip.replace(/(..)(..)(..)(..)/g, (_, a, b, c, d) => `${d}${c}${b}${a}`).toUpperCase();

const MAPPED = "00000000000000000000ffff";

function endpointText({ ip, port }: Endpoint, family: number): string {
  const shown = family === AF_INET ? ip : ip === ANY4 ? ANY6 : isIpv4(ip) ? MAPPED + ip : ip;
  return `${words(shown)}:${hex(port, 4)}`;
}

const nobody = (family: number): Endpoint => ({ ip: family === AF_INET ? ANY4 : ANY6, port: 0 });

interface Row {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly state: number;
  readonly sendQueue: number;
  readonly receiveQueue: number;
  /** Kind of the timer that runs, and its hundredths of a second. */
  readonly timer: readonly [kind: number, ticks: number];
  readonly uid: number;
  readonly inode: number;
}

const rowText = (row: Row, family: number): string =>
  [
    endpointText(row.local, family),
    endpointText(row.remote, family),
    hex(row.state, 2),
    `${hex(row.sendQueue, 8)}:${hex(row.receiveQueue, 8)}`,
    `${hex(row.timer[0], 2)}:${hex(row.timer[1], 8)}`,
    hex(0, 8),
    decimal(row.uid, 5),
    decimal(0, 8),
    row.inode,
  ].join(" ");

const POINTER = "0000000000000000";
const TCP_HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode".padEnd(149);
const TCP6_HEADER = `  sl  ${"local_address".padEnd(38)}${"remote_address".padEnd(38)}st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode`;
const UDP_HEADER = `${"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops".padEnd(127)}\n`;
const UDP6_HEADER = `  sl  ${"local_address".padEnd(38)}${"remote_address".padEnd(38)}st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n`;

function tcp({ sockets, tcpPorts, environment }: Network, family: number): string {
  const rows: Row[] = [];
  for (const socket of sockets) {
    if (!(socket instanceof TcpSocket) || socket.family !== family || socket.local.port === 0) continue;
    // One that is bound only is in no table that Linux shows.
    if (socket.state === TCP_CLOSE) continue;
    const { acceptQueue } = socket;
    rows.push({
      local: socket.local,
      remote: socket.remote ?? nobody(family),
      state: socket.state,
      sendQueue: socket.listening ? 0 : socket.unsentBytes,
      receiveQueue: socket.listening ? acceptQueue.length : socket.readableBytes,
      timer: [socket.state === TCP_SYN_SENT ? 1 : 0, 0],
      uid: socket.uid,
      inode: inodeOf(socket),
    });
  }
  for (const { local, remote, until } of tcpPorts.timeWaits) {
    if (isIpv4(local.ip) !== (family === AF_INET)) continue;
    const ticks = Math.max(Math.round((until - environment.now()) / 1e7), 0);
    rows.push({
      local,
      remote,
      state: TCP_TIME_WAIT,
      sendQueue: 0,
      receiveQueue: 0,
      timer: [3, ticks],
      uid: 0,
      inode: 0,
    });
  }
  const lines = rows.map((row, i) => `${decimal(i, 4)}: ${rowText(row, family)} 1 ${POINTER} 100 0 0 10 0`);
  if (family === AF_INET6) return [TCP6_HEADER, ...lines, ""].join("\n");
  return [TCP_HEADER, ...lines.map((line) => line.padEnd(149)), ""].join("\n");
}

function datagrams({ sockets }: Network, kind: typeof UdpSocket | typeof RawSocket, family: number): string {
  let text = family === AF_INET ? UDP_HEADER : UDP6_HEADER;
  for (const socket of sockets) {
    if (!(socket instanceof kind) || socket.family !== family || socket.local.port === 0) continue;
    const row: Row = {
      local: socket.local,
      remote: socket.remote ?? nobody(family),
      state: socket.state,
      sendQueue: 0,
      receiveQueue: socket.usage.queued,
      timer: [0, 0],
      uid: socket.uid,
      inode: inodeOf(socket),
    };
    const line = `${decimal(socket.local.port, 5)}: ${rowText(row, family)} 2 ${POINTER} ${socket.usage.drops}`;
    text += `${family === AF_INET ? line.padEnd(127) : line}\n`;
  }
  return text;
}

// States of enum socket_state, and __SO_ACCEPTCON.
const SS_UNCONNECTED = 1;
const SS_CONNECTING = 2;
const SS_CONNECTED = 3;
const ACCEPTS = 0x10000;

function unix({ sockets }: Network): string {
  let text = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  for (const socket of sockets) {
    if (!(socket instanceof UnixSocket)) continue;
    const state = socket.peer === null ? SS_UNCONNECTED : socket.listener === null ? SS_CONNECTED : SS_CONNECTING;
    const flags = socket.listening ? ACCEPTS : 0;
    const references = socket.peer === null ? 2 : 3;
    text += `${POINTER}: ${hex(references, 8)} ${hex(0, 8)} ${hex(flags, 8)} ${hex(socket.type, 4)} ${hex(state, 2)} ${decimal(inodeOf(socket), 5)}`;
    if (socket.address !== null) text += ` ${unixPath(socket.address)}`;
    text += "\n";
  }
  return text;
}

const unixPath = (address: Uint8Array): string =>
  isAbstract(address)
    ? byteString(address.subarray(2)).replaceAll("\0", "@")
    : byteString(address.subarray(2)).replace(/\0$/, "");

function netlink({ sockets }: Network): string {
  let text = "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n";
  for (const socket of sockets) {
    if (!(socket instanceof NetlinkSocket)) continue;
    const columns = [
      POINTER,
      String(socket.protocol).padEnd(3),
      String(socket.port).padEnd(10),
      hex(socket.groups, 8).toLowerCase(),
      "0".padEnd(8),
      "0".padEnd(8),
      "0".padEnd(5),
      "2".padEnd(8),
      "0".padEnd(8),
      String(inodeOf(socket)).padEnd(8),
    ];
    text += `${columns.join(" ")}\n`;
  }
  return text;
}

function dev({ interfaces }: Network): string {
  let text =
    "Inter-|   Receive                                                |  Transmit\n" +
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
  for (const { name, received, sent } of interfaces.all) {
    const columns = [
      [decimal(received.bytes, 7), decimal(received.packets, 7), "   0    0    0     0          0         0"],
      [decimal(sent.bytes, 8), decimal(sent.packets, 7), "   0    0    0     0       0          0"],
    ];
    text += `${name.padStart(6)}: ${columns.flat().join(" ")}\n`;
  }
  return text;
}

/** The main table: what the loopback interface has is in the local one. */
function route({ interfaces: { outer } }: Network): string {
  const lines = ["Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"];
  if (outer !== null && outer.flags & IFF_UP) {
    const row = (to: Ip, gateway: Ip, flags: string, mask: Ip) =>
      lines.push([outer.name, words(to), words(gateway), flags, 0, 0, 0, words(mask), 0, 0, 0].join("\t"));
    // RTF_UP, RTF_GATEWAY; the addresses of the interface's network.
    row(ANY4, ipOf(outer.gateways[0]), "0003", ANY4);
    row(`${ipOf(outer.gateways[0]).slice(0, 6)}00`, ANY4, "0001", "ffffff00");
  }
  return lines.map((line) => `${line.padEnd(127)}\n`).join("");
}

function inet6Addresses({ interfaces }: Network): string {
  let text = "";
  for (const { addresses, index, name, flags } of interfaces.all) {
    for (const { address, prefix } of addresses) {
      if (address.length !== 16) continue;
      // Scope: host or global; flags: permanent.
      const scope = flags & IFF_LOOPBACK ? 0x10 : 0;
      const columns = [index, prefix, scope, 0x80].map((value) => hex(value, 2).toLowerCase());
      text += `${ipOf(address)} ${columns.join(" ")} ${name.padStart(8)}\n`;
    }
  }
  return text;
}

function inet6Routes({ interfaces }: Network): string {
  let text = "";
  const none = `${ANY6} 00 ${ANY6}`;
  for (const { addresses, name, gateways } of interfaces.all) {
    const device = name.padStart(8);
    for (const gateway of gateways) {
      if (gateway.length !== 16) continue;
      text += `${ANY6} 00 ${ANY6} 00 ${ipOf(gateway)} 00000400 00000001 00000000 00000003 ${device}\n`;
    }
    for (const { address, prefix } of addresses) {
      if (address.length !== 16) continue;
      const ip = ipOf(address.map((byte, i) => (i * 8 < prefix ? byte : 0)));
      text += `${ip} ${hex(prefix, 2).toLowerCase()} ${none} 00000100 00000001 00000000 00000001 ${device}\n`;
      text += `${ipOf(address)} 80 ${none} 00000000 00000003 00000000 80200001 ${device}\n`;
    }
  }
  return text;
}

/** Sockets of a kind that hold a port. */
function inUse(network: Network, family: number, kind: typeof TcpSocket | typeof UdpSocket): number {
  let count = 0;
  for (const socket of network.sockets) {
    if (socket instanceof kind && socket.family === family && (socket as InetSocket).local.port !== 0) count++;
  }
  return count;
}

function sockstat(network: Network): string {
  const { sockets, tcpPorts, usage } = network;
  let open = 0;
  for (const socket of sockets) if (socket.file !== null) open++;
  const pages = Math.ceil(usage.bytes / 4096);
  let connections = 0;
  for (const socket of sockets) if (socket instanceof TcpSocket && socket.state === TCP_ESTABLISHED) connections++;
  return [
    `sockets: used ${open}`,
    `TCP: inuse ${inUse(network, AF_INET, TcpSocket)} orphan 0 tw ${tcpPorts.timeWaits.length} alloc ${connections} mem ${pages}`,
    `UDP: inuse ${inUse(network, AF_INET, UdpSocket)} mem 0`,
    "UDPLITE: inuse 0",
    "RAW: inuse 0",
    "FRAG: inuse 0 memory 0",
    "",
  ].join("\n");
}

function sockstat6(network: Network): string {
  return [
    `TCP6: inuse ${inUse(network, AF_INET6, TcpSocket)}`,
    `UDP6: inuse ${inUse(network, AF_INET6, UdpSocket)}`,
    "UDPLITE6: inuse 0",
    "RAW6: inuse 0",
    "FRAG6: inuse 0 memory 0",
    "",
  ].join("\n");
}
