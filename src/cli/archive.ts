/** Files of this machine as a tar stream, by the tar(1) that every Linux and macOS has. */
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { CliError } from "./client.ts";

/** What an image is made of. */
export type ImageSource =
  /** An ELF executable, a tar or a tar.gz. */
  | { readonly archive: string }
  /** A root directory. */
  | { readonly directory: string }
  /** Files of this machine, at the same absolute paths; symbolic links are followed. */
  | { readonly files: readonly string[] };

/** The source's bytes: an ELF file, a tar or a tar.gz. Throws CliError where it cannot be read. */
export function openSource(source: ImageSource): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(chunks(source))) as unknown as ReadableStream<Uint8Array>;
}

function chunks(source: ImageSource): AsyncIterable<Uint8Array> {
  if ("archive" in source) return createReadStream(source.archive, { highWaterMark: 1 << 18 });
  if ("directory" in source) return tar(["-C", source.directory, "."]);
  return tar(["-C", "/", "-h", ...source.files.map((path) => path.slice(1))]);
}

async function* tar(args: string[]): AsyncGenerator<Uint8Array> {
  const child = spawn("tar", ["--numeric-owner", "-cf", "-", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", () => reject(new CliError("tar(1) is needed for this and is not installed.")));
    child.on("close", resolve);
  });
  ended.catch(() => {});
  let complaint = "";
  child.stderr.on("data", (text) => (complaint += text));
  yield* child.stdout;
  if ((await ended) !== 0) throw new CliError(`tar failed: ${complaint.trim().split("\n")[0]}`);
}
