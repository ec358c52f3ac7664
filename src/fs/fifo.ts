import { ENXIO, Errno } from "../abi/errno.ts";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR } from "../abi/fcntl.ts";
import { Block, Claim, WaitQueue } from "../wait/queue.ts";
import type { File } from "./file.ts";
import { Inode } from "./inode.ts";
import type { Location } from "./mount.ts";
import { Pipe, PipeFile } from "./pipe.ts";
import type { Caller } from "./types.ts";
import { usageOf } from "./usage.ts";

/** An open that waits for the other side: what it remembers of how often that had been opened before, and the queue it waits in. */
class Opening extends Claim {
  readonly fifo: Fifo;
  readonly queue = new WaitQueue();
  readonly opens: number;
  readonly #reads: boolean;
  /** The other side has come, and this one counts as open. */
  #counted = false;

  constructor(fifo: Fifo, reads: boolean) {
    super();
    this.fifo = fifo;
    this.#reads = reads;
    this.opens = reads ? fifo.pipe.writerOpens : fifo.pipe.readerOpens;
  }

  get counted(): boolean {
    return this.#counted;
  }

  /** The other side has come. */
  meet(): void {
    if (this.queue.wake() === 0) return;
    this.#counted = true;
    if (this.#reads) this.fifo.pipe.readers++;
    else this.fifo.pipe.writers++;
  }

  /** A description takes the place of what was counted. */
  arrive(): void {
    if (!this.#counted) return;
    this.#counted = false;
    if (this.#reads) this.fifo.pipe.readers--;
    else this.fifo.pipe.writers--;
  }

  override abandon(): void {
    if (!this.#counted) return;
    this.#counted = false;
    if (this.#reads) this.fifo.pipe.closeReader();
    else this.fifo.pipe.closeWriter();
  }
}

/** The opens that wait for the same side. Those that a signal has ended have nobody in their queues any more. */
class Openings {
  readonly #waiting = new Set<Opening>();

  get empty(): boolean {
    for (const opening of this.#waiting) if (opening.queue.empty) this.#waiting.delete(opening);
    return this.#waiting.size === 0;
  }

  add(opening: Opening): Block {
    this.#waiting.add(opening);
    return new Block([opening.queue], undefined, { saved: opening });
  }

  meet(): void {
    const met = [...this.#waiting];
    this.#waiting.clear();
    for (const opening of met) opening.meet();
  }
}

/**
 * A FIFO (fifo(7)). An open for one side waits for the other. A side that waits in open is known by its place in a queue, so
 * that an interrupted open leaves nothing behind. When the other side comes, the waiters' sides count as open at once: what
 * is written before they run is theirs, even if the writer is gone by then; and one that is killed before it runs has closed its side.
 */
export class Fifo extends Inode {
  readonly pipe = new Pipe(usageOf(this.fileSystem.environment));
  readonly #readers = new Openings();
  readonly #writers = new Openings();

  override open(caller: Caller, flags: number, location: Location | null): File | Block {
    const { pipe } = this;
    const access = flags & O_ACCMODE;
    const waited = caller.saved instanceof Opening && caller.saved.fifo === this ? caller.saved : null;
    if (access === O_RDONLY) {
      const met = waited !== null && (waited.counted || pipe.writerOpens !== waited.opens);
      if (!met && pipe.writers === 0 && this.#writers.empty && !(flags & O_NONBLOCK))
        return this.#readers.add(new Opening(this, true));
    } else if (access !== O_RDWR) {
      const met = waited !== null && (waited.counted || pipe.readerOpens !== waited.opens);
      if (!met && pipe.readers === 0 && this.#readers.empty) {
        if (flags & O_NONBLOCK) throw new Errno(ENXIO);
        return this.#writers.add(new Opening(this, false));
      }
    }
    waited?.arrive();
    const file = new PipeFile(pipe, this, flags, location);
    if (file.readable) this.#writers.meet();
    if (file.writable) this.#readers.meet();
    return file;
  }
}
