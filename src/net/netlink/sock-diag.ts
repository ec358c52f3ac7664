/** NETLINK_SOCK_DIAG: what a network namespace says of its sockets (sock_diag(7); net/core/sock_diag.c). */
import { EINVAL, ENOENT, EOPNOTSUPP, Errno } from "../../abi/errno.ts";
import { SOCK_DESTROY, SOCK_DIAG_BY_FAMILY } from "../../abi/sock-diag.ts";
import { AF_INET, AF_INET6, AF_MAX, AF_UNIX } from "../../abi/socket.ts";
import type { Network } from "../network.ts";
import { inetDiag } from "./inet-diag.ts";
import type { NetlinkMessage } from "./message.ts";
import { unixDiag } from "./unix-diag.ts";

/**
 * Answers to a request: several for a dump, one else. Throws ENOENT for families that it does not know, as a kernel without their
 * modules does, EOPNOTSUPP for SOCK_DESTROY, EINVAL.
 */
export function diagnose(network: Network, type: number, request: Uint8Array, dump: boolean): NetlinkMessage[] {
  if (type !== SOCK_DIAG_BY_FAMILY && type !== SOCK_DESTROY) throw new Errno(EINVAL);
  if (request.length < 2) throw new Errno(EINVAL);
  const [family] = request;
  if (family >= AF_MAX) throw new Errno(EINVAL);
  if (family !== AF_UNIX && family !== AF_INET && family !== AF_INET6) throw new Errno(ENOENT);
  if (type === SOCK_DESTROY) throw new Errno(EOPNOTSUPP);
  return family === AF_UNIX ? unixDiag(network, request, dump) : inetDiag(network, request, dump);
}
