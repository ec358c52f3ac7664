/**
 * The programs of test/guest, natively and in Binlet over POST /_/exec: equal output and exit status. One workerd for all, and
 * one image for each way they are built.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import {
  buildRoot,
  hasCommand,
  type Invocation,
  invocationsOf,
  programsOf,
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
    argv: [path, ...args],
    env: { ...ENVIRONMENT, ...env },
    cwd: "/",
    stdin: stdin && Buffer.from(stdin).toString("base64"),
  });
  const { stdout, stderr, exitCode, signal } = answer;
  return { stdout, stderr, ...(signal === undefined ? { exitCode } : { signal }) };
}

const hasMusl = await hasCommand("musl-gcc");
const hasGcc = (await hasCommand("gcc")) && (await hasCommand("g++"));
const available = (variant: Variant) => (variants[variant].c === "musl-gcc" ? hasMusl : hasGcc);

/** Builds a variant and uploads it as an image, once; its root directory on this machine. */
function prepare(server: TestServer, variant: Variant): Promise<string> {
  roots[variant] ??= buildRoot(variant).then(async (root) => {
    await uploadImage(server.client, { directory: root }, imageOf(variant), { quiet: true });
    return root;
  });
  return roots[variant];
}
const roots: Partial<Record<Variant, Promise<string>>> = {};
const imageOf = (variant: Variant): string => `guest-${variant}`;

describe("guest programs", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server?.close());

  for (const variant of Object.keys(variants) as Variant[]) {
    describe.skipIf(!available(variant))(variant, () => {
      test.each(programsOf(variant))("%s", async (program) => {
        const root = await prepare(server, variant);
        const path = join("/bin", program);
        for (const invocation of invocationsOf(program)) {
          const [native, here] = await Promise.all([
            natively(join(root, path), invocation),
            inBinlet(server, imageOf(variant), path, invocation),
          ]);
          expect(here).toEqual(native);
        }
      });
    });
  }
});
