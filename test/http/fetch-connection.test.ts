/** Plain HTTP to hosts that the platform's connect() does not reach, through its fetch(). */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ECONNREFUSED, ECONNRESET } from "../../src/abi/errno.ts";
import type { HttpExchange } from "../../src/http/fetch-connection.ts";
import { StreamNetwork } from "../../src/http/network.ts";
import type { NetworkEvent } from "../../src/net/port.ts";

/** What workerd says of a connection to an address of Cloudflare's network. */
const REFUSAL =
  "proxy request failed, cannot connect to the specified address. It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead";

let server: Server;
let place = "";
const seen: string[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(parts);
    const { host: _host, connection: _connection, ...headers } = request.headers;
    seen.push(`${request.method} ${request.url} ${JSON.stringify(headers)} ${body.length}`);
    if (request.url === "/moved") response.writeHead(302, { Location: "http://elsewhere.test/" }).end();
    else if (request.url === "/chunks") {
      response.write("one ");
      response.end("two");
    } else if (request.url === "/gzip")
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("unpacked"));
    else if (request.url === "/big") response.end("0123456789abcdef".repeat(1 << 16));
    else if (request.url === "/cookies") response.writeHead(204, { "Set-Cookie": ["a=1", "b=2"] }).end();
    else response.writeHead(200, { "Content-Length": body.length + 3 }).end(`ok ${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  place = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

/** A connection to web.test on which `text` is sent in pieces of `size` bytes: what comes back, until it ends. */
async function talk(text: string, { port = 80, size = 1 << 20, message = REFUSAL, finish = true } = {}) {
  const network = new StreamNetwork({
    connect() {
      throw new Error(message);
    },
    fetch: (_host, _port, { target, length: _, ...request }: HttpExchange) =>
      fetch(place + target, { ...request, redirect: "manual", duplex: "half" } as RequestInit),
    resolve: () => Promise.reject(new Error("not asked")),
  });
  const events: NetworkEvent[] = [];
  const over = Promise.withResolvers<void>();
  const bytes = Buffer.from(text, "latin1");
  let answer = "";
  const session = network.open((batch) => {
    for (const event of batch) {
      if (event.kind === "received") {
        answer += Buffer.from(event.bytes).toString("latin1");
        session.submit([{ kind: "receive", id: 1, bytes: event.bytes.length }]);
      } else if (event.kind === "connected") {
        session.submit([{ kind: "receive", id: 1, bytes: 100_000 }]);
        for (let at = 0; at < bytes.length; at += size) {
          session.submit([{ kind: "send", id: 1, bytes: Uint8Array.from(bytes.subarray(at, at + size)) }]);
        }
        if (finish) session.submit([{ kind: "finish", id: 1 }]);
      } else if (event.kind !== "sent") events.push(event);
      if (event.kind === "finished" || event.kind === "failed") over.resolve();
    }
  });
  seen.length = 0;
  session.submit([{ kind: "connect", id: 1, host: "web.test", port }]);
  await over.promise;
  session.close();
  return { answer, events };
}

/** Status, fields that matter, and body of an answer. */
const bare = (answer: string) => answer.replace(/(date|keep-alive|server): .*\r\n/gi, "");

const HOST = "Host: web.test\r\n";

describe("requests", () => {
  test("one, with a query, in pieces of one byte", async () => {
    const { answer } = await talk(
      `GET /a?b=%20c HTTP/1.1\r\n${HOST}X-One: 1\r\nConnection: close, x-two\r\nX-Two: 2\r\n\r\n`,
      {
        size: 1,
      },
    );
    expect(bare(answer)).toBe("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok ");
    expect(seen).toEqual([expect.stringMatching(/^GET \/a\?b=%20c \{.*"x-one":"1".*\} 0$/)]);
    expect(seen[0]).not.toContain("x-two");
    expect(seen[0]).toContain('"accept-encoding":"identity"');
  });

  test("several on one connection, with bodies of both kinds", async () => {
    const { answer, events } = await talk(
      `POST /1 HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nfirst` +
        `POST /2 HTTP/1.1\r\nhost: WEB.test:80\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nsec\r\n3\r\nond\r\n0\r\nA: b\r\n\r\n` +
        `GET http://web.test/chunks HTTP/1.1\r\n${HOST}\r\nHEAD / HTTP/1.1\r\n${HOST}\r\n`,
    );
    expect(bare(answer)).toBe(
      "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nok first" +
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok second" +
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n".replace(
          /4\r\none \r\n3\r\ntwo/,
          answer.includes("7\r\none two") ? "7\r\none two" : "4\r\none \r\n3\r\ntwo",
        ) +
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n",
    );
    expect(events).toEqual([{ kind: "finished", id: 1 }]);
  });

  test("HTTP/1.0 ends with the connection", async () => {
    const { answer } = await talk("GET /chunks HTTP/1.0\r\n\r\n", { finish: false });
    expect(bare(answer)).toBe("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\none two");
  });

  test("100-continue, a large body and a large answer", async () => {
    const body = "x".repeat(300_000);
    const { answer } = await talk(
      `PUT /p HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      {
        size: 50_000,
      },
    );
    expect(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")).toBe(true);
    expect(answer.endsWith(`ok ${body}`)).toBe(true);
    const big = await talk(`GET /big HTTP/1.0\r\n${HOST}\r\n`);
    expect(big.answer.length - big.answer.indexOf("\r\n\r\n") - 4).toBe(1 << 20);
  });

  test("redirections and cookies are answers, what fetch() has unpacked is not said to be packed", async () => {
    expect((await talk(`GET /moved HTTP/1.0\r\n${HOST}\r\n`)).answer).toMatch(
      /^HTTP\/1.1 302 Found\r\n(.*\r\n)*location: http:\/\/elsewhere.test\/\r\n/i,
    );
    expect(bare((await talk(`GET /cookies HTTP/1.1\r\n${HOST}\r\n`)).answer)).toBe(
      "HTTP/1.1 204 No Content\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n",
    );
    const { answer } = await talk(`GET /gzip HTTP/1.0\r\n${HOST}Accept-Encoding: gzip\r\n\r\n`);
    expect(answer).toMatch(/\r\n\r\nunpacked$/);
    expect(answer).not.toMatch(/content-encoding|content-length/i);
  });
});

describe("what is refused, with nothing passed on", () => {
  const host = HOST;
  test.each([
    ["another host", 421, "GET / HTTP/1.1\r\nHost: other.test\r\n\r\n"],
    ["another port", 421, "GET / HTTP/1.1\r\nHost: web.test:81\r\n\r\n"],
    ["another host in the target", 421, `GET http://other.test/ HTTP/1.1\r\n${host}\r\n`],
    ["no host", 400, "GET / HTTP/1.1\r\n\r\n"],
    ["two hosts", 400, `GET / HTTP/1.1\r\n${host}${host}\r\n`],
    ["both lengths", 400, `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["two lengths", 400, `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ["a length that is no number", 400, `POST / HTTP/1.1\r\n${host}Content-Length: +3\r\n\r\nabc`],
    ["another coding", 501, `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ["a folded field", 400, `GET / HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`],
    ["a space before the colon", 400, `GET / HTTP/1.1\r\n${host}X : a\r\n\r\n`],
    ["bare line feeds", 400, "GET / HTTP/1.1\nHost: web.test\n\n"],
    ["a carriage return in a field", 400, `GET / HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`],
    ["spaces in the target", 400, `GET /a b HTTP/1.1\r\n${host}\r\n`],
    ["HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    ["CONNECT", 501, `CONNECT web.test:443 HTTP/1.1\r\n${host}\r\n`],
    ["TRACE", 501, `TRACE / HTTP/1.1\r\n${host}\r\n`],
    ["GET with a body", 501, `GET / HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\nx`],
    ["a long head", 431, `GET / HTTP/1.1\r\n${host}X: ${"x".repeat(70_000)}\r\n\r\n`],
    ["many fields", 431, `GET / HTTP/1.1\r\n${host}${"X: y\r\n".repeat(200)}\r\n`],
    ["an expectation", 417, `GET / HTTP/1.1\r\n${host}Expect: miracles\r\n\r\n`],
  ])("%s", async (_what, status, text) => {
    const { answer } = await talk(text);
    expect(answer).toBe(`HTTP/1.1 ${status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    expect(seen).toEqual([]);
  });

  test("a chunk that is longer than its size", async () => {
    const { answer } = await talk(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("a program that ends while it sends", () => {
  const BODY = 1 << 20;
  /** Sends a megabyte and closes, without reading any of the answer. Resolves when all has been taken. */
  async function upload(host: string, answer: (exchange: HttpExchange) => Promise<Response>): Promise<void> {
    const network = new StreamNetwork({
      connect() {
        throw new Error(REFUSAL);
      },
      fetch: (_host, _port, exchange) => answer(exchange),
      resolve: () => Promise.reject(new Error("not asked")),
    });
    const connected = Promise.withResolvers<void>();
    const session = network.open(() => connected.resolve());
    session.submit([{ kind: "connect", id: 1, host: "web.test", port: 80 }]);
    await connected.promise;
    const head = `PUT / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${BODY}\r\n\r\n`;
    session.submit([{ kind: "send", id: 1, bytes: Uint8Array.from(Buffer.from(head)) }]);
    for (let at = 0; at < BODY; at += 65536) {
      session.submit([{ kind: "send", id: 1, bytes: new Uint8Array(65536) }]);
    }
    session.submit([{ kind: "close", id: 1, reset: false }]);
    await session.drained();
    session.close();
  }

  test("has its request done, the answer is waited for and dropped", async () => {
    for (const piece of [0, 1000]) {
      let taken = 0;
      let ended = false;
      await upload("web.test", async ({ body, signal }) => {
        for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
          if (piece > 0) await new Promise((resolve) => setTimeout(resolve, 5));
          taken += bytes.length;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        ended = !signal.aborted;
        return new Response("x".repeat(piece));
      });
      expect({ taken, ended }).toEqual({ taken: BODY, ended: true });
    }
  });

  test("has the whole body sent to a server", async () => {
    seen.length = 0;
    await upload("web.test", ({ target, length: _, ...request }) =>
      fetch(place + target, { ...request, duplex: "half" } as RequestInit),
    );
    expect(seen).toEqual([expect.stringMatching(new RegExp(`^PUT / .* ${BODY}$`))]);
  });

  test("is waited for in vain no longer than 5 s when there is no answer", async () => {
    const since = Date.now();
    await upload("web.test", async ({ body, signal }) => {
      await body!.pipeTo(new WritableStream());
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    expect(Date.now() - since).toBeGreaterThan(4000);
    expect(Date.now() - since).toBeLessThan(20_000);
  }, 30_000);

  test("is not waited for when the request is refused", async () => {
    await upload("other.test", () => Promise.reject(new Error("not asked")));
  });

  test("is not waited for when the answer comes first, and nothing more is taken", async () => {
    await upload("web.test", async () => new Response("enough"));
  });

  test("is not waited for when the answer, which nobody reads, comes as fast as the body", async () => {
    await upload("web.test", async ({ body }) => new Response(body!.pipeThrough(new TransformStream())));
  });
});

describe("an answer before the body was read", () => {
  /** Sends a head and a part of the body of 1 MiB, and reads until the end of the connection. */
  async function early(response: () => Response): Promise<string> {
    const network = new StreamNetwork({
      connect() {
        throw new Error(REFUSAL);
      },
      fetch: async () => response(),
      resolve: () => Promise.reject(new Error("not asked")),
    });
    const over = Promise.withResolvers<void>();
    let text = "";
    const session = network.open((events) => {
      for (const event of events) {
        if (event.kind === "received") text += Buffer.from(event.bytes).toString("latin1");
        if (event.kind === "connected") {
          const head = `PUT / HTTP/1.1\r\n${HOST}Content-Length: 1048576\r\n\r\n`;
          session.submit([{ kind: "send", id: 1, bytes: Uint8Array.from(Buffer.from(head)) }]);
          session.submit([{ kind: "send", id: 1, bytes: new Uint8Array(65536) }]);
          // It reads late.
          setTimeout(() => session.submit([{ kind: "receive", id: 1, bytes: 1 << 20 }]), 100);
          setTimeout(() => session.submit([{ kind: "finish", id: 1 }]), 600);
        }
        if (event.kind === "finished" || event.kind === "failed") {
          text += `<${event.kind}>`;
          over.resolve();
        }
      }
    });
    session.submit([{ kind: "connect", id: 1, host: "web.test", port: 80 }]);
    await over.promise;
    session.close();
    return text;
  }
  const failing = (text: string, length: number) => {
    let sent = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) controller.error(new Error("Network connection lost."));
        else controller.enqueue(Uint8Array.from(Buffer.from(text)));
        sent = true;
      },
    });
    return () => new Response(body, { status: 413, headers: { "Content-Length": String(length) } });
  };

  test("is the only one, and the end follows", async () => {
    const text = await early(() => new Response("enough", { status: 413, headers: { "Content-Length": "6" } }));
    expect(text).toMatch(/^HTTP\/1.1 413 [^<]*\r\n\r\nenough<finished>$/);
  });

  test("is whole when the connection is lost after its last byte", async () => {
    expect(await early(failing("enough", 6))).toMatch(/\r\n\r\nenough<finished>$/);
  });

  test("comes as far as it was there, and then the end of the connection", async () => {
    expect(await early(failing("enough", 60))).toMatch(/\r\n\r\nenough<failed>$/);
  });
});

describe("connections", () => {
  test("other ports, and other failures, stay failures", async () => {
    for (const other of [{ port: 443 }, { port: 25 }, { message: "nobody there" }]) {
      const { events } = await talk("", other);
      expect(events).toMatchObject([{ kind: "failed", errno: ECONNREFUSED }]);
    }
  });

  test("what fetch() cannot do is a reset, with its words for the log", async () => {
    const kept = place;
    place = "http://127.0.0.1:1";
    const { events } = await talk(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    place = kept;
    expect(events).toMatchObject([
      { kind: "failed", errno: ECONNRESET, message: expect.stringContaining("by fetch()") },
    ]);
  });
});
