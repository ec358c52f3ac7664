/** What tests of processes in namespaces ask of a pair of Workers. */
import { join } from "node:path";
import { expect } from "vitest";
import { uploadImage } from "../../src/cli/image.ts";
import type { ExecAnswer, ExecRequest } from "../../src/http/exec-protocol.ts";
import type { NamespaceProcess } from "../../src/http/namespaces-protocol.ts";
import type { ProcessGroup } from "../../src/machine/options.ts";
import { compile } from "../e2e/server.ts";
import { type Pair, sleep } from "./pair.ts";

/** Milliseconds between two looks, and how often a thing is looked for. */
const PERIOD = 50;
const LOOKS = 400;

export class NamespaceClient {
  readonly name: string;
  readonly #pair: Pair;
  readonly #image: string;
  readonly #program: string;

  private constructor(pair: Pair, name: string, image: string, program: string) {
    this.#pair = pair;
    this.name = name;
    this.#image = image;
    this.#program = program;
  }

  static async of(pair: Pair, name: string): Promise<NamespaceClient> {
    const path = compile(join(import.meta.dirname, "guest/processes.c"), "durable-processes");
    const { digest } = await uploadImage(pair.client, path, "processes", { quiet: true });
    return new NamespaceClient(pair, name, digest, "/durable-processes");
  }

  /** The same program in another namespace. */
  in(name: string): NamespaceClient {
    return new NamespaceClient(this.#pair, name, this.#image, this.#program);
  }

  /** Runs the program with these arguments in a request of its own, on the Workers in turn. */
  async run(args: string, request: Partial<ExecRequest> = {}): Promise<ExecAnswer> {
    const argv = [this.#program, ...args.split(" ")];
    const body = JSON.stringify({ image: this.#image, argv, namespace: this.name, ...request });
    const response = await this.#pair.request("/_/exec", { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    const answer = JSON.parse(text) as ExecAnswer;
    return { ...answer, stdout: atob(answer.stdout), stderr: atob(answer.stderr) };
  }

  /** Runs the program, which is to end in order and to print this. */
  async prints(args: string, output: RegExp): Promise<void> {
    expect(await this.run(args)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(output) });
  }

  /** As run, with a first process that is a member of a group and session of another machine. */
  async runIn(group: ProcessGroup, args: string): Promise<Pick<ExecAnswer, "stdout" | "signal" | "exitCode">> {
    const argv = [this.#program, ...args.split(" ")];
    const body = JSON.stringify({ image: this.#image, argv, namespace: this.name, group });
    const response = await this.#pair.request("/-/member", { method: "POST", body });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Pick<ExecAnswer, "stdout" | "signal" | "exitCode">;
  }

  /** A request of any kind, to the next Worker. */
  request(path: string, init?: { method?: string; body?: string; signal?: AbortSignal }): Promise<Response> {
    return this.#pair.request(path, init);
  }

  async putFunction(name: string, args: string): Promise<void> {
    const command = [this.#program, ...args.split(" ")];
    const config = { image: this.#image, command, invoke: "exec", namespace: this.name };
    await this.#pair.client.json("PUT", `functions/${name}`, config);
  }

  async processes(): Promise<readonly NamespaceProcess[]> {
    const response = await this.#pair.request(`/_/namespaces/${this.name}/processes`);
    return ((await response.json()) as { processes: NamespaceProcess[] }).processes;
  }

  /** Blocks of pids that machines have. */
  async leasedBlocks(): Promise<number> {
    const storage = await this.#pair.harness
      .getWorker("binlet-one")
      .getDurableObjectStorage("NAMESPACES", { name: this.name });
    const [{ count }] = await storage.exec<{ count: number }>("SELECT count(*) AS count FROM pids");
    return count;
  }

  /** Sends a signal through the management interface; the answer's status. */
  async signal(pid: number, signal: number | string): Promise<number> {
    const init = { method: "POST", body: JSON.stringify({ signal }) };
    const response = await this.#pair.request(`/_/namespaces/${this.name}/processes/${pid}/signal`, init);
    await response.arrayBuffer();
    return response.status;
  }

  /** The first process whose arguments are these, when it is there and `suits`. */
  process(args: string, suits: (p: NamespaceProcess) => boolean = () => true): Promise<NamespaceProcess> {
    return until(async () => (await this.processes()).find((p) => p.command.slice(1).join(" ") === args && suits(p)));
  }

  /** Its pid once it sleeps: it has set up what it waits with. */
  async waiting(args: string): Promise<number> {
    return (await this.process(args, ({ state }) => state === "S")).pid;
  }
}

/** What `look` finds, when it does. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < LOOKS; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(PERIOD);
  }
  throw new Error("It has not come.");
}
