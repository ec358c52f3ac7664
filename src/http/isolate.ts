/**
 * The isolate that serves this Worker's requests: memory, CPU and image cache, made in the isolate's start-up, so that its first
 * request does not pay for them (some 25 ms). They are data only, so module scope may hold them.
 */
import interpreter from "../../build/interpreter.wasm";
import { Isolate } from "../machine/isolate.ts";
import { rehearse } from "../machine/rehearsal.ts";

const isolate = new Isolate(interpreter);
isolate.cpu.warmUp();
await rehearse(isolate);

export const theIsolate = (): Isolate => isolate;
