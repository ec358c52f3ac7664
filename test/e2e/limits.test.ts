/** What a caller is told when a program meets a limit, and that the Worker is fit afterwards. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Limits } from "../../src/http/function-config.ts";
import { compile as compileGuest } from "../machine/support.ts";
import { has, TestServer } from "./server.ts";

const guest = (name: string) =>
  compileGuest(readFileSync(join(import.meta.dirname, `../hostile/guest/${name}.c`), "utf8"));

/** Each program, and what the answer says. */
const SENTENCES: [what: string, limits: Partial<Limits>, sentence: RegExp][] = [
  ["spin", { cpuMs: 200 }, /limit cpuMs/],
  ["sleep", { wallMs: 200 }, /limit wallMs/],
  ["touch", { memoryMiB: 8 }, /memory/],
  ["complain", { outputMiB: 1 }, /limit outputMiB/],
  ["fork", { cpuMs: 200, processes: 16 }, /limit cpuMs\. It had reached its limit processes/],
  ["threads", { cpuMs: 200, processes: 16 }, /limit cpuMs\. It had reached its limit processes/],
  ["open-stop", { files: 32 }, /exited with status 1\. It had reached its limit files/],
  ["file-stop", { memoryMiB: 8 }, /memory|status 1/],
  ["fill-pipe", { wallMs: 200 }, /limit wallMs/],
  ["map-apart", { wallMs: 300 }, /limit (wallMs|cpuMs)/],
  ["exec", { cpuMs: 200, wallMs: 2000 }, /limit (wallMs|cpuMs)/],
  ["signals", { cpuMs: 200, wallMs: 2000 }, /limit (wallMs|cpuMs)/],
  ["stack", {}, /SIGSEGV/],
];

describe.skipIf(!has("gcc"))("limits over HTTP", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
    await server.image(guest("endless"), "endless");
    await server.image(guest("neighbour"), "neighbour");
  });
  afterAll(() => server?.close());

  /** Nearly all frames of the isolate can be had. */
  async function fits(): Promise<void> {
    const answer = await server.exec({
      image: "neighbour",
      argv: [path("neighbour"), "fit", "60"],
      limits: { memoryMiB: 70 },
    });
    expect(answer).toMatchObject({ exitCode: 0, stdout: "fits\n" });
  }
  /** Where the image of a single program has it. */
  const path = (image: string): string => `/${guest(image).split("/").pop()}`;

  test.for(SENTENCES)("%s", async ([what, limits, sentence]) => {
    await server.putFunction(`e-${what}`, {
      image: "endless",
      invoke: "exec",
      command: [path("endless"), what],
      limits,
    });
    const response = await server.fetch(`/e-${what}`);
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(sentence)]);
  });

  test("a stream that has begun is broken off", async () => {
    await server.putFunction("e-print", {
      image: "endless",
      invoke: "exec",
      command: [path("endless"), "print"],
      limits: { outputMiB: 1 },
    });
    const response = await server.fetch("/e-print");
    if (response.status === 200) await expect(response.bytes()).rejects.toThrow();
    else expect(response.status).toBe(502);
  });

  test("the isolate has all its frames afterwards", async () => {
    await fits();
  });

  test("standard streams can be opened anew by any user", async () => {
    const answer = await server.exec({
      image: "neighbour",
      argv: [path("neighbour"), "reopen"],
      user: "1000:1000",
    });
    expect(answer).toMatchObject({ exitCode: 0, stdout: "uid 1000\n", stderr: "again\n" });
  });
});
