import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, has, TestServer, temporaryFolder } from "./server.ts";

const BINLET = join(import.meta.dirname, "../../src/cli/binlet.mjs");

/** Not spawnSync: the server of these tests needs this process's event loop. */
async function binlet(
  args: string[],
  { input = "", env = {} }: { input?: string | Buffer; env?: Record<string, string> } = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [BINLET, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("latin1").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("latin1").on("data", (text) => (stderr += text));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}

describe("help", () => {
  test("teaches each command with examples", async () => {
    for (const command of [[], ["run"], ["deploy"], ["invoke"], ["image", "import"]]) {
      const { status, stdout } = await binlet([...command, "--help"]);
      expect(status).toBe(0);
      expect(stdout).toMatch(/Examples?:\n {2}\$ binlet/);
    }
  });

  test("what cannot be understood is 125 with a sentence", async () => {
    expect(await binlet(["frobnicate"])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining("unknown command"),
    });
    expect(await binlet(["run", "/nonexistent"])).toMatchObject({
      status: 125,
      stderr: "binlet: there is no file /nonexistent.\n",
    });
    expect(await binlet(["ls", "--url", "http://127.0.0.1:1"])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining("no server answers at http://127.0.0.1:1"),
    });
  });
});

describe.skipIf(!has("gcc"))("binlet run", () => {
  let probe: string;
  beforeAll(() => {
    probe = compile(join(import.meta.dirname, "probe.c"), "probe");
  });

  test("passes arguments, environment and directory", async () => {
    expect(await binlet(["run", probe, "arguments", "--help", "-x", ""])).toEqual({
      status: 0,
      stdout: "arguments\n--help\n-x\n\n",
      stderr: "",
    });
    expect((await binlet(["run", "--env", "A=b=c", probe, "getenv", "A"])).stdout).toBe("b=c\n");
    expect((await binlet(["run", "--cwd", "/tmp", probe, "cwd"])).stdout).toBe("/tmp\n");
  });

  test("has the program's exit status, 128+n for a signal", async () => {
    expect(await binlet(["run", probe, "exit", "7"])).toEqual({ status: 7, stdout: "", stderr: "to stderr\n" });
    expect((await binlet(["run", probe, "kill", "15"])).status).toBe(128 + 15);
  });

  test("streams more than a mebibyte each way", async () => {
    const input = randomBytes(3 << 20);
    const expected = Buffer.from(input);
    for (let i = 0; i < expected.length; i++) if (expected[i] >= 97 && expected[i] <= 122) expected[i] -= 32;
    const { status, stdout } = await binlet(["run", probe, "upper"], { input });
    expect(status).toBe(0);
    expect(Buffer.from(stdout, "latin1").equals(expected)).toBe(true);
  });

  test("prints system calls and statistics on request", async () => {
    const { stdout, stderr } = await binlet(["run", "--strace", "--stats", probe, "arguments"]);
    expect(stdout).toBe("arguments\n");
    expect(stderr).toMatch(/^write\(1, "arguments\\n", 10\) += 10$/m);
    expect(stderr).toMatch(/^exit_group\(0\)/m);
    expect(stderr).toMatch(/^instructions +[\d,]+$/m);
    expect(stderr).toMatch(/^peak memory +[\d,]+ KiB$/m);
  });
});

describe.skipIf(!has("gcc"))("commands for a server", () => {
  let server: TestServer;
  let remote: string[];
  beforeAll(async () => {
    server = await TestServer.start();
    remote = ["--url", server.url, "--token", server.token];
  });
  afterAll(() => server?.close());

  test("deploy, invoke, ls, rm", async () => {
    const probe = compile(join(import.meta.dirname, "probe.c"), "probe");
    const deployed = await binlet(["deploy", probe, "--name", "up", "--invoke", "exec", ...remote, "--", "upper"]);
    expect(deployed).toMatchObject({ status: 0, stdout: `${server.url}/up\n` });
    expect(deployed.stderr).toMatch(/ sent in [1-9]\d* chunks, 0 were there already/);
    expect(await binlet(["invoke", "up", "--data", "abc", ...remote])).toMatchObject({ status: 0, stdout: "ABC" });
    expect((await binlet(["invoke", "up", "--data", "-", ...remote], { input: "from stdin" })).stdout).toBe(
      "FROM STDIN",
    );

    const again = await binlet(["deploy", probe, "--name", "cgi", ...remote]);
    expect(again.stderr).toMatch(/ 0 KiB sent in 0 chunks/);
    const included = await binlet(["invoke", "-i", "-H", "X-A: b", "cgi/env?q=1", ...remote]);
    expect(included.stdout).toMatch(/^HTTP 200/);
    expect(included.stdout).toMatch(/^HTTP_X_A=b$/m);
    expect(await binlet(["invoke", "cgi/fail", ...remote])).toMatchObject({ status: 1 });

    expect((await binlet(["ls", ...remote])).stdout).toMatch(/^cgi .*\nup /);
    expect((await binlet(["rm", "cgi", "up", ...remote])).status).toBe(0);
    expect((await binlet(["ls", ...remote])).stdout).toBe("");
    expect(await binlet(["rm", "cgi", ...remote])).toMatchObject({
      status: 125,
      stderr: 'binlet: There is no function named "cgi".\n',
    });
  });

  test("image import, ls, rm, and a function of an image", async () => {
    const [folder, remove] = temporaryFolder();
    try {
      const probe = compile(join(import.meta.dirname, "probe.c"), "probe");
      const tar = join(folder, "root.tar.gz");
      spawnSync("tar", ["-C", join(probe, ".."), "-czf", tar, "probe"]);
      expect((await binlet(["image", "import", tar, "--name", "tools", ...remote])).status).toBe(0);
      expect((await binlet(["image", "ls", ...remote])).stdout).toMatch(/^tools +sha256:[0-9a-f]{64} /m);
      const deployed = await binlet([
        "deploy",
        "tools",
        "--name",
        "args",
        "--invoke",
        "exec",
        ...remote,
        "--",
        "/probe",
        "arguments",
        "x",
      ]);
      expect(deployed.status).toBe(0);
      expect((await binlet(["invoke", "args", ...remote])).stdout).toBe("arguments\nx\n");
      expect((await binlet(["image", "rm", "tools", ...remote])).status).toBe(0);
      expect((await binlet(["image", "ls", ...remote])).stdout).not.toMatch(/^tools/m);
    } finally {
      remove();
    }
  });

  test("a dynamically linked program, and a script, bring what they need", async () => {
    const [folder, remove] = temporaryFolder();
    try {
      const program = join(folder, "dynamic");
      spawnSync("gcc", ["-O2", "-o", program, join(import.meta.dirname, "probe.c")]);
      await binlet(["deploy", program, "--name", "dynamic", "--invoke", "exec", ...remote, "--", "arguments", "y"]);
      expect((await binlet(["invoke", "dynamic", ...remote])).stdout).toBe("arguments\ny\n");
      const script = join(folder, "script");
      writeFileSync(script, '#!/bin/sh\nwhile read -r line; do echo "<$line>"; done\n', { mode: 0o755 });
      await binlet(["deploy", script, "--name", "script", "--invoke", "exec", ...remote]);
      expect((await binlet(["invoke", "script", "--data", "a\nb\n", ...remote])).stdout).toBe("<a>\n<b>\n");
    } finally {
      remove();
    }
  });

  test("what is no program is refused", async () => {
    const [folder, remove] = temporaryFolder();
    try {
      const broken = join(folder, "broken");
      writeFileSync(broken, Buffer.concat([Buffer.from("\x7fELF"), randomBytes(100)]));
      expect(await binlet(["deploy", broken, "--name", "x", ...remote])).toMatchObject({ status: 125 });
      writeFileSync(broken, readFileSync(compile(join(import.meta.dirname, "probe.c"), "probe")).subarray(0, 5000));
      expect(await binlet(["deploy", broken, "--name", "x", ...remote])).toMatchObject({
        status: 125,
        stderr: expect.stringContaining("truncated"),
      });
      writeFileSync(broken, "just text");
      expect(await binlet(["deploy", broken, "--name", "x", ...remote])).toMatchObject({ status: 125 });
    } finally {
      remove();
    }
  });

  test("a wrong token is told apart", async () => {
    expect(await binlet(["ls", "--url", server.url, "--token", "wrong"])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining("The bearer token is wrong."),
    });
  });
});
