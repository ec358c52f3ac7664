import { describe, expect, test } from "vitest";
import { CgiFraming, ExecFraming } from "../../src/http/framing.ts";
import { type Framing, Reply } from "../../src/http/reply.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const HTML = "Content-Type: text/html\n\n";

async function response(reply: Reply): Promise<Response> {
  const head = await reply.head;
  if (!(head instanceof Response)) throw new Error(`a local redirect to ${head.localRedirect}`);
  return head;
}

/** The answer to a program that prints `output` in pieces and ends before it ever waits. */
async function answer(framing: Framing, output: string[], method = "GET"): Promise<Response> {
  const reply = new Reply(framing, method);
  for (const piece of output) reply.write(bytes(piece));
  await reply.end({ exitCode: 0 }, "");
  return response(reply);
}

describe("a program that ends at once", () => {
  test("is answered in one piece", async () => {
    const r = await answer(new CgiFraming(), ["Content-", "Type: text/html\nX-A: 1\n", "\n<p>", "hello"]);
    expect([r.status, r.headers.get("content-type"), r.headers.get("x-a")]).toEqual([200, "text/html", "1"]);
    expect(await r.text()).toBe("<p>hello");
  });

  test("without a header block is text/plain", async () => {
    for (const output of [["hello"], ["hel", "lo"], ["hello\n"], ["Content-Type: text/html\n"], []]) {
      const r = await answer(new CgiFraming(), output);
      expect(r.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      expect(await r.text()).toBe(output.join(""));
    }
  });

  test("decides the status", async () => {
    const r = await answer(new CgiFraming(), ["Status: 404 Nothing\n\nno"]);
    expect([r.status, r.statusText, await r.text()]).toEqual([404, "Nothing", "no"]);
  });

  test("has no body with 204, 304 and HEAD", async () => {
    for (const status of [204, 304]) {
      const r = await answer(new CgiFraming(), [`Status: ${status}\n\nbody`]);
      expect([r.status, r.body]).toEqual([status, null]);
    }
    const r = await answer(new CgiFraming(), [HTML, "body"], "HEAD");
    expect([r.status, r.headers.get("content-type"), r.body]).toEqual([200, "text/html", null]);
  });

  test("may redirect", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes("Location: /other?a\n\nignored"));
    await reply.end({ exitCode: 0 }, "");
    expect(await reply.head).toEqual({ localRedirect: "/other?a" });
  });

  test("in mode exec, the type follows the first output", async () => {
    const types: [string | Uint8Array, string][] = [
      ["text", "text/plain; charset=utf-8"],
      ["h\u00e9\t\x1b[1m\n", "text/plain; charset=utf-8"],
      [Uint8Array.of(0x41, 0xc3), "text/plain; charset=utf-8"],
      [Uint8Array.of(0x41, 0xc3, 0x28), "application/octet-stream"],
      [Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), "application/octet-stream"],
      ["a\0b", "application/octet-stream"],
    ];
    for (const [output, type] of types) {
      const reply = new Reply(new ExecFraming(), "POST");
      reply.write(typeof output === "string" ? bytes(output) : output);
      await reply.end({ exitCode: 0 }, "");
      expect((await response(reply)).headers.get("content-type")).toBe(type);
    }
  });
});

describe("a program that fails before anything was sent", () => {
  test("is a 502 with its status and the end of its standard error", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes("Content-Type: te"));
    await reply.end({ exitCode: 3 }, "cannot open x\n");
    await expect(reply.head).rejects.toMatchObject({
      status: 502,
      message: "The program exited with status 3.\ncannot open x",
    });
  });

  test("by a signal, likewise", async () => {
    const reply = new Reply(new ExecFraming(), "GET");
    await reply.end({ signal: 11 }, "");
    await expect(reply.head).rejects.toMatchObject({ message: "The program was killed by signal 11 (SIGSEGV)." });
  });

  test("a malformed header block is a 502", () => {
    const reply = new Reply(new CgiFraming(), "GET");
    expect(() => reply.write(bytes("Status: fine\n\n"))).toThrow(/Status/);
  });
});

describe("a program that waits", () => {
  test("streams what it wrote, and then as it writes", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes(`${HTML}one`));
    const first = reply.flush();
    const reader = (await response(reply)).body!.getReader();
    expect(await reader.read()).toEqual({ done: false, value: bytes("one") });
    await first;
    const second = reply.write(bytes("two"));
    expect(await reader.read()).toEqual({ done: false, value: bytes("two") });
    await second;
    const end = reply.end({ exitCode: 0 }, "");
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await end;
  });

  test("sends nothing before the header block is complete", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes("Content-Type: text/html\n"));
    expect(reply.flush()).toBeNull();
    expect(reply.settled).toBe(false);
  });

  test("is held up by a client that does not read", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    let pressure: Promise<void> | null = reply.write(bytes(HTML));
    for (let i = 0; i < 64 && pressure === null; i++) pressure = reply.write(new Uint8Array(4096));
    expect(pressure).not.toBeNull();
    let released = false;
    pressure!.then(() => (released = true));
    const r = await response(reply);
    await new Promise((later) => setTimeout(later, 20));
    expect(released).toBe(false);
    const ended = reply.end({ exitCode: 0 }, "");
    expect((await r.arrayBuffer()).byteLength).toBe(64 * 1024);
    expect(released).toBe(true);
    await ended;
  });

  test("and fails breaks the stream", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes(`${HTML}one`));
    reply.flush()?.catch(() => {});
    const reader = (await response(reply)).body!.getReader();
    await reader.read();
    reader.closed.catch(() => {});
    const ended = reply.end({ signal: 9 }, "");
    await expect(reader.read()).rejects.toThrow();
    await ended;
  });

  test("learns that the client has gone", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes(`${HTML}one`));
    const first = reply.flush();
    await (await response(reply)).body!.cancel();
    const outcome = (write: Promise<void> | null) => write?.then(() => "taken").catch(() => "refused");
    expect(await outcome(first)).toBe("refused");
    expect(await outcome(reply.write(bytes("two")))).toBe("refused");
  });

  test("with a Content-Length of its own is sent with it", async () => {
    const reply = new Reply(new CgiFraming(), "GET");
    reply.write(bytes("Content-Type: a/b\nContent-Length: 3\n\n"));
    reply.flush();
    const r = await response(reply);
    const written = reply.write(bytes("abc"));
    const ended = reply.end({ exitCode: 0 }, "");
    expect(await r.text()).toBe("abc");
    await written;
    await ended;
  });
});
