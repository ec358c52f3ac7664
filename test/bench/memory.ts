/**
 * `node test/bench/memory.ts [BLOCKED] [HELLOS]`: what machines cost in memory. Growth of workerd's resident set with BLOCKED
 * (300) machines that wait in read(2) at once, and over HELLOS (1,000) machines that say hello one after the other; and the
 * frames of such a machine. Needs Linux's /proc.
 */
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { ExecAnswer } from "../../src/http/exec-protocol.ts";
import { compile } from "../machine/support.ts";
import { startBinlet } from "./server.ts";
import { table } from "./statistics.ts";

const blocked = Number(process.argv[2] ?? 300);
const hellos = Number(process.argv[3] ?? 1000);
const MIB = 1024;

/** The workerd processes below this one: wrangler runs one for itself, a proxy, and one for the Worker. */
function processes(): number[] {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const pid of readdirSync("/proc").map(Number).filter(Boolean)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)![1]));
      if (/^Name:\s+workerd/m.test(status)) found.push(pid);
    } catch {
      // It has ended in the meantime.
    }
  }
  return found.filter((pid) => {
    let parent: number | undefined = pid;
    while (parent !== undefined && parent !== process.pid) parent = parents.get(parent);
    return parent === process.pid;
  });
}

/** Clock ticks in user mode. */
const ticks = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ")[11],
  );

let worker = 0;
/** The Worker's resident KiB. */
const resident = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${worker}/status`, "utf8"))![1]);

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const program = compile(readFileSync(join(import.meta.dirname, "../hostile/guest/neighbour.c"), "utf8"));

const server = await startBinlet();
const { image, entrypoint } = await server.upload(program);

await server.client.json("PUT", "functions/hold", {
  image,
  invoke: "exec",
  command: [...entrypoint, "hold", "x", "0"],
  limits: { wallMs: 600_000 },
});

/** A request whose body does not end, so that its program waits for input. Resolves when it is on its way. */
function block(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const head =
    "POST /hold HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";
  return new Promise((resolve) => socket.write(head, () => resolve(socket)));
}

const hello = () =>
  server.client.json<ExecAnswer>("POST", "exec", { image, argv: [...entrypoint, "hello"] }).then((answer) => {
    if (answer.exitCode !== 0) throw new Error(JSON.stringify(answer));
    return answer;
  });

// The Worker is the one that computes.
const idle = processes().map((pid) => [pid, ticks(pid)]);
const spinner = await server.upload(
  compile(readFileSync(join(import.meta.dirname, "../hostile/guest/endless.c"), "utf8")),
);
const spin = { image: spinner.image, argv: [...spinner.entrypoint, "spin"], limits: { cpuMs: 2000 } };
await server.client.json("POST", "exec", spin);
worker = idle.map(([pid, before]) => [pid, ticks(pid) - before]).sort((a, b) => b[1] - a[1])[0][0];

// Warm: the isolate, the image's pages, the code of the engine.
for (let i = 0; i < 50; i++) await hello();
const { stats } = await hello();
(await block()).end("0\r\n\r\n");
await later(1000);

const before = resident();
const sockets: Socket[] = [];
for (let i = 0; i < blocked; i++) {
  sockets.push(await block());
  await later(10);
}
await later(2000);
const during = resident();
let answered = 0;
for (const socket of sockets) {
  socket.on("data", (data) => (answered += String(data).split("intact").length - 1));
  socket.end("0\r\n\r\n");
}
await later(3000);
if (answered !== blocked) throw new Error(`${answered} of ${blocked} machines answered`);

for (let i = 0; i < 200; i++) await hello();
const start = resident();
for (let i = 0; i < hellos; i++) await hello();
const end = resident();
await server.close();

const mib = (kib: number) => (kib / MIB).toFixed(1);
console.log(
  table([
    ["memory", "measured", "bar", "goal"],
    [`${blocked} machines blocked in read at once: growth of RSS, MiB`, mib(during - before), "96", "64"],
    ["frames of a hello machine, KiB", String(stats.peakFrames * 4), "256", "128"],
    [`growth of RSS over ${hellos} hello machines, MiB`, mib(end - start), "flat", "flat"],
  ]),
);
console.log(`workerd: ${mib(before)} MiB before, ${mib(during)} MiB with the machines, ${mib(end)} MiB at the end`);
