/**
 * workerd is killed (SIGKILL) under load and started again on the same storage. BINLET_ROUNDS says how often.
 *
 * A message is acknowledged when the request that sent it was answered. A request that received one and was not answered may have
 * taken it along: its client cannot know, so as many may be missing as such requests were cut off, and no more.
 *
 * Some senders share a queue with each other and with receivers; others have a queue for themselves, which is leased to them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { CHECKOUT, Client } from "../../src/cli/client.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { offline } from "../../src/cli/offline.ts";
import type { ExecAnswer } from "../../src/http/exec-protocol.ts";
import { compile } from "../e2e/server.ts";
import { hasCompiler } from "../machine/support.ts";
import { configuration, sleep } from "./pair.ts";

const ROUNDS = Number(process.env.BINLET_ROUNDS ?? 3);
/** Queues with one machine at a time, the first one's key, and messages a request. */
const LONE = 2;
const LONE_KEY = 10;
const BATCH = 5;
const TOKEN = "crash-test";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** `wrangler dev` on storage that stays. */
class Server {
  readonly #storage = mkdtempSync(join(tmpdir(), "binlet-crash-"));
  #wrangler: ChildProcess | null = null;
  #url = "";
  image = "";

  async start(): Promise<void> {
    const port = await freePort();
    const wrangler = join(CHECKOUT, "node_modules/wrangler/bin/wrangler.js");
    const config = configuration("binlet-crash", null);
    const options = ["--persist-to", this.#storage, "--port", `${port}`, "--inspector-port", "0"];
    this.#wrangler = spawn(
      process.execPath,
      [wrangler, "dev", "-c", config, ...options, "--var", `BINLET_TOKEN:${TOKEN}`],
      {
        stdio: "ignore",
        env: { ...process.env, ...offline(CHECKOUT), CI: "1" },
      },
    );
    this.#url = `http://127.0.0.1:${port}/`;
    for (let i = 0; i < 300; i++) {
      if (
        await fetch(this.#url).then(
          () => true,
          () => false,
        )
      )
        break;
      await sleep(100);
    }
    const program = compile(join(import.meta.dirname, "guest/ipc.c"), "durable-ipc");
    const client = new Client({ url: this.#url, token: TOKEN });
    this.image = (await uploadImage(client, program, "ipc", { quiet: true })).digest;
  }

  /** SIGKILL for workerd, then for the wrangler that would mourn it. */
  async kill(): Promise<void> {
    const wrangler = this.#wrangler!;
    for (const pid of descendants(wrangler.pid!)) {
      if (readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("workerd")) process.kill(pid, "SIGKILL");
    }
    const rest = descendants(wrangler.pid!);
    const gone = once(wrangler, "exit");
    wrangler.kill("SIGKILL");
    await gone;
    for (const pid of rest) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended with its parent.
      }
    }
    this.#wrangler = null;
  }

  /** What `ipc ARGUMENTS` printed; null when the request was cut off. */
  async ipc(args: string, wallMs = 20_000): Promise<string | null> {
    const body = JSON.stringify({
      image: this.image,
      argv: ["/durable-ipc", ...args.split(" ")],
      namespace: "crash",
      limits: { wallMs },
    });
    try {
      const headers = { Authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${this.#url}_/exec`, { method: "POST", body, headers });
      const { stdout, exitCode } = (await response.json()) as ExecAnswer;
      return exitCode === 0 ? atob(stdout).trimEnd() : null;
    } catch {
      return null;
    }
  }

  /**
   * Takes all messages of a lone sender: those of each batch that was answered must be there, of one that was cut off perhaps the first
   * ones, and none twice. Returns how many batches were answered.
   */
  async checkBatches(key: number, batches: ReadonlyMap<string, boolean>): Promise<number> {
    const count = Number(await this.ipc(`messages ${key}`));
    const lines = count === 0 ? [] : (await this.ipc(`receive ${key} 0 ${count}`))!.split("\n");
    const got = new Map<string, number[]>();
    for (const line of lines) {
      const [, batch, number] = line.split(" ");
      got.set(batch, [...(got.get(batch) ?? []), Number(number)]);
    }
    let answered = 0;
    for (const [batch, acknowledged] of batches) {
      const numbers = got.get(batch) ?? [];
      expect(numbers, `batch ${batch}`).toEqual(
        Array.from({ length: acknowledged ? BATCH : numbers.length }, (_, i) => i),
      );
      if (acknowledged) answered++;
    }
    return answered;
  }

  async close(): Promise<void> {
    if (this.#wrangler !== null) await this.kill();
    rmSync(this.#storage, { recursive: true, force: true });
  }
}

function descendants(of: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
    } catch {
      // It has just ended.
    }
  }
  const found: number[] = [];
  for (const queue = [of]; queue.length > 0; ) {
    const next = children.get(queue.pop()!) ?? [];
    found.push(...next);
    queue.push(...next);
  }
  return found;
}

const server = new Server();
afterAll(() => server.close(), 30_000);

it.runIf(hasCompiler && process.platform === "linux")(
  "what was acknowledged is there after a crash",
  async () => {
    const acknowledged = new Set<string>();
    const received: string[] = [];
    let cutOff = 0;
    let lone = 0;
    await server.start();
    await server.ipc("semaphore 3");
    for (let round = 0; round < ROUNDS; round++) {
      let running = true;
      const send = async (worker: number) => {
        for (let i = 0; running; i++) {
          const name = `${round}.${worker}.${i}`;
          if ((await server.ipc(`send 1 1 ${name}`)) === "sent") acknowledged.add(name);
        }
      };
      const receive = async () => {
        while (running) {
          const line = await server.ipc("receive 1 0");
          if (line === null) cutOff++;
          else received.push(line.slice(2));
        }
      };
      const hold = async () => {
        while (running) await server.ipc("hold 3 sleep", 500);
      };
      const batches = Array.from({ length: LONE }, () => new Map<string, boolean>());
      const sendAlone = async (worker: number) => {
        for (let i = 0; running; i++) {
          const answer = await server.ipc(`produce ${LONE_KEY + worker} ${i} ${BATCH} 1`);
          batches[worker].set(String(i), answer === "produced");
        }
      };
      const shared = [send(0), send(1), send(2), receive(), receive(), hold(), hold()];
      const load = [...shared, ...batches.map((_, worker) => sendAlone(worker))];
      // At a random moment of the work: not before some was done, on a computer that has much else to do.
      const before = acknowledged.size;
      const worked = () => acknowledged.size >= before + 5 && batches.every(({ size }) => size > 0);
      for (let i = 0; i < 200 && !worked(); i++) await sleep(100);
      await sleep(Math.random() * 1500);
      running = false;
      await server.kill();
      await Promise.all(load);
      await server.start();
      // Nobody who held or waited is left.
      let value: string | null = null;
      for (let i = 0; i < 100 && value !== "1"; i++, await sleep(100)) value = await server.ipc("value 3");
      expect(value).toBe("1");
      expect(await server.ipc("waiters 3")).toBe("0");
      for (const [worker, sent] of batches.entries()) lone += await server.checkBatches(LONE_KEY + worker, sent);
      if (ROUNDS > 3)
        console.log(`round ${round}: ${acknowledged.size} messages acknowledged, ${lone} of lone senders`);
    }
    expect(lone).toBeGreaterThan(0);
    const left = Number(await server.ipc("messages 1"));
    if (left > 0) received.push(...(await server.ipc(`receive 1 0 ${left}`))!.split("\n").map((line) => line.slice(2)));
    expect(new Set(received).size).toBe(received.length);
    const missing = [...acknowledged].filter((name) => !received.includes(name));
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(missing.length, `missing ${missing.join(" ")}`).toBeLessThanOrEqual(cutOff);
  },
  60_000 + ROUNDS * 60_000,
);
