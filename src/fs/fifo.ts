import { ENXIO, Errno } from "../abi/errno.ts";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR } from "../abi/fcntl.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import type { File } from "./file.ts";
import { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { type Arrival, Pipe, PipeFile } from "./pipe.ts";
import type { Caller } from "./types.ts";

/** What a blocked open of a FIFO remembers: how often the other side had been opened before. */
interface Waiting extends Arrival {
  readonly fifo: Fifo;
  readonly opens: number;
}

/**
 * A FIFO (fifo(7)). An open for one side waits for the other. A side that waits in open is known by its place in a queue, so
 * that an interrupted open leaves nothing behind; the waiter goes on when the other side has been opened since, even if
 * it is closed again.
 */
export class Fifo extends Inode {
  readonly pipe = new Pipe();
  /** Opens that wait for a writer, and for a reader. */
  readonly #readersWait = new WaitQueue();
  readonly #writersWait = new WaitQueue();
  readonly #waiting = new Map<Caller, Waiting>();

  override open(caller: Caller, flags: number, location: Location | null): File | Block {
    const { pipe } = this;
    const access = flags & O_ACCMODE;
    const waited = (caller.saved as Waiting | null)?.fifo === this ? (caller.saved as Waiting) : null;
    if (access === O_RDONLY) {
      const met = pipe.writers > 0 || !this.#writersWait.empty || (waited && pipe.writerOpens !== waited.opens);
      if (!met && !(flags & O_NONBLOCK)) {
        return this.#wait(this.#readersWait, { fifo: this, opens: pipe.writerOpens, writes: false, caller });
      }
    } else if (access !== O_RDWR) {
      const met = pipe.readers > 0 || !this.#readersWait.empty || (waited && pipe.readerOpens !== waited.opens);
      if (!met && flags & O_NONBLOCK) throw new Errno(ENXIO);
      if (!met) {
        return this.#wait(this.#writersWait, { fifo: this, opens: pipe.readerOpens, writes: true, caller });
      }
    }
    const file = new PipeFile(pipe, this, flags, location);
    if (file.readable) this.#writersWait.wake();
    if (file.writable) this.#readersWait.wake();
    this.#letIn(waited);
    return file;
  }

  #wait(queue: WaitQueue, waiting: Waiting): Block {
    this.#waiting.set(waiting.caller, waiting);
    return new Block([queue], undefined, { saved: waiting });
  }

  /** The opens that were just woken count as open sides until they are; `opened` has become one. */
  #letIn(opened: Waiting | null): void {
    if (opened) this.pipe.arrivals.delete(opened);
    for (const [caller, waiting] of this.#waiting) {
      if (caller.saved !== waiting) continue;
      this.#waiting.delete(caller);
      if (waiting !== opened) this.pipe.arrivals.add(waiting);
    }
  }
}
