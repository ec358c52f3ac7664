/** The host's side of a pipe: how bytes enter and leave a machine without being a file of it. Plain calls, no promises. */
import type { Waiter, WaitQueue } from "../wait/queue.ts";
import type { Pipe } from "./pipe.ts";

/** Calls `callback` once for each wake, as long as it is subscribed. */
export class Listener implements Waiter {
  readonly #callback: () => void;
  readonly #queue: WaitQueue;
  #on = true;

  constructor(queue: WaitQueue, callback: () => void) {
    this.#queue = queue;
    this.#callback = callback;
    queue.add(this);
  }

  wake(): void {
    if (!this.#on) return;
    this.#queue.add(this);
    this.#callback();
  }

  stop(): void {
    this.#on = false;
    this.#queue.delete(this);
  }
}

/** Feeds a pipe from outside the machine (a request's body to the program's standard input). */
export class HostWriter {
  readonly #pipe: Pipe;
  #listener: Listener | null = null;
  #open = true;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
    pipe.openWriter();
  }

  /** Bytes that `push` takes now. */
  get space(): number {
    return this.#open && !this.broken ? this.#pipe.space : 0;
  }

  /** Nobody reads any more: what is pushed is lost. */
  get broken(): boolean {
    return this.#pipe.readers === 0;
  }

  /** Takes as much of `bytes` as there is room for; returns how much. */
  push(bytes: Uint8Array): number {
    return this.space === 0 ? 0 : this.#pipe.push(bytes);
  }

  /** `callback` runs whenever there is room again or the last reader went; null ends that. It may not run guest code. */
  onSpace(callback: (() => void) | null): void {
    this.#listener?.stop();
    this.#listener = callback ? new Listener(this.#pipe.writable, callback) : null;
  }

  /** End of file for the readers. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.onSpace(null);
    this.#pipe.closeWriter();
  }
}

/** Drains a pipe to the outside (the program's standard output to a response). */
export class HostReader {
  readonly #pipe: Pipe;
  #listener: Listener | null = null;
  #open = true;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
    pipe.openReader();
  }

  /** Bytes that `pull` returns now. */
  get available(): number {
    return this.#open ? this.#pipe.length : 0;
  }

  /** Everything was read and nobody writes any more. */
  get ended(): boolean {
    return !this.#open || (this.#pipe.writers === 0 && this.#pipe.length === 0);
  }

  /** Up to `limit` bytes, a fresh array; empty when there are none now. */
  pull(limit = Number.POSITIVE_INFINITY): Uint8Array {
    return this.#open ? this.#pipe.pull(limit) : new Uint8Array(0);
  }

  /** `callback` runs whenever there is more to read or the last writer went; null ends that. It may not run guest code. */
  onData(callback: (() => void) | null): void {
    this.#listener?.stop();
    this.#listener = callback ? new Listener(this.#pipe.readable, callback) : null;
  }

  /** Writers get EPIPE from now on. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.onData(null);
    this.#pipe.closeReader();
  }
}
