/**
 * What all machines of a Worker's isolate share: memory, the CPU, and what is cached of images. Data only, so that it may
 * live in module scope: nothing in it belongs to a request.
 */
import { Cpu } from "../cpu/cpu.ts";
import { ImageCache } from "../fs/image/cache.ts";
import type { Host } from "../kernel/host.ts";
import { Processor } from "../kernel/processor.ts";
import { MAX_FRAMES } from "../memory/layout.ts";
import { Frames } from "../memory/physical.ts";
import { Admission, type Admitted } from "./admission.ts";
import { Leases, ROUND } from "./leases.ts";

/** Frames that must be free, or clean cache, for a new machine to be started: 1 MiB. */
const ROOM = 256;

/** Looks at the leases of the others before a machine is refused. */
const ROUNDS_TO_WAIT = 8;

export class Isolate {
  readonly frames: Frames;
  readonly cpu: Cpu;
  readonly processor: Processor;
  readonly images: ImageCache;
  readonly leases = new Leases();
  readonly #admission: Admission;

  /** `interpreter`: build/interpreter.wasm, compiled. `limit`: most frames to hand out. */
  constructor(interpreter: WebAssembly.Module, limit = MAX_FRAMES) {
    this.frames = new Frames(limit);
    this.cpu = new Cpu(interpreter, this.frames);
    this.frames.attach(this.cpu);
    this.processor = new Processor(this.frames, this.cpu);
    this.images = new ImageCache(this.frames);
    this.#admission = new Admission(this.frames, this.images, this.leases);
    this.frames.onExhausted((owner) => this.leases.evictLargest(owner));
  }

  /**
   * Waits until there should be memory for another machine, of `program`, whatever names that, with up to `limit` frames; and for
   * suspects among the others, whose frames may come back. Null when there is none left.
   */
  async admit(host: Pick<Host, "now" | "sleep">, program: string, limit: number): Promise<Admitted | null> {
    const admitted = await this.#admission.enter(host, program, limit);
    for (let round = 0; round < ROUNDS_TO_WAIT && !this.frames.makeRoom(ROOM); round++) {
      if (this.leases.sweep(host.now()) === 0) break;
      await host.sleep(ROUND, new Promise(() => {}));
    }
    if (this.frames.makeRoom(ROOM)) return admitted;
    admitted.ended();
    return null;
  }
}
