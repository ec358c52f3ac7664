/** examples/prefork: a server in one request, its clients and who administers it in others, in two Workers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePath, setup } from "../../examples/prefork/setup.ts";
import { CHECKOUT } from "../../src/cli/client.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { has } from "../e2e/server.ts";
import { Pair } from "./pair.ts";

/** Lines of a response as they come. */
async function* linesOf(response: Response): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
}

describe.skipIf(!has("gcc"))("examples/prefork", () => {
  let pair: Pair;
  beforeAll(async () => {
    setup();
    pair = await Pair.start();
    await uploadImage(pair.client, imagePath, "prefork", { quiet: true });
    const config = JSON.parse(readFileSync(join(CHECKOUT, "examples/prefork/function.json"), "utf8"));
    await pair.client.json("PUT", "functions/prefork", config);
  }, 120_000);
  afterAll(() => pair?.close());

  const ask = async (name: string) => (await pair.request(`/prefork?${name}`)).text();
  const signal = async (pid: number, name: string) => {
    const init = { method: "POST", body: JSON.stringify({ signal: name }) };
    expect((await pair.request(`/_/namespaces/prefork/processes/${pid}/signal`, init)).status).toBe(204);
  };

  test("serves other requests, reloads at SIGHUP, ends at SIGTERM", async () => {
    expect((await pair.request("/prefork")).status).toBe(503);
    const lines = linesOf(await pair.request("/prefork/serve"));
    const master = Number((await lines.next()).value!.replace("master ", ""));
    expect((await lines.next()).value).toBe("generation 1");
    const names = Array.from({ length: 12 }, (_, i) => `client${i}`);
    const answers = await Promise.all(names.map(ask));
    for (const [i, answer] of answers.entries())
      expect(answer).toMatch(new RegExp(`^Hello, client${i}! \\(worker \\d+\\)\n$`));

    expect((await pair.request("/prefork/set/1")).status).toBe(204);
    expect(await ask("x")).toMatch(/^Hello/);
    await signal(master, "HUP");
    expect((await lines.next()).value).toBe("generation 2");
    expect(await ask("Linux")).toMatch(/^Bonjour, Linux! /);

    await signal(master, "TERM");
    expect((await lines.next()).value).toBe("done");
    expect((await lines.next()).done).toBe(true);
    expect((await pair.request("/prefork")).status).toBe(503);
  });
});
