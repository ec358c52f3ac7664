/** Functions in the object store: `functions/<name>.json`. */
import { HttpError } from "./errors.ts";
import type { FunctionConfig } from "./function-config.ts";

/** How long an isolate may use a configuration that has been replaced in the meantime, in milliseconds. */
export const CONFIG_TTL = 5000;
const CACHE_ENTRIES = 256;

const key = (name: string) => `functions/${name}.json`;

/** Configurations read within the last CONFIG_TTL: data only, so that requests can share it. */
const cache = new Map<string, { readonly config: FunctionConfig; readonly expires: number }>();

export async function getFunction(objects: R2Bucket, name: string): Promise<FunctionConfig> {
  const known = cache.get(name);
  if (known !== undefined && known.expires > Date.now()) return known.config;
  cache.delete(name);
  const object = await objects.get(key(name));
  if (object === null) throw new HttpError(404, `There is no function named ${JSON.stringify(name)}.`);
  const config = await object.json<FunctionConfig>();
  if (cache.size >= CACHE_ENTRIES) cache.delete(cache.keys().next().value!);
  cache.set(name, { config, expires: Date.now() + CONFIG_TTL });
  return config;
}

export async function putFunction(objects: R2Bucket, name: string, config: FunctionConfig): Promise<void> {
  await objects.put(key(name), JSON.stringify(config), { httpMetadata: { contentType: "application/json" } });
  cache.delete(name);
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
