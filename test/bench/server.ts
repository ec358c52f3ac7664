/** A workerd of our own with two Workers: Binlet, and an empty one to compare HTTP answers with. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Client } from "../../src/cli/client.ts";
import { uploadImage } from "../../src/cli/image.ts";
import { offline } from "../../src/cli/offline.ts";
import type { ExecAnswer, ExecRequest } from "../../src/http/exec-protocol.ts";
import { build, CHECKOUT } from "../../tools/prepare.ts";
import type { Peer } from "./peers.ts";

const LIMITS = { cpuMs: 120_000, wallMs: 300_000 };

export interface BinletServer {
  readonly url: string;
  /** Of the management interface. */
  readonly token: string;
  readonly client: Client;
  readonly peer: Peer;
  /** Uploads a program as an image of one file, once; returns the image's digest and its entry point. */
  upload(program: string): Promise<{ image: string; entrypoint: readonly string[] }>;
  /** Copies all that the other server has in R2, past Binlet's Worker: its isolate has still not served a request. */
  copyObjects(from: BinletServer): Promise<void>;
  objects(): Promise<R2Bucket>;
  close(): Promise<void>;
}

/** Takes about two seconds, and the time to build the interpreter if it is out of date. */
export async function startBinlet(): Promise<BinletServer> {
  build();
  Object.assign(process.env, offline(CHECKOUT));
  const { createTestHarness } = await import("wrangler");
  const token = randomBytes(24).toString("base64url");
  const harness = createTestHarness({
    root: CHECKOUT,
    workers: [
      { configPath: join(CHECKOUT, "wrangler.toml"), secrets: { BINLET_TOKEN: token } },
      { configPath: join(import.meta.dirname, "empty/wrangler.toml") },
    ],
  });
  const { url } = await harness.listen();
  const client = new Client({ url: url.href, token });
  const uploaded = new Map<string, { image: string; entrypoint: readonly string[] }>();

  const upload: BinletServer["upload"] = async (program) => {
    const known = uploaded.get(program);
    if (known) return known;
    const { digest, config } = await uploadImage(client, program, `bench-${uploaded.size}`, { quiet: true });
    const made = { image: digest, entrypoint: config.entrypoint ?? [] };
    uploaded.set(program, made);
    return made;
  };

  const peer: Peer = {
    name: "Binlet",
    async run(program, args) {
      const { image, entrypoint } = await upload(program);
      const request: ExecRequest = { image, argv: [...entrypoint, ...args], limits: LIMITS };
      const start = performance.now();
      const answer = await client.json<ExecAnswer>("POST", "exec", request);
      const milliseconds = performance.now() - start;
      if (answer.exitCode !== 0) {
        const stderr = Buffer.from(answer.stderr, "base64").toString();
        throw new Error(`Binlet: ${program} ended with ${answer.signal ?? answer.exitCode}\n${stderr}`);
      }
      return {
        stdout: Buffer.from(answer.stdout, "base64").toString(),
        milliseconds,
        instructions: answer.stats.instructions,
      };
    },
  };
  const objects = async (): Promise<R2Bucket> => (await harness.getWorker<{ OBJECTS: R2Bucket }>().getEnv()).OBJECTS;
  const copyObjects = async (from: BinletServer): Promise<void> => {
    const [source, target] = await Promise.all([from.objects(), objects()]);
    for (const { key } of (await source.list()).objects) {
      const object = await source.get(key);
      const { customMetadata, httpMetadata } = object!;
      await target.put(key, await object!.arrayBuffer(), { customMetadata, httpMetadata });
    }
  };
  return { url: url.href, token, client, peer, upload, objects, copyObjects, close: () => harness.close() };
}
