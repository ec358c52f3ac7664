import { ENXIO, Errno } from "../abi/errno.ts";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR } from "../abi/fcntl.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import type { File } from "./file.ts";
import { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { Pipe, PipeFile } from "./pipe.ts";
import type { Caller } from "./types.ts";

/** What a blocked open of a FIFO remembers: how often the other side had been opened before. */
interface Waiting {
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

  override open(caller: Caller, flags: number, location: Location | null): File | Block {
    const { pipe } = this;
    const access = flags & O_ACCMODE;
    const waited = (caller.saved as Waiting | null)?.fifo === this ? (caller.saved as Waiting) : null;
    if (access === O_RDONLY) {
      const met = pipe.writers > 0 || !this.#writersWait.empty || (waited && pipe.writerOpens !== waited.opens);
      if (!met && !(flags & O_NONBLOCK)) {
        return new Block([this.#readersWait], undefined, { saved: { fifo: this, opens: pipe.writerOpens } });
      }
    } else if (access !== O_RDWR) {
      const met = pipe.readers > 0 || !this.#readersWait.empty || (waited && pipe.readerOpens !== waited.opens);
      if (!met && flags & O_NONBLOCK) throw new Errno(ENXIO);
      if (!met) return new Block([this.#writersWait], undefined, { saved: { fifo: this, opens: pipe.readerOpens } });
    }
    const file = new PipeFile(pipe, this, flags, location);
    if (file.readable) this.#writersWait.wake();
    if (file.writable) this.#readersWait.wake();
    return file;
  }
}
