/**
 * What a machine asks of its host's network: streams by host and port, and DNS messages. Plain data, asynchronous and in
 * batches, like everything behind Host. The machine has decided by then that it may (net/egress/); the host does as it is told.
 *
 * Flow control is that of net/outside.ts: "sent" gives back what "send" took, and at most as many bytes are delivered as
 * "receive" has asked for.
 */

export type NetworkRequest =
  /** A TCP connection to a host's name or address; "connected" or "failed" answers. */
  | { readonly kind: "connect"; readonly id: number; readonly host: string; readonly port: number }
  | { readonly kind: "send"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "receive"; readonly id: number; readonly bytes: number }
  /** No more is sent (FIN). */
  | { readonly kind: "finish"; readonly id: number }
  /** The connection ends: when all is sent, or at once. No event follows. */
  | { readonly kind: "close"; readonly id: number; readonly reset: boolean }
  /** A DNS message (RFC 1035) to the resolver; "answered" answers. */
  | { readonly kind: "query"; readonly id: number; readonly bytes: Uint8Array };

export type NetworkEvent =
  | { readonly kind: "connected"; readonly id: number }
  | { readonly kind: "sent"; readonly id: number; readonly bytes: number }
  | { readonly kind: "received"; readonly id: number; readonly bytes: Uint8Array }
  /** The other side sends no more. */
  | { readonly kind: "finished"; readonly id: number }
  /** The connection is gone, or never was. `message` is the host's own, for the log. */
  | { readonly kind: "failed"; readonly id: number; readonly errno: number; readonly message: string }
  /** The resolver's answer; null when there was none, for the reason in `message`. */
  | { readonly kind: "answered"; readonly id: number; readonly bytes: Uint8Array | null; readonly message: string };

/** A host's network, as one run of a machine uses it. */
export interface NetworkPort {
  /** Begins; from now on `deliver` is called with what has happened, in order. */
  open(deliver: (events: readonly NetworkEvent[]) => void): NetworkSession;
}

export interface NetworkSession {
  submit(requests: readonly NetworkRequest[]): void;
  /** Resolves when all that was to be sent before "close" has left, or nothing is open any more. */
  drained(): Promise<void>;
  /** Closes everything at once. Nothing is delivered after it. */
  close(): void;
}
