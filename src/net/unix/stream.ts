/** AF_UNIX, SOCK_STREAM: bytes in order, with descriptions and credentials at places in the stream. */
import { EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPIPE } from "../../abi/errno.ts";
import { POLLPRI } from "../../abi/poll.ts";
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_WAITALL, SIOCATMARK, SOCK_STREAM } from "../../abi/socket.ts";
import type { Result } from "../../fs/types.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Network } from "../network.ts";
import type { NetCaller, PeerCredentials } from "../types.ts";
import { trueSize } from "../usage.ts";
import { UnixConnection } from "./connection.ts";
import type { Packet } from "./packet.ts";

/** Most bytes of one message (SKB_MAX_ALLOC + UNIX_SKB_FRAGS_SZ). */
const LARGEST_PACKET = 48832;

export class UnixStream extends UnixConnection {
  /** The last urgent byte, until it is read. */
  #urgent: Packet | null = null;
  /** Packets in the queue that are or were urgent. */
  #marks = 0;

  constructor(network: Network, uid: number) {
    super(network, SOCK_STREAM, uid);
  }

  protected override another(uid: number): UnixStream {
    return new UnixStream(this.network, uid);
  }

  override send(caller: NetCaller, from: Transfer, message: Outgoing): Result {
    const { peer, network } = this;
    if (message.address !== null) return peer === null ? -EOPNOTSUPP : -EISCONN;
    if (peer === null) return -ENOTCONN;
    if (this.sendShutdown) return -EPIPE;
    const urgent = (message.flags & MSG_OOB) !== 0;
    if (urgent && from.remaining === 0) return -EOPNOTSUPP;
    let sent = 0;
    while (from.remaining > 0) {
      if (this.error !== 0) return sent > 0 ? sent : this.takeError();
      const largest = Math.min(LARGEST_PACKET, (this.options.sendBuffer >> 1) - 64, before(from, urgent));
      const fits = network.usage.allows(trueSize(largest));
      if (!this.mayAllocate || !fits) {
        if (sent > 0) return sent;
        const queues = fits ? [this.writable] : [this.writable, network.usage.freed];
        return this.wait(caller, queues, message.flags, this.options.sendTimeout);
      }
      const count = from.prepare(largest);
      if (peer.closed || peer.receiveShutdown) return sent > 0 ? sent : -EPIPE;
      this.deliver(caller, peer, from, count, message, urgent && from.remaining === 1);
      sent += count;
    }
    return sent;
  }

  // ---- urgent bytes (MSG_OOB)

  protected override marked(packet: Packet): void {
    this.#urgent = packet;
    this.#marks++;
    if (this.file !== null) this.network.environment.urgent(this.file);
  }

  protected override left(packet: Packet): void {
    super.left(packet);
    if (packet.urgent) this.#marks--;
    if (packet === this.#urgent) this.#urgent = null;
  }

  /** MSG_OOB: the urgent byte; a mark without bytes stays in its place (unix_stream_recv_urg). */
  #receiveUrgent(into: Transfer, message: Incoming): Result {
    const packet = this.#urgent;
    if (packet === null || this.options.oobInline) return -EINVAL;
    into.prepare(1);
    this.describe(packet, message);
    into.put(packet.bytes(0, 1));
    message.found |= MSG_OOB;
    if (message.flags & MSG_PEEK) return 1;
    const { queue } = this;
    queue.consume(packet, 1);
    this.#urgent = null;
    // Of two marks in a row one is enough.
    for (let i = 1, before = queue.at(0)!; before !== packet; i++) {
      const next = queue.at(i)!;
      if (next === packet && before.length === 0) {
        queue.remove(before);
        this.left(before);
      }
      before = next;
    }
    return 1;
  }

  /** The next byte is at the mark (SIOCATMARK). */
  get #atMark(): boolean {
    const first = this.queue.at(0);
    if (first === undefined) return false;
    const urgent = this.#urgent;
    return first === urgent || (first.length === 0 && (urgent === null || this.queue.at(1) === urgent));
  }

  /**
   * Where reading goes on when it has come to `index`, which may be a mark: -1 where it stops there, or nothing follows. A mark is
   * taken away, and an urgent byte that nobody has asked for is lost (manage_oob).
   */
  #pastMark(index: number, copied: number, peek: boolean): number {
    const { queue } = this;
    let packet = queue.at(index);
    if (packet === undefined) return -1;
    if (packet.length === 0) {
      if (copied > 0 && this.#urgent === null) return -1;
      if (peek) index++;
      else this.take();
      packet = queue.at(index);
      if (packet === undefined) return -1;
    }
    if (packet !== this.#urgent) return index;
    if (copied > 0) return -1;
    if (this.options.oobInline) {
      if (!peek) this.#urgent = null;
      return index;
    }
    if (peek) index++;
    else this.take();
    return queue.at(index) === undefined ? -1 : index;
  }

  override ioctl(caller: NetCaller, memory: UserMemory, request: number, argument: number): Result {
    if (request !== SIOCATMARK) return super.ioctl(caller, memory, request, argument);
    memory.setU32(argument, Number(this.#atMark));
    return 0;
  }

  override poll(): number {
    return this.#urgent === null ? super.poll() : super.poll() | POLLPRI;
  }

  // ---- receiving

  override receive(caller: NetCaller, into: Transfer, message: Incoming): Result {
    const { flags } = message;
    if (!this.connected) return -EINVAL;
    if (flags & MSG_OOB) return this.#receiveUrgent(into, message);
    const peek = (flags & MSG_PEEK) !== 0;
    const skip = peek && this.options.peekOffset > 0 ? this.options.peekOffset : 0;
    const have = this.queue.bytes - skip;
    const wanted =
      (flags & MSG_WAITALL && peek ? into.remaining : Math.min(this.options.receiveLow, into.remaining)) || 1;
    if (have < wanted && (have <= 0 || !(flags & MSG_DONTWAIT))) {
      const none = have <= 0;
      if (!none || this.#marks === 0) {
        const answer = this.#nothing(caller, flags, none);
        if (answer !== null) return answer;
      }
    }
    const room = into.prepare(Math.min(Math.max(have, 0), into.remaining));
    if (into.remaining === 0) return 0;
    // There may be only marks.
    return this.#copy(into, message, room, skip, peek) || (this.#nothing(caller, flags, true) ?? 0);
  }

  /** What a receive answers that finds less than it wants, or (`none`) nothing; null when it takes what there is. */
  #nothing(caller: NetCaller, flags: number, none: boolean): Result | null {
    if (none && this.error !== 0) return this.takeError();
    if (this.receiveShutdown) return none ? 0 : null;
    const waited = this.waitToReceive(caller, flags);
    return typeof waited !== "number" || none ? waited : null;
  }

  /**
   * Moves up to `room` bytes, as far as they belong together: one sender's where that is told, one set of descriptions, what is on
   * one side of an urgent mark.
   */
  #copy(into: Transfer, message: Incoming, room: number, skip: number, peek: boolean): number {
    const { queue, options } = this;
    let copied = 0;
    let index = 0;
    let sender: PeerCredentials | null = null;
    do {
      if (this.#marks > 0) {
        index = this.#pastMark(index, copied, peek);
        if (index < 0) {
          message.complete = copied > 0;
          break;
        }
      }
      const packet = queue.at(index);
      if (packet === undefined) break;
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
      else queue.consume(packet, count);
      if (message.complete) break;
    } while (copied < room);
    if (options.peekOffset >= 0)
      options.peekOffset = peek ? options.peekOffset + copied : Math.max(options.peekOffset - copied, 0);
    return copied;
  }

  protected override get inputBytes(): number {
    return this.queue.bytes;
  }
}

/** Bytes that the next packet may have: an urgent one, the last, is by itself. */
const before = ({ remaining }: Transfer, urgent: boolean): number =>
  urgent && remaining > 1 ? remaining - 1 : remaining;

const sameSender = (a: PeerCredentials, b: PeerCredentials): boolean =>
  a.pid === b.pid && a.uid === b.uid && a.gid === b.gid;
