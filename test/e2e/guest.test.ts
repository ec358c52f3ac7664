/** The programs of test/guest, natively and in Binlet over POST /_/exec: equal output and exit status. One workerd for all. */
import { spawn } from "node:child_process";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compile,
  hasCommand,
  type Invocation,
  invocationsOf,
  programs,
  type Variant,
  variants,
} from "../guest/programs.ts";
import { TestServer } from "./server.ts";

interface Outcome {
  stdout: string;
  stderr: string;
  exitCode?: number;
  signal?: number;
}

const ENVIRONMENT = { PATH: "/bin" };

/** Runs the program on this machine's processor and kernel. */
function natively(path: string, { args = [], env = {}, stdin }: Invocation): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { env: { ...ENVIRONMENT, ...env }, cwd: "/", stdio: "pipe" });
    const parts: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data) => parts[0].push(data));
    child.stderr.on("data", (data) => parts[1].push(data));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const [stdout, stderr] = parts.map((p) => Buffer.concat(p).toString("latin1"));
      const ended = signal ? { signal: signalNumber(signal) } : { exitCode: code ?? -1 };
      resolve({ stdout, stderr, ...ended });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}

const SIGNALS: Partial<Record<NodeJS.Signals, number>> = {
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
function signalNumber(name: NodeJS.Signals): number {
  const number = SIGNALS[name];
  if (number === undefined) throw new Error(`add ${name} to the table of signals`);
  return number;
}

async function inBinlet(server: TestServer, image: string, path: string, invocation: Invocation): Promise<Outcome> {
  const { args = [], env = {}, stdin } = invocation;
  const answer = await server.exec({
    image,
    argv: [`/${basename(path)}`, ...args],
    env: { ...ENVIRONMENT, ...env },
    cwd: "/",
    stdin: stdin && Buffer.from(stdin).toString("base64"),
  });
  const { stdout, stderr, exitCode, signal } = answer;
  return { stdout, stderr, ...(signal === undefined ? { exitCode } : { signal }) };
}

const available: Record<Variant, boolean> = {
  glibc: await hasCommand("gcc"),
  "static-pie": await hasCommand("gcc"),
  musl: await hasCommand("musl-gcc"),
};

describe("guest programs", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server?.close());

  for (const variant of Object.keys(variants) as Variant[]) {
    describe.skipIf(!available[variant])(variant, () => {
      test.each(programs)("%s", async (program) => {
        const path = await compile(program, variant);
        const image = await server.image(path, `guest-${variant}-${program.replaceAll("_", "-")}`);
        for (const invocation of invocationsOf(program)) {
          const [native, here] = await Promise.all([
            natively(path, invocation),
            inBinlet(server, image, path, invocation),
          ]);
          expect(here).toEqual(native);
        }
      });
    });
  }
});
