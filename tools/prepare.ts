/** What `npm start` and `npm test` need before they can run: the generated interpreter, newer than its sources. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export const CHECKOUT = join(import.meta.dirname, "..");

/** Where the interpreter comes from; anything newer there than the module means that it has to be built again. */
const SOURCES = ["src/isa", "src/cpu", "src/memory", "tools/build.ts"];
const INTERPRETER = "build/interpreter.wasm";

/** Exits with a message when the process is too old a Node.js, which happens when a tool is not started through npm. */
export function requireNode(): void {
  if (Number(process.versions.node.split(".")[0]) >= 22) return;
  console.error(
    `Node.js ${process.versions.node} is too old; start this through npm, which uses node_modules/.bin/node.`,
  );
  process.exit(1);
}

/** Builds build/interpreter.wasm unless it is up to date. Exits when that fails. */
export function build(): void {
  const module = join(CHECKOUT, INTERPRETER);
  if (existsSync(module)) {
    const built = statSync(module).mtimeMs;
    if (!SOURCES.some((path) => newest(join(CHECKOUT, path)) > built)) return;
  }
  const { status } = spawnSync(process.execPath, [join(CHECKOUT, "tools/build.ts")], {
    stdio: "inherit",
    cwd: CHECKOUT,
  });
  if (status !== 0) {
    console.error("The interpreter could not be built.");
    process.exit(1);
  }
}

/** The latest modification time in a file or folder, in milliseconds since the epoch. */
function newest(path: string): number {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), status.mtimeMs);
}
