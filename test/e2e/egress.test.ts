/** Sockets out of the machine, over workerd: TCP to servers of this test, DNS over HTTPS to a resolver of this test. */
import { execFileSync } from "node:child_process";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withLibraries } from "../../src/cli/host-program.ts";
import { uploadImage } from "../../src/cli/image.ts";
import type { ExecAnswer } from "../../src/http/exec-protocol.ts";
import { TestResolver } from "./resolver.ts";
import { compile, has, TestServer } from "./server.ts";

const SOURCE = join(import.meta.dirname, "egress.c");
/** Addresses of TEST-NET-2 and of the documentation prefix, which are nobody's. */
const HOST = "198.51.100.10";
const HOST6 = "20010db8000000000000000000000010";
const MEBIBYTE = 1 << 20;
const FLOOD = 64 * MEBIBYTE;

/** What this test's TCP servers saw. */
const seen = { connections: 0, most: 0, open: new Set<Socket>(), last: "", unread: 0, closed: 0 };

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

const echoServer = createServer({ allowHalfOpen: true }, (socket) => {
  seen.connections++;
  seen.open.add(socket);
  seen.most = Math.max(seen.most, seen.open.size);
  socket.on("close", () => {
    seen.open.delete(socket);
    seen.closed++;
  });
  socket.on("error", () => {});
  socket.on("data", (data) => (seen.last = data.toString("latin1").slice(-16)));
  socket.pipe(socket);
});
/** Sends as fast as it may; notes what has been taken while the other side does not read. */
const floodServer = createServer((socket) => {
  socket.on("error", () => {});
  let started = false;
  socket.on("data", (data) => {
    if (!started) socket.end(Buffer.alloc(FLOOD));
    started = true;
    if (data.includes("r")) seen.unread = FLOOD - socket.writableLength;
  });
});
const resetServer = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", () => socket.resetAndDestroy());
});
/** What uploads to /count have brought. */
const counted = { started: 0, ended: 0, bytes: 0 };
const httpServer = createHttpServer((request, response) => {
  if (request.url === "/count") {
    counted.started++;
    request.on("data", (data: Buffer) => (counted.bytes += data.length));
    request.on("end", () => {
      counted.ended++;
      response.end("counted");
    });
    request.on("error", () => {});
  } else if (request.url === "/big") response.end("0123456789abcdef".repeat(MEBIBYTE / 16));
  else response.end(`${request.method} ${request.url} for ${request.headers.host}\n`);
});

const hasMusl = has("musl-gcc");
const hasBusybox = has("busybox");

describe.skipIf(!has("gcc"))("egress", () => {
  let server: TestServer;
  let resolver: TestResolver;
  let http: number;
  const images: Record<string, string> = {};
  const servers = [echoServer, floodServer, resetServer, httpServer];

  beforeAll(async () => {
    resolver = await TestResolver.start({
      "echo.test": { a: [HOST], aaaa: [HOST6] },
      "alias.test": { alias: "echo.test" },
      "six.test": { aaaa: [HOST6] },
      "big.test": { a: Array.from({ length: 120 }, (_, i) => `198.51.100.${i + 1}`) },
      "behind.test": { a: ["198.51.100.77"] },
      "secret.test": { a: ["198.51.100.99"] },
      "inner.test": { a: ["127.0.0.1"] },
    });
    const [echo, flood, reset, web] = await Promise.all(servers.map(listen));
    http = web;
    const closed = await freePort();
    server = await TestServer.start({
      DOH_URL: resolver.url,
      EGRESS_MAP: [
        ...["echo.test", "alias.test", "six.test", HOST].map((host) => `${host}:7=127.0.0.1:${echo}`),
        `echo.test:8=127.0.0.1:${closed}`,
        `${HOST}:8=127.0.0.1:${closed}`,
        `echo.test:9=127.0.0.1:${flood}`,
        `echo.test:10=127.0.0.1:${reset}`,
        `echo.test:80=127.0.0.1:${web}`,
        `behind.test:80=http://127.0.0.1:${web}`,
      ].join(","),
    });
    const program = compile(SOURCE, "egress");
    images.static = (await uploadImage(server.client, program, "egress", { quiet: true })).digest;
  });
  afterAll(async () => {
    await server?.close();
    resolver?.close();
    for (const each of servers) each.close();
    for (const socket of seen.open) socket.destroy();
  });

  const run = (args: string[], egress: string[] | undefined, more: object = {}): Promise<ExecAnswer> =>
    server.exec({ image: images.static, argv: ["/egress", ...args], egress, ...more });

  test("an echo of a mebibyte, with each direction ended by itself", async () => {
    const { stdout, log } = await run(["echo", "echo.test", "7", String(MEBIBYTE)], ["echo.test:7"]);
    expect({ stdout, log }).toEqual({ stdout: `end 0, got ${MEBIBYTE}, bad 0, child 0\n`, log: [] });
  });

  test("by address, when a rule has it", async () => {
    const { stdout } = await run(["echo", HOST, "7", "1000"], ["198.51.100.0/24:*"]);
    expect(stdout).toBe("end 0, got 1000, bad 0, child 0\n");
  });

  test("a host that refuses", async () => {
    const { stdout, log } = await run(["errors", HOST, "8"], [`${HOST}:8`]);
    expect(stdout).toBe(
      "connect ECONNREFUSED\nnon-blocking EINPROGRESS\npoll 1 POLLERR, SO_ERROR ECONNREFUSED\nsendto ENETUNREACH\nDNS 0\n",
    );
    expect(log.join("\n")).toContain(`egress: connect to ${HOST}:8: `);
  });

  test("what no rule allows is EACCES, and in the log", async () => {
    const { stdout, log } = await run(["errors", HOST, "7"], ["echo.test:7", `${HOST}:8`]);
    expect(stdout).toBe("connect EACCES\nnon-blocking EACCES\nsendto ENETUNREACH\nDNS 0\n");
    expect(log).toContain(`egress: connect ${HOST}:7 is not allowed: EACCES`);
    const closed = await run(["errors", HOST, "7"], undefined);
    expect(closed.stdout).toBe("connect EACCES\nnon-blocking EACCES\nsendto ENETUNREACH\nDNS EACCES\n");
    expect(closed.log).toContain(`egress: sendto ${HOST}:53 is not allowed: EACCES`);
  });

  test("the loopback and link-local networks never lead out", async () => {
    for (const address of ["127.0.0.1", "169.254.169.254", "0.0.0.0"]) {
      const { stdout } = await run(["errors", address, String(http)], ["*:*"]);
      expect(stdout.split("\n")[0]).toBe(address.startsWith("169") ? "connect ENETUNREACH" : "connect ECONNREFUSED");
    }
    const { stdout } = await run(["echo", "inner.test", String(http), "1"], ["*:*"]);
    expect(stdout).toBe("connect: ECONNREFUSED\n");
  });

  test("twenty connections at once", async () => {
    seen.most = 0;
    const { stdout } = await run(["many", HOST, "7", "20"], [`${HOST}:7`]);
    expect(stdout).toBe("20 pending, 20 echoed\n");
    expect(seen.most).toBe(20);
  });

  test("a reader that is slow holds the sender back", async () => {
    const { stdout } = await run(["slow", "echo.test", "9"], ["echo.test:9"]);
    expect(stdout).toBe(`end 0, got ${FLOOD}\n`);
    expect(seen.unread).toBeLessThan(FLOOD / 2);
  });

  test("a reset", async () => {
    const { stdout } = await run(["reset", "echo.test", "10"], ["echo.test:10"]);
    expect(stdout).toMatch(/^read (ECONNRESET|end)\n$/);
  });

  test("a machine that ends sends what it has, and closes its connections", async () => {
    await run(["last", "echo.test", "7"], ["echo.test:7"]);
    await until(() => seen.last === "last words" && seen.open.size === 0);
    const ended = await run(["hold", "echo.test", "7", "forever"], ["echo.test:7"], { limits: { wallMs: 400 } });
    expect(ended).toMatchObject({ stdout: "held\n", reason: "wall" });
    await until(() => seen.open.size === 0);
  });

  test("a client that goes while its answer streams takes the connections along", async () => {
    const command = ["/egress", "stream", "echo.test", "7"];
    await server.putFunction("hold", { image: images.static, command, invoke: "exec", egress: ["echo.test:7"] });
    const client = new AbortController();
    const answer = await server.fetch("/hold", { signal: client.signal });
    const reader = answer.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("streaming");
    expect(seen.open.size).toBe(1);
    client.abort();
    await until(() => seen.open.size === 0);
  });

  test("names: both families, aliases, large answers, none, not allowed", async () => {
    resolver.asked.length = 0;
    const names = ["echo.test", "alias.test", "six.test", "big.test", "none.test", "secret.test"];
    const { stdout, log } = await run(
      ["lookup", ...names],
      names.slice(0, 5).map((name) => `${name}:80`),
    );
    expect(stdout.split("\n")).toEqual([
      `echo.test: ${HOST} 2001:db8::10 (2)`,
      `alias.test: ${HOST} 2001:db8::10 (2)`,
      "six.test: 2001:db8::10 (1)",
      expect.stringMatching(/^big\.test: .* \(120\)$/),
      "none.test: EAI_NONAME",
      "secret.test: EAI_AGAIN",
      "",
    ]);
    expect(resolver.asked.join()).not.toContain("secret");
    expect(log).toContain("egress: DNS query for secret.test is not allowed: REFUSED");
  });

  test("an address that only IPv6 has, an alias", async () => {
    for (const name of ["six.test", "alias.test"]) {
      const { stdout } = await run(["echo", name, "7", "5000"], ["*.test:7"]);
      expect(stdout).toBe("end 0, got 5000, bad 0, child 0\n");
    }
  });

  test("interfaces", async () => {
    const lo = "lo 127.0.0.1\nlo ::1\n";
    const sort = (text: string) => text.trim().split("\n").sort();
    expect(sort((await run(["interfaces"], undefined)).stdout)).toEqual(sort(lo));
    expect(sort((await run(["interfaces"], ["*:*"])).stdout)).toEqual(sort(`${lo}eth0 10.0.2.15\neth0 fd00::15\n`));
  });

  const other = (compiler: string, flags: string[], name: string) => {
    const path = join(import.meta.dirname, "../../build/test", name);
    execFileSync(compiler, [...flags, "-O2", "-w", "-o", path, SOURCE], { stdio: "pipe" });
    return path;
  };
  test.each([
    ["glibc, dynamic", "gcc", [] as string[]],
    ["musl, static", "musl-gcc", ["-static"]],
    ["musl, dynamic", "musl-gcc", []],
  ])("%s", async (title, compiler, flags) => {
    if (compiler === "musl-gcc" && !hasMusl) return;
    const path = other(compiler, flags, `egress-${title.replace(", ", "-")}`);
    const { source, program } = withLibraries(path);
    const { digest } = await uploadImage(server.client, source, "egress-other", { quiet: true, path: program });
    const egress = ["echo.test:7", "big.test:80", "six.test:80"];
    const go = async (...args: string[]) =>
      (await server.exec({ image: digest, argv: [program, ...args], egress })).stdout;
    expect(await go("echo", "echo.test", "7", "100000")).toBe("end 0, got 100000, bad 0, child 0\n");
    expect(await go("lookup", "six.test", "big.test", "echo.test")).toMatch(
      /^six\.test: 2001:db8::10 \(1\)\nbig\.test: .* \((120|\d\d)\)\necho\.test: 198.51.100.10 2001:db8::10 \(2\)\n$/,
    );
  });

  test.skipIf(!hasBusybox)("busybox: nslookup, wget", async () => {
    const busybox = withLibraries(execFileSync("which", ["busybox"], { encoding: "utf8" }).trim());
    const { digest } = await uploadImage(server.client, busybox.source, "busybox", {
      quiet: true,
      path: busybox.program,
    });
    const go = (...argv: string[]) =>
      server.exec({ image: digest, argv: [busybox.program, ...argv], egress: ["echo.test:80"] });
    const looked = await go("nslookup", "echo.test");
    expect(looked.stdout).toContain("10.0.2.3");
    expect(looked.stdout).toContain(HOST);
    const got = await go("wget", "-q", "-O", "-", "http://echo.test/a?b=1");
    expect(got.stdout).toBe("GET /a?b=1 for echo.test\n");
    const big = await go("wget", "-q", "-O", "-", "http://echo.test/big");
    expect(big.stdout.length).toBe(MEBIBYTE);
    expect((await go("cat", "/etc/resolv.conf")).stdout).toBe("nameserver 10.0.2.3\n");
  });

  test.skipIf(!has("curl"))("curl, by both families", async () => {
    const curl = withLibraries(execFileSync("which", ["curl"], { encoding: "utf8" }).trim());
    const { digest } = await uploadImage(server.client, curl.source, "curl", { quiet: true, path: curl.program });
    const go = (...args: string[]) =>
      server.exec({ image: digest, argv: [curl.program, "-sS", ...args], egress: ["echo.test:*"] });
    for (const family of ["-4", "-6"]) {
      expect((await go(family, "http://echo.test/a")).stdout).toBe("GET /a for echo.test\n");
    }
    expect((await go("http://echo.test/big")).stdout.length).toBe(MEBIBYTE);
    const refused = await go("http://echo.test:8/");
    expect(refused).toMatchObject({ exitCode: 7, stdout: "" });
    expect((await go("http://secret.test/")).exitCode).toBe(6);
  });

  test.skipIf(!has("curl"))("curl, to a host that only fetch() reaches", async () => {
    const curl = withLibraries(execFileSync("which", ["curl"], { encoding: "utf8" }).trim());
    const { digest } = await uploadImage(server.client, curl.source, "curl", { quiet: true, path: curl.program });
    const go = (...args: string[]) =>
      server.exec({ image: digest, argv: [curl.program, "-sS", ...args], egress: ["behind.test:*"] });
    const place = `127.0.0.1:${http}`;
    expect((await go("http://behind.test/a?b=1")).stdout).toBe(`GET /a?b=1 for ${place}\n`);
    // Both go over one connection.
    const both = await go("-w", "%{num_connects}\n", "http://behind.test/1", "-d", "data", "http://behind.test/2");
    expect(both.stdout).toBe(`POST /1 for ${place}\n1\nPOST /2 for ${place}\n0\n`);
    expect((await go("http://behind.test/big")).stdout.length).toBe(MEBIBYTE);
    // The server answers before it has the body, which fetch() then leaves where it is.
    for (let i = 0; i < 10; i++) {
      const upload = await go("-m", "30", "-T", curl.program, "-H", "Expect:", "http://behind.test/upload");
      expect(upload).toMatchObject({ exitCode: 0, stdout: `PUT /upload for ${place}\n` });
    }
    expect(
      await go("-H", "Host: secret.test", "-o", "/dev/null", "-w", "%{http_code}", "http://behind.test/"),
    ).toMatchObject({
      stdout: "421",
    });
  });

  test("a request to a host that only fetch() reaches, of a program that closes at once", async () => {
    for (let i = 0; i < 10; i++) {
      Object.assign(counted, { started: 0, ended: 0, bytes: 0 });
      await run(["put", "behind.test", "80", String(MEBIBYTE)], ["behind.test:80"]);
      expect({ ...counted }).toEqual({ started: 1, ended: 1, bytes: MEBIBYTE });
    }
  });

  test("functions", async () => {
    const bad = { image: images.static, egress: ["localhost:80"] };
    await expect(server.putFunction("egress", bad)).rejects.toThrow("egress");
    const command = ["/egress", "echo", "echo.test", "7", "10"];
    await server.putFunction("egress", { image: images.static, command, invoke: "exec", egress: ["echo.test:*"] });
    expect(await (await server.fetch("/egress")).text()).toBe("end 0, got 10, bad 0, child 0\n");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(condition()).toBe(true);
}
