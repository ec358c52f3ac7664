/**
 * What all machines of a Worker's isolate share: memory, the CPU, and what is cached of images. Data only, so that it may
 * live in module scope: nothing in it belongs to a request.
 */
import { Cpu } from "../cpu/cpu.ts";
import { ImageCache } from "../fs/image/cache.ts";
import { Processor } from "../kernel/processor.ts";
import { MAX_FRAMES } from "../memory/layout.ts";
import { Frames } from "../memory/physical.ts";

export class Isolate {
  readonly frames: Frames;
  readonly cpu: Cpu;
  readonly processor: Processor;
  readonly images: ImageCache;

  /** `interpreter`: build/interpreter.wasm, compiled. `limit`: most frames to hand out. */
  constructor(interpreter: WebAssembly.Module, limit = MAX_FRAMES) {
    this.frames = new Frames(limit);
    this.cpu = new Cpu(interpreter, this.frames);
    this.frames.attach(this.cpu);
    this.processor = new Processor(this.frames, this.cpu);
    this.images = new ImageCache(this.frames);
  }
}
