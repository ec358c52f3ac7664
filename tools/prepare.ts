/** What `npm start` and `npm test` need before they can run: the generated interpreter, made from the sources as they are. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const CHECKOUT = join(import.meta.dirname, "..");

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
  const { status } = spawnSync(process.execPath, [join(CHECKOUT, "tools/build.ts")], {
    stdio: ["ignore", "ignore", "inherit"],
    cwd: CHECKOUT,
  });
  if (status === 0) return;
  console.error("The interpreter could not be built.");
  process.exit(1);
}
