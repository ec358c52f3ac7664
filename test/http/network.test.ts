/** The host's half of sockets out of the machine (net/port.ts), over streams of the test's own. */
import { expect, test, vi } from "vitest";
import { ECONNREFUSED, ECONNRESET } from "../../src/abi/errno.ts";
import { type Duplex, type Platform, StreamNetwork } from "../../src/http/network.ts";
import type { NetworkEvent } from "../../src/net/port.ts";

class Wire implements Duplex {
  readonly #opening = Promise.withResolvers<void>();
  readonly opened = this.#opening.promise;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  incoming!: ReadableByteStreamController;
  readonly written: number[] = [];
  ended = false;
  closed = false;
  /** Settles the write that is under way, when writes are held. */
  taken: (() => void) | null = null;

  constructor(held = false) {
    this.readable = new ReadableStream({ type: "bytes", start: (controller) => void (this.incoming = controller) });
    this.writable = new WritableStream({
      write: (chunk) => {
        this.written.push(...chunk);
        return held ? new Promise((resolve) => (this.taken = resolve)) : undefined;
      },
      close: () => void (this.ended = true),
    });
  }
  open(): void {
    this.#opening.resolve();
  }
  refuse(): void {
    this.#opening.reject(new Error("nobody there"));
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function setUp(wires: Wire[]) {
  const dialled: string[] = [];
  const queries: PromiseWithResolvers<Response>[] = [];
  const platform: Platform = {
    connect(host, port) {
      dialled.push(`${host}:${port}`);
      return wires[dialled.length - 1];
    },
    fetch: () => Promise.reject(new Error("not asked")),
    resolve(_query, signal) {
      const answer = Promise.withResolvers<Response>();
      queries.push(answer);
      signal.addEventListener("abort", () => answer.reject(signal.reason));
      return answer.promise;
    },
  };
  const events: NetworkEvent[] = [];
  const session = new StreamNetwork(platform).open((batch) => events.push(...batch));
  return { session, dialled, queries, events };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const connect = (id: number) => ({ kind: "connect", id, host: "h", port: id }) as const;

test("four wait at a time, in order; who does not wait any more makes room", async () => {
  const wires = Array.from({ length: 8 }, () => new Wire());
  const { session, dialled, queries, events } = setUp(wires);
  session.submit([
    connect(1),
    connect(2),
    { kind: "query", id: 3, bytes: new Uint8Array(12) },
    connect(4),
    connect(5),
    connect(6),
  ]);
  await turn();
  expect(dialled).toEqual(["h:1", "h:2", "h:4"]);
  expect(queries.length).toBe(1);
  wires[0].open();
  wires[1].refuse();
  await turn();
  expect(dialled).toEqual(["h:1", "h:2", "h:4", "h:5", "h:6"]);
  queries[0].resolve(new Response("no", { status: 500 }));
  await turn();
  expect(events).toEqual([
    { kind: "connected", id: 1 },
    { kind: "failed", id: 2, errno: ECONNREFUSED, message: "connect to h:2: nobody there" },
    { kind: "answered", id: 3, bytes: null, message: "the resolver answers 500" },
  ]);
  session.close();
});

test("a resolver that does not answer is asked again", async () => {
  const { session, queries, events } = setUp([]);
  session.submit([{ kind: "query", id: 1, bytes: new Uint8Array(12) }]);
  await vi.waitUntil(() => queries.length === 2, { timeout: 30_000 });
  expect(events).toEqual([]);
  queries[1].resolve(new Response(Uint8Array.of(1, 2)));
  await vi.waitUntil(() => events.length > 0);
  expect(events).toEqual([{ kind: "answered", id: 1, bytes: Uint8Array.of(1, 2), message: "" }]);
  session.close();
});

test("a connection that is given up while it waits makes room", async () => {
  const { session, dialled } = setUp(Array.from({ length: 5 }, () => new Wire()));
  session.submit([1, 2, 3, 4, 5].map(connect));
  await turn();
  expect(dialled.length).toBe(4);
  session.submit([{ kind: "close", id: 2, reset: true }]);
  await turn();
  expect(dialled.length).toBe(5);
});

test("no more is delivered than was asked for", async () => {
  const wire = new Wire();
  const { session, events } = setUp([wire]);
  session.submit([connect(1)]);
  wire.open();
  await turn();
  wire.incoming.enqueue(Uint8Array.of(1, 2, 3, 4, 5));
  await turn();
  session.submit([{ kind: "receive", id: 1, bytes: 3 }]);
  await turn();
  expect(events.slice(1)).toEqual([{ kind: "received", id: 1, bytes: Uint8Array.of(1, 2, 3) }]);
  session.submit([{ kind: "receive", id: 1, bytes: 3 }]);
  await turn();
  expect(events[2]).toEqual({ kind: "received", id: 1, bytes: Uint8Array.of(4, 5) });
  wire.incoming.close();
  wire.incoming.byobRequest?.respond(0);
  await turn();
  expect(events[3]).toEqual({ kind: "finished", id: 1 });
  session.close();
});

test("what was sent before the end leaves before the connection closes", async () => {
  const wire = new Wire(true);
  const { session, events } = setUp([wire]);
  session.submit([connect(1)]);
  wire.open();
  await turn();
  session.submit([
    { kind: "send", id: 1, bytes: Uint8Array.of(7, 8) },
    { kind: "finish", id: 1 },
    { kind: "close", id: 1, reset: false },
  ]);
  let drained = false;
  void session.drained().then(() => (drained = true));
  await turn();
  expect([wire.written, wire.ended, wire.closed, drained]).toEqual([[7, 8], false, false, false]);
  wire.taken!();
  await turn();
  expect([wire.ended, wire.closed, drained]).toEqual([true, true, true]);
  expect(events.slice(1)).toEqual([{ kind: "sent", id: 1, bytes: 2 }]);
});

test("a connection that breaks is reset; one that is closed at once says nothing more", async () => {
  const [first, second] = [new Wire(), new Wire()];
  const { session, events } = setUp([first, second]);
  session.submit([connect(1), connect(2)]);
  first.open();
  second.open();
  await turn();
  session.submit([
    { kind: "receive", id: 1, bytes: 10 },
    { kind: "receive", id: 2, bytes: 10 },
  ]);
  first.incoming.error(new Error("gone"));
  session.submit([{ kind: "close", id: 2, reset: true }]);
  await turn();
  expect(events.slice(2)).toEqual([{ kind: "failed", id: 1, errno: ECONNRESET, message: "" }]);
  expect([first.closed, second.closed]).toEqual([true, true]);
});

test("the end of a machine closes all, also what is not open yet", async () => {
  const wires = [new Wire(), new Wire()];
  const { session, events } = setUp(wires);
  session.submit([connect(1), connect(2)]);
  wires[0].open();
  await turn();
  session.close();
  wires[1].open();
  await turn();
  expect(wires.map(({ closed }) => closed)).toEqual([true, true]);
  expect(events).toEqual([{ kind: "connected", id: 1 }]);
});
