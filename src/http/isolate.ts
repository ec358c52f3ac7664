/**
 * The isolate that serves this Worker's requests: memory, CPU and image cache, made at the first request that needs a machine.
 * They are data only, so module scope may hold them.
 */
import interpreter from "../../build/interpreter.wasm";
import { Isolate } from "../machine/isolate.ts";

let isolate: Isolate | null = null;

export function theIsolate(): Isolate {
  isolate ??= new Isolate(interpreter);
  return isolate;
}
