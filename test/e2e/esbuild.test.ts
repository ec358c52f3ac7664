/** examples/esbuild: a Go program, unmodified, natively and in Binlet over HTTP. */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, linkSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePath, setup } from "../../examples/esbuild/setup.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { TestServer, temporaryFolder } from "./server.ts";

const CHECKOUT = join(import.meta.dirname, "../..");
/** Binlet's own sources in the image, to be bundled. */
const BUNDLED = "src/image/import.ts";
const config = JSON.parse(readFileSync(join(CHECKOUT, "examples/esbuild/function.json"), "utf8"));

/** Twenty TypeScript files of the checkout and its packages, others in each run. */
function draw(): string[] {
  const found = [
    ...globSync("src/**/*.ts", { cwd: CHECKOUT }),
    ...globSync("node_modules/**/*.{ts,mts}", { cwd: CHECKOUT }),
  ];
  const files = found.filter((file) => statSync(join(CHECKOUT, file)).isFile());
  return Array.from({ length: 20 }, () => files.splice(Math.floor(Math.random() * files.length), 1)[0]);
}

function natively(args: string[], cwd: string, input?: Uint8Array) {
  const { stdout, stderr, status } = spawnSync(imagePath, args, { cwd, input, env: {}, maxBuffer: 1 << 28 });
  return { stdout, stderr: stderr.toString(), status };
}

describe.skipIf(process.platform !== "linux" || process.arch !== "x64")("esbuild", () => {
  let server: TestServer;
  const [root, remove] = temporaryFolder();

  beforeAll(async () => {
    setup();
    server = await TestServer.start();
    await server.image(imagePath, "esbuild");
    await server.putFunction("esbuild", config);
    mkdirSync(join(root, "src"));
    cpSync(join(CHECKOUT, "src"), join(root, "src"), { recursive: true });
    try {
      linkSync(imagePath, join(root, "esbuild"));
    } catch {
      cpSync(imagePath, join(root, "esbuild"));
    }
    await uploadImage(server.client, { directory: root }, "esbuild-sources", { quiet: true });
  });
  afterAll(async () => {
    remove();
    await server?.close();
  });

  test("transforms what is posted as it does natively", async () => {
    for (const file of draw()) {
      const body = readFileSync(join(CHECKOUT, file));
      const native = natively(["--loader=ts"], "/", body);
      const response = await server.fetch("/esbuild", { method: "POST", body });
      const here = Buffer.from(await response.arrayBuffer());
      expect(response.status, `${file}: ${native.stderr}`).toBe(native.status === 0 ? 200 : 502);
      if (native.status === 0) expect(here.equals(native.stdout), file).toBe(true);
    }
  });

  test("serves forty requests at once, which is more than fit the memory at a time", async () => {
    await server.putFunction("crowd", config);
    const body = readFileSync(join(CHECKOUT, "src/wait/queue.ts"));
    const expected = natively(["--loader=ts"], "/", body).stdout.toString();
    const answers = Array.from({ length: 40 }, async () => {
      const response = await server.fetch("/crowd", { method: "POST", body });
      return [response.status, await response.text()];
    });
    for (const answer of await Promise.all(answers)) expect(answer).toEqual([200, expected]);
  });

  test("bundles and minifies files of the image", async () => {
    for (const options of [["--format=esm"], ["--minify", "--format=iife", "--sourcemap=inline"]]) {
      const args = [BUNDLED, "--bundle", "--log-level=warning", ...options];
      const native = natively(args, root);
      expect(native.status, native.stderr).toBe(0);
      const here = await server.exec({ image: "esbuild-sources", argv: ["/esbuild", ...args], cwd: "/" });
      expect(here.exitCode, here.stderr).toBe(0);
      expect(here.stderr).toBe(native.stderr);
      expect(here.stdout).toBe(native.stdout.toString("latin1"));
    }
  });

  test("writes what it bundles to the machine's own files", async () => {
    const args = [BUNDLED, "--bundle", "--outfile=/tmp/out.js", "--format=esm"];
    const here = await server.exec({ image: "esbuild-sources", argv: ["/esbuild", ...args], cwd: "/" });
    expect(here.exitCode, here.stderr).toBe(0);
    expect(here.stderr).toMatch(/\/?tmp\/out\.js\s+[\d.]+kb/);
  });

  test("a syntax error is the caller's: 502, the exit status, and esbuild's message", async () => {
    const body = "let answer: number = 42;\nlet = ;\n";
    const native = natively(["--loader=ts"], "/", Buffer.from(body));
    expect(native.status).toBe(1);
    const response = await server.fetch("/esbuild", { method: "POST", body });
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(text).toContain("1");
    expect(text).toContain("<stdin>:2:");
    expect(text).toContain(/\[ERROR\] (.*)/.exec(native.stderr)![1]);
    const exec = await server.exec({
      image: "esbuild",
      argv: ["/esbuild", "--loader=ts"],
      stdin: btoa(body),
      cwd: "/",
    });
    expect(exec.exitCode).toBe(1);
    expect(Buffer.from(exec.stderr, "latin1").toString()).toBe(native.stderr);
  });
});
