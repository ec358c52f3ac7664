import type { NetworkPort } from "../net/port.ts";
import type { NamespacePort } from "./namespace-port.ts";

/**
 * The one seam between a machine and the world. Everything but the clock and randomness is asynchronous, batched and
 * serialisable, so that the same machine runs in the main Worker, in a dynamic Worker that reaches its host by RPC, in a
 * Durable Object, or in a test.
 */
export interface Host {
  /** Wall-clock milliseconds since the epoch. Stands still while a Worker computes. */
  now(): number;
  /** Fills `into` with random bytes. */
  random(into: Uint8Array): void;
  /** One line for the operator's log. */
  log(level: "info" | "warn" | "error", message: string): void;
  /** Object store. */
  readonly objects: ObjectStore;
  /** The machines that this one shares pids and System V objects with; absent for a machine that is alone. */
  readonly namespace?: NamespacePort;
  /** The way to other hosts; absent where there is none, which is well for machines that may not use it. */
  readonly network?: NetworkPort;
  /** Lets other requests, timers and I/O of the isolate run. */
  yield(): Promise<void>;
  /** Resolves after about `ms` of wall time, or when `wake` resolves, whichever is first. */
  sleep(ms: number, wake: Promise<void>): Promise<void>;
}

/** Content-addressed chunks and JSON documents, in R2 or in a directory. */
export interface ObjectStore {
  /** The object's bytes, or the range of them; null when there is no such key. */
  get(key: string, range?: { offset: number; length: number }): Promise<Uint8Array | null>;
}
