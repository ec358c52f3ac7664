/**
 * `node test/bench/hello.ts [REQUESTS] [STARTS]`: a program that answers one HTTP request, against an empty hono route in
 * the same workerd. Warm: requests with changing arguments, one after the other, alternating with the empty route's. Cold:
 * the first request that a workerd gets, over several starts.
 */
import { request } from "./http.ts";
import { compile } from "./kernels.ts";
import { type BinletServer, startBinlet } from "./server.ts";
import { median, ratio, table } from "./statistics.ts";

const requests = Number(process.argv[2] ?? 200);
const starts = Number(process.argv[3] ?? 5);
const WARM_UP = 30;

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

const warm = { hello: [] as number[], empty: [] as number[] };
for (let i = -WARM_UP; i < requests; i++) {
  const times = [await hello(warmServer, `warm${i + WARM_UP}`), await empty(warmServer)];
  if (i < 0) continue;
  warm.hello.push(times[0]);
  warm.empty.push(times[1]);
}
await warmServer.close();

const row = (name: string, { hello, empty }: typeof warm): string[] => [
  name,
  median(hello).toFixed(2),
  median(empty).toFixed(2),
  ratio(median(hello) / median(empty)),
];
console.log(
  table([["hello over HTTP", "Binlet, ms", "empty route, ms", "ratio"], row("first request", cold), row("warm", warm)]),
);
console.log(`medians of ${starts} starts and of ${requests} requests with changing arguments, one at a time`);
