/**
 * `node test/bench/hello.ts [REQUESTS] [STARTS]`: a program that answers one HTTP request, against an empty hono route in
 * the same workerd. Warm: requests with changing arguments, one after the other, alternating with the empty route's. Cold:
 * the first request that a workerd gets, over several starts.
 */
import { request as httpRequest } from "node:http";
import { compile } from "./kernels.ts";
import { type BinletServer, startBinlet } from "./server.ts";
import { median, ratio, table } from "./statistics.ts";

const requests = Number(process.argv[2] ?? 200);
const starts = Number(process.argv[3] ?? 5);
const WARM_UP = 30;

/** One GET on a connection of its own; the host name chooses the Worker. */
function get(
  url: string,
  path: string,
  host?: string,
): Promise<{ status: number; text: string; milliseconds: number }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const headers = host === undefined ? {} : { host };
    const call = httpRequest({ hostname, port, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, milliseconds: performance.now() - start }),
      );
    });
    call.on("error", reject);
    call.end();
  });
}

async function hello(server: BinletServer, name: string): Promise<number> {
  const answer = await get(server.url, `/hello?${name}`);
  if (answer.status !== 200 || answer.text !== `hello, ${name}\n`) {
    throw new Error(`hello answered ${answer.status}: ${answer.text}`);
  }
  return answer.milliseconds;
}

async function empty(server: BinletServer): Promise<number> {
  const answer = await get(server.url, "/hello", "empty.test");
  if (answer.status !== 200 || answer.text !== "hello\n") {
    throw new Error(`the empty route answered ${answer.status}: ${answer.text}`);
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
