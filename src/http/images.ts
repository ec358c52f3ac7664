/** Images in the object store, in the form of image/format.ts: names, manifests, and chunks that are sent once. */
import { chunkKey, digestHex, imageKey, type Manifest, manifestKey, parseManifest, sha256 } from "../image/format.ts";
import { ImportError, importImage } from "../image/import.ts";
import { HttpError } from "./errors.ts";
import { CONFIG_TTL } from "./functions.ts";

const CACHE_ENTRIES = 256;
/** Object store operations that wait at one time; the platform allows six. */
const CONCURRENCY = 5;
const HEX = /^[0-9a-f]{64}$/;

/** Digests of names read within the last CONFIG_TTL: data only. */
const cache = new Map<string, { readonly digest: string; readonly expires: number }>();

/** The digest that a name or digest refers to. Throws 404 for an unknown name; a digest is taken as it is. */
export async function resolveImage(objects: R2Bucket, reference: string): Promise<string> {
  if (digestHex(reference) !== null) return reference;
  const known = cache.get(reference);
  if (known !== undefined && known.expires > Date.now()) return known.digest;
  cache.delete(reference);
  const object = await objects.get(imageKey(reference));
  if (object === null) throw new HttpError(404, `There is no image named ${JSON.stringify(reference)}.`);
  const digest = (await object.text()).trim();
  if (cache.size >= CACHE_ENTRIES) cache.delete(cache.keys().next().value!);
  cache.set(reference, { digest, expires: Date.now() + CONFIG_TTL });
  return digest;
}

/** The manifest of a stored image. Throws 404 when it is not there. */
export async function getManifest(objects: R2Bucket, digest: string): Promise<Manifest> {
  const object = await objects.get(manifestKey(digestHex(digest)!));
  if (object === null) throw new HttpError(404, `There is no image ${digest}.`);
  return parseManifest(new Uint8Array(await object.arrayBuffer()));
}

/** Points a name at an image that is stored. */
export async function nameImage(objects: R2Bucket, name: string, digest: string): Promise<void> {
  await objects.put(imageKey(name), digest);
  cache.delete(name);
}

export async function deleteImage(objects: R2Bucket, name: string): Promise<void> {
  if ((await objects.head(imageKey(name))) === null) {
    throw new HttpError(404, `There is no image named ${JSON.stringify(name)}.`);
  }
  await objects.delete(imageKey(name));
  cache.delete(name);
}

export async function listImages(objects: R2Bucket): Promise<{ name: string; digest: string; modified: string }[]> {
  const found: R2Object[] = [];
  let cursor: string | undefined;
  do {
    const page = await objects.list({ prefix: imageKey(""), cursor });
    found.push(...page.objects);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return eachOf(found, async ({ key, uploaded }) => ({
    name: key.slice(imageKey("").length),
    digest: (await (await objects.get(key))?.text())?.trim() ?? "",
    modified: uploaded.toISOString(),
  }));
}

/** Whether a chunk is stored. */
export async function hasChunk(objects: R2Bucket, hex: string): Promise<boolean> {
  checkHex(hex);
  return (await objects.head(chunkKey(hex))) !== null;
}

/** Stores a chunk. Throws 400 unless `bytes` are what `hex` says. */
export async function putChunk(objects: R2Bucket, hex: string, bytes: Uint8Array): Promise<void> {
  checkHex(hex);
  if ((await sha256(bytes)) !== hex) throw new HttpError(400, "The chunk is not what its SHA-256 says.");
  await objects.put(chunkKey(hex), bytes);
}

/** Stores a manifest whose chunks are there; returns the image's digest. Throws 400 for what is no manifest, 409 while chunks are missing. */
export async function putManifest(objects: R2Bucket, bytes: Uint8Array): Promise<string> {
  let chunks: string[];
  try {
    ({ chunks } = parseManifest(bytes));
  } catch (error) {
    throw new HttpError(400, `The body is no image manifest: ${(error as Error).message}.`);
  }
  const stored = await eachOf([...new Set(chunks)], (chunk) => hasChunk(objects, chunk));
  const missing = stored.filter((there) => !there).length;
  if (missing > 0) throw new HttpError(409, `The store lacks ${missing} of the image's chunks.`);
  const hex = await sha256(bytes);
  await objects.put(manifestKey(hex), bytes, { httpMetadata: { contentType: "application/json" } });
  return `sha256:${hex}`;
}

/** Imports an executable, a tar or a tar.gz; returns the image's digest. Throws 422 for what is none of them. */
export async function importArchive(objects: R2Bucket, body: ReadableStream<Uint8Array>): Promise<string> {
  const put = async (key: string, bytes: Uint8Array): Promise<void> => void (await objects.put(key, bytes));
  const has = async (key: string): Promise<boolean> => (await objects.head(key)) !== null;
  try {
    return (await importImage(body, put, has)).digest;
  } catch (error) {
    if (error instanceof ImportError) throw new HttpError(422, `The body is no image: ${error.message}.`);
    throw error;
  }
}

function checkHex(hex: unknown): void {
  if (typeof hex !== "string" || !HEX.test(hex)) {
    throw new HttpError(400, "A chunk is named by its SHA-256, 64 hexadecimal digits.");
  }
}

/** `Promise.all` over `items` with at most CONCURRENCY at one time. */
async function eachOf<T, R>(items: readonly T[], operation: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await operation(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
  return results;
}
