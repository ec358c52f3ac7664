/** The world as a machine in a Worker sees it: R2, the Web's clocks and randomness. One for each run of a machine. */
import type { Host, ObjectStore } from "../kernel/host.ts";
import type { NamespacePort } from "../kernel/namespace-port.ts";
import type { NetworkPort } from "../net/port.ts";

/** setTimeout takes 31 bits. */
const LONGEST_SLEEP = 2 ** 31 - 1;
/** crypto.getRandomValues fills at most this much. */
const RANDOM_QUOTA = 65536;

export class WorkersHost implements Host {
  readonly objects: R2Objects;
  readonly namespace?: NamespacePort;
  readonly #makeNetwork: (() => NetworkPort) | undefined;
  #network: NetworkPort | undefined;
  readonly #idle: () => void;
  readonly #log: (level: "info" | "warn" | "error", message: string) => void;

  /** `idle` is called whenever the machine is about to wait, before it does; `network` when it first uses its network. */
  constructor(
    bucket: R2Bucket,
    idle: () => void,
    log: (level: "info" | "warn" | "error", message: string) => void = (level, message) => console[level](message),
    namespace?: NamespacePort,
    network?: () => NetworkPort,
  ) {
    this.#makeNetwork = network;
    this.namespace = namespace;
    this.objects = new R2Objects(bucket);
    this.#idle = idle;
    this.#log = log;
  }

  get network(): NetworkPort | undefined {
    this.#network ??= this.#makeNetwork?.();
    return this.#network;
  }

  now(): number {
    return Date.now();
  }

  random(into: Uint8Array): void {
    for (let offset = 0; offset < into.length; offset += RANDOM_QUOTA) {
      crypto.getRandomValues(into.subarray(offset, offset + RANDOM_QUOTA) as Uint8Array<ArrayBuffer>);
    }
  }

  log(level: "info" | "warn" | "error", message: string): void {
    this.#log(level, message);
  }

  yield(): Promise<void> {
    this.#idle();
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  sleep(ms: number, wake: Promise<void>): Promise<void> {
    this.#idle();
    if (ms >= LONGEST_SLEEP) return wake;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      wake.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

class R2Objects implements ObjectStore {
  readonly #bucket: R2Bucket;
  /** Reads so far. */
  reads = 0;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async get(key: string, range?: { offset: number; length: number }): Promise<Uint8Array | null> {
    this.reads++;
    const object = await this.#bucket.get(key, range === undefined ? undefined : { range });
    return object === null ? null : new Uint8Array(await object.arrayBuffer());
  }
}
