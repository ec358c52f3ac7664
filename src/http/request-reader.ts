/**
 * HTTP/1.1 requests as a client sends them on a connection (RFC 9112), read strictly: what two readers could take for different
 * requests is refused, never repaired.
 */

/** Most bytes of a request's head, and of the trailer section of its body; most fields in it. */
const LARGEST_HEAD = 65536;
const MOST_FIELDS = 128;
/** Most bytes of the line that begins a chunk. */
const LARGEST_CHUNK_LINE = 256;
/** Most bytes of the body that are passed on at a time. */
const LARGEST_PIECE = 65536;

const CR = 13;
const LF = 10;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP\/1\.([01])$/;
/** Fields of one hop, beside those that Connection names. */
const HOP_BY_HOP = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|host|expect)$/;

/** What a request is answered that is not passed on; the connection ends with it. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface RequestHead {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  /** The Host field, or what the target says; "" in HTTP/1.0 without one. */
  readonly host: string;
  /** The fields that are for the other end. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Bytes of the body, or "chunked". */
  readonly length: number | "chunked";
  readonly expectsContinue: boolean;
  readonly keepAlive: boolean;
  /** HTTP/1.0. */
  readonly old: boolean;
}

/** Where bytes come from: null at the end. */
export type ByteSource = () => Promise<Uint8Array | null>;

export class RequestReader {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes have been read that belong to no piece yet that was passed on. */
  get holds(): boolean {
    return this.#at < this.#bytes.length;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source();
    if (next === null) return false;
    const left = this.#bytes.subarray(this.#at);
    const joined = new Uint8Array(left.length + next.length);
    joined.set(left);
    joined.set(next, left.length);
    this.#bytes = joined;
    this.#at = 0;
    return true;
  }

  /** A line without its CRLF, as Latin-1; null when the connection ends before its first byte. Throws Refused. */
  async #line(limit: number, status: number): Promise<string | null> {
    for (let scanned = 0; ; ) {
      const found = this.#bytes.indexOf(LF, this.#at + scanned);
      const length = (found < 0 ? this.#bytes.length : found) - this.#at;
      if (length > limit) throw new Refused(status, "a line is too long");
      if (found >= 0) {
        const line = this.#bytes.subarray(this.#at, found);
        this.#at = found + 1;
        if (line.indexOf(CR) !== line.length - 1) throw new Refused(400, "a line does not end with CRLF");
        return String.fromCharCode(...line.subarray(0, -1));
      }
      scanned = length;
      if (await this.#more()) continue;
      if (length === 0) return null;
      throw new Refused(400, "the connection ends within a line");
    }
  }

  /** The head of the next request; null when there is none. Throws Refused. */
  async head(): Promise<RequestHead | null> {
    let first = await this.#line(LARGEST_HEAD, 414);
    if (first === "") first = await this.#line(LARGEST_HEAD, 414);
    if (first === null) return null;
    const parts = REQUEST_LINE.exec(first);
    if (parts === null) throw new Refused(400, "the request line is malformed");
    const fields = await this.#fields();
    return describe(parts[1], parts[2], parts[3] === "0", fields);
  }

  /** The fields up to the empty line, names in lower case. */
  async #fields(): Promise<[string, string][]> {
    const fields: [string, string][] = [];
    for (let size = 0; ; ) {
      const line = await this.#line(LARGEST_HEAD - size, 431);
      if (line === null) throw new Refused(400, "the connection ends within a head");
      if (line === "") return fields;
      size += line.length + 2;
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0));
      const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
      if (!TOKEN.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new Refused(400, "a field is malformed");
      fields.push([name.toLowerCase(), value]);
      if (fields.length > MOST_FIELDS) throw new Refused(431, "there are too many fields");
    }
  }

  /** The body of the request whose head was read last, in pieces. Throws Refused. */
  async *body(length: number | "chunked"): AsyncGenerator<Uint8Array> {
    if (length !== "chunked") {
      yield* this.#exactly(length);
      return;
    }
    for (;;) {
      const line = await this.#line(LARGEST_CHUNK_LINE, 400);
      const size = /^([0-9A-Fa-f]{1,12})[ \t]*(;.*)?$/.exec(line ?? "");
      if (size === null) throw new Refused(400, "a chunk has no size");
      const bytes = Number.parseInt(size[1], 16);
      if (bytes === 0) break;
      yield* this.#exactly(bytes);
      if ((await this.#line(2, 400)) !== "") throw new Refused(400, "a chunk is longer than its size");
    }
    await this.#fields();
  }

  async *#exactly(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#at === this.#bytes.length && !(await this.#more())) throw new Refused(400, "the body is cut off");
      const piece = this.#bytes.slice(this.#at, this.#at + Math.min(left, LARGEST_PIECE));
      this.#at += piece.length;
      left -= piece.length;
      yield piece;
    }
  }
}

/** What the fields say of the request. Throws Refused. */
function describe(method: string, target: string, old: boolean, all: readonly [string, string][]): RequestHead {
  const valuesOf = (name: string): string[] => all.filter((field) => field[0] === name).map((field) => field[1]);
  const absolute = /^http:\/\/([^/?#]+)([/?].*)?$/i.exec(target);
  if (absolute === null && !target.startsWith("/")) throw new Refused(501, `${method} ${target} cannot be passed on`);
  const hosts = valuesOf("host");
  if (hosts.length > 1 || (hosts.length === 0 && !old)) throw new Refused(400, "there is not one Host field");
  const lengths = valuesOf("content-length");
  const encodings = valuesOf("transfer-encoding");
  if (lengths.length + encodings.length > 1) throw new Refused(400, "the length of the body is told twice");
  if (lengths.length > 0 && !/^\d{1,15}$/.test(lengths[0])) throw new Refused(400, "Content-Length is no number");
  if (encodings.length > 0 && old) throw new Refused(400, "HTTP/1.0 has no Transfer-Encoding");
  if (encodings.length > 0 && encodings[0].toLowerCase() !== "chunked") {
    throw new Refused(501, `Transfer-Encoding ${encodings[0]} is unknown`);
  }
  const options = valuesOf("connection").flatMap((value) => value.toLowerCase().split(/[ \t]*,[ \t]*/));
  const expects = valuesOf("expect");
  if (expects.some((value) => value.toLowerCase() !== "100-continue")) throw new Refused(417, "Expect is unknown");
  const path = absolute === null ? target : (absolute[2] ?? "/");
  return {
    method,
    target: (path.startsWith("?") ? `/${path}` : path).replace(/#.*$/, ""),
    host: absolute?.[1] ?? hosts[0] ?? "",
    fields: all.filter(([name]) => !HOP_BY_HOP.test(name) && !options.includes(name)),
    length: encodings.length > 0 ? "chunked" : Number(lengths[0] ?? 0),
    expectsContinue: expects.length > 0 && !old,
    keepAlive: !old && !options.includes("close"),
    old,
  };
}
