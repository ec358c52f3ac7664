/** Messages in the queue of an AF_UNIX socket. */
import type { File } from "../../fs/file.ts";
import type { PeerCredentials } from "../types.ts";
import { trueSize } from "../usage.ts";
import type { UnixSocket } from "./socket.ts";

/** What one send, or a part of it, has put there. */
export class Packet {
  /** In the front of a slab (net/slabs.ts), which is free when the message has left the queue. */
  readonly slab: Uint8Array;
  /** Bytes of the message. */
  readonly total: number;
  /** Bytes that have been read (streams). */
  start = 0;
  /** What it counts against the sender's SO_SNDBUF. */
  readonly size: number;
  readonly sender: UnixSocket;
  readonly credentials: PeerCredentials;
  /** It is an urgent byte (MSG_OOB), and stays as a mark, without bytes, when that has been read out of line. */
  urgent = false;
  /** Descriptions that it carries, until they are received; and whose they count as. */
  rights: File[] | null = null;
  rightsUid = 0;
  /** CLOCK_REALTIME of its arrival, if the receiver asked for that. */
  time: { readonly sec: number; readonly nsec: number } | null = null;

  constructor(slab: Uint8Array, total: number, sender: UnixSocket, credentials: PeerCredentials) {
    this.slab = slab;
    this.total = total;
    this.size = trueSize(total);
    this.sender = sender;
    this.credentials = credentials;
  }

  get length(): number {
    return this.total - this.start;
  }

  /** `count` bytes of the message from `at` on. */
  bytes(at: number, count: number): Uint8Array {
    return at === 0 && count === this.slab.length ? this.slab : this.slab.subarray(at, at + count);
  }
}

/** First in, first out. */
export class PacketQueue {
  #packets: Packet[] = [];
  #head = 0;
  /** Unread bytes of all. */
  bytes = 0;

  get length(): number {
    return this.#packets.length - this.#head;
  }

  /** The one at `index`, 0 being the first. */
  at(index: number): Packet | undefined {
    return this.#packets[this.#head + index];
  }

  push(packet: Packet): void {
    this.#packets.push(packet);
    this.bytes += packet.length;
  }

  /** Takes the first one, which is there. */
  shift(): Packet {
    const packet = this.#packets[this.#head++];
    this.bytes -= packet.length;
    if (this.#head === this.#packets.length) {
      this.#packets.length = this.#head = 0;
    } else if (this.#head >= 64) {
      this.#packets.splice(0, this.#head);
      this.#head = 0;
    }
    return packet;
  }

  /** `count` bytes of `packet`, which is in the queue, have been read. */
  consume(packet: Packet, count: number): void {
    packet.start += count;
    this.bytes -= count;
  }

  /** Takes one from within the queue. */
  remove(packet: Packet): void {
    this.#packets.splice(this.#packets.indexOf(packet, this.#head), 1);
    this.bytes -= packet.length;
  }

  *[Symbol.iterator](): Iterator<Packet> {
    for (let i = this.#head; i < this.#packets.length; i++) yield this.#packets[i];
  }
}
