import { statSync } from "node:fs";
import { NAME_PATTERN } from "../http/function-config.ts";
import type { ImageConfig } from "../image/format.ts";
import { CliError, Client, type Connection } from "./client.ts";
import { isScript, withLibraries } from "./host-program.ts";
import { uploadImage } from "./image.ts";
import { isElf } from "./libraries.ts";
import { pairs } from "./options.ts";

interface Options extends Connection {
  name: string;
  invoke: string;
  env: string[];
  cwd?: string;
  user?: string;
  limit: string[];
  egress: string[];
  namespace?: string;
}

/** `binlet deploy`. */
export async function deploy(source: string, args: string[], options: Options): Promise<void> {
  const client = new Client(options);
  const { digest, entrypoint } = await imageOf(client, source, options.name);
  const limits = Object.entries(pairs(options.limit, "--limit")).map(([key, value]) => [key, Number(value)]);
  const env = pairs(options.env, "--env");
  await client.json("PUT", `functions/${options.name}`, {
    image: digest,
    invoke: options.invoke,
    // Arguments follow the entry point as in OCI; without any, the image's own command stays in force.
    ...((args.length > 0 || entrypoint.ofFile) && { command: [...entrypoint.argv, ...args] }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.user !== undefined && { user: options.user }),
    ...(options.egress.length > 0 && { egress: options.egress }),
    ...(options.namespace !== undefined && { namespace: options.namespace }),
    ...(limits.length > 0 && { limits: Object.fromEntries(limits) }),
  });
  console.log(`${options.url.replace(/\/+$/, "")}/${options.name}`);
}

interface Deployed {
  readonly digest: string;
  /** What ARGS follow; `ofFile`: the image does not say it itself. */
  readonly entrypoint: { readonly argv: readonly string[]; readonly ofFile: boolean };
}

/**
 * A program is uploaded with its interpreter and libraries, an archive or a directory (with a slash in its path) as it is, as
 * the image `name`; anything else names an image of the server.
 */
async function imageOf(client: Client, source: string, name: string): Promise<Deployed> {
  const status = statSync(source, { throwIfNoEntry: false });
  if (status?.isFile() && (isElf(source) || isScript(source))) {
    const { source: image, program } = withLibraries(source);
    if (!("archive" in image)) {
      const { digest } = await uploadImage(client, image, name);
      return { digest, entrypoint: { argv: [program], ofFile: true } };
    }
  }
  const of = ({ digest, config }: { digest: string; config: ImageConfig }): Deployed => ({
    digest,
    entrypoint: { argv: config.entrypoint ?? [], ofFile: false },
  });
  if (status?.isFile()) return of(await uploadImage(client, source, name));
  if (status?.isDirectory() && source.includes("/")) return of(await uploadImage(client, { directory: source }, name));
  if (!NAME_PATTERN.test(source)) throw new CliError(`there is no file ${source}.`);
  return of(await client.json("GET", `images/${source}`));
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
