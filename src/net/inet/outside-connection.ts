/** The far end of a TCP connection that leaves the machine, as its socket sees it: requests out, events in (net/outside.ts). */
import { ECONNRESET } from "../../abi/errno.ts";
import { TCP_SYN_SENT } from "../../abi/socket.ts";
import { BytesTransfer } from "../../fs/transfer.ts";
import type { Transfer } from "../../memory/types.ts";
import { type Outside, type OutsideEvent, type OutsideListener, SEND_WINDOW } from "../outside.ts";
import { type Endpoint, ipBytes } from "./ip.ts";
import type { TcpSocket } from "./tcp.ts";
import type { TcpEnd } from "./tcp-stream.ts";

/** Bytes that a connection may bring when the buffers of all sockets are full. */
const LEAST_CREDIT = 4096;

export class OutsideConnection implements TcpEnd, OutsideListener {
  readonly #socket: TcpSocket;
  readonly #outside: Outside;
  readonly #id: number;
  /** Bytes that have been sent and not been taken; bytes that may still come. */
  #underWay = 0;
  #granted = 0;
  /** The other side has sent all; this one has. */
  #finished = false;
  #sentAll = false;
  #closed = false;

  constructor(socket: TcpSocket, outside: Outside, to: Endpoint) {
    this.#socket = socket;
    this.#outside = outside;
    this.#id = outside.open(this);
    outside.submit({ kind: "connect", id: this.#id, to: { address: ipBytes(to.ip), port: to.port } });
  }

  // ---- what the socket does

  get outside(): boolean {
    return true;
  }

  roomFor(space: number): number {
    return space - this.#underWay;
  }

  get unacknowledged(): number {
    return this.#underWay;
  }

  get refuses(): boolean {
    return false;
  }

  take(from: Transfer, count: number, _urgent: boolean): void {
    const bytes = new Uint8Array(count);
    from.take(bytes);
    this.#underWay += count;
    const { usage, interfaces } = this.#socket.network;
    usage.charge(count);
    interfaces.countSent(count);
    this.#outside.submit({ kind: "send", id: this.#id, bytes });
  }

  /** Asks for as much as the socket has room for, in large steps. */
  drained(): void {
    const { usage } = this.#socket.network;
    let more = this.#socket.roomFor(0) - this.#granted;
    if (!usage.allows(more)) more = Math.min(more, LEAST_CREDIT - this.#granted);
    if (more <= 0 || (more < SEND_WINDOW / 4 && this.#granted > 0)) return;
    this.#granted += more;
    this.#outside.submit({ kind: "receive", id: this.#id, bytes: more });
  }

  finish(): void {
    this.#sentAll = true;
    this.#outside.submit({ kind: "finish", id: this.#id });
    if (this.#finished) this.#close(false);
  }

  reset(): void {
    this.#close(true);
  }

  #close(reset: boolean): void {
    if (this.#closed) return;
    this.#outside.submit({ kind: "close", id: this.#id, reset });
    this.#forget();
  }

  #forget(): void {
    this.#closed = true;
    this.#outside.close(this.#id);
    this.#socket.network.usage.release(this.#underWay);
    this.#underWay = 0;
  }

  // ---- what happens outside

  happened(event: OutsideEvent): void {
    const socket = this.#socket;
    switch (event.kind) {
      case "connected":
        socket.opened(this);
        this.drained();
        break;
      case "sent":
        this.#underWay -= event.bytes;
        socket.network.usage.release(event.bytes);
        socket.drained();
        break;
      case "received":
        this.#granted -= event.bytes.length;
        socket.network.interfaces.countReceived(event.bytes.length);
        if (socket.refuses) {
          this.#close(true);
          socket.reset();
        } else {
          socket.take(new BytesTransfer(event.bytes), event.bytes.length, false);
        }
        break;
      case "finished":
        this.#finished = true;
        if (this.#sentAll) this.#close(false);
        socket.finish();
        break;
      case "failed":
        this.#forget();
        if (socket.tcpState !== TCP_SYN_SENT && event.errno === ECONNRESET) socket.reset();
        else socket.fail(event.errno);
        break;
    }
  }
}
