/** Names of AF_UNIX sockets (unix(7)): paths, abstract names, and none. An address is a struct sockaddr_un, cut to its length. */
import { EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, ENOSPC, EPROTOTYPE, Errno } from "../../abi/errno.ts";
import { W_OK } from "../../abi/fcntl.ts";
import { AF_UNIX, SOCKADDR_UN_BYTES } from "../../abi/socket.ts";
import { isSocket, S_IFSOCK } from "../../abi/stat.ts";
import type { Inode } from "../../fs/inode.ts";
import { byteString, bytesOf } from "../../fs/name.ts";
import { require } from "../../fs/permission.ts";
import { makeNode } from "../../fs/tree.ts";
import type { Vfs } from "../../fs/vfs.ts";
import type { NetCaller } from "../types.ts";
import type { UnixSocket } from "./socket.ts";

/** Where sun_path begins. */
const PATH = 2;

export const isAbstract = (address: Uint8Array): boolean => address[PATH] === 0;

/** The path of an address that has one, a byte string. */
export const pathOf = (address: Uint8Array): string => byteString(address.subarray(PATH)).replace(/\0.*$/s, "");

/** EINVAL unless `address` names something (unix_validate_addr). */
export function requireName(address: Uint8Array): void {
  if (address.length <= PATH || address.length > SOCKADDR_UN_BYTES || familyBytes(address) !== AF_UNIX) {
    throw new Errno(EINVAL);
  }
}

export const familyBytes = (address: Uint8Array): number => (address.length < 2 ? -1 : address[0] | (address[1] << 8));

/** What getsockname(2) reports of a socket without a name. */
export const UNNAMED = Uint8Array.of(AF_UNIX, 0);

/** An address as it is kept: a path with its terminating NUL, an abstract name as long as it was given. */
export function canonical(address: Uint8Array): Uint8Array {
  if (isAbstract(address)) return address.slice();
  const path = pathOf(address);
  const bytes = new Uint8Array(PATH + path.length + 1);
  bytes[0] = AF_UNIX;
  bytes.set(bytesOf(path), PATH);
  return bytes;
}

/** Abstract names of a network namespace; sockets of different types do not meet. */
export class AbstractNames {
  readonly #sockets = new Map<string, UnixSocket>();
  #next = 1;

  find(address: Uint8Array, type: number): UnixSocket | null {
    return this.#sockets.get(key(address, type)) ?? null;
  }

  /** Throws EADDRINUSE. */
  add(address: Uint8Array, socket: UnixSocket): void {
    const name = key(address, socket.type);
    if (this.#sockets.has(name)) throw new Errno(EADDRINUSE);
    this.#sockets.set(name, socket);
  }

  remove(address: Uint8Array, socket: UnixSocket): void {
    const name = key(address, socket.type);
    if (this.#sockets.get(name) === socket) this.#sockets.delete(name);
  }

  /** A name of five hexadecimal digits that is free (autobind). Throws ENOSPC. */
  unused(type: number): Uint8Array {
    for (let tries = 0; tries <= 0xfffff; tries++) {
      const digits = this.#next.toString(16).padStart(5, "0");
      this.#next = (this.#next + 1) & 0xfffff;
      const address = Uint8Array.of(AF_UNIX, 0, 0, ...bytesOf(digits));
      if (!this.#sockets.has(key(address, type))) return address;
    }
    throw new Errno(ENOSPC);
  }
}

const key = (address: Uint8Array, type: number): string => type + byteString(address.subarray(PATH));

/** Makes the socket inode at a path. Throws EADDRINUSE and what mknod(2) does. */
export function makeSocketInode(vfs: Vfs, caller: NetCaller, path: string): Inode {
  const { fs } = caller;
  try {
    makeNode(vfs, caller, fs, fs.cwd, path, S_IFSOCK | (0o777 & ~fs.umask), 0);
  } catch (error) {
    if (error instanceof Errno && error.errno === EEXIST) throw new Errno(EADDRINUSE);
    throw error;
  }
  return vfs.lookup(caller, fs, fs.cwd, path, false).inode;
}

/** The socket bound to a path, which the caller may write to. Throws ECONNREFUSED, EACCES, EPROTOTYPE, and what walks throw. */
function findByPath(vfs: Vfs, caller: NetCaller, path: string, type: number): UnixSocket {
  const location = vfs.lookup(caller, caller.fs, caller.fs.cwd, path);
  require(caller, location, W_OK);
  const { inode } = location;
  const bound = isSocket(inode.mode) ? (inode.socket as UnixSocket | null) : null;
  if (bound === null) throw new Errno(ECONNREFUSED);
  if (bound.type !== type) throw new Errno(EPROTOTYPE);
  inode.accessed(location.mount.flags);
  return bound;
}

/** The socket that `address` names, for one of the same type to talk to. Throws EINVAL and as findByPath. */
export function findSocket(from: UnixSocket, caller: NetCaller, address: Uint8Array): UnixSocket {
  requireName(address);
  const { network, type } = from;
  if (!isAbstract(address)) return findByPath(network.environment.vfs, caller, pathOf(address), type);
  const found = network.abstractNames.find(address, type);
  if (found === null) throw new Errno(ECONNREFUSED);
  return found;
}
