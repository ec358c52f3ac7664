/** A resolver for tests: DNS over HTTPS (RFC 8484) over a table of names. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** IPv4 addresses, IPv6 addresses as 32 hexadecimal digits, or another name that it is an alias of. */
export interface Records {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly alias?: string;
}

export class TestResolver {
  readonly url: string;
  /** Names and types that were asked for. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`;
  }

  static async start(table: Readonly<Record<string, Records>>): Promise<TestResolver> {
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const valid = request.method === "POST" && request.headers["content-type"] === "application/dns-message";
      if (!valid) return void response.writeHead(415).end();
      const query = Buffer.concat(parts);
      const { name, type } = question(query);
      resolver.asked.push(`${name} ${type}`);
      response.writeHead(200, { "Content-Type": "application/dns-message" }).end(answer(query, table));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const resolver = new TestResolver(server);
    return resolver;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (; query[at] !== 0; at += 1 + query[at]) labels.push(query.toString("latin1", at + 1, at + 1 + query[at]));
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(query: Buffer, table: Readonly<Record<string, Records>>): Buffer {
  const { name, type, end } = question(query);
  const head = Buffer.from(query.subarray(0, end));
  const records: Buffer[] = [];
  const add = (owner: Buffer, kind: number, data: Buffer) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(kind, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(60, 4);
    fixed.writeUInt16BE(data.length, 8);
    records.push(owner, fixed, data);
    return 1;
  };
  let owner: Buffer = Buffer.from([0xc0, 12]);
  let entry = table[name];
  let count = 0;
  if (entry?.alias !== undefined) {
    const target = Buffer.concat([
      ...entry.alias.split(".").map((l) => Buffer.from([l.length, ...Buffer.from(l)])),
      Buffer.from([0]),
    ]);
    count += add(owner, 5, target);
    owner = target;
    entry = table[entry.alias];
  }
  if (type === 1) for (const ip of entry?.a ?? []) count += add(owner, 1, Buffer.from(ip.split(".").map(Number)));
  if (type === 28) for (const ip of entry?.aaaa ?? []) count += add(owner, 28, Buffer.from(ip, "hex"));
  head[2] = 0x81;
  head[3] = entry === undefined ? 0x83 : 0x80;
  head.writeUInt16BE(count, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}
