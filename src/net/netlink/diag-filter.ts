/** The filter of a dump of sockets: a program that compares ports and addresses (inet_diag_bc_run). */
import { EINVAL, Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/sock-diag.ts";
import { AF_INET, AF_UNSPEC } from "../../abi/socket.ts";
import { type Endpoint, ipBytes, isIpv4 } from "../inet/ip.ts";

/** What it looks at. */
export interface Subject {
  readonly family: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** Whether it ends behind its last operation. Throws EINVAL for what is no filter, and for operations that are missing. */
export function keeps(program: Uint8Array, subject: Subject): boolean {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  let at = 0;
  while (at < program.length) {
    if (at + 4 > program.length) throw new Errno(EINVAL);
    const step = holds(view, at, subject) ? view.getUint8(at + 1) : view.getUint16(at + 2, true);
    if (step < 4 || step % 4 !== 0) throw new Errno(EINVAL);
    at += step;
  }
  return at === program.length;
}

function holds(view: DataView, at: number, { local, remote, family }: Subject): boolean {
  const operand = (): number => {
    if (at + 8 > view.byteLength) throw new Errno(EINVAL);
    return view.getUint16(at + 6, true);
  };
  switch (view.getUint8(at)) {
    case abi.INET_DIAG_BC_NOP:
      return true;
    case abi.INET_DIAG_BC_JMP:
      return false;
    case abi.INET_DIAG_BC_S_EQ:
      return local.port === operand();
    case abi.INET_DIAG_BC_S_GE:
      return local.port >= operand();
    case abi.INET_DIAG_BC_S_LE:
      return local.port <= operand();
    case abi.INET_DIAG_BC_D_EQ:
      return remote.port === operand();
    case abi.INET_DIAG_BC_D_GE:
      return remote.port >= operand();
    case abi.INET_DIAG_BC_D_LE:
      return remote.port <= operand();
    case abi.INET_DIAG_BC_S_COND:
      return within(view, at + 4, local, family);
    case abi.INET_DIAG_BC_D_COND:
      return within(view, at + 4, remote, family);
    default:
      throw new Errno(EINVAL);
  }
}

/** struct inet_diag_hostcond: { u8 family, prefix_len; int port; be32 addr[]; }; a port of -1 is any. */
function within(view: DataView, at: number, { ip, port }: Endpoint, family: number): boolean {
  if (at + 8 > view.byteLength) throw new Errno(EINVAL);
  const wanted = view.getUint8(at);
  const prefix = view.getUint8(at + 1);
  const wantedPort = view.getInt32(at + 4, true);
  const bytes = Math.ceil(prefix / 8);
  if (bytes > (wanted === AF_INET ? 4 : 16) || at + 8 + bytes > view.byteLength) throw new Errno(EINVAL);
  if (wantedPort !== -1 && wantedPort !== port) return false;
  // An IPv4 address of an AF_INET6 socket is held as such, which is what an AF_INET condition compares.
  if (wanted !== AF_UNSPEC && wanted !== family && !(wanted === AF_INET && isIpv4(ip))) return false;
  const address = ipBytes(ip);
  for (let i = 0; i < bytes; i++) {
    const mask = prefix >= (i + 1) * 8 ? 0xff : 0xff00 >> (prefix % 8);
    if (((address[i] ?? 0) ^ view.getUint8(at + 8 + i)) & mask & 0xff) return false;
  }
  return true;
}
