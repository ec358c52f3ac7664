/**
 * A machine's network over streams that the platform opens and a resolver that is asked by HTTPS. It takes no part in what is
 * allowed. One for each run of a machine: streams belong to a request.
 */
import { ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT } from "../abi/errno.ts";
import type { NetworkEvent, NetworkPort, NetworkRequest, NetworkSession } from "../net/port.ts";
import { FetchConnection, type HttpExchange, mayFetch } from "./fetch-connection.ts";
import { Slots } from "./slots.ts";

/** Connections that wait at a time: of the six that the platform grants a request, two are for page-ins. */
const WAITING = 4;
/** Connections that the machine has closed and that still send; the oldest are cut off when there are more. */
const MOST_LEAVING = 64;
/** Milliseconds in which the resolver is to answer, each time that it is asked: the first connection may be dead without a word. */
const QUERY_TIMEOUTS = [2000, 8000];
/** Most bytes that are read at a time, and of an answer. */
const LARGEST_READ = 65536;
const LARGEST_ANSWER = 65535;

/** A stream in both directions; each may end by itself. */
export interface Duplex {
  /** Rejects when there will be no connection. */
  readonly opened: Promise<unknown>;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  close(): Promise<unknown>;
  /** Nobody wants it any more; resolves when what was written has left, if that is later than the writes. `close` follows. */
  leave?(): Promise<void>;
}

export interface Platform {
  /** `host` is a name, an IPv4 address, or an IPv6 address in brackets. */
  connect(host: string, port: number): Duplex;
  /** Does a request of plain HTTP to a host that connect() does not reach. */
  fetch(host: string, port: number, exchange: HttpExchange): Promise<Response>;
  /** Sends `query` to the resolver (RFC 8484). */
  resolve(query: Uint8Array, signal: AbortSignal): Promise<Response>;
}

export class StreamNetwork implements NetworkPort {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  open(deliver: (events: readonly NetworkEvent[]) => void): NetworkSession {
    return new Session(this.#platform, deliver);
  }
}

class Session implements NetworkSession {
  readonly #platform: Platform;
  readonly #deliver: (events: readonly NetworkEvent[]) => void;
  readonly #slots = new Slots(WAITING);
  readonly #streams = new Map<number, Stream>();
  /** Closed by the machine, and still sending. */
  readonly #leaving = new Set<Stream>();
  readonly #aborted = new AbortController();

  constructor(platform: Platform, deliver: (events: readonly NetworkEvent[]) => void) {
    this.#platform = platform;
    this.#deliver = deliver;
  }

  submit(requests: readonly NetworkRequest[]): void {
    for (const request of requests) this.#handle(request);
  }

  #handle(request: NetworkRequest): void {
    const { id } = request;
    const stream = this.#streams.get(id);
    switch (request.kind) {
      case "connect": {
        const { host, port } = request;
        const platform = this.#platform;
        const made = new Stream(id, `connect to ${host}:${port}`, (event) => this.#emit(event));
        this.#streams.set(id, made);
        void made.open(
          this.#slots,
          () => platform.connect(host, port),
          (message) =>
            mayFetch(message, port)
              ? new FetchConnection(host, port, this.#slots, (exchange) => platform.fetch(host, port, exchange))
              : null,
        );
        break;
      }
      case "send":
        stream?.send(request.bytes);
        break;
      case "receive":
        stream?.grant(request.bytes);
        break;
      case "finish":
        stream?.finish();
        break;
      case "close":
        this.#streams.delete(id);
        if (stream === undefined) break;
        if (request.reset) stream.abort();
        else {
          if (this.#leaving.size >= MOST_LEAVING) this.#leaving.values().next().value!.abort();
          this.#leaving.add(stream);
          void stream.leave().then(() => this.#leaving.delete(stream));
        }
        break;
      case "query":
        void this.#query(id, request.bytes);
    }
  }

  #emit(event: NetworkEvent): void {
    if (this.#aborted.signal.aborted) return;
    if (event.kind === "failed") this.#streams.delete(event.id);
    this.#deliver([event]);
  }

  async #query(id: number, query: Uint8Array): Promise<void> {
    const { signal } = this.#aborted;
    const release = await this.#slots.take();
    let bytes: Uint8Array | null = null;
    let message = "";
    try {
      for (const timeout of QUERY_TIMEOUTS) {
        if (signal.aborted) return;
        const patience = AbortSignal.timeout(timeout);
        try {
          const response = await this.#platform.resolve(query, AbortSignal.any([signal, patience]));
          if (response.ok) bytes = new Uint8Array(await response.arrayBuffer());
          message = response.ok ? "" : `the resolver answers ${response.status}`;
          break;
        } catch (error) {
          message = textOf(error);
          if (!patience.aborted) break;
        }
      }
      if (bytes !== null && bytes.length > LARGEST_ANSWER) bytes = null;
    } finally {
      release();
    }
    this.#emit({ kind: "answered", id, bytes, message });
  }

  async drained(): Promise<void> {
    // A socket that its program has closed waits here for the other side's end.
    const open = [...this.#streams.values()].map((stream) => stream.left());
    await Promise.all([...open, ...[...this.#leaving].map((stream) => stream.sent)]);
  }

  close(): void {
    this.#aborted.abort();
    for (const stream of [...this.#streams.values(), ...this.#leaving]) stream.abort();
    this.#streams.clear();
    this.#leaving.clear();
  }
}

/** A TCP connection. */
class Stream {
  readonly #id: number;
  readonly #what: string;
  readonly #emit: (event: NetworkEvent) => void;
  #duplex: Duplex | null = null;
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #reader: ReadableStreamBYOBReader | null = null;
  #credit = 0;
  #reading = false;
  /** The machine has closed it: what still comes is read, lest the other side waits for that and takes no more, and dropped. */
  #leaving = false;
  #over = false;
  /** It is no connection: requests on it are done by fetch(). */
  #fetches = false;
  /** Settles when it is over, so that nothing waits for a connection that nobody wants any more. */
  readonly #gone = Promise.withResolvers<void>();
  /** Settles when all that was to be sent has left, or cannot any more. */
  sent: Promise<unknown> = Promise.resolve();

  constructor(id: number, what: string, emit: (event: NetworkEvent) => void) {
    this.#id = id;
    this.#what = what;
    this.#emit = emit;
  }

  /** `instead` gives what takes the place of a connection that failed with the platform's message, or null. */
  async open(slots: Slots, connect: () => Duplex, instead: (message: string) => Duplex | null): Promise<void> {
    const release = await slots.take();
    try {
      if (this.#over) return;
      try {
        await this.#use(connect());
      } catch (error) {
        const other = instead(textOf(error));
        if (other === null || this.#over) throw error;
        this.#fetches = true;
        await this.#use(other);
      }
      if (this.#over) return;
      this.#reader = this.#duplex!.readable.getReader({ mode: "byob" });
      this.#emit({ kind: "connected", id: this.#id });
      void this.#read();
    } catch (error) {
      this.#fail(connectErrno(textOf(error)), `${this.#what}: ${textOf(error)}`);
    } finally {
      release();
    }
  }

  /** Resolves when `duplex` is open, or nobody wants it any more. */
  async #use(duplex: Duplex): Promise<void> {
    this.#duplex = duplex;
    this.#writer = duplex.writable.getWriter();
    this.#writer.closed.catch(() => {});
    await Promise.race([duplex.opened, this.#gone.promise]);
  }

  send(bytes: Uint8Array): void {
    const { length } = bytes;
    this.sent = this.#writer!.write(bytes).then(
      () => this.#report({ kind: "sent", id: this.#id, bytes: length }),
      () => this.#fail(ECONNRESET),
    );
  }

  finish(): void {
    this.sent = this.#writer!.close().catch(() => this.#fail(ECONNRESET));
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#reader === null) return;
    this.#reading = true;
    try {
      while (this.#credit > 0 && !this.#over) {
        const room = new Uint8Array(Math.min(this.#credit, LARGEST_READ));
        const { done, value } = await this.#reader.read(room);
        if (done) {
          this.#report({ kind: "finished", id: this.#id });
          // Nothing more comes, however much is granted.
          return;
        }
        if (this.#leaving) continue;
        this.#credit -= value.length;
        this.#report({ kind: "received", id: this.#id, bytes: value });
      }
      this.#reading = false;
    } catch (error) {
      this.#fail(ECONNRESET, this.#fetches ? `${this.#what}, by fetch(): ${textOf(error)}` : "");
    }
  }

  #report(event: NetworkEvent): void {
    if (!this.#over) this.#emit(event);
  }

  #fail(errno: number, message = ""): void {
    this.#report({ kind: "failed", id: this.#id, errno, message });
    this.abort();
  }

  /** Nobody reads any more. Resolves when all is sent. */
  left(): Promise<unknown> {
    this.#leaving = true;
    this.grant(LARGEST_READ);
    this.sent = this.sent.then(() => (this.#over ? undefined : this.#duplex?.leave?.()));
    return this.sent;
  }

  /** Closes when all is sent. */
  async leave(): Promise<void> {
    await this.left();
    this.abort();
  }

  /** Closes now. */
  abort(): void {
    this.#over = true;
    this.#gone.resolve();
    this.#reader?.cancel().catch(() => {});
    this.#writer?.abort().catch(() => {});
    this.#duplex?.close().catch(() => {});
    this.#duplex?.opened.catch(() => {});
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * What the platform says when there is no connection. It tells a host that refuses from one that does not exist or is not
 * allowed by no more than words, where at all.
 */
function connectErrno(message: string): number {
  if (/timed? ?out|ETIMEDOUT/i.test(message)) return ETIMEDOUT;
  if (/too many subrequests|not allowed|not permitted|private|loopback/i.test(message)) return ENETUNREACH;
  if (/EHOSTUNREACH|no route|unreachable/i.test(message)) return EHOSTUNREACH;
  return ECONNREFUSED;
}
