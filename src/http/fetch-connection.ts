/**
 * A connection to a host that the platform's connect() does not reach and its fetch() does: what the program sends on it is read as
 * HTTP/1.1, each request is done by fetch(), and the answer is written back as HTTP/1.1. Nothing but plain HTTP goes this way: of
 * TLS, fetch() would have to be the end.
 */
import type { Duplex } from "./network.ts";
import { Refused, type RequestHead, RequestReader } from "./request-reader.ts";
import type { Slots } from "./slots.ts";

/** Bytes that wait on either side before the other is held back. */
const HIGH_WATER = 65536;
/** Milliseconds in which fetch() takes none of a body that is there, after its answer, until it takes no more. */
const PATIENCE = 250;
/** Milliseconds without progress after which a request of a program that has closed its connection is given up. */
const ORPHAN_PATIENCE = 5000;
/** Ports of plain HTTP at which the platform's network takes requests for hosts that are behind it. */
const PORTS = new Set([80, 8080, 8880, 2052, 2082, 2086, 2095]);

/** Fields of an answer that are about one connection, or about a body that fetch() has decoded. */
const HOP_BY_HOP = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|set-cookie)$/;
const DECODED = /^(gzip|br|deflate)$/i;

export interface HttpExchange {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Bytes of the body; null where only its end will tell. */
  readonly length: number | null;
  readonly signal: AbortSignal;
}

/** How the body of a request fares: "left" when fetch() takes no more of it. */
interface Upload {
  state: "goes on" | "ended" | "left";
  pieces: number;
  /** The head of the answer is there. */
  answered: boolean;
  /** It came before the end of the body. */
  early: boolean;
}

/** Does a request to the host that the connection is to; redirections are answers. */
export type Fetch = (exchange: HttpExchange) => Promise<Response>;

/** Whether a connection that failed with the platform's `message` may be replaced by one of these. */
export const mayFetch = (message: string, port: number): boolean =>
  PORTS.has(port) && /cannot connect to the specified address|consider using fetch/i.test(message);

export class FetchConnection implements Duplex {
  readonly opened: Promise<unknown> = Promise.resolve();
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #host: string;
  readonly #port: number;
  readonly #fetch: Fetch;
  readonly #slots: Slots;
  readonly #aborted = new AbortController();
  readonly #input: Uint8Array[] = [];
  #inputEnded = false;
  /** Wakes who waits for input, for the input to be read, for the output to be read. */
  #arrived = Promise.withResolvers<void>();
  #consumed = Promise.withResolvers<void>();
  #pulled = Promise.withResolvers<void>();
  /** Wakes `leave`: a piece of a body has been taken, an answer has come, all is over. */
  #moved = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #reader = new RequestReader(() => this.#next());
  /** The request that is being done. */
  #upload: Upload | null = null;
  #served = false;
  #output!: ReadableByteStreamController;

  /** `host`: as for connect(), a name or an address. */
  constructor(host: string, port: number, slots: Slots, fetch: Fetch) {
    this.#host = host;
    this.#port = port;
    this.#slots = slots;
    this.#fetch = fetch;
    const source: UnderlyingByteSource = {
      type: "bytes",
      start: (controller) => {
        this.#output = controller;
      },
      pull: () => this.#pulled.resolve(),
      cancel: () => this.#aborted.abort(),
    };
    this.readable = new ReadableStream(source, { highWaterMark: HIGH_WATER }) as ReadableStream<Uint8Array>;
    this.writable = new WritableStream<Uint8Array>({
      write: (bytes) => this.#take(bytes),
      close: () => this.#endInput(),
      abort: () => this.#aborted.abort(),
    });
    this.#aborted.signal.addEventListener("abort", () => {
      this.#endInput();
      this.#gone.resolve();
    });
    void this.#serve();
  }

  async close(): Promise<void> {
    this.#aborted.abort();
  }

  /**
   * Nobody sends any more, or reads the answers: resolves when the requests have left. Answers are still to be read from `readable`:
   * a server that cannot send takes nothing. Gives up when nothing moves for 5 s, since a request takes up a slot.
   */
  async leave(): Promise<void> {
    this.#endInput();
    while (!this.#served && (this.#upload === null || !this.#hasLeft(this.#upload))) {
      this.#moved = Promise.withResolvers();
      if (!(await within(ORPHAN_PATIENCE, Promise.race([this.#moved.promise, this.#gone.promise])))) return;
      if (this.#aborted.signal.aborted) return;
    }
    // The platform has the end of the body; no answer tells that the server has it, too.
    if (this.#upload?.early && this.#upload.state === "ended") {
      await within(PATIENCE, this.#gone.promise);
    }
  }

  #hasLeft({ answered, state }: Upload): boolean {
    return answered && state !== "goes on" && this.#input.length === 0 && !this.#reader.holds;
  }

  // ---- bytes in and out

  async #take(bytes: Uint8Array): Promise<void> {
    this.#input.push(bytes);
    this.#arrived.resolve();
    while (this.#input.length > 0 && !this.#aborted.signal.aborted) {
      this.#consumed = Promise.withResolvers();
      await this.#consumed.promise;
    }
  }

  #endInput(): void {
    this.#inputEnded = true;
    this.#arrived.resolve();
    this.#consumed.resolve();
    this.#pulled.resolve();
  }

  async #next(): Promise<Uint8Array | null> {
    for (;;) {
      const bytes = this.#input.shift();
      this.#consumed.resolve();
      if (bytes !== undefined) return bytes;
      if (this.#inputEnded) return null;
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { signal } = this.#aborted;
    if (bytes.length === 0) return;
    signal.throwIfAborted();
    this.#pulled = Promise.withResolvers();
    // The stream takes the buffer over.
    this.#output.enqueue(bytes.slice());
    while ((this.#output.desiredSize ?? 0) <= 0 && !signal.aborted) {
      await this.#pulled.promise;
      this.#pulled = Promise.withResolvers();
    }
  }

  /** Resolves when all that was written has been read: the end of a stream by an error drops what waits in it. */
  async #flushed(): Promise<void> {
    const { signal } = this.#aborted;
    for (;;) {
      this.#pulled = Promise.withResolvers();
      if ((this.#output.desiredSize ?? HIGH_WATER) >= HIGH_WATER || signal.aborted) return;
      await this.#pulled.promise;
    }
  }

  #endOutput(): void {
    this.#output.close();
    // A read that waits learns of it so.
    this.#output.byobRequest?.respond(0);
  }

  #print(text: string): Promise<void> {
    return this.#write(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  }

  // ---- requests and answers

  async #serve(): Promise<void> {
    try {
      for (let goesOn = true; goesOn; ) {
        const head = await this.#reader.head();
        if (head === null) break;
        goesOn = await this.#answer(head);
      }
      this.#endOutput();
    } catch (error) {
      void this.#giveUp(error);
    }
    this.#served = true;
    this.#moved.resolve();
    // As servers do, lest the program waits for good until somebody takes what it sends.
    while ((await this.#next()) !== null);
  }

  /** A request that cannot be passed on is answered; anything else breaks the connection. */
  async #giveUp(error: unknown): Promise<void> {
    try {
      if (!(error instanceof Refused)) throw error;
      await this.#print(`HTTP/1.1 ${error.status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      this.#endOutput();
    } catch (reason) {
      await this.#flushed();
      try {
        this.#output.error(reason);
      } catch {
        // It is closed already.
      }
    }
  }

  /** Whether another request may follow. */
  async #answer(head: RequestHead): Promise<boolean> {
    this.#check(head);
    const body = this.#reader.body(head.length);
    let failed: unknown = null;
    const upload: Upload = {
      state: head.length === 0 ? "ended" : "goes on",
      pieces: 0,
      answered: false,
      early: false,
    };
    this.#upload = upload;
    const source: UnderlyingSource<Uint8Array> = {
      pull: async (controller) => {
        try {
          if (upload.state === "left") throw new Error("the answer came before the body was read");
          const { done, value } = await body.next();
          upload.pieces++;
          if (done) {
            upload.state = "ended";
            controller.close();
          } else controller.enqueue(value);
        } catch (error) {
          failed = error;
          if (upload.state === "goes on") upload.state = "left";
          controller.error(error);
        }
        this.#moved.resolve();
      },
      cancel: () => {
        if (upload.state === "goes on") upload.state = "left";
        this.#moved.resolve();
      },
    };
    // Nothing is read ahead: the end of the body is there when fetch() has taken all before it.
    const stream = head.length === 0 ? null : new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
    if (head.expectsContinue && stream !== null) await this.#print("HTTP/1.1 100 Continue\r\n\r\n");
    const headers = new Headers(head.fields.map(([name, value]) => [name, value]));
    headers.set("Accept-Encoding", "identity");
    const { method, target } = head;
    const length = head.length === "chunked" ? null : head.length;
    const release = await this.#slots.take();
    let response: Response;
    try {
      const { signal } = this.#aborted;
      response = await this.#fetch({ method, target, headers, body: stream, length, signal });
    } catch (error) {
      throw failed ?? error;
    } finally {
      release();
    }
    upload.answered = true;
    upload.early = upload.state === "goes on";
    this.#moved.resolve();
    const goesOn = await this.#respond(head, response);
    await this.#finish(upload);
    if (upload.state !== "left") return goesOn;
    this.#moved.resolve();
    try {
      // What is left of the body is no request.
      for await (const _ of body);
    } catch (error) {
      // It has been answered already.
      if (!(error instanceof Refused)) throw error;
      return false;
    }
    return goesOn && failed === null;
  }

  /** The answer was complete before the body: waits until that is, or until fetch() no longer takes any of it. */
  async #finish(upload: Upload): Promise<void> {
    while (upload.state === "goes on" && !this.#aborted.signal.aborted) {
      const { pieces } = upload;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
      const more = this.#input.length > 0 || this.#inputEnded;
      if (more && upload.pieces === pieces && upload.state === "goes on") upload.state = "left";
    }
  }

  /** The request is for this host, and fetch() can do it. Throws Refused. */
  #check({ method, host, length }: RequestHead): void {
    const [name, port = "80"] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host.toLowerCase())?.slice(1) ?? ["", "0"];
    const meant = name === this.#host.toLowerCase() && Number(port) === this.#port;
    if (host !== "" && !meant) throw new Refused(421, `${host} is not ${this.#host}:${this.#port}`);
    if (/^(connect|trace|track)$/i.test(method)) throw new Refused(501, `${method} cannot be passed on`);
    if (/^(get|head)$/i.test(method) && length !== 0)
      throw new Refused(501, `${method} with a body cannot be passed on`);
  }

  async #respond(head: RequestHead, response: Response): Promise<boolean> {
    const { status, statusText, headers, body } = response;
    const decoded = DECODED.test(headers.get("Content-Encoding") ?? "");
    const told = decoded ? null : headers.get("Content-Length");
    const bodiless = head.method.toUpperCase() === "HEAD" || status === 204 || status === 304;
    const chunked = !bodiless && told === null && !head.old;
    const goesOn = head.keepAlive && (bodiless || chunked || told !== null);
    const lines = [`HTTP/1.1 ${status} ${statusText}`];
    for (const [name, value] of headers) {
      if (!HOP_BY_HOP.test(name) && !(decoded && name === "content-encoding")) lines.push(`${name}: ${value}`);
    }
    for (const cookie of headers.getSetCookie()) lines.push(`set-cookie: ${cookie}`);
    if (told !== null && status !== 204) lines.push(`content-length: ${told}`);
    if (chunked) lines.push("transfer-encoding: chunked");
    if (!goesOn) lines.push("connection: close");
    await this.#print(`${lines.join("\r\n")}\r\n\r\n`);
    if (bodiless) {
      await body?.cancel();
      return goesOn;
    }
    let sent = 0;
    if (body !== null) {
      try {
        for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
          sent += piece.length;
          if (chunked && piece.length > 0) await this.#print(`${piece.length.toString(16)}\r\n`);
          await this.#write(piece);
          if (chunked && piece.length > 0) await this.#print("\r\n");
        }
      } catch (error) {
        // What becomes of the connection after the last byte is no matter of the answer.
        if (told === null || sent !== Number(told)) throw error;
      }
    }
    if (told !== null && sent !== Number(told)) throw new Error("the answer is not as long as it says");
    if (chunked) await this.#print("0\r\n\r\n");
    return goesOn;
  }
}

/** Whether `promise` resolves within `ms` milliseconds. */
async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
