/** NETLINK_SOCK_DIAG of AF_UNIX (sock_diag(7); net/unix/diag.c). */
import { EINVAL, ENOENT, Errno, ESTALE } from "../../abi/errno.ts";
import { NLM_F_MULTI } from "../../abi/netlink.ts";
import * as abi from "../../abi/sock-diag.ts";
import { AF_UNIX, SO_MEMINFO, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from "../../abi/socket.ts";
import type { Network } from "../network.ts";
import { getSocketOption } from "../options.ts";
import { UnixConnection } from "../unix/connection.ts";
import { UnixSocket } from "../unix/socket.ts";
import { NetlinkMessage } from "./message.ts";

/** Answers to a struct unix_diag_req: several for a dump, one else. Throws EINVAL, ENOENT, ESTALE. */
export function unixDiag(network: Network, request: Uint8Array, dump: boolean): NetlinkMessage[] {
  if (request.length < abi.UNIX_DIAG_REQ_BYTES) throw new Errno(EINVAL);
  const view = new DataView(request.buffer, request.byteOffset);
  const show = view.getUint32(12, true);
  if (!dump) return [message(find(network, view), show, 0)];
  const states = view.getUint32(4, true);
  const answers: NetlinkMessage[] = [];
  for (const socket of network.sockets) {
    // Those that wait to be accepted are told of by who listens.
    if (!(socket instanceof UnixSocket) || inodeOf(socket) === 0) continue;
    if ((states >>> stateOf(socket)) & 1) answers.push(message(socket, show, NLM_F_MULTI));
  }
  return answers;
}

function find(network: Network, view: DataView): UnixSocket {
  const ino = view.getUint32(8, true);
  if (ino === 0) throw new Errno(EINVAL);
  for (const socket of network.sockets) {
    if (!(socket instanceof UnixSocket) || inodeOf(socket) !== ino) continue;
    const [low, high] = [view.getUint32(16, true), view.getUint32(20, true)];
    const any = low === 0xffff_ffff && high === 0xffff_ffff;
    if (!any && (low !== socket.cookie || high !== 0)) throw new Errno(ESTALE);
    return socket;
  }
  throw new Errno(ENOENT);
}

const inodeOf = (socket: UnixSocket): number => socket.file?.inode.ino ?? 0;

function stateOf(socket: UnixSocket): number {
  if (socket.listening) return TCP_LISTEN;
  return socket.peer !== null ? TCP_ESTABLISHED : TCP_CLOSE;
}

/** struct unix_diag_msg, and the attributes that `show` asks for. */
function message(socket: UnixSocket, show: number, flags: number): NetlinkMessage {
  const bytes = new Uint8Array(abi.UNIX_DIAG_MSG_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([AF_UNIX, socket.type, stateOf(socket)]);
  view.setUint32(4, inodeOf(socket), true);
  view.setUint32(8, socket.cookie, true);
  const result = new NetlinkMessage(abi.SOCK_DIAG_BY_FAMILY, flags).fixed(bytes);
  const { address, peer, inode } = socket;
  const waiting = socket instanceof UnixConnection && socket.listening ? socket.pending : null;
  if (show & abi.UDIAG_SHOW_NAME && address !== null) result.attribute(abi.UNIX_DIAG_NAME, address.slice(2));
  // struct unix_diag_vfs: { u32 ino, dev; }.
  if (show & abi.UDIAG_SHOW_VFS && inode !== null)
    result.attribute(abi.UNIX_DIAG_VFS, new Uint8Array(Uint32Array.of(inode.ino, inode.device).buffer));
  if (show & abi.UDIAG_SHOW_PEER && peer !== null) result.attribute(abi.UNIX_DIAG_PEER, inodeOf(peer));
  // The inodes of those who connect, which have them while those who were made for them have none.
  if (show & abi.UDIAG_SHOW_ICONS && waiting !== null) {
    const inodes = waiting.map((one) => (one.peer === null ? 0 : inodeOf(one.peer)));
    result.attribute(abi.UNIX_DIAG_ICONS, new Uint8Array(Uint32Array.from(inodes).buffer));
  }
  if (show & abi.UDIAG_SHOW_RQLEN) {
    const lengths = waiting === null ? [socket.readableBytes, socket.unsentBytes] : [waiting.length, socket.backlog];
    result.attribute(abi.UNIX_DIAG_RQLEN, new Uint8Array(Uint32Array.from(lengths).buffer));
  }
  if (show & abi.UDIAG_SHOW_MEMINFO) result.attribute(abi.UNIX_DIAG_MEMINFO, getSocketOption(socket, SO_MEMINFO, 36));
  const ends = Number(socket.receiveShutdown) | (Number(socket.sendShutdown) << 1);
  result.attribute(abi.UNIX_DIAG_SHUTDOWN, Uint8Array.of(ends));
  if (show & abi.UDIAG_SHOW_UID) result.attribute(abi.UNIX_DIAG_UID, socket.uid);
  return result;
}
