/** Two Workers of the same code, in isolates of their own, bound to the same Durable Objects and the same R2. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestHarness, type TestHarness } from "wrangler";
import { CHECKOUT, Client } from "../../src/cli/client.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { offline } from "../../src/cli/offline.ts";
import type { ExecAnswer, ExecRequest } from "../../src/http/exec-protocol.ts";
import { compile } from "../e2e/server.ts";

export const BUILD = join(CHECKOUT, "build/test/durable");

/**
 * The Worker's configuration; `owner`: the Worker whose Durable Objects it uses, when they are not its own. Test files that run at one
 * time share it, so it is put in its place as a whole.
 */
export function configuration(name: string, owner: string | null): string {
  const [text] = readFileSync(join(CHECKOUT, "wrangler.toml"), "utf8").split("[env.paid]");
  let own = text
    .replace(/^#:schema.*$/m, "")
    .replace(/^name = "binlet"$/m, `name = "${name}"`)
    .replace('"src/worker.ts"', JSON.stringify(join(import.meta.dirname, "worker.ts")));
  if (owner !== null) {
    own = own
      .replace(/^\[\[migrations\]\]\n.*\n.*$/m, "")
      .replace(/^class_name = .*$/gm, (line) => `${line}\nscript_name = "${owner}"`);
  }
  mkdirSync(BUILD, { recursive: true });
  const path = join(BUILD, `${name}.toml`);
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, own);
  renameSync(fresh, path);
  return path;
}

export interface Result {
  readonly stdout: string;
  readonly exit: number | string;
}

interface Abortable {
  getByName(name: string): { abort(): Promise<void> };
}

export class Pair {
  readonly harness: TestHarness;
  readonly #token: string;
  readonly #url: string;
  #image = "";
  #next = 0;

  private constructor(harness: TestHarness, url: string, token: string) {
    this.harness = harness;
    this.#url = url;
    this.#token = token;
  }

  static async start(): Promise<Pair> {
    if (!existsSync(join(CHECKOUT, "build/interpreter.wasm"))) {
      execFileSync(process.execPath, [join(CHECKOUT, "tools/build.ts")], { cwd: CHECKOUT });
    }
    Object.assign(process.env, offline(CHECKOUT));
    const token = randomBytes(24).toString("base64url");
    const secrets = { BINLET_TOKEN: token };
    const harness = createTestHarness({
      root: CHECKOUT,
      workers: [
        { configPath: configuration("binlet-one", null), secrets },
        { configPath: configuration("binlet-two", "binlet-one"), secrets },
      ],
    });
    const { url } = await harness.listen();
    const pair = new Pair(harness, url.href, token);
    const program = compile(join(import.meta.dirname, "guest/ipc.c"), "durable-ipc");
    const client = new Client({ url: url.href, token });
    pair.#image = (await uploadImage(client, program, "ipc", { quiet: true })).digest;
    return pair;
  }

  get connection(): { readonly url: string; readonly token: string } {
    return { url: this.#url, token: this.#token };
  }

  get client(): Client {
    return new Client(this.connection);
  }

  /** A request to one of the two Workers: those with an even number are one of them. They take turns when none is said. */
  request(
    path: string,
    init: { method?: string; body?: string; signal?: AbortSignal } = {},
    which = this.#next++,
  ): Promise<Response> {
    const worker = this.harness.getWorker(which % 2 === 0 ? "binlet-one" : "binlet-two");
    const headers = { Authorization: `Bearer ${this.#token}`, "Accept-Encoding": "identity" };
    return worker.fetch(`http://test${path}`, { ...init, headers }) as unknown as Promise<Response>;
  }

  /** Runs `ipc ARGUMENTS` in a namespace as a request to the next Worker, or to that with this number. */
  async ipc(namespace: string, args: string, options: Partial<ExecRequest> = {}, which?: number): Promise<Result> {
    const body = JSON.stringify({
      image: this.#image,
      argv: ["/durable-ipc", ...args.split(" ")],
      namespace,
      ...options,
    });
    const response = await this.request("/_/exec", { method: "POST", body }, which);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    const answer = JSON.parse(text) as ExecAnswer;
    return { stdout: atob(answer.stdout).trimEnd(), exit: answer.reason ?? answer.signal ?? answer.exitCode! };
  }

  /** Runs `ipc ARGUMENTS` as a function whose client goes away after `ms` of its output. */
  async drop(namespace: string, args: string, ms: number): Promise<void> {
    const name = `drop-${this.#next}`;
    const command = ["/durable-ipc", ...args.split(" ")];
    const config = { image: this.#image, command, invoke: "exec", namespace, limits: { wallMs: 20_000 } };
    await this.client.json("PUT", `functions/${name}`, config);
    const gone = new AbortController();
    const { body } = await this.request(`/${name}`, { signal: gone.signal });
    await body!.getReader().read();
    await sleep(ms);
    gone.abort();
  }

  /** Ends a Durable Object; the next call starts it anew from what it has stored. */
  async evict(binding: "NAMESPACES" | "SEMAPHORE_SETS" | "MESSAGE_QUEUES", name: string): Promise<void> {
    const env = await this.harness.getWorker<Record<string, Abortable>>("binlet-one").getEnv();
    await env[binding]
      .getByName(name)
      .abort()
      .catch(() => {});
  }

  close(): Promise<void> {
    return this.harness.close();
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
