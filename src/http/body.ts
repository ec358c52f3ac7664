/** Request bodies of the management interface, read whole and bounded. */
import { HttpError } from "./errors.ts";

/** The body's bytes. Throws 413 when there are more than `limit`. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = new HttpError(413, `The body must be at most ${limit} bytes.`);
  if (Number(request.headers.get("Content-Length") ?? 0) > limit) throw tooLarge;
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw tooLarge;
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

/** The body as JSON. Throws 400 where it is none. */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  const body = await readBody(request, limit);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    throw new HttpError(400, "The body is not valid JSON.");
  }
}
