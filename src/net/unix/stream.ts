/** AF_UNIX, SOCK_STREAM: bytes in order, with descriptions and credentials at places in the stream. */
import { EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPIPE } from "../../abi/errno.ts";
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_WAITALL, SOCK_STREAM } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer } from "../../memory/types.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { NetCaller, PeerCredentials } from "../types.ts";
import { trueSize } from "../usage.ts";
import { UnixConnection } from "./connection.ts";

/** Most bytes of one message (SKB_MAX_ALLOC + UNIX_SKB_FRAGS_SZ). */
const LARGEST_PACKET = 48832;

export class UnixStream extends UnixConnection {
  constructor(network: Network, uid: number) {
    super(network, SOCK_STREAM, uid);
  }

  protected override another(uid: number): UnixStream {
    return new UnixStream(this.network, uid);
  }

  override send(caller: NetCaller, from: Transfer, message: Outgoing): Result {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    const { peer, network } = this;
    if (message.address !== null) return peer === null ? -EOPNOTSUPP : -EISCONN;
    if (peer === null) return -ENOTCONN;
    if (this.sendShutdown) return -EPIPE;
    let sent = 0;
    while (from.remaining > 0) {
      if (this.error !== 0) return sent > 0 ? sent : this.takeError();
      const largest = Math.min(LARGEST_PACKET, (this.options.sendBuffer >> 1) - 64, from.remaining);
      const fits = network.usage.allows(trueSize(largest));
      if (!this.mayAllocate || !fits) {
        if (sent > 0) return sent;
        const queues = fits ? [this.writable] : [this.writable, network.usage.freed];
        return this.wait(caller, queues, message.flags, this.options.sendTimeout);
      }
      const count = from.prepare(largest);
      if (peer.closed || peer.receiveShutdown) return sent > 0 ? sent : -EPIPE;
      this.deliver(caller, peer, from, count, message);
      sent += count;
    }
    return sent;
  }

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    const { flags } = message;
    if (!this.connected) return -EINVAL;
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    const peek = (flags & MSG_PEEK) !== 0;
    const skip = peek && this.options.peekOffset > 0 ? this.options.peekOffset : 0;
    const have = this.queue.bytes - skip;
    const wanted =
      (flags & MSG_WAITALL && peek ? into.remaining : Math.min(this.options.receiveLow, into.remaining)) || 1;
    if (have < wanted && (have <= 0 || !(flags & MSG_DONTWAIT))) {
      const none = have <= 0;
      if (none && this.error !== 0) return this.takeError();
      if (!this.receiveShutdown) {
        const waited = this.waitToReceive(caller, flags);
        if (typeof waited !== "number" || none) return waited;
      } else if (none) {
        return 0;
      }
    }
    const room = into.prepare(Math.min(have, into.remaining));
    return this.#copy(into, message, room, skip, peek);
  }

  /** Moves up to `room` bytes, as far as they belong together: one sender's where that is told, one set of descriptions. */
  #copy(into: Transfer, message: Incoming, room: number, skip: number, peek: boolean): number {
    const { queue, options } = this;
    let copied = 0;
    let index = 0;
    let sender: PeerCredentials | null = null;
    for (let packet = queue.at(0); packet !== undefined && copied < room; packet = queue.at(index)) {
      if (skip >= packet.length) {
        skip -= packet.length;
        index++;
        continue;
      }
      if (this.passesCredentials && sender !== null && !sameSender(sender, packet.credentials)) {
        message.complete = true;
        break;
      }
      if (sender === null) this.describe(packet, message);
      sender = packet.credentials;
      const from = packet.start + skip;
      const count = Math.min(packet.total - from, room - copied);
      into.put(packet.bytes(from, count));
      copied += count;
      skip = 0;
      this.takeRights(packet, message, peek);
      if (peek) index++;
      else if (count === packet.length) this.take();
      else queue.consume(count);
      if (message.complete) break;
    }
    if (options.peekOffset >= 0)
      options.peekOffset = peek ? options.peekOffset + copied : Math.max(options.peekOffset - copied, 0);
    return copied;
  }

  protected override get inputBytes(): number {
    return this.queue.bytes;
  }
}

const sameSender = (a: PeerCredentials, b: PeerCredentials): boolean =>
  a.pid === b.pid && a.uid === b.uid && a.gid === b.gid;
