import { EAGAIN, EIO, ENOTTY } from "../../abi/errno.ts";
import { O_NONBLOCK } from "../../abi/fcntl.ts";
import { TIOCSPGRP } from "../../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import { Block, type WaitQueue } from "../../wait/queue.ts";
import { File } from "../file.ts";
import type { Inode } from "../inode.ts";
import type { Location } from "../mount.ts";
import type { Caller, Result } from "../types.ts";
import type { Terminal, TerminalEnd } from "./terminal.ts";

/** Times of a terminal are kept to 8 seconds, so that they do not tell how fast somebody types (tty_update_time). */
const TIME_GRAIN = 8;
/** What poll(2) says after a hang-up. */
const HUNG_UP = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;

/** An open file of one side of a pseudoterminal. */
export abstract class TtyFile extends File implements TerminalEnd {
  readonly terminal: Terminal;
  /** vhangup(2), or the master was closed. */
  hungUp = false;

  constructor(terminal: Terminal, inode: Inode, flags: number, location: Location | null) {
    super(inode, flags, location);
    this.terminal = terminal;
  }

  override get writesAll(): boolean {
    return true;
  }

  hangUp(): void {
    this.hungUp = true;
  }

  override read(caller: Caller, into: Transfer): Result {
    if (this.hungUp) return 0;
    const result = this.receive(caller, into);
    if (typeof result === "number" && result > 0) this.#touch("read");
    return result;
  }

  override write(caller: Caller, from: Transfer): Result {
    if (this.hungUp) return -EIO;
    const result = this.send(caller, from);
    if (typeof result === "number" && result > 0) this.#touch("write");
    return result;
  }

  override ioctl(caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    if (this.hungUp) return request === TIOCSPGRP ? -ENOTTY : -EIO;
    return this.control(caller, memory, request, argument);
  }

  override poll(): number {
    return this.hungUp ? HUNG_UP : this.events();
  }

  protected abstract receive(caller: Caller, into: Transfer): Result;
  protected abstract send(caller: Caller, from: Transfer): Result;
  protected abstract control(caller: Caller, memory: UserMemory, request: number, argument: number): Result;
  protected abstract events(): number;

  /** EAGAIN, or a wait. */
  protected wait(queue: WaitQueue): Result {
    return this.flags & O_NONBLOCK ? -EAGAIN : new Block([queue]);
  }

  #touch(what: "read" | "write"): void {
    const { inode } = this;
    const now = inode.fileSystem.environment.now();
    const before = what === "read" ? inode.atime : inode.mtime;
    if (Math.floor(now.sec / TIME_GRAIN) === Math.floor(before.sec / TIME_GRAIN)) return;
    if (what === "read") inode.atime = now;
    else inode.mtime = now;
  }
}
