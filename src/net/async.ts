/**
 * O_ASYNC on sockets: the owner of the description is told by a signal when there may be something to read, an end or an error, and
 * when there is room to write again after there was none (fcntl(2); sock_wake_async).
 */
import { POLL_ERR, POLL_HUP, POLL_IN, POLL_OUT, POLLHUP, POLLOUT } from "../abi/poll.ts";
import { AF_UNIX } from "../abi/socket.ts";
import type { Waiter, WaitQueue } from "../wait/queue.ts";
import type { SocketFile } from "./file.ts";

export class AsyncNotice implements Waiter {
  readonly #file: SocketFile;

  constructor(file: SocketFile) {
    this.#file = file;
    for (const queue of file.pollQueues) queue.add(this);
    file.watches ??= new Set();
    file.watches.add(this);
  }

  wake(queue: WaitQueue): void {
    queue.add(this);
    const { socket } = this.#file;
    if (socket.quiet) return;
    const code = queue === socket.readable ? this.#readCode() : this.#writeCode();
    if (code !== 0) socket.network.environment.ready(this.#file, code);
  }

  #readCode(): number {
    const { socket } = this.#file;
    if (socket.error !== 0 && socket.family !== AF_UNIX) return POLL_ERR;
    return socket.poll() & POLLHUP ? POLL_HUP : POLL_IN;
  }

  /** Room is told of once after a send or a poll has found none. */
  #writeCode(): number {
    const { socket } = this.#file;
    if (!socket.wantsRoom || (socket.error !== 0 && socket.family !== AF_UNIX) || (socket.poll() & POLLOUT) === 0)
      return 0;
    socket.wantsRoom = false;
    return POLL_OUT;
  }

  /** The description goes, or O_ASYNC does. */
  closed(): void {
    for (const queue of this.#file.pollQueues) queue.delete(this);
    this.#file.watches?.delete(this);
  }
}
