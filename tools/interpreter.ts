/** build/interpreter.wasm, compiled, on Node. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The types are the Workers', where modules are never compiled from bytes; Node's constructor does. */
const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;

export const loadInterpreter = (): WebAssembly.Module =>
  new Module(readFileSync(join(import.meta.dirname, "../build/interpreter.wasm")));
