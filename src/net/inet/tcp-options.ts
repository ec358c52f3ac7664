/** Options of level IPPROTO_TCP (tcp(7); net/ipv4/tcp.c). What tunes segments and timers is kept, and has nothing to act on. */
import { EINVAL, ENOENT, ENOPROTOOPT, ENOTCONN, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/inet.ts";
import { AF_INET6, TCP_CLOSE, TCP_LISTEN } from "../../abi/socket.ts";
import { byteString, bytesOf } from "../../fs/name.ts";
import { intBytes } from "../message.ts";
import type { TcpSocket } from "./tcp.ts";

/** Longest name of a congestion control algorithm (TCP_CA_NAME_MAX). */
const NAME_BYTES = 16;
/** Those that Linux lets everybody choose by default (net.ipv4.tcp_allowed_congestion_control). */
const CONGESTION_CONTROLS = new Set(["cubic", "reno"]);
/** struct tcp_info, as far as it is filled. */
const TCP_INFO_BYTES = 232;

export class TcpOptions {
  noDelay = false;
  cork = false;
  /** Bytes; 0 for what the interface allows. */
  maxSegment = 0;
  /** Seconds. */
  keepIdle = 7200;
  keepInterval = 75;
  keepCount = 9;
  synCount = 6;
  /** Seconds, negative for none. */
  linger2 = 60;
  /** Seconds that a connection without data may wait to be accepted. */
  deferAccept = 0;
  windowClamp = 0;
  quickAck = true;
  /** Milliseconds. */
  userTimeout = 0;
  fastOpen = 0;
  fastOpenConnect = false;
  notSentLow = 0;
  thinLinear = false;
  saveSyn = false;
  inq = false;
  congestion = "cubic";
}

type BooleanOption = { [K in keyof TcpOptions]: TcpOptions[K] extends boolean ? K : never }[keyof TcpOptions];

const FLAGS = new Map<number, BooleanOption>([
  [abi.TCP_NODELAY, "noDelay"],
  [abi.TCP_CORK, "cork"],
  [abi.TCP_QUICKACK, "quickAck"],
  [abi.TCP_FASTOPEN_CONNECT, "fastOpenConnect"],
  [abi.TCP_THIN_LINEAR_TIMEOUTS, "thinLinear"],
  [abi.TCP_SAVE_SYN, "saveSyn"],
  [abi.TCP_INQ, "inq"],
]);

export function setTcpOption({ tcp, network, tcpState }: TcpSocket, name: number, value: Uint8Array): number {
  if (name === abi.TCP_CONGESTION) {
    if (value.length < 1) throw new Errno(EINVAL);
    const wanted = byteString(value.subarray(0, NAME_BYTES - 1)).replace(/\0.*$/s, "");
    if (!CONGESTION_CONTROLS.has(wanted)) throw new Errno(ENOENT);
    tcp.congestion = wanted;
    return 0;
  }
  if (name === abi.TCP_ULP) {
    network.environment.log("TCP_ULP is missing: ENOENT");
    throw new Errno(ENOENT);
  }
  if (value.length < 4) throw new Errno(EINVAL);
  const number = new DataView(value.buffer, value.byteOffset).getInt32(0, true);
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    if ((name === abi.TCP_INQ || name === abi.TCP_SAVE_SYN) && (number < 0 || number > 2)) throw new Errno(EINVAL);
    const upToOne = name === abi.TCP_FASTOPEN_CONNECT || name === abi.TCP_THIN_LINEAR_TIMEOUTS;
    if (upToOne && (number < 0 || number > 1)) throw new Errno(EINVAL);
    if (name === abi.TCP_FASTOPEN_CONNECT && tcpState !== TCP_CLOSE) throw new Errno(EINVAL);
    tcp[flag] = number !== 0;
    return 0;
  }
  switch (name) {
    case abi.TCP_MAXSEG:
      tcp.maxSegment = number === 0 ? 0 : within(number, 88, 32767);
      return 0;
    case abi.TCP_KEEPIDLE:
      tcp.keepIdle = within(number, 1, 32767);
      return 0;
    case abi.TCP_KEEPINTVL:
      tcp.keepInterval = within(number, 1, 32767);
      return 0;
    case abi.TCP_KEEPCNT:
      tcp.keepCount = within(number, 1, 127);
      return 0;
    case abi.TCP_SYNCNT:
      tcp.synCount = within(number, 1, 127);
      return 0;
    case abi.TCP_LINGER2:
      tcp.linger2 = number < 0 ? -1 : number === 0 ? 60 : Math.min(number, 120);
      return 0;
    case abi.TCP_DEFER_ACCEPT:
      tcp.deferAccept = roundedToRetries(Math.max(number, 0));
      return 0;
    case abi.TCP_WINDOW_CLAMP:
      if (number === 0 && tcpState !== TCP_CLOSE) throw new Errno(EINVAL);
      tcp.windowClamp = number === 0 ? 0 : Math.max(number, 1152);
      return 0;
    case abi.TCP_USER_TIMEOUT:
      tcp.userTimeout = within(number, 0, 0x7fff_ffff);
      return 0;
    case abi.TCP_FASTOPEN:
      if (number < 0 || (tcpState !== TCP_CLOSE && tcpState !== TCP_LISTEN)) throw new Errno(EINVAL);
      tcp.fastOpen = number;
      return 0;
    case abi.TCP_NOTSENT_LOWAT:
      tcp.notSentLow = number;
      return 0;
    default:
      throw new Errno(ENOPROTOOPT);
  }
}

function within(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new Errno(EINVAL);
  return value;
}

/** Seconds as the number of SYN+ACK retries that take as long, 1, 3, 7 … (secs_to_retrans). */
function roundedToRetries(seconds: number): number {
  if (seconds === 0) return 0;
  let total = 1;
  let step = 1;
  while (total < seconds && total < 255) {
    step *= 2;
    total += Math.min(step, 120);
  }
  return total;
}

export function getTcpOption(socket: TcpSocket, name: number, room: number): Uint8Array {
  const { tcp } = socket;
  const flag = FLAGS.get(name);
  if (flag !== undefined) return intBytes(Number(tcp[flag]));
  switch (name) {
    case abi.TCP_MAXSEG:
      return intBytes(segmentOf(socket));
    case abi.TCP_KEEPIDLE:
      return intBytes(tcp.keepIdle);
    case abi.TCP_KEEPINTVL:
      return intBytes(tcp.keepInterval);
    case abi.TCP_KEEPCNT:
      return intBytes(tcp.keepCount);
    case abi.TCP_SYNCNT:
      return intBytes(tcp.synCount);
    case abi.TCP_LINGER2:
      return intBytes(tcp.linger2);
    case abi.TCP_DEFER_ACCEPT:
      return intBytes(tcp.deferAccept);
    case abi.TCP_WINDOW_CLAMP:
      return intBytes(tcp.windowClamp);
    case abi.TCP_USER_TIMEOUT:
      return intBytes(tcp.userTimeout);
    case abi.TCP_FASTOPEN:
      return intBytes(tcp.fastOpen);
    case abi.TCP_NOTSENT_LOWAT:
      return intBytes(tcp.notSentLow);
    case abi.TCP_TIMESTAMP:
      return intBytes(Math.floor(socket.network.environment.now() / 1e6) | 0);
    case abi.TCP_CONGESTION: {
      const bytes = new Uint8Array(NAME_BYTES);
      bytes.set(bytesOf(tcp.congestion));
      return bytes.subarray(0, Math.min(room, NAME_BYTES));
    }
    case abi.TCP_INFO:
      return tcpInfo(socket);
    case abi.TCP_ULP:
      return new Uint8Array(0);
    case abi.TCP_SAVED_SYN:
      if (!tcp.saveSyn) throw new Errno(EINVAL);
      throw new Errno(ENOTCONN);
    default:
      throw new Errno(ENOPROTOOPT);
  }
}

/** What a segment holds: the largest over the loopback interface, 536 before there is a connection. */
function segmentOf({ tcp, tcpState, family }: TcpSocket): number {
  if (tcpState === TCP_CLOSE || tcpState === TCP_LISTEN) return tcp.maxSegment || 536;
  const most = family === AF_INET6 ? abi.LOOPBACK_MSS - 20 : abi.LOOPBACK_MSS;
  return tcp.maxSegment === 0 ? most : Math.min(tcp.maxSegment - 12, most);
}

/** struct tcp_info: state and counts are true, what is about segments says that there was never a loss. */
function tcpInfo(socket: TcpSocket): Uint8Array {
  const { tcpState, counts, acceptQueue } = socket;
  const bytes = new Uint8Array(TCP_INFO_BYTES);
  const view = new DataView(bytes.buffer);
  const segment = segmentOf(socket);
  bytes[0] = tcpState;
  // Time stamps, selective acknowledgements, window scaling by 7 both ways.
  if (tcpState !== TCP_CLOSE && tcpState !== TCP_LISTEN) {
    bytes[5] = 7;
    bytes[6] = 0x77;
  }
  const words: [at: number, value: number][] = [
    [8, 201_000],
    [16, segment],
    [20, segment],
    [24, tcpState === TCP_LISTEN ? acceptQueue.length : 0],
    [28, tcpState === TCP_LISTEN ? acceptQueue.backlog : 0],
    [60, 65535],
    [68, 20],
    [72, 10],
    [76, 0x7fff_ffff],
    [80, 10],
    [84, segment],
    [88, 3],
  ];
  for (const [at, value] of words) view.setUint32(at, value, true);
  view.setBigUint64(120, BigInt(counts.sent), true);
  view.setBigUint64(128, BigInt(counts.received), true);
  view.setUint32(136, Math.ceil(counts.sent / segment), true);
  view.setUint32(140, Math.ceil(counts.received / segment), true);
  return bytes;
}
