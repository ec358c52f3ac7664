/** What a TCP connection has received: bytes in order, and at most one urgent mark among them (RFC 6093; tcp(7)). */
import type { Transfer } from "../../memory/types.ts";
import type { Slabs } from "../slabs.ts";
import { ByteQueue } from "./byte-queue.ts";

const NONE = 0;
/** The urgent byte is there and has not been read by MSG_OOB; or it has. */
const UNREAD = 1;
const READ = 2;

export class ReceiveBuffer {
  readonly #queue: ByteQueue;
  /** Place in the stream of the first byte of the queue. */
  #position = 0;
  /** Place in the stream of the urgent byte, if there is a mark. */
  #mark = 0;
  #urgent = NONE;

  constructor(slabs: Slabs) {
    this.#queue = new ByteQueue(slabs);
  }

  /** Bytes, the urgent one included. */
  get length(): number {
    return this.#queue.length;
  }

  /** The next byte is the urgent one (SIOCATMARK). */
  get atMark(): boolean {
    return this.#urgent !== NONE && this.#mark === this.#position;
  }

  /** There is an urgent byte that has not been read as such. */
  get urgentUnread(): boolean {
    return this.#urgent === UNREAD;
  }

  /** There is or was an urgent byte that MSG_OOB could tell of. */
  get urgentKnown(): boolean {
    return this.#urgent !== NONE;
  }

  /** Bytes that a plain read finds. `inline`: the urgent one too (SO_OOBINLINE). */
  readable(inline: boolean): number {
    return this.length - (this.atMark && !inline ? 1 : 0);
  }

  /** What FIONREAD tells: up to the mark, if there is one ahead. */
  beforeMark(inline: boolean): number {
    const ahead = this.#mark - this.#position;
    return inline || this.#urgent === NONE || ahead < 0 || ahead >= this.length ? this.length : ahead;
  }

  /** Appends `count` bytes that `from` has prepared; `urgent`: the last one is. */
  push(from: Transfer, count: number, urgent: boolean, inline: boolean): void {
    this.#queue.push(from, count);
    if (!urgent) return;
    // A new mark makes the byte at the old one plain data, unless a reader stands before it (tcp_check_urg).
    if (this.atMark && !inline) this.drop(1);
    this.#mark = this.#position + this.length - 1;
    this.#urgent = UNREAD;
  }

  /** Moves bytes to `into`, which has prepared `room`; stops at the mark. Peeking starts at `skip`. How many. */
  read(into: Transfer, room: number, peek: boolean, skip: number, inline: boolean): number {
    let copied = 0;
    let at = skip;
    while (copied < room && at < this.length) {
      let run = Math.min(room - copied, this.length - at);
      if (this.#urgent !== NONE) {
        const ahead = this.#mark - this.#position - at;
        if (ahead === 0 && copied > 0) break;
        if (ahead === 0 && !inline) {
          if (peek) at++;
          else this.drop(1);
          continue;
        }
        if (ahead > 0 && ahead < run) run = ahead;
      }
      this.#queue.copy(into, at, run);
      copied += run;
      if (peek) at += run;
      else this.drop(run);
    }
    return copied;
  }

  /** Takes bytes away, and the mark with them. */
  drop(count: number): void {
    this.#queue.drop(count);
    this.#position += count;
    if (this.#urgent !== NONE && this.#mark < this.#position) this.#urgent = NONE;
  }

  /** The urgent byte (MSG_OOB); it stays in its place in the stream. */
  urgentByte(peek: boolean): number {
    if (!peek) this.#urgent = READ;
    return this.#queue.at(this.#mark - this.#position);
  }

  clear(): void {
    this.#queue.truncate(0);
    this.#urgent = NONE;
  }
}
