import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { assembledHello } from "../../examples/hello/assembled.ts";
import { app } from "../../src/http/app.ts";
import type { Env } from "../../src/http/env.ts";
import { MANIFEST_TYPE as MANIFEST } from "../../src/http/images-protocol.ts";
import { sha256 } from "../../src/image/format.ts";

const TOKEN = "test-token";
const bindings = env as unknown as Env;

function call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) };
  return Promise.resolve(app.request(`http://h${path}`, { ...init, method, headers }, bindings));
}

async function refusal(response: Response): Promise<[status: number, sentence: string]> {
  const text = await response.text();
  const sentence = response.headers.get("content-type") === "application/json" ? JSON.parse(text).error : text.trim();
  expect(sentence).toMatch(/^[A-Z].*\.$/);
  return [response.status, sentence];
}

const context = { waitUntil() {}, passThroughOnException() {} } as unknown as ExecutionContext;
const image = `sha256:${"0".repeat(64)}`;

describe("authentication", () => {
  test("comes before everything under /_/", async () => {
    for (const path of ["/_/functions", "/_/functions/x", "/_/nothing", "/_/exec", "/_/images/x", "/_/chunks/x"]) {
      for (const method of ["GET", "PUT", "PATCH"]) {
        const response = await call(method, path, { headers: { Authorization: "Bearer wrong" } });
        expect(response.headers.get("www-authenticate")).toMatch(/^Bearer /);
        expect(await refusal(response)).toEqual([401, "The bearer token is wrong."]);
      }
    }
  });

  test("cannot succeed without a configured token", async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const response = await app.request("http://h/_/functions", { headers }, { OBJECTS: bindings.OBJECTS });
    expect((await refusal(response))[0]).toBe(503);
  });
});

describe("functions", () => {
  test("are put, got, listed, replaced and deleted", async () => {
    const config = { image, invoke: "cgi", env: { A: "1" } };
    expect((await call("PUT", "/_/functions/crud", { body: JSON.stringify(config) })).status).toBe(204);
    expect(await (await call("GET", "/_/functions/crud")).json()).toEqual(config);
    const { functions } = await (await call("GET", "/_/functions")).json<{ functions: { name: string }[] }>();
    expect(functions.map((f) => f.name)).toContain("crud");
    await call("PUT", "/_/functions/crud", { body: JSON.stringify({ image, invoke: "exec" }) });
    expect(await (await call("GET", "/_/functions/crud")).json()).toEqual({ image, invoke: "exec" });
    expect((await call("DELETE", "/_/functions/crud")).status).toBe(204);
    expect((await call("GET", "/_/functions/crud")).status).toBe(404);
    expect((await call("DELETE", "/_/functions/crud")).status).toBe(404);
  });

  test("are refused with a sentence", async () => {
    const put = (name: string, body: string) => call("PUT", `/_/functions/${name}`, { body });
    expect(await refusal(await put("x", "{"))).toEqual([400, "The body is not valid JSON."]);
    expect(await refusal(await put("X", "{}"))).toEqual([400, expect.stringContaining("not valid")]);
    expect(await refusal(await put("x", "{}"))).toEqual([400, expect.stringContaining('lacks the field "image"')]);
    expect((await refusal(await put("x", " ".repeat(300_000))))[0]).toBe(413);
  });

  test("know their methods", async () => {
    const response = await call("POST", "/_/functions/x");
    expect(response.headers.get("allow")).toBe("GET, HEAD, PUT, DELETE");
    expect((await refusal(response))[0]).toBe(405);
    expect((await call("DELETE", "/_/functions")).headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("images", () => {
  test("arrive as chunks and a manifest", async () => {
    const chunk = crypto.getRandomValues(new Uint8Array(5000));
    const hex = await sha256(chunk);
    const manifest = {
      version: 1,
      config: { entrypoint: ["/app"] },
      chunkSize: 4096,
      chunks: [hex],
      inodes: [
        { mode: 0o40755, entries: ["app", 1] },
        { mode: 0o100755, size: 5000, chunks: [0] },
      ],
    };
    const put = () =>
      call("PUT", "/_/images/parts", { body: JSON.stringify(manifest), headers: { "Content-Type": MANIFEST } });
    expect(await refusal(await put())).toEqual([409, "The store lacks 1 of the image's chunks."]);
    expect((await call("HEAD", `/_/chunks/${hex}`)).status).toBe(404);
    expect((await call("PUT", `/_/chunks/${hex}`, { body: chunk.slice(1) })).status).toBe(400);
    expect((await call("PUT", `/_/chunks/${hex}`, { body: chunk })).status).toBe(204);
    expect((await call("HEAD", `/_/chunks/${hex}`)).status).toBe(200);
    const { digest } = await (await put()).json<{ digest: string }>();
    expect(digest).toBe(`sha256:${await sha256(new TextEncoder().encode(JSON.stringify(manifest)))}`);
    expect(await (await call("GET", "/_/images/parts")).json()).toMatchObject({
      digest,
      config: { entrypoint: ["/app"] },
    });
    const { images } = await (await call("GET", "/_/images")).json<{ images: unknown[] }>();
    expect(images).toContainEqual({ name: "parts", digest, modified: expect.any(String) });
    expect((await call("DELETE", "/_/images/parts")).status).toBe(204);
    expect(await refusal(await call("GET", "/_/images/parts"))).toEqual([404, 'There is no image named "parts".']);
  });

  test("arrive as an executable or an archive", async () => {
    const elf = assembledHello();
    const { digest } = await (await call("PUT", "/_/images/elf", { body: elf })).json<{ digest: string }>();
    expect(digest).toMatch(/^sha256:/);
    expect(await (await call("GET", "/_/images/elf")).json()).toMatchObject({
      config: { entrypoint: ["/bin/program"] },
    });
    expect(await refusal(await call("PUT", "/_/images/x", { body: "text" }))).toEqual([
      422,
      expect.stringContaining("neither"),
    ]);
    expect(await refusal(await call("PUT", "/_/images/x", { body: elf.slice(0, 10) }))).toEqual([
      422,
      expect.any(String),
    ]);
    expect((await refusal(await call("PUT", "/_/images/x")))[0]).toBe(400);
  });

  test("are refused with a sentence", async () => {
    const headers = { "Content-Type": MANIFEST };
    expect((await refusal(await call("PUT", "/_/images/x", { body: "{}", headers })))[0]).toBe(400);
    expect((await refusal(await call("PUT", "/_/chunks/abc", { body: "x" })))[0]).toBe(400);
    expect(
      (await refusal(await call("PUT", `/_/chunks/${"0".repeat(64)}`, { body: new Uint8Array(300 << 10) })))[0],
    ).toBe(413);
  });
});

describe("outside the management interface", () => {
  test("unknown functions and bad names are 404 in plain text", async () => {
    for (const path of ["/", "/nothing", "/nothing/x", "/_", "/.x", "//x", "/Up"]) {
      const response = await app.request(`http://h${path}`, {}, bindings, context);
      expect(response.status).toBe(path === "/_" ? 401 : 404);
      await refusal(response);
    }
  });
});
