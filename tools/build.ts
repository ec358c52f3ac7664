/** `npm run build`: generates build/interpreter.wasm from the instruction table, unless its inputs are what they were. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const CHECKOUT = join(import.meta.dirname, "..");
const OUTPUT = join(CHECKOUT, "build/interpreter.wasm");
const STAMP = join(CHECKOUT, "build/interpreter.inputs");
/** What the interpreter is made from. */
const INPUTS = ["src/isa", "src/cpu", "src/memory/layout.ts", "tools/build.ts"];

function files(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(join(path, name)));
}

function inputsHash(): string {
  const hash = createHash("sha256");
  for (const file of INPUTS.flatMap((input) => files(join(CHECKOUT, input))))
    hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

const hash = inputsHash();
if (existsSync(OUTPUT) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash) {
  // Others compare modification times.
  const now = new Date();
  utimesSync(OUTPUT, now, now);
  console.log("build/interpreter.wasm is up to date");
} else {
  const { generateInterpreter } = await import("../src/cpu/interpreter/generate.ts");
  const { rows } = await import("../src/isa/table.ts");
  const started = performance.now();
  const { wasm, hot, handlers } = generateInterpreter(rows);
  mkdirSync(join(CHECKOUT, "build"), { recursive: true });
  writeFileSync(OUTPUT, wasm);
  writeFileSync(STAMP, hash);
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
  console.log(
    `build/interpreter.wasm: ${rows.length} rows, ${handlers} handlers (${hot} hot), ${kilobytes(wasm.length)}, ` +
      `${kilobytes(gzipSync(wasm).length)} compressed, ${(performance.now() - started).toFixed(0)} ms`,
  );
}
