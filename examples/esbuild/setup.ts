/**
 * Finds esbuild's Linux executable: the one that `npm ci` has installed for wrangler, or where that is another platform's,
 * the same version from the npm registry. `npx node examples/esbuild/setup.ts` does the latter.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const checkout = join(import.meta.dirname, "../..");
const folder = join(checkout, "build/examples/esbuild");
const inPackage = (root: string) => join(root, "node_modules/@esbuild/linux-x64/bin/esbuild");
export const imagePath = [checkout, folder].map(inPackage).find((path) => existsSync(path)) ?? inPackage(folder);

/** Installs the package below build/ unless the executable is there; returns its path. Throws with npm's own error. */
export function setup(): string {
  if (existsSync(imagePath)) return imagePath;
  mkdirSync(folder, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(checkout, "node_modules/esbuild/package.json"), "utf8"));
  const options = ["--prefix", folder, "--os=linux", "--cpu=x64", "--no-save", "--ignore-scripts"];
  execFileSync("npm", ["install", ...options, `@esbuild/linux-x64@${version}`], { stdio: "pipe" });
  return imagePath;
}

if (process.argv[1] === import.meta.filename) console.log(setup());
