/** The far end of a TCP connection that leaves the machine, as its socket sees it: requests out, events in (net/outside.ts). */
import { BytesTransfer } from "../../fs/transfer.ts";
import type { Transfer } from "../../memory/types.ts";
import { type Outside, type OutsideEvent, type OutsideListener, SEND_WINDOW } from "../outside.ts";
import { type Endpoint, ipBytes } from "./ip.ts";
import type { TcpSocket } from "./tcp.ts";
import type { TcpEnd } from "./tcp-stream.ts";

export class OutsideConnection implements TcpEnd, OutsideListener {
  readonly #socket: TcpSocket;
  readonly #outside: Outside;
  readonly #id: number;
  /** Bytes that have been sent and not been taken; bytes that may still come. */
  #underWay = 0;
  #granted = 0;

  constructor(socket: TcpSocket, outside: Outside, to: Endpoint) {
    this.#socket = socket;
    this.#outside = outside;
    this.#id = outside.open(this);
    outside.submit({ kind: "connect", id: this.#id, to: { address: ipBytes(to.ip), port: to.port } });
  }

  // ---- what the socket does

  roomFor(_space: number): number {
    return SEND_WINDOW - this.#underWay;
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
    this.#outside.submit({ kind: "send", id: this.#id, bytes });
  }

  /** Asks for as much as the socket has room for, in large steps. */
  drained(): void {
    const more = this.#socket.roomFor(0) - this.#granted;
    if (more < SEND_WINDOW / 4 && this.#granted > 0) return;
    if (more <= 0) return;
    this.#granted += more;
    this.#outside.submit({ kind: "receive", id: this.#id, bytes: more });
  }

  finish(): void {
    this.#outside.submit({ kind: "finish", id: this.#id });
  }

  reset(): void {
    this.#close(true);
  }

  #close(reset: boolean): void {
    this.#outside.submit({ kind: "close", id: this.#id, reset });
    this.#outside.close(this.#id);
  }

  // ---- what happens outside

  outside(event: OutsideEvent): void {
    const socket = this.#socket;
    switch (event.kind) {
      case "connected":
        socket.opened(this);
        this.drained();
        break;
      case "sent":
        this.#underWay -= event.bytes;
        socket.drained();
        break;
      case "received":
        this.#granted -= event.bytes.length;
        if (socket.refuses) {
          this.#close(true);
          socket.reset();
        } else {
          socket.take(new BytesTransfer(event.bytes), event.bytes.length, false);
        }
        break;
      case "finished":
        if (socket.sendShutdown) this.#close(false);
        socket.finish();
        break;
      case "failed":
        this.#outside.close(this.#id);
        socket.fail(event.errno);
        break;
    }
  }
}
