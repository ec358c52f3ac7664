import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, has, TestServer } from "./server.ts";

describe.skipIf(!has("gcc"))("functions over HTTP", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
    const image = await server.image(compile(join(import.meta.dirname, "probe.c"), "probe"), "probe");
    await server.putFunction("probe", { image, env: { OWN: "1" } });
    await server.putFunction("small", {
      image: "probe",
      limits: { memoryMiB: 8, bodyMiB: 1, outputMiB: 1, wallMs: 1000 },
    });
    // A loaded computer must not spend the wall time first.
    await server.putFunction("brief", { image: "probe", limits: { cpuMs: 500, wallMs: 60_000 } });
    await server.putFunction("upper", { image, invoke: "exec", command: ["/probe", "upper"] });
    await server.putFunction("arguments", { image, invoke: "exec", command: ["/probe", "arguments", "a b", ""] });
    await server.putFunction("much", {
      image,
      invoke: "exec",
      command: ["/probe", "much", "2048"],
      limits: { outputMiB: 1 },
    });
    await server.putFunction("gone", { image: `sha256:${"0".repeat(64)}` });
  });
  afterAll(() => server?.close());

  describe("mode cgi", () => {
    test("the body is standard input, also of the first machine of an isolate", async () => {
      const body = "a Body ".repeat(50_000);
      const response = await server.fetch("/probe/upper", { method: "POST", body });
      expect(response.headers.get("content-type")).toBe("application/octet-stream");
      expect(await response.text()).toBe(body.toUpperCase());
    });

    test("the environment is the meta-variables and the function's own", async () => {
      const response = await server.fetch("/probe/env?a=1&b=%20", {
        headers: { "X-Test": "yes", Proxy: "http://evil" },
      });
      expect([response.status, response.statusText]).toEqual([200, "OK"]);
      expect(response.headers.get("content-type")).toBe("text/plain");
      const lines = (await response.text()).trimEnd().split("\n");
      expect(lines).toContain("GATEWAY_INTERFACE=CGI/1.1");
      expect(lines).toContain("REQUEST_METHOD=GET");
      expect(lines).toContain("SCRIPT_NAME=/probe");
      expect(lines).toContain("PATH_INFO=/env");
      expect(lines).toContain("QUERY_STRING=a=1&b=%20");
      expect(lines).toContain("HTTP_X_TEST=yes");
      expect(lines).toContain(`SERVER_PORT=${new URL(server.url).port}`);
      expect(lines).toContain("OWN=1");
      expect(lines.filter((line) => /^(HTTP_PROXY|HTTP_AUTHORIZATION|AUTH_TYPE)=/.test(line))).toEqual([]);
    });

    test("the answer begins while the body is still coming", async () => {
      const body = new TransformStream<Uint8Array, Uint8Array>();
      const writer = body.writable.getWriter();
      const pending = server.fetch("/probe/upper", {
        method: "POST",
        body: body.readable,
        duplex: "half",
      } as RequestInit);
      void writer.write(new TextEncoder().encode("first "));
      const reader = (await pending).body!.pipeThrough(new TextDecoderStream() as never).getReader();
      expect((await reader.read()).value).toBe("FIRST ");
      void writer.write(new TextEncoder().encode("second"));
      expect((await reader.read()).value).toBe("SECOND");
      void writer.close();
      expect((await reader.read()).done).toBe(true);
    });

    test("Status, repeated fields and the type are the program's", async () => {
      const response = await server.fetch("/probe/status");
      expect([response.status, response.statusText]).toEqual([418, "Short and stout"]);
      expect(response.headers.get("x-probe")).toBe("a, b");
      expect(response.headers.get("content-type")).toBe("text/html");
      expect(await response.text()).toBe("<p>tea");
    });

    test("HEAD has the head only", async () => {
      const response = await server.fetch("/probe/status", { method: "HEAD" });
      expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
        418,
        "text/html",
        "",
      ]);
    });

    test("redirects: local, to the client, in a circle", async () => {
      const local = await server.fetch("/probe/redirect", { method: "POST", body: "dropped" });
      expect([local.status, await local.text()]).toEqual([200, ""]);
      const away = await server.fetch("/probe/elsewhere");
      expect([away.status, away.headers.get("location")]).toEqual([302, "https://example.com/"]);
      expect((await server.fetch("/probe/circle")).status).toBe(502);
    });

    test("no header block is text/plain", async () => {
      for (const [path, text] of [
        ["plain", "no header block\n"],
        ["silent", ""],
      ]) {
        const response = await server.fetch(`/probe/${path}`);
        expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
        expect([response.status, await response.text()]).toEqual([200, text]);
      }
    });

    test("output streams as it is written", async () => {
      const reader = (await server.fetch("/probe/pause"))
        .body!.pipeThrough(new TextDecoderStream() as never)
        .getReader();
      expect((await reader.read()).value).toBe("before\n");
      expect((await reader.read()).value).toBe("after\n");
    });

    test("much output arrives whole", async () => {
      const text = await (await server.fetch("/probe/much")).text();
      expect(text.length).toBe(1 << 20);
      expect(text.slice(-16)).toBe(`${String(65_535).padStart(15, "0")}\n`);
    });

    test("a Content-Length of the program's is kept", async () => {
      const response = await server.fetch("/probe/length");
      expect([response.headers.get("content-length"), await response.text()]).toEqual(["5", "abcde"]);
    });
  });

  describe("mode exec", () => {
    test("arguments from the configuration, body to output", async () => {
      const response = await server.fetch("/upper", { method: "POST", body: "héllo" });
      expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      expect(await response.text()).toBe("HéLLO");
      expect(await (await server.fetch("/arguments/ignored?x")).text()).toBe("arguments\na b\n\n");
    });

    test("other methods are refused", async () => {
      const response = await server.fetch("/upper", { method: "DELETE" });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    });
  });

  describe("failures", () => {
    const failure = async (path: string, init?: RequestInit) => {
      const response = await server.fetch(path, init);
      return [response.status, await response.text()];
    };

    test("before any output: 502 with the status or signal and standard error", async () => {
      expect(await failure("/probe/fail")).toEqual([502, "The program exited with status 3.\nfirst\nlast line\n"]);
      expect(await failure("/probe/segv")).toEqual([502, "The program was killed by signal 11 (SIGSEGV).\n"]);
    });

    test("a malformed header block", async () => {
      expect(await failure("/probe/malformed")).toEqual([502, expect.stringContaining("Status")]);
    });

    test("after output: the transfer breaks", async () => {
      const response = await server.fetch("/probe/late");
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
    });

    test("a body that is too large", async () => {
      const body = new Uint8Array((1 << 20) + 1);
      expect(await failure("/small/upper", { method: "POST", body })).toEqual([
        413,
        "The request's body is larger than 1 MiB.\n",
      ]);
    });

    test("unknown functions, images and names", async () => {
      expect(await failure("/nothing")).toEqual([404, 'There is no function named "nothing".\n']);
      expect((await failure("/gone"))[0]).toBe(502);
    });

    test("limits end the program", async () => {
      expect(await failure("/brief/spin")).toEqual([502, expect.stringContaining("limit cpuMs")]);
      expect(await failure("/small/sleep")).toEqual([502, expect.stringContaining("limit wallMs")]);
      expect(await failure("/small/hog")).toEqual([502, expect.stringContaining("memory")]);
      const much = await server.fetch("/much");
      await expect(much.text()).rejects.toThrow();
    });
  });

  test("a client that goes away takes nobody with it", async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /probe/sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((later) => setTimeout(later, 100));
    socket.destroy();
    expect(await (await server.fetch("/probe/plain")).text()).toBe("no header block\n");
  });

  test("requests at the same time do not mix", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const body = `request ${i} `.repeat(2000);
        return [await (await server.fetch("/probe/upper", { method: "POST", body })).text(), body.toUpperCase()];
      }),
    );
    for (const [got, expected] of answers) expect(got).toBe(expected);
  });
});
