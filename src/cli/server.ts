/** A Worker of our own for one command: workerd on a free port, with an object store that is empty and goes away with it. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT, CliError } from "./client.ts";
import { offline } from "./offline.ts";

export interface LocalServer {
  readonly url: string;
  readonly token: string;
  /** Ends workerd and removes its storage. */
  close(): Promise<void>;
}

/** Takes about a second, most of it wrangler's own start and bundling. `vars` are added to those of wrangler.toml. */
export async function startServer(vars: Record<string, string> = {}): Promise<LocalServer> {
  if (!existsSync(join(CHECKOUT, "build/interpreter.wasm"))) {
    const { status, stderr } = spawnSync(process.execPath, [join(CHECKOUT, "tools/build.ts")], {
      cwd: CHECKOUT,
      encoding: "utf8",
    });
    if (status !== 0) throw new CliError(`the interpreter could not be built: ${stderr.trim()}`);
  }
  Object.assign(process.env, offline(CHECKOUT));
  const { createTestHarness } = await import("wrangler");
  const token = randomBytes(24).toString("base64url");
  const harness = createTestHarness({
    root: CHECKOUT,
    workers: [{ configPath: join(CHECKOUT, "wrangler.toml"), vars, secrets: { BINLET_TOKEN: token } }],
  });
  const { url } = await harness.listen().catch((error: Error) => {
    throw new CliError(`the Worker could not be started: ${error.message}`);
  });
  return { url: url.href, token, close: () => harness.close() };
}
