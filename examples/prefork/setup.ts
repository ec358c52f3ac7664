/** Compiles prefork.c. `npm start` puts the example up once this has run: `npx node examples/prefork/setup.ts`. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const source = join(import.meta.dirname, "prefork.c");
export const imagePath = join(import.meta.dirname, "../../build/examples/prefork");

/** Makes the executable unless it is newer than its source; returns its path. */
export function setup(): string {
  if (existsSync(imagePath) && statSync(imagePath).mtimeMs > statSync(source).mtimeMs) return imagePath;
  mkdirSync(dirname(imagePath), { recursive: true });
  const fresh = `${imagePath}.${process.pid}`;
  execFileSync("gcc", ["-static", "-O2", "-Wall", "-Werror", "-o", fresh, source], { stdio: "pipe" });
  renameSync(fresh, imagePath);
  return imagePath;
}

if (process.argv[1] === import.meta.filename) console.log(setup());
