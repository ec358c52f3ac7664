/** examples/queue: producers and consumers are requests, in two Workers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePaths, setup } from "../../examples/queue/setup.ts";
import { CHECKOUT } from "../../src/cli/client.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { has } from "../e2e/server.ts";
import { Pair, sleep } from "./pair.ts";

describe.skipIf(!has("gcc"))("examples/queue", () => {
  let pair: Pair;
  beforeAll(async () => {
    setup();
    pair = await Pair.start();
    for (const [name, path] of Object.entries(imagePaths)) {
      await uploadImage(pair.client, path, `queue-${name}`, { quiet: true });
      const config = JSON.parse(readFileSync(join(CHECKOUT, `examples/queue/${name}.json`), "utf8"));
      await pair.client.json("PUT", `functions/${name}`, config);
    }
  }, 120_000);
  afterAll(() => pair?.close());

  const produce = async (type: string, body: string) =>
    (await pair.request(`/producer${type}`, { method: "POST", body })).text();
  const consume = async (path: string) => (await pair.request(`/consumer${path}`)).text();

  test("a consumer waits for what a later request sends", async () => {
    const waiting = consume("");
    await sleep(300);
    expect(await produce("", "hello\n")).toBe("sent 1\n");
    expect(await waiting).toBe("1 hello\n");
  });

  test("what nobody waits for stays, by type", async () => {
    expect(await produce("", "a\nb\n")).toBe("sent 2\n");
    expect(await produce("/7", "now")).toBe("sent 1\n");
    expect(await consume("/7")).toBe("7 now\n");
    expect(await consume("/-3")).toBe("1 a\n1 b\n");
  });

  test("a consumer gives up after a while", async () => {
    const { status } = await pair.request("/consumer?1");
    expect(status).toBe(204);
  });

  test("what is no message is refused", async () => {
    expect((await pair.request("/producer/0", { method: "POST", body: "x" })).status).toBe(400);
    expect((await pair.request("/producer", { method: "POST", body: "x".repeat(8193) })).status).toBe(413);
    expect(await produce("", "x".repeat(8192))).toBe("sent 1\n");
    expect(await consume("")).toBe(`1 ${"x".repeat(8192)}\n`);
  });

  test("a full queue makes producers wait, and consumers get all in order", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i} ${"-".repeat(1000)}`);
    const producing = produce("", lines.join("\n"));
    const received: string[] = [];
    while (received.length < lines.length) received.push(...(await consume("")).trimEnd().split("\n"));
    expect(await producing).toBe("sent 40\n");
    expect(received).toEqual(lines.map((line) => `1 ${line}`));
  });
});
