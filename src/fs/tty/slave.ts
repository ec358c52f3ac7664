import { EIO } from "../../abi/errno.ts";
import { O_NONBLOCK } from "../../abi/fcntl.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import { SIGTTIN, SIGTTOU } from "../../abi/signal.ts";
import { TOSTOP, VMIN, VTIME } from "../../abi/termios.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { Block, ERESTARTSYS, type WaitQueue } from "../../wait/queue.ts";
import type { Inode } from "../inode.ts";
import type { Location } from "../mount.ts";
import type { Caller, Result } from "../types.ts";
import { slaveControl } from "./control.ts";
import type { Terminal } from "./terminal.ts";
import { TtyFile } from "./tty-file.ts";

/** A unit of VTIME in nanoseconds. */
const TENTH = 1e8;
/** Bytes that a program's write takes at a time. */
const PART = 2048;

/** What a read that waits remembers. */
class Waiting {
  /** When VTIME is over, in monotonic nanoseconds; Infinity while it has not begun. */
  readonly deadline: number;
  /** Bytes that were there. */
  readonly available: number;

  constructor(deadline: number, available: number) {
    this.deadline = deadline;
    this.available = available;
  }
}

/** The side of a pseudoterminal that is a terminal: /dev/pts/N. */
export class SlaveFile extends TtyFile {
  constructor(terminal: Terminal, inode: Inode, flags: number, location: Location | null) {
    super(terminal, inode, flags, location);
    terminal.slaveOpened(this);
  }

  /** A read that waits when the master is closed fails, later ones are at the end of the file. */
  override read(caller: Caller, into: Transfer): Result {
    if (this.hungUp && !this.terminal.masterOpen && caller.saved instanceof Waiting) return -EIO;
    return super.read(caller, into);
  }

  protected override receive(caller: Caller, into: Transfer): Result {
    const { terminal } = this;
    const waiting = caller.saved instanceof Waiting ? caller.saved : null;
    // Not again after a wake: a group that has left the foreground meanwhile may read what comes.
    const check = waiting === null ? terminal.jobs.check(caller, terminal, SIGTTIN) : 0;
    if (check !== 0) return check;
    if (into.remaining === 0) return 0;
    const wait = this.#mustWait(caller, into.remaining, waiting);
    if (wait !== null) return wait;
    const { discipline } = terminal;
    const bytes = discipline.peek(into.prepare(Math.min(into.remaining, 4096)));
    into.put(bytes);
    discipline.consume(bytes.length);
    terminal.inputTaken();
    return bytes.length;
  }

  /** null when a read of up to `count` bytes takes what is there now, be it nothing (VMIN, VTIME: termios(3)). */
  #mustWait(caller: Caller, count: number, waiting: Waiting | null): Result | null {
    const { discipline, termios, jobs } = this.terminal;
    if (discipline.canonical)
      return discipline.inputReady(false) ? null : this.#wait(caller, Number.POSITIVE_INFINITY, 0);
    const { available } = discipline;
    const minimum = Math.min(termios.cc[VMIN], count);
    const time = termios.cc[VTIME] * TENTH;
    if (available >= Math.max(minimum, 1)) return null;
    let deadline = Number.POSITIVE_INFINITY;
    if (minimum === 0) {
      // VTIME is for the whole read; without it a read never waits.
      if (time === 0) return null;
      deadline = waiting?.deadline ?? jobs.now() + time;
    } else if (available > 0 && time > 0) {
      // VTIME is between one byte and the next.
      deadline = waiting?.available === available ? waiting.deadline : jobs.now() + time;
    }
    if (jobs.now() >= deadline) return null;
    // What has come so far is the result of a read that cannot wait.
    if (available > 0 && (this.flags & O_NONBLOCK || caller.interrupted)) return null;
    return this.#wait(caller, deadline, available);
  }

  #wait(caller: Caller, deadline: number, available: number): Result {
    const { slaveReadable } = this.terminal;
    if (this.flags & O_NONBLOCK) return this.wait(slaveReadable);
    // Interrupted, it begins anew: with the check of the group, and all of VTIME.
    const saved = caller.interrupted ? undefined : new Waiting(deadline, available);
    return new Block([slaveReadable], ERESTARTSYS, { deadline, saved });
  }

  protected override send(caller: Caller, from: Transfer): Result {
    const { terminal } = this;
    const { output } = terminal;
    if (terminal.termios.lflag & TOSTOP) {
      const check = terminal.jobs.check(caller, terminal, SIGTTOU);
      if (check !== 0) return check;
    }
    if (from.remaining === 0) return 0;
    if (!terminal.masterOpen) return -EIO;
    const room = output.acceptable;
    if (room === 0) return this.wait(terminal.slaveWritable);
    const bytes = new Uint8Array(from.prepare(Math.min(from.remaining, room, PART)));
    from.take(bytes);
    terminal.write(bytes);
    return bytes.length;
  }

  protected override control(caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    return slaveControl(this, caller, memory, request, argument);
  }

  protected override events(): number {
    const { terminal } = this;
    let events = 0;
    if (terminal.discipline.inputReady(true)) events |= POLLIN | POLLRDNORM;
    if (!terminal.masterOpen) events |= POLLHUP;
    if (terminal.output.room > 0) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.terminal.slaveReadable, this.terminal.slaveWritable];
  }

  override release(): void {
    this.terminal.slaveClosed(this);
  }
}
