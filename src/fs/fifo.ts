import { ENXIO, Errno } from "../abi/errno.ts";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR } from "../abi/fcntl.ts";
import { Block, WaitQueue } from "../wait/queue.ts";
import type { File } from "./file.ts";
import { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { Pipe, PipeFile } from "./pipe.ts";
import type { Caller } from "./types.ts";
import { usageOf } from "./usage.ts";

/** What a blocked open of a FIFO remembers: how often the other side had been opened before. */
interface Waiting {
  readonly fifo: Fifo;
  readonly opens: number;
}

/**
 * A FIFO (fifo(7)). An open for one side waits for the other. A side that waits in open is known by its place in a queue, so
 * that an interrupted open leaves nothing behind. When the other side comes, the waiters' sides count as open at once: what
 * is written before they run is theirs, even if the writer is gone by then.
 */
export class Fifo extends Inode {
  readonly pipe = new Pipe(usageOf(this.fileSystem.environment));
  /** Opens that wait for a writer, and for a reader. */
  readonly #readersWait = new WaitQueue();
  readonly #writersWait = new WaitQueue();
  /** Sides that are counted for opens that were woken and have not run yet. */
  #readersDue = 0;
  #writersDue = 0;

  override open(caller: Caller, flags: number, location: Location | null): File | Block {
    const { pipe } = this;
    const access = flags & O_ACCMODE;
    const waited = (caller.saved as Waiting | null)?.fifo === this ? (caller.saved as Waiting) : null;
    if (access === O_RDONLY) {
      const met = waited !== null && pipe.writerOpens !== waited.opens;
      if (!met && pipe.writers === 0 && this.#writersWait.empty && !(flags & O_NONBLOCK)) {
        return new Block([this.#readersWait], undefined, { saved: { fifo: this, opens: pipe.writerOpens } });
      }
      if (met && this.#readersDue > 0) {
        this.#readersDue--;
        pipe.readers--;
      }
    } else if (access !== O_RDWR) {
      const met = waited !== null && pipe.readerOpens !== waited.opens;
      if (!met && pipe.readers === 0 && this.#readersWait.empty) {
        if (flags & O_NONBLOCK) throw new Errno(ENXIO);
        return new Block([this.#writersWait], undefined, { saved: { fifo: this, opens: pipe.readerOpens } });
      }
      if (met && this.#writersDue > 0) {
        this.#writersDue--;
        pipe.writers--;
      }
    }
    const file = new PipeFile(pipe, this, flags, location);
    if (file.readable) {
      const woken = this.#writersWait.wake();
      this.#writersDue += woken;
      pipe.writers += woken;
    }
    if (file.writable) {
      const woken = this.#readersWait.wake();
      this.#readersDue += woken;
      pipe.readers += woken;
    }
    return file;
  }
}
