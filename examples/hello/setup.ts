/**
 * Makes the executable of this example: hello.c compiled statically where there is a C compiler, else the same program as
 * assembled.ts writes it. `npm start` calls it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assembledHello } from "./assembled.ts";

const source = join(import.meta.dirname, "hello.c");
export const imagePath = join(import.meta.dirname, "../../build/examples/hello");

/** Makes the executable unless it is newer than its source; returns its path. */
export function setup(): string {
  if (existsSync(imagePath) && statSync(imagePath).mtimeMs > statSync(source).mtimeMs) return imagePath;
  mkdirSync(dirname(imagePath), { recursive: true });
  const fresh = `${imagePath}.${process.pid}`;
  try {
    execFileSync("gcc", ["-static", "-O2", "-o", fresh, source], { stdio: "pipe" });
  } catch {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, assembledHello(), { mode: 0o755 });
  }
  renameSync(fresh, imagePath);
  return imagePath;
}

if (process.argv[1] === import.meta.filename) console.log(setup());
