/** Compiles producer.c and consumer.c. `npm start` puts both functions up once this has run: `npx node examples/queue/setup.ts`. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const built = (name: string): string => join(import.meta.dirname, "../../build/examples", `queue-${name}`);

/** The executable of each function of this folder. */
export const imagePaths: Readonly<Record<string, string>> = {
  producer: built("producer"),
  consumer: built("consumer"),
};

/** Makes those that are not newer than their sources; returns their paths. */
export function setup(): string[] {
  for (const [name, path] of Object.entries(imagePaths)) {
    const sources = [`${name}.c`, "queue.h"].map((file) => join(import.meta.dirname, file));
    const changed = Math.max(...sources.map((file) => statSync(file).mtimeMs));
    if (existsSync(path) && statSync(path).mtimeMs > changed) continue;
    mkdirSync(dirname(path), { recursive: true });
    const fresh = `${path}.${process.pid}`;
    execFileSync("gcc", ["-static", "-O2", "-Wall", "-Werror", "-o", fresh, sources[0]], { stdio: "pipe" });
    renameSync(fresh, path);
  }
  return Object.values(imagePaths);
}

if (process.argv[1] === import.meta.filename) console.log(setup().join("\n"));
