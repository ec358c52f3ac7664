/**
 * `node test/bench/hello-machine.ts [MACHINES] [ROUNDS]`: what the host does for a warm request of `hello`, without HTTP: microseconds to
 * make a machine, to run it to its end, and to give back what it had, in one isolate on Node. The image is in the cache.
 */
import { Isolate } from "../../src/machine/isolate.ts";
import { Machine } from "../../src/machine/machine.ts";
import { HostTree } from "../../tools/host-tree.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { NodeHost } from "../../tools/node-host.ts";
import { compile } from "./kernels.ts";
import { median, table } from "./statistics.ts";

const machines = Number(process.argv[2] ?? 2000);
const rounds = Number(process.argv[3] ?? 5);

const tree = new HostTree();
tree.add(compile("hello"), "/hello");
const image = tree.manifest();
const isolate = new Isolate(loadInterpreter());
const host = new NodeHost(tree);
/** As src/http/invoke.ts has them. */
const limits = { cpuMs: 25000, wallMs: 60000, memoryMiB: 48, processes: 256, files: 1024, outputMiB: 64 };

/** Microseconds to make it, and to run it. */
async function hello(query: string): Promise<[number, number]> {
  const env = {
    GATEWAY_INTERFACE: "CGI/1.1",
    PATH_INFO: "",
    QUERY_STRING: query,
    REMOTE_ADDR: "127.0.0.1",
    REMOTE_HOST: "127.0.0.1",
    REQUEST_METHOD: "GET",
    REQUEST_SCHEME: "http",
    REQUEST_URI: `/hello?${query}`,
    SCRIPT_NAME: "/hello",
    SERVER_NAME: "127.0.0.1",
    SERVER_PORT: "8787",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_SOFTWARE: "binlet",
    HTTP_HOST: "127.0.0.1:8787",
    HTTP_ACCEPT_ENCODING: "identity",
  };
  const begin = performance.now();
  const machine = new Machine(isolate, { image, argv: ["/hello"], env, limits });
  let output = "";
  machine.stdin.close();
  machine.stdout.onData(() => {
    if (machine.stdout.available > 0) output += new TextDecoder().decode(machine.stdout.pull());
  });
  const made = performance.now();
  const { exitCode } = await machine.run(host);
  const ended = performance.now();
  if (exitCode !== 0 || !output.endsWith(`hello, ${query}\n`))
    throw new Error(`hello ended with ${exitCode}: ${output}`);
  return [(made - begin) * 1000, (ended - made) * 1000];
}

const made: number[] = [];
const ran: number[] = [];
const both: number[] = [];
for (let i = 0; i < machines; i++) await hello(`warm${i}`);
for (let round = 0; round < rounds; round++) {
  const sum = [0, 0];
  for (let i = 0; i < machines; i++) {
    const [make, run] = await hello(`${round}.${i}`);
    sum[0] += make;
    sum[1] += run;
  }
  made.push(sum[0] / machines);
  ran.push(sum[1] / machines);
  both.push((sum[0] + sum[1]) / machines);
}
const row = (name: string, values: number[]) => [name, median(values).toFixed(0), Math.min(...values).toFixed(0)];
console.log(
  table([
    ["a warm hello machine", "us, median", "us, least"],
    row("made", made),
    row("run and ended", ran),
    row("both", both),
  ]),
);
console.log(`means of ${machines} machines, over ${rounds} rounds`);
