import { EIO } from "../../abi/errno.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import { TIOCPKT_DATA } from "../../abi/termios.ts";
import type { Transfer, UserMemory } from "../../memory/types.ts";
import type { WaitQueue } from "../../wait/queue.ts";
import type { Inode } from "../inode.ts";
import type { Location, Mount } from "../mount.ts";
import type { Caller, Result } from "../types.ts";
import { masterControl } from "./control.ts";
import type { DevPts } from "./devpts.ts";
import type { Terminal } from "./terminal.ts";
import { TtyFile } from "./tty-file.ts";

/** The file system of a slave, and where that is mounted. */
interface SlavePlace {
  readonly devpts: DevPts;
  readonly mount: Mount | null;
}

/** The side of a pseudoterminal that /dev/ptmx opens: it types, and reads what is shown. */
export class MasterFile extends TtyFile {
  readonly #place: SlavePlace;

  constructor(terminal: Terminal, inode: Inode, flags: number, location: Location | null, place: SlavePlace) {
    super(terminal, inode, flags, location);
    this.#place = place;
  }

  protected override receive(_caller: Caller, into: Transfer): Result {
    const { terminal } = this;
    const { queue } = terminal.output;
    if (into.remaining === 0) return 0;
    if (terminal.status !== 0) {
      into.prepare(1);
      return into.put(Uint8Array.of(terminal.takeStatus()));
    }
    if (queue.length === 0) return terminal.slaveGone ? -EIO : this.wait(terminal.masterReadable);
    into.prepare(Math.min(into.remaining, queue.length + 1));
    const control = terminal.packet ? into.put(Uint8Array.of(TIOCPKT_DATA)) : 0;
    const count = queue.drain(into);
    if (count > 0) terminal.outputTaken();
    return control + count;
  }

  protected override send(_caller: Caller, from: Transfer): Result {
    const { terminal } = this;
    if (from.remaining === 0) return 0;
    const room = terminal.typingRoom;
    if (room <= 0) return this.wait(terminal.masterWritable);
    const bytes = new Uint8Array(from.prepare(Math.min(from.remaining, room)));
    from.take(bytes);
    terminal.type(bytes);
    return bytes.length;
  }

  protected override control(caller: Caller, memory: UserMemory, request: number, argument: number): Result {
    return masterControl(this, caller, memory, request, argument);
  }

  protected override events(): number {
    const { terminal } = this;
    let events = 0;
    if (terminal.output.queue.length > 0) events |= POLLIN | POLLRDNORM;
    if (terminal.status !== 0) events |= POLLPRI | POLLIN | POLLRDNORM;
    if (terminal.slaveGone) events |= POLLHUP;
    if (terminal.typingRoom > 0) events |= POLLOUT | POLLWRNORM;
    return events;
  }

  override get pollQueues(): readonly WaitQueue[] {
    return [this.terminal.masterReadable, this.terminal.masterWritable];
  }

  /** Where its slave is, if anywhere. */
  get slave(): Location | null {
    const { devpts, mount } = this.#place;
    return mount && devpts.locationOf(this.terminal, mount);
  }

  override release(): void {
    this.#place.devpts.remove(this.terminal);
  }
}
