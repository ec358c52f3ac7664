/** A machine's host on Node (kernel/host.ts). */
import { randomFillSync } from "node:crypto";
import type { Host, ObjectStore } from "../src/kernel/host.ts";
import type { NetworkPort } from "../src/net/port.ts";
import { nodeNetwork } from "./node-network.ts";

export class NodeHost implements Host {
  readonly objects: ObjectStore;
  readonly network: NetworkPort = nodeNetwork();
  readonly #log: (message: string) => void;

  constructor(
    objects: ObjectStore,
    log: (message: string) => void = (message) => process.stderr.write(`${message}\n`),
  ) {
    this.objects = objects;
    this.#log = log;
  }

  now(): number {
    return performance.timeOrigin + performance.now();
  }

  random(into: Uint8Array): void {
    randomFillSync(into);
  }

  log(level: "info" | "warn" | "error", message: string): void {
    this.#log(`binlet: ${level}: ${message}`);
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  sleep(ms: number, wake: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
      void wake.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
