/**
 * `node test/bench/hello.ts [REQUESTS] [STARTS]`: a program that answers one HTTP request, against an empty hono route in
 * the same workerd. Warm: requests with changing arguments, one after the other, alternating with the empty route's, from the
 * 30th on; settled: from the 1,500th on, when V8 has optimised what runs. Cold: the first request that a workerd gets, over several
 * starts.
 */
import { request } from "./http.ts";
import { compile } from "./kernels.ts";
import { type BinletServer, startBinlet } from "./server.ts";
import { median, ratio, table } from "./statistics.ts";

const requests = Number(process.argv[2] ?? 200);
const starts = Number(process.argv[3] ?? 5);
const WARM_UP = 30;
const SETTLED = 1500;

async function hello(server: BinletServer, name: string): Promise<number> {
  const answer = await request(server.url, `/hello?${name}`);
  if (answer.status !== 200 || String(answer.body) !== `hello, ${name}\n`) {
    throw new Error(`hello answered ${answer.status}: ${answer.body}`);
  }
  return answer.milliseconds;
}

async function empty(server: BinletServer): Promise<number> {
  const answer = await request(server.url, "/hello", { host: "empty.test" });
  if (answer.status !== 200 || String(answer.body) !== "hello\n") {
    throw new Error(`the empty route answered ${answer.status}: ${answer.body}`);
  }
  return answer.milliseconds;
}

const warmServer = await startBinlet();
const { image } = await warmServer.upload(compile("hello"));
await warmServer.client.json("PUT", "functions/hello", { image, invoke: "cgi" });

const cold = { hello: [] as number[], empty: [] as number[] };
for (let i = 0; i < starts; i++) {
  const server = await startBinlet();
  await server.copyObjects(warmServer);
  // Alternating which of the two is asked first: that one also pays for the first connection to the process.
  if (i % 2) cold.hello.push(await hello(server, `cold${i}`));
  cold.empty.push(await empty(server));
  if (i % 2 === 0) cold.hello.push(await hello(server, `cold${i}`));
  await server.close();
}

let asked = 0;

/** Times of `count` requests to each of the two after the first `from`. */
async function after(from: number, count: number): Promise<typeof cold> {
  const times: typeof cold = { hello: [], empty: [] };
  for (; asked < from + count; asked++) {
    const both = [await hello(warmServer, `warm${asked}`), await empty(warmServer)];
    if (asked < from) continue;
    times.hello.push(both[0]);
    times.empty.push(both[1]);
  }
  return times;
}

const warm = await after(WARM_UP, requests);
const settled = await after(SETTLED, requests);
await warmServer.close();

const row = (name: string, { hello, empty }: typeof cold): string[] => [
  name,
  median(hello).toFixed(2),
  median(empty).toFixed(2),
  ratio(median(hello) / median(empty)),
];
console.log(
  table([
    ["hello over HTTP", "Binlet, ms", "empty route, ms", "ratio"],
    row("first request", cold),
    row("warm", warm),
    row("settled", settled),
  ]),
);
console.log(`medians of ${starts} starts and of ${requests} requests with changing arguments, one at a time`);
