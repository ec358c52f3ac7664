/** Images from files of this machine, and the commands `binlet image import|ls|rm`. */
import { spawn } from "node:child_process";
import { createReadStream, existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { ImageConfig } from "../image/format.ts";
import { CliError, Client, type Connection } from "./client.ts";
import { Progress } from "./progress.ts";
import { ChunkUpload } from "./upload.ts";

/** What an image is made of. */
export type ImageSource =
  /** An ELF executable, a tar or a tar.gz. */
  | { readonly archive: string }
  /** A root directory. */
  | { readonly directory: string }
  /** Files of this machine, at the same paths. */
  | { readonly files: readonly string[] };

/** Imports here, sends the chunks that the server lacks, and names the image. Throws CliError for what is no image. */
export async function uploadImage(
  client: Client,
  source: string | ImageSource,
  name: string,
  quiet = false,
): Promise<{ digest: string; config: ImageConfig }> {
  const upload = new ChunkUpload(client, new Progress(name, quiet));
  throw new CliError("TODO");
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
