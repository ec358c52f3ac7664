import { statSync } from "node:fs";
import { NAME_PATTERN } from "../http/function-config.ts";
import type { ImageConfig } from "../image/format.ts";
import { CliError, Client, type Connection } from "./client.ts";
import { uploadImage } from "./image.ts";
import { pairs } from "./options.ts";

interface Options extends Connection {
  name: string;
  invoke: string;
  env: string[];
  cwd?: string;
  user?: string;
  limit: string[];
}

/** `binlet deploy`. */
export async function deploy(source: string, args: string[], options: Options): Promise<void> {
  const client = new Client(options);
  const { digest, config } = await imageOf(client, source, options.name);
  const limits = Object.entries(pairs(options.limit, "--limit")).map(([key, value]) => [key, Number(value)]);
  const env = pairs(options.env, "--env");
  await client.json("PUT", `functions/${options.name}`, {
    image: digest,
    invoke: options.invoke,
    // Arguments follow the entry point as in OCI; without any, the image's own command stays in force.
    ...(args.length > 0 && { command: [...(config.entrypoint ?? []), ...args] }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.user !== undefined && { user: options.user }),
    ...(limits.length > 0 && { limits: Object.fromEntries(limits) }),
  });
  console.log(`${options.url.replace(/\/+$/, "")}/${options.name}`);
}

/** A file, or a directory with a slash in its path, is uploaded as the image `name`; anything else names an image of the server. */
async function imageOf(client: Client, source: string, name: string): Promise<{ digest: string; config: ImageConfig }> {
  const status = statSync(source, { throwIfNoEntry: false });
  if (status?.isFile()) return uploadImage(client, source, name);
  if (status?.isDirectory() && source.includes("/")) return uploadImage(client, { directory: source }, name);
  if (!NAME_PATTERN.test(source)) throw new CliError(`there is no file ${source}.`);
  return client.json("GET", `images/${source}`);
}

/** `binlet ls`. */
export async function listFunctions(options: Connection): Promise<void> {
  const { functions } = await new Client(options).json<{ functions: { name: string; modified: string }[] }>(
    "GET",
    "functions",
  );
  for (const { name, modified } of functions) console.log(`${name.padEnd(32)} ${modified}`);
}

/** `binlet rm`. */
export async function removeFunction(names: string[], options: Connection): Promise<void> {
  const client = new Client(options);
  for (const name of names) await client.manage("DELETE", `functions/${encodeURIComponent(name)}`);
}
