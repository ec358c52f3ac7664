/** AF_UNIX sockets that are connected: SOCK_STREAM and SOCK_SEQPACKET. */
import { EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, EISCONN } from "../../abi/errno.ts";
import { POLLHUP, POLLIN, POLLRDNORM } from "../../abi/poll.ts";
import type { File } from "../../fs/file.ts";
import type { Result } from "../../fs/types.ts";
import type { Block } from "../../wait/queue.ts";
import type { Socket } from "../socket.ts";
import { credentialsOf, type NetCaller, type PeerCredentials } from "../types.ts";
import { findSocket } from "./names.ts";
import { UnixSocket } from "./socket.ts";

export abstract class UnixConnection extends UnixSocket {
  /** Connections that wait to be accepted. */
  readonly #pending: UnixConnection[] = [];

  get connected(): boolean {
    return this.peer !== null;
  }

  /** A socket of the same kind, for the other end. Throws ENFILE. */
  protected abstract another(uid: number): UnixConnection;

  /** Both ends of socketpair(2) become one connection. */
  pair(other: UnixConnection, caller: NetCaller): void {
    this.#join(other, credentialsOf(caller), credentialsOf(caller));
  }

  #join(other: UnixConnection, mine: PeerCredentials, theirs: PeerCredentials): void {
    this.peer = other;
    other.peer = this;
    this.peerIdentity = theirs;
    other.peerIdentity = mine;
    this.backlog = other.backlog = 0;
  }

  /** Of a listener: connections to be accepted. */
  get pending(): readonly UnixConnection[] {
    return this.#pending;
  }

  override get full(): boolean {
    return this.#pending.length > this.backlog;
  }

  override listen(caller: NetCaller, backlog: number): Result {
    if (this.address === null || this.connected) return -EINVAL;
    if (backlog > this.backlog) this.room.wake();
    this.backlog = backlog;
    this.listening = true;
    this.peerIdentity = credentialsOf(caller);
    return 0;
  }

  override connect(caller: NetCaller, address: Uint8Array, flags: number): Result {
    this.nameForCredentials();
    const found = findSocket(this, caller, address);
    if (!(found instanceof UnixConnection) || !found.listening || found.receiveShutdown) return -ECONNREFUSED;
    if (found.full) {
      const waited = this.wait(caller, [found.room], flags, this.options.sendTimeout);
      return waited;
    }
    if (this.connected) return -EISCONN;
    if (this.listening) return -EINVAL;
    const end = found.another(found.uid);
    end.address = found.address;
    end.listener = found;
    end.options.passCredentials = found.options.passCredentials;
    this.#join(end, credentialsOf(caller), found.peerIdentity!);
    found.#pending.push(end);
    found.readable.wake();
    this.writable.wake();
    return 0;
  }

  override accept(caller: NetCaller, flags: number): Socket | number | Block {
    if (!this.listening) return -EINVAL;
    const next = this.#pending.shift();
    if (next !== undefined) {
      next.listener = null;
      this.room.wake();
      return next;
    }
    if (this.receiveShutdown) return flags !== 0 ? -EAGAIN : -EINVAL;
    return this.waitToReceive(caller, flags);
  }

  override shutdown(read: boolean, write: boolean): void {
    if (read) this.receiveShutdown = true;
    if (write) this.sendShutdown = true;
    const { peer } = this;
    if (peer !== null) {
      if (read) peer.sendShutdown = true;
      if (write) peer.receiveShutdown = true;
      peer.wakeAll();
    }
    this.wakeOwn();
    if (this.listening && read) this.room.wake();
  }

  override poll(): number {
    if (this.listening) {
      const waiting = this.#pending.length > 0 ? POLLIN | POLLRDNORM : 0;
      return (super.poll() | waiting) >>> 0;
    }
    return super.poll() | (this.connected ? 0 : POLLHUP);
  }

  override *filesInQueue(): Iterable<File> {
    yield* super.filesInQueue();
    for (const pending of this.#pending) yield* pending.filesInQueue();
  }

  override purge(): void {
    super.purge();
    for (const pending of this.#pending) pending.purge();
  }

  protected override end(): void {
    const { peer } = this;
    const reset = this.queue.length > 0 || this.listener !== null;
    this.receiveShutdown = this.sendShutdown = true;
    this.room.wake();
    if (peer !== null) {
      peer.receiveShutdown = peer.sendShutdown = true;
      if (reset) peer.error = ECONNRESET;
      peer.wakeAll();
    }
    this.purge();
    for (const pending of this.#pending.splice(0)) pending.close();
    super.end();
  }
}
