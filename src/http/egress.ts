/** The way out of a Worker: connect() for streams, fetch() for DNS. */
import { connect } from "cloudflare:sockets";
import type { Env } from "./env.ts";
import { type Platform, StreamNetwork } from "./network.ts";

/** Where DNS queries go unless `DOH_URL` says otherwise. */
const RESOLVER = "https://cloudflare-dns.com/dns-query";

export function workersNetwork(env: Env): StreamNetwork {
  const places = env.EGRESS_MAP === undefined ? new Map<string, string>() : parseMap(env.EGRESS_MAP);
  const platform: Platform = {
    connect: (host, port) =>
      connect(places.get(`${host}:${port}`) ?? `${host}:${port}`, { allowHalfOpen: true, secureTransport: "off" }),
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

/** `host:port=host:port`, separated by spaces or commas: where what functions may reach really is, for development. */
function parseMap(text: string): Map<string, string> {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  return new Map(entries.map((entry) => entry.split(/=(.*)/s, 2) as [string, string]));
}
