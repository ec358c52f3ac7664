/**
 * `npm run bench:memory`, or `node test/bench/memory.ts [BLOCKED] [HELLOS]`: what machines cost in memory. Growth of workerd's resident set
 * with BLOCKED (300) machines that wait in read(2) at once, and with as many requests to a Worker that only waits for their bodies; the frames of a `hello` machine; and the resident set along HELLOS (10,000)
 * requests, each of which is a `hello` machine, against as many to an empty hono route in a workerd of its own: that one, which runs
 * nothing of Binlet's, grows by itself. Needs Linux's /proc.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { ExecAnswer } from "../../src/http/exec-protocol.ts";
import { compile } from "../machine/support.ts";
import { request } from "./http.ts";
import { compile as compileBench } from "./kernels.ts";
import { busiest, resident } from "./processes.ts";
import { type BinletServer, startBinlet } from "./server.ts";
import { table } from "./statistics.ts";

const blocked = Number(process.argv[2] ?? 300);
const hellos = Number(process.argv[3] ?? 10_000);
/** Requests after which the resident set is taken, as shares of HELLOS; from the second on the engine's heap has grown up. */
const STATIONS = [0, 0.2, 0.5, 1];
const WARM_UP = 50;

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const guest = (name: string) => compile(readFileSync(join(import.meta.dirname, "../hostile/guest", name), "utf8"));

/** The process that runs the Workers is the one that computes while a guest spins. */
async function workerOf(server: BinletServer): Promise<number> {
  const { image, entrypoint } = await server.upload(guest("endless.c"));
  const spin = { image, argv: [...entrypoint, "spin"], limits: { cpuMs: 2000 } };
  return busiest(() => server.client.json("POST", "exec", spin));
}

/** Machines that wait for input at once: growth in MiB, and the frames of one that says hello. */
async function measureBlocked(server: BinletServer, worker: number): Promise<{ growth: number; frames: number }> {
  const { image, entrypoint } = await server.upload(guest("neighbour.c"));
  await server.client.json("PUT", "functions/hold", {
    image,
    invoke: "exec",
    command: [...entrypoint, "hold", "x", "0"],
    limits: { wallMs: 600_000 },
  });
  const hello = async () => {
    const answer = await server.client.json<ExecAnswer>("POST", "exec", { image, argv: [...entrypoint, "hello"] });
    if (answer.exitCode !== 0) throw new Error(JSON.stringify(answer));
    return answer;
  };
  // Warm: the isolate, the image's pages, the code of the engine.
  for (let i = 0; i < WARM_UP; i++) await hello();
  const { stats } = await hello();
  return { growth: await growthOf(server, worker, "x"), frames: stats.peakFrames };
}

/** Growth of the resident set in MiB with requests whose bodies do not end, so that who answers them waits. */
async function growthOf(server: BinletServer, worker: number, host: string): Promise<number> {
  const { hostname, port } = new URL(server.url);
  /** Resolves when the request is on its way. */
  const block = (): Promise<Socket> => {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const head = `POST /hold HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`;
    return new Promise((resolve) => socket.write(head, () => resolve(socket)));
  };
  for (let i = 0; i < WARM_UP; i++) (await block()).end("0\r\n\r\n");
  await later(1000);

  const before = resident(worker);
  const sockets: Socket[] = [];
  for (let i = 0; i < blocked; i++) {
    sockets.push(await block());
    await later(10);
  }
  await later(2000);
  const during = resident(worker);
  let answered = 0;
  for (const socket of sockets) {
    socket.on("data", (data) => (answered += String(data).split("intact").length - 1));
    socket.end("0\r\n\r\n");
  }
  await later(3000);
  if (answered !== blocked) throw new Error(`${answered} of ${blocked} requests were answered`);
  return during - before;
}

/** Resident MiB at each station along requests one after the other, each on a connection of its own. */
async function measureSequence(worker: number, one: (i: number) => Promise<void>): Promise<number[]> {
  for (let i = 0; i < WARM_UP; i++) await one(i);
  const taken: number[] = [];
  let done = 0;
  for (const station of STATIONS) {
    for (; done < station * hellos; done++) await one(done);
    taken.push(resident(worker));
  }
  return taken;
}

async function withServer<T>(work: (server: BinletServer, worker: number) => Promise<T>): Promise<T> {
  const server = await startBinlet();
  try {
    return await work(server, await workerOf(server));
  } finally {
    await server.close();
  }
}

const { growth, frames } = await withServer(measureBlocked);
const growthOfEmpty = await withServer((server, worker) => growthOf(server, worker, "empty.test"));
const ofHello = await withServer(async (server, worker) => {
  const { image } = await server.upload(compileBench("hello"));
  await server.client.json("PUT", "functions/hello", { image, invoke: "cgi" });
  return measureSequence(worker, async (i) => {
    const { status, body } = await request(server.url, `/hello?${i}`);
    if (status !== 200 || String(body) !== `hello, ${i}\n`) throw new Error(`hello answered ${status}: ${body}`);
  });
});
const ofEmpty = await withServer((server, worker) =>
  measureSequence(worker, async () => {
    const { status } = await request(server.url, "/hello", { host: "empty.test" });
    if (status !== 200) throw new Error(`the empty route answered ${status}`);
  }),
);

console.log(
  table([
    ["memory", "measured", "bar", "goal"],
    [`${blocked} machines blocked in read at once: growth of RSS, MiB`, growth.toFixed(1), "96", "64"],
    [`${blocked} requests that wait in an empty Worker (control), MiB`, growthOfEmpty.toFixed(1), "", ""],
    ["frames of a hello machine, KiB", String(frames * 4), "256", "128"],
  ]),
);
const row = (name: string, values: readonly number[]) => [
  name,
  ...values.map((value) => value.toFixed(0)),
  (values.at(-1)! - values[1]).toFixed(0),
];
const stations = STATIONS.map((station) => (station * hellos).toLocaleString("en"));
console.log();
console.log(
  table([
    ["RSS in MiB after requests", ...stations, `${stations[1]} to ${stations.at(-1)}`],
    row("hello", ofHello),
    row("empty route (control)", ofEmpty),
  ]),
);
