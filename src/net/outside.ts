/**
 * The way out of a machine, as sockets see it. What a socket wants of the world is a request, what comes of it is an event; both
 * are plain data. Nothing here is a promise: what stands behind it (net/egress/) collects what is to be asked of the Host, the
 * machine's loop takes it there, and hands the events in when the event loop has had its turn, which fires the sockets' wait
 * queues.
 *
 * Flow control is by credit, in both directions. A connection may have at most `SEND_WINDOW` bytes under way: "send" requests
 * count, "sent" events give back. The Host delivers at most what "receive" requests have asked for.
 */
import { ENETUNREACH } from "../abi/errno.ts";

/** Bytes that a connection may have on their way out at a time. */
export const SEND_WINDOW = 65536;

/** An address outside: 4 bytes (IPv4) or 16 (IPv6), never IPv4-mapped. */
export interface OutsideAddress {
  readonly address: Uint8Array;
  readonly port: number;
}

/** What sockets ask. `id` is a connection's or a datagram socket's own, unique within the machine. */
export type OutsideRequest =
  /** A TCP connection; "connected" or "failed" answers. */
  | { readonly kind: "connect"; readonly id: number; readonly to: OutsideAddress }
  /** Bytes in order; "sent" answers when the Host has taken them. */
  | { readonly kind: "send"; readonly id: number; readonly bytes: Uint8Array }
  /** The Host may deliver `bytes` more. */
  | { readonly kind: "receive"; readonly id: number; readonly bytes: number }
  /** No more is sent (FIN). */
  | { readonly kind: "finish"; readonly id: number }
  /** The connection ends; `reset`: without regard to what is under way. No event follows. */
  | { readonly kind: "close"; readonly id: number; readonly reset: boolean }
  /** A datagram; "datagram" events answer, or none. */
  | { readonly kind: "datagram"; readonly id: number; readonly to: OutsideAddress; readonly bytes: Uint8Array };

/** What happened outside. */
export type OutsideEvent =
  | { readonly kind: "connected"; readonly id: number }
  | { readonly kind: "sent"; readonly id: number; readonly bytes: number }
  | { readonly kind: "received"; readonly id: number; readonly bytes: Uint8Array }
  /** The other side sends no more. */
  | { readonly kind: "finished"; readonly id: number }
  /** The connection is gone, or never was: ECONNREFUSED, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, EACCES … */
  | { readonly kind: "failed"; readonly id: number; readonly errno: number }
  | { readonly kind: "datagram"; readonly id: number; readonly from: OutsideAddress; readonly bytes: Uint8Array };

/** Who is told of the events that carry its id: a socket, or what stands for its remote end. */
export interface OutsideListener {
  happened(event: OutsideEvent): void;
}

export interface Outside {
  /** Whether there is a route to `to`, which a connected datagram socket needs: 0, or a negative errno. */
  routes(type: number, to: OutsideAddress): number;
  /**
   * Whether a stream or datagram socket may address `to` at all, decided at once from what is known without asking: 0, or a
   * negative errno (ENETUNREACH without a way out, EACCES for what the function's egress forbids).
   */
  permits(type: number, to: OutsideAddress): number;
  /** The address that a socket which is not bound has when it talks to `to` (getsockname(2)). */
  source(to: OutsideAddress): Uint8Array;
  /** A new id whose events go to `listener` until `close`. */
  open(listener: OutsideListener): number;
  /** Queues a request; it leaves with the next turn of the event loop. */
  submit(request: OutsideRequest): void;
  /** No events of `id` are wanted any more. */
  close(id: number): void;
}

/** A machine without a way out. */
export const NO_OUTSIDE: Outside = {
  routes: () => -ENETUNREACH,
  permits: () => -ENETUNREACH,
  source: (to) => new Uint8Array(to.address.length),
  open: () => 0,
  submit() {},
  close() {},
};
