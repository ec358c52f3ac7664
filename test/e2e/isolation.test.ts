/** Requests that share an isolate: each progresses, none sees another, and those that end badly take nobody with them. */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { STDERR, STDIN, STDOUT } from "../../src/http/exec-protocol.ts";
import { mutate } from "../hostile/mutate-elf.ts";
import { Random, seed } from "../hostile/random.ts";
import { compile as compileGuest } from "../machine/support.ts";
import { has, TestServer } from "./server.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const guest = (name: string) =>
  compileGuest(readFileSync(join(import.meta.dirname, `../hostile/guest/${name}.c`), "utf8"));

describe.skipIf(!has("gcc"))("requests that share an isolate", () => {
  let server: TestServer;
  const neighbour = () => `/${guest("neighbour").split("/").pop()}`;
  beforeAll(async () => {
    server = await TestServer.start();
    const image = await server.image(guest("neighbour"), "neighbour");
    await server.image(guest("endless"), "endless");
    const put = (name: string, command: string[], limits = {}) =>
      server.putFunction(name, { image, invoke: "exec", command: [neighbour(), ...command], limits });
    await put("hello", ["hello"]);
    await put("look", ["look"]);
    await put("brief", ["hold", "mine", "4"], { wallMs: 400, bodyMiB: 1 });
    await put("fit", ["fit", "60"], { memoryMiB: 70 });
    await server.putFunction("spin", {
      image: "endless",
      invoke: "exec",
      command: [`/${guest("endless").split("/").pop()}`, "spin"],
      limits: { cpuMs: 60_000, wallMs: 3000 },
    });
  });
  afterAll(() => server?.close());

  const text = async (path: string) => (await server.fetch(path)).text();
  /** Nearly all frames of the isolate can be had, once those that are ending have ended. */
  const fits = () => vi.waitUntil(async () => (await text("/fit")) === "fits\n", { timeout: 15_000, interval: 100 });

  /** A session: what came on each channel, and the last message. */
  function session(argv: string[]) {
    const options = { headers: { Authorization: `Bearer ${server.token}` } } as unknown as string[];
    const socket = new WebSocket(`${server.url.replace(/^http/, "ws")}/_/exec`, options);
    socket.binaryType = "arraybuffer";
    const output: Record<number, string> = { [STDOUT]: "", [STDERR]: "" };
    const messages: Record<string, unknown>[] = [];
    socket.addEventListener("open", () =>
      socket.send(JSON.stringify({ image: "neighbour", argv: [neighbour(), ...argv] })),
    );
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") messages.push(JSON.parse(data));
      else output[new Uint8Array(data)[0]] += Buffer.from(data as ArrayBuffer, 1).toString();
    });
    const stdin = (chunk: string) => socket.send(Uint8Array.of(STDIN, ...Buffer.from(chunk)));
    return { socket, output, messages, stdin };
  }

  /** A POST whose body does not end until `end` is called. */
  function open(path: string): { socket: Socket; received(): string; send(text: string): void; end(): void } {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.on("data", (data) => (received += data));
    socket.on("error", () => {});
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const send = (chunk: string) => socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    return { socket, received: () => received, send, end: () => socket.write("0\r\n\r\n") };
  }
  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 1500 && !condition(); i++) await later(10);
    expect(condition()).toBe(true);
  }

  test("none sees files, processes or memory of another", async () => {
    const holders = Array.from({ length: 4 }, () => session(["hold", "mine", "4"]));
    await until(() => holders.every(({ output }) => output[STDOUT] === "holds\n"));
    expect(await text("/look")).toBe("/tmp:, /proc: 2\n");
    for (const { stdin } of holders) stdin("");
    await until(() => holders.every(({ output }) => output[STDOUT] === "holds\nintact, /tmp: mine\n"));
    await fits();
  });

  test("spinning neighbours do not starve one that says hello", { timeout: 20_000 }, async () => {
    await text("/hello");
    let spinning = true;
    const spin = () =>
      server.fetch("/spin").finally(() => {
        spinning = false;
      });
    const spinners = [spin(), spin()];
    await later(200);
    const times: number[] = [];
    while (spinning) {
      const began = performance.now();
      expect(await text("/hello")).toBe("hello\n");
      if (spinning) times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const median = times[times.length >> 1]?.toFixed(0);
    console.log(
      `hello beside two spinners: ${times.length} times, median ${median} ms, worst ${times.at(-1)?.toFixed(0)} ms`,
    );
    // It would be once, or never, if it had to wait for them. Times themselves are the computer's.
    expect(times.length).toBeGreaterThan(2);
    for (const response of await Promise.all(spinners)) expect(response.status).toBe(502);
  });

  test("a body that never ends ends with the time that the program has", async () => {
    const { send, received } = open("/brief");
    send("endless");
    await until(() => received().includes("limit wallMs") || received().includes("holds"));
    await later(600);
    await fits();
  });

  test("a body that is too large is refused, with and without Content-Length", async () => {
    const body = new Uint8Array((1 << 20) + 1);
    expect((await server.fetch("/brief", { method: "POST", body })).status).toBe(413);
    const { send, received } = open("/brief");
    for (let i = 0; i < 18; i++) send("x".repeat(65_536));
    await until(() => received().length > 0);
    // The output had begun, or not: a broken transfer, or 413.
    expect(received()).toMatch(/^HTTP\/1\.1 (413|200)/);
    await fits();
  });

  test("clients that go away leave nothing behind", { timeout: 30_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      const clients = Array.from({ length: 3 }, () => open("/brief"));
      for (const { send } of clients) send("x");
      await later(50 * round);
      for (const { socket } of clients) socket.destroy();
    }
    await later(800);
    await fits();
  });

  test("damaged executables do no damage to the next request", async () => {
    const original = new Uint8Array(readFileSync(guest("neighbour")));
    for (let i = 0; i < 12; i++) {
      const body = mutate(original, new Random(seed + i)) as Uint8Array<ArrayBuffer>;
      const headers = { Authorization: `Bearer ${server.token}` };
      const put = await server.fetch("/_/images/damaged", { method: "PUT", body, headers });
      expect([200, 201, 422], `BINLET_SEED=${seed + i}`).toContain(put.status);
      if (put.status === 422) continue;
      const { digest } = (await put.json()) as { digest: string };
      const answer = await server.exec({ image: digest, limits: { cpuMs: 100, wallMs: 1000 } });
      expect(answer.exitCode ?? answer.signal, `BINLET_SEED=${seed + i}`).toBeTypeOf("number");
      expect(await text("/hello")).toBe("hello\n");
    }
  });

  describe("/_/exec as a WebSocket", () => {
    test("output and errors are apart, a signal arrives, and the end says so", async () => {
      const { socket, output, messages } = session(["stderr"]);
      await until(() => output[STDOUT] === "answer\n" && output[STDERR] === "complaint\n");
      socket.send(JSON.stringify({ signal: 15 }));
      await until(() => messages.some(({ signal }) => signal === 15));
    });

    test("input arrives, its end too, and the exit status comes back", async () => {
      const { output, messages, stdin } = session(["hold", "x", "1"]);
      await until(() => output[STDOUT] === "holds\n");
      stdin("some input");
      await until(() => messages.some(({ ack }) => ack === 10));
      stdin("");
      await until(() => messages.some(({ exitCode }) => exitCode === 0));
      expect(output[STDOUT]).toBe("holds\nintact, /tmp: x\n");
    });

    test("a client that goes away ends the machine", async () => {
      const { socket, output } = session(["hold", "x", "30"]);
      await until(() => output[STDOUT] === "holds\n");
      socket.close();
      await later(500);
      await fits();
    });

    test("nonsense on the socket is answered, not obeyed", async () => {
      const { socket, messages, output } = session(["hold", "x", "1"]);
      await until(() => output[STDOUT] === "holds\n");
      for (const junk of ["", "{", "[]", "null", '{"signal":0}', '{"signal":"9"}', '{"ack":-1}', '{"ack":1e999}'])
        socket.send(junk);
      socket.send(new Uint8Array(0));
      socket.send(Uint8Array.of(9, 1, 2));
      socket.send(Uint8Array.of(STDIN));
      await until(() => messages.some(({ exitCode }) => exitCode === 0));
    });
  });
});
