/** The way out of a Worker: connect() for streams, fetch() for DNS. */
import { connect } from "cloudflare:sockets";
import type { Env } from "./env.ts";
import { type Platform, StreamNetwork } from "./network.ts";

/** Where DNS queries go unless `DOH_URL` says otherwise. */
const RESOLVER = "https://cloudflare-dns.com/dns-query";

export function workersNetwork(env: Env): StreamNetwork {
  const places = env.EGRESS_MAP === undefined ? new Map<string, string>() : parseMap(env.EGRESS_MAP);
  const platform: Platform = {
    connect: (host, port) => {
      const place = places.get(`${host}:${port}`) ?? `${host}:${port}`;
      if (place.startsWith("http://"))
        throw new Error("cannot connect to the specified address: EGRESS_MAP says fetch()");
      return connect(place, { allowHalfOpen: true, secureTransport: "off" });
    },
    fetch: (host, port, { method, target, headers, body, length, signal }) => {
      const place = places.get(`${host}:${port}`) ?? `${host}:${port}`;
      return fetch(`http://${place.replace(/^http:\/\//, "")}${target}`, {
        method,
        headers,
        body: body === null || length === null ? body : ofLength(body, length),
        signal,
        redirect: "manual",
      });
    },
    resolve: (query, signal) =>
      fetch(env.DOH_URL ?? RESOLVER, {
        method: "POST",
        headers: { "Content-Type": "application/dns-message", Accept: "application/dns-message" },
        body: query as Uint8Array<ArrayBuffer>,
        signal,
      }),
  };
  return new StreamNetwork(platform);
}

/** The body with its length, so that the request tells it. */
function ofLength(body: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new FixedLengthStream(length);
  body.pipeTo(writable).catch(() => {});
  return readable;
}

/**
 * `host:port=host:port`, separated by spaces or commas: where what functions may reach really is, for development. With `http://`
 * before the second it is reached as hosts are that only fetch() reaches.
 */
function parseMap(text: string): Map<string, string> {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  return new Map(entries.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]));
}
