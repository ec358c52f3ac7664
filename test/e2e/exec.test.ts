import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exec } from "../../src/cli/exec.ts";
import type { ExecExit, ExecRequest } from "../../src/http/exec-protocol.ts";
import { compile, has, TestServer } from "./server.ts";

describe.skipIf(!has("gcc"))("/_/exec", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
    await server.image(compile(join(import.meta.dirname, "probe.c"), "probe"), "probe");
    await server.putFunction("greeter", {
      image: "probe",
      command: ["/probe", "getenv", "A"],
      env: { A: "function", B: "1" },
    });
  });
  afterAll(() => server?.close());

  describe("as a POST", () => {
    test("runs an image's program with arguments, environment, directory and input", async () => {
      const run = (argv: string[], more: Partial<ExecRequest> = {}) =>
        server.exec({ image: "probe", argv: ["/probe", ...argv], ...more });
      expect(await run(["arguments", "a b", ""])).toMatchObject({
        exitCode: 0,
        stdout: "arguments\na b\n\n",
        stderr: "",
      });
      expect((await run(["getenv", "X"], { env: { X: "=y" } })).stdout).toBe("=y\n");
      expect((await run(["cwd"], { cwd: "/tmp" })).stdout).toBe("/tmp\n");
      expect((await run(["upper"], { stdin: btoa("input") })).stdout).toBe("INPUT");
      expect((await run(["upper"])).stdout).toBe("");
    });

    test("runs a function's command, whose parts may be replaced", async () => {
      expect((await server.exec({ function: "greeter" })).stdout).toBe("function\n");
      expect((await server.exec({ function: "greeter", env: { A: "request" } })).stdout).toBe("request\n");
      expect((await server.exec({ function: "greeter", argv: ["/probe", "getenv", "B"] })).stdout).toBe("1\n");
    });

    test("answers the exit status or the signal", async () => {
      const run = (...argv: string[]) => server.exec({ image: "probe", argv: ["/probe", ...argv] });
      expect(await run("exit", "255")).toMatchObject({ exitCode: 255, stderr: "to stderr\n" });
      const killed = await run("kill", "6");
      expect(killed.signal).toBe(6);
      expect(killed).not.toHaveProperty("exitCode");
    });

    test("a command that cannot be started is 127 or 126, as in a shell", async () => {
      expect(await server.exec({ image: "probe", argv: ["/nothing"] })).toMatchObject({ exitCode: 127 });
      expect(await server.exec({ image: "probe", argv: ["/tmp"] })).toMatchObject({ exitCode: 126 });
    });

    test("keeps the first mebibyte of each stream", async () => {
      const answer = await server.exec({ image: "probe", argv: ["/probe", "much", "1025"] });
      expect([answer.stdout.length, answer.stdoutTruncated, answer.stderrTruncated]).toEqual([
        1 << 20,
        true,
        undefined,
      ]);
      const exact = await server.exec({ image: "probe", argv: ["/probe", "much", "1024"] });
      expect([exact.stdout.length, exact.stdoutTruncated]).toEqual([1 << 20, undefined]);
    });

    test("counts, and traces system calls on request", async () => {
      const { stats, strace } = await server.exec({ image: "probe", argv: ["/probe", "arguments"], strace: true });
      expect(stats.instructions).toBeGreaterThan(1000);
      expect(stats.systemCalls).toBeGreaterThan(3);
      expect(stats.pageFaults).toBeGreaterThan(3);
      expect(stats.peakFrames).toBeGreaterThan(3);
      expect(strace).toMatch(/^write\(1, "arguments\\n", 10\) += 10$/m);
    });

    test("ends a program at its limits and says why", async () => {
      const run = (what: string, limits: ExecRequest["limits"]) =>
        server.exec({ image: "probe", argv: ["/probe", what], limits });
      expect(await run("spin", { cpuMs: 50 })).toMatchObject({ signal: 9, reason: "cpu" });
      expect(await run("sleep", { wallMs: 50 })).toMatchObject({ signal: 9, reason: "wall" });
    });

    test("refuses what it does not understand", async () => {
      const refusal = (request: unknown) => server.client.json("POST", "exec", request);
      await expect(refusal({})).rejects.toThrow('one of the fields "image" and "function"');
      await expect(refusal({ image: "probe", function: "greeter" })).rejects.toThrow("one of the fields");
      await expect(refusal({ image: "probe", stdin: "%" })).rejects.toThrow("base64");
      await expect(refusal({ image: "probe", argv: [] })).rejects.toThrow("field argv");
      await expect(refusal({ image: "probe", pty: true })).rejects.toThrow('unknown field "pty"');
      await expect(refusal({ image: "probe", tty: true })).rejects.toThrow("field tty");
      await expect(refusal({ image: "probe", tty: { rows: 1, cols: 1 } })).rejects.toThrow("WebSocket");
      await expect(refusal({ image: "nothing" })).rejects.toThrow('no image named "nothing"');
      await expect(refusal({ function: "nothing" })).rejects.toThrow('no function named "nothing"');
      await expect(refusal({ image: "probe", namespace: "a/b" })).rejects.toThrow("field namespace");
    });
  });

  describe("as a WebSocket", () => {
    const pipes = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });

    function session(request: ExecRequest) {
      const streams = pipes();
      const exit: Promise<ExecExit> = exec(server.url, server.token, request, streams);
      return { ...streams, exit };
    }

    test("input and output go back and forth", async () => {
      const { stdin, stdout, exit } = session({ image: "probe", argv: ["/probe", "upper"] });
      for (const word of ["first", "second", "third"]) {
        const answer = new Promise((resolve) => stdout.once("data", resolve));
        stdin.write(word);
        expect(String(await answer)).toBe(word.toUpperCase());
      }
      stdin.end();
      expect(await exit).toMatchObject({ exitCode: 0, stats: { systemCalls: expect.any(Number) } });
    });

    test("a reader that does not read holds the program up", async () => {
      const { stdout, exit } = session({ image: "probe", argv: ["/probe", "much", "4096"] });
      await new Promise((later) => setTimeout(later, 300));
      expect(stdout.readableLength).toBeLessThan(1 << 20);
      let length = 0;
      stdout.on("data", (data) => (length += data.length));
      expect(await exit).toMatchObject({ exitCode: 0 });
      expect(length).toBe(4 << 20);
    });

    test("a terminal: typed characters, signals, a window that changes", async () => {
      const { stdin, stdout, stderr } = pipes();
      const modes: boolean[] = [];
      Object.assign(stdin, { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
      Object.assign(stdout, { isTTY: true, rows: 24, columns: 80 });
      const request = { image: "probe", argv: ["/probe", "terminal"], tty: { rows: 24, cols: 80 } };
      const exit = exec(server.url, server.token, request, { stdin, stdout, stderr });
      let shown = "";
      stdout.on("data", (data) => (shown += data));
      const shows = (text: string) => expect.poll(() => shown).toBe(text);
      let expected = "/dev/pts/0 1 1, session 1, foreground 1, 24x80\r\n";
      await shows(expected);
      expect(modes).toEqual([true]);
      stdin.write("abc\x7fd\r");
      await shows((expected += "abc\b \bd\r\nread abd\r\n"));
      Object.assign(stdout, { rows: 50, columns: 132 });
      stdout.emit("resize");
      await shows((expected += "now 50x132\r\n"));
      stdin.write("gone\x03");
      await shows((expected += "gone^Cinterrupted\r\n"));
      stdin.end("last\r");
      await shows((expected += "last\r\nread last\r\nend\r\n"));
      expect(await exit).toMatchObject({ exitCode: 7 });
      expect(modes).toEqual([true, false]);
      expect(stderr.readableLength).toBe(0);
    });

    test("errors come as a sentence", async () => {
      await expect(session({ image: "nothing", argv: ["/x"] }).exit).rejects.toThrow(
        'There is no image named "nothing".',
      );
      await expect(session({ argv: ["/x"] }).exit).rejects.toThrow("one of the fields");
      await expect(exec(server.url, "wrong", { image: "probe" }, pipes())).rejects.toThrow("failed");
    });

    test("a GET that is no WebSocket is told so", async () => {
      await expect(server.client.manage("GET", "exec")).rejects.toThrow("GET is for WebSockets here");
    });
  });
});
