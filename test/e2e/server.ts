/** One workerd for the tests of a file: the real Worker, over real HTTP, with an object store of its own. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../src/cli/client.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { startServer } from "../../src/cli/server.ts";
import type { ExecAnswer, ExecRequest } from "../../src/http/exec-protocol.ts";
import type { FunctionConfig } from "../../src/http/function-config.ts";

export class TestServer {
  readonly url: string;
  readonly token: string;
  readonly client: Client;
  readonly close: () => Promise<void>;

  private constructor(url: string, token: string, close: () => Promise<void>) {
    this.url = url.replace(/\/$/, "");
    this.token = token;
    this.client = new Client({ url, token });
    this.close = close;
  }

  static async start(vars: Record<string, string> = {}): Promise<TestServer> {
    const server = await startServer(vars);
    return new TestServer(server.url, server.token, server.close);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    // The local server's own compression would hold streamed output back.
    const headers = { "Accept-Encoding": "identity", ...(init.headers as Record<string, string>) };
    return fetch(this.url + path, { redirect: "manual", ...init, headers });
  }

  /** Uploads a file as an image, returns its digest. */
  async image(path: string, name: string): Promise<string> {
    return (await uploadImage(this.client, path, name, { quiet: true })).digest;
  }

  async putFunction(name: string, config: FunctionConfig): Promise<void> {
    await this.client.json("PUT", `functions/${name}`, config);
  }

  /** Runs a program through POST /_/exec; the streams as text. */
  async exec(request: ExecRequest): Promise<ExecAnswer> {
    const answer = await this.client.json<ExecAnswer>("POST", "exec", request);
    return { ...answer, stdout: atob(answer.stdout), stderr: atob(answer.stderr) };
  }
}

/** Whether a program is on the PATH. */
export function has(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}

/** Compiles a C source statically into build/test; returns the executable's path. Test files that run at one time may share it. */
export function compile(source: string, name: string): string {
  const folder = join(import.meta.dirname, "../../build/test");
  const path = join(folder, name);
  const modified = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (modified(path) > modified(source)) return path;
  mkdirSync(folder, { recursive: true });
  const fresh = `${path}.${process.pid}`;
  execFileSync("gcc", ["-static", "-O2", "-Wall", "-Werror", "-o", fresh, source], { stdio: "pipe" });
  renameSync(fresh, path);
  return path;
}

/** A folder that is removed by the returned function. */
export function temporaryFolder(): [path: string, remove: () => void] {
  const path = mkdtempSync(join(tmpdir(), "binlet-test-"));
  return [path, () => rmSync(path, { recursive: true, force: true })];
}
