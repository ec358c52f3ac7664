import { EAGAIN, ENOTTY, EOPNOTSUPP, Errno } from "../abi/errno.ts";
import {
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../abi/poll.ts";
import { MSG_DONTWAIT } from "../abi/socket.ts";
import type { Result } from "../fs/types.ts";
import type { Transfer, UserMemory } from "../memory/types.ts";
import { Block, EINTR_ALWAYS, ERESTARTSYS, WaitQueue } from "../wait/queue.ts";
import type { SocketFile } from "./file.ts";
import { SocketFilter } from "./filter.ts";
import { interfaceIoctl } from "./interface-ioctl.ts";
import type { Incoming, Outgoing } from "./message.ts";
import type { Network } from "./network.ts";
import { SocketOptions } from "./options.ts";
import type { NetCaller, PeerCredentials } from "./types.ts";

/** What a call that waits with a timeout remembers: monotonic nanoseconds at which it gives up. */
interface Waiting {
  readonly until: number;
}

/**
 * A socket (socket(7)). Subclasses are what address families and types make of it. Operations return a count or 0, a negative
 * errno, or Block; EFAULT and NeedPage are thrown before anything has changed. Addresses are the bytes of a struct sockaddr.
 */
export abstract class Socket {
  readonly network: Network;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly options: SocketOptions;
  readonly filter = new SocketFilter();
  /** Identity that never comes again (SO_COOKIE). */
  readonly cookie: number;
  /** Who owns it: the effective user at socket(2). */
  readonly uid: number;
  /** The description that it is open as; null in an accept queue and after the last close. */
  file: SocketFile | null = null;
  /** SO_ERROR: errno of what went wrong meanwhile, 0 for none. */
  error = 0;
  /** No more is received, or sent (shutdown(2), or what the peer did). */
  receiveShutdown = false;
  sendShutdown = false;
  listening = false;
  /** A send, a poll or a connection waits for room, which O_ASYNC tells of (SOCKWQ_ASYNC_NOSPACE). */
  wantsRoom = false;
  /** Waiters are woken for what the program itself has done, of which O_ASYNC does not tell. */
  quiet = false;
  /** Fires when poll(2) may see more to read: data, end, connections, errors. */
  readonly readable = new WaitQueue(POLLIN | POLLRDNORM | POLLRDBAND | POLLRDHUP | POLLPRI | POLLHUP);
  /** Fires when poll(2) may see room, a connection, or an error. */
  readonly writable = new WaitQueue(POLLOUT | POLLWRNORM | POLLWRBAND | POLLHUP);
  #closed = false;

  /** Throws ENFILE. */
  constructor(network: Network, family: number, type: number, protocol: number, uid: number) {
    network.usage.addSocket();
    this.network = network;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    this.uid = uid;
    this.cookie = network.nextCookie();
    this.options = new SocketOptions();
    network.sockets.add(this);
  }

  /** The last descriptor is gone, or it never had one: it may live on where the protocol says so. */
  get closed(): boolean {
    return this.#closed;
  }

  // ---- what the system calls ask

  abstract bind(caller: NetCaller, address: Uint8Array): Result;
  abstract connect(caller: NetCaller, address: Uint8Array, flags: number): Result;
  /** getsockname(2), getpeername(2). Throw ENOTCONN. */
  abstract name(): Uint8Array;
  abstract peerName(): Uint8Array;
  /** What accept(2) tells of the peer of a connection that it returns. */
  acceptedName(): Uint8Array {
    return this.peerName();
  }
  /** Sends what `from` has, or a part of it on streams. EPIPE does not send SIGPIPE here. */
  abstract send(caller: NetCaller, from: Transfer, message: Outgoing): Result;
  abstract receive(caller: NetCaller, into: Transfer, message: Incoming): Result;
  abstract poll(): number;
  /** shutdown(2) of the directions. Throws ENOTCONN. */
  abstract shutdown(read: boolean, write: boolean): void;
  /** What close(2) of the last descriptor does. */
  protected abstract end(): void;

  listen(_caller: NetCaller, _backlog: number): Result {
    return -EOPNOTSUPP;
  }

  /** A connection from the queue. `flags`: MSG_DONTWAIT or 0. */
  accept(_caller: NetCaller, _flags: number): Socket | number | Block {
    return -EOPNOTSUPP;
  }

  /** Options of levels other than SOL_SOCKET. Throws ENOPROTOOPT, EINVAL. */
  setOption(_caller: NetCaller, _level: number, _name: number, _value: Uint8Array): number {
    throw new Errno(EOPNOTSUPP);
  }
  /** `room` is how many bytes the caller has for it. */
  getOption(_caller: NetCaller, _level: number, _name: number, _room: number): Uint8Array {
    throw new Errno(EOPNOTSUPP);
  }

  /** SO_PEERCRED; null where no connection says who the peer is. */
  get peerCredentials(): PeerCredentials | null {
    return null;
  }

  /** Bytes that can be read (FIONREAD), and that have been written and are not gone (SIOCOUTQ). */
  abstract get readableBytes(): number;
  abstract get unsentBytes(): number;

  ioctl(caller: NetCaller, memory: UserMemory, request: number, argument: number): Result {
    return interfaceIoctl(this.network, this.family, caller, memory, request, argument) ?? -ENOTTY;
  }

  /** State letter of /proc/net and tcp_info, where there is one. */
  get state(): number {
    return 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.end();
  }

  /** Takes it out of the network's list. Called once, by `end` or when what lived on has ended. */
  protected forget(): void {
    if (!this.network.sockets.delete(this)) return;
    this.filter.release(this);
    this.network.usage.removeSocket();
  }

  // ---- for subclasses

  /** The error that is pending, as a negative errno, which it is no more then; 0 for none. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return -error;
  }

  /** Something happened that every waiter wants to know. */
  wakeAll(): void {
    this.readable.wake();
    this.writable.wake();
  }

  /** As `wakeAll`, for what the program itself has done. */
  protected wakeOwn(): void {
    this.quiet = true;
    this.wakeAll();
    this.quiet = false;
  }

  /**
   * The caller waits for one of `queues`, at most until the socket's timeout: -EAGAIN when that is over or it must not wait.
   * A wait that can time out is not restarted after a signal (sock_intr_errno).
   */
  protected wait(caller: NetCaller, queues: readonly WaitQueue[], flags: number, timeout: number): number | Block {
    if (queues[0] === this.writable) this.wantsRoom = true;
    if (flags & MSG_DONTWAIT) return -EAGAIN;
    if (timeout === Number.POSITIVE_INFINITY) return new Block(queues, ERESTARTSYS);
    const now = this.network.environment.now();
    const until = (caller.saved as Waiting | null)?.until ?? now + timeout;
    if (now >= until) return -EAGAIN;
    return new Block(queues, EINTR_ALWAYS, { deadline: until, saved: { until } satisfies Waiting });
  }

  protected waitToReceive(caller: NetCaller, flags: number): number | Block {
    return this.wait(caller, [this.readable], flags, this.options.receiveTimeout);
  }

  protected waitToSend(caller: NetCaller, flags: number): number | Block {
    return this.wait(caller, [this.writable], flags, this.options.sendTimeout);
  }
}
