/** O_ASYNC on sockets: the owner of the description is told by a signal when there may be something to read (fcntl(2)). */
import type { Waiter, WaitQueue } from "../wait/queue.ts";
import type { SocketFile } from "./file.ts";

export class AsyncNotice implements Waiter {
  readonly #file: SocketFile;
  readonly #queue: WaitQueue;

  constructor(file: SocketFile) {
    this.#file = file;
    this.#queue = file.socket.readable;
    this.#queue.add(this);
    file.watches ??= new Set();
    file.watches.add(this);
  }

  wake(): void {
    this.#queue.add(this);
    this.#file.socket.network.environment.readable(this.#file);
  }

  /** The description goes, or O_ASYNC does. */
  closed(): void {
    this.#queue.delete(this);
    this.#file.watches?.delete(this);
  }
}
