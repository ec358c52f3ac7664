/** AF_UNIX, SOCK_DGRAM: reliable messages to a name, or to what the socket is connected to. */
import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EMSGSIZE,
  ENOBUFS,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
} from "../../abi/errno.ts";
import { POLLOUT, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import { AF_UNSPEC, MSG_DONTWAIT, MSG_OOB, SOCK_DGRAM } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer } from "../../memory/types.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import { credentialsOf, type NetCaller } from "../types.ts";
import { trueSize } from "../usage.ts";
import { familyBytes, findSocket, requireName } from "./names.ts";
import type { Packet } from "./packet.ts";
import { UnixSocket } from "./socket.ts";

export class UnixDatagram extends UnixSocket {
  /** Sockets that are connected to it, which learn when there is room in the queue. */
  readonly #clients = new Set<UnixDatagram>();

  constructor(network: Network, uid: number) {
    super(network, SOCK_DGRAM, uid);
  }

  pair(other: UnixDatagram, caller: NetCaller): void {
    this.#setPeer(other);
    other.#setPeer(this);
    this.peerIdentity = other.peerIdentity = credentialsOf(caller);
  }

  override connect(caller: NetCaller, address: Uint8Array, _flags: number): Result {
    let to: UnixSocket | null = null;
    if (familyBytes(address) !== AF_UNSPEC) {
      this.nameForCredentials();
      to = findSocket(this, caller, address);
      if (!this.#maySend(to)) return -EPERM;
    }
    const old = this.peer;
    this.#setPeer(to);
    if (old !== null && old !== to) this.#disconnected(old);
    this.writable.wake();
    return 0;
  }

  #setPeer(to: UnixSocket | null): void {
    if (this.peer instanceof UnixDatagram) this.peer.#clients.delete(this);
    this.peer = to;
    if (to instanceof UnixDatagram) to.#clients.add(this);
  }

  protected override take(): Packet {
    const wasFull = this.full;
    const packet = super.take();
    if (wasFull) for (const client of this.#clients) client.writable.wake();
    return packet;
  }

  /** What waits here came from the former peer, which is told that nobody reads it (unix_dgram_disconnected). */
  #disconnected(from: UnixSocket): void {
    if (this.queue.length === 0) return;
    this.purge();
    if (from.closed || from.peer !== this) return;
    from.error = ECONNRESET;
    from.wakeAll();
  }

  /** A connected socket takes messages from its peer only. */
  #maySend(to: UnixSocket): boolean {
    return to.peer === null || to.peer === this;
  }

  override send(caller: NetCaller, from: Transfer, message: Outgoing): Result {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    const { network } = this;
    if (message.address !== null) requireName(message.address);
    this.nameForCredentials();
    const length = from.remaining;
    if (length > this.options.sendBuffer - 32) return -EMSGSIZE;
    if (this.error !== 0) return this.takeError();
    if (this.sendShutdown) return -EPIPE;
    if (!this.mayAllocate) return this.waitToSend(caller, message.flags);
    if (!network.usage.allows(trueSize(length))) return -ENOBUFS;
    if (from.prepare(length) < length) return -EFAULT;
    const to = message.address === null ? this.peer : findSocket(this, caller, message.address);
    if (to === null) return -ENOTCONN;
    if (!this.#maySend(to)) return -EPERM;
    if (to.closed) {
      if (to === this.peer) {
        this.#setPeer(null);
        this.#disconnected(to);
      }
      return -ECONNREFUSED;
    }
    if (to.receiveShutdown) return -EPIPE;
    if (to.peer !== this && to.full) {
      return message.flags & MSG_DONTWAIT
        ? -EAGAIN
        : this.wait(caller, [to.room], message.flags, this.options.sendTimeout);
    }
    this.deliver(caller, to, from, length, message);
    return length;
  }

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    if (this.error !== 0) return this.takeError();
    if (this.queue.length > 0) return this.receiveMessage(into, message);
    if (this.receiveShutdown && !(message.flags & MSG_DONTWAIT)) return 0;
    return this.waitToReceive(caller, message.flags);
  }

  /** Not writable either while the queue of the peer is full. */
  override poll(): number {
    const events = super.poll();
    const { peer } = this;
    if (peer === null || peer.peer === this || !peer.full) return events;
    return events & ~(POLLOUT | POLLWRNORM | POLLWRBAND);
  }

  override shutdown(read: boolean, write: boolean): void {
    if (read) this.receiveShutdown = true;
    if (write) this.sendShutdown = true;
    this.wakeOwn();
  }

  protected override end(): void {
    this.receiveShutdown = this.sendShutdown = true;
    this.room.wake();
    this.purge();
    if (this.peer instanceof UnixDatagram) this.peer.#clients.delete(this);
    for (const client of this.#clients) client.writable.wake();
    super.end();
  }
}
