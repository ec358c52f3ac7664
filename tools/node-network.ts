/** A machine's network on Node (net/port.ts): node:net for streams, fetch() for DNS over HTTPS. */
import { connect } from "node:net";
import { Readable, Writable } from "node:stream";
import { type Duplex, StreamNetwork } from "../src/http/network.ts";

const RESOLVER = "https://cloudflare-dns.com/dns-query";

/** `places`: where host:port really is, for tests. */
export function nodeNetwork(resolver = RESOLVER, places: Readonly<Record<string, string>> = {}): StreamNetwork {
  return new StreamNetwork({
    connect: (host, port) => duplexTo(places[`${host}:${port}`] ?? `${host}:${port}`),
    fetch: (host, port, { target, length: _, ...request }) => {
      const init = { ...request, redirect: "manual", duplex: "half" } as RequestInit;
      return fetch(`http://${places[`${host}:${port}`] ?? `${host}:${port}`}${target}`, init);
    },
    resolve: (query, signal) =>
      fetch(resolver, {
        method: "POST",
        headers: { "Content-Type": "application/dns-message", Accept: "application/dns-message" },
        body: query as Uint8Array<ArrayBuffer>,
        signal,
      }),
  });
}

function duplexTo(place: string): Duplex {
  const at = place.lastIndexOf(":");
  const host = place.slice(0, at).replace(/^\[|\]$/g, "");
  const socket = connect({ host, port: Number(place.slice(at + 1)), allowHalfOpen: true });
  const opened = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    opened,
    readable: Readable.toWeb(socket, { type: "bytes" } as never) as unknown as ReadableStream<Uint8Array>,
    writable: Writable.toWeb(socket) as WritableStream<Uint8Array>,
    close: async () => void socket.destroy(),
  };
}
