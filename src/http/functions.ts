/** Functions in the object store: `functions/<name>.json`. */
import { digestHex, manifestKey } from "../image/format.ts";
import { HttpError } from "./errors.ts";
import type { FunctionConfig } from "./function-config.ts";

/** How long an isolate may use a configuration that has been replaced in the meantime, in milliseconds. */
export const CONFIG_TTL = 5000;
const CACHE_ENTRIES = 256;

/** Bytes of a manifest that is kept with a configuration; R2 takes 8 KiB of metadata. */
const MANIFEST_LIMIT = 4096;

export interface StoredFunction {
  readonly config: FunctionConfig;
  /** The manifest of its image as JSON, where that is small and the image named by its digest; to be checked against that. */
  readonly manifest?: string;
}

const key = (name: string) => `functions/${name}.json`;

/** Configurations read within the last CONFIG_TTL: data only, so that requests can share it. */
const cache = new Map<string, StoredFunction & { readonly expires: number }>();

export async function getFunction(objects: R2Bucket, name: string): Promise<FunctionConfig> {
  return (await readFunction(objects, name)).config;
}

export async function readFunction(objects: R2Bucket, name: string): Promise<StoredFunction> {
  const known = cache.get(name);
  if (known !== undefined && known.expires > Date.now()) return known;
  cache.delete(name);
  const object = await objects.get(key(name));
  if (object === null) throw new HttpError(404, `There is no function named ${JSON.stringify(name)}.`);
  const config = await object.json<FunctionConfig>();
  if (cache.size >= CACHE_ENTRIES) cache.delete(cache.keys().next().value!);
  const found = { config, manifest: object.customMetadata?.manifest, expires: Date.now() + CONFIG_TTL };
  cache.set(name, found);
  return found;
}

export async function putFunction(objects: R2Bucket, name: string, config: FunctionConfig): Promise<void> {
  const manifest = await smallManifest(objects, config.image);
  await objects.put(key(name), JSON.stringify(config), {
    httpMetadata: { contentType: "application/json" },
    ...(manifest !== null && { customMetadata: { manifest } }),
  });
  cache.delete(name);
}

/** It travels with the configuration, so that the first request of an isolate reads one object less before its program. */
async function smallManifest(objects: R2Bucket, image: string): Promise<string | null> {
  const hex = digestHex(image);
  const object = hex === null ? null : await objects.get(manifestKey(hex));
  if (object === null) return null;
  const text = object.size <= MANIFEST_LIMIT ? await object.text() : "";
  // Metadata are header fields.
  return /^[\x20-\x7e]+$/.test(text) ? text : null;
}

export async function deleteFunction(objects: R2Bucket, name: string): Promise<void> {
  if ((await objects.head(key(name))) === null) {
    throw new HttpError(404, `There is no function named ${JSON.stringify(name)}.`);
  }
  await objects.delete(key(name));
  cache.delete(name);
}

export async function listFunctions(objects: R2Bucket): Promise<{ name: string; modified: string }[]> {
  return listDocuments(objects, "functions/");
}

/** The `.json` documents under a prefix, all pages of the listing. */
export async function listDocuments(objects: R2Bucket, prefix: string): Promise<{ name: string; modified: string }[]> {
  const found: { name: string; modified: string }[] = [];
  let cursor: string | undefined;
  do {
    const page = await objects.list({ prefix, cursor });
    for (const object of page.objects) {
      if (object.key.endsWith(".json")) {
        found.push({ name: object.key.slice(prefix.length, -".json".length), modified: object.uploaded.toISOString() });
      }
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}
