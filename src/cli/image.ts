/** Images from files of this machine, and the commands `binlet image import|ls|rm`. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { MANIFEST_TYPE } from "../http/images-protocol.ts";
import { chunkKey, type ImageConfig } from "../image/format.ts";
import { ImportError, importImage as importStream } from "../image/import.ts";
import { type ImageSource, openSource } from "./archive.ts";
import { CliError, Client, type Connection } from "./client.ts";
import { Progress } from "./progress.ts";

export interface UploadOptions {
  /** No progress on standard error. */
  quiet?: boolean;
  /** The server is known to have nothing, so it is not asked. */
  fresh?: boolean;
  /** Where a single program is put in the image; its file's name in "/" by default. */
  path?: string;
}

/** Imports here, sends the chunks that the server lacks, and names the image. Throws CliError for what is no image. */
export async function uploadImage(
  client: Client,
  source: string | ImageSource,
  name: string,
  options: UploadOptions = {},
): Promise<{ digest: string; config: ImageConfig }> {
  const from: ImageSource = typeof source === "string" ? { archive: source } : source;
  const progress = new Progress(name, options.quiet);
  const path = options.path ?? ("archive" in from ? `/${basename(from.archive)}` : undefined);
  let manifest = new Uint8Array();
  let sent = 0;

  const put = async (key: string, bytes: Uint8Array): Promise<void> => {
    if (!key.startsWith(chunkKey(""))) {
      manifest = new Uint8Array(bytes);
      return;
    }
    await client.manage("PUT", key, { body: bytes as Uint8Array<ArrayBuffer> });
    sent += bytes.length;
    progress.update(`${size(sent)} sent`);
  };
  const has = async (key: string): Promise<boolean> =>
    !options.fresh && key.startsWith(chunkKey("")) && (await client.exists(key));
  try {
    const { digest, config, stats } = await importStream(openSource(from), put, has, { path });
    await client.manage("PUT", `images/${name}`, { body: manifest, headers: { "Content-Type": MANIFEST_TYPE } });
    const unchanged = stats.chunks - stats.newChunks;
    progress.done(
      `${size(stats.bytes)}; ${size(sent)} sent in ${stats.newChunks} chunks, ${unchanged} were there already`,
    );
    return { digest, config };
  } catch (error) {
    if (error instanceof ImportError) throw new CliError(`this is no image: ${error.message}.`);
    throw error;
  }
}

function size(bytes: number): string {
  return bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

/** `binlet image import`. */
export async function importImage(file: string, options: Connection & { name: string }): Promise<void> {
  if (!existsSync(file)) throw new CliError(`there is no file ${file}.`);
  const { digest } = await uploadImage(new Client(options), file, options.name);
  console.log(digest);
}

/** `binlet image ls`. */
export async function listImages(options: Connection): Promise<void> {
  const { images } = await new Client(options).json<{ images: { name: string; digest: string; modified: string }[] }>(
    "GET",
    "images",
  );
  for (const { name, digest, modified } of images) console.log(`${name.padEnd(32)} ${digest} ${modified}`);
}

/** `binlet image rm`. */
export async function removeImage(names: string[], options: Connection): Promise<void> {
  const client = new Client(options);
  for (const name of names) await client.manage("DELETE", `images/${encodeURIComponent(name)}`);
}
