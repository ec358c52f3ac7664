/**
 * Puts the examples into the local R2: every folder of examples/ has a function.json, for the function of its name, or a NAME.json for
 * each of several, and a setup.ts that knows where their images are. An image that has not changed costs a few reads.
 */
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { getPlatformProxy } from "wrangler";
import { setup as setupHello } from "../examples/hello/setup.ts";
import type { Env } from "../src/http/env.ts";
import { imageKey } from "../src/image/format.ts";
import { importImage } from "../src/image/import.ts";
import { CHECKOUT } from "./prepare.ts";

interface Example {
  /** The function's name. */
  readonly name: string;
  /** The folder's name. */
  readonly folder: string;
  /** Contents of its JSON file. */
  readonly config: { image: string };
  /** An executable or a tar; absent until the example's setup.ts has run. */
  readonly imagePath: string;
}

/** `persist`: wrangler's folder of local storage. Returns lines for the user. */
export async function seed(persist: string): Promise<string[]> {
  setupHello();
  const examples = await readExamples();
  const proxy = await getPlatformProxy<Pick<Env, "OBJECTS">>({
    configPath: join(import.meta.dirname, "seed.toml"),
    persist: { path: join(persist, "v3") },
  });
  try {
    const ready: string[] = [];
    const lines: string[] = [];
    for (const example of examples) {
      if (existsSync(example.imagePath)) {
        await put(proxy.env.OBJECTS, example);
        ready.push(`/${example.name}`);
      } else {
        lines.push(`/${example.name} is not set up; npx node examples/${example.folder}/setup.ts does that.`);
      }
    }
    return [...lines, `Functions: ${ready.join(", ")}`];
  } finally {
    await proxy.dispose();
  }
}

/** What an example's setup.ts exports: its image, or those of its functions. */
interface Setup {
  readonly imagePath?: string;
  readonly imagePaths?: Readonly<Record<string, string>>;
}

async function readExamples(): Promise<Example[]> {
  const root = join(CHECKOUT, "examples");
  const examples: Example[] = [];
  for (const folder of readdirSync(root).sort()) {
    const setup = join(root, folder, "setup.ts");
    if (!existsSync(setup)) continue;
    const { imagePath, imagePaths } = (await import(setup)) as Setup;
    const config = (file: string) => JSON.parse(readFileSync(join(root, folder, file), "utf8")) as { image: string };
    if (imagePath !== undefined) examples.push({ name: folder, folder, config: config("function.json"), imagePath });
    for (const [name, path] of Object.entries(imagePaths ?? {})) {
      examples.push({ name, folder, config: config(`${name}.json`), imagePath: path });
    }
  }
  return examples;
}

async function put(objects: R2Bucket, { name, config, imagePath }: Example): Promise<void> {
  const source = Readable.toWeb(createReadStream(imagePath)) as unknown as ReadableStream<Uint8Array>;
  const store = async (key: string, bytes: Uint8Array) => void (await objects.put(key, bytes));
  const has = async (key: string) => (await objects.head(key)) !== null;
  const { digest } = await importImage(source, store, has, { path: `/${config.image}` });
  await putText(objects, imageKey(config.image), digest);
  await putText(objects, `functions/${name}.json`, JSON.stringify(config));
}

async function putText(objects: R2Bucket, key: string, text: string): Promise<void> {
  if ((await (await objects.get(key))?.text()) !== text) await objects.put(key, text);
}
